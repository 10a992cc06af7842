//! Telegram's HTML parse mode, with its own error texts (byte offsets included).
//! Markdown modes are deliberately not played: the shop writes HTML, and a call with another mode is refused loudly.

use serde_json::Value;

use super::text::{Entity, Text, utf16_len};

const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

struct Open {
    tag: String,
    argument: String,
    offset: usize,
}

struct Parser<'a> {
    input: &'a str,
    at: usize,
    plain: String,
    units: usize,
    open: Vec<Open>,
    entities: Vec<Entity>,
}

/// The text and its entities, or the sentence that follows "can't parse entities: ".
pub fn parse(input: &str) -> Result<Text, String> {
    let mut parser = Parser { input, at: 0, plain: String::new(), units: 0, open: Vec::new(), entities: Vec::new() };
    while let Some(letter) = parser.peek() {
        match letter {
            '&' => {
                let decoded = parser.reference();
                parser.push(decoded);
            }
            '<' if parser.input[parser.at..].starts_with("</") => parser.end_tag()?,
            '<' => parser.start_tag()?,
            other => {
                parser.at += other.len_utf8();
                parser.push(other);
            }
        }
    }
    if let Some(left) = parser.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", left.tag));
    }
    parser.entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    Ok(Text { plain: parser.plain, entities: parser.entities })
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.input[self.at..].chars().next()
    }

    fn push(&mut self, letter: char) {
        self.plain.push(letter);
        self.units += letter.len_utf16();
    }

    /// Takes letters while they fit and returns them.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &str {
        let from = self.at;
        self.at = self.input[from..].find(|letter| !fits(letter)).map_or(self.input.len(), |length| from + length);
        &self.input[from..self.at]
    }

    fn skip_space(&mut self) {
        self.take(char::is_whitespace);
    }

    /// Decodes the character reference here, or takes the ampersand as it is.
    fn reference(&mut self) -> char {
        let rest = &self.input[self.at + 1..];
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '#')).unwrap_or(rest.len());
        let name = &rest[..end];
        let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
        let decoded = match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            _ => number.and_then(char::from_u32).filter(|letter| *letter != '\0'),
        };
        let Some(letter) = decoded else {
            self.at += 1;
            return '&';
        };
        self.at += 1 + end + usize::from(rest[end..].starts_with(';'));
        letter
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        let tag = self.take(|letter| !letter.is_whitespace() && letter != '>').to_ascii_lowercase();
        let unclosed = || format!("Unclosed start tag at byte offset {begin}");
        if self.peek().is_none() {
            return Err(unclosed());
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let mut argument = String::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => return Err(unclosed()),
                Some('>') => break,
                Some(_) => self.attribute(&tag, begin, &mut argument)?,
            }
        }
        self.at += 1;
        if tag == "span" && argument.is_empty() {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.open.push(Open { tag, argument, offset: self.units });
        Ok(())
    }

    fn attribute(&mut self, tag: &str, begin: usize, argument: &mut String) -> Result<(), String> {
        let name = self.take(|letter| !letter.is_whitespace() && letter != '=' && letter != '>').to_ascii_lowercase();
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        self.skip_space();
        if self.peek() != Some('=') {
            if tag == "blockquote" && name == "expandable" {
                "expandable".clone_into(argument);
                return Ok(());
            }
            return Err(format!(
                "Expected equal sign in declaration of an attribute of the tag \"{tag}\" at byte offset {begin}"
            ));
        }
        self.at += 1;
        self.skip_space();
        let value = self.attribute_value(begin)?;
        let wanted = match (tag, name.as_str()) {
            ("a", "href") | ("tg-emoji", "emoji-id") => Some(value),
            ("code", "class") => value.strip_prefix("language-").map(str::to_owned),
            ("span", "class") if value == "tg-spoiler" => Some(value),
            ("blockquote", "expandable") => Some("expandable".to_owned()),
            _ => None,
        };
        if let Some(value) = wanted {
            *argument = value;
        }
        Ok(())
    }

    fn attribute_value(&mut self, begin: usize) -> Result<String, String> {
        let unclosed = || format!("Unclosed start tag at byte offset {begin}");
        let quote = match self.peek() {
            None => return Err(unclosed()),
            Some(letter @ ('"' | '\'')) => letter,
            Some(_) => {
                let from = self.at;
                let value = self.take(|letter| letter.is_ascii_alphanumeric() || letter == '.' || letter == '-').to_lowercase();
                return match self.peek() {
                    Some(letter) if letter.is_whitespace() || letter == '>' => Ok(value),
                    _ => Err(format!("Unexpected end of name token at byte offset {from}")),
                };
            }
        };
        self.at += 1;
        let mut value = String::new();
        loop {
            match self.peek() {
                None => return Err(unclosed()),
                Some(letter) if letter == quote => break,
                Some('&') => value.push(self.reference()),
                Some(letter) => {
                    self.at += letter.len_utf8();
                    value.push(letter);
                }
            }
        }
        self.at += 1;
        Ok(value)
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        self.at += 2;
        let tag = self.take(|letter| !letter.is_whitespace() && letter != '>').to_ascii_lowercase();
        self.skip_space();
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        if !tag.is_empty() && tag != open.tag {
            return Err(format!("Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{tag}>\"", open.tag));
        }
        self.at += 1;
        self.close(open);
        Ok(())
    }

    fn close(&mut self, open: Open) {
        let length = self.units - open.offset;
        if length == 0 {
            return;
        }
        let mut entity = Entity::new("", open.offset, length);
        match open.tag.as_str() {
            "a" => match self.link(open) {
                Some(url) => {
                    "text_link".clone_into(&mut entity.kind);
                    entity.extra = Some(("url", Value::String(url)));
                }
                None => return,
            },
            "pre" => {
                "pre".clone_into(&mut entity.kind);
                let same =
                    |inner: &Entity| inner.kind == "code" && (inner.offset, inner.length) == (entity.offset, entity.length);
                if let Some(at) = self.entities.iter().position(same) {
                    entity.extra = self.entities.remove(at).extra;
                }
            }
            "code" => {
                "code".clone_into(&mut entity.kind);
                if !open.argument.is_empty() && self.open.last().is_some_and(|outer| outer.tag == "pre") {
                    entity.extra = Some(("language", Value::String(open.argument)));
                }
            }
            "tg-emoji" => {
                "custom_emoji".clone_into(&mut entity.kind);
                entity.extra = Some(("custom_emoji_id", Value::String(open.argument)));
            }
            "blockquote" if !open.argument.is_empty() => "expandable_blockquote".clone_into(&mut entity.kind),
            plain => simple_kind(plain).clone_into(&mut entity.kind),
        }
        self.entities.push(entity);
    }

    /// Where a link leads: its `href`, else its own words; nothing when Telegram would not link it.
    fn link(&self, open: Open) -> Option<String> {
        let target = if open.argument.is_empty() {
            let before = self.plain.char_indices().scan(0, |units, (at, letter)| {
                let here = (*units, at);
                *units += letter.len_utf16();
                Some(here)
            });
            let from = before.into_iter().find(|(units, _)| *units >= open.offset).map(|(_, at)| at)?;
            self.plain[from..].to_owned()
        } else {
            open.argument
        };
        let full = if target.contains("://") { target } else { format!("http://{target}") };
        url::Url::parse(&full)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https" | "tg" | "ton"))
            .filter(|url| url.scheme() == "tg" || url.host_str().is_some_and(|host| host.contains(['.', ':'])))
            .map(|url| url.to_string())
    }
}

