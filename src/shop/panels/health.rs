//! What we saw of a panel, and when the group hears of it.
//!
//! Always: an alarm once per loss, after some minutes down (a setting) or at once when our login is refused; one word more when it is
//! well again, and only if there was an alarm.
use super::failures::count_failure;
use super::state::Health;
use super::store::{Panel, get};
use crate::base::{Fault, MINUTE, Time};
use crate::db::{Tx, execute};
use crate::providers::http::ProviderError;
use crate::shop::catalog::PanelCode;
use crate::shop::notices::{Notice, tell_group};
use crate::shop::settings::Settings;

/// What a call to a panel said about the panel itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was asked how it is.
    Well {
        version: String,
        accounts: i64,
        /// Something to put right, though it works.
        warning: Option<String>,
    },
    /// It did what it was asked, or said a proper no.
    Answered,
    Down {
        error: String,
    },
    LockedOut {
        error: String,
    },
}

impl Outcome {
    /// What a failed call says about the panel. An unknown outcome says nothing: the health check will tell.
    pub fn of_error(error: &ProviderError) -> Option<Self> {
        match error {
            ProviderError::Refused { .. } | ProviderError::Absent => Some(Self::Answered),
            ProviderError::Down { .. } if error.is_login_refused() => Some(Self::LockedOut { error: error.to_string() }),
            ProviderError::Down { .. } => Some(Self::Down { error: error.to_string() }),
            ProviderError::Unknown { .. } => None,
        }
    }

    const fn health(&self) -> Health {
        match self {
            Self::Well { .. } | Self::Answered => Health::Well,
            Self::Down { .. } => Health::Down,
            Self::LockedOut { .. } => Health::LockedOut,
        }
    }
}

/// What the group is to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    WentDown { since: Time, error: String },
    LockedOut { error: String },
    CameBack { since: Time },
}

/// What a panel's row becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Next {
    health: Health,
    since: Time,
    alarmed_at: Option<Time>,
    turn: Option<Turn>,
}

fn next(panel: &Panel, outcome: &Outcome, patience_ms: i64, now: Time) -> Next {
    let health = outcome.health();
    let lost = |health: Health| matches!(health, Health::Down | Health::LockedOut);
    // Down and locked out are one loss: an alarm of the one is not followed by an alarm of the other.
    let goes_on = health == panel.health || (lost(health) && lost(panel.health));
    let since = if goes_on { panel.since } else { now };
    let (turn, alarmed_at) = match outcome {
        Outcome::Well { .. } | Outcome::Answered => (panel.alarmed_at.map(|_| Turn::CameBack { since: panel.since }), None),
        Outcome::Down { .. } | Outcome::LockedOut { .. } if panel.alarmed_at.is_some() => (None, panel.alarmed_at),
        Outcome::Down { error } if now.since(since) >= patience_ms => {
            (Some(Turn::WentDown { since, error: error.clone() }), Some(now))
        }
        Outcome::Down { .. } => (None, None),
        Outcome::LockedOut { error } => (Some(Turn::LockedOut { error: error.clone() }), Some(now)),
    };
    Next { health, since, alarmed_at, turn }
}

/// Notes what a call said, and tells the group of a turn, once, whoever noticed first.
pub async fn note_health(
    tx: &Tx,
    code: &PanelCode,
    outcome: &Outcome,
    settings: &Settings,
    now: Time,
) -> Result<Option<Turn>, Fault> {
    let Some(panel) = get(tx, code).await? else { return Ok(None) };
    // The usual case writes nothing: a panel that is well did what it was asked.
    if *outcome == Outcome::Answered && panel.is_well() {
        return Ok(None);
    }
    if matches!(outcome, Outcome::Down { .. } | Outcome::LockedOut { .. }) {
        count_failure(tx, now).await?;
    }
    let next = next(&panel, outcome, settings.panel_down_minutes.saturating_mul(MINUTE), now);
    if !write(tx, &panel, outcome, &next, now).await? {
        return Ok(None);
    }
    if let Some(turn) = &next.turn {
        tell_group(tx, &notice(code, turn, now), now, None).await?;
    }
    Ok(next.turn)
}

