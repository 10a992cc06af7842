//! The sheets of a report: what is in each, and how its rows are read, a page at a time, by key.
//!
//! Always: the sums of the sheets are the numbers of the report: the orders are those whose price was taken in the period, the
//! payments those that were decided in it, the transfers all that moved in it, the agents all there are, the services all that lived in it.
mod agents;
mod orders;
mod payments;
mod services;
mod transfers;

use super::figures::CREDIT;
use super::file::{Cell, Draft, Field, Table};
use super::span::Period;
use crate::base::format::Voice;
use crate::base::{Asset, Fault, PersonId};
use crate::db::Db;
use crate::shop::catalog::{self, Catalog};
use crate::shop::payments::{Method, methods};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Rows in memory at a time.
const PAGE: u32 = 1_000;

/// A sheet of the workbook, or a CSV of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    Orders,
    Payments,
    Transfers,
    Agents,
    Services,
}

impl Sheet {
    pub const ALL: [Self; 5] = [Self::Orders, Self::Payments, Self::Transfers, Self::Agents, Self::Services];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Transfers => "transfers",
            Self::Agents => "agents",
            Self::Services => "services",
        }
    }

    /// The text with its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Orders => "report-sheet-orders",
            Self::Payments => "report-sheet-payments",
            Self::Transfers => "report-sheet-transfers",
            Self::Agents => "report-sheet-agents",
            Self::Services => "report-sheet-services",
        }
    }
}

/// What every sheet needs to be read and worded.
struct Source<'a> {
    db: &'a Db,
    voice: &'a Voice,
    asset: Asset,
    period: &'a Period,
    shelf: Arc<Catalog>,
    methods: Vec<Method>,
}

impl Source<'_> {
    fn t(&self, key: &'static str) -> &'static str {
        self.voice.t(key)
    }

    fn table(&self, sheet: Sheet, fields: Vec<Field>) -> Table {
        Table { name: self.t(sheet.key()).to_owned(), heading: Vec::new(), fields }
    }

    fn plan(&self, code: &str) -> String {
        let plan = code.parse().ok().and_then(|code| self.shelf.plan(&code));
        plan.map_or_else(|| code.to_owned(), |plan| plan.title(self.voice.lang).to_owned())
    }

    fn location(&self, plan: &str) -> String {
        let plan = plan.parse().ok().and_then(|code| self.shelf.plan(&code));
        let location = plan.and_then(|plan| self.shelf.location(&plan.location));
        location.map_or_else(String::new, |location| location.title(self.voice.lang).to_owned())
    }

    fn method(&self, code: &str) -> String {
        if code.is_empty() {
            return self.t("report-method-wallet").to_owned();
        }
        if code == CREDIT {
            return self.t("report-method-credit").to_owned();
        }
        let known = self.methods.iter().find(|method| method.code.as_str() == code);
        known.map_or_else(|| code.to_owned(), |method| method.alias.clone())
    }

    /// Who did it: the clock, or somebody by the id.
    fn actor(&self, by: PersonId) -> String {
        if by == PersonId(0) { self.t("admin-clock").to_owned() } else { by.to_string() }
    }

    /// A word of ours by its code; what has no word shows the code.
    fn word(&self, key: Option<&'static str>, code: &str) -> Cell {
        key.map_or_else(|| code.into(), |key| self.t(key).into())
    }
}

/// Writes the sheets of a period into a file.
pub async fn export(
    (db, voice): (&Db, &Voice),
    asset: Asset,
    period: &Period,
    sheets: &[Sheet],
    draft: &Draft,
) -> Result<(), Fault> {
    let (shelf, methods) = (catalog::current(db).await?, methods(db.read_long()).await?);
    let source = Source { db, voice, asset, period, shelf, methods };
    for sheet in sheets {
        match sheet {
            Sheet::Orders => orders::write(&source, draft).await?,
            Sheet::Payments => payments::write(&source, draft).await?,
            Sheet::Transfers => transfers::write(&source, draft).await?,
            Sheet::Agents => agents::write(&source, draft).await?,
            Sheet::Services => services::write(&source, draft).await?,
        }
    }
    Ok(())
}

fn is_full(rows: usize) -> bool {
    u32::try_from(rows).is_ok_and(|rows| rows >= PAGE)
}
