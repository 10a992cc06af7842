//! The ledger: accounts, transfers, holds and balances, in whole units, per asset. Nobody else can name its tables.
//!
//! What must always hold; [`verify`] proves the first ten and the last on a live database:
//! - I1 in a transaction the debits equal the credits per asset, it has at least two lines, every amount is positive,
//!   and an account meets its own asset only;
//! - I2 transactions, entries and resolved holds never change: triggers refuse UPDATE and DELETE;
//! - I3 a key names one input for ever: the same again returns the first result, another is [`LedgerError::KeyReused`];
//! - I4 a transaction is reversed at most once, line by line; its refunds never sum to more than itself, and what is
//!   reversed is not refunded, nor the other way round;
//! - I5 a hold resolves once: what is posted is at most what was held, the rest is released, and nothing is posted from
//!   a hold that has expired;
//! - I6 a frozen or closed account takes no new debit (a hold made before may still be posted, a top-up still be taken back);
//! - I7 an account's cached sums are its entries and its open holds;
//! - I8 over all accounts of an asset debits equal credits, posted and pending apart;
//! - I9 what is available is not below the account's floor: a CHECK on the row. Pending credits never count, but on an
//!   agent's credit account so far as its [`Limits`] say: its standing is what is available, its credit line, and that
//!   part of what is pending. Nothing new is taken from an account beyond its standing; the release of a pending credit
//!   is never refused, so the standing may fall below zero by it, and by lower limits. By every statement that changes
//!   the row, and CHECKs, two columns follow it. `negative_since` is set exactly while it is below zero, to the moment at
//!   which it last went there. `owing_since` is set to that moment too, and stays while what is available and the line
//!   are below zero: a pending credit that lifts the standing does not end a time below zero, and when it is given up
//!   that time goes on. [`Standing`] tells the time below zero by it;
//! - I10 no update is lost: rows are locked in one order ([`Kind::turn`], then by name), changed relatively, and `version` counts causes;
//! - I11 a refusal changes nothing at all, so a caller's transaction may go on after it;
//! - I12 no sum reaches 2^62: checked before it is written, and again by the row.
//!
//! A verb composes in its caller's [`Tx`](crate::db::Tx). After a *refusal* the transaction is whole and may be committed;
//! after a `Fault` it must be given up. Who moves money of several accounts does it in one [`Transfer`] of several legs:
//! two verbs in one transaction may lock accounts in an order that another such pair crosses (PostgreSQL then ends one
//! of them with a fault, and it is to be tried again).
//!
//! Accounts without a floor (revenue, clearing) are rows that every sale updates. On PostgreSQL such sales queue for that
//! row until the one before has committed; this is the ledger's ceiling there, and the price of totals that are always
//! right. On SQLite there is one writer anyway.
//!
//! It knows nothing of orders, payments or people's rights, and converts no currency.
mod account;
mod balance;
mod freeze;
mod hold;
mod limits;
mod period;
mod post;
mod rules;
mod store;
mod table;
mod two;
mod verify;

pub use account::{Account, Kind, Side, State};
pub use balance::{Balance, Line, Statement, Total, balance, find, statement, totals};
pub use freeze::set_state;
pub use hold::{Expired, HoldId, HoldState, Reservation, Reserved, expire_holds, hold, post_hold, void_hold};
pub use limits::{Crossing, Limits, QUESTIONS_OF_A_TICK, Standing, crossed, negative, set_limits, standing};
pub use period::{After, Ends, Holding, Moved, Movement, Turnover, bounds, ends, holdings, lines, moved, movements, turnover};
pub use post::{Leg, Posted, Reversal, TransactionId, Transfer, lock_first, post, post_against, reverse, take_back, take_first};
pub use two::post_two;
pub use verify::{Finding, verify};

use crate::base::{Fault, Money};

/// Why the ledger did not do it. All but `Fault` are refusals: nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// `available` is what the account may still give, its floor taken off.
    #[error("{account} has {} {}, not {}", available.minor, available.asset, wanted.minor)]
    Short { account: Account, available: Money, wanted: Money },
    #[error("{0} is frozen")]
    Frozen(Account),
    #[error("the key was used for something else")]
    KeyReused,
    #[error("a sum would leave the range of money")]
    Overflow,
    #[error("it is reversed already")]
    AlreadyReversed,
    /// More than was held, or more refunds than what they refund.
    #[error("more than there is to take from")]
    TooMuch,
    /// A reversal is final; a refund is not refunded.
    #[error("a reversal or a refund cannot be taken back this way")]
    Final,
    #[error("the hold is {} already", .0.code())]
    HoldResolved(HoldState),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<crate::base::Overflow> for LedgerError {
    fn from(_: crate::base::Overflow) -> Self {
        Self::Overflow
    }
}
