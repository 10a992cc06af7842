//! Arguments of texts: how a value enters a sentence.
use crate::base::Lang;
use std::borrow::Cow;

/// First strong isolate, and its end: what stands between keeps its own direction.
const ISOLATE: char = '\u{2068}';
const END: char = '\u{2069}';

/// A value for a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// Words: escaped, and isolated where the sentence runs the other way.
    Text(String),
    /// A count: chooses the plural form, shown in the digits of the language.
    Count(i64),
    /// To be copied by a tap: in `<code>`, untouched.
    Code(String),
    /// HTML made by another text.
    Html(String),
}

impl Arg {
    pub fn code(text: impl Into<String>) -> Self {
        Self::Code(text.into())
    }

    pub fn html(text: impl Into<String>) -> Self {
        Self::Html(text.into())
    }

    pub(super) fn render(&self, lang: Lang) -> String {
        match self {
            Self::Text(text) => isolated(lang, text, escape(text)),
            Self::Code(text) => isolated(lang, text, Cow::Owned(format!("<code>{}</code>", escape(text)))),
            Self::Html(text) => text.clone(),
            Self::Count(count) => crate::base::format::digits(lang, &count.to_string()),
        }
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Arg {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

/// The text with `&`, `<` and `>` made harmless for Telegram's HTML, and quotes for attributes.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

pub(super) fn isolated(lang: Lang, plain: &str, shown: Cow<'_, str>) -> String {
    let against = if lang.is_rtl() { runs_left_to_right } else { runs_right_to_left };
    if plain.chars().any(against) { format!("{ISOLATE}{shown}{END}") } else { shown.into_owned() }
}

/// Latin, Greek, Cyrillic letters and ASCII digits; Persian letters and digits do not disturb a Persian line.
fn runs_left_to_right(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '\u{00C0}'..='\u{052F}')
}

/// Hebrew and Arabic letters, with the forms that old texts spell out; a name among them would turn the line around it.
fn runs_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}')
}
