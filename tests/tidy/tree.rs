//! The tree of the project: what lies at the top, what no file may mention, and what the README promises.

use std::collections::BTreeSet;

use crate::source::{File, files, root};
use crate::{bites, holds, sample};

/// What the top shows; tool files are dotfiles.
const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "locales",
    "migrations",
    "assets",
    "tests",
    "scripts",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "clippy.toml",
    "rustfmt.toml",
];

/// Where packages are fetched from is a matter of who builds, not of the project.
const HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("python", "hosted"),
    concat!("npm", "js"),
    concat!("deb.", "debian"),
];

/// Folders of some machine.
const FOLDERS: &[&str] = &[concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/fa", "rm/")];

#[test]
fn the_top_shows_only_what_was_agreed() {
    holds(&top(&files()));
}

#[test]
fn a_stranger_at_the_top_is_caught() {
    bites(&top(&sample("notes/plan.md", "")), "notes");
    bites(&top(&sample("build.sh", "")), "build.sh");
    holds(&top(&sample(".config/tool.toml", "")));
    holds(&top(&sample("src/lib.rs", "")));
}

fn top(files: &[File]) -> Vec<String> {
    let entries: BTreeSet<&str> = files.iter().filter_map(|file| file.path.split('/').next()).collect();
    let strangers = entries.into_iter().filter(|entry| !entry.starts_with('.') && !TOP.contains(entry));
    strangers.map(|entry| format!("{entry}: the top shows only {TOP:?} and dotfiles; put it into one of these folders")).collect()
}

#[test]
fn nothing_names_a_machine_or_a_registry() {
    holds(&places(&files()));
}

#[test]
fn a_place_is_caught() {
    for host in HOSTS {
        bites(&places(&sample("README.md", &format!("see https://{host}/x\n"))), host);
    }
    for folder in FOLDERS {
        bites(&places(&sample("scripts/a", &format!("cd {folder}x\n"))), folder);
    }
    holds(&places(&sample("src/a.rs", &format!("get(\"https://example.org{}x\")\n", FOLDERS[1]))));
    holds(&places(&sample("Cargo.lock", HOSTS[0])));
}

fn places(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.path != "Cargo.lock") {
        for (number, line) in file.text.lines().enumerate() {
            let host = HOSTS.iter().find(|host| line.contains(**host));
            let folder = FOLDERS.iter().find(|folder| line.match_indices(**folder).any(|(at, _)| begins_path(line, at)));
            out.extend(host.or(folder).map(|found| {
                format!(
                    "{}:{}: names «{found}»; say it without the place, or take it from the environment",
                    file.path,
                    number + 1
                )
            }));
        }
    }
    out
}

/// Is this slash the first of its path? Then what stands before it is no part of a path or host.
fn begins_path(line: &str, at: usize) -> bool {
    !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || ".-_}".contains(c))
}

#[test]
fn the_documents_name_only_what_exists() {
    let tree = files();
    let runs = |path: &str| is_executable(path);
    holds(&promises(&tree, &runs));
}

#[test]
fn a_promise_of_what_is_absent_is_caught() {
    let tree = |readme: &str| {
        vec![
            File::new("README.md", readme),
            File::new("src/main.rs", "enum Command { Run, Demo { port: u16 }, LedgerVerify }\n"),
            File::new("scripts/test", ""),
        ]
    };
    let runs = |path: &str| path == "scripts/test";
    holds(&promises(
        &tree("Type `scripts/test`, then `souk run` or `cargo run --release -- demo`; `souk ledger-verify`.\n"),
        &runs,
    ));
    bites(&promises(&tree("Type `scripts/dance`.\n"), &runs), "scripts/dance");
    bites(&promises(&tree("```\nsouk fly --far\n```\n"), &runs), "souk fly");
    bites(&promises(&tree("`cargo run --release -- fly`\n"), &runs), "souk fly");
    bites(&promises(&tree("![chat](assets/none.png)\n"), &runs), "assets/none.png");
    bites(&promises(&tree("the table of `src/clock.rs`\n"), &runs), "src/clock.rs");
    holds(&promises(&tree("`src/main.rs` in `src`, `src/<slice>/rules.rs`, `locales/*/a.ftl`\n"), &runs));
    holds(&promises(&tree("souk is a shop, `souk` and `souk --help`.\n"), &runs));
}

#[cfg(unix)]
fn is_executable(path: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(root().join(path)).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

/// Commands, scripts and pictures that README.md and CONTRIBUTING.md name, and that are not there.
fn promises(files: &[File], runs: &dyn Fn(&str) -> bool) -> Vec<String> {
    let commands: String = files
        .iter()
        .filter(|file| file.path == "src/main.rs" || file.path.starts_with("src/run"))
        .map(|file| file.code.clone())
        .collect();
    let mut out = Vec::new();
    for file in files.iter().filter(|file| ["README.md", "CONTRIBUTING.md"].contains(&file.path.as_str())) {
        let spoken = code_spans(&file.text);
        for script in spoken.iter().flat_map(|span| span.split_whitespace()).filter_map(script_name) {
            if !runs(&script) {
                out.push(format!("{}: names {script}, which is absent or cannot be run", file.path));
            }
        }
        // Before the command line has its first command there is nothing to compare with.
        for verb in spoken.iter().filter_map(|span| verb(span)).filter(|_| commands.contains("enum ")) {
            if !has_variant(&commands, &verb) {
                out.push(format!("{}: names `souk {verb}`, and src/main.rs has no such command", file.path));
            }
        }
        for path in spoken.iter().filter(|span| is_path(span)) {
            if !files.iter().any(|other| other.path == *path || other.path.starts_with(&format!("{path}/"))) {
                out.push(format!("{}: names {path}, which does not exist", file.path));
            }
        }
        for target in file.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let local = !target.contains("://") && !target.starts_with('#');
            if local && !files.iter().any(|other| other.path == target) && !root().join(target).exists() {
                out.push(format!("{}: links to {target}, which does not exist", file.path));
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

/// What stands in backticks or in a fenced block, line by line.
fn code_spans(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            out.push(line.trim().to_owned());
        } else {
            out.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    out
}

/// A whole span that is a place in the tree; `<vendor>` and `*` stand for many.
fn is_path(span: &str) -> bool {
    let plain = span.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    plain
        && !span.starts_with("scripts")
        && (span == ".env.example" || TOP.iter().any(|top| span == *top || span.starts_with(&format!("{top}/"))))
}

fn script_name(word: &str) -> Option<String> {
    let at = word.find("scripts/")?;
    let name: String = word[at + 8..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect();
    (!name.is_empty()).then(|| format!("scripts/{name}"))
}

/// The word after `souk`, or after `cargo run ... --`.
fn verb(span: &str) -> Option<String> {
    let words: Vec<&str> = span.split_whitespace().collect();
    let at = if words.starts_with(&["cargo", "run"]) {
        words.iter().position(|word| *word == "--")?
    } else {
        words.iter().position(|word| *word == "souk" || word.ends_with("/souk"))?
    };
    let verb: String = words.get(at + 1)?.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
    (!verb.is_empty() && !verb.starts_with('-')).then_some(verb)
}

/// `ledger-verify` is the variant `LedgerVerify` of a clap enum.
fn has_variant(code: &str, verb: &str) -> bool {
    let capital = |part: &str| {
        part.chars().next().map(|c| c.to_ascii_uppercase()).into_iter().chain(part.chars().skip(1)).collect::<String>()
    };
    let variant: String = verb.split('-').map(capital).collect();
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == variant)
}
