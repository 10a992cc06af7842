//! HTTP from outside: Telegram's webhook, the import page, health, metrics. Other doors are merged into the same router by `run::serve`.
//!
//! What always holds: a webhook is answered 200 only when its update is on disk; who does not know the secret learns nothing.
mod health;
mod open;
mod serve;
mod telegram;

pub use health::{Check, Checks, health};
pub use open::open;
pub use serve::{nothing_here, serve};
pub use telegram::{Hook, telegram, webhook_path};
