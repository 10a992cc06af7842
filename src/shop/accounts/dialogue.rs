//! The question that a person is in the middle of, in one chat. A row, so that a restart forgets nothing and any
//! process may go on with it.
use crate::base::{ChatId, Fault, PersonId, Time};
use crate::db::{self, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct Row {
    version: i64,
    state: String,
}

/// Version and state, unless there is none or it expired.
pub async fn load(
    conn: &impl ConnectionTrait,
    person: PersonId,
    chat: ChatId,
    now: Time,
) -> Result<Option<(i64, String)>, Fault> {
    let sql = "SELECT version, state FROM dialogues WHERE person = $1 AND chat = $2 AND expires_at > $3";
    let row: Option<Row> = db::one(conn, sql, vec![person.into(), chat.into(), now.into()]).await?;
    Ok(row.map(|row| (row.version, row.state)))
}

/// A dialogue to keep.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    pub person: PersonId,
    pub chat: ChatId,
    /// The version of the state's shape; a reader that does not know it starts over.
    pub version: i64,
    pub state: &'a str,
    pub expires_at: Time,
}

pub async fn save(tx: &Tx, open: Open<'_>) -> Result<(), Fault> {
    let sql = "INSERT INTO dialogues (person, chat, version, state, expires_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (person, chat) DO UPDATE SET version = excluded.version, state = excluded.state, \
               expires_at = excluded.expires_at";
    let values = vec![open.person.into(), open.chat.into(), open.version.into(), open.state.into(), open.expires_at.into()];
    db::submit(tx, sql, values).await?;
    Ok(())
}

pub async fn clear(tx: &Tx, person: PersonId, chat: ChatId) -> Result<(), Fault> {
    db::submit(tx, "DELETE FROM dialogues WHERE person = $1 AND chat = $2", vec![person.into(), chat.into()]).await?;
    Ok(())
}

/// As it is, whatever its age; whoever else asks so waits until this transaction ends, and reads what it left.
pub async fn locked(tx: &Tx, person: PersonId, chat: ChatId) -> Result<Option<(i64, String)>, Fault> {
    let lock = db::locking(tx, " FOR UPDATE");
    let sql = format!("SELECT version, state FROM dialogues WHERE person = $1 AND chat = $2{lock}");
    let row: Option<Row> = db::one(tx, &sql, vec![person.into(), chat.into()]).await?;
    Ok(row.map(|row| (row.version, row.state)))
}

/// Deletes dialogues that expired before `now`, at most `limit`; says how many.
pub async fn prune(tx: &Tx, now: Time, limit: i64) -> Result<u64, Fault> {
    let sql = "DELETE FROM dialogues WHERE (person, chat) IN \
               (SELECT person, chat FROM dialogues WHERE expires_at <= $1 LIMIT $2)";
    db::execute(tx, sql, vec![now.into(), limit.into()]).await
}
