//! Lists: payments that wait for a decision, and what one person sent and ordered so far. Each row opens what it names.
use super::words::{self, go};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Page, PersonId};
use crate::bot::kit::{ROWS_MAX, pager, pick, shorten};
use crate::bot::page::page;
use crate::bot::route::{AdminRoute as A, Route};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{self, Person};
use crate::shop::catalog::{self, Catalog};
use crate::shop::checkout::{self, Order};
use crate::shop::payments::{self, Payment};

/// Letters of a name in a row.
const NAME_MAX: usize = 16;

/// One page of a list, and how many there are on all pages.
struct List {
    payments: Vec<Payment>,
    total: i64,
    index: u32,
}

/// What waits, the oldest first.
pub async fn show(turn: &Turn, index: u32) -> Result<Answer, Fault> {
    let conn = turn.app.db.read();
    let (mut payments, total) = payments::pending(conn, Page::new(index, ROWS_MAX)).await?;
    // What was on this page may be decided by now: then the last page that there is.
    let last = Page::new(0, ROWS_MAX).count(total) - 1;
    if index > last {
        (payments, _) = payments::pending(conn, Page::new(last, ROWS_MAX)).await?;
    }
    let index = index.min(last);
    let ids: Vec<PersonId> = payments.iter().map(|payment| payment.person).collect();
    let people = accounts::persons(conn, &ids).await?;
    Ok(view(&turn.voice(), &List { payments, total, index }, &people).into())
}

fn view(voice: &Voice, list: &List, people: &[Person]) -> Screen {
    if list.total == 0 {
        return Screen::new(page(voice.t("admin-pending-title"), [], voice.t("admin-pending-none")));
    }
    let rows = list.payments.iter().map(|payment| {
        let name = people.iter().find(|person| person.id == payment.person).map(words::name).unwrap_or_default();
        let waits = payment.submitted_at.map_or(0, |at| voice.now.since(at));
        let row = voice.label(
            "admin-pending-row",
            &args![
                "amount" => voice.money(payment.due),
                "name" => shorten(&name, NAME_MAX),
                "age" => voice.duration(waits),
            ],
        );
        let warned = if payment.flags.is_empty() { "" } else { "⚠️ " };
        vec![pick(A::Open { payment: payment.id }, format!("{warned}{row}"))]
    });
    let count = voice.t_args("admin-pending-count", &args!["count" => list.total]);
    Screen::new(page(voice.t("admin-pending-title"), [count], voice.t("admin-pending-next"))).rows(rows).row(pager(
        voice,
        list.index,
        Page::new(0, ROWS_MAX).count(list.total),
        |page| Route::from(A::Pending { page }),
    ))
}

/// What a person sent, the newest first.
pub async fn history(turn: &Turn, person: PersonId, index: u32) -> Result<Answer, Fault> {
    let (conn, voice) = (turn.app.db.read(), turn.voice());
    let Some(person) = accounts::person(conn, person).await? else {
        return Ok(Answer::alert(voice.t("admin-person-unknown")));
    };
    let (payments, total) = payments::of_person(conn, person.id, Page::new(index, ROWS_MAX)).await?;
    let mut screen = history_view(&voice, &List { payments, total, index }, &person);
    // The card that was tapped stays; pages are turned in place.
    screen.keep = turn.at.tapped.is_some_and(|tapped| tapped.has_media);
    Ok(screen.into())
}

fn history_view(voice: &Voice, list: &List, person: &Person) -> Screen {
    let title = voice.t_args("admin-history-title", &args!["person" => Arg::html(words::person(voice, person))]);
    let record = voice.t_args("admin-history-record", &args!["good" => person.receipts_good, "bad" => person.receipts_bad]);
    let rows = list.payments.iter().map(|payment| {
        let row = voice.label(
            "admin-history-row",
            &args![
                "amount" => voice.money(payment.approved.unwrap_or(payment.due)),
                "state" => words::payment_state(voice, payment.state),
                "date" => voice.date(payment.opened_at),
            ],
        );
        vec![pick(A::Open { payment: payment.id }, row)]
    });
    Screen::new(page(&title, [record], ""))
        .rows(rows)
        .row(pager(voice, list.index, Page::new(0, ROWS_MAX).count(list.total), |page| {
            Route::from(A::History { person: person.id, page })
        }))
        .row([go(voice, A::Person { person: person.id })])
}

/// What a person ordered, the newest first.
pub async fn orders(turn: &Turn, person: PersonId, index: u32) -> Result<Answer, Fault> {
    let (conn, voice) = (turn.app.db.read(), turn.voice());
    let Some(person) = accounts::person(conn, person).await? else {
        return Ok(Answer::alert(voice.t("admin-person-unknown")));
    };
    let shelf = catalog::current(&turn.app.db).await?;
    let found = checkout::of_person(conn, person.id, Page::new(index, ROWS_MAX)).await?;
    Ok(orders_view(&voice, (&person, &shelf), found, index).into())
}

fn orders_view(voice: &Voice, (person, shelf): (&Person, &Catalog), (orders, total): (Vec<Order>, i64), index: u32) -> Screen {
    let title = voice.t_args("refund-orders-title", &args!["person" => Arg::html(words::person(voice, person))]);
    let count = voice.t_args("admin-person-orders", &args!["count" => total]);
    let rows = orders.iter().map(|order| {
        let row = args![
            "plan" => shorten(&words::plan(voice, shelf.plan(&order.plan), order.plan.as_str()), NAME_MAX),
            "state" => words::order_state(voice, order.state),
            "date" => voice.date(order.placed_at),
        ];
        vec![pick(A::Order { order: order.id }, voice.label("refund-orders-row", &row))]
    });
    Screen::new(page(&title, [count], ""))
        .rows(rows)
        .row(pager(voice, index, Page::new(0, ROWS_MAX).count(total), |page| Route::from(A::Orders { person: person.id, page })))
        .row([go(voice, A::Person { person: person.id })])
}
