//! Agents as staff sees them: the list, one agent's account and services, and what an admin changes: tier, prices, credit line, end
//! date, pause, and the end with its settlement; and a message to many. What may be changed by whom is decided by the verbs.
//!
//! This file is the switchboard, one agent's page, and what is changed by a word or two.
mod asked;
mod list;
mod prices;
mod tell;
mod until;

pub use asked::AgencyAsked;
pub use list::list;

use super::words;
use crate::base::format::{Voice, number};
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, Page, PersonId, Time, parse_amount};
use crate::bot::agent::home::{account as account_facts, cut};
use crate::bot::agent::statement::{self, Desk, Of};
use crate::bot::input::{self, Input};
use crate::bot::kit::{self, confirm, pick};
use crate::bot::page::page;
use crate::bot::route::{AdminRoute as A, AgencyRoute as Y};
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{Admin, Right};
use crate::shop::agents::{self, Agency, CloseError, ManageError, RuleKind, Settlement, State, Tier};
use crate::shop::checkout;
use crate::shop::ledger::{self, Standing};
use crate::shop::subscriptions::{self, Shelf};

const REASON_MAX: usize = 300;

pub async fn tap(turn: &Turn, by: Admin, route: Y) -> Result<Answer, Fault> {
    match route {
        Y::List { page } => list(turn, "", page).await,
        Y::Find => list::ask(turn).await,
        Y::Found { page } => list::found(turn, page).await,
        Y::AskTell => tell::ask(turn, by).await,
        Y::TellWhom { to } => tell::ask_text(turn, by, to).await,
        Y::Tell { key } => tell::confirmed(turn, by, key).await,
        other => about_one(turn, by, other).await,
    }
}

async fn about_one(turn: &Turn, by: Admin, route: Y) -> Result<Answer, Fault> {
    match route {
        Y::Show { person } => show(turn, person).await,
        Y::AskTier { person } => ask_tier(turn, by, person).await,
        Y::SetTier { person, tier } => {
            let now = turn.now;
            let act = turn.app.write(move |tx| Box::pin(async move { agents::set_tier(tx, &by, person, &tier, now).await }));
            let outcome = act.await;
            changed(turn, by, person, outcome).await
        }
        Y::AskLine { person } => ask(turn, (by, Right::Staff), person, AgencyAsked::Line { person }).await,
        Y::TierLine { person } => set_line(turn, by, person, None).await,
        Y::AskFreeze { person } => ask(turn, (by, Right::Money), person, AgencyAsked::Freeze { person }).await,
        Y::Freeze { person } => freeze(turn, by, person, "").await,
        Y::Thaw { person } => {
            let now = turn.now;
            let outcome = turn.app.write(move |tx| Box::pin(async move { agents::thaw(tx, &by, person, now).await })).await;
            changed(turn, by, person, outcome).await
        }
        Y::AskClose { person } => ask_close(turn, by, person).await,
        Y::Close { person, owed_minor } => close(turn, by, (person, owed_minor)).await,
        Y::AskDays { person } => {
            let screen = statement::question(&turn.voice(), "").row([words::stop(&turn.voice())]);
            open(turn, AgencyAsked::Days { person }, screen).await
        }
        Y::Statement { person, .. } | Y::StatementFile { person, .. } => about_account(turn, by, person, route).await,
        Y::Prices { person, .. } | Y::Price { person, .. } | Y::AskPrice { person, .. } | Y::NoPrice { person, .. } => {
            prices::tap(turn, by, person, route).await
        }
        Y::AskUntil { person } => until::ask(turn, by, person).await,
        Y::Until { person, last } => until::set(turn, by, person, Some(last)).await,
        Y::Forever { person } => until::set(turn, by, person, None).await,
        Y::List { .. } | Y::Find | Y::Found { .. } | Y::AskTell | Y::TellWhom { .. } | Y::Tell { .. } => list(turn, "", 0).await,
    }
}

