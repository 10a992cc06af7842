//! What went back of an order, as staff sees it: a line each, and the receipts.
use super::super::words;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, OrderId};
use crate::bot::screen::{Answer, Media, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Person;
use crate::shop::checkout::{self, RefundReceipt, Refunded};
use crate::shop::notices::RefundTo;
use crate::shop::payments::ReceiptKind;

/// What went back of an order, a line each.
pub fn lines(voice: &Voice, done: &[Refunded], people: &[Person]) -> Vec<String> {
    let line = |done: &Refunded| {
        let whither = voice.t(match done.to {
            RefundTo::Wallet => "refund-to-wallet",
            RefundTo::Credit => "refund-to-credit",
            RefundTo::Hand => "refund-to-hand",
        });
        let known = people.iter().find(|person| person.id == done.by);
        voice.t_args(
            "refund-line",
            &args![
                "amount" => voice.money(done.amount),
                "whither" => whither,
                "who" => words::actor(voice, done.by, known),
                "when" => Arg::html(words::at(voice, done.at)),
            ],
        )
    };
    done.iter().map(line).collect()
}

/// The receipts of what was paid back by hand, each a message of its own.
pub async fn receipts(turn: &Turn, id: OrderId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let done = checkout::refunds_of(turn.app.db.read(), id).await?;
    let screens = done.iter().filter_map(|done| Some(receipt_screen(&voice, done, done.receipt.as_ref()?).keep()));
    Ok(Answer { screens: screens.collect(), toast: None })
}

pub(super) fn receipt_screen(voice: &Voice, done: &Refunded, receipt: &RefundReceipt) -> Screen {
    let said = args!["amount" => voice.money(done.amount), "id" => Arg::code(format!("#{}", done.order))];
    let mut lines = vec![voice.t_args("refund-receipt-of", &said)];
    lines.extend(receipt.text.as_ref().map(|text| voice.t_args("admin-card-text", &args!["text" => Arg::code(text)])));
    let screen = Screen::new(lines.join("\n"));
    match media(receipt) {
        Some(media) => screen.with(media),
        None => screen,
    }
}

/// The picture or file that a receipt is; `None` for a text.
pub fn media(receipt: &RefundReceipt) -> Option<Media> {
    let file = receipt.file_id.clone()?;
    match receipt.kind {
        ReceiptKind::Photo => Some(Media::Photo(file)),
        ReceiptKind::Image | ReceiptKind::Pdf => Some(Media::File(file)),
        ReceiptKind::Text => None,
    }
}
