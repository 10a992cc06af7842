//! The shape of the code: lengths, module docs, names of modules, and comments that are no comments.

use crate::source::{File, end_of_item, files};
use crate::{bites, holds, sample};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const DOC_WORDS_MIN: usize = 3;

/// A module is named by the thing it owns; these say nothing.
const EMPTY_NAMES: &[&str] =
    &["utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "data", "info", "shared", "stuff"];

/// Marks of work left undone.
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

#[test]
fn files_are_short() {
    holds(&long_files(&files()));
}

#[test]
fn a_long_file_is_caught_and_its_tests_do_not_count() {
    let long = "fn a() {}\n".repeat(FILE_LINES_MAX + 1);
    bites(&long_files(&sample("src/base/a.rs", &long)), "401 lines");
    let tested = format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
    holds(&long_files(&sample("src/base/a.rs", &tested)));
}

fn long_files(files: &[File]) -> Vec<String> {
    let length = |file: &File| file.text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
    let long = files.iter().filter(|file| file.ships()).map(|file| (&file.path, length(file)));
    long.filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .map(|(path, lines)| {
            format!("{path}: {lines} lines without tests, at most {FILE_LINES_MAX}; split it by what it owns, one thing a file")
        })
        .collect()
}

#[test]
fn functions_are_short() {
    holds(&long_functions(&files()));
}

#[test]
fn a_long_function_is_caught_and_comments_do_not_count() {
    let body = "    step();\n".repeat(FUNCTION_LINES_MAX - 1);
    holds(&long_functions(&sample("src/base/a.rs", &format!("fn a() {{\n{body}}}\n"))));
    bites(&long_functions(&sample("src/base/a.rs", &format!("fn a() {{\n{body}    b();\n}}\n"))), "fn a");
    let spoken = "    // Why.\n\n".repeat(FUNCTION_LINES_MAX);
    holds(&long_functions(&sample("src/base/a.rs", &format!("fn a() {{\n{spoken}}}\n"))));
}

fn long_functions(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.ships()) {
        for (at, _) in file.code.match_indices("fn ") {
            let starts = at == 0 || file.code[..at].ends_with(|c: char| c.is_whitespace() || c == ')');
            let name: String = file.code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !starts || name.is_empty() {
                continue;
            }
            let end = end_of_item(file.code.as_bytes(), at);
            let lines = file.code[at..end].lines().filter(|line| !line.trim().is_empty()).count();
            if lines > FUNCTION_LINES_MAX + 1 {
                out.push(format!(
                    "{}:{}: fn {name} has {lines} lines, at most {FUNCTION_LINES_MAX}; give each step (load, decide, write) its own name",
                    file.path,
                    file.line_of(at)
                ));
            }
        }
    }
    out
}

#[test]
fn every_module_says_what_it_owns() {
    holds(&silent_modules(&files()));
}

#[test]
fn a_silent_module_is_caught() {
    bites(&silent_modules(&sample("src/base/a.rs", "use std::fmt;\n")), "//!");
    bites(&silent_modules(&sample("src/base/a.rs", "//! Money.\nfn a() {}\n")), "//!");
    holds(&silent_modules(&sample("src/base/a.rs", "//! Money in the smallest unit, added with care.\nfn a() {}\n")));
}

fn silent_modules(files: &[File]) -> Vec<String> {
    let words = |file: &File| {
        let doc = file.text.lines().skip_while(|line| line.trim().is_empty()).map_while(|line| line.strip_prefix("//!"));
        doc.flat_map(str::split_whitespace).count()
    };
    let silent = files.iter().filter(|file| file.is_rust() && words(file) < DOC_WORDS_MIN);
    silent
        .map(|file| {
            format!("{}: begin it with `//!`: what it owns, what must always hold, what it deliberately does not do", file.path)
        })
        .collect()
}

#[test]
fn modules_are_named_by_what_they_own() {
    holds(&empty_names(&files()));
}

#[test]
fn an_empty_name_is_caught() {
    bites(&empty_names(&sample("src/bot/utils.rs", "")), "utils");
    bites(&empty_names(&sample("src/shop/common/mod.rs", "")), "common");
    bites(&empty_names(&sample("src/bot/kit.rs", "mod helpers {\n}\n")), "helpers");
    holds(&empty_names(&sample("src/bot/kit.rs", "mod rows;\n")));
}

fn empty_names(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let parts = file.path.trim_end_matches(".rs").split('/');
        let inline = file.code.split("mod ").skip(1).map(|rest| rest.split([' ', ';', '{']).next().unwrap_or_default());
        for name in parts.chain(inline).filter(|name| EMPTY_NAMES.contains(name)) {
            out.push(format!("{}: `{name}` names nothing; name the module by the thing it owns", file.path));
        }
    }
    out
}

