//! Episodes: times during which an agent's account stands below zero, and how far the shop has acted on each.
//!
//! Always: an episode begins and ends with the ledger's own facts, read under the account's lock or after it crossed zero;
//! each step is guarded, and tells in the transaction that takes it.
//!
//! A receipt under review ends no episode: only confirmed money does. While its counted part lifts the account, the agent may
//! spend it, nothing more is said, and the cut waits for the review; but what was cut off stays so. A rejection lets the
//! same episode go on from when it began, and whatever was sold meanwhile is cut off with the rest.
use super::agency::{State, account};
use super::job::{CutOff, Restore};
use super::rules::{due as due_of, reached};
use super::store::agency;
use crate::base::{Fault, MINUTE, PersonId, Time};
use crate::db::{self, Moved, Tx};
use crate::queue::jobs;
use crate::shop::ledger::{self, Crossing};
use crate::shop::notices::{self, AgentNotice};
use crate::shop::settings::Settings;
use crate::shop::subscriptions;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// A receipt under review is looked at again so much later.
const REST: i64 = MINUTE;

/// How far the shop has acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The agent knows.
    Told,
    /// He was told again at half time,
    Half,
    /// and an hour before the end.
    Last,
    /// His services are being switched off.
    Cutting,
    Cut,
    /// The account is good again; his services are being switched on.
    Restoring,
    Over,
}

impl Stage {
    const ALL: [Self; 7] = [Self::Told, Self::Half, Self::Last, Self::Cutting, Self::Cut, Self::Restoring, Self::Over];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Half => "half",
            Self::Last => "last",
            Self::Cutting => "cutting",
            Self::Cut => "cut",
            Self::Restoring => "restoring",
            Self::Over => "over",
        }
    }

    fn read(code: &str) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|stage| stage.code() == code);
        found.ok_or_else(|| Fault::new(format!("no episode is {code}")))
    }
}

/// A time below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Episode {
    pub agent: PersonId,
    pub since: Time,
    pub stage: Stage,
    pub told_at: Time,
    /// How many services were switched off for it, and on again.
    pub services: i64,
    pub restored: i64,
}

impl Episode {
    /// When his services are switched off, if he does nothing.
    pub fn cut_at(&self, settings: &Settings) -> Option<Time> {
        due_of(Stage::Last, (self.since, self.told_at), settings.credit_grace_ms())
            .filter(|_| matches!(self.stage, Stage::Told | Stage::Half | Stage::Last))
    }
}

/// What became of an episode that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is where it was.
    None,
    /// The agent was told.
    Told(Stage),
    /// The job that switches his services off is queued.
    CutOff,
    /// The account is good again; nothing had been switched off.
    Over,
    /// The account is good again; the job that switches his services on is queued.
    Restore,
}

#[derive(FromQueryResult)]
struct Row {
    agent: PersonId,
    since: Time,
    stage: String,
    told_at: Time,
    services: i64,
    restored: i64,
}

const SELECT: &str = "SELECT agent, since, stage, told_at, services, restored FROM credit_episodes";
pub(super) const DUE: &str =
    "SELECT agent, since, stage, told_at, services, restored FROM credit_episodes WHERE due <= $1 ORDER BY due LIMIT $2";

