//! A Telegram of our own: the Bot API, played strictly and in memory, and the people on its other side.
//!
//! Bots talk to `router()` as they talk to Telegram (`/bot<token>/<method>`, `/file/bot<token>/<path>`). Stories and the
//! chat page act as people through [`Telegram::person`] or over `/sim/...`, and read what people see. Disturbances are
//! ordered with [`Telegram::fault`]. One lock guards the whole world and is never held across an await.
//!
//! Not played, on purpose: Markdown parse modes, inline mode, channels, business accounts, polls, games, media other than
//! photos and documents from the bot's side, link previews, and certificates of webhooks.

mod answer;
mod calls;
mod control;
mod control_acts;
mod faults;
mod files;
mod groups;
mod html;
mod markup;
mod methods;
mod methods_chat;
mod methods_edit;
mod methods_send;
mod params;
mod payments;
mod people;
mod people_press;
mod seen;
mod server;
mod state;
mod text;
mod updates;
mod webhook;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;

use crate::base::task::spawn;

pub use calls::{Call, Counters, LatencyReport};
pub use faults::{Fault, FaultKind, Flood, Ordered};
pub use files::Upload;
pub use groups::NewGroup;
pub use people::{Actor, Impossible};
pub use people_press::{Paid, Pressed};
pub use seen::{SeenButton, SeenMedia, SeenMessage};
use state::State;
pub use state::{ChatKind, Event, Person, Standing, Toast};

/// Gives the world's time in unix seconds.
pub type WorldClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A handle on one simulated Telegram with one bot. Clones share it.
#[derive(Clone)]
pub struct Telegram {
    clock: WorldClock,
    state: Arc<Mutex<State>>,
}

impl Telegram {
    /// An empty world whose bot is `@souk_sim_bot` with the token `42:sim`.
    pub fn new(clock: WorldClock) -> Self {
        Self { clock, state: Arc::new(Mutex::new(State::new())) }
    }

    /// Makes this (`digits:rest`) the bot's only token; the digits are the bot's id. Another shape changes nothing.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        if let Some((Ok(id), _)) = token.split_once(':').map(|(digits, rest)| (digits.parse(), rest)) {
            let mut state = self.lock();
            state.bot.id = id;
            state.tokens = std::iter::once(token.to_owned()).collect();
        }
        self
    }

    /// Names the bot as people see it.
    #[must_use]
    pub fn with_bot_name(self, first_name: &str, username: &str) -> Self {
        {
            let mut state = self.lock();
            first_name.clone_into(&mut state.bot.first_name);
            state.bot.username = Some(username.to_owned());
        }
        self
    }

    /// Everything this server answers: the Bot API, the files, `/sim/...` and the chat page at `/`.
    pub fn router(&self) -> axum::Router {
        server::router(self.clone())
    }

    /// Serves until the task is dropped.
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(listener, self.router()).await
    }

    /// Serves on a free loopback port in the background and returns the address to give to a bot.
    pub async fn start(&self) -> std::io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let telegram = self.clone();
        drop(spawn("sim-telegram", async move { drop(telegram.serve(listener).await) }));
        Ok(format!("http://{address}"))
    }

    pub fn bot_id(&self) -> i64 {
        self.lock().bot.id
    }

    /// Orders a fault and returns its number.
    pub fn fault(&self, fault: Fault) -> u64 {
        let mut state = self.lock();
        let id = state.faults.order(fault);
        state.changed("fault", 0);
        id
    }

    /// Takes back one fault, or all faults and penalties.
    pub fn clear_faults(&self, id: Option<u64>) {
        let mut state = self.lock();
        state.faults.clear(id);
        state.changed("fault", 0);
    }

    pub fn faults(&self) -> Vec<Ordered> {
        self.lock().faults.list().to_vec()
    }

    /// Switches Telegram's flood limits on or off.
    pub fn limit_floods(&self, is_on: bool) {
        self.lock().faults.flood = is_on.then(Flood::default);
    }

    /// Calls after this number, oldest first, as far as they are kept.
    pub fn calls_since(&self, number: u64) -> Vec<Call> {
        self.lock().calls.since(number)
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls_since(0)
    }

    /// What a person is offered behind the menu button of a chat: each command and its description.
    pub fn offered_commands(&self, chat: i64, person: i64) -> Vec<(String, String)> {
        let state = self.lock();
        let offered = state.chats.get(&chat).map(|chat| state.commands_for(chat, person)).unwrap_or_default();
        let word = |command: &Value, key: &str| command[key].as_str().unwrap_or_default().to_owned();
        let commands = offered.as_array().into_iter().flatten();
        commands.map(|command| (word(command, "command"), word(command, "description"))).collect()
    }

    /// How many calls are kept (10,000 at first); 0 switches the log off.
    pub fn keep_calls(&self, calls: usize) {
        self.lock().calls.keep(calls);
    }

    /// How many messages a chat keeps; all when absent.
    pub fn keep_messages(&self, messages: Option<usize>) {
        self.lock().history_max = messages;
    }

    pub fn counters(&self) -> Counters {
        self.lock().counters.clone()
    }

    /// Starts measuring anew how long people wait for what the bot shows them, or stops.
    pub fn measure_latency(&self, is_on: bool) {
        self.lock().latency.switch(is_on);
    }

    pub fn latency(&self) -> LatencyReport {
        self.lock().latency.report()
    }

    /// Updates not confirmed yet.
    pub fn pending_updates(&self) -> usize {
        self.lock().queue.pending.len()
    }

    /// What a poll would bring, confirmed at once: for stories that carry updates to the shop by hand. An update that is
    /// to be delivered twice comes again with the next call.
    pub fn take_updates(&self) -> Vec<Value> {
        self.lock().take_updates()
    }

    /// Puts an update into the queue as it is; people and chats it names come to exist. Returns its id.
    pub fn inject(&self, update: Value) -> i64 {
        self.lock().inject(update)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        let now = (self.clock)();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = now;
        state
    }
}
