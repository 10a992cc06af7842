//! Screens: what a person is shown, as values. They know nothing of Telegram's calls, and nothing of the world.
use super::route::Route;

/// One message: its words, its buttons, perhaps a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Screen {
    /// Telegram's HTML.
    pub text: String,
    pub rows: Vec<Vec<Button>>,
    pub media: Option<Media>,
    /// It must stay where it is: shown as a new message, and not edited away by the next tap on the old one.
    pub keep: bool,
    /// The message of the same chat that it answers; one that is gone is no hindrance.
    pub answers: Option<i32>,
    /// The keyboard below the chat, in place of buttons under the message.
    pub keyboard: Option<Keyboard>,
}

/// What stands where the phone's keyboard does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyboard {
    /// One button with this label, which sends the person's own number.
    Contact(String),
    /// It goes away.
    Gone,
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Button {
    Go(Route, String),
    /// Address, label.
    Url(String, String),
    /// What is copied (at most 256 letters), label.
    Copy(String, String),
}

impl Button {
    pub fn label(&self) -> &str {
        match self {
            Self::Go(_, label) | Self::Url(_, label) | Self::Copy(_, label) => label,
        }
    }
}

/// A picture or a file at the head of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// A picture of ours.
    Png(Vec<u8>),
    /// A photo that Telegram holds.
    Photo(String),
    /// A file that Telegram holds.
    File(String),
    /// The picture or file that the message has already: its words and buttons change under it.
    Same,
    /// A file of ours: name, content.
    Upload(String, Vec<u8>),
}

impl Media {
    /// How much of it is ours to send.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Png(bytes) | Self::Upload(_, bytes) => bytes.len(),
            Self::Photo(_) | Self::File(_) | Self::Same => 0,
        }
    }
}

impl Screen {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Adds a row of buttons; an empty one is left out.
    #[must_use]
    pub fn row(mut self, buttons: impl IntoIterator<Item = Button>) -> Self {
        let row: Vec<Button> = buttons.into_iter().collect();
        if !row.is_empty() {
            self.rows.push(row);
        }
        self
    }

    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Vec<Button>>) -> Self {
        self.rows.extend(rows.into_iter().filter(|row| !row.is_empty()));
        self
    }

    #[must_use]
    pub fn with(mut self, media: Media) -> Self {
        self.media = Some(media);
        self
    }

    #[must_use]
    pub const fn answering(mut self, message: i32) -> Self {
        self.answers = Some(message);
        self
    }

    #[must_use]
    pub fn keyboard(mut self, keyboard: Keyboard) -> Self {
        self.keyboard = Some(keyboard);
        self
    }

    #[must_use]
    pub const fn keep(mut self) -> Self {
        self.keep = true;
        self
    }
}

/// The answer to a tap: a word that fades, or a box that must be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toast {
    Brief(String),
    Alert(String),
}

/// Everything that one update is answered with. The first screen takes the place of the tapped one where it can; the
/// others are new messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    pub screens: Vec<Screen>,
    pub toast: Option<Toast>,
}

impl Answer {
    /// Silence. A tap is still answered, with nothing.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// A brief word over a screen that stays as it is.
    pub fn toast(text: impl Into<String>) -> Self {
        Self { toast: Some(Toast::Brief(text.into())), ..Self::default() }
    }

    /// A refusal that changes nothing on the screen.
    pub fn alert(text: impl Into<String>) -> Self {
        Self { toast: Some(Toast::Alert(text.into())), ..Self::default() }
    }

    /// Adds a brief word.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.toast = Some(Toast::Brief(text.into()));
        self
    }

    /// Adds a message.
    #[must_use]
    pub fn and(mut self, screen: Screen) -> Self {
        self.screens.push(screen);
        self
    }
}

impl From<Screen> for Answer {
    fn from(screen: Screen) -> Self {
        Self { screens: vec![screen], toast: None }
    }
}
