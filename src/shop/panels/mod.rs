//! Which panels we have: how each is reached, whether it takes new accounts, and how it is.
//!
//! Always: credentials lie sealed; an alarm about a panel is raised once when it is lost and once when it is back, whoever
//! noticed. Never: speaks with a panel (jobs do), knows what lies on it.
mod choice;
mod client;
mod failures;
mod health;
mod state;
mod store;

pub use crate::providers::http::{DownKind, ProviderError};
pub use crate::providers::panel::{
    Account, AccountName, AccountSpec, AccountState, Deleted, Panel as PanelClient, PanelKind, Wanted,
};
pub use crate::shop::catalog::PanelCode;
pub use choice::{choose, choose_for};
pub use client::{client_of, connected};
pub use failures::{count_failure, failures};
pub use health::{Outcome, Turn, note_health};
pub use state::{Health, Intake};
pub use store::{Panel, Secrets, Wish, all, config_of, get, lately, put, secrets_of, switch_off};
