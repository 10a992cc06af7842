//! The languages agree: the same texts, with the same arguments and attributes.

use std::collections::{BTreeMap, BTreeSet};

use crate::locales::{LANGUAGES, Locales, Text, read, sample};
use crate::{bites, holds};

#[test]
fn the_languages_agree() {
    holds(&complaints(&read().0));
}

#[test]
fn a_missing_text_or_argument_is_caught() {
    let trio = |fa: &str| {
        sample(&[
            ("locales/en/a.ftl", "a-b = It is { $what }\n    .hint = so\n"),
            ("locales/fa/a.ftl", fa),
            ("locales/ru/a.ftl", "a-b = Это { $what }\n    .hint = так\n"),
        ])
    };
    holds(&complaints(&trio("a-b = این { $what }\n    .hint = آری\n")));
    bites(&complaints(&trio("a-b = این { $what }\n")), "a-b.hint");
    bites(&complaints(&trio("a-b = این\n    .hint = آری\n")), "what");
    bites(&complaints(&trio("a-b = این { $what }\n    .hint = آری\na-c = بی\n")), "a-c");
    holds(&complaints(&sample(&[])));
}

/// Nothing is asked of a project without a word; from the first one on, all three languages are.
fn complaints(locales: &Locales) -> Vec<String> {
    let mut out = Vec::new();
    let keys: BTreeSet<&str> = locales.values().flatten().map(|text| text.key.as_str()).collect();
    let by_lang: BTreeMap<&str, BTreeMap<&str, &Text>> = LANGUAGES
        .iter()
        .map(|lang| (*lang, locales.get(*lang).into_iter().flatten().map(|text| (text.key.as_str(), text)).collect()))
        .collect();
    for key in keys {
        let having: Vec<&str> = LANGUAGES.iter().copied().filter(|lang| by_lang[lang].contains_key(key)).collect();
        let lacking: Vec<&str> = LANGUAGES.iter().copied().filter(|lang| !having.contains(lang)).collect();
        let first = by_lang[having[0]][key];
        if !lacking.is_empty() {
            out.push(format!("{}: {key} is absent in {lacking:?}; write it there, in the same file", first.file));
        }
        for lang in &having[1..] {
            let other = by_lang[lang][key];
            if other.args != first.args {
                out.push(format!("{}: {key} takes {:?}, and {:?} in {}", other.file, other.args, first.args, having[0]));
            }
            if name(&other.file) != name(&first.file) {
                out.push(format!(
                    "{}: {key} lies in {} elsewhere; keep a text in the same file in each language",
                    other.file, first.file
                ));
            }
        }
    }
    out
}

fn name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}
