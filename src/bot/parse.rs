//! From raw JSON to an update, whatever is newer than our library (which knows the Bot API 9.1).
//!
//! teloxide drops a whole message for one part that it does not know: an entity's type, a button, an origin of a forward, a
//! medium. Here a message gives up such parts, one after another, and keeps what the person said. A kind of update
//! that nobody knows stays `UpdateKind::Error`; its raw row is kept in the inbox.
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use teloxide::types::{MessageKind, Update, UpdateKind};

/// Entity types of the Bot API 9.1.
const ENTITIES: [&str; 19] = [
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
];
/// Parts of a message that say nothing about what the person wants.
const TRIMMINGS: [&str; 18] = [
    "reply_markup",
    "forward_origin",
    "external_reply",
    "quote",
    "reply_to_story",
    "via_bot",
    "sender_business_bot",
    "sender_chat",
    "link_preview_options",
    "effect_id",
    "entities",
    "caption_entities",
    "forward_from",
    "forward_from_chat",
    "paid_star_count",
    "sender_boost_count",
    "reply_to_message",
    "pinned_message",
];
/// What is left of a message when all else fails.
const CORE: [&str; 16] = [
    "message_id",
    "message_thread_id",
    "is_topic_message",
    "date",
    "edit_date",
    "chat",
    "from",
    "text",
    "caption",
    "photo",
    "document",
    "contact",
    "media_group_id",
    "successful_payment",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
];
const MESSAGES: [&str; 4] = ["message", "edited_message", "channel_post", "edited_channel_post"];

/// Reads an update.
///
/// # Errors
/// What is no update at all: no JSON, or no `update_id`.
pub fn parse(raw: &str) -> Result<Update, serde_json::Error> {
    let lean = lean_tap(raw);
    let update: Update = serde_json::from_str(lean.as_deref().unwrap_or(raw))?;
    if whole(&update) {
        return Ok(update);
    }
    let value: Value = serde_json::from_str(raw)?;
    for (name, mend) in MENDS {
        let mut mended = value.clone();
        mend(&mut mended);
        // From text: teloxide finds the kind of an update only by a borrowed key.
        if let Ok(better) = serde_json::from_str::<Update>(&mended.to_string())
            && whole(&better)
        {
            tracing::info!(update.id = better.id.0, by = name, "an update has parts that are newer than we are");
            metrics::counter!("souk_updates_mended", "by" => name).increment(1);
            return Ok(better);
        }
    }
    metrics::counter!("souk_updates_unknown").increment(1);
    Ok(update)
}

/// A tap without the buttons and the formatting of the message under it, which are ours and the larger half of it: who
/// answers a tap reads neither. `None`: no tap, or not written as Telegram writes.
fn lean_tap(raw: &str) -> Option<String> {
    type Parts<'a> = BTreeMap<&'a str, &'a RawValue>;
    const TAP: &str = "callback_query";
    if !raw.contains(TAP) {
        return None;
    }
    let mut update: Parts<'_> = serde_json::from_str(raw).ok()?;
    let mut tap: Parts<'_> = serde_json::from_str(update.get(TAP)?.get()).ok()?;
    let mut message: Parts<'_> = serde_json::from_str(tap.get("message")?.get()).ok()?;
    message.retain(|part, _| !TRIMMINGS.contains(part));
    let message = serde_json::value::to_raw_value(&message).ok()?;
    tap.insert("message", &message);
    let tap = serde_json::value::to_raw_value(&tap).ok()?;
    update.insert(TAP, &tap);
    serde_json::to_string(&update).ok()
}

