//! What is read from a database has a type that both databases keep: on SQLite a column read as another is silently absent.

use crate::source::{File, files};
use crate::{bites, holds, sample};

/// What a column may be read as; an [`Option`] of it, where it may be empty. Ids and moments are integers with a name.
const KEPT: &[&str] = &["i64", "String", "Vec<u8>", "Time"];

#[test]
fn columns_are_read_as_what_both_databases_keep() {
    holds(&rows(&files()));
}

#[test]
fn a_column_read_as_another_type_is_caught() {
    let row = |field: &str| format!("#[derive(Debug, FromQueryResult)]\nstruct Row {{\n    id: i64,\n    {field},\n}}\n");
    bites(&rows(&sample("src/shop/x.rs", &row("pub(super) is_on: bool"))), "src/shop/x.rs:4");
    bites(&rows(&sample("src/shop/x.rs", &row("rate: Option<f64>"))), "f64");
    bites(&rows(&sample("src/shop/x.rs", "fn a() { db::scalar::<i32>(tx, sql).await }\n")), "i32");
    holds(&rows(&sample("src/shop/x.rs", &row("pub hash: Option<Vec<u8>>"))));
    holds(&rows(&sample("src/shop/x.rs", &row("#[sea_orm(nested)]\n    promised: promised::Row"))));
    holds(&rows(&sample("src/shop/x.rs", &row("#[sea_orm(nested(prefix = \"o_\"))]\n    order: Option<store::Row>"))));
    holds(&rows(&sample("src/shop/x.rs", "fn a() { scalar::<Option<String>>(tx, sql).await }\nstruct Row { on: bool }\n")));
}

fn rows(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.ships()) {
        for (at, read) in fields(&file.code).into_iter().chain(scalars(&file.code)) {
            let bare = read.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(read);
            if !KEPT.contains(&bare) && !bare.ends_with("Id") {
                out.push(format!(
                    "{}:{}: a column is read as `{read}`; read i64, String, Vec<u8>, Time or an id, and make of it what it is",
                    file.path,
                    file.line_of(at)
                ));
            }
        }
    }
    out
}

/// The types of the fields of every row, with where they stand.
fn fields(code: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    for (derive, _) in code.match_indices("FromQueryResult").filter(|(at, _)| is_derived(&code[..*at])) {
        let Some(open) = code[derive..].find('{').map(|open| derive + open + 1) else { continue };
        let Some(close) = code[open..].find('}').map(|close| open + close) else { continue };
        let (mut at, mut is_row) = (open, false);
        for line in code[open..close].split_inclusive('\n') {
            if let Some((_, read)) = line.rsplit_once(": ").filter(|_| !is_row) {
                out.push((at, read.trim_end().trim_end_matches(',')));
            }
            is_row = line.contains("(nested)") || line.contains("(nested(prefix");
            at += line.len();
        }
    }
    out
}

fn is_derived(before: &str) -> bool {
    before.rfind("#[derive(").is_some_and(|derive| !before[derive..].contains(']'))
}

/// The types of the single values asked for.
fn scalars(code: &str) -> Vec<(usize, &str)> {
    let asked = code.match_indices("scalar::<");
    asked.filter_map(|(at, name)| code[at + name.len()..].split(">(").next().map(|read| (at, read))).collect()
}
