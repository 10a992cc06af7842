//! The world of a story: its database, its browser, its demo.

pub mod browser;
pub mod demo;
pub mod postgres;
