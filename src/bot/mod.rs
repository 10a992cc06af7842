//! Telegram: from a raw update to an answer.
//!
//! Four branches: messages, edited messages, taps, the rest. `who` says once whose update it is and in which language; a handler takes
//! the [`Turn`], calls at most one verb of the shop, and returns an [`Answer`](screen::Answer), a value; [`reply`] gives
//! it. Whatever is here may run twice for the same update, so what must happen once is named by an id that the update or
//! the screen minted. It decides nothing about money, prices or rights: those are the shop's verbs.
pub mod admin;
pub mod agent;
pub mod commands;
pub mod customer;
pub mod group;
mod history;
pub mod input;
pub mod intake;
pub mod kit;
pub mod message;
pub mod notices;
pub mod page;
pub mod pre_checkout;
pub mod parse;
pub mod qr;
pub mod reply;
pub mod rest;
pub mod route;
pub mod said;
pub mod screen;
pub mod tap;
pub mod turn;
mod upload;
pub mod who;

pub use pre_checkout::pre_checkout;

use crate::app::App;
use crate::base::{Fault, UpdateId};
use crate::queue::inbox::{Handle, Stored};
use std::ops::ControlFlow;
use std::sync::Arc;
use teloxide::dispatching::UpdateHandler;
use teloxide::types::{Update, UpdateKind};
use turn::Turn;

/// The bot's own `@name`; unknown until Telegram told it, and then commands for other bots are left alone.
#[derive(Debug, Clone, Default)]
struct Me(Option<Arc<str>>);

/// Handles the updates of the inbox.
pub struct Bot {
    app: App,
    me: Me,
    tree: UpdateHandler<Fault>,
}

impl Bot {
    /// `name`: the bot's own `@name` without the sign, if it is known.
    pub fn new(app: App, name: Option<&str>) -> Self {
        Self { app, me: Me(name.map(Into::into)), tree: tree() }
    }

    /// One update, from its raw JSON to the answer. What only reads and shows does not wait until it is stored; what writes does.
    pub async fn update(&self, id: UpdateId, raw: &str, stored: &Stored) -> Result<(), Fault> {
        let (app, update) = (self.app.storing(stored), Arc::new(parse::parse(raw)?));
        // Whoever is named as its sender, this is a fact about the group.
        if let Some((from, to)) = who::migration(&update) {
            return group::moved(&app, from, to).await;
        }
        let Some(turn) = who::meet(&app, &update, id).await? else {
            let me = self.me.0.as_deref();
            if message::unmasked(&app, &update, me).await? {
                return Ok(());
            }
            return message::overheard_of_stranger(&app, &update, me).await;
        };
        let turn = Turn { me: self.me.0.clone(), ..turn };
        let deps = dptree::deps![update, Arc::new(turn), self.me.clone()];
        match self.tree.dispatch(deps).await {
            ControlFlow::Break(outcome) => outcome,
            ControlFlow::Continue(_) => Ok(()),
        }
    }
}

impl Handle for Bot {
    async fn handle(&self, update: UpdateId, raw: &str, stored: &Stored) -> Result<(), Fault> {
        self.update(update, raw, stored).await
    }
}

/// The whole of what is listened to. A branch that takes an update's part by value has it copied, and so has each that only
/// looks whether it is there (teloxide's own filters do): here all look at one update.
pub fn tree() -> UpdateHandler<Fault> {
    dptree::entry()
        .branch(dptree::filter(|update: Arc<Update>| matches!(update.kind, UpdateKind::Message(_))).endpoint(on_message))
        .branch(dptree::filter(|update: Arc<Update>| matches!(update.kind, UpdateKind::EditedMessage(_))).endpoint(on_edit))
        .branch(dptree::filter(|update: Arc<Update>| matches!(update.kind, UpdateKind::CallbackQuery(_))).endpoint(on_tap))
        .branch(dptree::endpoint(on_rest))
}

async fn on_message(turn: Arc<Turn>, update: Arc<Update>, me: Me) -> Result<(), Fault> {
    let UpdateKind::Message(message) = &update.kind else { return Ok(()) };
    let answer = message::answer(&turn, message, me.0.as_deref()).await?;
    reply::answer(&turn, answer).await
}

async fn on_edit(turn: Arc<Turn>, update: Arc<Update>, me: Me) -> Result<(), Fault> {
    let UpdateKind::EditedMessage(message) = &update.kind else { return Ok(()) };
    let answer = message::edited(&turn, message, me.0.as_deref()).await?;
    reply::answer(&turn, answer).await
}

async fn on_tap(turn: Arc<Turn>, update: Arc<Update>) -> Result<(), Fault> {
    let UpdateKind::CallbackQuery(query) = &update.kind else { return Ok(()) };
    let answer = tap::answer(&turn, query.data.as_deref().unwrap_or_default()).await?;
    reply::answer(&turn, answer).await
}

async fn on_rest(turn: Arc<Turn>, update: Arc<Update>) -> Result<(), Fault> {
    rest::note(&turn, &update).await
}

#[cfg(test)]
mod tests {
    use super::{Me, Turn, tree};
    use std::sync::Arc;
    use teloxide::types::Update;

    #[test]
    fn the_tree_finds_all_that_it_asks_for() {
        let given = [dptree::Type::of::<Arc<Update>>(), dptree::Type::of::<Arc<Turn>>(), dptree::Type::of::<Me>()];
        dptree::type_check(tree().sig(), &dptree::di::DependencyMap::new(), &given);
    }
}
