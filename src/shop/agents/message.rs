//! A message of the shop to many agents: to all, or to those of a tier.
//!
//! Always: whom it goes to is written down in the transaction of the yes, and their number is the one that was shown; each of them is
//! told once, however often the job runs. Who left the bot or is barred from it is no receiver.
use super::job::TellAgents;
use crate::base::{Fault, PersonId, Time};
use crate::db::{self, Tx};
use crate::queue::jobs;
use crate::shop::accounts::{self, Admin, Deed, Right};
use crate::shop::catalog::TierCode;
use crate::shop::notices::{self, Notice};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::{Deserialize, Serialize};

/// Letters of a message.
pub const MESSAGE_CHARS_MAX: usize = 2_000;
/// Letters of it in the audit log.
const NOTED_MAX: usize = 200;

/// To whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    All,
    Tier(TierCode),
}

/// What is told, as it was shown. The id was minted with the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: i64,
    pub to: Audience,
    pub text: String,
    /// How many receive it, as it was said.
    pub receivers: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum TellError {
    #[error("not allowed")]
    NotAllowed,
    /// Empty, or too long.
    #[error("no such message")]
    BadText,
    /// Agents came or went since: so many would receive it.
    #[error("{0} would receive it")]
    Changed(i64),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Agencies that are not closed, of people who can be written to; `$1` is a tier, or empty for all.
const WHOM: &str = "FROM agents a JOIN people p ON p.id = a.person \
     WHERE a.state <> 'closed' AND p.state <> 'banned' AND p.blocked_at IS NULL AND ($1 = '' OR a.tier = $1)";

fn tier_of(to: &Audience) -> Value {
    match to {
        Audience::All => "".into(),
        Audience::Tier(tier) => tier.as_str().into(),
    }
}

/// How many would receive a message.
pub async fn receivers(conn: &impl ConnectionTrait, to: &Audience) -> Result<i64, Fault> {
    let count: Option<i64> = db::scalar(conn, &format!("SELECT COUNT(*) AS v {WHOM}"), vec![tier_of(to)]).await?;
    Ok(count.unwrap_or_default())
}

/// Tells them; the same message again is told already.
pub async fn tell(tx: &Tx, by: &Admin, message: &Message, now: Time) -> Result<(), TellError> {
    if !by.may(Right::Staff) {
        return Err(TellError::NotAllowed);
    }
    if message.text.trim().is_empty() || message.text.chars().count() > MESSAGE_CHARS_MAX {
        return Err(TellError::BadText);
    }
    if message.receivers <= 0 {
        return Err(TellError::Changed(receivers(tx, &message.to).await?));
    }
    let sql =
        "INSERT INTO agent_messages (id, author, text, receivers, told_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let author = by.person().into();
    let values = vec![message.id.into(), author, message.text.as_str().into(), message.receivers.into(), now.into()];
    if db::execute(tx, sql, values).await? == 0 {
        return Ok(());
    }
    let sql = format!("INSERT INTO agent_message_receivers (message, agent) SELECT CAST($2 AS BIGINT), a.person {WHOM}");
    let found = db::execute(tx, &sql, vec![tier_of(&message.to), message.id.into()]).await?;
    let found = i64::try_from(found).unwrap_or(i64::MAX);
    if found != message.receivers {
        return Err(TellError::Changed(found));
    }
    let subject = match &message.to {
        Audience::All => "agents".to_owned(),
        Audience::Tier(tier) => format!("tier:{tier}"),
    };
    let became = Some(format!("{found}: {}", message.text.chars().take(NOTED_MAX).collect::<String>()));
    let deed = Deed { by: by.person(), act: "agents.message", subject, was: None, became, origin: by.origin() };
    accounts::audit(tx, &deed, now).await?;
    Ok(jobs::enqueue(tx, &TellAgents { message: message.id }, now, Some(message.id.to_string())).await?)
}

/// Hands a message to the outbox for the next few who wait for it; how many those were.
pub async fn tell_some(tx: &Tx, message: i64, limit: i64, now: Time) -> Result<usize, Fault> {
    #[derive(FromQueryResult)]
    struct Waiting {
        agent: PersonId,
        text: String,
    }
    let sql = "SELECT r.agent, m.text FROM agent_message_receivers r JOIN agent_messages m ON m.id = r.message \
               WHERE r.message = $1 AND r.queued_at IS NULL ORDER BY r.agent LIMIT $2";
    let waiting: Vec<Waiting> = db::query(tx, sql, vec![message.into(), limit.into()]).await?;
    for Waiting { agent, text } in &waiting {
        let once = format!("agents:{message}:{agent}");
        notices::tell(tx, *agent, &Notice::Message { text: text.clone() }, now, Some(once)).await?;
        let sql = "UPDATE agent_message_receivers SET queued_at = $3 WHERE message = $1 AND agent = $2 AND queued_at IS NULL";
        db::submit(tx, sql, vec![message.into(), (*agent).into(), now.into()]).await?;
    }
    Ok(waiting.len())
}
