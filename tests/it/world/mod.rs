//! The world of a story: its database, its browser.

pub mod browser;
pub mod postgres;
