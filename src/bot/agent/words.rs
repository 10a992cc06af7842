//! What an agent is told when something is refused, in one place for all screens.
use crate::base::Fault;
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::bot::input::Input;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::checkout::{AgentServiceError, SellError};

use super::Asked;

/// Why nothing was sold, as a sentence of plain text. A fault is given back.
pub fn refusal(voice: &Voice, error: SellError) -> Result<String, Fault> {
    Ok(match error {
        SellError::Frozen => voice.t("sell-frozen").to_owned(),
        SellError::Over { at } => voice.label("sell-over", &args!["date" => voice.date(at)]),
        SellError::Negative { left, .. } => voice.label("sell-negative", &args!["amount" => voice.money(left)]),
        SellError::Short { left, price } => {
            voice.label("sell-short", &args!["left" => voice.money(left), "price" => voice.money(price)])
        }
        SellError::NotAllowed => voice.t("sell-not-allowed").to_owned(),
        SellError::Gone => voice.t("sell-plan-gone").to_owned(),
        SellError::SoldOut => voice.t("order-sold-out").to_owned(),
        SellError::PriceChanged { price } => voice.label("sell-price-changed", &args!["price" => voice.money(price)]),
        SellError::PromiseChanged => voice.t("order-promise-changed").to_owned(),
        SellError::NotYours => voice.t("common-not-yours").to_owned(),
        SellError::NotNow => voice.t("sold-not-now").to_owned(),
        SellError::BadLabel => voice.t("sell-bad-label").to_owned(),
        SellError::Fault(fault) => return Err(fault),
    })
}

/// Why nothing was changed about a service.
pub fn service_refusal(voice: &Voice, error: AgentServiceError) -> Result<String, Fault> {
    Ok(match error {
        AgentServiceError::NotYours => voice.t("common-not-yours").to_owned(),
        AgentServiceError::NotNow => voice.t("sold-not-now").to_owned(),
        AgentServiceError::Negative { left, .. } => voice.label("sell-negative", &args!["amount" => voice.money(left)]),
        AgentServiceError::RefundChanged { refund } => {
            voice.label("sold-refund-changed", &args!["amount" => voice.money(refund)])
        }
        AgentServiceError::BadLabel => voice.t("sell-bad-label").to_owned(),
        AgentServiceError::Fault(fault) => return Err(fault),
    })
}

/// Why one of many was not sold: the word of its row, for a person.
pub fn batch_word(why: &str) -> &'static str {
    match why {
        "frozen" | "over" | "not_allowed" => "batch-why-agency",
        "negative" | "short" => "batch-why-credit",
        "gone" | "sold_out" => "batch-why-plan",
        "price_changed" => "batch-why-price",
        _ => "batch-why-other",
    }
}

/// Opens a question, and shows it.
pub async fn ask(turn: &Turn, asked: Asked, screen: Screen) -> Result<Answer, Fault> {
    let mine = turn.clone();
    turn.app.write(move |tx| Box::pin(async move { Input::Agent(asked).open(tx, &mine).await })).await?;
    Ok(screen.into())
}
