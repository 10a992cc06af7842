//! Reads one table of the file key by key, and collects what is wrong instead of stopping at it.
//!
//! Always: a key that nobody asked for is a mistake. A value that is wrong gives a stand-in, which is never used: a file with
//! a mistake is refused whole.
use crate::base::Lang;
use crate::shop::catalog::Words;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use toml::{Table, Value};

/// Words of an operator: short ones stand on buttons.
pub(super) const TITLE_CHARS: usize = 32;
pub(super) const TEXT_CHARS: usize = 600;

/// A table being read, where it stands, and the mistakes so far.
pub(super) struct Reader<'m> {
    table: Table,
    place: String,
    mistakes: &'m mut Vec<String>,
}

impl<'m> Reader<'m> {
    pub fn new(table: Table, place: impl Into<String>, mistakes: &'m mut Vec<String>) -> Self {
        Self { table, place: place.into(), mistakes }
    }

    pub fn wrong(&mut self, key: &str, what: impl Display) {
        self.mistakes.push(format!("{}: {key}: {what}", self.place));
    }

    fn kind(value: &Value) -> &'static str {
        match value {
            Value::String(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number with a point",
            Value::Boolean(_) => "true or false",
            Value::Datetime(_) => "a date",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    fn misfit(&mut self, key: &str, wanted: &str, found: &Value) {
        let found = Self::kind(found);
        self.wrong(key, format!("must be {wanted}, and is {found}"));
    }

    /// A text that may be absent; blank counts as absent.
    pub fn maybe_text(&mut self, key: &str) -> Option<String> {
        match self.table.remove(key)? {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            other => {
                self.misfit(key, "a text in quotes", &other);
                None
            }
        }
    }

    pub fn text(&mut self, key: &str) -> String {
        if !self.table.contains_key(key) {
            self.wrong(key, "is missing");
            return String::new();
        }
        let there = matches!(self.table.get(key), Some(Value::String(_)));
        let text = self.maybe_text(key);
        if text.is_none() && there {
            self.wrong(key, "is empty");
        }
        text.unwrap_or_default()
    }

    /// A text of a form; its error says what the form is.
    pub fn parsed<T: FromStr>(&mut self, key: &str) -> Option<T>
    where
        T::Err: Display,
    {
        let text = self.text(key);
        if text.is_empty() {
            return None;
        }
        text.parse().map_err(|error| self.wrong(key, format!("\"{text}\": {error}"))).ok()
    }

    pub fn maybe_number(&mut self, key: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let found = self.table.remove(key)?;
        match found {
            Value::Integer(number) if range.contains(&number) => Some(number),
            Value::Integer(number) => {
                self.wrong(key, format!("{number} is outside {} to {}", range.start(), range.end()));
                None
            }
            other => {
                self.misfit(key, "a whole number without quotes", &other);
                None
            }
        }
    }

    pub fn number(&mut self, key: &str, range: RangeInclusive<i64>) -> i64 {
        if !self.table.contains_key(key) {
            self.wrong(key, "is missing");
        }
        let stand_in = *range.start();
        self.maybe_number(key, range).unwrap_or(stand_in)
    }

    /// True unless the file says `on = false`.
    pub fn is_on(&mut self) -> bool {
        match self.table.remove("on") {
            None => true,
            Some(Value::Boolean(on)) => on,
            Some(other) => {
                self.misfit("on", "true or false", &other);
                true
            }
        }
    }

    /// A list of texts; absent is empty.
    pub fn texts(&mut self, key: &str) -> Vec<String> {
        let Some(found) = self.table.remove(key) else { return Vec::new() };
        let Value::Array(items) = found else {
            self.misfit(key, "a list of texts", &found);
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::String(text) => texts.push(text),
                other => self.misfit(key, "a list of texts", &other),
            }
        }
        texts
    }

    /// A table inside this one; absent is empty.
    pub fn table(&mut self, key: &str) -> Table {
        match self.table.remove(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(other) => {
                self.misfit(key, "a table", &other);
                Table::new()
            }
        }
    }

    /// A list of tables, `[[key]]`; absent is empty.
    pub fn tables(&mut self, key: &str) -> Vec<Table> {
        let Some(found) = self.table.remove(key) else { return Vec::new() };
        let Value::Array(items) = found else {
            self.misfit(key, "written as [[...]]", &found);
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::Table(table) => tables.push(table),
                other => self.misfit(key, "written as [[...]]", &other),
            }
        }
        tables
    }

    /// Words by language: `{ en = "...", fa = "...", ru = "..." }`.
    pub fn words(&mut self, key: &str, needed: &[Lang], chars_max: usize) -> Words {
        let mut given = Vec::new();
        for (code, value) in self.table(key) {
            let Some(lang) = Lang::ALL.into_iter().find(|lang| lang.code() == code) else {
                self.wrong(key, format!("\"{code}\" is no language; write en, fa or ru"));
                continue;
            };
            let Value::String(words) = value else {
                self.misfit(key, "texts by language", &value);
                continue;
            };
            let words = words.trim().to_owned();
            let length = words.chars().count();
            if length > chars_max {
                self.wrong(key, format!("{code}: {length} characters, at most {chars_max} fit"));
            }
            if !words.is_empty() {
                given.push((lang, words));
            }
        }
        for lang in needed.iter().filter(|lang| !given.iter().any(|(has, _)| has == *lang)) {
            self.wrong(key, format!("the words in \"{lang}\" are missing"));
        }
        given.into_iter().collect()
    }

    /// Everything that was not asked for is a mistake.
    pub fn finish(self) {
        for key in self.table.keys() {
            self.mistakes.push(format!("{}: \"{key}\" is not known here; is it misspelt?", self.place));
        }
    }
}
