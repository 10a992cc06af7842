//! The durable edges: what came in (`inbox`), what must be done (`jobs`, `clock`), what goes out unasked (`outbox`).
//!
//! What always holds: an update, a job or a notice is a row before anybody is told that it was taken; a row is held by
//! one process at a time, by a lease that dies with it; whatever was held by a dead process is taken again. So
//! everything here may happen twice, and nothing is lost. It knows neither Telegram's types nor the shop's.
mod alarm;
pub mod clock;
mod failures;
mod gather;
pub mod inbox;
pub mod jobs;
mod lease;
pub mod outbox;
mod owner;
mod prune;
mod sql;

pub use alarm::{Alarm, AlarmHook, log_alarms};
pub use failures::failures;
pub use lease::Lease;
pub use owner::{Owner, reap};
pub use prune::{Pruned, prune};
pub use tokio_util::sync::CancellationToken;

use std::time::Duration;

/// How long what is in hand may take once we were told to stop; then its row is given back.
pub const STOP_GRACE: Duration = Duration::from_secs(2);
