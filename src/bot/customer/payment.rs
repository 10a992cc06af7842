//! A payment as its customer sees it, for an order or a top-up: how to pay, that it is looked at, how it ended; and the list
//! of all of them.
//!
//! A number or address is read here alone, for the person whose payment it is.
use super::order::not_yours;
use super::{payee, ways};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, MINUTE, Page, PaymentId, SubscriptionId};
use crate::bot::kit::{self, ROWS_MAX, go, pager, pick};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::{CustomerRoute as C, Route};
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::Turn;
use crate::shop::checkout::{self, Order};
use crate::shop::payments::{self, Kind, Payee, Payment, Purpose, RejectReason, State};
use crate::shop::subscriptions;

/// The person's own payment, as it stands.
pub async fn show(turn: &Turn, id: PaymentId) -> Result<Answer, Fault> {
    match own(turn, id).await? {
        Some((payment, order)) => Ok(screen(turn, &payment, order.as_ref()).await?.into()),
        None => Ok(not_yours(turn)),
    }
}

/// A payment and the order that it pays, if they are the person's own; a top-up has no order.
pub async fn own(turn: &Turn, id: PaymentId) -> Result<Option<(Payment, Option<Order>)>, Fault> {
    let (conn, me) = (turn.app.db.read(), turn.who.person.id);
    let Some(payment) = payments::get(conn, id).await?.filter(|payment| payment.person == me) else { return Ok(None) };
    let Some(order) = payment.purpose.order() else { return Ok(Some((payment, None))) };
    Ok(checkout::get_for(conn, me, order).await?.map(|order| (payment, Some(order))))
}

/// What is known around a payment that is no longer open.
#[derive(Debug, Clone, Copy)]
struct Around {
    /// How the order stands; a top-up has none.
    order: Option<checkout::State>,
    /// The service, once it exists: lent, or delivered.
    service: Option<SubscriptionId>,
    /// The median of our own last days, in minutes.
    review_minutes: Option<i64>,
}

/// The payment's screen in its state.
pub async fn screen(turn: &Turn, payment: &Payment, order: Option<&Order>) -> Result<Screen, Fault> {
    let kinds = ways::kinds(turn, payment).await?;
    screen_of(turn, payment, order, &kinds).await
}

/// The same, of a payment that can be paid in these `kinds`.
pub async fn screen_of(turn: &Turn, payment: &Payment, order: Option<&Order>, kinds: &[Kind]) -> Result<Screen, Fault> {
    let (voice, conn) = (turn.voice(), turn.app.db.read());
    if payment.state == State::Open {
        let payee = payments::payee_of(conn, payment, &turn.app.seal).await?;
        return Ok(open_view(&voice, (payment, order), &payee, kinds.len() > 1));
    }
    let review_minutes = match payment.state {
        State::Submitted => payments::median_review_minutes(&turn.app.db, turn.now).await?,
        State::Open | State::Approved | State::Rejected | State::Cancelled | State::Expired => None,
    };
    let service = match order {
        Some(order) => subscriptions::get_for(conn, turn.who.person.id, order.subscription).await?,
        None => None,
    };
    let service = service.map(|service| service.id);
    Ok(ended_view(&voice, payment, Around { order: order.map(|order| order.state), service, review_minutes }))
}

/// What the payment is for, and its number.
pub fn title(voice: &Voice, payment: &Payment) -> String {
    match payment.purpose {
        Purpose::Order(order) => voice.t_args("pay-title", &args!["order" => Arg::code(order.to_string())]),
        Purpose::Wallet | Purpose::Credit => {
            voice.t_args("pay-title-topup", &args!["payment" => Arg::code(payment.id.to_string())])
        }
    }
}

/// The button that asks whether it is to be given up.
pub fn give_up(voice: &Voice, payment: &Payment) -> Button {
    match payment.purpose {
        Purpose::Order(order) => go(voice, C::AskCancel { order }),
        Purpose::Wallet | Purpose::Credit => go(voice, C::AskCancelTopUp { payment: payment.id }),
    }
}

/// `has_choice`: another kind of method could take it too.
fn open_view(voice: &Voice, (payment, order): (&Payment, Option<&Order>), payee: &Payee, has_choice: bool) -> Screen {
    let mut facts = order.map(|order| parts(voice, order)).unwrap_or_default();
    facts.push(voice.t_args("pay-amount", &args!["amount" => voice.money(payment.due)]));
    facts.extend(payee::lines(voice, payee));
    facts.push(voice.t_args("pay-until", &args!["moment" => voice.moment(payment.expires_at)]));
    let next = payee::next(voice, payee, payment.due.asset);
    Screen::new(page(&title(voice, payment), facts, &next))
        .row([go(voice, C::SendReceipt { payment: payment.id })])
        .rows(payee::copies(voice, payee, payment.due))
        .row(has_choice.then(|| go(voice, C::Ways { payment: payment.id })))
        .row([give_up(voice, payment)])
        .row(kit::home(voice))
}

