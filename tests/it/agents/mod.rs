//! Agents on both databases: how one becomes one, sells on credit, is stopped when it is used up, and comes back.
mod account;
mod agency;
pub mod chat;
mod clock;
mod closing;
mod credit;
mod deleting;
mod harness;
mod margin;
mod plans;
mod selling;
mod staff;
pub mod stand;
