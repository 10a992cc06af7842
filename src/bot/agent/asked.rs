//! What is asked of an agent in the chat, and what was told so far.
use crate::base::{BatchId, OrderId, SubscriptionId, UpdateId};
use crate::shop::catalog::PlanCode;
use serde::{Deserialize, Serialize};

/// An open question, or an offer that waits for a yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// The application: the answers so far, in the order of the questions. `last`, here and below: the update that brought
    /// the last one, so that its repetition is no answer to the next question.
    Form { given: Vec<String>, last: UpdateId },
    /// What the service is to be called.
    Label { plan: PlanCode },
    /// One service, as it was shown.
    Sale { order: OrderId, plan: PlanCode, label: String },
    /// How many services.
    Count { plan: PlanCode },
    /// How their names begin.
    Prefix { plan: PlanCode, count: i64, last: UpdateId },
    /// Many services, as they were shown.
    Bulk { batch: BatchId, plan: PlanCode, count: i64, prefix: String, last: UpdateId },
    /// A text by which a service is found.
    Find,
    /// A new name for a service, and after a line break a note.
    Relabel { subscription: SubscriptionId },
    /// How much is put into the credit account.
    TopUp,
    /// Of which days the statement is wanted.
    Days,
    /// What he takes from his own customers for a plan.
    OwnPrice { plan: PlanCode },
}
