//! Ordering: what will be charged, then the order itself; and giving one up.
//!
//! The order's id is minted when the confirm screen is shown, and all other ids of it follow from that one, so that a
//! double tap, a redelivery and a replay are the same order.
use super::{ordered, payment, services, shelf};
use crate::app::App;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, OrderId, PaymentId, SubscriptionId, Time, UpdateId};
use crate::bot::input::{self, Input};
use crate::bot::kit::{self, go, pick};
use crate::bot::page::{bold, page};
use crate::bot::route::{CustomerRoute as C, PayBy};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::catalog::{self, Catalog, Mark, PlanCode};
use crate::shop::checkout::{self, Ask, CancelError, Order, Pay, Place, PlaceError, Placed, Quote, QuoteError};
use crate::shop::ledger::{self, Account};
use crate::shop::subscriptions::Terms;

/// What a new service will cost.
pub async fn confirm(turn: &Turn, customer: &Customer, plan: PlanCode) -> Result<Answer, Fault> {
    quoted(turn, customer, Ask { plan, renew: None }, Changed::Nothing).await
}

/// What a renewal will cost, and what it makes of the service.
pub async fn confirm_renewal(turn: &Turn, customer: &Customer, id: SubscriptionId) -> Result<Answer, Fault> {
    match services::own(turn, id).await? {
        Some(service) => quoted(turn, customer, Ask { plan: service.plan, renew: Some(id) }, Changed::Nothing).await,
        None => Ok(not_yours(turn)),
    }
}

/// What is not as the person saw it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Changed {
    Nothing,
    Price,
    /// What the plan gives.
    Promise,
}

async fn quoted(turn: &Turn, customer: &Customer, ask: Ask, changed: Changed) -> Result<Answer, Fault> {
    let (voice, shelf) = (turn.voice(), catalog::current(&turn.app.db).await?);
    match checkout::quote(turn.app.db.read(), &shelf, customer, &ask, turn.now).await {
        Ok(quote) => {
            let account = Account::wallet(customer.id, quote.price.asset);
            let wallet = ledger::balance(turn.app.db.read(), &account).await?.available;
            let offer = Offer { quote: &quote, changed, wallet, order: OrderId(turn.mint("order")) };
            Ok(confirm_view(&voice, &shelf, &offer).into())
        }
        Err(QuoteError::SoldOut) => Ok(Answer::alert(voice.t("order-sold-out"))),
        Err(QuoteError::Gone) if ask.renew.is_some() => Ok(Answer::alert(voice.t("order-renew-gone"))),
        Err(QuoteError::Gone) => Ok(shelf::gone(&voice, &shelf)),
        Err(QuoteError::NotYours) => Ok(not_yours(turn)),
        Err(QuoteError::NotRenewable) => not_renewable(turn, &ask).await,
        Err(QuoteError::Fault(fault)) => Err(fault),
    }
}

/// An old button: of a service that its seller alone renews, or that nobody does.
async fn not_renewable(turn: &Turn, ask: &Ask) -> Result<Answer, Fault> {
    let service = match ask.renew {
        Some(id) => services::own(turn, id).await?,
        None => None,
    };
    let is_resold = match &service {
        Some(service) => services::is_resold(&turn.app, service).await?,
        None => false,
    };
    Ok(Answer::alert(turn.voice().t(if is_resold { "services-hint-resold" } else { "order-not-renewable" })))
}

/// What is offered, and what can pay it.
struct Offer<'a> {
    quote: &'a Quote,
    changed: Changed,
    /// What the wallet can give.
    wallet: Money,
    order: OrderId,
}

impl Offer<'_> {
    fn covers(&self) -> bool {
        self.wallet.minor >= self.quote.price.minor
    }

    /// The price, from the wallet, left to pay.
    fn money(&self, voice: &Voice) -> Vec<String> {
        let given = args!["price" => voice.money(self.quote.price)];
        let mut facts = match self.changed {
            Changed::Nothing => vec![voice.t_args("shop-price", &given)],
            Changed::Price => vec![voice.t_args("order-price-changed", &given)],
            Changed::Promise => vec![voice.t("order-promise-changed").to_owned(), voice.t_args("shop-price", &given)],
        };
        if self.wallet.minor > 0 {
            facts.push(voice.t_args("order-wallet", &args!["amount" => voice.money(self.wallet)]));
        }
        if self.wallet.minor > 0 && !self.covers() {
            let left = checkout::missing(self.quote.price, self.wallet);
            facts.push(voice.t_args("order-wallet-left", &args!["amount" => voice.money(left)]));
        }
        facts
    }

    /// Ways to pay, the easiest first.
    fn ways(&self) -> Vec<PayBy> {
        match (self.covers(), self.wallet.minor > 0) {
            (true, _) => vec![PayBy::Wallet, PayBy::Method],
            (false, true) => vec![PayBy::Parts, PayBy::Method, PayBy::TopUp],
            (false, false) => vec![PayBy::Method, PayBy::TopUp],
        }
    }

    fn next(&self, voice: &Voice) -> &'static str {
        if self.covers() { voice.t("order-tail-wallet") } else { voice.t("order-tail") }
    }
}

