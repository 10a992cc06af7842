//! When the next message may go: 25 a second over all chats, one a second in a chat, and nothing where we must wait.
use crate::base::{ChatId, SECOND, Time};
use std::collections::HashMap;

/// 25 a second.
const GAP: i64 = 40;
/// So many may go at once after a rest: with 25 more in that second it stays within Telegram's 30.
const BURST: i64 = 5;

#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When the messages that went would have gone one by one.
    full_until: i64,
    /// Nobody gets anything before.
    hush_until: i64,
    /// When a chat may have the next one.
    chats: HashMap<ChatId, Time>,
    /// The chat that was told to wait, if the last answer was that.
    flooded: Option<ChatId>,
}

impl Pace {
    /// When the next message may go to anybody.
    pub fn free_at(&self) -> Time {
        Time((self.full_until - (BURST - 1) * GAP).max(self.hush_until))
    }

    /// The chats that must not get anything at `now`.
    pub fn resting(&mut self, now: Time) -> Vec<ChatId> {
        self.chats.retain(|_, until| *until > now);
        self.chats.keys().copied().collect()
    }

    /// A message is on its way.
    pub fn went(&mut self, chat: ChatId, now: Time) {
        self.full_until = self.full_until.max(now.0) + GAP;
        self.chats.insert(chat, Time(i64::MAX));
    }

    /// A message that went at `at` was answered.
    pub fn landed(&mut self, chat: ChatId, at: Time) {
        self.chats.insert(chat, at.after(SECOND));
        self.flooded = None;
    }

    /// A chat must wait. Two in a row, of different chats: all must.
    pub fn flood(&mut self, chat: ChatId, until: Time) {
        self.chats.insert(chat, until);
        if self.flooded.is_some_and(|before| before != chat) {
            self.hush_until = self.hush_until.max(until.0);
        }
        self.flooded = Some(chat);
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use crate::base::{ChatId, Time};

    #[test]
    fn no_second_has_more_than_thirty_and_a_minute_has_its_25_a_second() {
        let mut pace = Pace::default();
        let mut went = Vec::new();
        for ms in 0..60_000 {
            while pace.free_at() <= Time(ms) {
                pace.went(ChatId(ms), Time(ms));
                went.push(ms);
            }
        }
        for (index, start) in went.iter().enumerate() {
            let end = went[index..].iter().take_while(|ms| **ms < start + 1_000).count();
            assert!(end <= 30, "{end} messages in the second from {start}");
        }
        assert!(went.len() >= 25 * 60, "{}", went.len());
    }

    #[test]
    fn a_chat_rests_a_second_and_as_long_as_it_is_told() {
        let mut pace = Pace::default();
        let (sara, omid) = (ChatId(1), ChatId(2));
        pace.went(sara, Time(0));
        assert_eq!(pace.resting(Time(5_000)), [sara], "its answer is awaited");
        pace.landed(sara, Time(100));
        assert_eq!(pace.resting(Time(1_099)), [sara]);
        assert!(pace.resting(Time(1_100)).is_empty());
        pace.flood(sara, Time(9_000));
        assert_eq!(pace.resting(Time(8_999)), [sara]);
        assert!(pace.free_at() < Time(8_999), "one chat's flood is nobody else's");
        pace.flood(omid, Time(12_000));
        assert_eq!(pace.free_at(), Time(12_000), "two in a row are everybody's");
    }
}
