//! What people do, over HTTP. `POST /sim/act` takes one act or a list; `POST /sim/<act>` is the same with the act's name
//! in the path; photos and documents come as multipart forms.

use axum::Json;
use axum::Router;
use axum::extract::{Multipart, Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Telegram;
use super::files::Upload;
use super::people::{Actor, Impossible};
use super::people_press::{Paid, Pressed};

pub fn routes() -> Router<Telegram> {
    Router::new()
        .route("/sim/act", post(acts))
        .route("/sim/photo", post(photo))
        .route("/sim/document", post(document))
        .route("/sim/{act}", post(named_act))
}

#[derive(Deserialize)]
struct Act {
    person: i64,
    /// The private chat with the bot when absent.
    chat: Option<i64>,
    thread: Option<i64>,
    reply_to: Option<i64>,
    #[serde(flatten)]
    deed: Deed,
}

#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
enum Deed {
    Say {
        text: String,
    },
    Start {
        #[serde(default)]
        payload: String,
    },
    Contact,
    Sticker {
        emoji: String,
    },
    Voice {
        seconds: u32,
    },
    Location {
        latitude: f64,
        longitude: f64,
    },
    Forward {
        from_chat: i64,
        message: i64,
    },
    Edit {
        message: i64,
        text: String,
    },
    Delete {
        message: i64,
    },
    /// By label or data, under this message or the newest that has such a button.
    Press {
        message: Option<i64>,
        button: String,
    },
    PressOld {
        message: i64,
        data: String,
    },
    Key {
        label: String,
    },
    Block,
    Unblock,
    Pay {
        message: i64,
    },
    Upgrade,
}

fn actor(telegram: &Telegram, person: i64, chat: Option<i64>, thread: Option<i64>, reply_to: Option<i64>) -> Actor {
    let mut actor = telegram.person(person);
    if let Some(chat) = chat {
        actor = actor.in_chat(chat);
    }
    if let Some(thread) = thread {
        actor = actor.in_topic(thread);
    }
    match reply_to {
        Some(message) => actor.answering(message),
        None => actor,
    }
}

impl Act {
    async fn play(self, telegram: &Telegram) -> Result<Value, Impossible> {
        let actor = actor(telegram, self.person, self.chat, self.thread, self.reply_to);
        let sent = |id: i64| json!({ "message": id });
        Ok(match self.deed {
            Deed::Say { text } => sent(actor.says(&text)?),
            Deed::Start { payload } => sent(actor.starts(&payload)?),
            Deed::Contact => sent(actor.sends_contact()?),
            Deed::Sticker { emoji } => sent(actor.sends_sticker(&emoji)?),
            Deed::Voice { seconds } => sent(actor.sends_voice(seconds)?),
            Deed::Location { latitude, longitude } => sent(actor.sends_location(latitude, longitude)?),
            Deed::Forward { from_chat, message } => sent(actor.forwards(from_chat, message)?),
            Deed::Edit { message, text } => {
                actor.edits(message, &text)?;
                sent(message)
            }
            Deed::Delete { message } => {
                actor.deletes(message)?;
                sent(message)
            }
            Deed::Press { message, button } => shown(match message {
                Some(message) => actor.presses(message, &button)?,
                None => actor.taps(&button)?,
            }),
            Deed::PressOld { message, data } => json!({ "callback": actor.presses_old(message, &data)? }),
            Deed::Key { label } => sent(actor.taps_key(&label)?),
            Deed::Block => {
                actor.blocks()?;
                Value::Null
            }
            Deed::Unblock => {
                actor.unblocks()?;
                Value::Null
            }
            Deed::Pay { message } => match actor.pays(message).await? {
                Paid::Done(charge) => json!({ "charge": charge }),
                Paid::Refused(reason) => json!({ "refused": reason }),
                Paid::TimedOut => json!({ "refused": "The shop did not answer in time" }),
            },
            Deed::Upgrade => json!({ "chat": telegram.upgrade(actor.chat())? }),
        })
    }
}

fn shown(pressed: Pressed) -> Value {
    match pressed {
        Pressed::Asked(callback) => json!({ "callback": callback }),
        Pressed::Link(url) => json!({ "url": url }),
        Pressed::Copied(text) => json!({ "copy": text }),
        Pressed::Pay => json!({ "pay": true }),
    }
}

pub fn done(result: Result<Value, Impossible>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(why) => wrong(&why.to_string()),
    }
}

