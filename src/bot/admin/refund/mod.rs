//! A delivered order goes back: how much (by the plan's rule, all of it, or typed), then whither, then a yes under the exact
//! numbers. What was paid back by hand wants its receipt, and the receipt is the yes.
mod hand;
mod shown;

use super::late;
use super::words::{self, go};
use crate::base::format::{Voice, number};
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, OrderId, PaymentId, SubscriptionId, ascii_digits, parse_amount};
use crate::bot::input::{self, Input};
use crate::bot::kit::pick;
use crate::bot::page::{page, paragraphs};
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{self, Admin, Person, Right};
use crate::shop::catalog::RefundRule;
use crate::shop::checkout::{
    self, Ends, Left, Refund, RefundError, RefundQuote, RefundWay, Refunded, State, quote_refund, refund_delivered,
};
use crate::shop::notices::RefundTo;
use crate::shop::payments;

pub use hand::{Answered, ask_hand, ask_receipt, received};
pub use shown::{lines, media, receipts};

/// What a screen is drawn from.
struct Facts {
    quote: RefundQuote,
    person: Person,
}

/// The numbers, for an admin who may act on them; else what he is told.
async fn load(turn: &Turn, by: Admin, id: OrderId) -> Result<Result<Facts, Answer>, Fault> {
    let (voice, conn) = (turn.voice(), turn.app.db.read());
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Err(Answer::alert(told)));
    }
    let quote = match quote_refund(conn, id, turn.now).await {
        Ok(quote) => quote,
        Err(error) => return Ok(Err(instead(turn, id, refusal(&voice, by, error)?).await?)),
    };
    if quote.most.minor == 0 {
        return Ok(Err(instead(turn, id, voice.t("refund-all-back").to_owned()).await?));
    }
    let person = accounts::person(conn, quote.order.person).await?;
    let person = person.ok_or_else(|| Fault::new(format!("order {id} is nobody's")))?;
    if person.id == by.person() {
        return Ok(Err(Answer::alert(voice.t("admin-refused-own"))));
    }
    Ok(Ok(Facts { quote, person }))
}

/// The order as it is, and a word.
async fn instead(turn: &Turn, id: OrderId, told: String) -> Result<Answer, Fault> {
    let mut answer = late::show(turn, id).await?;
    answer.toast = Answer::alert(told).toast;
    Ok(answer)
}

/// Which order a code means: its own, its payment's, or the newest of a service that can go back.
pub async fn order_of(turn: &Turn, code: &str) -> Result<Option<OrderId>, Fault> {
    let conn = turn.app.db.read();
    let Some(id) = OrderId::parse(&ascii_digits(code.trim())) else { return Ok(None) };
    if checkout::get(conn, id).await?.is_some() {
        return Ok(Some(id));
    }
    if let Some(payment) = payments::get(conn, PaymentId(id.0)).await? {
        return Ok(payment.purpose.order());
    }
    let orders = checkout::of_subscription(conn, SubscriptionId(id.0)).await?;
    let stands = |state: State| matches!(state, State::Paid | State::Delivered);
    Ok(orders.iter().find(|order| stands(order.state)).or(orders.first()).map(|order| order.id))
}

/// How much?
pub async fn ask(turn: &Turn, by: Admin, id: OrderId) -> Result<Answer, Fault> {
    Ok(match load(turn, by, id).await? {
        Ok(facts) => ask_view(&turn.voice(), &facts).into(),
        Err(answer) => answer,
    })
}

fn title(voice: &Voice, id: OrderId) -> String {
    voice.t_args("refund-title", &args!["id" => Arg::code(format!("#{id}"))])
}

fn numbers(voice: &Voice, facts: &Facts) -> Vec<String> {
    let quote = &facts.quote;
    let mut lines = vec![
        voice.t_args("admin-card-person", &args!["person" => Arg::html(words::person(voice, &facts.person))]),
        voice.t_args("refund-paid", &args!["amount" => voice.money(quote.order.price)]),
    ];
    if quote.order.refunded.minor > 0 {
        lines.push(voice.t_args("refund-so-far", &args!["amount" => voice.money(quote.order.refunded)]));
        lines.push(voice.t_args("refund-most", &args!["amount" => voice.money(quote.most)]));
    }
    lines.extend(quote.by_rule.map(|(left, amount)| by_rule(voice, left, amount)));
    lines
}

