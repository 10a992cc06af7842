//! Queries about people.
use super::{Admin, Person, Role};
use crate::base::{ChatId, Fault, Lang, PersonId, Time};
use crate::db;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;

pub(in crate::shop) const COLUMNS: &str = "p.id, p.name, p.username, p.lang, p.state, p.ban_reason, p.blocked_at, \
     p.receipts_good, p.receipts_bad, p.first_seen";

#[derive(FromQueryResult)]
pub(in crate::shop) struct PersonRow {
    id: PersonId,
    name: String,
    username: Option<String>,
    lang: Option<String>,
    state: String,
    ban_reason: Option<String>,
    blocked_at: Option<Time>,
    receipts_good: i64,
    receipts_bad: i64,
    first_seen: Time,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            username: row.username,
            lang: row.lang.as_deref().and_then(Lang::parse),
            banned: (row.state == "banned").then(|| row.ban_reason.unwrap_or_default()),
            blocked_at: row.blocked_at,
            receipts_good: row.receipts_good,
            receipts_bad: row.receipts_bad,
            first_seen: row.first_seen,
        }
    }
}

/// One person.
pub async fn person(conn: &impl ConnectionTrait, id: PersonId) -> Result<Option<Person>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM people p WHERE p.id = $1");
    Ok(db::one::<PersonRow>(conn, &sql, vec![id.into()]).await?.map(Person::from))
}

/// Several people at once, in no order; unknown ids are left out.
pub async fn persons(conn: &impl ConnectionTrait, ids: &[PersonId]) -> Result<Vec<Person>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = (1..=ids.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {COLUMNS} FROM people p WHERE p.id IN ({list})");
    let rows: Vec<PersonRow> = db::query(conn, &sql, ids.iter().map(|id| (*id).into()).collect()).await?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// The person meant by an id or an `@name`.
pub async fn find(conn: &impl ConnectionTrait, text: &str) -> Result<Option<Person>, Fault> {
    if let Ok(id) = crate::base::ascii_digits(text).parse::<i64>() {
        return person(conn, PersonId(id)).await;
    }
    let Some(name) = text.strip_prefix('@') else { return Ok(None) };
    let sql = format!("SELECT {COLUMNS} FROM people p WHERE p.username = $1 ORDER BY p.first_seen DESC LIMIT 1");
    Ok(db::one::<PersonRow>(conn, &sql, vec![name.to_lowercase().into()]).await?.map(Person::from))
}

/// What one update needs to know of its sender, in one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub person: Person,
    pub admin: Option<Admin>,
    /// The open dialogue in this chat: version and state.
    pub dialogue: Option<(i64, String)>,
}

#[derive(FromQueryResult)]
struct VisitorRow {
    asked_chat: i64,
    role: Option<String>,
    version: Option<i64>,
    dialogue: Option<String>,
}

/// A known person, with the role by a row and the open dialogue in the chat that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub person: Person,
    pub role: Option<Role>,
    pub dialogue: Option<(i64, String)>,
}

/// The known ones of these people, each with what one update needs to know of him in its chat.
pub(super) async fn found(
    conn: &impl ConnectionTrait,
    asked: &[(PersonId, ChatId)],
    now: Time,
) -> Result<HashMap<(PersonId, ChatId), Found>, Fault> {
    let Some(last) = asked.last() else { return Ok(HashMap::new()) };
    // Few different lengths are few prepared statements; who is asked for twice is answered twice.
    let padding = std::iter::repeat_n(last, asked.len().next_power_of_two() - asked.len());
    let mut values = vec![now.into()];
    let mut places = Vec::with_capacity(asked.len());
    for (person, chat) in asked.iter().chain(padding) {
        places.push(format!("(CAST(${} AS BIGINT), CAST(${} AS BIGINT))", values.len() + 1, values.len() + 2));
        values.extend([(*person).into(), (*chat).into()]);
    }
    let sql = format!(
        "WITH asked (person, chat) AS (VALUES {}) \
         SELECT {COLUMNS}, a.chat AS asked_chat, r.role, d.state AS dialogue, \
            CASE WHEN d.expires_at > $1 THEN d.version END AS version FROM asked a \
         JOIN people p ON p.id = a.person LEFT JOIN roles r ON r.person = a.person \
         LEFT JOIN dialogues d ON d.person = a.person AND d.chat = a.chat",
        places.join(", ")
    );
    let rows = conn.query_all_raw(sea_orm::Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
    let read = |row: &sea_orm::QueryResult| {
        let extra = VisitorRow::from_query_result(row, "")?;
        let person: Person = PersonRow::from_query_result(row, "")?.into();
        let found =
            Found { role: extra.role.as_deref().and_then(Role::parse), dialogue: extra.version.zip(extra.dialogue), person };
        Ok(((found.person.id, ChatId(extra.asked_chat)), found))
    };
    rows.iter().map(read).collect()
}

/// The proof of an admin, if the person holds a role.
pub async fn admin(conn: &impl ConnectionTrait, id: PersonId, owners: &[PersonId]) -> Result<Option<Admin>, Fault> {
    if owners.contains(&id) {
        return Ok(Some(Admin::proven(id, Role::Owner)));
    }
    let role: Option<String> = db::scalar(conn, "SELECT role AS v FROM roles WHERE person = $1", vec![id.into()]).await?;
    Ok(role.as_deref().and_then(Role::parse).map(|role| Admin::proven(id, role)))
}
