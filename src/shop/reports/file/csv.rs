//! A CSV: UTF-8 with the mark by which Excel knows it, commas, and lines that end as RFC 4180 says.
//!
//! Always: nothing that a person wrote is read as a formula: a text that begins as one gets an apostrophe before it.
use super::cell::{Cell, Table, decimal, on_the_wall};
use crate::base::Fault;
use crate::base::format::Voice;
use chrono_tz::Tz;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// UTF-8's byte order mark.
const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

pub struct Csv {
    out: BufWriter<File>,
    zone: Tz,
    decimals: Vec<Option<u32>>,
}

impl Csv {
    pub fn open(path: &Path, voice: &Voice) -> Result<Self, Fault> {
        let mut out = BufWriter::new(File::create(path)?);
        out.write_all(MARK)?;
        Ok(Self { out, zone: voice.zone, decimals: Vec::new() })
    }

    pub fn table(&mut self, table: &Table) -> Result<(), Fault> {
        self.decimals = table.fields.iter().map(|field| field.decimals).collect();
        self.line(table.fields.iter().map(|field| quoted(&field.title)))
    }

    pub fn row(&mut self, cells: &[Cell]) -> Result<(), Fault> {
        let decimals = self.decimals.clone();
        let written = cells.iter().zip(decimals).map(|(cell, decimals)| match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => quoted(&harmless(text)),
            Cell::Number(value) => decimal((*value).into(), decimals.unwrap_or_default()),
            Cell::Moment(at) => on_the_wall(*at, self.zone).format("%Y-%m-%d %H:%M:%S").to_string(),
        });
        let written: Vec<String> = written.collect();
        self.line(written.into_iter())
    }

    fn line(&mut self, cells: impl Iterator<Item = String>) -> Result<(), Fault> {
        for (place, cell) in cells.enumerate() {
            if place > 0 {
                self.out.write_all(b",")?;
            }
            self.out.write_all(cell.as_bytes())?;
        }
        Ok(self.out.write_all(b"\r\n")?)
    }

    pub fn close(mut self) -> Result<(), Fault> {
        Ok(self.out.flush()?)
    }
}

/// A spreadsheet takes what begins so for a formula, even behind spaces.
fn harmless(text: &str) -> String {
    let begins = text.trim_start_matches(' ').chars().next();
    let is_formula = matches!(begins, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'));
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r', ';']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{harmless, quoted};

    #[test]
    fn what_people_write_is_no_formula() {
        for (text, written) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+98912", "'+98912"),
            ("-1+1", "'-1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            (" =1", "' =1"),
            ("Sara", "Sara"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), written);
        }
    }

    #[test]
    fn what_would_break_a_line_is_quoted() {
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(quoted("two\nlines"), "\"two\nlines\"");
        assert_eq!(quoted("سارا"), "سارا");
    }
}
