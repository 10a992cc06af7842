//! That money went back: how much, whither, and what ends with it. What was paid back by hand comes with its receipt.
use crate::app::App;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, OrderId};
use crate::bot::admin;
use crate::bot::kit::{self, go};
use crate::bot::page::page;
use crate::bot::route::{AgentRoute, CustomerRoute as C};
use crate::bot::screen::Screen;
use crate::shop::checkout::{self, Kind, RefundReceipt};
use crate::shop::notices::RefundTo;

/// What went back.
#[derive(Debug, Clone, Copy)]
pub struct Back {
    pub order: OrderId,
    pub amount: Money,
    pub to: RefundTo,
    pub so_far: i64,
    pub ended: bool,
}

/// `line` names the order.
pub async fn view(app: &App, voice: &Voice, line: String, back: Back) -> Result<Option<Screen>, Fault> {
    let Some(order) = checkout::get(app.db.read(), back.order).await? else { return Ok(None) };
    let done = checkout::refunds_of(app.db.read(), back.order).await?;
    let receipt = done.into_iter().find(|done| done.so_far.minor == back.so_far).and_then(|done| done.receipt);
    Ok(Some(told(voice, line, (back, order.kind), receipt.as_ref())))
}

pub fn told(voice: &Voice, line: String, (back, kind): (Back, Kind), receipt: Option<&RefundReceipt>) -> Screen {
    let amount = args!["amount" => voice.money(back.amount)];
    let (title, sum) = match back.to {
        RefundTo::Wallet => ("notice-refunded", voice.t_args("notice-to-wallet", &amount)),
        RefundTo::Credit => ("notice-refunded-credit", voice.t_args("notice-to-credit", &amount)),
        RefundTo::Hand => ("notice-refunded-hand", voice.t_args("notice-by-hand", &amount)),
    };
    let next = match (back.ended, kind) {
        (false, _) => "",
        (true, Kind::New) => voice.t("notice-refunded-ended"),
        (true, Kind::Renew | Kind::Traffic) => voice.t("notice-refunded-shorter"),
    };
    let words = receipt.and_then(|receipt| receipt.text.as_ref());
    let words = words.map(|words| voice.t_args("notice-refund-receipt", &args!["text" => Arg::code(words)]));
    let screen = Screen::new(page(voice.t(title), [line, sum, words.unwrap_or_default()], next));
    let screen = match receipt.and_then(admin::refund::media) {
        Some(media) => screen.with(media),
        None => screen,
    };
    match back.to {
        RefundTo::Wallet => screen.row([go(voice, C::Wallet)]).row(kit::home(voice)),
        RefundTo::Credit => screen.row([go(voice, AgentRoute::Home)]),
        RefundTo::Hand => screen.row(kit::home(voice)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Back, told};
    use crate::base::{Asset, Money, OrderId};
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::checkout::{Kind, RefundReceipt};
    use crate::shop::notices::RefundTo;
    use crate::shop::payments::ReceiptKind;

    #[test]
    fn whither_money_went_back_in_every_language() {
        let back = |to, ended| Back { order: OrderId(7), amount: Money::new(80_000, Asset::Irt), to, so_far: 0, ended };
        let photo = RefundReceipt { kind: ReceiptKind::Photo, file_id: Some("file".to_owned()), text: None };
        let words = RefundReceipt { kind: ReceiptKind::Text, file_id: None, text: Some("123456 <Melli>".to_owned()) };
        let line = || "Order: 0000000007".to_owned();
        insta::assert_snapshot!(in_every_language(|voice| vec![
            told(voice, line(), (back(RefundTo::Wallet, false), Kind::New), None),
            told(voice, line(), (back(RefundTo::Wallet, true), Kind::Renew), None),
            told(voice, line(), (back(RefundTo::Credit, true), Kind::New), None),
            told(voice, line(), (back(RefundTo::Hand, true), Kind::New), Some(&photo)),
            told(voice, line(), (back(RefundTo::Hand, true), Kind::Traffic), Some(&words)),
        ]));
    }
}
