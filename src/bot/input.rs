//! What we are waiting for: the question that is open in a chat, kept in the database with a version and an end.
//!
//! A state that another version wrote is no state: the person is met as if nothing had been asked.
use super::admin::AgencyAsked;
use super::agent::Asked;
use super::route::MethodField;
use super::turn::Turn;
use crate::app::Tx;
use crate::base::{ApplicationId, Fault, HOUR, Money, OrderId, PaymentId, PersonId};
use crate::shop::accounts::dialogue;
use crate::shop::checkout::Purse;
use crate::shop::payments::{Kind, MethodCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Moves when the shape of a state below changes.
const VERSION: i64 = 2;
/// A question is forgotten after this.
const TTL: i64 = 24 * HOUR;

/// An open question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "await", rename_all = "snake_case", deny_unknown_fields)]
pub enum Input {
    /// A photo, an image, a PDF or a tracking number for this payment.
    Receipt { payment: PaymentId },
    /// How much is put into the wallet.
    TopUp,
    /// Of an agent, or of somebody who wants to become one.
    Agent(Asked),
    /// Of an admin: how much came for this payment.
    ReviewAmount { payment: PaymentId },
    /// Of an admin: why this payment is rejected.
    ReviewReason { payment: PaymentId },
    /// Of an admin: why somebody does not become an agent; the card that asked, if it can be drawn again.
    RejectAgent { application: ApplicationId, card: Option<i32> },
    /// Of an admin: something about agents.
    Agency(AgencyAsked),
    /// Of an admin: how much of this order goes back.
    RefundAmount { order: OrderId },
    /// Of an admin: the receipt of what was paid back by hand; it is the yes to what was shown. Amounts in the smallest unit.
    RefundReceipt { order: OrderId, amount: i64, so_far: i64, method: Option<MethodCode> },
    /// Of an admin: why this person is banned.
    BanReason { person: PersonId },
    /// Of an admin: what this person is told.
    MessageTo { person: PersonId },
    /// Of an admin: how much is added to an account (or taken), and why.
    Correction { person: PersonId, purse: Purse, adds: bool },
    /// Of an admin: the correction that was shown, and waits for a yes. `key` was minted with the question.
    Corrected { person: PersonId, purse: Purse, adds: bool, amount: Money, reason: String, key: i64 },
    /// Of an admin: something about this payment method.
    MethodField { method: MethodCode, field: MethodField },
    /// Of an owner: a step of describing a new payment method.
    NewMethod { step: NewMethod },
}

/// What is known of a new payment method, and what is asked next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NewMethod {
    Network,
    Details {
        kind: Kind,
        network: Option<String>,
    },
    Holder {
        found: Found,
    },
    Bank {
        found: Found,
        holder: String,
    },
    /// It was shown, and waits for a yes. `key` was minted with it.
    Ready {
        found: Found,
        holder: Option<String>,
        bank: Option<String>,
        key: i64,
    },
}

/// The details that were typed, sealed: a dialogue lies in the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    pub kind: Kind,
    pub network: Option<String>,
    pub sealed: String,
    pub last4: String,
    /// Its check sum was found right.
    pub checked: bool,
}

impl Input {
    /// Is it asked of staff? The others are asked of customers.
    pub const fn is_of_staff(&self) -> bool {
        !matches!(self, Self::Receipt { .. } | Self::TopUp | Self::Agent(_))
    }

    /// The question whose answer this one came of.
    pub fn came_of(&self) -> Option<Self> {
        match self {
            Self::Corrected { person, purse, adds, .. } => Some(Self::Correction { person: *person, purse: *purse, adds: *adds }),
            Self::Agency(AgencyAsked::Told { to, .. }) => Some(Self::Agency(AgencyAsked::Tell { to: to.clone() })),
            _ => None,
        }
    }

    /// A name that this question always has and no other, in 48 bits.
    pub fn tag(&self) -> i64 {
        // The words of a search are kept with its question, which stays the same.
        let search = Self::Agency(AgencyAsked::Find { text: String::new() });
        let asked = if matches!(self, Self::Agency(AgencyAsked::Find { .. })) { &search } else { self };
        let state = serde_json::to_string(asked).unwrap_or_default();
        let digest = Sha256::digest(state);
        i64::from_be_bytes([0, 0, digest[0], digest[1], digest[2], digest[3], digest[4], digest[5]])
    }

    /// As it was stored, if this version understands it.
    pub fn read(version: i64, state: &str) -> Option<Self> {
        let read = (version == VERSION).then(|| serde_json::from_str(state).ok()).flatten();
        if read.is_none() {
            tracing::info!(version, "an open question of another version is forgotten");
        }
        read
    }

    /// Opens the question in the chat of this turn, in place of any other.
    pub async fn open(&self, tx: &Tx, turn: &Turn) -> Result<(), Fault> {
        let state = serde_json::to_string(self)?;
        let open = dialogue::Open {
            person: turn.who.person.id,
            chat: turn.at.chat,
            version: VERSION,
            state: &state,
            expires_at: turn.now.after(TTL),
        };
        dialogue::save(tx, open).await
    }
}

/// The question that is open in the chat of this turn by now.
pub async fn open_now(turn: &Turn) -> Result<Option<Input>, Fault> {
    let found = dialogue::load(turn.app.db.read(), turn.who.person.id, turn.at.chat, turn.now).await?;
    Ok(found.and_then(|(version, state)| Input::read(version, &state)))
}

/// Nothing is asked any more in the chat of this turn.
pub async fn close(tx: &Tx, turn: &Turn) -> Result<(), Fault> {
    dialogue::clear(tx, turn.who.person.id, turn.at.chat).await
}

/// Closes the open question, if there is one, in a transaction of its own.
pub async fn close_now(turn: &Turn) -> Result<(), Fault> {
    if turn.who.input.is_none() {
        return Ok(());
    }
    let mine = turn.clone();
    turn.app.write(move |tx| Box::pin(async move { close(tx, &mine).await })).await
}

#[cfg(test)]
mod tests {
    use super::{Input, VERSION};
    use crate::base::PaymentId;

    #[test]
    fn what_another_version_wrote_is_no_state() {
        let input = Input::Receipt { payment: PaymentId(7) };
        let state = serde_json::to_string(&input).unwrap();
        assert_eq!(Input::read(VERSION, &state), Some(input));
        assert_eq!(Input::read(VERSION - 1, &state), None);
        for strange in ["", "{}", r#"{"await":"moon"}"#, r#"{"await":"receipt"}"#] {
            assert_eq!(Input::read(VERSION, strange), None, "{strange}");
        }
    }
}
