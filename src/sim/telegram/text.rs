//! Message text with its entities: UTF-16 offsets, trimming, what Telegram finds by itself (commands, links, mentions,
//! hashtags, addresses), and the way back to HTML for people to look at.
//! Offsets and lengths are always UTF-16 code units, as on the wire.

use serde_json::{Value, json};

/// One marked stretch of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    pub kind: String,
    pub offset: usize,
    pub length: usize,
    /// The one field some kinds carry: `url`, `language`, `user`, `custom_emoji_id`.
    pub extra: Option<(&'static str, Value)>,
}

/// A text as Telegram keeps it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    pub plain: String,
    pub entities: Vec<Entity>,
}

pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

impl Entity {
    pub fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self { kind: kind.to_owned(), offset, length, extra: None }
    }

    pub fn json(&self) -> Value {
        let mut value = json!({ "type": self.kind, "offset": self.offset, "length": self.length });
        if let Some((key, extra)) = &self.extra {
            value[*key] = extra.clone();
        }
        value
    }

    /// Reads an entity a bot gave explicitly; `None` when a field is missing or of a wrong type.
    pub fn from_json(value: &Value) -> Option<Self> {
        let place = |key: &str| value.get(key)?.as_u64().and_then(|n| usize::try_from(n).ok());
        let extra = ["url", "language", "user", "custom_emoji_id"]
            .into_iter()
            .find_map(|key| value.get(key).map(|found| (key, found.clone())));
        Some(Self { kind: value.get("type")?.as_str()?.to_owned(), offset: place("offset")?, length: place("length")?, extra })
    }

    fn end(&self) -> usize {
        self.offset + self.length
    }
}

impl Text {
    /// What a person typed: found entities only.
    pub fn typed(plain: &str) -> Self {
        Self { plain: plain.to_owned(), entities: Vec::new() }.trimmed().with_found()
    }

    /// Without the white space at both ends, as Telegram stores it; entities move along.
    pub fn trimmed(mut self) -> Self {
        let lead = utf16_len(&self.plain) - utf16_len(self.plain.trim_start());
        let plain = self.plain.trim().to_owned();
        let end = utf16_len(&plain);
        for entity in &mut self.entities {
            let (from, to) = (entity.offset.saturating_sub(lead), entity.end().saturating_sub(lead).min(end));
            entity.offset = from;
            entity.length = to.saturating_sub(from);
        }
        self.entities.retain(|entity| entity.length > 0);
        self.plain = plain;
        self
    }

    /// Adds what Telegram finds by itself outside the explicit entities that forbid it.
    pub fn with_found(mut self) -> Self {
        let closed = |kind: &str| matches!(kind, "code" | "pre" | "text_link" | "text_mention");
        let found: Vec<_> = find(&self.plain)
            .into_iter()
            .filter(|new| !self.entities.iter().any(|old| closed(&old.kind) && new.offset < old.end() && old.offset < new.end()))
            .collect();
        self.entities.extend(found);
        self.entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
        self
    }

    pub fn entities_json(&self) -> Value {
        self.entities.iter().map(Entity::json).collect()
    }

    /// Plain text with the targets of hidden links spelled out: what a snapshot should show.
    pub fn flat(&self) -> String {
        let mut units: Vec<u16> = self.plain.encode_utf16().collect();
        for entity in self.entities.iter().rev().filter(|entity| entity.kind == "text_link") {
            let url = entity.extra.as_ref().and_then(|(_, url)| url.as_str()).unwrap_or_default();
            let at = entity.end().min(units.len());
            units.splice(at..at, format!(" <{url}>").encode_utf16());
        }
        String::from_utf16_lossy(&units)
    }

    /// Safe HTML for the chat page.
    pub fn html(&self) -> String {
        let units: Vec<u16> = self.plain.encode_utf16().collect();
        let mut out = String::new();
        let mut open: Vec<&Entity> = Vec::new();
        let mut waiting = self.entities.iter().peekable();
        let mut written = 0;
        for at in 0..=units.len() {
            while let Some(last) = open.last().filter(|entity| entity.end() <= at) {
                write_piece(&mut out, &units, &mut written, at);
                out.push_str(close_tag(&last.kind));
                open.pop();
            }
            while let Some(entity) = waiting.next_if(|entity| entity.offset <= at) {
                let fits = entity.end() <= units.len() && open.last().is_none_or(|outer| entity.end() <= outer.end());
                if fits && entity.length > 0 {
                    write_piece(&mut out, &units, &mut written, at);
                    let words = String::from_utf16_lossy(&units[entity.offset..entity.end()]);
                    out.push_str(&open_tag(entity, &words));
                    open.push(entity);
                }
            }
        }
        write_piece(&mut out, &units, &mut written, units.len());
        out
    }
}

fn write_piece(out: &mut String, units: &[u16], written: &mut usize, to: usize) {
    out.push_str(&escape(&String::from_utf16_lossy(&units[*written..to])));
    *written = to;
}

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn open_tag(entity: &Entity, words: &str) -> String {
    let extra = entity.extra.as_ref().and_then(|(_, value)| value.as_str()).unwrap_or_default();
    let link = |url: &str| format!("<a href=\"{}\" target=\"_blank\" rel=\"noopener\">", escape(url));
    match entity.kind.as_str() {
        "bold" => "<b>".into(),
        "italic" => "<i>".into(),
        "underline" => "<u>".into(),
        "strikethrough" => "<s>".into(),
        "spoiler" => "<span class=\"spoiler\" tabindex=\"0\">".into(),
        "code" => "<code>".into(),
        "pre" => "<pre>".into(),
        "blockquote" | "expandable_blockquote" => "<blockquote>".into(),
        "text_link" => link(extra),
        "url" if words.contains("://") => link(words),
        "url" => link(&format!("https://{words}")),
        "bot_command" => format!("<a class=\"command\" href=\"#\" data-command=\"{}\">", escape(words)),
        _ => "<span class=\"ref\">".into(),
    }
}

