//! What a message says, as far as the shop cares: pure reading of Telegram's message.
use crate::base::{amounts_in, ascii_digits};
use teloxide::types::{MediaKind, Message, MessageKind};

/// A message, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Name in lower case, the rest of the line.
    Command {
        name: String,
        rest: String,
    },
    Text(String),
    File(Attached),
    /// A phone number by Telegram's own button; `own`: it is the sender's.
    Contact {
        phone: String,
        own: bool,
    },
    /// Something that we have no use for: a sticker, a voice.
    Other,
    /// Telegram's own words: somebody joined, a title changed.
    Service,
}

/// What kind of file it is, by its declared type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Photo,
    Image,
    Pdf,
    Other,
}

/// A file that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    pub kind: FileKind,
    pub file_id: String,
    /// The same for the same file, whoever sends it.
    pub file_key: String,
    pub bytes: u64,
    pub caption: Option<String>,
    /// Telegram's name for the files that were sent together with this one.
    pub album: Option<String>,
}

/// Reads a message; `me` is the bot's own name, so that commands for other bots are left alone.
pub fn read(message: &Message, me: Option<&str>) -> Said {
    let MessageKind::Common(common) = &message.kind else {
        return if matches!(message.kind, MessageKind::Empty {}) { Said::Other } else { Said::Service };
    };
    match &common.media_kind {
        MediaKind::Text(media) => read_text(&media.text, me),
        MediaKind::Photo(media) => match media.photo.iter().max_by_key(|size| size.width) {
            Some(photo) => Said::File(Attached {
                kind: FileKind::Photo,
                file_id: photo.file.id.0.clone(),
                file_key: photo.file.unique_id.0.clone(),
                bytes: photo.file.size.into(),
                caption: media.caption.clone(),
                album: media.media_group_id.as_ref().map(|id| id.0.clone()),
            }),
            None => Said::Other,
        },
        MediaKind::Document(media) => {
            let document = &media.document;
            let mime = document.mime_type.as_ref().map(|mime| mime.essence_str().to_ascii_lowercase()).unwrap_or_default();
            let name = document.file_name.clone().unwrap_or_default();
            Said::File(Attached {
                kind: file_kind(&mime, &name),
                file_id: document.file.id.0.clone(),
                file_key: document.file.unique_id.0.clone(),
                bytes: document.file.size.into(),
                caption: media.caption.clone(),
                album: media.media_group_id.as_ref().map(|id| id.0.clone()),
            })
        }
        MediaKind::Contact(media) => Said::Contact {
            phone: media.contact.phone_number.clone(),
            own: media.contact.user_id.is_some() && media.contact.user_id == message.from.as_ref().map(|from| from.id),
        },
        MediaKind::Migration(_) => Said::Service,
        _ => Said::Other,
    }
}

/// Some clients send no type, so the name decides then. Only what a reviewer can look at counts as an image.
fn file_kind(mime: &str, name: &str) -> FileKind {
    let name = name.to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let unsaid = mime.is_empty() || mime == "application/octet-stream";
    match mime {
        "image/jpeg" | "image/png" | "image/webp" | "image/heic" | "image/heif" => FileKind::Image,
        "application/pdf" => FileKind::Pdf,
        _ if unsaid && ends(&[".jpg", ".jpeg", ".png", ".webp", ".heic"]) => FileKind::Image,
        _ if unsaid && ends(&[".pdf"]) => FileKind::Pdf,
        _ => FileKind::Other,
    }
}

