//! Many services at once: how many, how their names begin, what they cost together, and the yes.
//!
//! The batch's id is minted with the screen that shows its price; the ids of all its orders and services follow from it.
use super::words::{ask, refusal};
use super::{Asked, batch, sell};
use crate::base::format::{Voice, number};
use crate::base::texts::args;
use crate::base::{BatchId, Fault, Money, OrderId, SubscriptionId, UpdateId, parse_amount};
use crate::bot::input::{self, Input};
use crate::bot::kit::{self, go};
use crate::bot::page::{bold, page};
use crate::bot::route::AgentRoute as G;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::agents::Agent;
use crate::shop::catalog::{self, Mark, PlanCode};
use crate::shop::checkout::{self, BATCH_MAX, Bulk, SaleQuote, SellError};

const LEAST: i64 = 2;
/// Letters of a prefix: a number comes behind it.
const PREFIX_MAX: usize = 48;

fn most() -> i64 {
    i64::try_from(BATCH_MAX).unwrap_or(LEAST)
}

/// How many?
pub async fn ask_count(turn: &Turn, agent: &Agent, plan: PlanCode) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match sell::quote(turn, agent, &sell::of_plan(&plan)).await {
        Ok(quote) => ask(turn, Asked::Count { plan }, count_view(&voice, &quote, "")).await,
        Err(error) => Ok(Answer::alert(refusal(&voice, error)?)),
    }
}

fn count_view(voice: &Voice, quote: &SaleQuote, wrong: &str) -> Screen {
    let facts = [
        bold(quote.plan.title(voice.lang)),
        voice.t_args("many-price", &args!["price" => voice.money(quote.price)]),
        voice.t_args("agency-left", &args!["amount" => voice.money(quote.left)]),
        wrong.to_owned(),
    ];
    let next = voice.t_args("many-ask-count", &args!["least" => LEAST, "most" => most()]);
    Screen::new(page(voice.t("many-title"), facts, &next)).row(kit::back(voice, G::Plan { plan: quote.plan.code.clone() }))
}

/// The number was typed.
pub async fn counted(turn: &Turn, agent: &Agent, plan: PlanCode, text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let quote = match sell::quote(turn, agent, &sell::of_plan(&plan)).await {
        Ok(quote) => quote,
        Err(error) => return Ok(Answer::alert(refusal(&voice, error)?)),
    };
    let Some(count) = parse_amount(text).filter(|count| (LEAST..=most()).contains(count)) else {
        return Ok(count_view(&voice, &quote, voice.t("many-wrong-count")).into());
    };
    let affordable = quote.left.minor / quote.price.minor.max(1);
    if count > affordable {
        let wrong = voice.t_args("many-short", &args!["count" => affordable]);
        return Ok(count_view(&voice, &quote, &wrong).into());
    }
    let screen = prefix_view(&voice, &quote, count);
    ask(turn, Asked::Prefix { plan, count, last: turn.update }, screen).await
}

fn prefix_view(voice: &Voice, quote: &SaleQuote, count: i64) -> Screen {
    let facts = [bold(quote.plan.title(voice.lang)), voice.t_args("many-count", &args!["count" => number(voice.lang, count)])];
    Screen::new(page(voice.t("many-title"), facts, voice.t("many-ask-prefix")))
        .row([go(voice, G::NoPrefix)])
        .row(kit::back(voice, G::Many { plan: quote.plan.code.clone() }))
}

/// They are called like their plan.
pub async fn unnamed(turn: &Turn, agent: &Agent) -> Result<Answer, Fault> {
    let (plan, count) = match turn.who.input.clone() {
        Some(Input::Agent(Asked::Prefix { plan, count, .. })) => (plan, count),
        // The same tap again: its answer did not arrive.
        Some(Input::Agent(Asked::Bulk { plan, count, last, .. })) if last == turn.update => (plan, count),
        _ => return Ok(Answer::alert(turn.voice().t("sell-gone"))),
    };
    let shelf = catalog::current(&turn.app.db).await?;
    let prefix = shelf.plan(&plan).map_or_else(|| plan.to_string(), |plan| plan.title(turn.who.lang).to_owned());
    offered(turn, agent, (plan, count), prefix).await
}

