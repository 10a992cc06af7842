//! Queries about people.
use super::{Admin, Person, Role};
use crate::base::{Fault, Lang, PersonId, Time};
use crate::db;
use sea_orm::{ConnectionTrait, FromQueryResult};

pub(super) const COLUMNS: &str = "p.id, p.name, p.username, p.lang, p.state, p.ban_reason, p.blocked_at, \
     p.receipts_good, p.receipts_bad, p.first_seen";

#[derive(FromQueryResult)]
pub(super) struct PersonRow {
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
    role: Option<String>,
    version: Option<i64>,
    dialogue: Option<String>,
}

/// The sender of an update in `chat`; `None` when he is new. Owners named by the environment hold their role without
/// a row.
pub async fn visitor(
    conn: &impl ConnectionTrait,
    id: PersonId,
    chat: crate::base::ChatId,
    owners: &[PersonId],
    now: Time,
) -> Result<Option<Visitor>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS}, r.role, d.version, d.state AS dialogue FROM people p \
         LEFT JOIN roles r ON r.person = p.id \
         LEFT JOIN dialogues d ON d.person = p.id AND d.chat = $2 AND d.expires_at > $3 \
         WHERE p.id = $1"
    );
    let statement =
        sea_orm::Statement::from_sql_and_values(conn.get_database_backend(), sql, vec![id.into(), chat.into(), now.into()]);
    let Some(row) = conn.query_one_raw(statement).await? else { return Ok(None) };
    let extra = VisitorRow::from_query_result(&row, "")?;
    let role = if owners.contains(&id) { Some(Role::Owner) } else { extra.role.as_deref().and_then(Role::parse) };
    Ok(Some(Visitor {
        person: PersonRow::from_query_result(&row, "")?.into(),
        admin: role.map(|role| Admin::proven(id, role)),
        dialogue: extra.version.zip(extra.dialogue),
    }))
}

/// The proof of an admin, if the person holds a role.
pub async fn admin(conn: &impl ConnectionTrait, id: PersonId, owners: &[PersonId]) -> Result<Option<Admin>, Fault> {
    if owners.contains(&id) {
        return Ok(Some(Admin::proven(id, Role::Owner)));
    }
    let role: Option<String> = db::scalar(conn, "SELECT role AS v FROM roles WHERE person = $1", vec![id.into()]).await?;
    Ok(role.as_deref().and_then(Role::parse).map(|role| Admin::proven(id, role)))
}