/// What moved on an agent's account; files are for those who may decide about money.
async fn about_account(turn: &Turn, by: Admin, person: PersonId, route: Y) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(agency) = agents::agency(turn.app.db.read(), person).await? else {
        return Ok(Answer::alert(voice.t("agencies-unknown")));
    };
    let of = Of { agency: &agency, desk: Desk::Staff };
    match route {
        Y::Statement { span, page, .. } => statement::show(turn, of, (span, page)).await,
        Y::StatementFile { span, form, .. } => match words::lacks(&voice, by, Right::Money) {
            Some(told) => Ok(Answer::alert(told)),
            None => statement::file(turn, of, Some(by), (span, form)).await,
        },
        _ => statement::this_month(turn, of).await,
    }
}

/// The label of each button.
fn go(voice: &Voice, route: Y) -> Button {
    let key = match &route {
        Y::List { .. } => "agencies-do-list",
        Y::Show { .. } => "agencies-do-show",
        Y::AskTier { .. } | Y::SetTier { .. } => "agencies-do-tier",
        Y::AskLine { .. } => "agencies-do-line",
        Y::TierLine { .. } => "agencies-do-line-tier",
        Y::AskFreeze { .. } => "agencies-do-freeze",
        Y::Freeze { .. } => "agencies-do-freeze-yes",
        Y::Thaw { .. } => "agencies-do-thaw",
        Y::AskClose { .. } => "agencies-do-close",
        Y::Close { .. } => "agencies-do-close-yes",
        Y::Statement { .. } | Y::AskDays { .. } | Y::StatementFile { .. } => "button-statement",
        Y::Find | Y::Found { .. } => "agencies-do-find",
        Y::Prices { .. } | Y::Price { .. } => "agencies-do-prices",
        Y::AskPrice { kind: RuleKind::Fixed, .. } => "agencies-do-fixed",
        Y::AskPrice { kind: RuleKind::PercentOff, .. } => "agencies-do-percent",
        Y::AskPrice { kind: RuleKind::CostPlus, .. } => "agencies-do-cost",
        Y::NoPrice { .. } => "agencies-do-no-price",
        Y::AskUntil { .. } | Y::Until { .. } => "agencies-do-until",
        Y::Forever { .. } => "agencies-do-forever",
        Y::AskTell | Y::TellWhom { .. } | Y::Tell { .. } => "agencies-do-tell",
    };
    pick(route, voice.t(key))
}

/// How many services an agent sold: all, and those that are switched off.
async fn services(turn: &Turn, agent: PersonId) -> Result<(i64, i64), Fault> {
    let (conn, none) = (turn.app.db.read(), Page::new(0, 1));
    let (_, all) = subscriptions::of_agent(conn, agent, Shelf::All, none).await?;
    let (_, off) = subscriptions::of_agent(conn, agent, Shelf::Disabled, none).await?;
    Ok((all, off))
}

pub async fn show(turn: &Turn, person: PersonId) -> Result<Answer, Fault> {
    let (voice, conn) = (turn.voice(), turn.app.db.read());
    let Some(agency) = agents::agency(conn, person).await? else { return Ok(Answer::alert(voice.t("agencies-unknown"))) };
    let standing = ledger::standing(conn, &agency.account(turn.settings.asset)).await?;
    let (services, cut) = (services(turn, person).await?, cut(turn, &agency, &standing).await?);
    Ok(view(&voice, &agency, &standing, (services, cut)).into())
}

/// How many services he sold, and how many of them are off; when they are switched off for his credit, and whether they are.
type Sold = ((i64, i64), (Option<Time>, bool));

