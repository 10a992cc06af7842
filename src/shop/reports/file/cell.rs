//! What stands in a table: its columns, and cells that a workbook and a CSV both understand.
use crate::base::{Asset, Time};
use chrono::{NaiveDateTime, TimeZone};
use chrono_tz::Tz;

/// A table of a file: a sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The sheet's name.
    pub name: String,
    /// Lines above the table, the first in bold; a CSV has none.
    pub heading: Vec<String>,
    pub fields: Vec<Field>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub title: String,
    /// In letters.
    pub width: u16,
    /// Decimals of its numbers, which come in their smallest unit; `None` for what is no number.
    pub decimals: Option<u32>,
    /// It has a sum at the end.
    pub is_summed: bool,
}

impl Field {
    pub fn text(title: impl Into<String>, width: u16) -> Self {
        Self { title: title.into(), width, decimals: None, is_summed: false }
    }

    pub fn moment(title: impl Into<String>) -> Self {
        Self::text(title, 17)
    }

    /// Whole numbers, or such with decimals.
    pub fn number(title: impl Into<String>, decimals: u32) -> Self {
        Self { decimals: Some(decimals), ..Self::text(title, 12) }
    }

    /// Money of one asset.
    pub fn money(title: impl Into<String>, asset: Asset) -> Self {
        Self { width: 16, ..Self::number(title, asset.exponent()) }
    }

    #[must_use]
    pub fn summed(self) -> Self {
        Self { is_summed: true, ..self }
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Empty,
    /// Anybody's words.
    Text(String),
    /// In the smallest unit of its column.
    Number(i64),
    Moment(Time),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Time> for Cell {
    fn from(at: Time) -> Self {
        Self::Moment(at)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// The moment on the shop's wall.
pub fn on_the_wall(at: Time, zone: Tz) -> NaiveDateTime {
    zone.timestamp_millis_opt(at.0).single().map_or_else(NaiveDateTime::default, |local| local.naive_local())
}

/// `1205` with two decimals is `12.05`; only ASCII, for machines.
pub fn decimal(value: i128, decimals: u32) -> String {
    if decimals == 0 {
        return value.to_string();
    }
    let unit = 10_u128.pow(decimals);
    let (whole, rest) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    let sign = if value < 0 { "-" } else { "" };
    let width = usize::try_from(decimals).unwrap_or_default();
    format!("{sign}{whole}.{rest:0width$}")
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn the_smallest_unit_becomes_decimals() {
        for (value, decimals, written) in
            [(1_205, 2, "12.05"), (-5, 2, "-0.05"), (7, 0, "7"), (1_250_000, 6, "1.250000"), (-100, 2, "-1.00")]
        {
            assert_eq!(decimal(value, decimals), written);
        }
    }
}
