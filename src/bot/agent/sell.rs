//! Selling on credit: the plans at the agent's own prices, what a service is called, the exact price and what is left after it;
//! and more time or traffic for what was sold before.
//!
//! An order's id is minted with the screen that shows its price, and the service's follows from it, so a double tap and a
//! replay are the same sale.
use super::Asked;
use super::words::{ask, refusal};
use super::{service, services};
use crate::app::Tx;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, OrderId, Page, SubscriptionId, UpdateId};
use crate::bot::customer::shelf::plan_facts;
use crate::bot::input::{self, Input};
use crate::bot::kit::{self, ROWS_MAX, go, pager, pick};
use crate::bot::page::{bold, page};
use crate::bot::route::{AgentRoute as G, Route};
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::Turn;
use crate::shop::agents::Agent;
use crate::shop::catalog::{self, Catalog, Mark, Plan, PlanCode};
use crate::shop::checkout::{self, Sale, SaleQuote, Sell, SellError, Sold};
use crate::shop::ledger;

/// Gigabytes that have a button.
const GIGABYTES: [u32; 6] = [5, 10, 20, 30, 50, 100];
const GIGABYTE: i64 = 1 << 30;

/// The plans that this agent may sell, at his prices.
pub async fn list(turn: &Turn, agent: &Agent, index: u32) -> Result<Answer, Fault> {
    let shelf = catalog::current(&turn.app.db).await?;
    let sold = shelf.plans().iter().filter(|plan| shelf.is_on_sale(&plan.code));
    let offered: Vec<(&Plan, Money)> = sold.filter_map(|plan| Some((plan, agent.price(plan)?))).collect();
    let left = ledger::standing(turn.app.db.read(), &agent.account(turn.settings.asset)).await?.left;
    Ok(list_view(&turn.voice(), &shelf, (&offered, left), index).into())
}

fn list_view(voice: &Voice, shelf: &Catalog, (offered, left): (&[(&Plan, Money)], Money), index: u32) -> Screen {
    let facts = [voice.t_args("agency-left", &args!["amount" => voice.money(left)])];
    let pages = Page::new(index, ROWS_MAX).count(i64::try_from(offered.len()).unwrap_or(i64::MAX));
    let (index, size) = (index.min(pages - 1), usize::try_from(ROWS_MAX).unwrap_or(1));
    let shown = offered.iter().skip(usize::try_from(index).unwrap_or(0) * size).take(size);
    let rows = shown.map(|(plan, price)| {
        let line = args!["title" => shelf.name(plan, voice.lang), "price" => voice.money(*price)];
        vec![pick(G::Plan { plan: plan.code.clone() }, voice.label("shop-plan-line", &line))]
    });
    let next = if offered.is_empty() { voice.t("sell-nothing") } else { voice.t("sell-ask-plan") };
    let to = |page| Route::from(G::Sell { page });
    Screen::new(page(voice.t("sell-title"), facts, next))
        .rows(rows)
        .row(pager(voice, index, pages, to))
        .row(kit::back(voice, G::Home))
}

/// What may be sold, and for how much.
pub async fn quote(turn: &Turn, agent: &Agent, sale: &Sale) -> Result<SaleQuote, SellError> {
    let quote = checkout::quote_sale(turn.app.db.read(), agent, sale, turn.now).await?;
    if quote.price.minor > quote.left.minor {
        return Err(SellError::Short { left: quote.left, price: quote.price });
    }
    Ok(quote)
}

/// A new service of a plan, for asking its price.
pub fn of_plan(plan: &PlanCode) -> Sale {
    Sale::New { plan: plan.clone(), subscription: SubscriptionId(0), label: String::new() }
}

/// What is it to be called?
pub async fn ask_label(turn: &Turn, agent: &Agent, plan: PlanCode) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match quote(turn, agent, &of_plan(&plan)).await {
        Ok(quote) => ask(turn, Asked::Label { plan }, label_view(&voice, &quote, "")).await,
        Err(error) => Ok(Answer::alert(refusal(&voice, error)?)),
    }
}

