//! From an update to whose it is: one query, whatever the screen.
//!
//! Somebody new is written down at the first contact; afterwards a tap writes nothing, unless the names changed. In
//! groups nobody is written down: there only staff is answered, and staff is known.
use super::agent;
use super::group::{self, Group};
use super::input::Input;
use super::turn::{ChatKind, Spot, Tapped, Turn, Who, Written};
use crate::app::App;
use crate::base::{ChatId, Fault, Lang, PersonId, Time, UpdateId};
use crate::shop::accounts::{self, Hello, Visitor};
use crate::shop::settings::{self, Settings};
use teloxide::types::{ChatKind as TgChatKind, ChatMigration, MaybeInaccessibleMessage, Message, Update, UpdateKind, User};

/// Sender, place, and the payload of a deep link; `None` for updates that nobody is behind.
struct Met<'a> {
    user: &'a User,
    spot: Spot,
    came_by: Option<String>,
}

/// Gathers the turn of an update. `None`: there is nobody to answer.
pub async fn meet(app: &App, update: &Update, id: UpdateId) -> Result<Option<Turn>, Fault> {
    let now = app.clock.now();
    let (settings, group, has_tiers) = tokio::try_join!(settings::current(&app.db), group::current(app), agent::has_tiers(app))?;
    let Some(met) = met(update, &group) else { return Ok(None) };
    let Some(who) = recognise(app, &met, (&settings, now)).await? else { return Ok(None) };
    Ok(Some(Turn { app: app.clone(), update: id, now, settings, group, who, at: met.spot, me: None, has_tiers }))
}

fn met<'a>(update: &'a Update, group: &Group) -> Option<Met<'a>> {
    match &update.kind {
        UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => {
            let came_by = message.text().and_then(|text| text.strip_prefix("/start ")).map(|payload| payload.trim().to_owned());
            let edited = matches!(update.kind, UpdateKind::EditedMessage(_));
            let written = Written { message: message.id.0, at: Time::from_unix(message.date.timestamp()), edited };
            let spot = Spot { written: Some(written), ..spot(message, group) };
            Some(Met { user: message.from.as_ref()?, spot, came_by })
        }
        UpdateKind::CallbackQuery(query) => {
            let mut spot = match &query.message {
                Some(MaybeInaccessibleMessage::Regular(message)) => {
                    let tapped = Tapped { message: message.id.0, has_media: has_media(message) };
                    Spot { tapped: Some(tapped), ..spot(message, group) }
                }
                Some(MaybeInaccessibleMessage::Inaccessible(message)) => chat_spot(&message.chat, None, group),
                None => private(&query.from),
            };
            spot.tap = Some(query.id.0.clone());
            Some(Met { user: &query.from, spot, came_by: None })
        }
        UpdateKind::MyChatMember(member) => {
            Some(Met { user: &member.from, spot: chat_spot(&member.chat, None, group), came_by: None })
        }
        _ => None,
    }
}

fn has_media(message: &Message) -> bool {
    message.photo().is_some() || message.document().is_some()
}

fn spot(message: &Message, group: &Group) -> Spot {
    let thread = message.is_topic_message.then_some(message.thread_id).flatten().map(|thread| thread.0.0);
    chat_spot(&message.chat, thread, group)
}

fn chat_spot(chat: &teloxide::types::Chat, thread: Option<i32>, group: &Group) -> Spot {
    let id = ChatId(chat.id.0);
    let kind = match &chat.kind {
        TgChatKind::Private(_) => ChatKind::Private,
        TgChatKind::Public(_) if group.chat == Some(id) => ChatKind::AdminGroup,
        TgChatKind::Public(_) => ChatKind::Elsewhere,
    };
    Spot { chat: id, kind, thread, tap: None, tapped: None, written: None }
}

fn private(user: &User) -> Spot {
    let chat = ChatId(person_id(user).0);
    Spot { chat, kind: ChatKind::Private, thread: None, tap: None, tapped: None, written: None }
}

fn person_id(user: &User) -> PersonId {
    // Telegram's ids have at most 52 bits.
    PersonId(i64::try_from(user.id.0).unwrap_or(i64::MAX))
}

async fn recognise(app: &App, met: &Met<'_>, (settings, now): (&Settings, Time)) -> Result<Option<Who>, Fault> {
    let id = person_id(met.user);
    if met.user.is_bot {
        return Ok(None);
    }
    let visitor = accounts::visitor(&app.db, id, met.spot.chat, &app.owners, now).await?;
    let visitor = match visitor {
        Some(visitor) if !changed(&visitor, met) => visitor,
        None if met.spot.kind != ChatKind::Private && !app.owners.contains(&id) => return Ok(None),
        _ => {
            let hello = hello(id, met);
            app.write(move |tx| Box::pin(async move { accounts::greet(tx, &hello, now).await })).await?;
            let visitor = accounts::visitor(&app.db, id, met.spot.chat, &app.owners, now).await?;
            visitor.ok_or_else(|| Fault::new("a person just written is absent"))?
        }
    };
    let lang = visitor.person.lang.unwrap_or_else(|| guess(met.user, settings));
    let input = visitor.dialogue.and_then(|(version, state)| Input::read(version, &state));
    Ok(Some(Who { person: visitor.person, admin: visitor.admin, input, lang }))
}

fn hello(id: PersonId, met: &Met<'_>) -> Hello {
    Hello { id, name: met.user.full_name(), username: met.user.username.clone(), came_by: met.came_by.clone() }
}

/// Whether something must be written down: new names, a first deep link, or the end of a block.
fn changed(visitor: &Visitor, met: &Met<'_>) -> bool {
    let person = &visitor.person;
    let name: String = met.user.full_name().chars().take(128).collect();
    met.spot.kind == ChatKind::Private
        && (person.name != name
            || person.username != met.user.username.as_ref().map(|name| name.to_lowercase())
            || met.came_by.is_some()
            || person.blocked_at.is_some())
}

/// Telegram's own language when we speak it, else the shop's first.
pub fn guess(user: &User, settings: &Settings) -> Lang {
    let offered = |lang: &Lang| settings.languages.contains(lang);
    let theirs = user.language_code.as_deref().and_then(Lang::parse).filter(offered);
    theirs.or_else(|| settings.languages.first().copied()).unwrap_or_default()
}

/// The ids that a group had and got, when this update says that it moved.
pub fn migration(update: &Update) -> Option<(ChatId, ChatId)> {
    let UpdateKind::Message(message) = &update.kind else { return None };
    let here = ChatId(message.chat.id.0);
    match message.chat_migration()? {
        ChatMigration::To { chat_id } => Some((here, ChatId(chat_id.0))),
        ChatMigration::From { chat_id } => Some((ChatId(chat_id.0), here)),
    }
}
