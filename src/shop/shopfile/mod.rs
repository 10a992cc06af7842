//! The operator's shop file: everything that is sold, where it is made, what it is paid with, and how the shop behaves.
//!
//! Always: all mistakes of a file are reported at once, each with its place; a file with a mistake changes nothing; what the
//! file says is made true in one transaction, and saying it again changes nothing; what it no longer names is switched off,
//! never deleted; what staff changed in the bot since stands until the file says something else of it; secrets are sealed, and
//! never shown. Never: reads a disk, grants roles (owners do, in the bot).
mod apply;
mod compare;
mod methods;
mod parse;
mod put_methods;
mod reader;
mod shelf;
mod tiers;

pub use apply::{apply, changes};

use crate::shop::agents::Tier;
use crate::shop::catalog::{Category, Location, Plan};
use crate::shop::panels::Wish;
use crate::shop::payments::NewMethod;
use crate::shop::settings::Settings;
use std::fmt;

/// A shop file without mistakes. The order of each list is the order in which things are shown.
#[derive(Debug, Clone)]
pub struct ShopFile {
    pub settings: Settings,
    pub categories: Vec<Category>,
    pub locations: Vec<Location>,
    pub panels: Vec<Wish>,
    pub plans: Vec<Plan>,
    pub tiers: Vec<Tier>,
    pub methods: Vec<NewMethod>,
}

impl ShopFile {
    /// Reads and checks the text of a file.
    pub fn parse(text: &str) -> Result<Self, Mistakes> {
        parse::parse(text)
    }
}

/// All that is wrong with a file, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Mistakes {}

/// One thing that differs between a file and the shop, in one readable line. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change(pub String);

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
