//! The audit log: who did what to what, before and after, from where. Rows never change.
use crate::base::{Fault, Page, PersonId, Time};
use crate::db::{self, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// One act of staff (or of somebody who tried to act as staff).
#[derive(Debug, Clone)]
pub struct Deed<'a> {
    pub by: PersonId,
    /// Noun and verb: `payment.approve`.
    pub act: &'a str,
    /// Kind and id: `payment:0123456789`.
    pub subject: String,
    pub was: Option<String>,
    pub became: Option<String>,
    /// `group`, `private`, `clock`, `command line`.
    pub origin: &'a str,
}

/// Writes the act down, in the transaction that does it.
pub async fn audit(tx: &Tx, deed: &Deed<'_>, now: Time) -> Result<(), Fault> {
    tracing::info!(target: "audit", act = deed.act, by = %deed.by, subject = %deed.subject, origin = deed.origin, "audit");
    let sql = "INSERT INTO audit (at, actor, act, subject, was, became, origin) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = vec![
        now.into(),
        deed.by.into(),
        deed.act.into(),
        deed.subject.clone().into(),
        deed.was.clone().into(),
        deed.became.clone().into(),
        deed.origin.into(),
    ];
    db::submit(tx, sql, values).await?;
    Ok(())
}

/// How many of a person's tries to act as staff were written down since then; counts no further than `most`.
pub async fn refused_since(conn: &impl ConnectionTrait, person: PersonId, since: Time, most: i64) -> Result<i64, Fault> {
    // The act is written out: the index holds only such rows.
    let sql = "SELECT COUNT(*) AS v FROM (SELECT 1 AS one FROM audit WHERE act = 'command.refused' AND actor = $1 AND at > $2 \
               LIMIT $3) AS found";
    Ok(db::scalar::<i64>(conn, sql, vec![person.into(), since.into(), most.into()]).await?.unwrap_or_default())
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    pub at: Time,
    pub actor: PersonId,
    pub act: String,
    pub subject: String,
    pub was: Option<String>,
    pub became: Option<String>,
    pub origin: String,
}

/// What was done to a subject, newest first.
pub async fn audit_of(conn: &impl ConnectionTrait, subject: &str, page: Page) -> Result<Vec<Line>, Fault> {
    let sql = "SELECT at, actor, act, subject, was, became, origin FROM audit WHERE subject = $1 \
               ORDER BY id DESC LIMIT $2 OFFSET $3";
    db::query(conn, sql, vec![subject.into(), page.limit().into(), page.offset().into()]).await
}
