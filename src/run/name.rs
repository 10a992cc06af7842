//! The bot's own `@name`, without which commands for other bots in the group cannot be told from ours.
use crate::app::App;
use crate::base::Fault;
use crate::shop::settings;
use std::time::Duration;
use teloxide::prelude::Requester;

/// The fact under which a bot's `@name` is kept, before the number that its token begins with.
const BOT_NAME: &str = "bot_name";

/// It is asked once and kept; a Telegram that does not answer holds nothing up.
pub async fn own(app: &App) -> Result<Option<String>, Fault> {
    match settings::fact(app.db.read(), &fact(app)).await? {
        Some(name) => Ok(Some(name)),
        None => learn(app).await,
    }
}

fn fact(app: &App) -> String {
    let bot = app.telegram.token().split(':').next().unwrap_or_default();
    format!("{BOT_NAME}:{bot}")
}

/// Asks Telegram for the name, and keeps it.
pub async fn learn(app: &App) -> Result<Option<String>, Fault> {
    let asked = tokio::time::timeout(Duration::from_secs(5), app.telegram.get_me()).await;
    let Ok(Ok(me)) = asked else {
        tracing::warn!("Telegram does not tell the bot's name; it is asked again at the next start");
        return Ok(None);
    };
    let (fact, name) = (fact(app), me.username().to_owned());
    if settings::fact(app.db.read(), &fact).await?.as_ref() != Some(&name) {
        let kept = name.clone();
        app.write::<(), Fault, _>(move |tx| Box::pin(async move { settings::set_fact(tx, &fact, &kept).await })).await?;
    }
    Ok(Some(name))
}
