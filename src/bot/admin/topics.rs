//! The group's topics: made by the bot when the group is a forum and it may, and made again when one was deleted.
//!
//! Always: what is to be said is said; when a topic cannot be made, or is gone, it is said without one. Two processes do
//! not make the same topic: who makes it claims it first.
use crate::app::{App, Tx};
use crate::base::texts::t;
use crate::base::{ChatId, Fault, Lang, MINUTE, Time};
use crate::bot::group;
use crate::bot::reply::{self, Place, Refusal, Sent};
use crate::bot::screen::Screen;
use crate::shop::notices::Topic;
use crate::shop::settings;
use std::sync::Mutex;
use teloxide::payloads::{CreateForumTopic, GetChat};
use teloxide::types::{ChatId as TgChatId, ForumTopic, Recipient};

/// How long a claim holds, and how long a refusal is believed.
const PATIENCE: i64 = 10 * MINUTE;

/// When making topics was refused last, in this process.
#[derive(Default)]
struct Refused {
    at: Mutex<Option<Time>>,
}

/// Says something in the group under a topic. `None`: there is no group.
pub async fn post(app: &App, topic: Topic, screen: &Screen) -> Result<Option<(ChatId, Sent)>, Refusal> {
    let down = |fault: Fault| Refusal::Down(fault.chain());
    let Some(place) = place(app, topic).await.map_err(down)? else { return Ok(None) };
    let sent = match reply::deliver(app, place, screen).await {
        Err(Refusal::Refused(why)) if place.thread.is_some() && is_lost(app, topic, &why).await.map_err(down)? => {
            let place = self::place(app, topic).await.map_err(down)?.unwrap_or(Place { thread: None, ..place });
            match reply::deliver(app, place, screen).await {
                Err(Refusal::Refused(why)) if is_about_the_topic(&why) => {
                    reply::deliver(app, Place { thread: None, ..place }, screen).await?
                }
                outcome => outcome?,
            }
        }
        outcome => outcome?,
    };
    // The group may have moved while this was sent.
    let chat = group::current(app).await.map_err(down)?.chat.unwrap_or(place.chat);
    Ok(Some((chat, sent)))
}

fn is_about_the_topic(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    ["thread not found", "topic_deleted", "topic_closed", "topic deleted", "topic closed"].iter().any(|words| why.contains(words))
}

/// Where something about a topic is posted; makes the topic if it can.
pub async fn place(app: &App, topic: Topic) -> Result<Option<Place>, Fault> {
    let Some(place) = group::current(app).await?.place(topic) else { return Ok(None) };
    if place.thread.is_some() || !worth_trying(app) {
        return Ok(Some(place));
    }
    let thread = make(app, place.chat, topic).await?;
    Ok(Some(Place { thread, ..place }))
}

/// Makes the topics that people look for before anything is said under them.
pub async fn prepare(app: &App) -> Result<(), Fault> {
    for topic in [Topic::Payments, Topic::Alarms, Topic::Support] {
        place(app, topic).await?;
    }
    Ok(())
}

/// A refusal that means that the topic is gone: it is forgotten, so that the next message makes it again.
pub async fn is_lost(app: &App, topic: Topic, why: &str) -> Result<bool, Fault> {
    if !is_about_the_topic(why) {
        return Ok(false);
    }
    tracing::warn!(?topic, why, "a topic of the group is gone; it is made again");
    forget(app, topic).await?;
    Ok(true)
}

fn worth_trying(app: &App) -> bool {
    let refused = app.db.lasting::<Refused>();
    let at = refused.at.lock().ok().and_then(|at| *at);
    at.is_none_or(|at| app.clock.now().since(at) >= PATIENCE)
}

fn note_refusal(app: &App) {
    if let Ok(mut at) = app.db.lasting::<Refused>().at.lock() {
        *at = Some(app.clock.now());
    }
}

async fn make(app: &App, chat: ChatId, topic: Topic) -> Result<Option<i32>, Fault> {
    if !is_forum(app, chat).await {
        note_refusal(app);
        return Ok(None);
    }
    let now = app.clock.now();
    if !app.write(move |tx| Box::pin(async move { claim(tx, topic, now).await })).await? {
        return Ok(None);
    }
    let lang = settings::current(&app.db).await?.group_lang;
    let payload = CreateForumTopic::new(Recipient::Id(TgChatId(chat.0)), name(lang, topic));
    let made = match reply::ask_once::<_, ForumTopic>(app, &payload).await {
        Ok(made) => made.thread_id.0.0,
        Err(refusal) => {
            tracing::warn!(?topic, %refusal, "a topic could not be made; its messages go to the group itself");
            note_refusal(app);
            // A clear no made nothing: whoever starts with the right given need not wait until the claim has ended.
            if matches!(refusal, Refusal::Refused(_)) {
                forget(app, topic).await?;
            }
            return Ok(None);
        }
    };
    app.write(move |tx| Box::pin(async move { settings::set_fact(tx, topic.fact(), &made.to_string()).await })).await?;
    app.db.forget_cached();
    Ok(Some(made))
}

fn name(lang: Lang, topic: Topic) -> &'static str {
    match topic {
        Topic::Payments => t(lang, "admin-topic-payments"),
        Topic::Alarms => t(lang, "admin-topic-alarms"),
        Topic::Support => t(lang, "admin-topic-support"),
        Topic::Backups => t(lang, "admin-topic-backups"),
    }
}

async fn is_forum(app: &App, chat: ChatId) -> bool {
    #[derive(serde::Deserialize)]
    struct Seen {
        #[serde(default)]
        is_forum: bool,
    }
    let payload = GetChat::new(Recipient::Id(TgChatId(chat.0)));
    reply::ask_once::<_, Seen>(app, &payload).await.is_ok_and(|seen| seen.is_forum)
}

fn claim_of(topic: Topic) -> String {
    format!("{}.claim", topic.fact())
}

/// True for the one who is to make it.
async fn claim(tx: &Tx, topic: Topic, now: Time) -> Result<bool, Fault> {
    if settings::fact(tx, topic.fact()).await?.is_some() {
        return Ok(false);
    }
    let claimed = settings::fact(tx, &claim_of(topic)).await?.and_then(|at| at.parse().ok()).map(Time);
    if claimed.is_some_and(|at| now.since(at) < PATIENCE) {
        return Ok(false);
    }
    settings::set_fact(tx, &claim_of(topic), &now.0.to_string()).await?;
    Ok(true)
}

async fn forget(app: &App, topic: Topic) -> Result<(), Fault> {
    app.write(move |tx| {
        Box::pin(async move {
            settings::forget_fact(tx, topic.fact()).await?;
            settings::forget_fact(tx, &claim_of(topic)).await
        })
    })
    .await?;
    app.db.forget_cached();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_about_the_topic;

    #[test]
    fn a_lost_topic_is_told_from_other_refusals() {
        assert!(is_about_the_topic("400 Bad Request: message thread not found"));
        assert!(is_about_the_topic("400 Bad Request: TOPIC_CLOSED"));
        assert!(!is_about_the_topic("400 Bad Request: can't parse entities"));
    }
}