fn label_view(voice: &Voice, quote: &SaleQuote, wrong: &str) -> Screen {
    let plan = || quote.plan.code.clone();
    let facts = [
        bold(quote.plan.title(voice.lang)),
        voice.t_args("sell-price", &args!["price" => voice.money(quote.price)]),
        wrong.to_owned(),
    ];
    Screen::new(page(voice.t("sell-label-title"), facts, voice.t("sell-label-ask")))
        .row([go(voice, G::NoLabel { plan: plan() })])
        .row([go(voice, G::Many { plan: plan() })])
        .row(kit::back(voice, G::Sell { page: 0 }))
}

/// It needs no name: it is called like its plan.
pub async fn unlabelled(turn: &Turn, agent: &Agent, plan: PlanCode) -> Result<Answer, Fault> {
    let shelf = catalog::current(&turn.app.db).await?;
    let label = shelf.plan(&plan).map_or_else(|| plan.to_string(), |plan| plan.title(turn.who.lang).to_owned());
    offered(turn, agent, plan, label).await
}

/// The name was typed.
pub async fn labelled(turn: &Turn, agent: &Agent, plan: PlanCode, text: &str) -> Result<Answer, Fault> {
    let label: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if label.chars().count() > checkout::LABEL_CHARS_MAX {
        return match quote(turn, agent, &of_plan(&plan)).await {
            Ok(quote) => Ok(label_view(&turn.voice(), &quote, turn.voice().t("sell-bad-label")).into()),
            Err(error) => Ok(Answer::alert(refusal(&turn.voice(), error)?)),
        };
    }
    offered(turn, agent, plan, label).await
}

/// The exact price, and what is left after it.
async fn offered(turn: &Turn, agent: &Agent, plan: PlanCode, label: String) -> Result<Answer, Fault> {
    let (voice, shelf) = (turn.voice(), catalog::current(&turn.app.db).await?);
    let order = OrderId(turn.mint("sale"));
    match quote(turn, agent, &of_plan(&plan)).await {
        Ok(quote) => {
            let screen = offer_view(&voice, &shelf, &quote, (order, &label));
            ask(turn, Asked::Sale { order, plan, label }, screen).await
        }
        Err(error) => Ok(Answer::alert(refusal(&voice, error)?)),
    }
}

fn after(voice: &Voice, quote: &SaleQuote) -> [String; 2] {
    let then = Money::new(quote.left.minor.saturating_sub(quote.price.minor), quote.left.asset);
    [
        voice.t_args("sell-price", &args!["price" => voice.money(quote.price)]),
        voice.t_args("sell-after", &args!["left" => voice.money(quote.left), "after" => voice.money(then)]),
    ]
}

fn offer_view(voice: &Voice, shelf: &Catalog, quote: &SaleQuote, (order, label): (OrderId, &str)) -> Screen {
    let mut facts = vec![voice.t_args("sell-for", &args!["label" => label]), bold(quote.plan.title(voice.lang))];
    facts.extend(plan_facts(voice, shelf, &quote.plan));
    facts.extend(after(voice, quote));
    Screen::new(page(voice.t("sell-confirm-title"), facts, voice.t("sell-confirm-next")))
        .row([go(voice, G::Buy { order, price_minor: quote.price.minor, gives: quote.plan.promise().mark() })])
        .row(kit::back(voice, G::Plan { plan: quote.plan.code.clone() }))
}

