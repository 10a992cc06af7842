//! Values on their way into a statement and out of a row.
use super::failed;
use rusqlite::CachedStatement;
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use sea_orm::{DbErr, RuntimeErr, Statement, Value};

/// A statement with its values.
pub(super) fn prepare<'c>(connection: &'c rusqlite::Connection, statement: &Statement) -> Result<CachedStatement<'c>, DbErr> {
    let mut prepared = connection.prepare_cached(&numbered(&statement.sql)).map_err(|error| failed(&error))?;
    let values = statement.values.as_ref().map_or(&[][..], |values| &values.0);
    for number in 1..=prepared.parameter_count() {
        let value = values.get(number - 1);
        let value = value.ok_or_else(|| DbErr::Query(RuntimeErr::Internal(format!("there is no value for ${number}"))))?;
        prepared.raw_bind_parameter(number, bound(value)?).map_err(|error| failed(&error))?;
    }
    Ok(prepared)
}

/// `$3` as `?3`: to SQLite the first is a name, whose number is the place where it first stands. What is quoted stays.
fn numbered(sql: &str) -> String {
    let mut quoted = false;
    let mut letters = sql.chars().peekable();
    let mut out = String::with_capacity(sql.len());
    while let Some(letter) = letters.next() {
        quoted ^= letter == '\'';
        let is_number = letter == '$' && !quoted && letters.peek().is_some_and(char::is_ascii_digit);
        out.push(if is_number { '?' } else { letter });
    }
    out
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

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn numbers_become_sqlites_own_and_what_is_quoted_stays() {
        for (sql, expected) in [
            ("SELECT $2, $1 WHERE a = '$1' AND b = $12", "SELECT ?2, ?1 WHERE a = '$1' AND b = ?12"),
            ("SELECT 'it''s $1', $1, '$'", "SELECT 'it''s $1', ?1, '$'"),
            ("SELECT json_extract(a, '$.b') AS v, '€$' || $3", "SELECT json_extract(a, '$.b') AS v, '€$' || ?3"),
        ] {
            assert_eq!(numbered(sql), expected);
        }
    }
}
