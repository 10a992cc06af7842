//! The commands that Telegram offers behind its menu button, told to it at start: per language, per kind of chat.
use super::{admin, group, reply};
use crate::app::App;
use crate::base::texts::t;
use crate::base::{ChatId, Fault, Lang, PersonId};
use crate::shop::accounts;
use teloxide::payloads::{DeleteMyCommands, DeleteMyCommandsSetters, SetMyCommands, SetMyCommandsSetters};
use teloxide::types::{BotCommand, BotCommandScope, ChatId as TgChatId, Recipient};

/// A customer's commands, each also a button: name and the key of its description.
pub const CUSTOMER: [(&str, &str); 10] = [
    ("start", "command-start"),
    ("buy", "command-buy"),
    ("services", "command-services"),
    ("wallet", "command-wallet"),
    ("trial", "command-trial"),
    ("agent", "command-agent"),
    ("support", "command-support"),
    ("language", "command-language"),
    ("help", "command-help"),
    ("cancel", "command-cancel"),
];

fn list(lang: Lang, commands: &[(&'static str, &'static str)]) -> Vec<BotCommand> {
    commands.iter().map(|(name, key)| BotCommand::new(*name, t(lang, key))).collect()
}

/// No language is whatever else Telegram speaks.
fn each() -> impl Iterator<Item = Option<Lang>> {
    std::iter::once(None).chain(Lang::ALL.into_iter().map(Some))
}

/// Tells Telegram all commands. A refusal is a warning: the commands work without being listed.
pub async fn publish(app: &App) -> Result<(), Fault> {
    let group = group::current(app).await?;
    for lang in each() {
        let words = lang.unwrap_or_default();
        tell(app, list(words, &CUSTOMER), BotCommandScope::AllPrivateChats, lang).await;
    }
    if let Some(chat) = group.chat {
        publish_in_group(app, chat).await;
    }
    for (person, _) in accounts::staff(app.db.read()).await? {
        publish_for(app, person.id).await;
    }
    for owner in app.owners.iter() {
        publish_for(app, *owner).await;
    }
    Ok(())
}

/// Lists staff's commands in the admin group, which may have a new id.
pub async fn publish_in_group(app: &App, chat: ChatId) {
    for lang in each() {
        let scope = BotCommandScope::Chat { chat_id: Recipient::Id(TgChatId(chat.0)) };
        tell(app, list(lang.unwrap_or_default(), admin::LISTED), scope, lang).await;
    }
}

fn private(person: PersonId) -> BotCommandScope {
    BotCommandScope::Chat { chat_id: Recipient::Id(TgChatId(person.0)) }
}

/// A member of staff is a customer too: his private chat lists the commands of both.
pub async fn publish_for(app: &App, person: PersonId) {
    for lang in each() {
        tell(app, list(lang.unwrap_or_default(), &of_staff()), private(person), lang).await;
    }
}

/// Help is one command for both.
fn of_staff() -> Vec<(&'static str, &'static str)> {
    let own = admin::LISTED.iter().filter(|(name, _)| CUSTOMER.iter().all(|(known, _)| known != name));
    CUSTOMER.iter().chain(own).copied().collect()
}

/// Who is no member of staff any more is listed a customer's commands again.
pub async fn withdraw_from(app: &App, person: PersonId) {
    for lang in each() {
        let mut payload = DeleteMyCommands::new().scope(private(person));
        payload.language_code = lang.map(|lang| lang.code().to_owned());
        if let Err(refusal) = reply::ask::<_, bool>(app, &payload).await {
            tracing::warn!(%refusal, "a list of commands was not taken back");
        }
    }
}

async fn tell(app: &App, commands: Vec<BotCommand>, scope: BotCommandScope, lang: Option<Lang>) {
    if commands.is_empty() {
        return;
    }
    let mut payload = SetMyCommands::new(commands).scope(scope);
    payload.language_code = lang.map(|lang| lang.code().to_owned());
    if let Err(refusal) = reply::ask::<_, bool>(app, &payload).await {
        tracing::warn!(%refusal, "the list of commands was not taken");
    }
}

#[cfg(test)]
mod tests {
    use super::{CUSTOMER, list};
    use crate::base::Lang;

    #[test]
    fn descriptions_fit_telegrams_limits() {
        for lang in Lang::ALL {
            for command in list(lang, &CUSTOMER).into_iter().chain(list(lang, crate::bot::admin::LISTED)) {
                assert!((3..=256).contains(&command.description.chars().count()), "{lang} {}", command.command);
                assert!(command.command.len() <= 32);
            }
        }
    }
}
