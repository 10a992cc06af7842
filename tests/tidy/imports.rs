//! The law of imports: which module may name which. The table is the plan of the house; code that needs another arrow
//! changes the table in a commit of its own, with the reason.

use crate::source::{File, files};
use crate::{bites, holds, sample};

/// Who may name whom. A slice of `shop` may besides name the slices that are listed before it in `src/shop/mod.rs`.
const LAW: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("config", &["base"]),
    ("db", &["base", "config"]),
    ("queue", &["base", "config", "db"]),
    ("providers", &["base", "config"]),
    ("shop", &["base", "db", "queue", "providers"]),
    ("app", &["base", "config", "db", "queue", "providers"]),
    ("bot", &["base", "queue", "app", "shop"]),
    ("api", &["base", "queue", "app", "shop"]),
    ("jobs", &["base", "queue", "app", "shop"]),
    ("sim", &["base", "providers"]),
];

/// These join everything.
const SEES_ALL: &[&str] = &["main", "lib", "run"];

#[test]
fn modules_name_only_whom_the_law_allows() {
    holds(&complaints(&files()));
}

#[test]
fn an_arrow_that_the_law_does_not_know_is_caught() {
    bites(&complaints(&sample("src/base/money.rs", "use crate::db::Tx;")), "base");
    bites(&complaints(&sample("src/bot/mod.rs", "use crate::{app::App, api::Hook};")), "crate::api");
    bites(&complaints(&sample("src/db/mod.rs", "fn a() { crate::queue::push(); }")), "crate::queue");
    bites(&complaints(&sample("src/shop/orders/place.rs", "use super::super::super::bot::Screen;")), "crate::bot");
    bites(&complaints(&sample("src/bot/reply.rs", "use crate::sim::telegram;")), "crate::sim");
    bites(&complaints(&sample("src/extras/mod.rs", "fn a() {}")), "no line in the law");
}

#[test]
fn a_slice_that_names_a_later_one_or_a_vendor_is_caught() {
    let list = "pub mod notices;\npub mod ledger;\npub mod checkout;\n";
    let shop = |path: &str, text: &str| vec![File::new("src/shop/mod.rs", list), File::new(path, text)];
    holds(&complaints(&shop(
        "src/shop/checkout/place.rs",
        "use crate::shop::{ledger, notices::Notice};\nuse super::ledger::Entry;",
    )));
    bites(&complaints(&shop("src/shop/ledger/post.rs", "use crate::shop::{checkout::Order, notices};")), "checkout");
    bites(&complaints(&shop("src/shop/ledger/mod.rs", "use super::checkout::Order;")), "checkout");
    let mut with_vendor = shop("src/shop/ledger/post.rs", "use crate::providers::panel::{Panel, marzban::Client};");
    with_vendor.push(File::new("src/providers/panel/marzban/mod.rs", ""));
    bites(&complaints(&with_vendor), "marzban");
}

#[test]
fn the_crate_lists_its_modules_in_the_order_of_the_law() {
    holds(&disorder(&files()));
}

#[test]
fn a_disorderly_list_is_caught() {
    bites(&disorder(&sample("src/lib.rs", "pub mod app;\npub mod base;\n")), "base");
    holds(&disorder(&sample("src/lib.rs", "pub mod base;\n#[cfg(feature = \"sim\")]\npub mod sim;\npub mod run;\n")));
}

/// A newcomer reads `src/lib.rs` from the top and meets no name before its module.
fn disorder(files: &[File]) -> Vec<String> {
    let rank = |name: &String| LAW.iter().position(|(module, _)| module == name).unwrap_or(LAW.len());
    let list = listed(files, "src/lib.rs");
    let wrong = list.windows(2).filter(|pair| rank(&pair[0]) > rank(&pair[1]));
    wrong.map(|pair| format!("src/lib.rs: list `{}` before `{}`, in the order of the law of imports", pair[1], pair[0])).collect()
}

#[test]
fn groups_renames_and_globs_are_read() {
    let found =
        |text: &str| named(text, &["shop".into(), "x".into()]).into_iter().map(|(_, path)| path.join("::")).collect::<Vec<_>>();
    assert_eq!(found("use crate::{a::{self, b as c}, d::*};"), ["a", "a::b", "d"]);
    assert_eq!(found("pub(crate) use crate::a;"), ["a"]);
    assert_eq!(found("let x: crate::a::B<crate::c::D> = $crate::e!();"), ["a::B", "c::D", "e"]);
    assert_eq!(found("use super::y; super::super::db::z();"), ["shop::y", "db::z"]);
    assert_eq!(found("mycrate::a; x::crate_name; supers::b"), [""; 0]);
}

