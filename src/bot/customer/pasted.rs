//! Something of ours, pasted anywhere: an order's number, a service's number or its link opens what it names, for the
//! person whose it is.
use super::{ordered, payment, services};
use crate::base::{Fault, OrderId, Page, PaymentId, SubscriptionId};
use crate::bot::screen::Answer;
use crate::bot::turn::Turn;
use crate::shop::{checkout, subscriptions};
use secrecy::ExposeSecret;

/// Services whose links are compared with a pasted one.
const LINKS_MAX: u32 = 50;

/// What the text names, if it is the person's own; `None` for everything else, others' numbers included.
pub async fn open(turn: &Turn, text: &str) -> Result<Option<Answer>, Fault> {
    for word in text.split_whitespace().take(8) {
        let found = if word.contains("://") { link(turn, word).await? } else { number(turn, word).await? };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn number(turn: &Turn, word: &str) -> Result<Option<Answer>, Fault> {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let (conn, me) = (turn.app.db.read(), turn.who.person.id);
    let Some(id) = OrderId::parse(word) else { return Ok(None) };
    if let Some(order) = checkout::get_for(conn, me, id).await? {
        return ordered::of(turn, &order).await.map(Some);
    }
    if let Some((found, _)) = payment::own(turn, PaymentId(id.0)).await? {
        return payment::show(turn, found.id).await.map(Some);
    }
    match services::own(turn, SubscriptionId(id.0)).await? {
        Some(service) => services::show(turn, service.id).await.map(Some),
        None => Ok(None),
    }
}

/// Our own page's address carries the service's token; the panel's link is compared with those of the person's services.
async fn link(turn: &Turn, word: &str) -> Result<Option<Answer>, Fault> {
    let me = turn.who.person.id;
    let last = word.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').rsplit('/').next();
    if let Some(token) = last.filter(|token| token.len() >= 16) {
        let named = subscriptions::by_token(turn.app.db.read(), token).await?;
        if let Some(service) = named.filter(|service| service.person == me) {
            return services::show(turn, service.id).await.map(Some);
        }
    }
    let (mine, _) = subscriptions::of_person(turn.app.db.read(), me, Page::new(0, LINKS_MAX)).await?;
    for service in mine {
        let same = service.open_link(&turn.app.seal)?.is_some_and(|link| link.expose_secret() == word);
        if same {
            return services::show(turn, service.id).await.map(Some);
        }
    }
    Ok(None)
}
