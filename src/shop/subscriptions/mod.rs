//! The service a customer owns: what was promised (until when, how much traffic), where it is made, and how far it got.
//!
//! Always: what we want on the panel is absolute (`until`, `traffic_bytes`, enabled or not) and numbered by `revision`; the
//! job [`Provision`] is queued in the transaction that changes it, and `applied` is the revision that the panel last confirmed.
//! A service that waits for its panel loses no time: the wait is given back. An account is ours by its note, and is named
//! before the panel is asked, so that asking twice makes one. Never: speaks with a panel, knows money or orders.
mod change;
mod create;
mod delivery;
mod ending;
mod job;
mod reason;
mod reminders;
mod resold;
mod restore;
mod rules;
mod service;
mod shorten;
mod state;
mod store;
mod usage;

pub use change::{ChangeError, delete, disable, enable, extend, lost, make_full, move_to};
pub use create::{New, create, make};
pub use delivery::{Applied, Confirmed, SealedLink, give_back_waiting, revision_applied, seal_link};
pub use ending::{Ending, end, end_due, trials_to_clean};
pub use job::{Provision, RemoveAccount, provision_soon};
pub use reason::Reason;
pub use reminders::{due as reminders_due, remind};
pub use resold::{
    Shelf, add_traffic, any_works, cut_off, find_of_agent, get_of_agent, of_agent, pause, preview_traffic, relabel, resume,
    revoke_link, stay_off, switch_on, take_over,
};
pub use restore::{Before, locked, locked_of, restore};
pub use rules::{Terms, is_still_due, preview_extend, preview_shorten};
pub use service::Subscription;
#[cfg(test)]
pub(crate) use service::sample;
pub use shorten::shorten;
pub use state::{Kind, OffFor, State, Step};
pub use store::{by_account, by_token, get, get_for, of_person, of_person_or_agent, pending_since};
pub use usage::{Noted, Pace, Seen, due_for_sync, look_later, note_usage};

/// How a tick asks what is due: a moment as `$1`, how many as `$2`, and the first one a panel as `$3`. Each must be answered
/// by an index alone, whatever the number of services.
pub const QUESTIONS_OF_A_TICK: [&str; 5] =
    [usage::TO_LOOK_AT, reminders::TO_CHECK, ending::OVER, ending::OLD_TRIALS, store::WAITING];
