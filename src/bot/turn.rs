//! A turn: everything that the handling of one update may need, gathered once. Screens take it by reference.
use super::group::Group;
use super::input::Input;
use super::reply::Place;
use crate::app::App;
use crate::base::format::Voice;
use crate::base::{ChatId, Lang, Time, UpdateId};
use crate::shop::accounts::{Admin, Customer, Person};
use crate::shop::settings::Settings;
use std::sync::Arc;

/// What kind of chat an update comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatKind {
    Private,
    /// The admin group of the day.
    AdminGroup,
    /// Any other group or channel: nothing is said there.
    Elsewhere,
}

/// The message under a tapped button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tapped {
    pub message: i32,
    /// It is a picture or a file, so only its caption can be edited.
    pub has_media: bool,
}

/// The message that an update is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub message: i32,
    /// When it was sent first, to the second.
    pub at: Time,
    /// Its author has changed it since.
    pub edited: bool,
}

/// Where the update happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub chat: ChatId,
    pub kind: ChatKind,
    pub thread: Option<i32>,
    /// Telegram's id of a tap, which must be answered.
    pub tap: Option<String>,
    /// The message under the tap, unless Telegram calls it too old.
    pub tapped: Option<Tapped>,
    /// The message that it is, when it is one.
    pub written: Option<Written>,
}

impl Spot {
    /// Is it a message that its author has changed?
    pub fn is_edit(&self) -> bool {
        self.written.is_some_and(|written| written.edited)
    }
}

/// Whose update it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    pub person: Person,
    pub admin: Option<Admin>,
    /// The question that is open in this chat.
    pub input: Option<Input>,
    pub lang: Lang,
}

/// One update being handled.
#[derive(Debug, Clone)]
pub struct Turn {
    pub app: App,
    pub update: UpdateId,
    pub now: Time,
    pub settings: Arc<Settings>,
    pub group: Arc<Group>,
    pub who: Who,
    pub at: Spot,
    /// The bot's own `@name` without the sign, if it is known.
    pub me: Option<Arc<str>>,
    /// Whether somebody can become an agent here.
    pub has_tiers: bool,
}

impl Turn {
    /// The person's language; in the group, the group's.
    pub fn voice(&self) -> Voice {
        let lang = if self.at.kind == ChatKind::AdminGroup { self.settings.group_lang } else { self.who.lang };
        Voice::new(lang, self.settings.zone(), self.now)
    }

    /// The proof of a customer; `None` when the person is banned.
    pub fn customer(&self) -> Option<Customer> {
        Customer::of(self.who.person.clone())
    }

    /// Where a new message of this turn goes: where it was asked.
    pub const fn place(&self) -> Place {
        Place { chat: self.at.chat, thread: self.at.thread, silent: false }
    }

    /// An id that the same update always mints again: `what` says for which purpose.
    pub fn mint(&self, what: &str) -> i64 {
        self.app.ids.mint(self.update, what)
    }
}
