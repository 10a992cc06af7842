//! The two things that must be known of an update before it is stored: its id, and whose turn it is.
use crate::base::UpdateId;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// An update as it came, with what was read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    pub update: UpdateId,
    /// The person, else the chat, else 0.
    pub lane: i64,
    /// It must be answered within ten seconds, whatever waits.
    pub pre_checkout: bool,
    pub raw: String,
}

impl Incoming {
    /// `None` when it is not an update: no JSON object with an `update_id`.
    pub fn read(raw: impl Into<String>) -> Option<Self> {
        let raw = raw.into();
        let peek: Peek = serde_json::from_str(&raw).ok()?;
        Some(Self { update: UpdateId(peek.update?), lane: peek.lane, pre_checkout: peek.pre_checkout, raw })
    }
}

#[derive(Default)]
struct Peek {
    update: Option<i64>,
    lane: i64,
    pre_checkout: bool,
}

impl<'de> Deserialize<'de> for Peek {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Peek;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an update")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Peek, A::Error> {
        let mut peek = Peek::default();
        while let Some(key) = map.next_key::<&str>()? {
            if key == "update_id" {
                peek.update = Some(map.next_value()?);
                continue;
            }
            peek.pre_checkout |= key == "pre_checkout_query";
            let body: &RawValue = map.next_value()?;
            // What the body of a new kind of update looks like nobody knows: then it has no lane of its own.
            if let Some(lane) = serde_json::from_str::<Body>(body.get()).ok().and_then(Body::lane) {
                peek.lane = lane;
            }
        }
        Ok(peek)
    }
}

#[derive(Deserialize)]
struct Id {
    id: i64,
}

#[derive(Deserialize)]
struct Chatted {
    chat: Option<Id>,
}

#[derive(Deserialize)]
struct Body {
    from: Option<Id>,
    user: Option<Id>,
    chat: Option<Id>,
    message: Option<Chatted>,
}

impl Body {
    fn lane(self) -> Option<i64> {
        let chat = self.chat.or(self.message.and_then(|message| message.chat));
        self.from.or(self.user).or(chat).map(|id| id.id)
    }
}

#[cfg(test)]
mod tests {
    use super::Incoming;

    #[test]
    fn the_lane_is_the_person_else_the_chat() {
        for (raw, lane) in [
            (r#"{"update_id":1,"message":{"message_id":5,"from":{"id":7,"is_bot":false},"chat":{"id":-9}}}"#, 7),
            (r#"{"message":{"from":{"id":7},"chat":{"id":-9}},"update_id":1}"#, 7),
            (r#"{"update_id":1,"channel_post":{"chat":{"id":-9},"text":"hi"}}"#, -9),
            (r#"{"update_id":1,"callback_query":{"id":"4","from":{"id":7},"message":{"chat":{"id":-9}}}}"#, 7),
            (r#"{"update_id":1,"message_reaction":{"user":{"id":8},"chat":{"id":-9}}}"#, 8),
            (r#"{"update_id":1,"poll":{"id":"x","question":"from"}}"#, 0),
            (r#"{"update_id":1,"brand_new":{"from":"somebody"}}"#, 0),
            (r#"{"update_id":1,"brand_new":[1,2]}"#, 0),
            (r#"{"update_id":1,"message":{"text":"\"from\":{\"id\":3}","chat":{"id":2}}}"#, 2),
        ] {
            let read = Incoming::read(raw).unwrap();
            assert_eq!((read.update.0, read.lane), (1, lane), "{raw}");
            assert_eq!(read.raw, raw);
            assert!(!read.pre_checkout);
        }
        assert!(Incoming::read(r#"{"update_id":1,"pre_checkout_query":{"from":{"id":7}}}"#).unwrap().pre_checkout);
    }

    #[test]
    fn what_is_no_update_is_told_apart() {
        for raw in ["", "[]", "null", "{}", r#"{"message":{}}"#, r#"{"update_id":"x"}"#, r#"{"update_id":1"#, "سلام"] {
            assert_eq!(Incoming::read(raw), None, "{raw}");
        }
    }
}