fn confirm_view(voice: &Voice, shelf: &Catalog, offer: &Offer<'_>) -> Screen {
    let Offer { quote, order, .. } = *offer;
    let (price_minor, gives) = (quote.price.minor, quote.plan.promise().mark());
    let next = offer.next(voice);
    if let Some((service, terms)) = &quote.renew {
        let alive = service.until > voice.now;
        let left = service.traffic_left().filter(|_| alive).unwrap_or(0);
        let was = Terms { until: service.until.max(voice.now), traffic_bytes: left };
        let is = Terms { until: terms.until, traffic_bytes: left_after(terms, service.used_bytes) };
        let mut facts = vec![
            bold(quote.plan.title(voice.lang)),
            voice.t_args("order-days-change", &args!["was" => days_left(voice, was.until), "is" => days_left(voice, is.until)]),
            voice.t_args("order-until", &args!["moment" => voice.moment(is.until)]),
            traffic_change(voice, was, is, service.traffic_bytes == 0),
        ];
        facts.extend(offer.money(voice));
        let ways = offer.ways().into_iter();
        let rows = ways.map(|by| vec![go(voice, C::PlaceRenewal { order, subscription: service.id, price_minor, gives, by })]);
        return Screen::new(page(voice.t("order-renew-title"), facts, next))
            .rows(rows)
            .row(kit::back(voice, C::Service { subscription: service.id }));
    }
    let plan = &quote.plan;
    let mut facts = vec![bold(plan.title(voice.lang))];
    facts.extend(shelf::plan_facts(voice, shelf, plan));
    facts.extend(offer.money(voice));
    let ways = offer.ways().into_iter();
    let rows = ways.map(|by| vec![go(voice, C::Place { order, plan: plan.code.clone(), price_minor, gives, by })]);
    Screen::new(page(voice.t("order-title"), facts, next)).rows(rows).row(kit::back(voice, C::Plan { plan: plan.code.clone() }))
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

/// What the person said yes to: the order's id, the price and the promise that were shown, and how it is paid.
#[derive(Debug, Clone, Copy)]
pub struct Agreed {
    pub order: OrderId,
    pub price_minor: i64,
    pub gives: Mark,
    pub by: PayBy,
}

/// Places the order, once, as it was shown, and shows how it goes on.
pub async fn place(turn: &Turn, customer: &Customer, agreed: Agreed, plan: PlanCode) -> Result<Answer, Fault> {
    placed(turn, customer, to_place(&turn.app, agreed, Ask { plan, renew: None })).await
}

pub async fn place_renewal(turn: &Turn, customer: &Customer, agreed: Agreed, id: SubscriptionId) -> Result<Answer, Fault> {
    match services::own(turn, id).await? {
        Some(service) => placed(turn, customer, to_place(&turn.app, agreed, Ask { plan: service.plan, renew: Some(id) })).await,
        None => Ok(not_yours(turn)),
    }
}

fn to_place(app: &App, agreed: Agreed, ask: Ask) -> Place {
    let Agreed { order, price_minor, gives, by } = agreed;
    // Minted from the order's own id: whoever places this order again means the same payment and the same service.
    let mint = |what| app.ids.mint(UpdateId(order.0), what);
    let (payment, subscription) = (PaymentId(mint("payment")), SubscriptionId(mint("subscription")));
    let pay = match by {
        PayBy::Method => Pay::Method,
        PayBy::Wallet => Pay::Wallet,
        PayBy::Parts => Pay::WalletAndMethod,
        PayBy::TopUp => Pay::Save,
    };
    Place { order, payment, plan: ask.plan, price_minor, gives, kind: None, renew: ask.renew, subscription, pay }
}

async fn placed(turn: &Turn, customer: &Customer, place: Place) -> Result<Answer, Fault> {
    let (mine, who) = (turn.clone(), customer.clone());
    let ask = Ask { plan: place.plan.clone(), renew: place.renew };
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let placed = checkout::place(tx, &who, &place, &mine.settings, mine.now).await?;
                match &placed.payment {
                    // From here on a photo or a number needs no tap first.
                    Some(payment) => Input::Receipt { payment: payment.id }.open(tx, &mine).await?,
                    None => input::close(tx, &mine).await?,
                }
                Ok::<_, PlaceError>(placed)
            })
        })
        .await;
    after(turn, customer, ask, outcome).await
}