/// What the wallet pays of an order, when it pays a part.
fn parts(voice: &Voice, order: &Order) -> Vec<String> {
    if order.from_wallet.minor == 0 {
        return Vec::new();
    }
    vec![
        voice.t_args("shop-price", &args!["price" => voice.money(order.price)]),
        voice.t_args("pay-from-wallet", &args!["amount" => voice.money(order.from_wallet)]),
    ]
}

fn ended_view(voice: &Voice, payment: &Payment, around: Around) -> Screen {
    let title = title(voice, payment);
    let mut facts = vec![
        voice.t_args("pay-amount", &args!["amount" => voice.money(payment.approved.unwrap_or(payment.due))]),
        voice.t_args("pay-state", &args!["state" => state_words(voice, payment.state)]),
    ];
    facts.extend(payment.decided_at.map(|at| voice.t_args("pay-decided", &args!["moment" => voice.moment(at)])));
    let next = match payment.state {
        State::Submitted => waiting(voice, around.review_minutes),
        State::Approved => approved(voice, around.order).to_owned(),
        State::Rejected => rejected(voice, payment.reason.as_ref()),
        State::Open | State::Cancelled | State::Expired => voice.t("pay-late-receipt").to_owned(),
    };
    Screen::new(page(&title, facts, &next)).rows(ended_rows(voice, payment, around))
}

fn ended_rows(voice: &Voice, payment: &Payment, around: Around) -> Vec<Vec<Button>> {
    let service = around.service.map(|subscription| go(voice, C::Service { subscription }));
    let receipt = go(voice, C::SendReceipt { payment: payment.id });
    let mut rows: Vec<Vec<Button>> = service.map(|service| vec![service]).into_iter().collect();
    match payment.state {
        State::Submitted => rows.extend([vec![receipt], vec![give_up(voice, payment)]]),
        State::Open | State::Cancelled | State::Expired => rows.push(vec![receipt]),
        State::Rejected => rows.push(vec![go(voice, C::Support)]),
        State::Approved => {}
    }
    rows.push(kit::back(voice, C::Payments { page: 0 }));
    rows
}

/// What happens next, and how long it usually takes.
pub fn waiting(voice: &Voice, review_minutes: Option<i64>) -> String {
    match review_minutes {
        Some(minutes) => {
            let span = Arg::html(voice.duration(minutes.max(1) * MINUTE));
            voice.t_args("pay-waiting-usually", &args!["span" => span])
        }
        None => voice.t("pay-waiting").to_owned(),
    }
}

fn approved(voice: &Voice, order: Option<checkout::State>) -> &'static str {
    use checkout::State as S;
    match order {
        Some(S::Delivered) => voice.t("pay-delivered"),
        Some(S::Paid) => voice.t("pay-being-made"),
        Some(S::Refunded) => voice.t("pay-refunded"),
        None | Some(S::Placed | S::Cancelled | S::Expired | S::Rejected) => voice.t("pay-in-wallet"),
    }
}

/// A rejection's reason in the customer's words; the reviewer's own words are passed on.
pub fn rejected(voice: &Voice, reason: Option<&RejectReason>) -> String {
    match reason {
        Some(RejectReason::NotReceived) => voice.t("pay-reason-not-received").to_owned(),
        Some(RejectReason::WrongAmount) => voice.t("pay-reason-wrong-amount").to_owned(),
        Some(RejectReason::Unreadable) => voice.t("pay-reason-unreadable").to_owned(),
        Some(RejectReason::Duplicate) => voice.t("pay-reason-duplicate").to_owned(),
        Some(RejectReason::Other(words)) => voice.t_args("pay-reason-other", &args!["reason" => words]),
        None => voice.t("pay-reason-none").to_owned(),
    }
}

fn state_words(voice: &Voice, state: State) -> &'static str {
    voice.t(match state {
        State::Open => "pay-state-open",
        State::Submitted => "pay-state-submitted",
        State::Approved => "pay-state-approved",
        State::Rejected => "pay-state-rejected",
        State::Cancelled => "pay-state-cancelled",
        State::Expired => "pay-state-expired",
    })
}

const fn state_icon(state: State) -> &'static str {
    match state {
        State::Open => "🕓",
        State::Submitted => "👀",
        State::Approved => "✅",
        State::Rejected => "⛔",
        State::Cancelled | State::Expired => "▫️",
    }
}

