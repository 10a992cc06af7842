//! `souk check`: says in plain words what is wrong with the environment, the database, the token, the group and each panel.
use super::{Failed, quiet_logging, say, serve};
use crate::app::App;
use crate::base::{ChatId, Clock};
use crate::bot;
use crate::config::Config;
use crate::shop::{backups, panels, settings};
use teloxide::prelude::Requester;
use teloxide::types::{ChatFullInfo, ChatFullInfoKind, ChatFullInfoPublicKind, ChatId as TelegramChat, ChatMemberKind, Me};

/// What was looked at, and what was found.
#[derive(Default)]
struct Findings {
    wrong: usize,
}

fn well(what: &str) {
    say(&format!("  ok     {what}"));
}

impl Findings {
    fn wrong(&mut self, what: &str, advice: &str) {
        self.wrong += 1;
        say(&format!("  WRONG  {what}\n         {advice}"));
    }
}

/// Looks at everything, and fails when anything is wrong.
pub async fn check() -> Result<(), Failed> {
    let config = Config::from_env()?;
    quiet_logging(&config.log)?;
    let mut findings = Findings::default();
    well("the environment is complete");
    let app = match serve::open(&config, Clock::system()).await {
        Ok(app) => app,
        Err(error) => {
            findings.wrong(&format!("the database does not open: {error}"), "Look at DATABASE_URL, and whether its server runs.");
            return Err(Failed::Told("1 thing is wrong.".to_owned()));
        }
    };
    well("the database opens, and its schema is up to date");
    copies(&app, &mut findings).await?;
    if let Some(me) = token(&app, &mut findings).await {
        group(&app, &me, &mut findings).await;
    }
    shop(&app, &mut findings).await?;
    app.db.close().await?;
    match findings.wrong {
        0 => {
            say("Everything is well.");
            Ok(())
        }
        1 => Err(Failed::Told("1 thing is wrong.".to_owned())),
        count => Err(Failed::Told(format!("{count} things are wrong."))),
    }
}

/// What backups need: PostgreSQL's tools, a folder that can be written to, and a backup that is not old.
async fn copies(app: &App, findings: &mut Findings) -> Result<(), Failed> {
    match backups::tools(&app.db).await {
        Ok(tools) => {
            for tool in tools {
                well(&format!("{} is of PostgreSQL {}", tool.path.display(), tool.major));
            }
        }
        Err(error) => findings.wrong("backups cannot be made", &format!("{error}.")),
    }
    let settings = settings::current(&app.db).await?;
    let folder = backups::folder(&app.db, &settings);
    match backups::try_out(&folder, &app.seal, app.clock.now()) {
        Ok(()) => well(&format!("backups go to {}", folder.display())),
        Err(error) => findings.wrong(
            &format!("backups cannot be written: {error}"),
            "Give the process the right to write there, or set backup_folder in the shop file.",
        ),
    }
    if let Some((_, hours)) = backups::missing(app.db.read(), &settings, app.clock.now()).await? {
        let advice = "Look at what souk run logs at the hour of backups, or make one now: souk backup";
        findings.wrong(&format!("the newest backup is {hours} hours old"), advice);
    }
    Ok(())
}

async fn token(app: &App, findings: &mut Findings) -> Option<Me> {
    match app.telegram.get_me().await {
        Ok(me) => {
            well(&format!("the token is that of @{}", me.username()));
            Some(me)
        }
        Err(error) => {
            findings.wrong(
                &format!("Telegram does not take the token: {error}"),
                "Look at TELEGRAM_BOT_TOKEN and TELEGRAM_API_URL; @BotFather shows the token again on /token.",
            );
            None
        }
    }
}

async fn group(app: &App, me: &Me, findings: &mut Findings) {
    let today = bot::group::current(app).await.ok().and_then(|group| group.chat);
    let Some(ChatId(chat)) = today.or(app.admin_chat) else { return };
    let chat = TelegramChat(chat);
    let seen = match app.telegram.get_chat(chat).await {
        Ok(seen) => seen,
        Err(error) => {
            let advice = "Add the bot to the group, and put the group's id into ADMIN_CHAT_ID (ids of groups begin with -100).";
            findings.wrong(&format!("the bot does not see the admin group: {error}"), advice);
            return;
        }
    };
    well(&format!("the admin group is \"{}\"", seen.title().unwrap_or("without a title")));
    if seen.is_private() {
        findings.wrong("ADMIN_CHAT_ID is a private chat", "Make a group for the admins, and put its id there.");
        return;
    }
    match app.telegram.get_chat_member(chat, me.user.id).await.map(|member| member.kind) {
        Ok(ChatMemberKind::Administrator(rights)) => {
            well("the bot is an admin of the group");
            if is_forum(&seen) && !rights.can_manage_topics {
                findings.wrong("the group has topics, and the bot may not manage them", "Give it the right to manage topics.");
            }
        }
        Ok(_) => findings.wrong("the bot is no admin of the group", "Make it one, so that it sees every message and may pin."),
        Err(error) => {
            findings.wrong(&format!("the bot's standing in the group cannot be asked: {error}"), "Add it to the group.");
        }
    }
}

fn is_forum(chat: &ChatFullInfo) -> bool {
    let ChatFullInfoKind::Public(chat) = &chat.kind else { return false };
    matches!(&chat.kind, ChatFullInfoPublicKind::Supergroup(group) if group.is_forum)
}

async fn shop(app: &App, findings: &mut Findings) -> Result<(), Failed> {
    let rows = panels::all(app.db.read()).await?;
    if rows.is_empty() {
        findings.wrong("the shop has no panel", "Write a shop file (see assets/shop.example.toml) and run: souk apply FILE");
    }
    for row in rows {
        let name = row.code.to_string();
        let health = match panels::connected(&app.db, &app.seal, &row.code).await {
            Ok(panel) => panel.health().await.map_err(|error| error.to_string()),
            Err(fault) => Err(fault.to_string()),
        };
        match health {
            Ok(health) => well(&format!("panel {name}: version {}, {} accounts", health.version, health.accounts_total)),
            Err(why) => {
                findings.wrong(&format!("panel {name}: {why}"), "Look at its address, user and password in the shop file.");
            }
        }
    }
    Ok(())
}
