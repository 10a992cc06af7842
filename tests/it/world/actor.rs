//! One person in one chat: what they do, and what they then see. After each act the world is settled.

use std::sync::Mutex;

use souk::base::Lang;
use souk::base::texts::t;
use souk::sim::telegram::{self, Impossible, Pressed, SeenMessage, Upload};

use super::ending::Allowed;
use super::pictures;
use super::shop::World;

/// A person in a chat: a customer with the bot, or an admin in the group.
pub struct Actor<'w> {
    pub world: &'w World,
    pub at: telegram::Actor,
    pub lang: Lang,
    /// The callback id of the last tap.
    tap: Mutex<Option<String>>,
}

impl<'w> Actor<'w> {
    pub fn new(world: &'w World, at: telegram::Actor, lang: Lang) -> Self {
        Self { world, at, lang, tap: Mutex::default() }
    }

    pub fn id(&self) -> i64 {
        self.at.id()
    }

    /// The same person in the private chat with the bot.
    pub fn in_private(&self) -> Self {
        Self::new(self.world, self.at.in_chat(self.at.id()), self.lang)
    }

    pub async fn says(&self, text: &str) -> i64 {
        let message = self.answering(!text.starts_with('/')).says(text).expect("the person may write");
        self.world.settle().await;
        message
    }

    /// In a group, what is no command answers the bot's newest question, or else its newest message: others talk there too.
    fn answering(&self, is_answer: bool) -> telegram::Actor {
        let said: Vec<_> =
            self.messages().into_iter().filter(|message| message.is_from_bot && message.service.is_none()).collect();
        let leaves = ["admin-do-stop", "applicant-do-reject-yes"].map(|key| self.words(key));
        let asks = |message: &&SeenMessage| {
            message.labels().iter().any(|label| leaves.iter().any(|leave| label.contains(leave.as_str())))
        };
        let newest = said.iter().rev().find(asks).or(said.last());
        match newest {
            Some(newest) if is_answer && self.at.chat() < 0 => self.at.answering(newest.id),
            _ => self.at.clone(),
        }
    }

    pub async fn edits(&self, message: i64, text: &str) {
        self.at.edits(message, text).expect("the person may edit");
        self.world.settle().await;
    }

    /// Taps the newest button whose label holds this text.
    pub async fn taps(&self, label: &'static str) -> Pressed {
        self.world.patience(|| self.has_button(label)).await;
        let pressed = self.press(label);
        self.world.settle().await;
        pressed
    }

    /// The same for a label that is nobody's text, such as a plan's title.
    pub async fn taps_named(&self, label: &str) {
        self.press_named(label);
        self.world.settle().await;
    }

