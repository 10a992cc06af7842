//! Dependencies: their licences, and crates that must not come in, not even through others.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::source::root;
use crate::{bites, holds};

/// Licences that may be part of a program under this project's own.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// A second TLS library means a C toolchain at build time and two sets of trusted roots.
const BANNED: &[(&str, &str)] = &[
    ("openssl-sys", "TLS is rustls with ring; switch the dependency to its rustls feature"),
    ("native-tls", "TLS is rustls with ring; switch the dependency to its rustls feature"),
    ("aws-lc-sys", "the crypto provider is ring; switch default features off"),
    ("protoc-bin-vendored", "generated code is checked in"),
];

/// One copy each: a second one is a second database driver in the same process.
const SINGLE: &[&str] = &["sqlx", "sqlx-core", "libsqlite3-sys", "sea-orm", "rustls", "ring", "teloxide", "tokio"];

#[test]
fn licences_are_allowed() {
    holds(&licences(&metadata()));
}

#[test]
fn a_foreign_licence_is_caught() {
    let package = |licence: Value| serde_json::json!({"packages": [{"id": "a", "name": "a", "version": "1.0.0", "source": "registry", "license": licence}], "resolve": {"nodes": [{"id": "a"}]}});
    bites(&licences(&package("GPL-2.0-only".into())), "GPL-2.0-only");
    bites(&licences(&package("MIT AND SSPL-1.0".into())), "SSPL");
    bites(&licences(&package(Value::Null)), "no licence");
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-2.0-only OR Apache-2.0",
        "(MIT OR SSPL-1.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR SSPL-1.0",
    ] {
        holds(&licences(&package(good.into())));
    }
}

fn licences(metadata: &Value) -> Vec<String> {
    let mut out = Vec::new();
    for package in built(metadata).filter(|package| !package["source"].is_null()) {
        let name = format!("{} {}", text(package, "name"), text(package, "version"));
        match package["license"].as_str() {
            None => out.push(format!("{name} states no licence; use another crate")),
            Some(licence) if !allowed(licence) => {
                out.push(format!("{name} is under {licence}; use another crate, or allow the licence here with its reason"));
            }
            Some(_) => {}
        }
    }
    out
}

/// An expression of names, AND, OR, WITH and brackets; the old `A/B` means `A OR B`.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any_of(&words, &mut at) && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize) -> bool {
    let mut good = all_of(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        good |= all_of(words, at);
    }
    good
}

fn all_of(words: &[&str], at: &mut usize) -> bool {
    let mut good = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        good &= one(words, at);
    }
    good
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let good = any_of(words, at);
        *at += 1;
        return good;
    }
    let mut name = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    LICENCES.contains(&name.as_str())
}

#[test]
fn versions_are_stated() {
    holds(&loose(&metadata()));
}

#[test]
fn a_loose_version_is_caught() {
    let package = |dependency: Value| serde_json::json!({"packages": [{"id": "a", "name": "a", "source": null, "dependencies": [dependency]}], "resolve": {"nodes": [{"id": "a"}]}});
    bites(&loose(&package(serde_json::json!({"name": "b", "req": "*", "source": "registry"}))), "b");
    bites(&loose(&package(serde_json::json!({"name": "b", "req": "^1", "source": "git+https://example.org/b"}))), "git");
    holds(&loose(&package(serde_json::json!({"name": "b", "req": "*", "path": "b", "source": null}))));
    holds(&loose(&package(serde_json::json!({"name": "b", "req": "^1", "source": "registry"}))));
}

/// What our own packages ask for: a stated version, from a registry.
fn loose(metadata: &Value) -> Vec<String> {
    let mut out = Vec::new();
    for package in built(metadata).filter(|package| package["source"].is_null()) {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = format!("{}: {}", text(package, "name"), text(dependency, "name"));
            if text(dependency, "req") == "*" && dependency["path"].is_null() {
                out.push(format!("{name} has no version; state one"));
            }
            if text(dependency, "source").starts_with("git+") {
                out.push(format!("{name} comes from git; use a published version"));
            }
        }
    }
    out
}

#[test]
fn the_lock_file_holds_nothing_banned() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is tracked");
    assert!(lock.matches("[[package]]").count() > 100, "Cargo.lock was not read");
    holds(&locked(&lock));
}

#[test]
fn a_banned_or_second_crate_is_caught() {
    let package = |name: &str, version: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n")
    };
    bites(&locked(&package("openssl-sys", "0.9.1", "registry")), "rustls");
    bites(&locked(&(package("sqlx", "0.8.0", "registry") + &package("sqlx", "0.9.0", "registry"))), "0.8.0, 0.9.0");
    bites(&locked(&package("a", "1.0.0", "git+https://example.org/a")), "git");
    holds(&locked(&package("sqlx", "0.9.0", "registry")));
}

/// The lock file names the crates of every platform, so nothing hides behind this one.
fn locked(lock: &str) -> Vec<String> {
    let parsed: toml::Value = toml::from_str(lock).expect("Cargo.lock is TOML");
    let field =
        |package: &toml::Value, name: &str| package.get(name).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut out = Vec::new();
    for package in parsed["package"].as_array().into_iter().flatten() {
        let (name, version) = (field(package, "name"), field(package, "version"));
        if let Some((_, instead)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            out.push(format!("{name} {version} came in: {instead} (`cargo tree -i {name}` shows by whom)"));
        }
        if field(package, "source").starts_with("git+") {
            out.push(format!("{name} {version} comes from git; use a published version"));
        }
        versions.entry(name).or_default().push(version);
    }
    for (name, versions) in versions.into_iter().filter(|(name, versions)| versions.len() > 1 && SINGLE.contains(&name.as_str()))
    {
        out.push(format!("{name} came in more than once ({}); choose versions that share it", versions.join(", ")));
    }
    out
}

/// What is built on this platform; crates of others need not be on the disk.
fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let about = Command::new("rustc").arg("-vV").current_dir(root()).output().expect("rustc runs");
    let about = String::from_utf8_lossy(&about.stdout).into_owned();
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc says its host").to_owned();
    let shown = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", &host])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(shown.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&shown.stderr));
    serde_json::from_slice(&shown.stdout).expect("cargo metadata prints JSON")
}

/// Packages that take part in the build; our own are under our own licence.
fn built(metadata: &Value) -> impl Iterator<Item = &Value> {
    let nodes = metadata["resolve"]["nodes"].as_array().into_iter().flatten();
    let ids: Vec<&str> = nodes.map(|node| text(node, "id")).collect();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter(move |package| ids.contains(&text(package, "id")))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