#[test]
fn nothing_is_left_for_later() {
    holds(&marks(&files()));
}

#[test]
fn a_mark_is_caught() {
    for mark in MARKS {
        bites(&marks(&sample("src/base/a.rs", &format!("// {mark}: later\n"))), mark);
        bites(&marks(&sample("scripts/a", &format!("# {mark} later\n"))), mark);
    }
    holds(&marks(&sample("src/base/a.rs", &format!("const {}LIST: u8 = 1;\n", MARKS[0]))));
}

fn marks(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| !["LICENSE", "Cargo.lock"].contains(&file.path.as_str())) {
        for (number, line) in file.text.lines().enumerate() {
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for mark in words.filter(|word| MARKS.contains(word)) {
                out.push(format!(
                    "{}:{}: {mark}: do it now, or open an issue and say here what holds today",
                    file.path,
                    number + 1
                ));
            }
        }
    }
    out
}

#[test]
fn stories_wait_for_nothing_and_skip_nothing() {
    holds(&idle_tests(&files()));
}

#[test]
fn an_idle_test_is_caught() {
    bites(&idle_tests(&sample("src/sim/tests/a.rs", "async fn a() { tokio::time::sleep(second).await; }\n")), "sleep");
    bites(&idle_tests(&sample("src/base/a.rs", "fn a() { std::thread::sleep(second); }\n")), "sleep");
    bites(&idle_tests(&sample("tests/it/a.rs", "#[ignore = \"slow\"]\nfn a() {}\n")), "ignore");
    holds(&idle_tests(&sample("src/sim/a.rs", "async fn a() { tokio::time::sleep(second).await; }\n")));
    holds(&idle_tests(&sample("tests/load/a.rs", "async fn a() { tokio::time::sleep(second).await; }\n")));
    bites(&idle_tests(&sample("tests/load/a.rs", "#[ignore]\nfn a() {}\n")), "ignore");
}

/// A test that sleeps is slow when it passes and fails when the machine is slow; one that is ignored holds nothing. The
/// drivers of bench and crash are no tests: they live in real time, where kills and paces happen.
fn idle_tests(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let is_story = file.is_test() && !file.path.starts_with("tests/load/");
        let idle = [("time::sleep(", is_story), ("thread::sleep(", true), ("#[ignore", true)];
        for (word, _) in idle.iter().filter(|(_, banned)| *banned) {
            for (at, _) in file.code.match_indices(word) {
                out.push(format!(
                    "{}:{}: «{word}»: move the story's clock, or wait for the thing itself; a test is never skipped",
                    file.path,
                    file.line_of(at)
                ));
            }
        }
    }
    out
}

#[test]
fn no_code_sleeps_in_comments() {
    holds(&sleeping_code(&files()));
}

#[test]
fn sleeping_code_is_caught() {
    for line in ["let a = b;", "return Ok(());", "}", "if a > 0 {", "use crate::base::Money;", "store::insert(tx, row).await?;"] {
        bites(&sleeping_code(&sample("src/base/a.rs", &format!("fn a() {{}}\n// {line}\n"))), line);
    }
    let prose = "// The lease ends here (see the table above); another worker takes the row.\n// let it be known:\nlet a = \"// let b = c;\";\n";
    holds(&sleeping_code(&sample("src/base/a.rs", prose)));
    holds(&sleeping_code(&sample("src/base/a.rs", "/// let a = b;\n//! use this;\n")));
}

fn sleeping_code(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        for (number, line) in file.text.lines().enumerate() {
            let Some(said) = line.trim_start().strip_prefix("//") else { continue };
            if !said.starts_with(['/', '!']) && looks_like_code(said.trim()) {
                out.push(format!("{}:{}: commented-out code, delete it (git remembers): {}", file.path, number + 1, said.trim()));
            }
        }
    }
    out
}

fn looks_like_code(said: &str) -> bool {
    let keyword = ["let ", "use ", "pub ", "fn ", "return", "match ", "if ", "for ", "impl ", "struct ", "enum ", "mod "];
    let starts = keyword.iter().any(|word| said.starts_with(word));
    let call = |end: &str| said.ends_with(end) && !said[..said.len() - end.len()].contains(". ") && called(said);
    matches!(said, "}" | "};" | "})" | "});" | ")" | ");")
        || (starts && (said.ends_with(';') || said.ends_with('{')))
        || said.ends_with("=> {")
        || [");", ")?;", ".await;", ".await?;"].iter().any(|end| call(end))
}

/// Is there a name with an opening bracket right after it?
fn called(said: &str) -> bool {
    said.match_indices('(').any(|(at, _)| said[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '!'))
}
