//! Ordering: what will be charged, then the order itself; and giving one up.
//!
//! The order's id is minted when the confirm screen is shown, and all other ids of it follow from that one, so that a
//! double tap, a redelivery and a replay are the same order.
use super::{payment, services, shelf, ways};
use crate::app::App;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, OrderId, PaymentId, SubscriptionId, Time, UpdateId};
use crate::bot::input::{self, Input};
use crate::bot::kit::{self, go, pick};
use crate::bot::page::{bold, page};
use crate::bot::route::CustomerRoute as C;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::catalog::{self, Catalog, PlanCode};
use crate::shop::checkout::{self, Ask, CancelError, Place, PlaceError, Quote, QuoteError};
use crate::shop::payments;
use crate::shop::subscriptions::Terms;

/// What a new service will cost.
pub async fn confirm(turn: &Turn, customer: &Customer, plan: PlanCode) -> Result<Answer, Fault> {
    quoted(turn, customer, Ask { plan, renew: None }, false).await
}

/// What a renewal will cost, and what it makes of the service.
pub async fn confirm_renewal(turn: &Turn, customer: &Customer, id: SubscriptionId) -> Result<Answer, Fault> {
    match services::own(turn, id).await? {
        Some(service) => quoted(turn, customer, Ask { plan: service.plan, renew: Some(id) }, false).await,
        None => Ok(not_yours(turn)),
    }
}

async fn quoted(turn: &Turn, customer: &Customer, ask: Ask, changed: bool) -> Result<Answer, Fault> {
    let (voice, shelf) = (turn.voice(), catalog::current(&turn.app.db).await?);
    match checkout::quote(turn.app.db.read(), &shelf, customer, &ask, turn.now).await {
        Ok(quote) => Ok(confirm_view(&voice, &shelf, (&quote, changed), OrderId(turn.mint("order"))).into()),
        Err(QuoteError::SoldOut) => Ok(Answer::alert(voice.t("order-sold-out"))),
        Err(QuoteError::Gone) if ask.renew.is_some() => Ok(Answer::alert(voice.t("order-renew-gone"))),
        Err(QuoteError::Gone) => Ok(shelf::gone(&voice, &shelf)),
        Err(QuoteError::NotYours) => Ok(not_yours(turn)),
        Err(QuoteError::NotRenewable) => Ok(Answer::alert(voice.t("order-not-renewable"))),
        Err(QuoteError::Fault(fault)) => Err(fault),
    }
}

/// `changed`: the price is not what the person saw before.
fn confirm_view(voice: &Voice, shelf: &Catalog, (quote, changed): (&Quote, bool), order: OrderId) -> Screen {
    let given = args!["price" => voice.money(quote.price)];
    let price = if changed { voice.t_args("order-price-changed", &given) } else { voice.t_args("shop-price", &given) };
    let price_minor = quote.price.minor;
    let next = voice.t("order-tail");
    if let Some((service, terms)) = &quote.renew {
        let alive = service.until > voice.now;
        let left = service.traffic_left().filter(|_| alive).unwrap_or(0);
        let was = Terms { until: service.until.max(voice.now), traffic_bytes: left };
        let is = Terms { until: terms.until, traffic_bytes: left_after(terms, service.used_bytes) };
        let facts = vec![
            bold(quote.plan.title(voice.lang)),
            voice.t_args("order-days-change", &args!["was" => days_left(voice, was.until), "is" => days_left(voice, is.until)]),
            voice.t_args("order-until", &args!["moment" => voice.moment(is.until)]),
            traffic_change(voice, was, is, service.traffic_bytes == 0),
            price,
        ];
        let route = C::PlaceRenewal { order, subscription: service.id, price_minor };
        return Screen::new(page(voice.t("order-renew-title"), facts, next))
            .row([go(voice, route)])
            .row(kit::back(voice, C::Service { subscription: service.id }));
    }
    let plan = &quote.plan;
    let mut facts = vec![bold(plan.title(voice.lang))];
    facts.extend(shelf::plan_facts(voice, shelf, plan));
    facts.push(price);
    Screen::new(page(voice.t("order-title"), facts, next))
        .row([go(voice, C::Place { order, plan: plan.code.clone(), price_minor })])
        .row(kit::back(voice, C::Plan { plan: plan.code.clone() }))
}

fn left_after(terms: &Terms, used: i64) -> i64 {
    if terms.traffic_bytes == 0 { 0 } else { (terms.traffic_bytes - used).max(0) }
}

fn days_left(voice: &Voice, until: Time) -> String {
    match until.since(voice.now) {
        ms if ms <= 0 => voice.t_args("format-days", &args!["count" => 0_i64]),
        ms => voice.duration(ms),
    }
}

fn traffic_change(voice: &Voice, was: Terms, is: Terms, unlimited: bool) -> String {
    if unlimited || is.traffic_bytes == 0 {
        return voice.t("shop-traffic-unlimited").to_owned();
    }
    let args = args!["was" => voice.traffic(was.traffic_bytes), "is" => voice.traffic(is.traffic_bytes)];
    voice.t_args("order-traffic-change", &args)
}