fn view(voice: &Voice, agency: &Agency, standing: &Standing, ((all, off), (cut_at, is_cut)): Sold) -> Screen {
    let title = voice.t_args("agencies-one", &args!["first" => agency.first_name.as_str(), "last" => agency.last_name.as_str()]);
    let state = match agency.state {
        State::Active => "agencies-active",
        State::Frozen => "agencies-frozen",
        State::Closed => "agencies-closed",
    };
    let mut facts = vec![
        voice.t_args("agent-id", &args!["id" => Arg::code(agency.person.to_string())]),
        voice.t_args("agent-shop", &args!["name" => agency.shop_name.as_str()]),
        voice.t_args("services-state", &args!["state" => voice.t(state)]),
        voice.t_args("agent-tier", &args!["title" => agency.tier.title(voice.lang)]),
        voice.t_args("agencies-since", &args!["date" => voice.date(agency.since)]),
    ];
    facts.extend(agency.until.map(|at| voice.t_args("agency-until", &args!["date" => voice.date(at)])));
    facts.extend(account_facts(voice, standing));
    facts.extend(standing.negative_since.map(|at| voice.t_args("agency-negative", &args!["moment" => voice.moment(at)])));
    let counts = args!["count" => number(voice.lang, all), "off" => number(voice.lang, off)];
    facts.push(voice.t_args("agencies-services", &counts));
    facts.extend(cut_at.map(|at| voice.t_args("agent-cut-at", &args!["moment" => voice.moment(at)])));
    let next = match (is_cut, standing.negative_since) {
        (true, None) => voice.t("agencies-cut-pending"),
        (true, Some(_)) => voice.t("agencies-cut"),
        (false, _) => "",
    };
    Screen::new(page(&title, facts, next)).rows(rows(voice, agency))
}

fn rows(voice: &Voice, agency: &Agency) -> Vec<Vec<Button>> {
    let person = agency.person;
    let month = Y::Statement { person, span: statement::ready(voice, 0), page: 0 };
    let mut rows =
        vec![vec![words::go(voice, A::Person { person }), words::go(voice, A::AskMessage { person })], vec![go(voice, month)]];
    if agency.state != State::Closed {
        let turned = if agency.state == State::Frozen { Y::Thaw { person } } else { Y::AskFreeze { person } };
        rows.push(vec![go(voice, Y::AskTier { person }), go(voice, Y::AskLine { person })]);
        rows.push(vec![go(voice, Y::Prices { person, page: 0 }), go(voice, Y::AskUntil { person })]);
        rows.push(vec![words::go(voice, A::AskAgentCredit { person }), words::go(voice, A::AskAgentDebit { person })]);
        rows.push(vec![go(voice, turned), go(voice, Y::AskClose { person })]);
    }
    rows.push(vec![go(voice, Y::List { page: 0 })]);
    rows
}

async fn ask_tier(turn: &Turn, by: Admin, person: PersonId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Staff) {
        return Ok(Answer::alert(told));
    }
    let mut tiers = agents::tiers(turn.app.db.read()).await?;
    tiers.retain(|tier| tier.on);
    Ok(tier_view(&voice, &tiers, person).into())
}

fn tier_view(voice: &Voice, tiers: &[Tier], person: PersonId) -> Screen {
    let row = |tier: &Tier| vec![pick(Y::SetTier { person, tier: tier.code.clone() }, tier.title(voice.lang))];
    Screen::new(voice.t("agencies-ask-tier")).rows(tiers.iter().map(row)).row([go(voice, Y::Show { person })])
}

/// Asks for what is typed, of an admin who may decide it.
async fn ask(turn: &Turn, (by, right): (Admin, Right), person: PersonId, asked: AgencyAsked) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, right) {
        return Ok(Answer::alert(told));
    }
    let screen = question(&voice, &asked, person, "");
    open(turn, asked, screen).await
}

/// Opens a question, and shows it below what is there.
async fn open(turn: &Turn, asked: AgencyAsked, screen: Screen) -> Result<Answer, Fault> {
    let mine = turn.clone();
    turn.app.write(move |tx| Box::pin(async move { Input::Agency(asked).open(tx, &mine).await })).await?;
    Ok(screen.keep().into())
}