/// The yes to one new service.
pub async fn buy(turn: &Turn, agent: &Agent, (order, price_minor, gives): (OrderId, i64, Mark)) -> Result<Answer, Fault> {
    if let Some(known) = checkout::get_for(turn.app.db.read(), agent.person, order).await? {
        return service::show(turn, agent, known.subscription).await;
    }
    let Some(Input::Agent(Asked::Sale { order: asked, plan, label })) = turn.who.input.clone() else {
        return Ok(Answer::alert(turn.voice().t("sell-gone")));
    };
    if asked != order {
        return Ok(Answer::alert(turn.voice().t("sell-gone")));
    }
    let subscription = SubscriptionId(turn.app.ids.mint(UpdateId(order.0), "subscription"));
    let sale = Sale::New { plan: plan.clone(), subscription, label: label.clone() };
    match sold(turn, agent, Sell { order, sale, price_minor, gives: Some(gives) }).await {
        Ok(_) => Ok(service::show(turn, agent, subscription).await?.saying(turn.voice().t("sell-done"))),
        Err(error @ (SellError::PriceChanged { .. } | SellError::PromiseChanged)) => {
            let told = refusal(&turn.voice(), error)?;
            Ok(offered(turn, agent, plan, label).await?.saying(told))
        }
        Err(error) => Ok(Answer::alert(refusal(&turn.voice(), error)?)),
    }
}

/// Sells in a transaction of its own, and closes the question that led to it.
async fn sold(turn: &Turn, agent: &Agent, sell: Sell) -> Result<Sold, SellError> {
    let (mine, who, now) = (turn.clone(), agent.clone(), turn.now);
    let act = async move |tx: &Tx| {
        let sold = checkout::sell(tx, &who, &sell, now).await?;
        if matches!(mine.who.input, Some(Input::Agent(Asked::Sale { .. }))) {
            input::close(tx, &mine).await?;
        }
        Ok(sold)
    };
    turn.app.write(move |tx| Box::pin(async move { act(tx).await })).await
}

/// What a renewal costs, and what it makes of the service.
pub async fn ask_renew(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match quote(turn, agent, &Sale::Renew { subscription: id }).await {
        Ok(quote) => {
            let (order, gives) = (OrderId(turn.mint("sale")), quote.plan.promise().mark());
            let route = G::Renew { order, subscription: id, price_minor: quote.price.minor, gives };
            Ok(change_view(&voice, &quote, "sold-renew-title", route).into())
        }
        Err(error) => Ok(Answer::alert(refusal(&voice, error)?)),
    }
}

pub async fn renew(
    turn: &Turn,
    agent: &Agent,
    (order, price_minor, gives): (OrderId, i64, Mark),
    id: SubscriptionId,
) -> Result<Answer, Fault> {
    let sale = Sale::Renew { subscription: id };
    changed(turn, agent, Sell { order, sale, price_minor, gives: Some(gives) }, id).await
}

/// How much traffic?
pub async fn ask_traffic(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(service) = services::own(turn, agent, id).await? else { return Ok(services::not_yours(turn)) };
    let shelf = catalog::current(&turn.app.db).await?;
    let Some(plan) = shelf.plan(&service.plan) else { return Ok(Answer::alert(voice.t("sell-plan-gone"))) };
    let offered: Vec<(u32, Money)> = GIGABYTES
        .into_iter()
        .filter_map(|gigabytes| Some((gigabytes, agent.traffic_price(plan, i64::from(gigabytes))?)))
        .collect();
    if offered.is_empty() {
        return Ok(Answer::alert(voice.t("sold-not-now")));
    }
    Ok(traffic_view(&voice, &offered, id).into())
}

fn traffic_view(voice: &Voice, offered: &[(u32, Money)], subscription: SubscriptionId) -> Screen {
    let row = |(gigabytes, price): &(u32, Money)| {
        let size = voice.traffic(i64::from(*gigabytes).saturating_mul(GIGABYTE));
        let label = voice.label("shop-plan-line", &args!["title" => size, "price" => voice.money(*price)]);
        vec![pick(G::Traffic { subscription, gigabytes: *gigabytes }, label)]
    };
    Screen::new(page(voice.t("sold-traffic-title"), [], voice.t("sold-traffic-ask")))
        .rows(offered.iter().map(row))
        .row(kit::back(voice, G::Service { subscription }))
}