fn read_text(text: &str, me: Option<&str>) -> Said {
    let text = text.trim();
    let Some(command) = text.strip_prefix('/') else { return Said::Text(text.to_owned()) };
    let (head, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let (name, whom) = head.split_once('@').map_or((head, None), |(name, whom)| (name, Some(whom)));
    let well_formed = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !well_formed {
        return Said::Text(text.to_owned());
    }
    match (whom, me) {
        (Some(whom), Some(me)) if !whom.eq_ignore_ascii_case(me) => Said::Service,
        _ => Said::Command { name: name.to_ascii_lowercase(), rest: rest.trim().to_owned() },
    }
}

/// A bank's tracking number as typed: 4 to 40 characters with six digits, or with four that are half of it, whatever their
/// script: "I pay at 14:30" is none. Kept with ASCII digits and single spaces, so that the same number is known again.
pub fn tracking_number(text: &str) -> Option<String> {
    let plain = ascii_digits(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let length = plain.chars().count();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits >= 6 || digits >= 4 && digits * 2 >= length;
    ((4..=40).contains(&length) && is_number && !plain.contains("://")).then_some(plain)
}

/// Words by which a longer text is known as one of a bank about a transfer.
const TRANSFER: [&str; 9] = ["پیگیری", "رهگیری", "ارجاع", "مرجع", "tracking", "reference", "trace", "transaction", "номер"];

/// A longer text that speaks of a transfer, such as the message of a bank: an amount or a word of the trade, and a number.
pub fn transfer_message(text: &str) -> Option<String> {
    let plain = ascii_digits(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let has_number = plain.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 6);
    let small = plain.to_lowercase();
    let is_of_transfer = || TRANSFER.iter().any(|word| small.contains(word)) || !amounts_in(&plain).is_empty();
    (plain.chars().count() <= 500 && has_number && is_of_transfer()).then_some(plain)
}

/// A transaction's hash as a wallet shows it, alone or in the link of an explorer: 64 hex digits, kept small and without `0x`;
/// or TON's 44 letters of base64.
pub fn transaction_hash(text: &str) -> Option<String> {
    let hex = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).map(|word| word.strip_prefix("0x").unwrap_or(word));
    if let Some(hash) = words.into_iter().find(hex) {
        return Some(hash.to_ascii_lowercase());
    }
    let alone = text.trim();
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
    let hash = alone.strip_suffix('=').unwrap_or(alone);
    (hash.len() == 43 && hash.bytes().all(base64)).then(|| alone.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{FileKind, Said, file_kind, read_text, tracking_number, transaction_hash, transfer_message};

    #[test]
    fn commands_are_told_from_words() {
        let command = |name: &str, rest: &str| Said::Command { name: name.to_owned(), rest: rest.to_owned() };
        for (text, said) in [
            ("/start", command("start", "")),
            ("/start plan_m1", command("start", "plan_m1")),
            ("/START@Souk_Bot  a b ", command("start", "a b")),
            ("/payments@other_bot", Said::Service),
            ("/", Said::Text("/".to_owned())),
            ("/سلام", Said::Text("/سلام".to_owned())),
            (" 5 / 6 ", Said::Text("5 / 6".to_owned())),
        ] {
            assert_eq!(read_text(text, Some("souk_bot")), said, "{text}");
        }
    }

    #[test]
    fn tracking_numbers_are_read_as_people_type_them() {
        for (typed, number) in [
            ("123456789", Some("123456789")),
            ("۱۲۳۴ ۵۶۷۸", Some("1234 5678")),
            ("پیگیری: ۱۲۳۴۵۶", Some("پیگیری: 123456")),
            ("123", None),
            ("TR-1234", Some("TR-1234")),
            ("I will pay at 14:30", None),
            ("سلام خوبی؟", None),
            ("😀😀😀😀😀", None),
            ("https://pay.example/1234567", None),
            ("1234567890 1234567890 1234567890 1234567890", None),
        ] {
            assert_eq!(tracking_number(typed).as_deref(), number, "{typed}");
        }
    }

    #[test]
    fn the_message_of_a_bank_is_told_from_other_words() {
        let bank = "بانک نمونه\nمبلغ: ۱٬۲۰۵٬۶۲۰ ریال\nپیگیری: ۱۴۰۵۰۸۲۹۱۲۳۴";
        assert_eq!(transfer_message(bank).as_deref(), Some("بانک نمونه مبلغ: 1٬205٬620 ریال پیگیری: 140508291234"));
        assert!(transfer_message("I paid 120,562 toman, the tracking number is 12345678").is_some());
        for text in ["when will it be checked", "call me at 09121234567 when it is done, please", "paid 100,000 toman", "x"] {
            assert_eq!(transfer_message(text), None, "{text}");
        }
        assert_eq!(transfer_message(&format!("tracking 12345678 {}", "x".repeat(600))), None);
    }

    #[test]
    fn hashes_are_read_as_wallets_and_explorers_show_them() {
        let hash = "9f2c4b7a0d1e3f5a6b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c";
        let ton = "Xq3mJH1vTDWT0Z5Ygq8wL0oG9Yv7d1uQJ0hCkS2bN4E=";
        for (typed, found) in [
            (hash.to_owned(), Some(hash)),
            (format!("0x{}", hash.to_uppercase()), Some(hash)),
            (format!("https://tronscan.org/#/transaction/{hash}?lang=en"), Some(hash)),
            (format!("هش: {hash}"), Some(hash)),
            (format!(" {ton} "), Some(ton)),
            (hash[1..].to_owned(), None),
            (format!("{hash}0"), None),
            ("I have paid it just now, is that enough for you".to_owned(), None),
        ] {
            assert_eq!(transaction_hash(&typed).as_deref(), found, "{typed}");
        }
    }

    #[test]
    fn files_are_known_by_type_and_else_by_name() {
        for (mime, name, kind) in [
            ("image/jpeg", "a.jpg", FileKind::Image),
            ("application/pdf", "", FileKind::Pdf),
            ("", "RECEIPT.PDF", FileKind::Pdf),
            ("application/octet-stream", "r.png", FileKind::Image),
            ("application/zip", "r.png", FileKind::Other),
            ("image/svg+xml", "r.svg", FileKind::Other),
            ("video/mp4", "v.mp4", FileKind::Other),
        ] {
            assert_eq!(file_kind(mime, name), kind, "{mime} {name}");
        }
    }
}