fn question(voice: &Voice, asked: &AgencyAsked, person: PersonId, wrong: &str) -> Screen {
    let (text, act) = match asked {
        AgencyAsked::Line { .. } => ("agencies-ask-line", Y::TierLine { person }),
        _ => ("agencies-ask-freeze", Y::Freeze { person }),
    };
    let text = crate::bot::page::paragraphs(&[wrong.to_owned(), voice.t(text).to_owned()]);
    Screen::new(text).rows(confirm(words::stop(voice), go(voice, act)))
}

/// What an admin typed about agents.
pub async fn typed(turn: &Turn, by: Admin, asked: &AgencyAsked, text: &str) -> Result<Answer, Fault> {
    match asked {
        AgencyAsked::Find { .. } => list(turn, text, 0).await,
        AgencyAsked::Line { person } => {
            let whole = 10_i64.pow(turn.settings.asset.exponent());
            match parse_amount(text).and_then(|amount| amount.checked_mul(whole)) {
                Some(line) => match write_line(turn, by, *person, Some(line)).await {
                    Err(ManageError::BadValue) => {
                        Ok(question(&turn.voice(), asked, *person, turn.voice().t("admin-amount-bad")).into())
                    }
                    outcome => changed(turn, by, *person, outcome).await,
                },
                None => Ok(question(&turn.voice(), asked, *person, turn.voice().t("admin-amount-unread")).into()),
            }
        }
        AgencyAsked::Freeze { person } => freeze(turn, by, *person, text).await,
        AgencyAsked::Days { person } => match agents::agency(turn.app.db.read(), *person).await? {
            Some(agency) => {
                let mut answer = statement::typed(turn, Of { agency: &agency, desk: Desk::Staff }, text).await?;
                if input::open_now(turn).await?.is_some() {
                    answer.screens.iter_mut().for_each(|screen| screen.rows.insert(0, vec![words::stop(&turn.voice())]));
                }
                Ok(answer)
            }
            None => Ok(Answer::alert(turn.voice().t("agencies-unknown"))),
        },
        AgencyAsked::Until { person } => until::typed(turn, by, *person, text).await,
        AgencyAsked::Price { person, plan, kind } => prices::typed(turn, by, (*person, plan.clone(), *kind), text).await,
        AgencyAsked::Tell { to } | AgencyAsked::Told { to, .. } => tell::typed(turn, by, to.clone(), text).await,
    }
}

async fn set_line(turn: &Turn, by: Admin, person: PersonId, line: Option<i64>) -> Result<Answer, Fault> {
    let outcome = write_line(turn, by, person, line).await;
    changed(turn, by, person, outcome).await
}

async fn write_line(turn: &Turn, by: Admin, person: PersonId, line: Option<i64>) -> Result<(), ManageError> {
    let (now, mine) = (turn.now, turn.clone());
    turn.app
        .write(move |tx| {
            Box::pin(async move {
                agents::set_line(tx, &by, person, line, now).await?;
                Ok(input::close(tx, &mine).await?)
            })
        })
        .await
}

async fn freeze(turn: &Turn, by: Admin, person: PersonId, reason: &str) -> Result<Answer, Fault> {
    let (now, mine) = (turn.now, turn.clone());
    let reason: String = reason.trim().chars().take(REASON_MAX).collect();
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                agents::freeze(tx, &by, person, &reason, now).await?;
                Ok(input::close(tx, &mine).await?)
            })
        })
        .await;
    changed(turn, by, person, outcome).await
}

/// The agent as he is now; with a word when the act changed nothing.
async fn changed(turn: &Turn, by: Admin, person: PersonId, outcome: Result<(), ManageError>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match outcome {
        Ok(()) => Ok(show(turn, person).await?.saying(voice.t("admin-done"))),
        Err(ManageError::Already) => Ok(show(turn, person).await?.saying(voice.t("admin-already"))),
        Err(error) => Ok(Answer::alert(refused(&voice, by, error)?)),
    }
}