async fn select(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<Episode>, Fault> {
    let read = |row: Row| {
        let Row { agent, since, told_at, services, restored, .. } = row;
        Ok(Episode { agent, since, stage: Stage::read(&row.stage)?, told_at, services, restored })
    };
    db::query::<Row>(conn, sql, values).await?.into_iter().map(read).collect()
}

/// Episodes for which the clock has something to do.
pub async fn due(conn: &impl ConnectionTrait, now: Time, limit: i64) -> Result<Vec<Episode>, Fault> {
    select(conn, DUE, vec![now.into(), limit.into()]).await
}

/// An agent's episode, and nobody else changes it until this transaction ends.
pub(super) async fn episode(tx: &Tx, agent: PersonId, since: Time) -> Result<Option<Episode>, Fault> {
    let lock = db::locking(tx, " FOR UPDATE");
    let sql = format!("{SELECT} WHERE agent = $1 AND since = $2{lock}");
    Ok(select(tx, &sql, vec![agent.into(), since.into()]).await?.pop())
}

/// The episodes of an agent that are not over, the newest first.
pub async fn open_since(conn: &impl ConnectionTrait, agent: PersonId) -> Result<Vec<Episode>, Fault> {
    select(conn, &format!("{SELECT} WHERE agent = $1 AND ended_at IS NULL ORDER BY since DESC"), vec![agent.into()]).await
}

/// Has the shop acted on this crossing already, so that there is nothing to look at?
pub async fn is_settled(conn: &impl ConnectionTrait, crossing: &Crossing) -> Result<bool, Fault> {
    let Ok(agent) = crossing.account.owner.parse::<i64>().map(PersonId) else { return Ok(true) };
    let open = open_since(conn, agent).await?;
    let lives: Vec<&Episode> = open.iter().filter(|episode| episode.stage != Stage::Restoring).collect();
    Ok(match (lives.as_slice(), crossing.owing_since) {
        ([], owing) => owing.is_none() || crossing.negative_since.is_none(),
        ([known], Some(since)) if known.since == since => {
            let sold_since = crossing.negative_since.is_some() && known.stage == Stage::Cut;
            !(sold_since && subscriptions::any_works(conn, agent).await?)
        }
        _ => false,
    })
}

/// An account crossed zero: an episode begins, and those that the account has left behind end.
pub async fn look(tx: &Tx, crossing: &Crossing, settings: &Settings, now: Time) -> Result<Vec<Step>, Fault> {
    let Ok(agent) = crossing.account.owner.parse::<i64>().map(PersonId) else { return Ok(Vec::new()) };
    let Some(agency) = agency(tx, agent).await?.filter(|_| crossing.account.asset == settings.asset) else {
        return Ok(Vec::new());
    };
    let mut steps = Vec::new();
    for known in open_since(tx, agent).await? {
        steps.push(advance(tx, (agent, known.since), settings, now).await?);
    }
    // A closed agency sells nothing and owes nothing; what was begun before it was closed has come to its end above.
    if agency.state == State::Closed {
        return Ok(steps);
    }
    // As it is now: it may have crossed again since it was looked up.
    let Some(since) = ledger::standing(tx, &account(agent, settings.asset)).await?.negative_since else { return Ok(steps) };
    let sql = "INSERT INTO credit_episodes (agent, since, stage, due, told_at) VALUES ($1, $2, 'told', $3, $4) \
               ON CONFLICT (agent, since) DO NOTHING";
    let due = due_of(Stage::Told, (since, now), settings.credit_grace_ms()).unwrap_or(now);
    if db::execute(tx, sql, vec![agent.into(), since.into(), due.into(), now.into()]).await? == 1 {
        let begun = Episode { agent, since, stage: Stage::Told, told_at: now, services: 0, restored: 0 };
        say(tx, &begun, settings, now).await?;
        steps.push(Step::Told(Stage::Told));
    }
    Ok(steps)
}

/// Takes the step that is due for an episode: a word, the cut, or its end when the account is good again.
pub async fn advance(tx: &Tx, (agent, since): (PersonId, Time), settings: &Settings, now: Time) -> Result<Step, Fault> {
    let Some(episode) = episode(tx, agent, since).await? else { return Ok(Step::None) };
    if matches!(episode.stage, Stage::Restoring | Stage::Over) {
        return Ok(Step::None);
    }
    let standing = ledger::standing(tx, &account(agent, settings.asset)).await?;
    if standing.owing_since != Some(since) {
        return leave(tx, &episode, settings, now).await;
    }
    if standing.negative_since.is_none() {
        return rest(tx, &episode, now).await;
    }
    if episode.stage == Stage::Cut && subscriptions::any_works(tx, agent).await? {
        return cut(tx, &episode, settings, now).await;
    }
    let stage = reached(episode.stage, (since, episode.told_at), settings.credit_grace_ms(), now);
    // Also when the stage stays: its moment has moved (another grace), and must not be found due again and again.
    if stage == Stage::Cutting && stage != episode.stage {
        return cut(tx, &episode, settings, now).await;
    }
    let moved = set(tx, &episode, stage, (settings, now)).await?;
    if stage == episode.stage || !moved.is_yes() {
        return Ok(Step::None);
    }
    say(tx, &Episode { stage, ..episode }, settings, now).await?;
    Ok(Step::Told(stage))
}

async fn cut(tx: &Tx, episode: &Episode, settings: &Settings, now: Time) -> Result<Step, Fault> {
    if !set(tx, episode, Stage::Cutting, (settings, now)).await?.is_yes() {
        return Ok(Step::None);
    }
    jobs::enqueue(tx, &CutOff { agent: episode.agent, since: episode.since }, now, None).await?;
    Ok(Step::CutOff)
}

/// A receipt under review lifts the account: what would be due now waits.
async fn rest(tx: &Tx, episode: &Episode, now: Time) -> Result<Step, Fault> {
    let sql = "UPDATE credit_episodes SET due = $4 WHERE agent = $1 AND since = $2 AND stage = $3 AND due <= $5";
    let (stage, next) = (episode.stage.code(), now.after(REST));
    let values = vec![episode.agent.into(), episode.since.into(), stage.into(), next.into(), now.into()];
    db::submit(tx, sql, values).await?;
    Ok(Step::None)
}

/// The account is good again.
async fn leave(tx: &Tx, episode: &Episode, settings: &Settings, now: Time) -> Result<Step, Fault> {
    let (agent, since) = (episode.agent, episode.since);
    if matches!(episode.stage, Stage::Cutting | Stage::Cut) {
        if set(tx, episode, Stage::Restoring, (settings, now)).await?.is_yes() {
            jobs::enqueue(tx, &Restore { agent, since }, now, None).await?;
        }
        return Ok(Step::Restore);
    }
    if set(tx, episode, Stage::Over, (settings, now)).await?.is_yes() {
        let left = ledger::standing(tx, &account(agent, settings.asset)).await?.left;
        let key = format!("credit:good:{agent}:{}", since.0);
        notices::tell(tx, agent, &AgentNotice::CreditGood { left }.into(), now, Some(key)).await?;
    }
    Ok(Step::Over)
}

async fn set(tx: &Tx, episode: &Episode, stage: Stage, (settings, now): (&Settings, Time)) -> Result<Moved, Fault> {
    let due = due_of(stage, (episode.since, episode.told_at), settings.credit_grace_ms());
    let ended = (stage == Stage::Over).then_some(now.0);
    let sql = "UPDATE credit_episodes SET stage = $4, due = $5, ended_at = $6 WHERE agent = $1 AND since = $2 AND stage = $3";
    let values = vec![
        episode.agent.into(),
        episode.since.into(),
        episode.stage.code().into(),
        stage.code().into(),
        due.map(|at| at.0).into(),
        ended.into(),
    ];
    Ok(Moved::from_rows(db::execute(tx, sql, values).await?))
}

/// Counts services that were switched off, and on again.
pub(super) async fn note_services(tx: &Tx, episode: &Episode, (off, on): (i64, i64)) -> Result<(), Fault> {
    let sql = "UPDATE credit_episodes SET services = services + $3, restored = restored + $4 WHERE agent = $1 AND since = $2";
    db::submit(tx, sql, vec![episode.agent.into(), episode.since.into(), off.into(), on.into()]).await?;
    Ok(())
}

/// The last service was switched off, or on: the cut is done, or the episode is over.
pub(super) async fn finish(tx: &Tx, episode: &Episode, settings: &Settings, now: Time) -> Result<Moved, Fault> {
    let stage = match episode.stage {
        Stage::Cutting => Stage::Cut,
        Stage::Restoring => Stage::Over,
        Stage::Told | Stage::Half | Stage::Last | Stage::Cut | Stage::Over => return Ok(Moved::LostRace),
    };
    set(tx, episode, stage, (settings, now)).await
}

/// Tells the agent where he is, once a stage.
async fn say(tx: &Tx, episode: &Episode, settings: &Settings, now: Time) -> Result<(), Fault> {
    let left = ledger::standing(tx, &account(episode.agent, settings.asset)).await?.left;
    let cut_at = episode.cut_at(settings).unwrap_or(now);
    let told = AgentNotice::CreditNegative { left, cut_at };
    let key = format!("credit:{}:{}:{}", episode.stage.code(), episode.agent, episode.since.0);
    notices::tell(tx, episode.agent, &told.into(), now, Some(key)).await
}

#[cfg(test)]
mod tests {
    use super::Stage;

    #[test]
    fn stages_are_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::read(stage.code()).unwrap(), stage);
        }
        assert!(Stage::read("warned").is_err());
    }
}
