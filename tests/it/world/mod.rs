//! The world of a story: its database, its shop, its people, its browser, its demo.
//!
//! [`world`] plays a story on both databases; see `shop` for what it holds and `ending` for what it demands at the end.

pub mod actor;
pub mod browser;
pub mod commits;
pub mod demo;
pub mod disagreements;
pub mod ending;
pub mod facts;
pub mod pictures;
pub mod postgres;
pub mod proofs;
pub mod shop;
pub mod shopping;

pub use shop::world;
