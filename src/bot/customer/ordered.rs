//! An order as its customer sees it when no payment of its own speaks for it: paid from the wallet, or saved until a top-up.
use super::order::not_yours;
use super::{payment, topup, wallet, ways};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, OrderId, PaymentId, SubscriptionId};
use crate::bot::kit::{self, go};
use crate::bot::page::page;
use crate::bot::route::CustomerRoute as C;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::catalog;
use crate::shop::checkout::{self, Order, Placed, State};
use crate::shop::ledger::{self, Account};
use crate::shop::{payments, subscriptions};

/// The person's own order, as it stands.
pub async fn show(turn: &Turn, id: OrderId) -> Result<Answer, Fault> {
    match checkout::get_for(turn.app.db.read(), turn.who.person.id, id).await? {
        Some(order) => of(turn, &order).await,
        None => Ok(not_yours(turn)),
    }
}

/// An order that was placed just now: how to pay it, or how it stands.
pub async fn opened(turn: &Turn, Placed { order, payment }: &Placed) -> Result<Answer, Fault> {
    match payment {
        Some(payment) => ways::opened(turn, payment, Some(order)).await.map(Answer::from),
        None => without_payment(turn, order).await,
    }
}

/// An order of the person's: by its payment, when it has one.
pub async fn of(turn: &Turn, order: &Order) -> Result<Answer, Fault> {
    if let Some(payment) = payments::of_order(turn.app.db.read(), order.id).await? {
        return payment::screen(turn, &payment, Some(order)).await.map(Answer::from);
    }
    without_payment(turn, order).await
}

async fn without_payment(turn: &Turn, order: &Order) -> Result<Answer, Fault> {
    let (voice, shelf) = (turn.voice(), catalog::current(&turn.app.db).await?);
    let plan = shelf.plan(&order.plan).map_or_else(|| order.plan.to_string(), |plan| plan.title(voice.lang).to_owned());
    if order.state == State::Placed {
        let account = Account::wallet(order.person, order.price.asset);
        let available = ledger::balance(turn.app.db.read(), &account).await?.available;
        let missing = checkout::missing(order.price, available);
        let offered = topup::offered(turn, missing);
        return Ok(saved_view(&voice, order, (&plan, missing), &offered).into());
    }
    let service = subscriptions::get_for(turn.app.db.read(), order.person, order.subscription).await?;
    Ok(view(&voice, order, &plan, service.map(|service| service.id)).into())
}

fn facts(voice: &Voice, order: &Order, plan: &str) -> Vec<String> {
    vec![
        voice.t_args("ordered-plan", &args!["plan" => plan]),
        voice.t_args("shop-price", &args!["price" => voice.money(order.price)]),
    ]
}

fn view(voice: &Voice, order: &Order, plan: &str, service: Option<SubscriptionId>) -> Screen {
    let title = voice.t_args("pay-title", &args!["order" => Arg::code(order.id.to_string())]);
    let mut facts = facts(voice, order, plan);
    if order.paid_at.is_some() {
        facts.push(voice.t("ordered-from-wallet").to_owned());
    }
    let next = match order.state {
        State::Paid => voice.t("pay-being-made"),
        State::Delivered => voice.t("pay-delivered"),
        State::Refunded => voice.t("pay-refunded"),
        State::Expired => voice.t("ordered-expired"),
        State::Placed | State::Cancelled | State::Rejected => voice.t("ordered-closed"),
    };
    let service = service.map(|subscription| go(voice, C::Service { subscription }));
    let again = (order.paid_at.is_none()).then(|| go(voice, C::Categories));
    Screen::new(page(&title, facts, next)).row(service).row(again).row(kit::back(voice, C::Wallet))
}

/// It waits for a top-up: what is missing, and amounts that are enough.
fn saved_view(voice: &Voice, order: &Order, (plan, missing): (&str, Money), offered: &[(PaymentId, Money)]) -> Screen {
    let title = voice.t_args("ordered-saved-title", &args!["order" => Arg::code(order.id.to_string())]);
    let mut facts = facts(voice, order, plan);
    if missing.minor > 0 {
        facts.push(voice.t_args("ordered-missing", &args!["amount" => voice.money(missing)]));
    }
    facts.extend(order.saved_until.map(|until| voice.t_args("ordered-until", &args!["moment" => voice.moment(until)])));
    let screen = if missing.minor > 0 {
        let screen = Screen::new(page(&title, facts, voice.t("ordered-saved-next")));
        screen.rows(wallet::amounts(voice, offered)).row([go(voice, C::AskTopUp)])
    } else {
        Screen::new(page(&title, facts, voice.t("ordered-saved-covered"))).row([go(voice, C::BuySaved { order: order.id })])
    };
    screen.row([go(voice, C::AskCancel { order: order.id })]).row(kit::back(voice, C::Wallet))
}

#[cfg(test)]
mod tests {
    use super::{saved_view, view};
    use crate::base::{Asset, HOUR, Money, PaymentId, SubscriptionId};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::checkout::{State, sample};

    #[test]
    fn orders_without_a_payment_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let saved = sample::saved(NOW.after(48 * HOUR), NOW);
        let offered = [(PaymentId(1), toman(130_000)), (PaymentId(2), toman(200_000)), (PaymentId(3), toman(500_000))];
        insta::assert_snapshot!(in_every_language(|voice| vec![
            view(voice, &sample::order(State::Paid, NOW), "1 month <30>", Some(SubscriptionId(9))),
            view(voice, &sample::order(State::Cancelled, NOW), "1 month", None),
            view(voice, &sample::order(State::Expired, NOW), "1 month", None),
            saved_view(voice, &saved, ("1 month", toman(130_000)), &offered),
            saved_view(voice, &saved, ("1 month", toman(0)), &offered),
        ]));
    }
}