    /// Taps one after another.
    pub async fn taps_all(&self, labels: &[&'static str]) {
        for label in labels {
            self.taps(label).await;
        }
    }

    /// Taps twice before the bot answers.
    pub async fn taps_twice(&self, label: &'static str) {
        self.press(label);
        self.press(label);
        self.world.settle().await;
    }

    /// Taps, and nobody hears it yet.
    pub fn press(&self, label: &'static str) -> Pressed {
        self.press_named(&self.words(label))
    }

    fn press_named(&self, label: &str) -> Pressed {
        let (message, label) = self.button(label);
        let pressed = self.at.presses(message, &label).expect("the button is there");
        if let Pressed::Asked(id) = &pressed {
            *self.tap.lock().expect("a lock") = Some(id.clone());
            self.world.ending.tapped();
        }
        pressed
    }

    /// Taps a button that is no longer there, or never was.
    pub async fn taps_old(&self, message: i64, data: &str) {
        let id = self.at.presses_old(message, data).expect("the person may tap");
        *self.tap.lock().expect("a lock") = Some(id);
        self.world.ending.tapped();
        self.world.settle().await;
    }

    /// The message and the whole label of the newest button that holds this text.
    fn button(&self, text: &str) -> (i64, String) {
        let messages = self.messages();
        let newest = messages.iter().rev().find_map(|message| {
            let label = message.labels().into_iter().find(|label| label.contains(text))?;
            Some((message.id, label.to_owned()))
        });
        newest.unwrap_or_else(|| panic!("no button «{text}» for {}; there is:\n{}", self.id(), self.chat()))
    }

    /// The callback data of the newest button that holds this text.
    pub fn data_of(&self, text: &'static str) -> (i64, String) {
        let (message, label) = self.button(&self.words(text));
        let seen = self.messages().into_iter().find(|seen| seen.id == message).expect("the message");
        let button = seen.keyboard.into_iter().flatten().find(|button| button.label == label).expect("the button");
        (message, button.data.expect("a button that asks the bot"))
    }

    pub fn has_button(&self, text: &'static str) -> bool {
        let text = &self.words(text);
        self.messages().iter().any(|message| message.labels().iter().any(|label| label.contains(text.as_str())))
    }

    /// Is it on the newest message of the bot?
    pub fn has_button_now(&self, text: &'static str) -> bool {
        let text = &self.words(text);
        self.last().labels().iter().any(|label| label.contains(text.as_str()))
    }

    /// Sends a picture of a receipt; another number is another picture.
    pub async fn sends_photo(&self, number: u32) -> i64 {
        self.sends_photo_saying(number, "").await
    }

    pub async fn sends_photo_saying(&self, number: u32, caption: &str) -> i64 {
        let sent = self.answering(true).sends_photo(&pictures::receipt(number), caption).expect("the person may send");
        self.world.settle().await;
        sent
    }

    pub async fn sends_document(&self, upload: &Upload) -> i64 {
        let sent = self.answering(true).sends_document(upload, "").expect("the person may send");
        self.world.settle().await;
        sent
    }

    /// Any other act of the simulated person.
    pub async fn does<T>(&self, act: impl FnOnce(&telegram::Actor) -> Result<T, Impossible>) -> T {
        let done = act(&self.at).expect("the person may do that");
        self.world.settle().await;
        done
    }

    /// All that was not deleted, oldest first.
    pub fn messages(&self) -> Vec<SeenMessage> {
        let mut messages = self.world.telegram.messages(self.at.chat());
        messages.retain(|message| !message.is_deleted);
        messages
    }

    /// The newest message of the bot.
    pub fn last(&self) -> SeenMessage {
        self.at.last().unwrap_or_else(|| panic!("the bot said nothing to {}", self.id()))
    }

    /// The newest message of the bot as text, with its buttons.
    pub fn sees(&self) -> String {
        self.world.shown(&drawn(&self.last()))
    }

    /// All the bot's messages that hold this text.
    pub fn told(&self, text: &'static str) -> Vec<SeenMessage> {
        let text = self.words(text);
        self.messages().into_iter().filter(|message| message.is_from_bot && message.text.contains(&text)).collect()
    }

    /// It was told, and told once; twice only where the story orders that nobody hears what arrived.
    pub fn heard_once(&self, text: &'static str) {
        let most = if self.world.ending.allows(Allowed::ToldAgain) { 2 } else { 1 };
        let count = self.told(text).len();
        assert!((1..=most).contains(&count), "{text} was told {count} times:\n{}", self.chat());
    }

    /// Is this what the newest message of the bot says?
    pub fn reads(&self, text: &'static str) -> bool {
        self.last().text.contains(&self.words(text))
    }

    /// A text's key in this person's language, as it is read on the screen; anything else as it is. So a story names what
    /// is said, and the words may become better.
    pub fn words(&self, text: &'static str) -> String {
        let is_key =
            text.contains('-') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let words = if is_key { t(self.lang, text) } else { text };
        words.replace("<b>", "").replace("</b>", "")
    }

    /// The whole chat as text.
    pub fn chat(&self) -> String {
        self.world.shown(&self.at.sees())
    }

    /// What the last tap was answered with: empty when with nothing; `None` when it was not answered.
    pub fn toast(&self) -> Option<String> {
        let tap = self.tap.lock().expect("a lock").clone()?;
        self.at.toasts().into_iter().rev().find(|toast| toast.callback == tap).map(|toast| toast.text)
    }
}

/// A message as text: what it carries, its words, its buttons row by row.
pub fn drawn(message: &SeenMessage) -> String {
    let media = message.media.as_ref().map(|media| format!("({})", media.kind));
    let rows = message.keyboard.iter().map(|row| {
        let labels: Vec<String> = row.iter().map(|button| format!("[{}]", button.label)).collect();
        labels.join(" ")
    });
    media.into_iter().chain([message.text.clone()]).chain(rows).collect::<Vec<_>>().join("\n")
}
