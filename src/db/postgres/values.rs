//! Values on their way into a statement and out of a row.
use sea_orm::Value;
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_util::bytes::BytesMut;

/// What a value is to PostgreSQL, which would otherwise guess it from where it stands.
pub(super) fn kind(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::BOOL,
        Value::Int(_) => Type::INT4,
        Value::BigInt(_) | Value::Unsigned(_) => Type::INT8,
        Value::Bytes(_) => Type::BYTEA,
        Value::String(_) => Type::TEXT,
        _ => Type::UNKNOWN,
    }
}

/// A value on its way in.
#[derive(Debug)]
pub(super) struct Bound<'v>(pub &'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        if kind(self.0) != *wanted {
            return Err(format!("a value of another type than before: {:?} and not {wanted}", kind(self.0)).into());
        }
        match self.0 {
            Value::Bool(value) => value.to_sql(wanted, out),
            Value::Int(value) => value.to_sql(wanted, out),
            Value::BigInt(value) => value.to_sql(wanted, out),
            Value::Unsigned(value) => value.map(i64::from).to_sql(wanted, out),
            Value::Bytes(value) => value.to_sql(wanted, out),
            Value::String(value) => value.to_sql(wanted, out),
            other => Err(format!("PostgreSQL is given no values like {other:?}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value on its way out: integers of every size as `i64`.
pub(super) struct Kept(pub Value);

impl<'r> FromSql<'r> for Kept {
    fn from_sql(kind: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let value = match *kind {
            Type::INT8 => Value::BigInt(Some(i64::from_sql(kind, raw)?)),
            Type::INT4 => Value::BigInt(Some(i32::from_sql(kind, raw)?.into())),
            Type::INT2 => Value::BigInt(Some(i16::from_sql(kind, raw)?.into())),
            Type::OID => Value::BigInt(Some(u32::from_sql(kind, raw)?.into())),
            Type::BOOL => Value::Bool(Some(bool::from_sql(kind, raw)?)),
            Type::FLOAT8 => Value::Double(Some(f64::from_sql(kind, raw)?)),
            Type::BYTEA => Value::Bytes(Some(raw.to_vec())),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::JSON | Type::XML => {
                Value::String(Some(std::str::from_utf8(raw)?.to_owned()))
            }
            Type::VOID => Value::String(None),
            _ => return Err(format!("a column is of the type {kind}; cast it to BIGINT or TEXT").into()),
        };
        Ok(Self(value))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::String(None)))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
