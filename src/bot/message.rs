//! Messages: which command, file or text it is, and who answers it.
//!
//! Outside of private chats and the admin group nothing is said at all. In private, the order is: an
//! admin's business; a staff command of whoever is none (silence); a ban; a command; and then what [`customer::said`] finds in it.
use super::reply::{self, Place};
use super::route::Route;
use super::said::{self, Said};
use super::screen::{Answer, Screen};
use super::turn::{ChatKind, Turn};
use super::{admin, customer, group};
use crate::app::App;
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{ChatId, Fault, HOUR, PersonId};
use crate::shop::accounts::{self, Deed, audit};
use crate::shop::settings;
use teloxide::types::{Message, Update, UpdateKind};

/// Texts longer than this are not read: nothing of ours is that long.
const TEXT_MAX: usize = 1_000;

pub async fn answer(turn: &Turn, message: &Message, me: Option<&str>) -> Result<Answer, Fault> {
    let said = said::read(message, me);
    if said == Said::Service {
        return Ok(Answer::nothing());
    }
    match turn.at.kind {
        ChatKind::Private => private(turn, &said, message).await,
        ChatKind::AdminGroup if turn.who.admin.is_some() => Ok(admin::message(turn, &said, message).await?.unwrap_or_default()),
        ChatKind::AdminGroup | ChatKind::Elsewhere => {
            if let Said::Command { name, .. } = &said {
                overheard(turn, &format!("/{name}")).await?;
            }
            Ok(Answer::nothing())
        }
    }
}

/// An edited message counts only where a receipt is awaited, or was sent: its new words or its new file are kept too.
pub async fn edited(turn: &Turn, message: &Message, me: Option<&str>) -> Result<Answer, Fault> {
    match turn.customer() {
        Some(customer) if turn.at.kind == ChatKind::Private => customer::edited(turn, &customer, &said::read(message, me)).await,
        _ => Ok(Answer::nothing()),
    }
}

async fn private(turn: &Turn, said: &Said, message: &Message) -> Result<Answer, Fault> {
    if turn.who.admin.is_some()
        && let Some(answer) = admin::message(turn, said, message).await?
    {
        return Ok(answer);
    }
    // From whoever is no staff: the barred, too.
    if let Said::Command { name, .. } = said
        && admin::COMMANDS.contains(&name.as_str())
    {
        overheard(turn, &format!("/{name}")).await?;
        return Ok(Answer::nothing());
    }
    let Some(customer) = turn.customer() else { return Ok(banned(turn)) };
    match said {
        Said::Command { name, rest } => customer::command(turn, name, rest).await,
        Said::Text(text) if text.chars().count() > TEXT_MAX => customer::too_long(turn, &customer).await,
        Said::Text(_) | Said::File(_) | Said::Contact { .. } | Said::Other | Said::Service => {
            customer::said(turn, &customer, said).await
        }
    }
}

/// Whoever is barred is told so, once a message, and how to reach a person.
pub fn banned(turn: &Turn) -> Answer {
    banned_view(&turn.voice(), &turn.settings.support_contact).into()
}

fn banned_view(voice: &Voice, contact: &str) -> Screen {
    let closed = voice.t("common-banned");
    if contact.is_empty() {
        return Screen::new(closed);
    }
    Screen::new(format!("{closed} {}", voice.t_args("common-banned-contact", &args!["contact" => contact])))
}

/// Lines of the audit log that one person's refused commands may fill in an hour.
const REFUSALS_MAX: i64 = 20;

/// A command or a button of staff from somebody who is none, or in a place that is none: silence, and a line in the audit
/// log. The log never shrinks, so one person fills no more than [`REFUSALS_MAX`] lines of it in an hour.
pub(super) async fn overheard(turn: &Turn, asked: &str) -> Result<(), Fault> {
    let origin = if turn.at.kind == ChatKind::Private { "private" } else { "group" };
    write_down(&turn.app, turn.who.person.id, (turn.at.chat, origin), asked).await
}

