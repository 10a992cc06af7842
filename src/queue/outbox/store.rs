//! The rows of notices: claiming, recording, giving back.
use super::sql::{padded, places};
use super::{Sent, Wake};
use crate::base::{ChatId, DAY, Fault, MINUTE, SECOND, Time};
use crate::db::{Db, Tx, execute, execute_one, exists, query, scalar, submit, write_tx};
use crate::queue::{Alarm, AlarmHook, Owner};
use std::collections::HashSet;

/// How long a silent process keeps its notices.
const LEASE: i64 = 30 * SECOND;
/// How many times a notice is tried that goes wrong.
const TRIES: i64 = 8;
/// How old it may be for a Telegram that is away to cost it no try.
const AWAY_MAX: i64 = DAY;
/// How far down the list one claim looks for chats that are free.
const LOOK: i64 = 200;

/// A notice in our hands.
#[derive(Debug, Clone, sea_orm::FromQueryResult)]
pub struct Row {
    pub id: i64,
    pub chat: i64,
    pub body: String,
    pub attempts: i64,
    /// When it was first to go.
    pub wanted_at: i64,
    /// Who took it. What others took since is theirs to write about, but for the fact that it was sent.
    pub owner: String,
}

#[derive(sea_orm::FromQueryResult)]
struct Candidate {
    id: i64,
    chat: i64,
}

/// When the next notice is due, if that is not after `until`.
pub async fn next_due(db: &Db, until: Time) -> Result<Option<Time>, Fault> {
    let sql = "SELECT send_at AS v FROM outbox WHERE state = 'due' AND send_at <= $1 ORDER BY send_at, id LIMIT 1";
    Ok(scalar::<i64>(db.read(), sql, vec![until.into()]).await?.map(Time))
}

/// Takes up to `most` due notices, the oldest of each chat, of chats that do not rest.
pub async fn claim(db: &Db, owner: &Owner, (now, most): (Time, usize), resting: Vec<ChatId>) -> Result<Vec<Row>, Fault> {
    let owner = owner.clone();
    let mut rows: Vec<Row> = write_tx(db, move |tx| {
        Box::pin(async move {
            let ids = free_ones(tx, (now, most), resting).await?;
            if ids.is_empty() {
                return Ok(Vec::new());
            }
            let ids = padded(ids);
            let sql = format!(
                "UPDATE outbox SET state = 'sending', owner = $1, lease_until = $2, attempts = attempts + 1
                 WHERE state = 'due' AND id IN ({}) RETURNING id, chat, body, attempts, wanted_at, owner",
                places(3, ids.len())
            );
            let mut values = vec![(&owner).into(), now.after(LEASE).into()];
            values.extend(ids.into_iter().map(Into::into));
            query(tx, &sql, values).await
        })
    })
    .await?;
    rows.sort_unstable_by_key(|row| row.id);
    Ok(rows)
}

async fn free_ones(tx: &Tx, (now, most): (Time, usize), resting: Vec<ChatId>) -> Result<Vec<i64>, Fault> {
    let resting = padded(resting.into_iter().map(|chat| chat.0).collect());
    let but = if resting.is_empty() { String::new() } else { format!("AND chat NOT IN ({})", places(3, resting.len())) };
    let sql = format!("SELECT id, chat FROM outbox WHERE state = 'due' AND send_at <= $1 {but} ORDER BY send_at, id LIMIT $2");
    let mut values = vec![now.into(), LOOK.into()];
    values.extend(resting.into_iter().map(Into::into));
    let candidates: Vec<Candidate> = query(tx, &sql, values).await?;
    let mut chats = HashSet::new();
    Ok(candidates.into_iter().filter(|row| chats.insert(row.chat)).map(|row| row.id).take(most).collect())
}

/// Makes notices due again whose process fell silent in the middle of a send, or that bear our name and are not in our hands.
pub async fn rescue(db: &Db, owner: &Owner, now: Time, in_hand: Vec<i64>) -> Result<(), Fault> {
    let in_hand = padded(in_hand);
    let but = if in_hand.is_empty() { String::new() } else { format!("AND id NOT IN ({})", places(3, in_hand.len())) };
    let mut values = vec![now.into(), owner.into()];
    values.extend(in_hand.into_iter().map(Into::into));
    let lost = format!("state = 'sending' AND lease_until < $1 AND (owner <> $2 OR (owner = $2 {but}))");
    if !exists(db.read(), &format!("SELECT 1 AS v FROM outbox WHERE {lost} LIMIT 1"), values.clone()).await? {
        return Ok(());
    }
    let sql = format!("UPDATE outbox SET state = 'due', owner = NULL, error = 'its process died' WHERE {lost}");
    execute_one(db, sql, values).await.map(drop)
}

/// Gives back notices that were taken and not sent.
pub async fn release(db: &Db, owner: &Owner, ids: Vec<i64>) -> Result<(), Fault> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = padded(ids);
    let sql = format!(
        "UPDATE outbox SET state = 'due', owner = NULL, lease_until = 0, attempts = attempts - 1
         WHERE state = 'sending' AND owner = $1 AND id IN ({})",
        places(2, ids.len())
    );
    let mut values = vec![owner.into()];
    values.extend(ids.into_iter().map(Into::into));
    execute_one(db, sql, values).await.map(drop)
}

