//! The code and the locales agree: no text that nobody uses, no use of a text that is not there, and the arguments that a
//! text takes are those that it is given.
//!
//! A use is a string literal of shipping code that is a key, or that begins one: `"guide-{app}"` uses every `guide-...`.
//! The first literal inside `t(...)`, `t_args(...)` or `label(...)` must be a key, and so must each literal of `src/bot` that begins
//! as keys do (`shop-...`): a table of keys is held like a call.

use std::collections::{BTreeMap, BTreeSet};

use crate::locales::{Locales, read, sample};
use crate::source::{File, files};
use crate::{bites, holds};

/// Functions and types that take a key.
const TAKERS: &[&str] = &["t", "t_args", "label"];

#[test]
fn texts_and_code_agree() {
    holds(&complaints(&read().0, &files()));
}

#[test]
fn a_text_nobody_uses_is_caught() {
    let (locales, code) = (sample(&[("locales/en/a.ftl", "a-b = B\n")]), |text: &str| vec![File::new("src/bot/a.rs", text)]);
    bites(&complaints(&locales, &code("fn a() {}")), "nobody uses a-b");
    bites(&complaints(&locales, &code("#[cfg(test)]\nmod tests { fn a() { t(lang, \"a-b\"); } }")), "nobody uses a-b");
    bites(&complaints(&locales, &code("// t(lang, \"a-b\")\n")), "nobody uses a-b");
    for good in ["fn a() { t(lang, \"a-b\"); }", "fn a() -> &'static str { \"a-b\" }", "fn a() { has(&format!(\"a-{code}\")); }"]
    {
        holds(&complaints(&locales, &code(good)));
    }
}

#[test]
fn a_use_of_what_is_not_there_is_caught() {
    let locales = sample(&[("locales/en/a.ftl", "a-b = { $n } of { $m }\na-c = C\n")]);
    let code = |text: &str| vec![File::new("src/bot/a.rs", &format!("const USED: [&str; 2] = [\"a-b\", \"a-c\"];\n{text}"))];
    bites(&complaints(&locales, &code("fn a() { t(lang, \"a-none\"); }")), "src/bot/a.rs:2");
    bites(&complaints(&locales, &code("fn a() { t_args(\n lang,\n \"none\", &args![]); }")), "none");
    bites(&complaints(&locales, &code("fn a() { has(&format!(\"b-{code}\")); t(lang, format!(\"b-{c}\")); }")), "b-");
    bites(&complaints(&locales, &code("const TABLE: [&str; 1] = [\"a-none\"];")), "a-none");
    holds(&complaints(&locales, &code("const TABLE: [&str; 1] = [\"z-none\"];")));
    bites(&complaints(&locales, &code("fn a() { t_args(lang, \"a-b\", &args![\"n\" => 1]); }")), "is given {\"n\"}");
    bites(&complaints(&locales, &code("fn a() { t_args(lang, \"a-b\", &args![\"n\" => 1, \"m\" => 2, \"o\" => 3]); }")), "\"o\"");
    bites(&complaints(&locales, &code("fn a() { t(lang, \"a-b\"); }")), "t_args");
    holds(&complaints(
        &locales,
        &code("fn a() { t_args(lang, \"a-b\", &args![\"n\" => t(lang, \"a-c\"), \"m\" => x(2)]); start(1, \"no\"); }"),
    ));
    holds(&complaints(&sample(&[]), &code("fn a() { t(lang, \"a-none\"); }")));
}

/// From the first text on; before it there is nothing to agree with.
fn complaints(locales: &Locales, files: &[File]) -> Vec<String> {
    let texts: BTreeMap<&str, &BTreeSet<String>> =
        locales.values().flatten().map(|text| (text.key.as_str(), &text.args)).collect();
    if texts.is_empty() {
        return Vec::new();
    }
    let code: Vec<&File> = files.iter().filter(|file| file.ships()).collect();
    let mut out: Vec<String> = code.iter().flat_map(|file| wrong_uses(file, &texts)).collect();
    out.extend(code.iter().flat_map(|file| strange_keys(file, &texts)));
    out.sort();
    out.dedup();
    let literals: BTreeSet<&str> = code.iter().flat_map(|file| &file.strings).map(|(_, held)| held.as_str()).collect();
    let begins: Vec<&str> = literals.iter().filter_map(|held| beginning(held)).collect();
    let referred: BTreeSet<&str> = texts.keys().filter_map(|key| key.split_once('.')).map(|(key, _)| key).collect();
    let parts: BTreeSet<&str> = locales.values().flatten().flat_map(|text| &text.parts).map(String::as_str).collect();
    for key in texts.keys().filter(|key| !referred.contains(*key) && !parts.contains(*key)) {
        let bare = key.split('.').next().unwrap_or(key);
        if !literals.contains(key) && !literals.contains(bare) && !begins.iter().any(|begin| key.starts_with(begin)) {
            out.push(format!("nobody uses {key}; take it out of every language"));
        }
    }
    out
}