/// All payments, the newest first.
pub async fn history(turn: &Turn, index: u32) -> Result<Answer, Fault> {
    let page = Page::new(index, ROWS_MAX);
    let (found, total) = payments::of_person(turn.app.db.read(), turn.who.person.id, page).await?;
    Ok(history_view(&turn.voice(), &found, (index, page.count(total))).into())
}

fn history_view(voice: &Voice, found: &[Payment], (index, pages): (u32, u32)) -> Screen {
    let title = voice.t("pay-history-title");
    if found.is_empty() && index == 0 {
        let text = paragraphs(&[title.to_owned(), voice.t("pay-history-empty").to_owned()]);
        return Screen::new(text).row([go(voice, C::Categories)]).row(kit::home(voice));
    }
    let rows = found.iter().map(|payment| {
        let icon = state_icon(payment.state);
        let amount = voice.money(payment.approved.unwrap_or(payment.due));
        let line = format!("{icon} {} · {amount}", voice.date(payment.opened_at));
        let line = match payment.purpose {
            Purpose::Order(_) => line,
            Purpose::Wallet | Purpose::Credit => format!("{line} · {}", voice.t("pay-history-topup")),
        };
        vec![pick(C::Payment { payment: payment.id }, line)]
    });
    let to = |page| Route::from(C::Payments { page });
    Screen::new(page(title, [], voice.t("pay-history-key"))).rows(rows).row(pager(voice, index, pages, to)).row(kit::home(voice))
}

#[cfg(test)]
pub(in crate::bot) mod tests {
    use super::{Around, ended_view, history_view, open_view};
    use crate::base::{Asset, HOUR, Money, OrderId, PaymentId, PersonId, SubscriptionId};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::checkout;
    use crate::shop::payments::{Kind, Payee, Payment, Purpose, RejectReason, State, sample};

    pub fn payment(state: State) -> Payment {
        let decided = matches!(state, State::Approved | State::Rejected | State::Cancelled | State::Expired);
        Payment {
            id: PaymentId(77),
            purpose: Purpose::Order(OrderId(88)),
            person: PersonId(5),
            method: "melli".parse().unwrap(),
            price: Money::new(250_000, Asset::Irt),
            due: Money::new(250_431, Asset::Irt),
            state,
            opened_at: NOW.after(-HOUR),
            expires_at: NOW.after(2 * HOUR),
            submitted_at: None,
            decided_at: decided.then(|| NOW.after(-60_000)),
            decided_by: None,
            approved: None,
            reason: (state == State::Rejected).then(|| RejectReason::Other("The photo is of a cat & a <dog>".to_owned())),
            posting: None,
            hold: None,
            round: 0,
            flags: vec![],
            escalated_at: None,
            card_chat: None,
            card_message: None,
        }
    }

    const fn around(order: checkout::State, service: Option<SubscriptionId>) -> Around {
        Around { order: Some(order), service, review_minutes: Some(7) }
    }

    pub fn top_up(state: State) -> Payment {
        Payment { purpose: Purpose::Wallet, ..payment(state) }
    }

    #[test]
    fn payments_in_every_state_and_language() {
        insta::assert_snapshot!(in_every_language(|voice| {
            let pays = |kind, details: &str| Payee { method: sample::method(kind), details: details.to_owned().into() };
            let card = pays(Kind::Card, "6037991100001234");
            let sheba = pays(Kind::Sheba, "IR062960000000100324200001");
            let coins = pays(Kind::Crypto, "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb");
            let tether = |minor| Money::new(minor, Asset::Usdt);
            let dollars = Payment { price: tether(3_500_000), due: tether(3_500_431), ..payment(State::Open) };
            let service = Some(SubscriptionId(99));
            let in_parts = checkout::sample::in_parts(110_000, NOW.after(-HOUR));
            vec![
                open_view(voice, (&payment(State::Open), None), &card, false),
                open_view(voice, (&payment(State::Open), None), &sheba, true),
                open_view(voice, (&payment(State::Open), None), &coins, true),
                open_view(voice, (&dollars, None), &coins, false),
                ended_view(voice, &payment(State::Submitted), around(checkout::State::Placed, service)),
                ended_view(voice, &payment(State::Approved), around(checkout::State::Paid, service)),
                ended_view(voice, &payment(State::Rejected), around(checkout::State::Rejected, None)),
                ended_view(voice, &payment(State::Expired), around(checkout::State::Expired, None)),
                open_view(voice, (&payment(State::Open), Some(&in_parts)), &card, false),
                open_view(voice, (&top_up(State::Open), None), &card, false),
                ended_view(voice, &top_up(State::Approved), Around { order: None, service: None, review_minutes: None }),
                history_view(voice, &[payment(State::Open), top_up(State::Approved)], (0, 3)),
                history_view(voice, &[], (0, 1)),
            ]
        }));
    }
}
