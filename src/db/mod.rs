//! How we reach the database, not what we ask it.
//!
//! Reads go to [`Db::read`]. Every write goes through [`write_tx`]: on SQLite one writer commits together whatever waits
//! (`BEGIN IMMEDIATE`, a savepoint for each piece of work), on PostgreSQL each piece has a transaction of its own. What a
//! piece of work returned is handed back only after its commit is on disk. Work inside must never wait for anything but
//! the transaction: no provider is called there, no lock is taken.
pub mod backup;
mod cache;
mod connect;
mod moved;
mod query;
mod seal;
mod tx;
mod writer;

pub use connect::{Db, DbKind};
pub use moved::Moved;
pub use query::{execute, one, query, scalar};
pub use seal::{Seal, SealError};
pub use tx::{Tx, Wake, write_tx};
