//! Backups of the whole shop: when the clock owes one, where it lies, and what the newest is.
//!
//! What always holds: a day's backup is owed from its hour until it is made, whoever was asleep at that hour; only files
//! of our own naming, in the shop's own folder, are ever removed, and never the newest; what is counted as the newest
//! lies on the disk. It does not know how a database is written to a file (`db::backup`), nor how people hear of it.
mod job;
mod make;
mod restored;
mod rules;
mod store;

pub use crate::db::backup::{BackupError, Header, Tool, try_out};
pub use job::BackUp;
pub use make::{folder, make, make_in, tools};
pub use restored::{Contents, contents, restore};
pub use rules::owed_since;
pub use store::{Newest, is_owed, missing, newest, record};
