//! Waiting for something to be seen in a chat: woken by the world's events, and asking once a second all the same.
use crate::world::{Message, World};
use anyhow::bail;
use serde::Deserialize;
use souk::base::task;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// How many of a chat's newest messages are looked at.
const NEWEST: usize = 8;

#[derive(Default)]
struct Bells {
    chats: Mutex<HashMap<i64, Arc<Notify>>>,
}

impl Bells {
    fn of(&self, chat: i64) -> Arc<Notify> {
        Arc::clone(self.chats.lock().unwrap_or_else(PoisonError::into_inner).entry(chat).or_default())
    }

    /// Chat 0: all of them.
    fn ring(&self, chat: i64) {
        let chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        match chats.get(&chat) {
            Some(bell) => bell.notify_waiters(),
            None if chat == 0 => chats.values().for_each(|bell| bell.notify_waiters()),
            None => {}
        }
    }
}

#[derive(Deserialize)]
struct Event {
    chat: i64,
}

/// A watcher of the whole world.
pub struct Watch {
    pub world: Arc<World>,
    bells: Arc<Bells>,
}

impl Watch {
    pub async fn start(world: Arc<World>) -> anyhow::Result<Self> {
        let bells = Arc::new(Bells::default());
        // No overall limit: the line stays open as long as the world lives.
        let client = teloxide::net::default_reqwest_settings().timeout(Duration::from_hours(24)).build()?;
        let mut line = client.get(format!("{}/sim/events", world.telegram)).send().await?;
        let ears = Arc::clone(&bells);
        drop(task::spawn("events", async move {
            let mut text = String::new();
            while let Ok(Some(bytes)) = line.chunk().await {
                text.push_str(&String::from_utf8_lossy(&bytes));
                while let Some(end) = text.find('\n') {
                    let event: Option<Event> =
                        text[..end].strip_prefix("data: ").and_then(|data| serde_json::from_str(data).ok());
                    if let Some(event) = event {
                        ears.ring(event.chat);
                    }
                    text.drain(..=end);
                }
            }
        }));
        Ok(Self { world, bells })
    }

    /// Waits until `found` finds something among the newest messages of a chat.
    pub async fn until<T>(
        &self,
        chat: i64,
        what: &str,
        patience: Duration,
        found: impl Fn(&[Message]) -> Option<T>,
    ) -> anyhow::Result<T> {
        let (bell, deadline) = (self.bells.of(chat), Instant::now() + patience);
        loop {
            let rung = bell.notified();
            tokio::pin!(rung);
            rung.as_mut().enable();
            let seen = self.world.messages(chat, 0, NEWEST).await?.messages;
            if let Some(found) = found(&seen) {
                return Ok(found);
            }
            if Instant::now() >= deadline {
                let there: Vec<&str> = seen.last().map(|message| message.data().collect()).unwrap_or_default();
                bail!("chat {chat} waited {} s for {what} and saw buttons {there:?}", patience.as_secs());
            }
            let _rung_or_not = timeout(Duration::from_secs(1), rung).await;
        }
    }

    /// The next change of a chat, or a moment.
    pub async fn change(&self, chat: i64) {
        let bell = self.bells.of(chat);
        let _rung_or_not = timeout(Duration::from_millis(200), bell.notified()).await;
    }
}