/// Writes what became of a send.
pub async fn record(db: &Db, row: Row, sent: Sent, now: Time, on_alarm: AlarmHook) -> Result<(), Fault> {
    write_tx(db, move |tx| {
        Box::pin(async move {
            match sent {
                Sent::Ok { message_id } => {
                    let sql = "UPDATE outbox SET state = 'sent', message_id = $2, finished_at = $3, error = NULL
                               WHERE id = $1 AND state <> 'sent'";
                    submit(tx, sql, vec![row.id.into(), message_id.into(), now.into()]).await
                }
                Sent::Gone => drop_it(tx, &row, "nobody is there", now).await.map(drop),
                Sent::Moot => drop_it(tx, &row, "there is nothing to say any more", now).await.map(drop),
                Sent::Later { seconds } => put_off(tx, &row, now.after(i64::from(seconds) * SECOND)).await,
                Sent::Moved { to } => follow(tx, &row, to, now).await,
                Sent::Refused { why } => give_up(tx, row, (why, now), on_alarm).await,
                Sent::Down { why } if age(&row, now) < AWAY_MAX => {
                    again(tx, &row, (now.after(patience(age(&row, now))), true), why).await
                }
                Sent::Down { why } | Sent::Unknown { why } if row.attempts >= TRIES => {
                    give_up(tx, row, (why, now), on_alarm).await
                }
                Sent::Down { why } | Sent::Unknown { why } => again(tx, &row, (now.after(pause(row.attempts)), false), why).await,
            }
        })
    })
    .await
}

async fn drop_it(tx: &Tx, row: &Row, why: &str, now: Time) -> Result<bool, Fault> {
    let sql = "UPDATE outbox SET state = 'dropped', finished_at = $2, error = $3 \
               WHERE id = $1 AND state = 'sending' AND owner = $4";
    Ok(execute(tx, sql, vec![row.id.into(), now.into(), why.into(), row.owner.as_str().into()]).await? == 1)
}

async fn give_up(tx: &Tx, row: Row, (why, now): (String, Time), on_alarm: AlarmHook) -> Result<(), Fault> {
    if drop_it(tx, &row, &why, now).await? {
        tracing::error!(notice.id = row.id, why, "a notice was dropped");
        on_alarm(tx, Alarm::Notice { id: row.id, chat: ChatId(row.chat), why }).await?;
    }
    Ok(())
}

/// The chat must wait: this notice and all others of it, in their order.
async fn put_off(tx: &Tx, row: &Row, until: Time) -> Result<(), Fault> {
    let sql = "UPDATE outbox SET state = 'due', owner = NULL, lease_until = 0, send_at = $2, attempts = attempts - 1
               WHERE id = $1 AND state = 'sending' AND owner = $3";
    submit(tx, sql, vec![row.id.into(), until.into(), row.owner.as_str().into()]).await?;
    let sql = "UPDATE outbox SET send_at = $2 WHERE chat = $1 AND state = 'due' AND send_at < $2";
    submit(tx, sql, vec![row.chat.into(), until.into()]).await.map(drop)
}

async fn follow(tx: &Tx, row: &Row, to: ChatId, now: Time) -> Result<(), Fault> {
    execute(tx, "UPDATE outbox SET chat = $2 WHERE chat = $1 AND state = 'due'", vec![row.chat.into(), to.into()]).await?;
    if row.attempts >= TRIES || row.chat == to.0 {
        return drop_it(tx, row, "the chat moves in circles", now).await.map(drop);
    }
    let sql = "UPDATE outbox SET state = 'due', owner = NULL, lease_until = 0, chat = $2 \
               WHERE id = $1 AND state = 'sending' AND owner = $3";
    submit(tx, sql, vec![row.id.into(), to.into(), row.owner.as_str().into()]).await?;
    tx.wake(Wake::Outbox);
    Ok(())
}

/// `free`: this uses up no try.
async fn again(tx: &Tx, row: &Row, (at, free): (Time, bool), why: String) -> Result<(), Fault> {
    let sql = "UPDATE outbox SET state = 'due', owner = NULL, lease_until = 0, send_at = $2, error = $3, attempts = attempts - $4
               WHERE id = $1 AND state = 'sending' AND owner = $5";
    submit(tx, sql, vec![row.id.into(), at.into(), why.into(), i64::from(free).into(), row.owner.as_str().into()]).await
}

fn age(row: &Row, now: Time) -> i64 {
    now.since(Time(row.wanted_at))
}

/// The longer Telegram is away, the less often it is asked.
fn patience(age: i64) -> i64 {
    (age / 4).clamp(5 * SECOND, 5 * MINUTE)
}

fn pause(tries: i64) -> i64 {
    match tries {
        ..=1 => 5 * SECOND,
        2 => 15 * SECOND,
        3 => MINUTE,
        _ => 5 * MINUTE,
    }
}