/// What the plan's rule gives, and why.
fn by_rule(voice: &Voice, left: Left, amount: Money) -> String {
    let amount = voice.money(amount);
    match left.rule {
        RefundRule::Whole => voice.t_args("refund-rule-whole", &args!["amount" => amount]),
        RefundRule::Time => {
            let (days, whole) = (number(voice.lang, left.left), number(voice.lang, left.whole));
            voice.t_args("refund-rule-time", &args!["amount" => amount, "left" => days, "whole" => whole])
        }
        RefundRule::Traffic => {
            let (left, whole) = (voice.traffic(left.left), voice.traffic(left.whole));
            voice.t_args("refund-rule-traffic", &args!["amount" => amount, "left" => left, "whole" => whole])
        }
    }
}

fn ask_view(voice: &Voice, facts: &Facts) -> Screen {
    let (quote, order) = (&facts.quote, facts.quote.order.id);
    let by_rule = quote.by_rule.map(|(_, amount)| amount).filter(|amount| amount.minor > 0 && *amount != quote.most);
    let sum = |amount: Money, key: &'static str| {
        let label = voice.label(key, &args!["amount" => voice.money(amount)]);
        vec![pick(A::RefundAmount { order, amount: amount.minor }, label)]
    };
    let all = if quote.order.refunded.minor == 0 { "refund-do-all" } else { "refund-do-rest" };
    Screen::new(page(&title(voice, order), numbers(voice, facts), voice.t("refund-ask")))
        .row([go(voice, A::Order { order })])
        .rows(by_rule.map(|amount| sum(amount, "refund-do-by-rule")))
        .rows([sum(quote.most, all)])
        .row([go(voice, A::AskRefundAmount { order })])
}

/// An amount is to be typed.
pub async fn ask_typed(turn: &Turn, by: Admin, order: OrderId) -> Result<Answer, Fault> {
    let facts = match load(turn, by, order).await? {
        Ok(facts) => facts,
        Err(answer) => return Ok(answer),
    };
    let (mine, input) = (turn.clone(), Input::RefundAmount { order });
    turn.app.write(move |tx| Box::pin(async move { input.open(tx, &mine).await })).await?;
    Ok(typed_view(&turn.voice(), &facts, "").keep().into())
}

fn typed_view(voice: &Voice, facts: &Facts, wrong: &str) -> Screen {
    let (id, most) = (Arg::code(format!("#{}", facts.quote.order.id)), voice.money(facts.quote.most));
    let ask = voice.t_args("refund-ask-amount", &args!["id" => id, "most" => most]);
    let text = paragraphs(&[wrong.to_owned(), ask]);
    Screen::new(text).row([words::stop(voice)])
}

pub async fn amount_typed(turn: &Turn, by: Admin, order: OrderId, text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let facts = match load(turn, by, order).await? {
        Ok(facts) => facts,
        Err(answer) => return Ok(answer),
    };
    let whole = 10_i64.pow(facts.quote.most.asset.exponent());
    match parse_amount(text).and_then(|amount| amount.checked_mul(whole)) {
        None | Some(0) => Ok(typed_view(&voice, &facts, voice.t("admin-amount-unread")).into()),
        Some(minor) if minor > facts.quote.most.minor => {
            let wrong = voice.t_args("refund-too-much", &args!["amount" => voice.money(facts.quote.most)]);
            Ok(typed_view(&voice, &facts, &wrong).into())
        }
        Some(minor) => {
            input::close_now(turn).await?;
            Ok(confirm_view(&voice, &facts, Money::new(minor, facts.quote.most.asset)).into())
        }
    }
}

/// Whither, under the exact numbers.
pub async fn confirm(turn: &Turn, by: Admin, (order, minor): (OrderId, i64)) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let facts = match load(turn, by, order).await? {
        Ok(facts) => facts,
        Err(answer) => return Ok(answer),
    };
    if minor <= 0 || minor > facts.quote.most.minor {
        let mut answer = Answer::from(ask_view(&voice, &facts));
        answer.toast = Answer::alert(voice.t("admin-amount-bad")).toast;
        return Ok(answer);
    }
    Ok(confirm_view(&voice, &facts, Money::new(minor, facts.quote.most.asset)).into())
}

