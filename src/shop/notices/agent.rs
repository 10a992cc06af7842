//! What agents are told unasked, and the group about them.
use super::{Notice, Topic};
use crate::base::{ApplicationId, BatchId, Money, PersonId, SubscriptionId, Time};
use serde::{Deserialize, Serialize};

/// A notice that concerns an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum AgentNotice {
    // To the agent.
    Accepted {
        tier: String,
    },
    Rejected {
        reason: String,
    },
    Tier {
        tier: String,
    },
    /// He is frozen, or works again.
    State {
        state: String,
        reason: String,
    },
    Closed {
        to_wallet: Money,
    },
    /// The account stands below zero; `left` is how far. His services are switched off then, unless he pays.
    CreditNegative {
        left: Money,
        cut_at: Time,
    },
    /// It was below zero, and is not any more; nothing had been switched off.
    CreditGood {
        left: Money,
    },
    /// So many services were switched off.
    CutOff {
        left: Money,
        services: i64,
    },
    /// So many services were switched on again.
    Restored {
        left: Money,
        services: i64,
    },
    /// All services of a batch were made or refused.
    BatchReady {
        batch: BatchId,
    },
    /// An admin added to the account, or took from it; `left` is what can be spent then.
    CreditChanged {
        amount: Money,
        left: Money,
        reason: String,
    },
    /// The money of a top-up came; `left` is what can be spent then.
    ToppedUp {
        amount: Money,
        confirmed: Money,
        left: Money,
    },
    /// It came after the agency was closed, and is in the wallet.
    KeptInWallet {
        amount: Money,
        balance: Money,
    },
    /// A customer took a service over by its one-time link.
    TakenOver {
        subscription: SubscriptionId,
    },
    /// What he sold in the seven days that end just before `to`, and what ends soon; read when it is sent.
    Week {
        agent: PersonId,
        to: Time,
    },
    /// The statement of a month; its days are counted from the first of January of the year 1.
    Month {
        agent: PersonId,
        first: i32,
        last: i32,
    },
    // To the group.
    Applied {
        application: ApplicationId,
    },
    AgentCutOff {
        agent: PersonId,
        left: Money,
        services: i64,
    },
    AgentRestored {
        agent: PersonId,
        left: Money,
        services: i64,
    },
}

impl AgentNotice {
    pub(super) const fn topic(&self) -> Option<Topic> {
        match self {
            Self::Applied { .. } => Some(Topic::Payments),
            Self::AgentCutOff { .. } | Self::AgentRestored { .. } => Some(Topic::Alarms),
            Self::Accepted { .. }
            | Self::Rejected { .. }
            | Self::Tier { .. }
            | Self::State { .. }
            | Self::Closed { .. }
            | Self::CreditNegative { .. }
            | Self::CreditGood { .. }
            | Self::CutOff { .. }
            | Self::Restored { .. }
            | Self::BatchReady { .. }
            | Self::CreditChanged { .. }
            | Self::ToppedUp { .. }
            | Self::KeptInWallet { .. }
            | Self::TakenOver { .. }
            | Self::Week { .. }
            | Self::Month { .. } => None,
        }
    }
}

impl From<AgentNotice> for Notice {
    fn from(notice: AgentNotice) -> Self {
        Self::Agent(notice)
    }
}