/// Why nothing was changed. A fault is given back.
fn refused(voice: &Voice, by: Admin, error: ManageError) -> Result<String, Fault> {
    Ok(match error {
        ManageError::Already => voice.t("admin-already").to_owned(),
        ManageError::Unknown => voice.t("agencies-unknown").to_owned(),
        ManageError::NotAllowed => not_allowed(voice, by),
        ManageError::NoTier => voice.t("applicant-no-tier").to_owned(),
        ManageError::BadValue => voice.t("admin-amount-bad").to_owned(),
        ManageError::Fault(fault) => return Err(fault),
    })
}

/// The role lacks the right, or it is his own agency.
fn not_allowed(voice: &Voice, by: Admin) -> String {
    words::lacks(voice, by, Right::Staff).unwrap_or_else(|| voice.t("agencies-own").to_owned())
}

/// The exact settlement, asked once.
async fn ask_close(turn: &Turn, by: Admin, person: PersonId) -> Result<Answer, Fault> {
    let (voice, conn) = (turn.voice(), turn.app.db.read());
    if let Some(told) = words::lacks(&voice, by, Right::Staff) {
        return Ok(Answer::alert(told));
    }
    let Some(agency) = agents::agency(conn, person).await? else { return Ok(Answer::alert(voice.t("agencies-unknown"))) };
    let standing = ledger::standing(conn, &agency.account(turn.settings.asset)).await?;
    let services = services(turn, person).await?;
    Ok(close_view(&voice, &agency, standing.confirmed, services.0).into())
}

fn close_view(voice: &Voice, agency: &Agency, confirmed: Money, services: i64) -> Screen {
    let person = agency.person;
    let owed = Money::new((-confirmed.minor).max(0), confirmed.asset);
    let given = args!["amount" => voice.money(if owed.minor > 0 { owed } else { confirmed })];
    let what =
        if owed.minor > 0 { voice.t_args("agencies-close-owes", &given) } else { voice.t_args("agencies-close-back", &given) };
    let title =
        voice.t_args("agencies-close-title", &args!["first" => agency.first_name.as_str(), "last" => agency.last_name.as_str()]);
    let facts = [what, voice.t_args("agencies-close-services", &args!["count" => number(voice.lang, services)])];
    Screen::new(page(&title, facts, voice.t("agencies-close-next")))
        .rows(kit::confirm(go(voice, Y::Show { person }), go(voice, Y::Close { person, owed_minor: owed.minor })))
}

async fn close(turn: &Turn, by: Admin, (person, owed_minor): (PersonId, i64)) -> Result<Answer, Fault> {
    let (voice, now) = (turn.voice(), turn.now);
    let owed = Money::new(owed_minor, turn.settings.asset);
    let how = if owed_minor > 0 { Settlement::WriteOff(owed) } else { Settlement::Paid };
    let outcome =
        turn.app.write(move |tx| Box::pin(async move { checkout::close_agency(tx, &by, person, how, now).await })).await;
    let told = match outcome {
        Ok(_) => return Ok(show(turn, person).await?.saying(voice.t("admin-done"))),
        Err(CloseError::Unknown) => voice.t("agencies-unknown").to_owned(),
        Err(CloseError::NotAllowed) => not_allowed(&voice, by),
        Err(CloseError::Pending(amount)) => voice.label("agencies-close-pending", &args!["amount" => voice.money(amount)]),
        Err(CloseError::Owes(amount)) => voice.label("agencies-close-changed", &args!["amount" => voice.money(amount)]),
        Err(CloseError::NeedsSecond { alone }) => voice.label("agencies-close-alone", &args!["amount" => voice.money(alone)]),
        Err(CloseError::Fault(fault)) => return Err(fault),
    };
    Ok(Answer::alert(told))
}

#[cfg(test)]
mod tests {
    use super::{AgencyAsked, close_view, list, prices, question, tell, tier_view, until, view};
    use crate::base::{Asset, HOUR, Money, PersonId};
    use crate::bot::agent::home::tests::{agency, standing};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::agents::{Agency, Audience, Prices, Rule, RuleKind, State};
    use crate::shop::catalog::Catalog;
    use crate::shop::catalog::Plan;
    use crate::shop::catalog::sample::plan;