pub fn complaints(files: &[File]) -> Vec<String> {
    let slices = slices(files);
    let vendors = vendors(files);
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("src/") && file.ships()) {
        let module = module_of(&file.path);
        let top = module.first().map_or("lib", String::as_str);
        if SEES_ALL.contains(&top) {
            continue;
        }
        let Some((_, allowed)) = LAW.iter().find(|(name, _)| *name == top) else {
            out.push(format!(
                "{}: `{top}` has no line in the law of imports; put the file into a module that has one",
                file.path
            ));
            continue;
        };
        for (at, path) in named(&file.code, &module) {
            let Some(target) = path.first() else { continue };
            let place = || format!("{}:{}", file.path, file.line_of(at));
            if target != top && !allowed.contains(&target.as_str()) {
                out.push(format!(
                    "{}: `{top}` may not name `crate::{}`; it may name {allowed:?}. Move the code to the module that owns it, \
                     pass the value in, or enqueue a job for the module above",
                    place(),
                    path.join("::")
                ));
            } else if top == "shop" && target == "shop" {
                out.extend(upward(&module, &path, &slices).map(|why| format!("{}: {why}", place())));
            } else if top == "shop" && path.len() > 2 && vendors.iter().any(|vendor| vendor[..] == path[..3]) {
                out.push(format!(
                    "{}: the business names traits and neutral types, never a vendor: `{}`. Move what it needs to the kind's mod.rs",
                    place(),
                    path[..3].join("::")
                ));
            }
        }
    }
    out
}

/// Why a slice may not name this path, if so.
fn upward(module: &[String], path: &[String], slices: &[String]) -> Option<String> {
    let own = module.get(1)?;
    let other = path.get(1)?;
    let rank = |name: &String| slices.iter().position(|slice| slice == name);
    let wrong = rank(other)? > rank(own)?;
    wrong.then(|| {
        format!(
            "slice `{own}` may not name `{other}`, which is listed after it in src/shop/mod.rs. Enqueue a payload in the same \
             transaction and let a job join them, or move the code up"
        )
    })
}

/// The slices in the order in which `src/shop/mod.rs` lists them.
fn slices(files: &[File]) -> Vec<String> {
    listed(files, "src/shop/mod.rs")
}

/// The modules of a list, in its order.
fn listed(files: &[File], path: &str) -> Vec<String> {
    let Some(list) = files.iter().find(|file| file.path == path) else { return Vec::new() };
    let after_mod = |line: &str| line.split_once("mod ").and_then(|(_, rest)| rest.strip_suffix(';')).map(str::to_owned);
    list.code.lines().filter_map(|line| after_mod(line.trim())).collect()
}

/// `providers::<kind>::<vendor>` for each file or folder beside a kind's `mod.rs`.
fn vendors(files: &[File]) -> Vec<Vec<String>> {
    let below = |file: &File| {
        let module = module_of(&file.path);
        (module.first().is_some_and(|top| top == "providers") && module.len() > 2).then(|| module[..3].to_vec())
    };
    files.iter().filter(|file| file.path.starts_with("src/")).filter_map(below).collect()
}

/// `src/shop/ledger/store.rs` -> shop, ledger, store. A `mod.rs` is its folder.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// Every path that begins with `crate::` or climbs by `super::`, from the top of the crate, with the place where it stands.
fn named(code: &str, module: &[String]) -> Vec<(usize, Vec<String>)> {
    let mut out = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == ':') {
                continue;
            }
            let mut rest = &code[at..];
            let mut prefix = if root == "crate::" { Vec::new() } else { module.to_vec() };
            rest = rest.strip_prefix("crate::").unwrap_or(rest);
            while let Some(higher) = rest.strip_prefix("super::") {
                prefix.pop();
                rest = higher;
            }
            let mut paths = Vec::new();
            expand(rest, &prefix, &mut paths);
            out.extend(paths.into_iter().map(|path| (at, path)));
        }
    }
    out
}

/// Reads one tree of a `use` (or a plain path) and adds each leaf; returns what follows it.
fn expand<'a>(text: &'a str, prefix: &[String], out: &mut Vec<Vec<String>>) -> &'a str {
    let mut text = text.trim_start();
    let mut path = prefix.to_vec();
    loop {
        if let Some(mut inner) = text.strip_prefix('{') {
            loop {
                inner = inner.trim_start();
                if let Some(after) = inner.strip_prefix('}') {
                    return after;
                }
                let rest = expand(inner, &path, out).trim_start();
                inner = rest.strip_prefix(',').unwrap_or(rest);
                if inner.is_empty() || (rest.len() == inner.len() && !inner.starts_with('}')) {
                    return inner;
                }
            }
        }
        let len = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        let word = &text[..len];
        text = &text[len..];
        match word {
            "" | "self" => {}
            "super" => drop(path.pop()),
            word => path.push(word.to_owned()),
        }
        text = text.strip_prefix('*').unwrap_or(text);
        match text.strip_prefix("::") {
            Some(rest) if !word.is_empty() => text = rest.trim_start(),
            _ => break,
        }
    }
    out.push(path);
    let renamed = text.trim_start();
    match renamed.strip_prefix("as ") {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
        None => text,
    }
}
