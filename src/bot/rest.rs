//! Updates that are neither a message nor a tap: who blocked the bot, and who came back.
use super::turn::{ChatKind, Turn};
use crate::base::Fault;
use crate::shop::accounts;
use teloxide::types::{Update, UpdateKind};

pub async fn note(turn: &Turn, update: &Update) -> Result<(), Fault> {
    let UpdateKind::MyChatMember(member) = &update.kind else { return Ok(()) };
    if turn.at.kind != ChatKind::Private {
        tracing::info!(chat = turn.at.chat.0, "the bot's place in a group changed");
        return Ok(());
    }
    let (id, now, gone) = (turn.who.person.id, turn.now, !member.new_chat_member.is_present());
    turn.app
        .write(move |tx| {
            Box::pin(async move { if gone { accounts::blocked(tx, id, now).await } else { accounts::unblocked(tx, id).await } })
        })
        .await
}
