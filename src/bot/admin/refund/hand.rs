//! Paid back by hand: from which method of the shop's, and the receipt, which is the yes.
use super::super::words::{self, go};
use super::{Facts, after, ends, instead, load, title};
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{Fault, Money, OrderId, ascii_digits};
use crate::bot::input::{self, Input};
use crate::bot::kit::{pick, shorten};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::AdminRoute as A;
use crate::bot::said::{Attached, FileKind};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Admin;
use crate::shop::checkout::{RECEIPT_CHARS_MAX, Refund, RefundError, RefundReceipt, RefundWay, refund_delivered};
use crate::shop::payments::{self, Method, MethodCode, ReceiptKind};

/// Letters of a method's name in a row.
const ALIAS_MAX: usize = 14;
const MEGABYTE: u64 = 1 << 20;
/// Methods that are offered, the first in the operator's order.
const METHODS_MAX: usize = 6;
/// A word alone proves nothing: a tracking number, a hash or a time has digits.
const DIGITS_MIN: usize = 4;

/// From which method of ours was it paid?
pub async fn ask_hand(turn: &Turn, by: Admin, (order, amount): (OrderId, i64)) -> Result<Answer, Fault> {
    let facts = match load(turn, by, order).await? {
        Ok(facts) => facts,
        Err(answer) => return Ok(answer),
    };
    let methods = payments::methods(turn.app.db.read()).await?;
    Ok(hand_view(&turn.voice(), &facts, amount, &methods).into())
}

pub(super) fn hand_view(voice: &Voice, facts: &Facts, amount: i64, methods: &[Method]) -> Screen {
    let order = facts.quote.order.id;
    let said = args![
        "amount" => voice.money(Money::new(amount, facts.quote.most.asset)),
        "name" => words::name(&facts.person),
    ];
    let rows = methods.iter().filter(|method| method.on).take(METHODS_MAX).map(|method| {
        let label = format!("{} · {}", shorten(&method.alias, ALIAS_MAX), method.last4);
        vec![pick(A::Hand { order, amount, method: method.code.clone() }, label)]
    });
    Screen::new(page(&title(voice, order), [voice.t_args("refund-hand", &said)], voice.t("refund-hand-ask")))
        .row([go(voice, A::Order { order })])
        .rows(rows)
        .row([go(voice, A::HandElse { order, amount })])
}

/// Asks for the receipt; it is the yes.
pub async fn ask_receipt(
    turn: &Turn,
    by: Admin,
    (order, amount): (OrderId, i64),
    method: Option<MethodCode>,
) -> Result<Answer, Fault> {
    let facts = match load(turn, by, order).await? {
        Ok(facts) if amount > 0 && amount <= facts.quote.most.minor => facts,
        Ok(_) => return instead(turn, order, turn.voice().t("admin-amount-bad").to_owned()).await,
        Err(answer) => return Ok(answer),
    };
    let so_far = facts.quote.order.refunded.minor;
    let (mine, input) = (turn.clone(), Input::RefundReceipt { order, amount, so_far, method });
    turn.app.write(move |tx| Box::pin(async move { input.open(tx, &mine).await })).await?;
    Ok(receipt_view(&turn.voice(), &facts, amount, "").keep().into())
}

pub(super) fn receipt_view(voice: &Voice, facts: &Facts, amount: i64, wrong: &str) -> Screen {
    let said = args![
        "amount" => voice.money(Money::new(amount, facts.quote.most.asset)),
        "name" => words::name(&facts.person),
    ];
    let parts = [wrong.to_owned(), voice.t_args("refund-receipt-ask", &said), ends(voice, &facts.quote)];
    Screen::new(paragraphs(&parts)).row([words::stop(voice)])
}

/// What was answered: a picture or file, or the bank's words.
pub enum Answered<'a> {
    File(&'a Attached),
    Words(&'a str),
    /// Something that is neither: a sticker, a voice.
    Else,
}

fn read(turn: &Turn, answered: &Answered<'_>) -> Option<RefundReceipt> {
    match answered {
        Answered::Words(text) => {
            let text: String = ascii_digits(text.trim()).chars().take(RECEIPT_CHARS_MAX).collect();
            let proves = text.chars().filter(char::is_ascii_digit).count() >= DIGITS_MIN;
            proves.then_some(RefundReceipt { kind: ReceiptKind::Text, file_id: None, text: Some(text) })
        }
        Answered::File(file) => {
            let kind = match file.kind {
                FileKind::Photo => ReceiptKind::Photo,
                FileKind::Image => ReceiptKind::Image,
                FileKind::Pdf => ReceiptKind::Pdf,
                FileKind::Other => return None,
            };
            let most = u64::try_from(turn.settings.receipt_megabytes_max).unwrap_or(1) * MEGABYTE;
            let text = file.caption.as_ref().map(|caption| caption.chars().take(RECEIPT_CHARS_MAX).collect());
            (file.bytes <= most).then(|| RefundReceipt { kind, file_id: Some(file.file_id.clone()), text })
        }
        Answered::Else => None,
    }
}

/// The receipt came: the refund is booked.
pub async fn received(turn: &Turn, by: Admin, answered: Answered<'_>) -> Result<Answer, Fault> {
    let Some(Input::RefundReceipt { order, amount, so_far, method }) = turn.who.input.clone() else {
        return Ok(Answer::nothing());
    };
    let Some(receipt) = read(turn, &answered) else {
        let voice = turn.voice();
        return Ok(match load(turn, by, order).await? {
            Ok(facts) => receipt_view(&voice, &facts, amount, voice.t("refund-receipt-wrong")).into(),
            Err(answer) => answer,
        });
    };
    let way = RefundWay::Hand { method, receipt };
    let refund = Refund { order, amount_minor: amount, so_far_minor: so_far, way };
    let (now, mine) = (turn.now, turn.clone());
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let done = refund_delivered(tx, &by, &refund, now).await?;
                input::close(tx, &mine).await?;
                Ok(done)
            })
        })
        .await;
    // What was refused once would be refused again.
    if matches!(&outcome, Err(error) if !matches!(error, RefundError::Fault(_))) {
        input::close_now(turn).await?;
    }
    after(turn, by, order, outcome).await
}
