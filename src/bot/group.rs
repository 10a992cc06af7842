//! The admin group: which chat it is today, and its topics.
//!
//! The environment names it. When Telegram makes a supergroup of it, its id changes; the new one is kept as a fact that
//! holds for the old id alone, so that naming another group in the environment still works.
use super::commands;
use super::reply::Place;
use crate::app::App;
use crate::base::{ChatId, Fault};
use crate::shop::notices::Topic;
use crate::shop::settings;

const FACT: &str = "admin_chat";

/// The group as it is known today, read at most every few seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    pub chat: Option<ChatId>,
    /// Thread ids of the topics that exist.
    topics: Vec<(Topic, i32)>,
}

impl Group {
    /// Where something about a topic is posted.
    pub fn place(&self, topic: Topic) -> Option<Place> {
        let thread = self.topics.iter().find(|(known, _)| *known == topic).map(|(_, thread)| *thread);
        self.chat.map(|chat| Place { chat, thread, silent: false })
    }
}

/// The group of the day.
pub async fn current(app: &App) -> Result<std::sync::Arc<Group>, Fault> {
    app.db.fresh(|| load(app)).await
}

async fn load(app: &App) -> Result<Group, Fault> {
    let Some(named) = app.admin_chat else { return Ok(Group::default()) };
    let mut chat = named;
    if let Some((old, new)) = settings::fact(app.db.read(), FACT).await?.as_deref().and_then(read_move)
        && old == named
    {
        chat = new;
    }
    let mut topics = Vec::new();
    for topic in Topic::ALL {
        let thread = settings::fact(app.db.read(), topic.fact()).await?.and_then(|fact| fact.parse().ok());
        topics.extend(thread.map(|thread| (topic, thread)));
    }
    Ok(Group { chat: Some(chat), topics })
}

fn read_move(fact: &str) -> Option<(ChatId, ChatId)> {
    let (old, new) = fact.split_once('>')?;
    Some((ChatId(old.parse().ok()?), ChatId(new.parse().ok()?)))
}

/// The group has a new id from now on, and Telegram lists no commands under it before it is told. Others' groups are no concern
/// of ours.
pub async fn moved(app: &App, from: ChatId, to: ChatId) -> Result<(), Fault> {
    let Some(named) = app.admin_chat else { return Ok(()) };
    if current(app).await?.chat != Some(from) {
        return Ok(());
    }
    let fact = format!("{named}>{to}");
    app.write(move |tx| Box::pin(async move { settings::set_fact(tx, FACT, &fact).await })).await?;
    app.db.forget_cached();
    tracing::warn!(chat.old = from.0, chat.new = to.0, "the admin group became a supergroup; its new id is kept");
    commands::publish_in_group(app, to).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::read_move;
    use crate::base::ChatId;

    #[test]
    fn a_move_is_read_back() {
        assert_eq!(read_move("-5>-1005"), Some((ChatId(-5), ChatId(-1005))));
        assert_eq!(read_move("-1005"), None);
    }
}
