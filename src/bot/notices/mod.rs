//! Notices on their way to people: a row of the outbox becomes a screen in the reader's language, and is sent.
//!
//! Words are chosen when the notice goes out, so a person who changed language meanwhile reads it in the new one. What
//! the notice speaks of is read then too: a link that is ready shows the link of the day. It decides nothing and writes
//! nothing but facts about chats: who blocked the bot, where the group is now, its topics.
mod agent;
mod person;
mod refund;
mod staff;

use super::admin::topics;
use super::group;
use super::reply::{self, Place, Refusal};
use super::screen::Screen;
use crate::app::App;
use crate::base::format::Voice;
use crate::base::{Cause, ChatId, Fault, PersonId};
use crate::queue::outbox::{Sender, Sent};
use crate::shop::notices::{GROUP, Notice, Topic};
use crate::shop::{accounts, settings};

/// Sends notices.
pub struct Herald {
    app: App,
}

impl Herald {
    pub fn new(app: App) -> Self {
        Self { app }
    }

    async fn tell(&self, chat: ChatId, body: serde_json::Value) -> Result<Sent, Fault> {
        let notice: Notice = match serde_json::from_value(body) {
            Ok(notice) => notice,
            Err(error) => return Ok(Sent::Refused { why: format!("no notice that this version knows: {error}") }),
        };
        if chat == GROUP {
            return self.tell_group(&notice).await;
        }
        let voice = self.voice_of(PersonId(chat.0)).await?;
        match person::view(&self.app, &voice, &notice).await? {
            Some(screen) => self.send(chat, Place::chat(chat), &screen).await,
            None => Ok(Sent::Moot),
        }
    }

    async fn tell_group(&self, notice: &Notice) -> Result<Sent, Fault> {
        let topic = notice.topic().unwrap_or(Topic::Alarms);
        let Some(place) = topics::place(&self.app, topic).await? else {
            return Ok(Sent::Refused { why: "there is no admin group".to_owned() });
        };
        let Some(screen) = staff::view(&self.app, &self.group_voice().await?, notice).await? else { return Ok(Sent::Moot) };
        // Nobody waits for a backup at three in the morning.
        let place = Place { silent: matches!(notice, Notice::BackupMade { .. }), ..place };
        match self.send(GROUP, place, &screen).await? {
            Sent::Refused { why } if place.thread.is_some() && topics::is_lost(&self.app, topic, &why).await? => {
                Ok(Sent::Later { seconds: 1 })
            }
            Sent::Gone => Ok(self.send_to_owners(&screen).await),
            sent @ (Sent::Refused { .. } | Sent::Down { .. } | Sent::Unknown { .. }) if screen.media.is_some() => {
                self.tell_without_file(place, notice, sent).await
            }
            sent => Ok(sent),
        }
    }

    /// A file that does not go through must not keep back what is said with it.
    async fn tell_without_file(&self, place: Place, notice: &Notice, sent: Sent) -> Result<Sent, Fault> {
        tracing::warn!(?sent, "a file was not taken by Telegram; its notice goes without it");
        match (staff::without_file(&self.group_voice().await?, notice), sent) {
            (Some(screen), _) => self.send(GROUP, place, &screen).await,
            (None, Sent::Refused { why }) => Ok(Sent::Unknown { why }),
            (None, sent) => Ok(sent),
        }
    }

    /// The admin group is closed to us, and what it was to hear must be heard by somebody.
    async fn send_to_owners(&self, screen: &Screen) -> Sent {
        let mut why = "the admin group is closed to the bot".to_owned();
        let (mut heard, mut away) = (None, false);
        for owner in self.app.owners.iter() {
            match reply::attempt(&self.app, Place::chat((*owner).into()), screen).await {
                Ok(sent) => heard = Some(Sent::Ok { message_id: sent.message_id.into() }),
                Err(refusal) => {
                    away |= matches!(refusal, Refusal::Down(_));
                    why = format!("{why}; owner {owner}: {refusal}");
                }
            }
        }
        tracing::error!(why, "a notice for the admin group went to the owners, or to nobody");
        heard.unwrap_or(if away { Sent::Down { why } } else { Sent::Unknown { why } })
    }

    async fn send(&self, chat: ChatId, place: Place, screen: &Screen) -> Result<Sent, Fault> {
        let outcome = reply::attempt(&self.app, place, screen).await;
        Ok(match outcome {
            Ok(sent) => Sent::Ok { message_id: sent.message_id.into() },
            Err(Refusal::Blocked) => {
                if chat != GROUP {
                    let (person, now) = (PersonId(chat.0), self.app.clock.now());
                    self.app.write(move |tx| Box::pin(async move { accounts::blocked(tx, person, now).await })).await?;
                }
                Sent::Gone
            }
            Err(Refusal::Wait(pause)) => {
                Sent::Later { seconds: u32::try_from(pause.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX) }
            }
            Err(Refusal::Moved(to)) => {
                group::moved(&self.app, place.chat, ChatId(to)).await?;
                // The address of the row stays "the group": the next try finds the new id.
                Sent::Later { seconds: 1 }
            }
            Err(Refusal::Down(why)) => Sent::Down { why },
            Err(refusal @ (Refusal::NotModified | Refusal::CannotEdit | Refusal::TapTooOld | Refusal::Refused(_))) => {
                Sent::Refused { why: refusal.to_string() }
            }
        })
    }

    async fn group_voice(&self) -> Result<Voice, Fault> {
        let settings = settings::current(&self.app.db).await?;
        Ok(Voice::new(settings.group_lang, settings.zone(), self.app.clock.now()))
    }

    async fn voice_of(&self, person: PersonId) -> Result<Voice, Fault> {
        let settings = settings::current(&self.app.db).await?;
        let lang = accounts::person(self.app.db.read(), person).await?.and_then(|person| person.lang).unwrap_or_default();
        Ok(Voice::new(lang, settings.zone(), self.app.clock.now()))
    }
}

impl Sender for Herald {
    async fn send(&self, chat: ChatId, body: serde_json::Value) -> Sent {
        match self.tell(chat, body).await {
            Ok(sent) => sent,
            Err(fault) => match fault.cause() {
                Cause::Away | Cause::Wait(_) => Sent::Down { why: fault.chain() },
                Cause::Ours => Sent::Unknown { why: fault.chain() },
            },
        }
    }
}
