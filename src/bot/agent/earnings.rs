//! What an agent sold in some days and what is left to him: by his own prices, plan by plan; and what ends soon. The same is his week,
//! when he wants it told.
use crate::app::App;
use crate::base::format::{Voice, number};
use crate::base::texts::args;
use crate::base::{DAY, Fault, Money, Page, Time};
use crate::bot::admin::named;
use crate::bot::kit::{self, go, pick, shorten};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::{AgentRoute as G, Rack};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::agents::{Agency, Agent};
use crate::shop::ledger;
use crate::shop::reports::{self, Resale, Resold, Span};
use crate::shop::subscriptions::{self, Shelf};
use crate::shop::{catalog, settings};

/// What ends within so many days ends soon.
const SOON_DAYS: i64 = 7;
/// Plans on the screen, the best of them.
const PLANS_MAX: usize = 5;
/// Letters of a plan's title.
const TITLE_MAX: usize = 40;

/// The numbers of some days.
struct Facts {
    span: Span,
    ends: (Time, Time),
    /// With their titles; all of them.
    plans: Vec<(String, Resale)>,
    sum: Resold,
    ending: i64,
    left: Money,
}

async fn facts(app: &App, voice: &Voice, agency: &Agency, span: Span) -> Result<Facts, Fault> {
    let (conn, asset) = (app.db.read(), settings::current(&app.db).await?.asset);
    let (shelf, period) = (catalog::current(&app.db).await?, span.period(voice.zone, voice.now));
    let plans = reports::resale(conn, (agency, &shelf), asset, period.from, period.to).await?;
    let sum = reports::resold(&plans, asset);
    let soon = Shelf::EndingBefore(voice.now.after(SOON_DAYS * DAY));
    let (_, ending) = subscriptions::of_agent(conn, agency.person, soon, Page::new(0, 1)).await?;
    let left = ledger::standing(conn, &agency.account(asset)).await?.left;
    let title = |plan: Resale| {
        let known = shelf.plan(&plan.plan).map(|plan| shelf.name(plan, voice.lang));
        (shorten(&known.unwrap_or_else(|| plan.plan.to_string()), TITLE_MAX), plan)
    };
    let plans = plans.into_iter().map(title).collect();
    Ok(Facts { span, ends: (period.from, period.to), plans, sum, ending, left })
}

pub async fn show(turn: &Turn, agent: &Agent, span: Span) -> Result<Answer, Fault> {
    let voice = turn.voice();
    Ok(view(&voice, &facts(&turn.app, &voice, agent, span).await?).into())
}

/// The seven days that end just before `to`, as a notice.
pub async fn digest(app: &App, voice: &Voice, agency: &Agency, to: Time) -> Result<Screen, Fault> {
    let span = Span::ending(voice.zone, to.after(-1), 7);
    Ok(digest_view(voice, &facts(app, voice, agency, span).await?))
}

fn numbers(voice: &Voice, facts: &Facts) -> Vec<String> {
    let sum = &facts.sum;
    let count = |count: i64| number(voice.lang, count);
    let amount = |money: Money| args!["amount" => voice.money(money)];
    if facts.plans.is_empty() {
        return vec![voice.t("earn-none").to_owned()];
    }
    let mut lines = vec![
        voice.t_args("earn-sold", &args!["count" => count(sum.sales), "added" => count(sum.added)]),
        voice.t_args("earn-charged", &amount(sum.charged)),
    ];
    if sum.unpriced < i64::try_from(facts.plans.len()).unwrap_or(i64::MAX) {
        lines.push(voice.t_args("earn-taken", &amount(sum.taken)));
        lines.push(voice.t_args("earn-margin", &amount(sum.margin)));
    }
    if sum.unpriced > 0 {
        lines.push(voice.t_args("earn-unpriced", &args!["count" => count(sum.unpriced)]));
    }
    lines
}

fn best(voice: &Voice, facts: &Facts) -> String {
    let line = |(name, plan): &(String, Resale)| {
        let (name, count) = (name.as_str(), number(voice.lang, plan.sales + plan.added));
        if let Some(margin) = plan.margin() {
            return voice.t_args("earn-plan", &args!["name" => name, "count" => count, "amount" => voice.money(margin)]);
        }
        let charged = voice.money(plan.charged);
        voice.t_args("earn-plan-unpriced", &args!["name" => name, "count" => count, "amount" => charged])
    };
    if facts.plans.is_empty() {
        return String::new();
    }
    let lines = facts.plans.iter().take(PLANS_MAX).map(line);
    std::iter::once(voice.t("earn-best").to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

fn ending(voice: &Voice, facts: &Facts) -> String {
    voice.t_args("earn-ending", &args!["count" => number(voice.lang, facts.ending)])
}

fn view(voice: &Voice, facts: &Facts) -> Screen {
    let title = voice.t_args("earn-title", &args!["span" => named(voice, facts.ends)]);
    let next = if facts.sum.unpriced > 0 { "earn-no-prices" } else { "earn-next" };
    let parts = [page(&title, numbers(voice, facts), ""), best(voice, facts), ending(voice, facts), voice.t(next).to_owned()];
    let month = |key, back| pick(G::Earnings { span: super::statement::ready(voice, back) }, voice.t(key));
    Screen::new(paragraphs(&parts))
        .row([pick(G::Earnings { span: Span::Week }, voice.t("report-do-week"))])
        .row([month("account-do-this", 0), month("account-do-last", 1)])
        .row([go(voice, G::OwnPrices { page: 0 })])
        .row([pick(G::Sold { shelf: Rack::Ending, page: 0 }, voice.t("sold-rack-ending"))])
        .row(kit::back(voice, G::Home))
}

fn digest_view(voice: &Voice, facts: &Facts) -> Screen {
    let title = voice.t_args("earn-week-title", &args!["span" => named(voice, facts.ends)]);
    let left = voice.t_args("agency-left", &args!["amount" => voice.money(facts.left)]);
    let parts = [page(&title, numbers(voice, facts), ""), best(voice, facts), [ending(voice, facts), left].join("\n")];
    Screen::new(paragraphs(&parts))
        .row([go(voice, G::Earnings { span: facts.span })])
        .row([pick(G::Sold { shelf: Rack::Ending, page: 0 }, voice.t("sold-rack-ending"))])
        .row([go(voice, G::DigestOff)])
}

#[cfg(test)]
mod tests {
    use super::{Facts, digest_view, view};
    use crate::base::{Asset, Money};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::reports::{Resale, Span, resold};

    #[test]
    fn what_an_agent_earns_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let plan = |code: &str, charged, taken: Option<i64>| Resale {
            plan: code.parse().unwrap(),
            sales: 7,
            added: 2,
            charged: toman(charged),
            taken: taken.map(toman),
        };
        insta::assert_snapshot!(in_every_language(|voice| {
            let facts = |plans: Vec<(String, Resale)>| {
                let sum = resold(&plans.iter().map(|(_, plan)| plan.clone()).collect::<Vec<_>>(), Asset::Irt);
                let period = Span::Week.period(voice.zone, NOW);
                Facts { span: Span::Week, ends: (period.from, period.to), plans, sum, ending: 4, left: toman(250_000) }
            };
            let month = ("1 month <30>".to_owned(), plan("m1", 700_000, Some(1_050_000)));
            let year = ("1 year".to_owned(), plan("y1", 400_000, None));
            let all = facts(vec![month.clone(), year.clone()]);
            vec![
                view(voice, &all),
                view(voice, &facts(vec![month])),
                view(voice, &facts(vec![year])),
                view(voice, &facts(vec![])),
                digest_view(voice, &all),
            ]
        }));
    }
}