fn wrong(why: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": why }))).into_response()
}

async fn play(telegram: &Telegram, act: Value) -> Result<Value, String> {
    let act: Act = serde_json::from_value(act).map_err(|error| error.to_string())?;
    act.play(telegram).await.map_err(|why| why.to_string())
}

/// A list is played in order, and answers a list with an `error` where one could not be done.
async fn acts(Shared(telegram): Shared<Telegram>, Json(acts): Json<Value>) -> Response {
    let Value::Array(list) = acts else {
        return play(&telegram, acts).await.map_or_else(|why| wrong(&why), |value| Json(value).into_response());
    };
    let mut results = Vec::with_capacity(list.len());
    for act in list {
        results.push(play(&telegram, act).await.unwrap_or_else(|why| json!({ "error": why })));
    }
    Json(results).into_response()
}

async fn named_act(Shared(telegram): Shared<Telegram>, Path(name): Path<String>, Json(mut act): Json<Value>) -> Response {
    if let Some(fields) = act.as_object_mut() {
        fields.insert("act".into(), name.into());
    }
    play(&telegram, act).await.map_or_else(|why| wrong(&why), |value| Json(value).into_response())
}

#[derive(Default)]
struct Form {
    person: i64,
    chat: Option<i64>,
    thread: Option<i64>,
    reply_to: Option<i64>,
    caption: String,
    files: Vec<Upload>,
}

impl Form {
    async fn read(mut multipart: Multipart) -> Result<Self, String> {
        let mut form = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(|error| error.to_string())? {
            let key = field.name().unwrap_or_default().to_owned();
            if let Some(name) = field.file_name().map(str::to_owned) {
                let mime = field.content_type().map(str::to_owned);
                let bytes = field.bytes().await.map_err(|error| error.to_string())?;
                form.files.push(Upload { bytes, name: Some(name), mime, claimed_size: None });
                continue;
            }
            let value = field.text().await.map_err(|error| error.to_string())?;
            match key.as_str() {
                "person" => form.person = value.parse().map_err(|_| "person must be a number".to_owned())?,
                "chat" => form.chat = value.parse().ok(),
                "thread" => form.thread = value.parse().ok(),
                "reply_to" => form.reply_to = value.parse().ok(),
                "caption" => form.caption = value,
                _ => {}
            }
        }
        if form.files.is_empty() { Err("there is no file in the form".into()) } else { Ok(form) }
    }

    fn actor(&self, telegram: &Telegram) -> Actor {
        actor(telegram, self.person, self.chat, self.thread, self.reply_to)
    }
}

async fn photo(Shared(telegram): Shared<Telegram>, multipart: Multipart) -> Response {
    let form = match Form::read(multipart).await {
        Ok(form) => form,
        Err(why) => return wrong(&why),
    };
    let actor = form.actor(&telegram);
    done(match form.files.as_slice() {
        [one] => actor.sends_photo(one, &form.caption).map(|id| json!({ "message": id })),
        many => actor.sends_album(many, &form.caption).map(|ids| json!({ "messages": ids })),
    })
}

async fn document(Shared(telegram): Shared<Telegram>, multipart: Multipart) -> Response {
    let form = match Form::read(multipart).await {
        Ok(form) => form,
        Err(why) => return wrong(&why),
    };
    let actor = form.actor(&telegram);
    let mut ids = Vec::new();
    for file in &form.files {
        match actor.sends_document(file, &form.caption) {
            Ok(id) => ids.push(id),
            Err(why) => return wrong(&why.to_string()),
        }
    }
    Json(json!({ "messages": ids })).into_response()
}