/// Buys a saved order now.
pub async fn buy_saved(turn: &Turn, customer: &Customer, id: OrderId) -> Result<Answer, Fault> {
    let Some(order) = checkout::get_for(turn.app.db.read(), customer.id, id).await? else { return Ok(not_yours(turn)) };
    let renew = (order.kind == checkout::Kind::Renew).then_some(order.subscription);
    let (who, now) = (customer.clone(), turn.now);
    let outcome = turn.app.write(move |tx| Box::pin(async move { checkout::buy_saved(tx, &who, id, now).await })).await;
    after(turn, customer, Ask { plan: order.plan, renew }, outcome.map(|order| Placed { order, payment: None })).await
}

/// How the order goes on, or why it was not placed.
async fn after(turn: &Turn, customer: &Customer, ask: Ask, outcome: Result<Placed, PlaceError>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match outcome {
        Ok(placed) => ordered::opened(turn, &placed).await,
        Err(PlaceError::SoldOut) => Ok(Answer::alert(voice.t("order-sold-out"))),
        Err(PlaceError::Gone) => {
            // What is cached, here and below, may be what was shown.
            turn.app.db.forget_cached();
            let shelf = catalog::current(&turn.app.db).await?;
            Ok(shelf::gone(&voice, &shelf))
        }
        Err(PlaceError::PriceChanged) => {
            turn.app.db.forget_cached();
            quoted(turn, customer, ask, Changed::Price).await
        }
        Err(PlaceError::PromiseChanged) => {
            turn.app.db.forget_cached();
            quoted(turn, customer, ask, Changed::Promise).await
        }
        Err(PlaceError::Short { .. }) => {
            Ok(quoted(turn, customer, ask, Changed::Nothing).await?.saying(voice.t("order-wallet-short")))
        }
        Err(PlaceError::NotYours) => Ok(not_yours(turn)),
        Err(PlaceError::NotRenewable) => not_renewable(turn, &ask).await,
        Err(PlaceError::NoMethod { when: Some(when) }) => {
            Ok(Answer::alert(voice.label("order-no-card-until", &args!["moment" => voice.moment(when)])))
        }
        Err(PlaceError::NoMethod { when: None }) => Ok(Answer::alert(voice.t("order-no-card"))),
        Err(PlaceError::TooManyOpen { most }) => {
            let list = payment::history(turn, 0).await?;
            Ok(list.saying(voice.label("order-too-many", &args!["count" => most])))
        }
        Err(PlaceError::AlreadyClosed(order)) => ordered::of(turn, &order).await,
        Err(PlaceError::Fault(fault)) => Err(fault),
    }
}

/// Asks whether the order is to be given up.
pub async fn ask_cancel(turn: &Turn, id: OrderId) -> Result<Answer, Fault> {
    let Some(order) = checkout::get_for(turn.app.db.read(), turn.who.person.id, id).await? else {
        return Ok(not_yours(turn));
    };
    if order.state == checkout::State::Placed {
        Ok(cancel_view(&turn.voice(), &order).into())
    } else {
        ordered::of(turn, &order).await
    }
}

fn cancel_view(voice: &Voice, order: &Order) -> Screen {
    let title = voice.t_args("order-cancel-title", &args!["order" => Arg::code(order.id.to_string())]);
    let safe = pick(C::Order { order: order.id }, voice.t("button-cancel-no"));
    let ask = if order.saved_until.is_some() { voice.t("order-cancel-saved") } else { voice.t("order-cancel-ask") };
    Screen::new(page(&title, [], ask)).rows(kit::confirm(safe, go(voice, C::Cancel { order: order.id })))
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
        Ok(order) => ordered::of(turn, &order).await,
        Err(CancelError::NotYours) => Ok(not_yours(turn)),
        Err(CancelError::AlreadyClosed(order)) => ordered::of(turn, &order).await,
        Err(CancelError::Fault(fault)) => Err(fault),
    }
}

/// Somebody else's, or nobody's: said in a box, nothing shown.
pub fn not_yours(turn: &Turn) -> Answer {
    Answer::alert(turn.voice().t("common-not-yours"))
}