/// The beginning of their names was typed.
pub async fn named(
    turn: &Turn,
    agent: &Agent,
    (plan, count, last): (PlanCode, i64, UpdateId),
    text: &str,
) -> Result<Answer, Fault> {
    if last == turn.update
        && let Some(Input::Agent(Asked::Prefix { .. })) = &turn.who.input
    {
        // The number came with this very message.
        return match sell::quote(turn, agent, &sell::of_plan(&plan)).await {
            Ok(quote) => Ok(prefix_view(&turn.voice(), &quote, count).into()),
            Err(error) => Ok(Answer::alert(refusal(&turn.voice(), error)?)),
        };
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    offered(turn, agent, (plan, count), words).await
}

async fn offered(turn: &Turn, agent: &Agent, (plan, count): (PlanCode, i64), prefix: String) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let prefix: String = prefix.chars().take(PREFIX_MAX).collect();
    let batch = BatchId(turn.mint("batch"));
    match sell::quote(turn, agent, &sell::of_plan(&plan)).await {
        Ok(quote) => {
            let screen = offer_view(&voice, &quote, (batch, count, &prefix));
            ask(turn, Asked::Bulk { batch, plan, count, prefix, last: turn.update }, screen).await
        }
        Err(error) => Ok(Answer::alert(refusal(&voice, error)?)),
    }
}

fn offer_view(voice: &Voice, quote: &SaleQuote, (batch, count, prefix): (BatchId, i64, &str)) -> Screen {
    let total = Money::new(quote.price.minor.saturating_mul(count), quote.price.asset);
    let after = Money::new(quote.left.minor.saturating_sub(total.minor), total.asset);
    let names = args!["first" => name(prefix, 1), "last" => name(prefix, count)];
    let facts = [
        bold(quote.plan.title(voice.lang)),
        voice.t_args("many-count", &args!["count" => number(voice.lang, count)]),
        voice.t_args("many-names", &names),
        voice.t_args("many-price", &args!["price" => voice.money(quote.price)]),
        voice.t_args("many-total", &args!["amount" => voice.money(total)]),
        voice.t_args("sell-after", &args!["left" => voice.money(quote.left), "after" => voice.money(after)]),
    ];
    Screen::new(page(voice.t("many-confirm-title"), facts, voice.t("many-confirm-next")))
        .row([go(voice, G::BuyMany { batch, price_minor: quote.price.minor, gives: quote.plan.promise().mark() })])
        .row(kit::back(voice, G::Many { plan: quote.plan.code.clone() }))
}

fn name(prefix: &str, number: i64) -> String {
    format!("{prefix} {number}")
}

/// The yes.
pub async fn buy(turn: &Turn, agent: &Agent, (id, price_minor, gives): (BatchId, i64, Mark)) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if batch::own(turn, agent, id).await?.is_some() {
        return batch::show(turn, agent, id).await;
    }
    let (plan, count, prefix) = match turn.who.input.clone() {
        Some(Input::Agent(Asked::Bulk { batch, plan, count, prefix, .. })) if batch == id => (plan, count, prefix),
        _ => return Ok(Answer::alert(voice.t("sell-gone"))),
    };
    let mint = |what: &str, number: i64| turn.app.ids.mint(UpdateId(id.0), &format!("{what}-{number}"));
    let item = |number: i64| (OrderId(mint("order", number)), SubscriptionId(mint("service", number)), name(&prefix, number));
    let bulk = Bulk { batch: id, plan: plan.clone(), price_minor, gives, items: (1..=count).map(item).collect() };
    let (mine, who, now) = (turn.clone(), agent.clone(), turn.now);
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                checkout::bulk(tx, &who, &bulk, now).await?;
                input::close(tx, &mine).await?;
                Ok::<_, SellError>(())
            })
        })
        .await;
    match outcome {
        Ok(()) => batch::show(turn, agent, id).await,
        Err(error @ (SellError::PriceChanged { .. } | SellError::PromiseChanged)) => {
            let told = refusal(&voice, error)?;
            Ok(offered(turn, agent, (plan, count), prefix).await?.saying(told))
        }
        Err(error) => Ok(Answer::alert(refusal(&voice, error)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::{count_view, offer_view, prefix_view};
    use crate::base::{Asset, BatchId, Money};
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::catalog::sample::plan;
    use crate::shop::checkout::SaleQuote;

    #[test]
    fn many_at_once_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let quote = SaleQuote { plan: plan(), price: toman(96_000), left: toman(1_300_000), change: None };
        insta::assert_snapshot!(in_every_language(|voice| vec![
            count_view(voice, &quote, ""),
            count_view(voice, &quote, voice.t("many-wrong-count")),
            prefix_view(voice, &quote, 12),
            offer_view(voice, &quote, (BatchId(7), 12, "Café")),
        ]));
    }
}