fn simple_kind(tag: &str) -> &'static str {
    match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "s" | "strike" | "del" => "strikethrough",
        "u" | "ins" => "underline",
        "blockquote" => "blockquote",
        _ => "spoiler",
    }
}

/// The longest message text Telegram takes, after entities are parsed.
pub const TEXT_MAX: usize = 4096;
/// The longest caption.
pub const CAPTION_MAX: usize = 1024;

pub fn is_longer_than(text: &Text, limit: usize) -> bool {
    utf16_len(&text.plain) > limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_entities() {
        let text = parse("<b>Hi <i>you</i></b> 🙂 <code>x &lt; y</code> <a href=\"https://a.test/?q=1&amp;b\">go</a>").unwrap();
        assert_eq!(text.plain, "Hi you 🙂 x < y go");
        let kinds: Vec<_> = text.entities.iter().map(|e| (e.kind.as_str(), e.offset, e.length)).collect();
        assert_eq!(kinds, [("bold", 0, 6), ("italic", 3, 3), ("code", 10, 5), ("text_link", 16, 2)]);
        assert_eq!(text.entities[3].extra, Some(("url", Value::String("https://a.test/?q=1&b".into()))));
    }

    #[test]
    fn a_code_block_keeps_its_language() {
        let text = parse("<pre><code class=\"language-toml\">a = 1</code></pre>").unwrap();
        assert_eq!(text.entities.len(), 1);
        assert_eq!(text.entities[0].extra, Some(("language", Value::String("toml".into()))));
    }

    #[test]
    fn errors_are_worded_as_telegram_words_them() {
        let cases = [
            ("a <b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("a <x>y</x>", "Unsupported start tag \"x\" at byte offset 2"),
            ("a <b>x</i>", "Unmatched end tag at byte offset 6, expected \"</b>\", found \"</i>\""),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("price < 5", "Unsupported start tag \"\" at byte offset 6"),
            ("price <b", "Unclosed start tag at byte offset 6"),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
            ("<a href>x</a>", "Expected equal sign in declaration of an attribute of the tag \"a\" at byte offset 0"),
        ];
        for (input, expected) in cases {
            assert_eq!(parse(input).unwrap_err(), expected, "{input}");
        }
    }
}
