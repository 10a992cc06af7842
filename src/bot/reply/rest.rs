//! Chats that Telegram told to rest: whoever can come again asks nothing of them meanwhile. Asking all the same only makes the rest
//! longer, and many that wait for one chat would ask many times.
//!
//! It is known in this process alone; another one is told by Telegram itself.
use super::wire::Refusal;
use crate::app::App;
use crate::base::{ChatId, Time};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Default)]
struct Resting(Mutex<HashMap<ChatId, Time>>);

impl Resting {
    fn lock(&self) -> MutexGuard<'_, HashMap<ChatId, Time>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long yet.
    fn left(&self, chat: ChatId, now: Time) -> Option<Duration> {
        let until = self.lock().get(&chat).copied()?;
        u64::try_from(until.since(now)).ok().filter(|left| *left > 0).map(Duration::from_millis)
    }

    fn begins(&self, chat: ChatId, now: Time, pause: Duration) {
        let until = now.after(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        let mut all = self.lock();
        all.retain(|_, until| *until > now);
        all.entry(chat).and_modify(|known| *known = until.max(*known)).or_insert(until);
    }
}

/// Calls, unless the chat rests.
pub async fn unless_resting<T>(app: &App, chat: ChatId, call: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let resting = app.db.lasting::<Resting>();
    if let Some(left) = resting.left(chat, app.clock.now()) {
        return Err(Refusal::Wait(left));
    }
    let outcome = call.await;
    if let Err(Refusal::Wait(pause)) = &outcome {
        resting.begins(chat, app.clock.now(), *pause);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::Resting;
    use crate::base::{ChatId, SECOND, Time};
    use std::time::Duration;

    #[test]
    fn a_chat_rests_as_long_as_it_was_told_last_and_no_other_does() {
        let (resting, now, chat) = (Resting::default(), Time(1_000), ChatId(-7));
        assert_eq!(resting.left(chat, now), None);
        resting.begins(chat, now, Duration::from_secs(3));
        resting.begins(chat, now, Duration::from_secs(1));
        assert_eq!(resting.left(chat, now.after(SECOND)), Some(Duration::from_secs(2)));
        assert_eq!(resting.left(ChatId(7), now), None);
        assert_eq!(resting.left(chat, now.after(3 * SECOND)), None);
        resting.begins(ChatId(7), now.after(3 * SECOND), Duration::from_secs(1));
        assert_eq!(resting.lock().len(), 1, "what is over is forgotten");
    }
}