/// What so much traffic costs, and what it makes of the service.
pub async fn confirm_traffic(turn: &Turn, agent: &Agent, (id, gigabytes): (SubscriptionId, u32)) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match quote(turn, agent, &Sale::Traffic { subscription: id, gigabytes: gigabytes.into() }).await {
        Ok(quote) => {
            let (order, price_minor) = (OrderId(turn.mint("sale")), quote.price.minor);
            let route = G::AddTraffic { order, subscription: id, gigabytes, price_minor };
            Ok(change_view(&voice, &quote, "sold-traffic-title", route).into())
        }
        Err(error) => Ok(Answer::alert(refusal(&voice, error)?)),
    }
}

pub async fn add_traffic(
    turn: &Turn,
    agent: &Agent,
    (order, price_minor): (OrderId, i64),
    (id, gigabytes): (SubscriptionId, u32),
) -> Result<Answer, Fault> {
    let sale = Sale::Traffic { subscription: id, gigabytes: gigabytes.into() };
    changed(turn, agent, Sell { order, sale, price_minor, gives: None }, id).await
}

fn change_view(voice: &Voice, quote: &SaleQuote, title: &'static str, route: G) -> Screen {
    let mut facts = Vec::new();
    let mut back = G::Home;
    if let Some((service, terms)) = &quote.change {
        back = G::Service { subscription: service.id };
        facts.push(bold(service.label.as_deref().unwrap_or_default()));
        facts.push(voice.t_args("order-until", &args!["moment" => voice.moment(terms.until)]));
        if terms.traffic_bytes > 0 {
            let left = |limit: i64| Arg::from(voice.traffic((limit - service.used_bytes).max(0)));
            let was = if service.until > voice.now { service.traffic_bytes } else { 0 };
            let given = args!["was" => left(was), "is" => left(terms.traffic_bytes)];
            facts.push(voice.t_args("order-traffic-change", &given));
        }
    }
    facts.extend(after(voice, quote));
    let yes: Button = go(voice, route);
    Screen::new(page(voice.t(title), facts, voice.t("sell-confirm-next"))).row([yes]).row(kit::back(voice, back))
}

async fn changed(turn: &Turn, agent: &Agent, sell: Sell, id: SubscriptionId) -> Result<Answer, Fault> {
    match sold(turn, agent, sell).await {
        Ok(_) => Ok(service::show(turn, agent, id).await?.saying(turn.voice().t("sell-changed"))),
        Err(error) => Ok(Answer::alert(refusal(&turn.voice(), error)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::{change_view, label_view, list_view, offer_view, traffic_view};
    use crate::base::format::GB;
    use crate::base::{Asset, DAY, Money, OrderId, SubscriptionId};
    use crate::bot::customer::services::tests::service;
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::bot::route::AgentRoute as G;
    use crate::shop::catalog::Catalog;
    use crate::shop::catalog::sample::plan;
    use crate::shop::checkout::SaleQuote;
    use crate::shop::subscriptions::{Kind, State, Terms};

    #[test]
    fn selling_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let (plan, shelf) = (plan(), Catalog::default());
        let quote = SaleQuote { plan: plan.clone(), price: toman(96_000), left: toman(300_000), change: None };
        let mut mine = service(State::Active, Kind::Full);
        mine.label = Some("Sara <3".to_owned());
        let terms = Terms { until: NOW.after(42 * DAY), traffic_bytes: 60 * GB };
        let renewal = SaleQuote { change: Some((mine, terms)), ..quote.clone() };
        let (order, subscription, gives) = (OrderId(5), SubscriptionId(7), plan.promise().mark());
        insta::assert_snapshot!(in_every_language(|voice| vec![
            list_view(voice, &shelf, (&[(&plan, toman(96_000))], toman(300_000)), 0),
            list_view(voice, &shelf, (&[], toman(-5_000)), 0),
            label_view(voice, &quote, ""),
            label_view(voice, &quote, voice.t("sell-bad-label")),
            offer_view(voice, &Catalog::default(), &quote, (order, "Sara <3")),
            change_view(voice, &renewal, "sold-renew-title", G::Renew { order, subscription, price_minor: 96_000, gives }),
            traffic_view(voice, &[(5, toman(16_000)), (10, toman(32_000))], subscription),
        ]));
    }
}
