//! An order as staff sees it; and when it is paid and not delivered: its price back to who paid, or another panel. What goes
//! back of a delivered one, and what was paid back by hand, is asked by `refund`.
use super::refund;
use super::words::{self, go};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, OrderId, PersonId};
use crate::bot::kit::{confirm, pick};
use crate::bot::page::page;
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{self, Admin, Person, Right};
use crate::shop::catalog::{self, PanelCode, Plan};
use crate::shop::checkout::{self, LateError, Order, Refunded, State};
use crate::shop::notices::RefundTo;
use crate::shop::panels::{self, Intake, Panel};
use crate::shop::subscriptions;

struct Facts {
    order: Order,
    person: Person,
    plan: Option<Plan>,
    /// Where its service is to be made.
    panel: Option<PanelCode>,
    refunds: Vec<Refunded>,
    /// Those who gave back.
    people: Vec<Person>,
    to: RefundTo,
}

async fn load(turn: &Turn, id: OrderId) -> Result<Option<Facts>, Fault> {
    let conn = turn.app.db.read();
    let Some(order) = checkout::get(conn, id).await? else { return Ok(None) };
    let Some(person) = accounts::person(conn, order.person).await? else { return Ok(None) };
    let plan = catalog::plan(conn, &order.plan).await?;
    let panel = subscriptions::get(conn, order.subscription).await?.map(|service| service.panel);
    let refunds = checkout::refunds_of(conn, id).await?;
    let by: Vec<PersonId> = refunds.iter().map(|refund| refund.by).collect();
    let people = accounts::persons(conn, &by).await?;
    let to = checkout::refund_to(conn, &order).await?;
    Ok(Some(Facts { order, person, plan, panel, refunds, people, to }))
}

pub async fn show(turn: &Turn, id: OrderId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    Ok(load(turn, id).await?.map_or_else(|| unknown(&voice), |facts| view(&voice, &facts, "").into()))
}

fn unknown(voice: &Voice) -> Answer {
    Answer::alert(voice.t("admin-order-unknown"))
}

fn view(voice: &Voice, facts: &Facts, question: &str) -> Screen {
    let Facts { order, person, .. } = facts;
    let title = voice.t_args("admin-order-title", &args!["id" => Arg::code(format!("#{}", order.id))]);
    let plan = words::plan(voice, facts.plan.as_ref(), order.plan.as_str());
    let mut lines = vec![
        voice.t_args("admin-card-person", &args!["person" => Arg::html(words::person(voice, person))]),
        voice.t_args("admin-card-new", &args!["plan" => plan, "price" => voice.money(order.price)]),
        voice.t_args("admin-order-line", &args!["state" => words::order_state(voice, order.state)]),
    ];
    lines.extend(order.paid_at.map(|at| voice.t_args("admin-order-paid-at", &args!["when" => Arg::html(words::at(voice, at))])));
    lines.extend(facts.panel.as_ref().map(|panel| voice.t_args("admin-order-panel", &args!["panel" => panel.as_str()])));
    lines.extend(refund::lines(voice, &facts.refunds, &facts.people));
    let screen = Screen::new(page(&title, lines, question));
    if !question.is_empty() {
        return screen;
    }
    let refund = go(voice, A::AskRefund { order: order.id });
    let screen = match order.state {
        State::Paid => screen.row([refund]).row([go(voice, A::AskMove { order: order.id })]),
        State::Delivered => screen.row([refund]),
        State::Refunded if order.refunded != order.price => screen.row([refund]),
        State::Refunded | State::Placed | State::Cancelled | State::Expired | State::Rejected => screen,
    };
    let has_receipt = facts.refunds.iter().any(|refund| refund.receipt.is_some());
    let receipts = has_receipt.then(|| go(voice, A::RefundReceipts { order: order.id }));
    screen.row(receipts).row([go(voice, A::Orders { person: person.id, page: 0 }), go(voice, A::Person { person: person.id })])
}

