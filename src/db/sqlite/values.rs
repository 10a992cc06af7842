//! Values on their way into a statement and out of a row.
use super::failed;
use rusqlite::CachedStatement;
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use sea_orm::{DbErr, RuntimeErr, Statement, Value};

/// `$3` is the third value wherever it stands; SQLite itself would number `$1`, `$2`, ... as names, by their first place.
pub(super) fn prepare<'c>(connection: &'c rusqlite::Connection, statement: &Statement) -> Result<CachedStatement<'c>, DbErr> {
    let mut prepared = connection.prepare_cached(&statement.sql).map_err(|error| failed(&error))?;
    let values = statement.values.as_ref().map_or(&[][..], |values| &values.0);
    for place in 1..=prepared.parameter_count() {
        let named = prepared.parameter_name(place).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let number = named.unwrap_or(place);
        let value = number.checked_sub(1).and_then(|index| values.get(index));
        let value = value.ok_or_else(|| DbErr::Query(RuntimeErr::Internal(format!("there is no value for ${number}"))))?;
        prepared.raw_bind_parameter(place, bound(value)?).map_err(|error| failed(&error))?;
    }
    Ok(prepared)
}

fn bound(value: &Value) -> Result<ToSqlOutput<'_>, DbErr> {
    let integer = |value: i64| Some(ToSqlOutput::Owned(Owned::Integer(value)));
    let bound = match value {
        Value::Bool(value) => value.and_then(|value| integer(value.into())),
        Value::Int(value) => value.and_then(|value| integer(value.into())),
        Value::Unsigned(value) => value.and_then(|value| integer(value.into())),
        Value::BigInt(value) => value.and_then(integer),
        Value::String(value) => value.as_ref().map(|value| ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes()))),
        Value::Bytes(value) => value.as_ref().map(|value| ToSqlOutput::Borrowed(ValueRef::Blob(value))),
        other => return Err(DbErr::Type(format!("SQLite is given no values like {other:?}"))),
    };
    Ok(bound.unwrap_or(ToSqlOutput::Owned(Owned::Null)))
}

pub(super) fn kept(value: ValueRef<'_>) -> Result<Value, DbErr> {
    Ok(match value {
        ValueRef::Null => Value::String(None),
        ValueRef::Integer(value) => Value::BigInt(Some(value)),
        ValueRef::Real(value) => Value::Double(Some(value)),
        ValueRef::Text(text) => {
            Value::String(Some(std::str::from_utf8(text).map_err(|_| DbErr::Type("a text is not UTF-8".to_owned()))?.to_owned()))
        }
        ValueRef::Blob(bytes) => Value::Bytes(Some(bytes.to_vec())),
    })
}
