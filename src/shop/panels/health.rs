//! What we saw of a panel, and when the group hears of it.
//!
//! Always: an alarm once per loss, after five minutes down or at once when our login is refused; one word more when it is
//! well again, and only if there was an alarm.
use super::state::Health;
use super::store::{Panel, get};
use crate::base::{Fault, MINUTE, Time};
use crate::db::{Tx, execute};
use crate::providers::http::ProviderError;
use crate::shop::catalog::PanelCode;

/// A panel that is down for shorter is nobody's business yet.
pub const ALARM_AFTER: i64 = 5 * MINUTE;

/// What a call to a panel said about the panel itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was asked how it is.
    Well {
        version: String,
        accounts: i64,
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

fn next(panel: &Panel, outcome: &Outcome, now: Time) -> Next {
    let health = outcome.health();
    let lost = |health: Health| matches!(health, Health::Down | Health::LockedOut);
    // Down and locked out are one loss: an alarm of the one is not followed by an alarm of the other.
    let goes_on = health == panel.health || (lost(health) && lost(panel.health));
    let since = if goes_on { panel.since } else { now };
    let (turn, alarmed_at) = match outcome {
        Outcome::Well { .. } | Outcome::Answered => (panel.alarmed_at.map(|_| Turn::CameBack { since: panel.since }), None),
        Outcome::Down { .. } | Outcome::LockedOut { .. } if panel.alarmed_at.is_some() => (None, panel.alarmed_at),
        Outcome::Down { error } if now.since(since) >= ALARM_AFTER => {
            (Some(Turn::WentDown { since, error: error.clone() }), Some(now))
        }
        Outcome::Down { .. } => (None, None),
        Outcome::LockedOut { error } => (Some(Turn::LockedOut { error: error.clone() }), Some(now)),
    };
    Next { health, since, alarmed_at, turn }
}

/// Notes what a call said. `Some` once per turn, whoever noticed first: tell the group in the same transaction.
pub async fn note_health(tx: &Tx, code: &PanelCode, outcome: &Outcome, now: Time) -> Result<Option<Turn>, Fault> {
    let Some(panel) = get(tx, code).await? else { return Ok(None) };
    // The usual case writes nothing: a panel that is well did what it was asked.
    if *outcome == Outcome::Answered && panel.health == Health::Well && panel.alarmed_at.is_none() {
        return Ok(None);
    }
    let next = next(&panel, outcome, now);
    let (version, accounts, error) = match outcome {
        Outcome::Well { version, accounts } => (Some(version.clone()), Some(*accounts), None),
        Outcome::Answered => (None, None, None),
        Outcome::Down { error } | Outcome::LockedOut { error } => (None, None, Some(error.clone())),
    };
    let sql = "UPDATE panels SET health = $2, health_since = $3, alarmed_at = $4, checked_at = $5,
            version = COALESCE($6, version), accounts = COALESCE($7, accounts), last_error = COALESCE($8, last_error)
        WHERE code = $1 AND health = $9 AND COALESCE(alarmed_at, 0) = $10";
    let values = vec![
        code.as_str().into(),
        next.health.as_str().into(),
        next.since.into(),
        next.alarmed_at.map(|at| at.0).into(),
        now.into(),
        version.into(),
        accounts.into(),
        error.into(),
        panel.health.as_str().into(),
        panel.alarmed_at.map_or(0, |at| at.0).into(),
    ];
    // Somebody else noted the same turn meanwhile: his is the telling.
    let moved = execute(tx, sql, values).await? == 1;
    Ok(next.turn.filter(|_| moved))
}