    #[test]
    fn prices_and_the_end_of_an_agent_in_every_language() {
        let (person, month) = (PersonId(700), plan());
        let dear = Plan { code: "y1".parse().unwrap(), cost: Some(90_000), ..plan() };
        let plain = agency(State::Active);
        let own = Prices::default().with(None, Rule::PercentOff(15)).with(Some(&dear.code), Rule::CostPlus(20));
        let own = Agency { prices: own.with(Some(&month.code), Rule::Fixed(99_000)), ..plain.clone() };
        let ends = Agency { until: Some(NOW), ..plain.clone() };
        insta::assert_snapshot!(in_every_language(|voice| {
            let mut screens = vec![
                prices::list_view(voice, &Catalog::default(), (&own, &[&month, &dear]), 0),
                prices::list_view(voice, &Catalog::default(), (&plain, &[]), 0),
                prices::one_view(voice, &own, Some(&dear), Asset::Irt),
                prices::one_view(voice, &plain, Some(&month), Asset::Irt),
                prices::one_view(voice, &own, None, Asset::Irt),
                until::view(voice, &plain, ""),
                until::view(voice, &ends, voice.t("agencies-until-past")),
            ];
            let asked =
                |kind| prices::question(voice, (person, Some(month.code.clone()), kind), voice.t("agencies-number-unread"));
            screens.extend(RuleKind::ALL.map(asked));
            screens
        }));
    }

    #[test]
    fn a_message_to_many_in_every_language() {
        let tier = agency(State::Active).tier;
        let to = Audience::Tier(tier.code.clone());
        insta::assert_snapshot!(in_every_language(|voice| vec![
            tell::whom_view(voice, &[(Audience::All, None, 1_204), (to.clone(), Some(tier.clone()), 17)]),
            tell::question(voice, voice.t("agencies-tell-long")),
            tell::preview_view(voice, "Prices change <tomorrow>\nat noon", 1_204, 9),
        ]));
    }

    #[test]
    fn agents_as_staff_sees_them_in_every_language() {
        let person = PersonId(700);
        let (active, frozen, closed) = (agency(State::Active), agency(State::Frozen), agency(State::Closed));
        let toman = |minor| Money::new(minor, Asset::Irt);
        insta::assert_snapshot!(in_every_language(|voice| {
            let row = |agency: &Agency, standing, services| list::Row { agency: agency.clone(), standing, services };
            let rows = [
                row(&active, standing(1_250_000, 0), (120, 0)),
                row(&active, standing(-350_000, 40_000), (12, 3)),
                row(&frozen, standing(0, 0), (0, 0)),
            ];
            vec![
                list::view(voice, &rows, ("", 3), (0, 1)),
                list::view(voice, &rows, ("<karimi>", 8), (1, 2)),
                list::view(voice, &[], ("moon", 0), (0, 1)),
                list::question(voice),
                view(voice, &active, &standing(-120_000, 500_000), ((120, 3), (None, false))),
                view(voice, &active, &standing(-350_000, 0), ((12, 0), (Some(NOW.after(21 * HOUR)), false))),
                view(voice, &active, &standing(-350_000, 500_000), ((12, 12), (None, true))),
                view(voice, &frozen, &standing(-350_000, 0), ((12, 12), (None, true))),
                view(voice, &closed, &standing(0, 0), ((0, 0), (None, false))),
                tier_view(voice, std::slice::from_ref(&active.tier), person),
                question(voice, &AgencyAsked::Line { person }, person, voice.t("admin-amount-unread")),
                question(voice, &AgencyAsked::Freeze { person }, person, ""),
                close_view(voice, &active, toman(20_000), 12),
                close_view(voice, &active, toman(-70_000), 12),
            ]
        }));
    }
}