/// The same of somebody in a group whom the shop does not know: no turn is his, and nothing else is written of him.
pub(super) async fn overheard_of_stranger(app: &App, update: &Update, me: Option<&str>) -> Result<(), Fault> {
    let Some((by, chat, asked)) = asked_of_staff(update, me) else { return Ok(()) };
    write_down(app, by, (chat, "group"), &asked).await
}

/// Telegram's name for whoever writes as the group itself (Bot API, `sender_chat`): who it is, it does not say.
const ANONYMOUS: &str = "GroupAnonymousBot";

/// An admin of the group who hides behind its name gives a command: there is no telling what he may do, which he is told. True when
/// this was one.
pub(super) async fn unmasked(app: &App, update: &Update, me: Option<&str>) -> Result<bool, Fault> {
    let UpdateKind::Message(message) = &update.kind else { return Ok(false) };
    let hidden = message.from.as_ref().is_some_and(|from| from.is_bot && from.username.as_deref() == Some(ANONYMOUS));
    let here = group::current(app).await?.chat == Some(ChatId(message.chat.id.0));
    let is_ours = match said::read(message, me) {
        Said::Command { name, .. } => name == "help" || admin::COMMANDS.contains(&name.as_str()),
        _ => admin::answers(message, PersonId(0), None) != admin::Answers::Nothing,
    };
    if !(hidden && here && is_ours) {
        return Ok(false);
    }
    let settings = settings::current(&app.db).await?;
    let voice = Voice::new(settings.group_lang, settings.zone(), app.clock.now());
    let thread = message.is_topic_message.then_some(message.thread_id).flatten().map(|thread| thread.0.0);
    let place = Place { thread, ..Place::chat(ChatId(message.chat.id.0)) };
    reply::send(app, place, &Screen::new(voice.t("admin-anonymous")).answering(message.id.0)).await?;
    Ok(true)
}

/// Who asks, where, and for what, when a command or a button of staff is in it.
fn asked_of_staff(update: &Update, me: Option<&str>) -> Option<(PersonId, ChatId, String)> {
    let (user, chat, asked) = match &update.kind {
        UpdateKind::Message(message) => match said::read(message, me) {
            Said::Command { name, .. } => (message.from.as_ref()?, message.chat.id, format!("/{name}")),
            _ => return None,
        },
        UpdateKind::CallbackQuery(query) => match Route::decode(query.data.as_deref()?)? {
            Route::Admin(_) | Route::Method(_) | Route::Agency(_) => {
                (&query.from, query.message.as_ref()?.chat().id, query.data.clone()?)
            }
            Route::Customer(_) | Route::Agent(_) => return None,
        },
        _ => return None,
    };
    // Telegram's ids have at most 52 bits.
    (!user.is_bot).then(|| (PersonId(i64::try_from(user.id.0).unwrap_or(i64::MAX)), ChatId(chat.0), asked))
}

async fn write_down(app: &App, by: PersonId, (chat, origin): (ChatId, &'static str), asked: &str) -> Result<(), Fault> {
    let now = app.clock.now();
    if accounts::refused_since(app.db.read(), by, now.after(-HOUR), REFUSALS_MAX).await? >= REFUSALS_MAX {
        return Ok(());
    }
    let asked: String = asked.chars().take(64).collect();
    let subject = format!("chat:{chat}");
    app.write(move |tx| {
        Box::pin(async move {
            let deed = Deed { by, act: "command.refused", subject, was: None, became: Some(asked), origin };
            audit(tx, &deed, now).await
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::banned_view;
    use crate::bot::kit::tests::in_every_language;

    #[test]
    fn whoever_is_barred_is_sent_to_support_if_there_is_one() {
        insta::assert_snapshot!(in_every_language(|voice| vec![banned_view(voice, "@bazar_help"), banned_view(voice, "")]));
    }
}
