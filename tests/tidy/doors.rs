//! One door a thing: the environment is read in one place, Telegram is spoken to in one place.

use std::collections::BTreeSet;

use crate::source::{File, files};
use crate::{bites, holds, sample};

/// Who may read the environment.
const ENVIRONMENT: &[&str] = &["src/config.rs", "src/config/"];

/// Who may send to Telegram.
const TELEGRAM: &[&str] = &["src/bot/reply/"];

/// What teloxide calls speaking.
const SPEAKING: &[&str] = &[
    "send_message",
    "send_photo",
    "send_document",
    "send_media_group",
    "send_invoice",
    "send_chat_action",
    "edit_message_text",
    "edit_message_media",
    "edit_message_caption",
    "edit_message_reply_markup",
    "delete_message",
    "copy_message",
    "forward_message",
    "pin_chat_message",
    "answer_callback_query",
    "answer_pre_checkout_query",
];

fn within(file: &File, doors: &[&str]) -> bool {
    doors.iter().any(|door| file.path == *door || (door.ends_with('/') && file.path.starts_with(door)))
}

#[test]
fn the_environment_is_read_in_one_place() {
    holds(&environment(&files()));
}

#[test]
fn another_reader_of_the_environment_is_caught() {
    let text = "fn a() { std::env::var(\"A\"); }\n";
    bites(&environment(&sample("src/bot/mod.rs", text)), "src/bot/mod.rs:1");
    bites(&environment(&sample("src/bot/mod.rs", "fn a() { dotenvy::dotenv(); }\n")), "config");
    holds(&environment(&sample("src/config.rs", text)));
    holds(&environment(&sample("src/db/mod.rs", "const A: &str = env!(\"CARGO_PKG_VERSION\");\n")));
}

fn environment(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.ships() && !within(file, ENVIRONMENT)) {
        for word in ["env::var", "env::remove_var", "env::set_var", "dotenvy::"] {
            for (at, _) in file.code.match_indices(word) {
                out.push(format!(
                    "{}:{}: only src/config.rs reads the environment; take the value as an argument from there",
                    file.path,
                    file.line_of(at)
                ));
            }
        }
    }
    out
}

#[test]
fn telegram_is_spoken_to_in_one_place() {
    holds(&telegram(&files()));
}

#[test]
fn another_speaker_is_caught() {
    let text = "async fn a(bot: Bot) { bot\n    .send_message(chat, text).await; }\n";
    bites(&telegram(&sample("src/bot/customer/home.rs", text)), "src/bot/customer/home.rs:2");
    holds(&telegram(&sample("src/bot/reply/mod.rs", text)));
    holds(&telegram(&sample("src/sim/telegram/sends.rs", "fn send_message() {}\nfn b() { c(send_message); }\n")));
}

fn telegram(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.ships() && !within(file, TELEGRAM)) {
        for word in SPEAKING {
            for (at, _) in file.code.match_indices(&format!(".{word}(")) {
                out.push(format!(
                    "{}:{}: `{word}` is called by src/bot/reply alone; return a Screen, or write a notice",
                    file.path,
                    file.line_of(at)
                ));
            }
        }
    }
    out
}

#[test]
fn the_example_environment_is_what_config_reads() {
    holds(&example(&files()));
}

#[test]
fn a_variable_too_few_or_too_many_is_caught() {
    let tree = |config: &str, example: &str| vec![File::new("src/config.rs", config), File::new(".env.example", example)];
    let reads = "fn a() { get(\"LOG\"); get(\"DATABASE_URL\"); say(\"a text\"); }\n#[cfg(test)]\nmod tests { const A: &str = \"ELSE\"; }\n";
    holds(&example(&tree(reads, "# words about it\nLOG=info\n# DATABASE_URL=\n")));
    bites(&example(&tree(reads, "LOG=info\n")), "DATABASE_URL");
    bites(&example(&tree(reads, "LOG=\nDATABASE_URL=\nOTHER=1\n")), "OTHER");
    let listed = "const NAMES: [&str; 1] = [\n    \"LOG\",\n];\nfn a() { say(\"SELECT\"); }\n";
    holds(&example(&tree(listed, "LOG=info\n")));
    holds(&example(&sample("src/base/a.rs", "")));
}

fn example(files: &[File]) -> Vec<String> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    let read: BTreeSet<String> = files.iter().filter(|file| within(file, ENVIRONMENT)).flat_map(names_read).collect();
    if read.is_empty() {
        return Vec::new();
    }
    let shown: BTreeSet<String> =
        find(".env.example").map(|file| file.text.lines().filter_map(variable).collect()).unwrap_or_default();
    let missing = read
        .difference(&shown)
        .map(|name| format!(".env.example: add {name}, which src/config.rs reads, and say what it is for"));
    let extra = shown.difference(&read).map(|name| format!(".env.example: take {name} out; src/config.rs does not read it"));
    missing.chain(extra).collect()
}

/// The literals that look like names of variables; those of the list `NAMES` alone where there is one.
fn names_read(file: &File) -> Vec<String> {
    let list = file.code.find("const NAMES").map(|at| at..at + file.code[at..].find("];").unwrap_or(0));
    let counts = |at: &usize| list.as_ref().is_none_or(|list| list.contains(at));
    let named = |held: &String| {
        held.len() >= 3
            && held.starts_with(|c: char| c.is_ascii_uppercase())
            && held.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    file.strings.iter().filter(|(at, held)| counts(at) && named(held)).map(|(_, held)| held.clone()).collect()
}

/// `NAME=value` and `# NAME=value` name a variable; other lines are words about it.
fn variable(line: &str) -> Option<String> {
    let (name, _) = line.trim_start_matches(['#', ' ']).split_once('=')?;
    let good = !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    good.then(|| name.to_owned())
}