/// False when somebody else noted the same turn meanwhile: his is the telling.
async fn write(tx: &Tx, panel: &Panel, outcome: &Outcome, next: &Next, now: Time) -> Result<bool, Fault> {
    let (version, accounts, error) = match outcome {
        Outcome::Well { version, accounts, warning } => (Some(version.clone()), Some(*accounts), warning.clone()),
        Outcome::Answered => (None, None, None),
        Outcome::Down { error } | Outcome::LockedOut { error } => (None, None, Some(error.clone())),
    };
    let sql = "UPDATE panels SET health = $2, health_since = $3, alarmed_at = $4, checked_at = $5,
            version = COALESCE($6, version), accounts = COALESCE($7, accounts), last_error = COALESCE($8, last_error),
            error_at = COALESCE($11, error_at)
        WHERE code = $1 AND health = $9 AND COALESCE(alarmed_at, 0) = $10";
    let error_at = error.is_some().then_some(now.0);
    let values = vec![
        panel.code.as_str().into(),
        next.health.as_str().into(),
        next.since.into(),
        next.alarmed_at.map(|at| at.0).into(),
        now.into(),
        version.into(),
        accounts.into(),
        error.into(),
        panel.health.as_str().into(),
        panel.alarmed_at.map_or(0, |at| at.0).into(),
        error_at.into(),
    ];
    tx.forget_cached();
    Ok(execute(tx, sql, values).await? == 1)
}

fn notice(code: &PanelCode, turn: &Turn, now: Time) -> Notice {
    let panel = code.to_string();
    let minutes = |since: Time| now.since(since) / MINUTE;
    match turn {
        Turn::WentDown { since, error } => Notice::PanelDown { panel, why: error.clone(), minutes: minutes(*since) },
        Turn::LockedOut { error } => Notice::PanelLockedOut { panel, why: error.clone() },
        Turn::CameBack { since } => Notice::PanelWell { panel, minutes: minutes(*since) },
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::sample::panel;
    use super::*;

    #[test]
    fn a_loss_is_told_once_and_so_is_the_return() {
        let down = || Outcome::Down { error: "no route".to_owned() };
        let locked = || Outcome::LockedOut { error: "401".to_owned() };
        let minute = |n: i64| Time(n * MINUTE);
        let mut panel = panel("de1");
        let mut see = |outcome: &Outcome, now: Time| {
            let next = next(&panel, outcome, 5 * MINUTE, now);
            (panel.health, panel.since, panel.alarmed_at) = (next.health, next.since, next.alarmed_at);
            next.turn
        };
        assert_eq!(see(&Outcome::Answered, minute(1)), None);
        assert_eq!(see(&down(), minute(2)), None);
        assert_eq!(see(&down(), minute(6)), None);
        assert_eq!(see(&Outcome::Answered, minute(6)), None, "a short loss is nobody's business");
        assert_eq!(see(&down(), minute(7)), None);
        assert_eq!(see(&down(), minute(12)), Some(Turn::WentDown { since: minute(7), error: "no route".to_owned() }));
        assert_eq!(see(&down(), minute(13)), None);
        assert_eq!(see(&locked(), minute(14)), None, "one loss, one alarm");
        assert_eq!(see(&Outcome::Answered, minute(20)), Some(Turn::CameBack { since: minute(7) }));
        assert_eq!(see(&Outcome::Answered, minute(21)), None);
        assert_eq!(see(&locked(), minute(22)), Some(Turn::LockedOut { error: "401".to_owned() }), "at once");
        assert_eq!(see(&locked(), minute(23)), None);
    }

    #[test]
    fn an_unknown_outcome_says_nothing_about_the_panel() {
        use crate::providers::http::DownKind;
        assert_eq!(Outcome::of_error(&ProviderError::unknown("no answer")), None);
        assert_eq!(Outcome::of_error(&ProviderError::Absent), Some(Outcome::Answered));
        assert_eq!(Outcome::of_error(&ProviderError::refused("invalid", "")), Some(Outcome::Answered));
        let login = ProviderError::down(DownKind::Login, "401");
        assert!(matches!(Outcome::of_error(&login), Some(Outcome::LockedOut { .. })));
        let dead = ProviderError::down(DownKind::Unreachable, "refused");
        assert!(matches!(Outcome::of_error(&dead), Some(Outcome::Down { .. })));
    }
}