/// Places the order, once, at the price that was shown, and shows how to pay it.
pub async fn place(turn: &Turn, customer: &Customer, agreed: (OrderId, i64), plan: PlanCode) -> Result<Answer, Fault> {
    placed(turn, customer, to_place(&turn.app, agreed, Ask { plan, renew: None })).await
}

pub async fn place_renewal(
    turn: &Turn,
    customer: &Customer,
    agreed: (OrderId, i64),
    id: SubscriptionId,
) -> Result<Answer, Fault> {
    match services::own(turn, id).await? {
        Some(service) => placed(turn, customer, to_place(&turn.app, agreed, Ask { plan: service.plan, renew: Some(id) })).await,
        None => Ok(not_yours(turn)),
    }
}

fn to_place(app: &App, (order, price_minor): (OrderId, i64), ask: Ask) -> Place {
    // Minted from the order's own id: whoever places this order again means the same payment and the same service.
    let mint = |what| app.ids.mint(UpdateId(order.0), what);
    let (payment, subscription) = (PaymentId(mint("payment")), SubscriptionId(mint("subscription")));
    Place { order, payment, plan: ask.plan, price_minor, kind: None, renew: ask.renew, subscription }
}

async fn placed(turn: &Turn, customer: &Customer, place: Place) -> Result<Answer, Fault> {
    let (voice, mine, who) = (turn.voice(), turn.clone(), customer.clone());
    let ask = Ask { plan: place.plan.clone(), renew: place.renew };
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let (order, payment) = checkout::place(tx, &who, &place, mine.now).await?;
                // From here on a photo or a number needs no tap first.
                Input::Receipt { payment: payment.id }.open(tx, &mine).await?;
                Ok::<_, PlaceError>((order, payment))
            })
        })
        .await;
    match outcome {
        Ok((order, payment)) => ways::opened(turn, &payment, Some(&order)).await.map(Answer::from),
        Err(PlaceError::SoldOut) => Ok(Answer::alert(voice.t("order-sold-out"))),
        Err(PlaceError::Gone) => {
            let shelf = catalog::current(&turn.app.db).await?;
            Ok(shelf::gone(&voice, &shelf))
        }
        Err(PlaceError::PriceChanged) => {
            // What is cached may be the price that was shown.
            turn.app.db.forget_cached();
            quoted(turn, customer, ask, true).await
        }
        Err(PlaceError::NotYours) => Ok(not_yours(turn)),
        Err(PlaceError::NotRenewable) => Ok(Answer::alert(voice.t("order-not-renewable"))),
        Err(PlaceError::NoMethod { when: Some(when) }) => {
            Ok(Answer::alert(voice.label("order-no-card-until", &args!["moment" => voice.moment(when)])))
        }
        Err(PlaceError::NoMethod { when: None }) => Ok(Answer::alert(voice.t("order-no-card"))),
        Err(PlaceError::TooManyOpen { most }) => {
            let list = payment::history(turn, 0).await?;
            Ok(list.saying(voice.label("order-too-many", &args!["count" => most])))
        }
        Err(PlaceError::AlreadyClosed(order)) => payment::of_order(turn, &order).await,
        Err(PlaceError::Fault(fault)) => Err(fault),
    }
}

/// Asks whether the order is to be given up.
pub async fn ask_cancel(turn: &Turn, id: OrderId) -> Result<Answer, Fault> {
    let Some(order) = checkout::get_for(turn.app.db.read(), turn.who.person.id, id).await? else {
        return Ok(not_yours(turn));
    };
    match payments::of_order(turn.app.db.read(), order.id).await? {
        Some(payment) if order.state == checkout::State::Placed => Ok(cancel_view(&turn.voice(), order.id, payment.id).into()),
        _ => payment::of_order(turn, &order).await,
    }
}

fn cancel_view(voice: &Voice, order: OrderId, payment: PaymentId) -> Screen {
    let title = voice.t_args("order-cancel-title", &args!["order" => Arg::code(order.to_string())]);
    let safe = pick(C::Payment { payment }, voice.t("button-cancel-no"));
    Screen::new(page(&title, [], voice.t("order-cancel-ask"))).rows(kit::confirm(safe, go(voice, C::Cancel { order })))
}

/// Gives the order up.
pub async fn cancel(turn: &Turn, customer: &Customer, id: OrderId) -> Result<Answer, Fault> {
    let (mine, who) = (turn.clone(), customer.clone());
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let order = checkout::cancel(tx, &who, id, mine.now).await?;
                input::close(tx, &mine).await?;
                Ok::<_, CancelError>(order)
            })
        })
        .await;
    match outcome {
        Ok(order) => payment::of_order(turn, &order).await,
        Err(CancelError::NotYours) => Ok(not_yours(turn)),
        Err(CancelError::AlreadyClosed(order)) => payment::of_order(turn, &order).await,
        Err(CancelError::Fault(fault)) => Err(fault),
    }
}

/// Somebody else's, or nobody's: said in a box, nothing shown.
pub fn not_yours(turn: &Turn) -> Answer {
    Answer::alert(turn.voice().t("common-not-yours"))
}
