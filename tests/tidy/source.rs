//! Files as the rules see them: the text, the code without comments and words, and the string literals.
//!
//! It knows just enough of Rust's lexical rules (nested comments, raw strings, characters and lifetimes) to tell code from
//! what is written about it. Every view keeps the line numbers.

use std::path::{Path, PathBuf};
use std::process::Command;

pub struct File {
    /// From the top of the project, with `/`.
    pub path: String,
    pub text: String,
    /// The text with comments and the contents of literals blanked, and test modules too.
    pub code: String,
    /// String literals of the code that is not test: where they begin, and what they hold.
    pub strings: Vec<(usize, String)>,
}

impl File {
    pub fn new(path: &str, text: &str) -> Self {
        let (blanked, strings) = if is_rust(path) { blank(text) } else { (text.to_owned(), Vec::new()) };
        let code = without_tests(&blanked);
        let alive = |at: usize| code.as_bytes().get(at) == Some(&b'"');
        let strings = strings.into_iter().filter(|(at, _)| alive(*at)).collect();
        Self { path: path.to_owned(), text: text.to_owned(), code, strings }
    }

    pub fn is_rust(&self) -> bool {
        is_rust(&self.path)
    }

    /// Code that ships, as opposed to tests.
    pub fn ships(&self) -> bool {
        let own = self.path.starts_with("src/") || self.path.starts_with("migrations/src/");
        own && self.is_rust() && !self.is_test()
    }

    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    pub fn line_of(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file that is tracked or about to be.
pub fn tracked() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git is needed to tell the project's files from others");
    assert!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("names of files are UTF-8");
    let mut names: Vec<String> = names.lines().filter(|name| root().join(name).is_file()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    assert!(names.iter().any(|name| name == "Cargo.toml"), "the project's files were not found");
    names
}

/// Every text file of the project; pictures and fonts are left out.
pub fn files() -> Vec<File> {
    tracked().into_iter().filter_map(|name| read(&root().join(&name)).map(|text| File::new(&name, &text))).collect()
}

fn read(path: &Path) -> Option<String> {
    String::from_utf8(std::fs::read(path).ok()?).ok()
}

/// Blanks comments and the contents of literals; quotes stay. Also returns the literals with the place of their quote.
fn blank(text: &str) -> (String, Vec<(usize, String)>) {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut strings = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            end_of_block_comment(bytes, at)
        } else if let Some(hashes) = raw_string(bytes, at) {
            let open = at + 2 + hashes;
            let close = format!("\"{}", "#".repeat(hashes));
            let len = text[open..].find(&close).unwrap_or(text.len() - open);
            strings.push((open - 1, text[open..open + len].to_owned()));
            erase(&mut out, open, open + len);
            at = (open + len + close.len()).min(bytes.len());
            continue;
        } else if rest[0] == b'"' {
            let close = end_of_string(bytes, at);
            strings.push((at, text[at + 1..close].replace("\\\"", "\"")));
            erase(&mut out, at + 1, close);
            at = (close + 1).min(bytes.len());
            continue;
        } else if rest[0] == b'\'' {
            let end = end_of_char(text, at);
            erase(&mut out, at + 1, end.saturating_sub(1).max(at + 1));
            at = end;
            continue;
        } else {
            at += 1;
            continue;
        };
        erase(&mut out, at, end);
        at = end;
    }
    (String::from_utf8(out).expect("only whole characters are blanked"), strings)
}

fn erase(out: &mut [u8], from: usize, to: usize) {
    for byte in &mut out[from..to] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn end_of_block_comment(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut end) = (0, at);
    while end < bytes.len() {
        if bytes[end..].starts_with(b"/*") {
            depth += 1;
            end += 2;
        } else if bytes[end..].starts_with(b"*/") {
            depth -= 1;
            end += 2;
            if depth == 0 {
                break;
            }
        } else {
            end += 1;
        }
    }
    end.min(bytes.len())
}

/// `r"`, `r#"`, `br##"` ...: how many hashes.
fn raw_string(bytes: &[u8], at: usize) -> Option<usize> {
    let in_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_') && bytes[at - 1] != b'b';
    if bytes[at] != b'r' || in_word {
        return None;
    }
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    (bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != b'"' {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    end.min(bytes.len())
}

/// Where a character literal ends; a lifetime ends at its quote.
fn end_of_char(text: &str, at: usize) -> usize {
    let rest = &text[at + 1..];
    if let Some(escaped) = rest.strip_prefix('\\') {
        let skip = escaped.chars().next().map_or(0, char::len_utf8);
        return escaped[skip..].find('\'').map_or(text.len(), |len| at + 2 + skip + len + 1);
    }
    let first = rest.chars().next().map_or(0, char::len_utf8);
    if rest[first..].starts_with('\'') { at + 1 + first + 1 } else { at + 1 }
}

/// Blanks each item that is under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.as_bytes().to_vec();
    let mut from = 0;
    while let Some(found) = code[from..].find(MARK) {
        let begin = from + found;
        let end = end_of_item(code.as_bytes(), begin + MARK.len());
        erase(&mut out, begin, end);
        from = end;
    }
    String::from_utf8(out).expect("only whole items are blanked")
}

/// An item ends at the first `;` outside of all brackets, or with the brace that closes its body.
pub fn end_of_item(code: &[u8], from: usize) -> usize {
    let mut depth = 0_i32;
    for (at, byte) in code.iter().enumerate().skip(from) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' => depth -= 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}
