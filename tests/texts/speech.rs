//! How a sentence is written: the rules of the house that a machine can hold. The others are held by reading it.

use crate::locales::{Locales, Text, read, sample};
use crate::{bites, holds};

/// Longer words are cut on a small phone.
const BUTTON_LETTERS_MAX: usize = 24;

/// What Telegram's HTML knows and we use.
const TAGS: &[&str] = &["b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"];

#[test]
fn the_texts_keep_the_rules_of_speech() {
    holds(&complaints(&read().0));
}

#[test]
fn bad_speech_is_caught() {
    let say = |lang: &str, line: &str| complaints(&sample(&[(&format!("locales/{lang}/a.ftl"), &format!("{line}\n"))]));
    bites(&say("en", "a-b = Done!"), "exclamation");
    bites(&say("ru", "a-b = { $n ->\n    [one] Готово!\n   *[other] Готово\n }"), "exclamation");
    bites(&say("fa", "a-b = تا 3 روز"), "digit");
    bites(&say("fa", "a-b = آيا"), "U+06CC");
    bites(&say("fa", "a-b = خوب, بد"), "«،»");
    bites(&say("en", "a-b = <b>Bold"), "<b>");
    bites(&say("en", "a-b = <h1>Big</h1>"), "h1");
    bites(&say("en", "button-a = A label that is far too long"), "24");
    for good in [
        "a-b = تا { $days } روز، با v2rayNG و <code>123</code> و /help2 و 3x-ui",
        "a-b = <a href=\"{ $link }5\">اینجا</a>؟",
        "button-a = خرید { $plan }",
    ] {
        holds(&say("fa", good));
    }
    holds(&say("en", "a-b = <b>{ $n ->\n    [one] One\n   *[other] More\n }</b>"));
}

fn complaints(locales: &Locales) -> Vec<String> {
    let mut out = Vec::new();
    for (lang, texts) in locales {
        for text in texts {
            for form in &text.forms {
                let mut wrong = wrong_in(text, form);
                if lang == "fa" {
                    wrong.extend(wrong_in_persian(form));
                }
                out.extend(wrong.into_iter().map(|wrong| format!("{}: {}: {wrong}", text.file, text.key)));
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

fn wrong_in(text: &Text, form: &str) -> Vec<String> {
    let mut out = Vec::new();
    if form.contains(['!', '！', '¡']) {
        out.push("no exclamation marks; the screen is calm".to_owned());
    }
    let letters = bare(form).replace("{}", "").chars().filter(|letter| !is_invisible(*letter)).count();
    if text.key.starts_with("button-") && letters > BUTTON_LETTERS_MAX {
        out.push(format!("a button's words are at most {BUTTON_LETTERS_MAX} characters, these are {letters}"));
    }
    out.extend(wrong_tags(form));
    out
}

/// Variation selectors, joiners and isolation marks take no room.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200C}'..='\u{200F}' | '\u{2066}'..='\u{2069}' | '\u{FE0F}')
}

fn wrong_tags(form: &str) -> Vec<String> {
    let mut open: Vec<&str> = Vec::new();
    for tag in form.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else { return vec!["a `<` that opens no tag; write &lt;".to_owned()] };
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        if !TAGS.contains(&name) {
            return vec![format!("<{name}> is none of Telegram's tags that we use: {TAGS:?}")];
        }
        if !tag.starts_with('/') {
            open.push(name);
        } else if open.pop() != Some(name) {
            return vec![format!("</{name}> closes what is not open")];
        }
    }
    open.iter().map(|name| format!("<{name}> is not closed")).collect()
}

/// The text without tags; what is in `<code>` is to be copied, so it goes too.
fn bare(form: &str) -> String {
    let mut out = String::new();
    let mut copied = false;
    for (at, part) in form.split('<').enumerate() {
        let (tag, said) = if at == 0 { ("", part) } else { part.split_once('>').unwrap_or(("", part)) };
        match tag {
            "code" | "pre" => copied = true,
            "/code" | "/pre" => copied = false,
            _ => {}
        }
        if !copied {
            out.push_str(said);
        }
    }
    out
}

fn wrong_in_persian(form: &str) -> Vec<String> {
    let said = bare(form);
    let mut out = Vec::new();
    let words = said.split(|c: char| c.is_whitespace() || "{}()«»،؛:".contains(c));
    // A digit of a Latin name or of a command belongs to it.
    let latin = |word: &str| word.starts_with('/') || word.chars().any(|c| c.is_ascii_alphabetic());
    for word in words.filter(|word| word.contains(|c: char| c.is_ascii_digit()) && !latin(word)) {
        out.push(format!("«{word}» has Latin digits; write ۰۱۲۳۴۵۶۷۸۹, or pass the number in"));
    }
    for (arabic, persian, code) in [('ي', 'ی', "U+06CC"), ('ك', 'ک', "U+06A9")] {
        if said.contains(arabic) {
            out.push(format!("an Arabic «{arabic}» where Persian has «{persian}» ({code})"));
        }
    }
    for (latin, persian) in [(',', "«،»"), (';', "«؛»"), ('?', "«؟»")] {
        let wrong =
            said.match_indices(latin).any(|(at, _)| said[..at].ends_with(|c: char| ('\u{0600}'..='\u{06FF}').contains(&c)));
        if wrong {
            out.push(format!("a Latin «{latin}» after a Persian word; write {persian}"));
        }
    }
    out
}
