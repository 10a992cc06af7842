//! What an agent takes from his own customers for each plan, as he tells it: only his margin is counted by it.
use super::Asked;
use super::words::ask as ask_for;
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{Fault, Money, Page, parse_amount};
use crate::bot::input;
use crate::bot::kit::{self, ROWS_MAX, pager, pick, shorten};
use crate::bot::page::{bold, page};
use crate::bot::route::{AgentRoute as G, Route};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::agents::{self, Agency, Agent, SellingError};
use crate::shop::catalog::{self, Catalog, Plan, PlanCode};

/// Letters of a plan's title in a row.
const TITLE_MAX: usize = 40;

/// The plans that he may sell, each with what he takes.
pub async fn list(turn: &Turn, agent: &Agent, index: u32) -> Result<Answer, Fault> {
    let shelf = catalog::current(&turn.app.db).await?;
    let plans: Vec<&Plan> = shelf.plans().iter().filter(|plan| plan.on && agent.price(plan).is_some()).collect();
    Ok(list_view(&turn.voice(), &shelf, (agent, &plans), index).into())
}

fn list_view(voice: &Voice, shelf: &Catalog, (agency, plans): (&Agency, &[&Plan]), index: u32) -> Screen {
    let paged = Page::new(index, ROWS_MAX - 1);
    let pages = paged.count(i64::try_from(plans.len()).unwrap_or(i64::MAX));
    let (skipped, size) =
        (usize::try_from(paged.offset()).unwrap_or(usize::MAX), usize::try_from(paged.limit()).unwrap_or(usize::MAX));
    let row = |plan: &&Plan| {
        let name = shorten(&shelf.name(plan, voice.lang), TITLE_MAX);
        let label = match agency.selling.price(plan) {
            Some(price) => voice.label("own-row", &args!["plan" => name, "amount" => voice.money(price)]),
            None => voice.label("own-row-none", &args!["plan" => name]),
        };
        vec![pick(G::AskOwnPrice { plan: plan.code.clone() }, label)]
    };
    let to = |page| Route::from(G::OwnPrices { page });
    Screen::new(page(voice.t("own-title"), [], voice.t("own-next")))
        .rows(plans.iter().skip(skipped).take(size).map(row))
        .row(pager(voice, index, pages, to))
        .row(kit::back(voice, G::Earnings { span: super::statement::ready(voice, 0) }))
}

/// What does he take for it?
pub async fn ask(turn: &Turn, agent: &Agent, code: PlanCode) -> Result<Answer, Fault> {
    match question(turn, agent, &code, "").await? {
        Some(screen) => ask_for(turn, Asked::OwnPrice { plan: code }, screen).await,
        None => Ok(Answer::alert(turn.voice().t("sell-plan-gone"))),
    }
}

/// `None` when there is no such plan, or he may not sell it.
async fn question(turn: &Turn, agent: &Agent, code: &PlanCode, wrong: &str) -> Result<Option<Screen>, Fault> {
    let shelf = catalog::current(&turn.app.db).await?;
    let priced = shelf.plan(code).and_then(|plan| Some((plan, agent.price(plan)?)));
    Ok(priced.map(|(plan, charged)| question_view(&turn.voice(), (plan, charged), agent.selling.price(plan), wrong)))
}

fn question_view(voice: &Voice, (plan, charged): (&Plan, Money), own: Option<Money>, wrong: &str) -> Screen {
    let mut facts = vec![voice.t_args("own-charged", &args!["amount" => voice.money(charged)])];
    facts.extend(own.map(|own| voice.t_args("own-now", &args!["amount" => voice.money(own)])));
    facts.push(wrong.to_owned());
    let forget = own.map(|_| pick(G::NoOwnPrice { plan: plan.code.clone() }, voice.t("own-do-forget")));
    Screen::new(page(&bold(plan.title(voice.lang)), facts, voice.t("own-ask")))
        .row(forget)
        .row(kit::back(voice, G::OwnPrices { page: 0 }))
}

/// The price was typed.
pub async fn typed(turn: &Turn, agent: &Agent, code: PlanCode, text: &str) -> Result<Answer, Fault> {
    let whole = 10_i64.pow(turn.settings.asset.exponent());
    match parse_amount(text).and_then(|amount| amount.checked_mul(whole)) {
        Some(minor) => set(turn, agent, code, Some(minor)).await,
        None => again(turn, agent, &code).await,
    }
}

async fn again(turn: &Turn, agent: &Agent, code: &PlanCode) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let screen = question(turn, agent, code, voice.t("own-unread")).await?;
    Ok(screen.map_or_else(|| Answer::alert(voice.t("sell-plan-gone")), Answer::from))
}

/// Remembers it, or forgets it.
pub async fn set(turn: &Turn, agent: &Agent, code: PlanCode, minor: Option<i64>) -> Result<Answer, Fault> {
    let (who, mine, plan) = (agent.clone(), turn.clone(), code.clone());
    let outcome = turn
        .app
        .write::<_, SellingError, _>(move |tx| {
            Box::pin(async move {
                agents::set_selling(tx, &who, &plan, minor).await?;
                Ok(input::close(tx, &mine).await?)
            })
        })
        .await;
    let voice = turn.voice();
    match outcome {
        Ok(()) => {}
        Err(SellingError::Closed) => return Ok(Answer::alert(voice.t("agency-none"))),
        Err(SellingError::BadValue) => return again(turn, agent, &code).await,
        Err(SellingError::Fault(fault)) => return Err(fault),
    }
    let Some(customer) = turn.customer() else { return Ok(Answer::nothing()) };
    match agents::agent(turn.app.db.read(), &customer).await? {
        Some(agent) => Ok(list(turn, &agent, 0).await?.saying(voice.t("sell-changed"))),
        None => Ok(Answer::alert(voice.t("agency-none"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalog, list_view, question_view};
    use crate::base::{Asset, Money};
    use crate::bot::agent::home::tests::agency;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::agents::{Agency, State};
    use crate::shop::catalog::Plan;
    use crate::shop::catalog::sample::plan;

    #[test]
    fn an_agents_selling_prices_in_every_language() {
        let (month, toman) = (plan(), |minor| Money::new(minor, Asset::Irt));
        let year = Plan { code: "y1".parse().unwrap(), ..plan() };
        let plain = agency(State::Active);
        let told = Agency { selling: plain.selling.clone().with(&month.code, Some(150_000)), ..plain };
        insta::assert_snapshot!(in_every_language(|voice| vec![
            list_view(voice, &Catalog::default(), (&told, &[&month, &year]), 0),
            question_view(voice, (&month, toman(108_000)), told.selling.price(&month), ""),
            question_view(voice, (&year, toman(900_000)), None, voice.t("own-unread")),
        ]));
    }
}