fn close_tag(kind: &str) -> &'static str {
    match kind {
        "bold" => "</b>",
        "italic" => "</i>",
        "underline" => "</u>",
        "strikethrough" => "</s>",
        "code" => "</code>",
        "pre" => "</pre>",
        "blockquote" | "expandable_blockquote" => "</blockquote>",
        "text_link" | "url" | "bot_command" => "</a>",
        _ => "</span>",
    }
}

/// Everything Telegram marks by itself, in order, without overlaps.
fn find(plain: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut units = 0;
    let mut skip_to = 0;
    let mut before = ' ';
    for (at, letter) in plain.char_indices() {
        if at >= skip_to
            && !is_word(before)
            && let Some((kind, length)) = starts(&plain[at..], before)
        {
            found.push(Entity::new(kind, units, utf16_len(&plain[at..at + length])));
            skip_to = at + length;
        }
        units += letter.len_utf16();
        before = letter;
    }
    found
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The entity that begins exactly here, with its length in bytes.
fn starts(rest: &str, before: char) -> Option<(&'static str, usize)> {
    let run = |from: usize, fits: fn(char) -> bool| {
        rest[from..].char_indices().find(|(_, letter)| !fits(*letter)).map_or(rest.len(), |(at, _)| from + at)
    };
    match rest.as_bytes().first()? {
        b'/' if before != '/' && before != '<' => {
            let mut end = run(1, is_latin);
            if !(2..=65).contains(&end) {
                return None;
            }
            if rest[end..].starts_with('@') && run(end + 1, is_latin) > end + 3 {
                end = run(end + 1, is_latin);
            }
            let after = rest[end..].chars().next().unwrap_or(' ');
            (!is_word(after) && after != '/').then_some(("bot_command", end))
        }
        b'@' => {
            let end = run(1, is_latin);
            (4..=33).contains(&end).then_some(("mention", end))
        }
        b'#' => {
            let end = run(1, is_word);
            (end > 1 && rest[1..end].chars().any(|letter| !letter.is_numeric())).then_some(("hashtag", end))
        }
        _ => url_or_address(rest),
    }
}

const ENDINGS: [&str; 14] = ["com", "org", "net", "me", "ir", "ru", "io", "dev", "app", "info", "online", "shop", "xyz", "test"];

fn url_or_address(rest: &str) -> Option<(&'static str, usize)> {
    let stops = |letter: char| letter.is_whitespace() || matches!(letter, '<' | '>' | '"' | '«' | '»' | '\u{2068}' | '\u{2069}');
    let token = &rest[..rest.find(stops).unwrap_or(rest.len())];
    let token = token.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '،', '؛', '؟']);
    let lower = token.get(..8.min(token.len())).unwrap_or_default().to_ascii_lowercase();
    if ["http://", "https://", "tg://", "ton://"].iter().any(|scheme| lower.starts_with(scheme)) {
        return token.split_once("://").filter(|(_, host)| !host.is_empty()).map(|_| ("url", token.len()));
    }
    let host_end = token.find(['/', '?', '#', ':']).unwrap_or(token.len());
    let (name, host) = match token[..host_end].split_once('@') {
        Some((name, host)) => (Some(name), host),
        None => (None, &token[..host_end]),
    };
    let (first, ending) = host.rsplit_once('.')?;
    let plausible = !first.is_empty()
        && ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
        && first.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.'));
    match name {
        _ if !plausible => None,
        Some(name) if !name.is_empty() => Some(("email", host_end)),
        Some(_) => None,
        None => Some(("url", token.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telegram_finds_what_a_person_typed() {
        let cases = [
            ("/start ref_1", vec![("bot_command", "/start")]),
            ("go to /buy@souk_sim_bot now", vec![("bot_command", "/buy@souk_sim_bot")]),
            ("a/b 1/2", vec![]),
            ("سلام @sara_k خوبی", vec![("mention", "@sara_k")]),
            ("see https://example.com/a?b=1, ok", vec![("url", "https://example.com/a?b=1")]),
            ("t.me/souk and a@b.com", vec![("url", "t.me/souk"), ("email", "a@b.com")]),
            ("🙂 #tag1 #1", vec![("hashtag", "#tag1")]),
        ];
        for (plain, expected) in cases {
            let text = Text::typed(plain);
            let units: Vec<u16> = text.plain.encode_utf16().collect();
            let seen: Vec<_> =
                text.entities.iter().map(|e| (e.kind.clone(), String::from_utf16_lossy(&units[e.offset..e.end()]))).collect();
            let expected: Vec<_> = expected.into_iter().map(|(k, w)| (k.to_owned(), w.to_owned())).collect();
            assert_eq!(seen, expected, "{plain}");
        }
    }

    #[test]
    fn trimming_moves_entities() {
        let text = Text { plain: "  \n<b> ".into(), entities: vec![Entity::new("bold", 3, 10)] }.trimmed();
        assert_eq!(text.plain, "<b>");
        assert_eq!(text.entities, vec![Entity::new("bold", 0, 3)]);
        assert_eq!(text.html(), "<b>&lt;b&gt;</b>");
    }
}