fn confirm_view(voice: &Voice, facts: &Facts, amount: Money) -> Screen {
    let (quote, order) = (&facts.quote, facts.quote.order.id);
    let said = args!["amount" => voice.money(amount), "name" => words::name(&facts.person)];
    let (question, act) = match quote.to {
        RefundTo::Credit => (voice.t_args("refund-confirm-credit", &said), "refund-do-credit"),
        RefundTo::Wallet | RefundTo::Hand => (voice.t_args("refund-confirm-wallet", &said), "refund-do-wallet"),
    };
    let question = [question, ends(voice, quote)].join("\n");
    let part = A::RefundPart { order, amount: amount.minor, so_far: quote.order.refunded.minor };
    Screen::new(page(&title(voice, order), numbers(voice, facts), &question))
        .row([go(voice, A::Order { order })])
        .row([pick(part, format!("👛 {}", voice.t(act)))])
        .row([go(voice, A::AskHand { order, amount: amount.minor })])
}

/// What becomes of the service.
fn ends(voice: &Voice, quote: &RefundQuote) -> String {
    match quote.ends {
        Ends::Service => voice.t("refund-ends-service").to_owned(),
        Ends::Nothing => voice.t("refund-ends-nothing").to_owned(),
        Ends::Undelivered => voice.t("refund-ends-undelivered").to_owned(),
        Ends::Shorter(terms) if terms.traffic_bytes == 0 => {
            voice.t_args("refund-ends-time", &args!["date" => voice.date(terms.until)])
        }
        Ends::Shorter(terms) => {
            let used = quote.service.as_ref().map_or(0, |service| service.used_bytes);
            let traffic = voice.traffic((terms.traffic_bytes - used).max(0));
            voice.t_args("refund-ends-shorter", &args!["date" => voice.date(terms.until), "traffic" => traffic])
        }
    }
}

/// The yes: to the account that paid.
pub async fn to_account(
    turn: &Turn,
    by: Admin,
    (order, amount_minor, so_far_minor): (OrderId, i64, i64),
) -> Result<Answer, Fault> {
    let refund = Refund { order, amount_minor, so_far_minor, way: RefundWay::Account };
    let now = turn.now;
    let outcome = turn.app.write(move |tx| Box::pin(async move { refund_delivered(tx, &by, &refund, now).await })).await;
    after(turn, by, order, outcome).await
}

async fn after(turn: &Turn, by: Admin, order: OrderId, outcome: Result<Refunded, RefundError>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match outcome {
        Ok(_) => Ok(late::show(turn, order).await?.saying(voice.t("admin-done"))),
        Err(RefundError::Already(done)) => {
            let who = accounts::person(turn.app.db.read(), done.by).await?;
            let who = words::actor(&voice, done.by, who.as_ref());
            let told = voice.label("refund-already", &args!["amount" => voice.money(done.amount), "who" => who]);
            instead(turn, order, told).await
        }
        Err(error) => {
            let told = refusal(&voice, by, error)?;
            instead(turn, order, told).await
        }
    }
}

/// Why it was not done. A fault is given back.
fn refusal(voice: &Voice, by: Admin, error: RefundError) -> Result<String, Fault> {
    Ok(match error {
        RefundError::Unknown => voice.t("admin-order-unknown").to_owned(),
        RefundError::NotAllowed(why) => words::not_allowed(voice, by, why),
        RefundError::NotDelivered(state) => {
            voice.label("refund-not-delivered", &args!["state" => words::order_state(voice, state)])
        }
        RefundError::Later(order) => voice.label("refund-later", &args!["id" => format!("#{order}")]),
        RefundError::Already(done) => {
            let who = words::actor(voice, done.by, None);
            voice.label("refund-already", &args!["amount" => voice.money(done.amount), "who" => who])
        }
        RefundError::TooMuch { most } => voice.label("refund-too-much", &args!["amount" => voice.money(most)]),
        RefundError::BadAmount => voice.t("admin-amount-bad").to_owned(),
        RefundError::NoMethod => voice.t("refund-no-method").to_owned(),
        RefundError::BadReceipt => voice.t("refund-receipt-wrong").to_owned(),
        RefundError::Fault(fault) => return Err(fault),
    })
}

