//! What is asked of staff about agents, and how a question is put and read.
use crate::base::PersonId;
use crate::shop::agents::{Audience, RuleKind};
use crate::shop::catalog::PlanCode;
use serde::{Deserialize, Serialize};

/// An open question, or an offer that waits for a yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum AgencyAsked {
    /// Words by which agents are found; `text` are those whose pages are turned.
    Find { text: String },
    /// How far below zero an agent may buy.
    Line { person: PersonId },
    /// Why an agency is paused.
    Freeze { person: PersonId },
    /// Of which days an agent's statement is wanted.
    Days { person: PersonId },
    /// The last day on which an agent sells.
    Until { person: PersonId },
    /// The number of a price rule; no plan means all of them.
    Price { person: PersonId, plan: Option<PlanCode>, kind: RuleKind },
    /// What agents are told.
    Tell { to: Audience },
    /// The message as it was shown, which waits for a yes. `key` was minted with it.
    Told { to: Audience, text: String, receivers: i64, key: i64 },
}
