//! Which agents are told of their week or their month, a page at a time, by key. The notices read the numbers when they are sent.
//!
//! Always: whom nothing happened to is not told; who left the bot or is barred from it neither.
use super::span::Span;
use crate::base::{DAY, Fault, PersonId, Time};
use crate::db;
use crate::queue::jobs::Payload;
use crate::shop::ledger::{self, Account};
use crate::shop::notices::AgentNotice;
use crate::shop::settings::Settings;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::{Deserialize, Serialize};

/// What agents are told of; each by a job of its own, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum AgentsRound {
    /// The seven days that end just before `to`, to those who want the digest.
    Week { to: Time },
    /// A month's days, counted as those of a span, to those whose months are such: Jalali, or not.
    Month { jalali: bool, first: i32, last: i32 },
}

impl Payload for AgentsRound {
    const KIND: &'static str = "agents_round";
}

impl AgentsRound {
    pub fn notice(self, agent: PersonId) -> AgentNotice {
        match self {
            Self::Week { to } => AgentNotice::Week { agent, to },
            Self::Month { first, last, .. } => AgentNotice::Month { agent, first, last },
        }
    }

    /// The occasion by which each is told once.
    pub fn occasion(self, agent: PersonId) -> String {
        match self {
            Self::Week { to } => format!("week:{}:{agent}", to.0),
            Self::Month { first, last, .. } => format!("month:{first}-{last}:{agent}"),
        }
    }
}

/// Some of those who are to be told, and after whom the next page begins; `None` when there are no more.
pub async fn round(
    conn: &impl ConnectionTrait,
    told: AgentsRound,
    settings: &Settings,
    (after, now): (PersonId, Time),
    limit: i64,
) -> Result<(Vec<PersonId>, Option<PersonId>), Fault> {
    match told {
        AgentsRound::Week { to } => {
            let found = people(
                conn,
                WEEK,
                vec![to.after(-7 * DAY).into(), to.into(), now.into(), now.after(7 * DAY).into()],
                (after, limit),
            )
            .await?;
            let last = found.last().copied();
            Ok((found, last))
        }
        AgentsRound::Month { jalali, first, last } => {
            let period = Span::Days { first, last }.period(settings.zone(), now);
            let found = people(conn, MONTH, vec![i64::from(jalali).into(), period.to.into()], (after, limit)).await?;
            let next = found.last().copied();
            let mut moved = Vec::new();
            for agent in found {
                let account = Account::credit(agent, settings.asset);
                let ends = ledger::ends(conn, &account, period.from, period.to).await?;
                let lines = ledger::turnover(conn, &account, period.from, period.to).await?.lines;
                if lines > 0 || ends.closing.minor != 0 {
                    moved.push(agent);
                }
            }
            Ok((moved, next))
        }
    }
}

/// Who wants it, and sold something in the week or has a service that ends in the next.
const WEEK: &str = "a.digest = 1 AND (EXISTS (SELECT 1 FROM orders o WHERE o.person = a.person AND o.placed_at >= $1 \
     AND o.placed_at < $2 AND o.payer = 'credit') OR EXISTS (SELECT 1 FROM subscriptions s WHERE s.agent = a.person \
     AND s.state = 'active' AND s.until >= $3 AND s.until < $4))";
/// Whose months these are, and who was an agent before they ended.
const MONTH: &str = "(CASE WHEN COALESCE(p.lang, '') = 'fa' THEN 1 ELSE 0 END) = $1 AND a.since < $2";

async fn people(
    conn: &impl ConnectionTrait,
    filter: &str,
    mut values: Vec<Value>,
    (after, limit): (PersonId, i64),
) -> Result<Vec<PersonId>, Fault> {
    #[derive(FromQueryResult)]
    struct Row {
        person: PersonId,
    }
    let place = values.len();
    values.extend([after.into(), limit.into()]);
    let sql = format!(
        "SELECT a.person FROM agents a JOIN people p ON p.id = a.person
         WHERE a.person > ${} AND a.state <> 'closed' AND p.state <> 'banned' AND p.blocked_at IS NULL AND {filter}
         ORDER BY a.person LIMIT ${}",
        place + 1,
        place + 2
    );
    let rows: Vec<Row> = db::query(conn, &sql, values).await?;
    Ok(rows.into_iter().map(|row| row.person).collect())
}
