//! What an agent pays for each plan, and the rules of his own: fixed, so many per cent off, or the cost and so many per cent on top.
use super::{asked::AgencyAsked, go, open, refused};
use crate::base::format::{Voice, percent};
use crate::base::texts::args;
use crate::base::{Asset, Fault, Money, Page, PersonId, ascii_digits, parse_amount};
use crate::bot::admin::words;
use crate::bot::input;
use crate::bot::kit::{ROWS_MAX, pager, pick, shorten};
use crate::bot::page::page;
use crate::bot::route::{AgencyRoute as Y, Route};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{Admin, Right};
use crate::shop::agents::{self, Agency, ManageError, Rule, RuleKind};
use crate::shop::catalog::{self, Catalog, Plan, PlanCode};

/// Plans on one screen.
const ROWS: u32 = ROWS_MAX - 2;
/// Letters of a plan's title in a row.
const TITLE_MAX: usize = 40;

/// A tap about prices.
pub async fn tap(turn: &Turn, by: Admin, person: PersonId, route: Y) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(agency) = agents::agency(turn.app.db.read(), person).await? else {
        return Ok(Answer::alert(voice.t("agencies-unknown")));
    };
    match route {
        Y::Price { plan, .. } => one(turn, &agency, plan.as_ref()).await,
        Y::AskPrice { plan, kind, .. } => match words::lacks(&voice, by, Right::Staff) {
            Some(told) => Ok(Answer::alert(told)),
            None => {
                open(turn, AgencyAsked::Price { person, plan: plan.clone(), kind }, question(&voice, (person, plan, kind), ""))
                    .await
            }
        },
        Y::NoPrice { plan, .. } => set(turn, by, person, (plan, None)).await,
        Y::Prices { page, .. } => list(turn, &agency, page).await,
        _ => list(turn, &agency, 0).await,
    }
}

async fn list(turn: &Turn, agency: &Agency, index: u32) -> Result<Answer, Fault> {
    let shelf = catalog::current(&turn.app.db).await?;
    let plans: Vec<&Plan> = shelf.plans().iter().filter(|plan| plan.on).collect();
    Ok(list_view(&turn.voice(), &shelf, (agency, &plans), index).into())
}

pub(super) fn list_view(voice: &Voice, shelf: &Catalog, (agency, plans): (&Agency, &[&Plan]), index: u32) -> Screen {
    let (person, paged) = (agency.person, Page::new(index, ROWS));
    let names = args!["first" => agency.first_name.as_str(), "last" => agency.last_name.as_str()];
    let title = voice.t_args("agencies-prices-title", &names);
    let facts = [
        voice.t_args("agent-tier", &args!["title" => agency.tier.title(voice.lang)]),
        own_line(voice, agency, None, asset_of(plans)),
    ];
    let pages = paged.count(i64::try_from(plans.len()).unwrap_or(i64::MAX));
    let skipped = usize::try_from(paged.offset()).unwrap_or(usize::MAX);
    let row = |plan: &&Plan| {
        let name = shorten(&shelf.name(plan, voice.lang), TITLE_MAX);
        let label = match agency.price(plan) {
            Some(price) => voice.label("agencies-price-row", &args!["plan" => name, "amount" => voice.money(price)]),
            None => voice.label("agencies-price-row-none", &args!["plan" => name]),
        };
        let mark = if agency.prices.own(Some(&plan.code)).is_some() { "✏️ " } else { "" };
        vec![pick(Y::Price { person, plan: Some(plan.code.clone()) }, format!("{mark}{label}"))]
    };
    let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let to = |page| Route::from(Y::Prices { person, page });
    Screen::new(page(&title, facts, voice.t("agencies-prices-next")))
        .rows(plans.iter().skip(skipped).take(rows).map(row))
        .row([pick(Y::Price { person, plan: None }, voice.t("agencies-price-all"))])
        .row(pager(voice, index, pages, to))
        .row([go(voice, Y::Show { person })])
}

fn asset_of(plans: &[&Plan]) -> Asset {
    plans.first().map_or(Asset::Irt, |plan| plan.price.asset)
}

/// A rule in words.
fn rule(voice: &Voice, rule: Option<Rule>, asset: Asset) -> String {
    match rule {
        Some(Rule::Fixed(minor)) => {
            voice.t_args("agencies-rule-fixed", &args!["amount" => voice.money(Money::new(minor, asset))])
        }
        Some(Rule::PercentOff(off)) => voice.t_args("agencies-rule-percent", &args!["percent" => percent(voice.lang, off * 10)]),
        Some(Rule::CostPlus(on)) => voice.t_args("agencies-rule-cost", &args!["percent" => percent(voice.lang, on * 10)]),
        None => voice.t("agencies-rule-none").to_owned(),
    }
}

fn own_line(voice: &Voice, agency: &Agency, plan: Option<&PlanCode>, asset: Asset) -> String {
    let own = rule(voice, agency.prices.own(plan), asset);
    let given = args!["rule" => crate::base::texts::Arg::html(own)];
    if plan.is_some() { voice.t_args("agencies-own-rule", &given) } else { voice.t_args("agencies-own-rule-all", &given) }
}