#[cfg(test)]
mod tests {
    use super::hand::{hand_view, receipt_view};
    use super::shown::receipt_screen;
    use super::{Facts, ask_view, confirm_view, lines, typed_view};
    use crate::base::{Asset, DAY, Money, Time};
    use crate::bot::admin::card::tests::person;
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::catalog::RefundRule;
    use crate::shop::checkout::{Ends, Left, RefundQuote, RefundReceipt, Refunded, State, sample};
    use crate::shop::notices::RefundTo;
    use crate::shop::payments::{Kind, ReceiptKind, sample as methods};
    use crate::shop::subscriptions::Terms;

    const GB: i64 = 1 << 30;

    fn toman(minor: i64) -> Money {
        Money::new(minor, Asset::Irt)
    }

    fn facts(by_rule: Option<(Left, Money)>, to: RefundTo, ends: Ends) -> Facts {
        let so_far = if by_rule.is_some() { 0 } else { 40_000 };
        let mut order = sample::order(State::Delivered, NOW);
        order.refunded = toman(so_far);
        let quote = RefundQuote { most: toman(250_000 - so_far), order, service: None, by_rule, to, ends };
        Facts { quote, person: person(501, "Sara <k>") }
    }

    #[test]
    fn how_much_goes_back_and_whither_in_every_language() {
        let left = |rule, left, whole| Some((Left { rule, left, whole }, toman(166_666)));
        let terms = |traffic_bytes| Ends::Shorter(Terms { until: NOW.after(12 * DAY), traffic_bytes });
        let time = facts(left(RefundRule::Time, 20, 30), RefundTo::Wallet, Ends::Service);
        let traffic = facts(left(RefundRule::Traffic, 20 * GB, 30 * GB), RefundTo::Credit, terms(5 * GB));
        let whole = facts(left(RefundRule::Whole, 1, 1), RefundTo::Wallet, terms(0));
        let rest = facts(None, RefundTo::Wallet, Ends::Nothing);
        insta::assert_snapshot!(in_every_language(|voice| vec![
            ask_view(voice, &time),
            confirm_view(voice, &time, toman(166_666)),
            ask_view(voice, &traffic),
            confirm_view(voice, &traffic, toman(166_666)),
            ask_view(voice, &whole),
            confirm_view(voice, &whole, toman(250_000)),
            ask_view(voice, &rest),
            confirm_view(voice, &rest, toman(10_000)),
            typed_view(voice, &rest, voice.t("admin-amount-unread")),
        ]));
    }

    #[test]
    fn what_was_paid_back_by_hand_in_every_language() {
        let asked =
            facts(Some((Left { rule: RefundRule::Time, left: 20, whole: 30 }, toman(166_666))), RefundTo::Wallet, Ends::Service);
        let late = facts(asked.quote.by_rule, RefundTo::Wallet, Ends::Undelivered);
        let text = Some("1234 5678 <b>".to_owned());
        let receipt = RefundReceipt { kind: ReceiptKind::Text, file_id: None, text };
        let done = |to, receipt: Option<RefundReceipt>| Refunded {
            order: asked.quote.order.id,
            so_far: toman(0),
            amount: toman(166_666),
            to,
            method: None,
            receipt,
            reason: String::new(),
            by: person(77, "Nima").id,
            at: Time(NOW.0 - DAY),
        };
        let all = [done(RefundTo::Wallet, None), done(RefundTo::Credit, None), done(RefundTo::Hand, Some(receipt.clone()))];
        insta::assert_snapshot!(in_every_language(|voice| vec![
            hand_view(voice, &asked, 166_666, &[methods::method(Kind::Card), methods::method(Kind::Sheba)]),
            receipt_view(voice, &asked, 166_666, ""),
            receipt_view(voice, &asked, 166_666, voice.t("refund-receipt-wrong")),
            receipt_view(voice, &late, 250_000, ""),
            receipt_screen(voice, &all[2], &receipt),
            crate::bot::screen::Screen::new(lines(voice, &all, &[person(77, "Nima")]).join("\n")),
        ]));
    }
}
