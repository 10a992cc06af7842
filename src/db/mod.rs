//! How we reach the database, not what we ask it.
//!
//! Reads go to [`Db::read`], and those that take long to [`Db::read_long`]. Every write goes through [`write_tx`] (or [`write_one`], when one statement is all of it): on SQLite one writer commits together whatever waits
//! (`BEGIN IMMEDIATE`, a savepoint for each piece of work), on PostgreSQL each piece has a transaction of its own. What a
//! piece of work returned is handed back only after its commit is on disk. Work inside must never wait for anything but
//! the transaction: no provider is called there, no lock is taken.
//!
//! sea-orm gives statements, values and rows; its own driver is not used. SQLite is called in place: the driver sends each
//! statement to a thread of the connection and back, and these switches were most of what a purchase cost. PostgreSQL is
//! spoken to without waiting where its protocol does not ask for it: see `postgres`.
pub mod backup;
mod cache;
mod connect;
mod migrate;
mod moved;
mod postgres;
mod query;
mod reader;
mod seal;
mod sqlite;
mod tx;
mod writer;

pub use connect::{Db, DbKind};
pub use moved::Moved;
pub use query::{execute, exists, locking, one, places, query, scalar, submit, submit_exactly};
pub use reader::Reader;
pub use seal::{Seal, SealError};
pub use tx::{Kept, Tx, Wake, begin_in_turn, execute_lightly, execute_one, write_in_turn, write_one, write_tx};