/// `"guide-{app}"` begins keys with `guide-`.
fn beginning(held: &str) -> Option<&str> {
    let (begin, _) = held.split_once('{')?;
    let kebab = begin.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (kebab && begin.ends_with('-') && begin.len() > 1).then_some(begin)
}

/// Literals of a screen that begin as keys do, and are none.
fn strange_keys(file: &File, texts: &BTreeMap<&str, &BTreeSet<String>>) -> Vec<String> {
    let family = |key: &str| key.split_once('-').map(|(family, _)| family.to_owned());
    let families: BTreeSet<String> = texts.keys().filter_map(|key| family(key)).collect();
    let is_kebab =
        |held: &str| held.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') && !held.ends_with('-');
    let screens = file.strings.iter().filter(|_| file.path.starts_with("src/bot/"));
    let strange = screens.filter(|(_, held)| is_kebab(held) && family(held).is_some_and(|family| families.contains(&family)));
    let absent = strange.filter(|(_, held)| !texts.contains_key(held.as_str()));
    absent.map(|(at, held)| format!("{}:{}: no text «{held}»; add it to every language", file.path, file.line_of(*at))).collect()
}

fn wrong_uses(file: &File, texts: &BTreeMap<&str, &BTreeSet<String>>) -> Vec<String> {
    let mut out = Vec::new();
    for taker in TAKERS {
        for (at, _) in file.code.match_indices(&format!("{taker}(")) {
            let before = file.code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') || file.code[..at].ends_with("fn ") {
                continue;
            }
            let call = Call::read(file, at + taker.len());
            let Some(key) = call.key else { continue };
            let place = format!("{}:{}", file.path, file.line_of(at));
            match (texts.get(key), beginning(key)) {
                (None, Some(begin)) if texts.keys().any(|key| key.starts_with(begin)) => {}
                (None, _) => out.push(format!("{place}: no text «{key}»; add it to every language")),
                (Some(takes), _) if *taker == "t" && !takes.is_empty() => {
                    out.push(format!("{place}: {key} takes {takes:?}; use t_args"));
                }
                (Some(takes), _) => {
                    if let Some(given) = call.given.filter(|given| given != *takes) {
                        out.push(format!("{place}: {key} takes {takes:?} and is given {given:?}"));
                    }
                }
            }
        }
    }
    out
}

/// What stands between the brackets of a call.
struct Call<'a> {
    /// The first literal that is an argument itself, or the text of a `format!` that is.
    key: Option<&'a str>,
    /// The names in `args![...]`, when it stands in the call.
    given: Option<BTreeSet<String>>,
}

impl<'a> Call<'a> {
    fn read(file: &'a File, open: usize) -> Self {
        let end = closing(&file.code, open);
        let inside: Vec<&(usize, String)> = file.strings.iter().filter(|(at, _)| (open..end).contains(at)).collect();
        let first = inside.first().filter(|(at, _)| {
            let depth = depth(&file.code, open, *at);
            depth == 1 || (depth == 2 && file.code[open..*at].ends_with("format!("))
        });
        let list = file.code[open..end].find("args![").map(|at| open + at + "args!".len());
        let given = list.map(|list| {
            let stop = closing(&file.code, list);
            let own = |at: usize| (list..stop).contains(&at) && depth(&file.code, list, at) == 1;
            let named = |at: usize, held: &str| file.code[at + held.len() + 2..].trim_start().starts_with("=>");
            inside.iter().filter(|(at, held)| own(*at) && named(*at, held)).map(|(_, held)| held.clone()).collect()
        });
        Self { key: first.map(|(_, held)| held.as_str()), given }
    }
}

/// Where the bracket that opens at `open` is closed.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

fn depth(code: &str, open: usize, at: usize) -> i32 {
    code[open..at]
        .bytes()
        .map(|byte| match byte {
            b'(' | b'[' | b'{' => 1,
            b')' | b']' | b'}' => -1,
            _ => 0,
        })
        .sum()
}
