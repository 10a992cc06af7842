//! People: who they are, their language, bans, roles, open dialogues; and the audit log of what admins did.
//!
//! This slice alone makes the proofs [`Customer`] and [`Admin`]: a verb that takes one cannot be called for somebody
//! who is banned, or who holds no role. The clock's own proof, [`Admin::clock`], anybody can make. A person's row is written when he first comes, and when something about him
//! changes; a tap on a menu writes nothing.
mod audit;
pub mod dialogue;
mod gather;
mod known;
mod role;
mod store;

pub use audit::{Deed, Line, audit, audit_of, refused_since};
pub use gather::visitor;
pub use known::{Hello, ban, blocked, greet, know, receipt_taken_back, receipt_was, set_lang, unban, unblocked};
pub use role::{Admin, Right, Role, grant, revoke, staff};
pub(super) use store::{COLUMNS, PersonRow};
pub use store::{Visitor, admin, find, person, persons};

use crate::base::{Fault, Lang, PersonId, Time};
use std::ops::Deref;

/// A person as we know him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    /// Telegram's `@name`, without the sign.
    pub username: Option<String>,
    /// What he chose; `None` before.
    pub lang: Option<Lang>,
    /// Why he is banned, when he is.
    pub banned: Option<String>,
    /// Since when he has blocked the bot.
    pub blocked_at: Option<Time>,
    pub receipts_good: i64,
    pub receipts_bad: i64,
    pub first_seen: Time,
}

/// Proof of a person who may buy: known, and not banned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer(Person);

impl Customer {
    /// The proof, unless the person is banned.
    pub fn of(person: Person) -> Option<Self> {
        person.banned.is_none().then_some(Self(person))
    }
}

impl Deref for Customer {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

/// Why an act on a person was not done.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    #[error("nobody of that id is known")]
    Unknown,
    #[error("the role does not allow it")]
    NotAllowed,
    /// Whoever holds a role by a row cannot be banned, and an owner named by the environment keeps the role.
    #[error("this person is staff")]
    Staff,
    #[error("it is so already")]
    Already,
    #[error(transparent)]
    Fault(#[from] Fault),
}
