//! The rows of jobs: claiming, renewing, ending.
use super::{backoff, sql};
use crate::base::{Fault, SECOND, Time};
use crate::db::{Db, DbKind, Tx, execute, execute_lightly, execute_one, exists, scalar, submit, write_one, write_tx};
use crate::queue::{Alarm, AlarmHook, Owner};

/// A job that is never given up is spoken of when it has failed so often.
const STUCK: i64 = 8;
/// How long a silent process keeps its jobs.
pub const LEASE: i64 = 60 * SECOND;

/// A job in our hands.
#[derive(Debug, Clone, sea_orm::FromQueryResult)]
pub struct Row {
    pub id: i64,
    pub kind: String,
    pub payload: String,
    /// How many times it was begun, this time included.
    pub attempts: i64,
    /// How many of those times its process died.
    pub deaths: i64,
    pub run_at: i64,
    pub line: Option<String>,
    pub error: Option<String>,
}

impl Row {
    /// How many times it was tried, this time included, without a death.
    pub const fn tries(&self) -> i64 {
        self.attempts - self.deaths
    }
}

/// How a try ended.
#[derive(Debug, Clone)]
pub enum End {
    Done,
    /// `free`: this uses up no try. `stuck`: somebody should hear of it.
    Later {
        at: Time,
        why: String,
        free: bool,
        stuck: bool,
    },
    GivenUp {
        why: String,
    },
}

/// Kinds as a list in SQL. They are constants of the program; as values, PostgreSQL would compare each row with each anew.
pub fn listed(kinds: impl Iterator<Item = &'static str>) -> String {
    kinds.map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ")
}

/// When the next job of these kinds is due, if that is not after `until`.
pub async fn next_due(db: &Db, kinds: &str, until: Time) -> Result<Option<Time>, Fault> {
    let sql = format!(
        "SELECT run_at AS v FROM jobs WHERE state = 'due' AND run_at <= $1 AND kind IN ({kinds}) ORDER BY run_at, id LIMIT 1"
    );
    Ok(scalar::<i64>(db.read(), &sql, vec![until.into()]).await?.map(Time))
}

/// Takes up to `most` due jobs, the longest due first.
pub async fn claim(db: &Db, kinds: &str, owner: &Owner, (now, most): (Time, usize)) -> Result<Vec<Row>, Fault> {
    let due =
        format!("SELECT id FROM jobs WHERE state = 'due' AND run_at <= $3 AND kind IN ({kinds}) ORDER BY run_at, id LIMIT $4");
    // An array is looked up by the key; a subquery would be joined, by a walk through all jobs when PostgreSQL thinks them few.
    let those = match db.kind() {
        DbKind::Postgres => format!("= ANY(ARRAY({due} FOR UPDATE SKIP LOCKED))"),
        DbKind::Sqlite => format!("IN ({due})"),
    };
    let sql = format!(
        "UPDATE jobs SET state = 'running', owner = $1, lease_until = $2, attempts = attempts + 1 WHERE id {those}
         RETURNING id, kind, payload, attempts, deaths, line, error, run_at"
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut rows: Vec<Row> = write_one(db, sql, vec![owner.into(), now.after(LEASE).into(), now.into(), most.into()]).await?;
    rows.sort_unstable_by_key(|row| (row.run_at, row.id));
    Ok(rows)
}

/// Says that this process still works on these jobs.
pub async fn renew(db: &Db, owner: &Owner, now: Time, running: Vec<i64>) -> Result<(), Fault> {
    if running.is_empty() {
        return Ok(());
    }
    let running = sql::padded(running);
    let sql = format!(
        "UPDATE jobs SET lease_until = $2 WHERE state = 'running' AND owner = $1 AND id IN ({})",
        sql::places(3, running.len())
    );
    let mut values = vec![owner.into(), now.after(LEASE).into()];
    values.extend(running.into_iter().map(Into::into));
    execute_one(db, sql, values).await.map(drop)
}

/// Makes jobs due again whose process fell silent, or that bear our name and are not `running` here: a claim whose answer
/// was lost. A death is no try: a process dies of other things too. But what kills it each time must not keep it down, so
/// from the third death on the pauses double.
pub async fn rescue(db: &Db, owner: &Owner, now: Time, running: Vec<i64>) -> Result<(), Fault> {
    let running = sql::padded(running);
    let but = if running.is_empty() { String::new() } else { format!("AND id NOT IN ({})", sql::places(3, running.len())) };
    let mut values = vec![now.into(), owner.into()];
    values.extend(running.into_iter().map(Into::into));
    let lost = format!("state = 'running' AND lease_until < $1 AND (owner <> $2 OR (owner = $2 {but}))");
    if !exists(db.read(), &format!("SELECT 1 AS v FROM jobs WHERE {lost} LIMIT 1"), values.clone()).await? {
        return Ok(());
    }
    let sql = format!(
        "UPDATE jobs SET state = 'due', owner = NULL, error = 'its process died', deaths = deaths + 1,
            run_at = CASE WHEN deaths < 2 THEN run_at ELSE $1 + 1000 * (CAST(1 AS BIGINT) << CAST(deaths - 1 AS INTEGER)) END
         WHERE {lost}"
    );
    execute_one(db, sql, values).await.map(drop)
}

/// Gives back what was begun and not ended, without using up a try.
pub async fn release(db: &Db, owner: &Owner) -> Result<(), Fault> {
    let sql = "UPDATE jobs SET state = 'due', owner = NULL, lease_until = 0, attempts = attempts - 1
               WHERE state = 'running' AND lease_until >= 0 AND owner = $1";
    execute_one(db, sql.to_owned(), vec![owner.into()]).await.map(drop)
}

/// Writes that jobs of no cron line are done, but for those that another process has taken meanwhile. What the server forgets of it
/// as it dies runs again, as after our own death.
pub async fn done_all(db: &Db, owner: &Owner, ids: Vec<i64>, now: Time) -> Result<(), Fault> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = sql::padded(ids);
    let sql = format!(
        "UPDATE jobs SET state = 'done', finished_at = $2, error = NULL WHERE state = 'running' AND owner = $1 AND id IN ({})",
        sql::places(3, ids.len())
    );
    let mut values = vec![owner.into(), now.into()];
    values.extend(ids.into_iter().map(Into::into));
    execute_lightly(db, sql, values).await
}