async fn one(turn: &Turn, agency: &Agency, code: Option<&PlanCode>) -> Result<Answer, Fault> {
    let (voice, shelf) = (turn.voice(), catalog::current(&turn.app.db).await?);
    let plan = match code {
        Some(code) => match shelf.plan(code) {
            Some(plan) => Some(plan),
            None => return Ok(Answer::alert(voice.t("sell-plan-gone"))),
        },
        None => None,
    };
    Ok(one_view(&voice, agency, plan, turn.settings.asset).into())
}

/// A plan, or all of them.
pub(super) fn one_view(voice: &Voice, agency: &Agency, plan: Option<&Plan>, asset: Asset) -> Screen {
    let (person, code) = (agency.person, plan.map(|plan| plan.code.clone()));
    let names = args!["first" => agency.first_name.as_str(), "last" => agency.last_name.as_str()];
    let mut facts = Vec::new();
    if let Some(plan) = plan {
        facts.push(voice.t_args("sold-plan", &args!["plan" => plan.title(voice.lang)]));
        facts.push(voice.t_args("agencies-price-shop", &args!["amount" => voice.money(plan.price)]));
        let cost = |cost| voice.t_args("agencies-price-cost", &args!["amount" => voice.money(Money::new(cost, asset))]);
        facts.extend(plan.cost.map(cost));
        facts.push(own_line(voice, agency, Some(&plan.code), asset));
    }
    facts.push(own_line(voice, agency, None, asset));
    facts.extend(plan.map(|plan| match agency.price(plan) {
        Some(price) => voice.t_args("agencies-price-now", &args!["amount" => voice.money(price)]),
        None => voice.t("agencies-price-none").to_owned(),
    }));
    // One price for whatever there is would be no price list.
    let kinds = RuleKind::ALL.into_iter().filter(|kind| plan.is_some() || *kind != RuleKind::Fixed);
    let ask = kinds.map(|kind| vec![go(voice, Y::AskPrice { person, plan: code.clone(), kind })]);
    let has_own = agency.prices.own(code.as_ref()).is_some();
    Screen::new(page(&voice.t_args("agencies-prices-title", &names), facts, voice.t("agencies-price-next")))
        .rows(ask)
        .row(has_own.then(|| go(voice, Y::NoPrice { person, plan: code.clone() })))
        .row([go(voice, Y::Prices { person, page: 0 })])
}

pub(super) fn question(voice: &Voice, (person, plan, kind): (PersonId, Option<PlanCode>, RuleKind), wrong: &str) -> Screen {
    let text = match kind {
        RuleKind::Fixed => voice.t("agencies-ask-fixed"),
        RuleKind::PercentOff => voice.t("agencies-ask-percent"),
        RuleKind::CostPlus => voice.t("agencies-ask-cost"),
    };
    Screen::new(page(voice.t("agencies-ask-price-title"), [wrong.to_owned()], text))
        .row([words::stop(voice)])
        .row([go(voice, Y::Price { person, plan })])
}

/// The number was typed.
pub async fn typed(
    turn: &Turn,
    by: Admin,
    (person, plan, kind): (PersonId, Option<PlanCode>, RuleKind),
    text: &str,
) -> Result<Answer, Fault> {
    let whole = if kind == RuleKind::Fixed { 10_i64.pow(turn.settings.asset.exponent()) } else { 1 };
    let value = match kind {
        RuleKind::Fixed => parse_amount(text),
        RuleKind::PercentOff | RuleKind::CostPlus => read_percent(text),
    };
    let read = value.and_then(|value| value.checked_mul(whole)).map(|value| kind.rule(value)).filter(|rule| rule.is_sound());
    if let Some(rule) = read {
        return set(turn, by, person, (plan, Some(rule))).await;
    }
    let voice = turn.voice();
    Ok(question(&voice, (person, plan, kind), voice.t("agencies-number-unread")).into())
}

/// `15`, `15%`, `۱۵٪`.
fn read_percent(text: &str) -> Option<i64> {
    ascii_digits(text).trim().trim_end_matches(['%', '٪']).trim().parse().ok()
}

async fn set(turn: &Turn, by: Admin, person: PersonId, (plan, rule): (Option<PlanCode>, Option<Rule>)) -> Result<Answer, Fault> {
    let (now, mine, code) = (turn.now, turn.clone(), plan.clone());
    let outcome: Result<(), ManageError> = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                agents::set_price(tx, &by, person, (code.as_ref(), rule), now).await?;
                Ok(input::close(tx, &mine).await?)
            })
        })
        .await;
    let voice = turn.voice();
    let told = match outcome {
        Ok(()) => voice.t("admin-done"),
        Err(ManageError::Already) => voice.t("admin-already"),
        Err(error) => return Ok(Answer::alert(refused(&voice, by, error)?)),
    };
    let Some(agency) = agents::agency(turn.app.db.read(), person).await? else {
        return Ok(Answer::alert(voice.t("agencies-unknown")));
    };
    Ok(one(turn, &agency, plan.as_ref()).await?.saying(told))
}

#[cfg(test)]
mod tests {
    use super::read_percent;

    #[test]
    fn per_cent_are_read_in_any_digits() {
        for (typed, read) in [("15", Some(15)), (" 15 % ", Some(15)), ("۱۵٪", Some(15)), ("1.5", None), ("", None), ("-", None)]
        {
            assert_eq!(read_percent(typed), read, "{typed}");
        }
    }
}