pub async fn ask_refund(turn: &Turn, by: Admin, id: OrderId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let order = checkout::get(turn.app.db.read(), id).await?;
    if order.is_some_and(|order| matches!(order.state, State::Delivered | State::Refunded)) {
        return refund::ask(turn, by, id).await;
    }
    let facts = match to_act(turn, by, id).await? {
        Ok(facts) => facts,
        Err(answer) => return Ok(answer),
    };
    let said = args!["amount" => voice.money(facts.order.price), "name" => words::name(&facts.person)];
    let consequence = match facts.to {
        RefundTo::Credit => voice.t_args("admin-refund-ask-credit", &said),
        RefundTo::Wallet | RefundTo::Hand => voice.t_args("admin-refund-ask", &said),
    };
    let safe = go(&voice, A::Order { order: id });
    let hand = go(&voice, A::AskHand { order: id, amount: facts.order.price.minor });
    Ok(view(&voice, &facts, &consequence).rows(confirm(safe, go(&voice, A::Refund { order: id }))).row([hand]).into())
}

/// The order, while it is paid and not delivered, for an admin who may act on it; else what he is told.
async fn to_act(turn: &Turn, by: Admin, id: OrderId) -> Result<Result<Facts, Answer>, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Err(Answer::alert(told)));
    }
    let Some(facts) = load(turn, id).await? else { return Ok(Err(unknown(&voice))) };
    if facts.order.state == State::Paid {
        return Ok(Ok(facts));
    }
    let told = voice.label("admin-order-not-late", &args!["state" => words::order_state(&voice, facts.order.state)]);
    let mut answer = Answer::from(view(&voice, &facts, ""));
    answer.toast = Answer::alert(told).toast;
    Ok(Err(answer))
}

pub async fn give_back(turn: &Turn, by: Admin, id: OrderId) -> Result<Answer, Fault> {
    let now = turn.now;
    let outcome = turn.app.write(move |tx| Box::pin(async move { checkout::refund_undelivered(tx, &by, id, now).await })).await;
    after(turn, by, id, outcome.map(drop)).await
}

/// The panels on which the service could be made instead; a tap on one makes it there.
pub async fn ask_move(turn: &Turn, by: Admin, id: OrderId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let facts = match to_act(turn, by, id).await? {
        Ok(facts) => facts,
        Err(answer) => return Ok(answer),
    };
    let all = panels::all(turn.app.db.read()).await?;
    let wanted = facts.plan.as_ref().map(|plan| plan.panels.as_slice()).unwrap_or_default();
    let others: Vec<&Panel> = wanted
        .iter()
        .filter_map(|code| all.iter().find(|panel| panel.code == *code))
        .filter(|panel| panel.intake == Intake::On && Some(&panel.code) != facts.panel.as_ref())
        .collect();
    let question = if others.is_empty() { voice.t("admin-move-none") } else { voice.t("admin-move-ask") };
    let rows = others.into_iter().map(|panel| vec![panel_row(&voice, id, panel)]);
    Ok(view(&voice, &facts, question).row([go(&voice, A::Order { order: id })]).rows(rows).into())
}

fn panel_row(voice: &Voice, order: OrderId, panel: &Panel) -> Button {
    let given = args!["panel" => panel.code.as_str(), "health" => super::reports::health(voice, panel.health)];
    pick(A::Move { order, panel: panel.code.clone() }, voice.label("admin-move-row", &given))
}

pub async fn move_to(turn: &Turn, by: Admin, id: OrderId, panel: &PanelCode) -> Result<Answer, Fault> {
    let (now, panel) = (turn.now, panel.clone());
    let outcome =
        turn.app.write(move |tx| Box::pin(async move { checkout::move_undelivered(tx, &by, id, &panel, now).await })).await;
    after(turn, by, id, outcome).await
}

async fn after(turn: &Turn, by: Admin, id: OrderId, outcome: Result<(), LateError>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let told = match outcome {
        Ok(()) => return Ok(show(turn, id).await?.saying(voice.t("admin-done"))),
        Err(LateError::Unknown) => voice.t("admin-order-unknown").to_owned(),
        Err(LateError::NotAllowed(why)) => words::not_allowed(&voice, by, why),
        Err(LateError::NotPaid(state)) => {
            voice.label("admin-order-not-late", &args!["state" => words::order_state(&voice, state)])
        }
        Err(LateError::NoPanel) => voice.t("admin-move-closed").to_owned(),
        Err(LateError::CannotMove) => voice.t("admin-move-cannot").to_owned(),
        Err(LateError::Fault(fault)) => return Err(fault),
    };
    let mut answer = show(turn, id).await?;
    answer.toast = Answer::alert(told).toast;
    Ok(answer)
}