/// Writes how a try ended, unless another process has taken the job meanwhile.
pub async fn end(db: &Db, owner: &Owner, (row, end): (Row, End), now: Time, on_alarm: AlarmHook) -> Result<(), Fault> {
    let owner = owner.clone();
    write_tx(db, move |tx| {
        Box::pin(async move {
            match end {
                End::Done => done(tx, &row, &owner, now).await,
                End::Later { at, why, free, stuck } => {
                    let sql = "UPDATE jobs SET state = 'due', owner = NULL, lease_until = 0, run_at = $3, error = $4,
                               attempts = attempts - $5 WHERE id = $1 AND owner = $2 AND state = 'running'";
                    let values = vec![row.id.into(), (&owner).into(), at.into(), why.as_str().into(), i64::from(free).into()];
                    if execute(tx, sql, values).await? == 1 && stuck {
                        on_alarm(tx, Alarm::JobStuck { id: row.id, kind: row.kind, why }).await?;
                    }
                    Ok(())
                }
                End::GivenUp { why } => {
                    let sql = "UPDATE jobs SET state = 'given_up', finished_at = $3, error = $4
                               WHERE id = $1 AND owner = $2 AND state = 'running'";
                    let values = vec![row.id.into(), (&owner).into(), now.into(), why.as_str().into()];
                    if execute(tx, sql, values).await? == 1 {
                        on_alarm(tx, Alarm::Job { id: row.id, kind: row.kind, why }).await?;
                    }
                    Ok(())
                }
            }
        })
    })
    .await
}

async fn done(tx: &Tx, row: &Row, owner: &Owner, now: Time) -> Result<(), Fault> {
    let sql = "UPDATE jobs SET state = 'done', finished_at = $3, error = NULL WHERE id = $1 AND owner = $2 AND state = 'running'";
    submit(tx, sql, vec![row.id.into(), owner.into(), now.into()]).await?;
    if let Some(line) = &row.line {
        let sql = "UPDATE heartbeats SET last_ok = $2, alarmed_at = NULL WHERE line = $1";
        submit(tx, sql, vec![line.as_str().into(), now.into()]).await?;
    }
    Ok(())
}

/// The next try after a failure that uses up a try, or the end.
pub fn after_failure(row: &Row, tries: i64, now: Time, why: String) -> End {
    if row.tries() >= tries {
        return End::GivenUp { why };
    }
    End::Later { at: now.after(backoff(row.tries())), why, free: false, stuck: row.tries() == STUCK }
}