type Mend = (&'static str, fn(&mut Value));

/// From the smallest loss to the greatest.
const MENDS: [Mend; 4] = [
    ("entities", |update| each_message(update, &mut known_entities)),
    ("trimmings", |update| {
        each_message(update, &mut known_entities);
        each_message(update, &mut without_trimmings);
    }),
    ("chat", |update| {
        known_places(update);
        each_message(update, &mut without_trimmings);
    }),
    ("core", |update| {
        only_its_kind(update);
        known_places(update);
        each_message(update, &mut core);
    }),
];

/// Whether nothing that matters was lost: an update is no error, a message is not empty.
fn whole(update: &Update) -> bool {
    match &update.kind {
        UpdateKind::Error(_) => false,
        UpdateKind::Message(message)
        | UpdateKind::EditedMessage(message)
        | UpdateKind::ChannelPost(message)
        | UpdateKind::EditedChannelPost(message) => !matches!(message.kind, MessageKind::Empty {}),
        _ => true,
    }
}

/// Visits the message of an update, the one under a pressed button, and those inside them.
fn each_message(update: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    let Some(update) = update.as_object_mut() else { return };
    for kind in MESSAGES {
        message_and_inner(update.get_mut(kind), visit);
    }
    message_and_inner(update.get_mut("callback_query").and_then(|query| query.get_mut("message")), visit);
}

fn message_and_inner(message: Option<&mut Value>, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    let Some(message) = message.and_then(Value::as_object_mut) else { return };
    visit(message);
    for inner in ["reply_to_message", "pinned_message"] {
        message_and_inner(message.get_mut(inner), visit);
    }
}

fn known_entities(message: &mut Map<String, Value>) {
    let keep = |entities: Option<&mut Value>| {
        if let Some(entities) = entities.and_then(Value::as_array_mut) {
            entities.retain(|entity| entity["type"].as_str().is_some_and(|kind| ENTITIES.contains(&kind)));
        }
    };
    keep(message.get_mut("entities"));
    keep(message.get_mut("caption_entities"));
    keep(message.get_mut("quote").and_then(|quote| quote.get_mut("entities")));
}

fn without_trimmings(message: &mut Map<String, Value>) {
    message.retain(|part, _| !TRIMMINGS.contains(&part.as_str()));
}

/// Only what we could act on; the words under an unknown medium become the text.
fn core(message: &mut Map<String, Value>) {
    message.retain(|part, _| CORE.contains(&part.as_str()));
    let has_medium = ["photo", "document", "contact"].iter().any(|medium| message.contains_key(*medium));
    if !has_medium && let Some(caption) = message.remove("caption") {
        message.insert("text".to_owned(), caption);
    }
}

/// A chat of an unknown type is private when its id is a person's, and a supergroup otherwise.
fn known_places(update: &mut Value) {
    let mut mend = |message: &mut Map<String, Value>| {
        if let Some(chat) = message.get_mut("chat") {
            known_chat(chat);
        }
    };
    each_message(update, &mut mend);
    for kind in ["my_chat_member", "chat_member", "chat_join_request"] {
        if let Some(chat) = update.get_mut(kind).and_then(|body| body.get_mut("chat")) {
            known_chat(chat);
        }
    }
}

fn known_chat(chat: &mut Value) {
    let known = ["private", "group", "supergroup", "channel"];
    if chat["type"].as_str().is_some_and(|kind| known.contains(&kind)) {
        return;
    }
    if let Some(id) = chat["id"].as_i64() {
        *chat = if id > 0 {
            json!({ "id": id, "type": "private", "first_name": chat["first_name"], "username": chat["username"] })
        } else {
            json!({ "id": id, "type": "supergroup", "title": chat["title"] })
        };
    }
}

/// Drops fields beside the update's body: teloxide takes the first for the kind.
fn only_its_kind(update: &mut Value) {
    let Some(fields) = update.as_object_mut() else { return };
    let known = ["callback_query", "my_chat_member", "chat_member", "chat_join_request", "pre_checkout_query"];
    if let Some(kind) = MESSAGES.iter().chain(&known).find(|kind| fields.contains_key(**kind)) {
        fields.retain(|field, _| field == "update_id" || field == kind);
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::{Value, json};
    use teloxide::types::{UpdateKind, UserId};

    fn message(parts: &Value) -> String {
        let mut message = json!({
            "message_id": 5, "date": 1_700_000_000,
            "from": { "id": 7, "is_bot": false, "first_name": "Sara" },
            "chat": { "id": 7, "type": "private", "first_name": "Sara" },
        });
        for (name, part) in parts.as_object().expect("parts are an object") {
            message[name] = part.clone();
        }
        json!({ "update_id": 1, "message": message }).to_string()
    }

    fn said(raw: &str) -> Option<String> {
        let update = parse(raw).expect("it is an update");
        assert_eq!(update.from().map(|user| user.id), Some(UserId(7)), "{raw}");
        let UpdateKind::Message(message) = update.kind else { return None };
        message.text().or(message.caption()).map(str::to_owned)
    }

    #[test]
    fn what_the_person_said_survives_what_we_do_not_know() {
        let unknown_button = json!({ "inline_keyboard": [[{ "text": "x", "time_machine": {} }]] });
        let inner = json!({
            "message_id": 4, "date": 1_700_000_000, "chat": { "id": 7, "type": "private" }, "text": "old",
            "entities": [{ "type": "hologram", "offset": 0, "length": 1 }],
        });
        let photo = json!([{ "file_id": "f", "file_unique_id": "u", "width": 1, "height": 1 }]);
        for parts in [
            json!({ "text": "سلام" }),
            json!({ "text": "سلام", "entities": [{ "type": "hologram", "offset": 0, "length": 2 }] }),
            json!({ "text": "سلام", "entities": [{ "type": "text_link", "url": "not a url", "offset": 0, "length": 2 }] }),
            json!({ "text": "سلام", "reply_markup": unknown_button }),
            json!({ "text": "سلام", "forward_origin": { "type": "time_traveller", "date": 1 } }),
            json!({ "text": "سلام", "external_reply": { "origin": { "type": "nobody" } } }),
            json!({ "text": "سلام", "quote": { "text": "x", "position": "left" } }),
            json!({ "text": "سلام", "reply_to_message": inner }),
            json!({ "text": "سلام", "brand_new": { "deep": [1, 2] } }),
            json!({ "text": "سلام", "chat": { "id": 7, "type": "hyperspace", "first_name": "Sara" } }),
            json!({ "text": "سلام", "chat": { "id": -1007, "type": "community", "title": "Us" } }),
            json!({ "caption": "سلام", "hologram": { "file_id": "h" } }),
            json!({ "caption": "سلام", "photo": photo, "caption_entities": [{ "type": "new", "offset": 0, "length": 1 }] }),
            json!({ "text": "سلام", "sticker": { "file_id": 5 }, "via_bot": "somebody" }),
        ] {
            assert_eq!(said(&message(&parts)).as_deref(), Some("سلام"), "{parts}");
        }
    }

    #[test]
    fn known_entities_stay_when_an_unknown_one_goes() {
        let raw = message(&json!({ "text": "/start x", "entities": [
            { "type": "bot_command", "offset": 0, "length": 6 }, { "type": "hologram", "offset": 7, "length": 1 },
        ] }));
        let UpdateKind::Message(message) = parse(&raw).expect("it is an update").kind else { panic!("a message") };
        assert_eq!(message.entities().map(<[_]>::len), Some(1));
    }

    #[test]
    fn a_photo_survives_beside_an_unknown_part() {
        let photo = json!([{ "file_id": "f", "file_unique_id": "u", "width": 1, "height": 1 }]);
        let raw = message(&json!({ "photo": photo, "forward_origin": { "type": "time_traveller" } }));
        let UpdateKind::Message(message) = parse(&raw).expect("it is an update").kind else { panic!("a message") };
        assert!(message.photo().is_some());
    }

    #[test]
    fn a_pressed_button_survives_its_message() {
        for part in [
            json!({ "reply_markup": { "inline_keyboard": [[{ "text": "x", "time_machine": {} }]] } }),
            json!({ "entities": [{ "type": "hologram", "offset": 0, "length": 1 }] }),
            json!({ "chat": { "id": 7, "type": "hyperspace" } }),
        ] {
            let mut under =
                json!({ "message_id": 5, "date": 1_700_000_000, "chat": { "id": 7, "type": "private" }, "text": "x" });
            for (name, value) in part.as_object().expect("an object") {
                under[name] = value.clone();
            }
            let raw = json!({ "update_id": 1, "callback_query": {
                "id": "9", "from": { "id": 7, "is_bot": false, "first_name": "Sara" }, "chat_instance": "1",
                "data": "buy", "message": under,
            } });
            let UpdateKind::CallbackQuery(query) = parse(&raw.to_string()).expect("it is an update").kind else {
                panic!("a callback: {part}")
            };
            assert_eq!(query.data.as_deref(), Some("buy"));
            assert_eq!(query.message.map(|message| message.chat().id.0), Some(7), "{part}");
        }
    }

    #[test]
    fn a_new_kind_of_update_is_no_error_of_ours() {
        let raw = r#"{"update_id":1,"dream":{"from":{"id":7},"text":"x"}}"#;
        assert!(matches!(parse(raw).expect("it is an update").kind, UpdateKind::Error(_)));
        let beside = message(&json!({ "text": "x" })).replacen('{', r#"{"a_new_field":{"x":1},"#, 1);
        assert_eq!(said(&beside).as_deref(), Some("x"), "a new field beside a known kind");
        assert!(parse("[]").is_err());
        assert!(parse(r#"{"message":{}}"#).is_err());
    }
}
