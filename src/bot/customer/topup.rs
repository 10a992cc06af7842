//! Putting money into the wallet: how much, by a button or typed; and giving it up.
//!
//! Each amount's payment has an id that was minted with its button, or with the message that named it, so that a double tap and
//! a replay are the same payment.
use super::order::not_yours;
use super::{payment, wallet, ways};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, PaymentId, parse_amount};
use crate::bot::input::{self, Input};
use crate::bot::kit::{self, go, pick};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::CustomerRoute as C;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::checkout::{self, TopUp, TopUpError};
use crate::shop::payments::{Payment, Purpose, State};

/// Amounts that are offered when something is missing: the missing one, and larger ones.
const OFFERED_MAX: usize = 4;

/// The amounts that are offered, each with the payment that it would be: those of the shop, or from what is `missing` on.
pub fn offered(turn: &Turn, missing: Money) -> Vec<(PaymentId, Money)> {
    let settings = &turn.settings;
    let mut amounts = settings.topup_amounts.clone();
    if missing.minor > 0 {
        amounts.retain(|amount| *amount > missing.minor);
        amounts.insert(0, missing.minor.max(settings.topup_min));
        amounts.truncate(OFFERED_MAX);
    }
    let mint = |amount: i64| PaymentId(turn.mint(&format!("topup:{amount}")));
    amounts.into_iter().map(|amount| (mint(amount), Money::new(amount, settings.asset))).collect()
}

/// The payment of the amount that this message names.
pub fn minted(turn: &Turn) -> PaymentId {
    PaymentId(turn.mint("topup"))
}

/// Opens the question for another amount.
pub async fn ask(turn: &Turn) -> Result<Answer, Fault> {
    let mine = turn.clone();
    turn.app.write(move |tx| Box::pin(async move { Input::TopUp.open(tx, &mine).await })).await?;
    Ok(question(turn, "").into())
}

/// The question again, after something that was no amount.
pub fn again(turn: &Turn) -> Answer {
    question(turn, turn.voice().t("topup-unread")).into()
}

fn question(turn: &Turn, word: &str) -> Screen {
    let (settings, money) = (&turn.settings, |minor| Money::new(minor, turn.settings.asset));
    let offered = offered(turn, money(0));
    question_view(&turn.voice(), (money(settings.topup_min), money(settings.topup_max)), &offered, word)
}

fn question_view(voice: &Voice, (least, most): (Money, Money), offered: &[(PaymentId, Money)], word: &str) -> Screen {
    let ask = voice.t_args("topup-ask", &args!["least" => voice.money(least), "most" => voice.money(most)]);
    let text = paragraphs(&[word.to_owned(), voice.t("topup-title").to_owned(), ask]);
    Screen::new(text).rows(wallet::amounts(voice, offered)).row(kit::back(voice, C::Wallet))
}

/// The amount was typed.
pub async fn typed(turn: &Turn, customer: &Customer, text: &str) -> Result<Answer, Fault> {
    let whole = 10_i64.pow(turn.settings.asset.exponent());
    let Some(minor) = parse_amount(text).and_then(|amount| amount.checked_mul(whole)) else { return Ok(again(turn)) };
    match opened(turn, customer, (minted(turn), minor)).await {
        Err(TopUpError::TooSmall { .. } | TopUpError::TooLarge { .. }) => {
            let voice = turn.voice();
            let word = voice.t_args("topup-outside", &args!["amount" => voice.money(Money::new(minor, turn.settings.asset))]);
            Ok(question(turn, &word).into())
        }
        outcome => answer(turn, outcome).await,
    }
}

/// An amount was chosen.
pub async fn open(turn: &Turn, customer: &Customer, chosen: (PaymentId, i64)) -> Result<Answer, Fault> {
    let outcome = opened(turn, customer, chosen).await;
    answer(turn, outcome).await
}

async fn opened(turn: &Turn, customer: &Customer, (payment, minor): (PaymentId, i64)) -> Result<Payment, TopUpError> {
    let (mine, who) = (turn.clone(), customer.clone());
    let top_up = TopUp { payment, amount: Money::new(minor, turn.settings.asset), purpose: Purpose::Wallet, kind: None };
    turn.app
        .write(move |tx| {
            Box::pin(async move {
                let payment = checkout::top_up(tx, &who, &top_up, mine.now).await?;
                // From here on a photo or a number needs no tap first.
                Input::Receipt { payment: payment.id }.open(tx, &mine).await?;
                Ok(payment)
            })
        })
        .await
}

async fn answer(turn: &Turn, outcome: Result<Payment, TopUpError>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    Ok(match outcome {
        Ok(payment) => ways::opened(turn, &payment, None).await?.into(),
        Err(TopUpError::TooSmall { least }) => {
            Answer::alert(voice.label("topup-too-small", &args!["amount" => voice.money(least)]))
        }
        Err(TopUpError::TooLarge { most }) => {
            Answer::alert(voice.label("topup-too-large", &args!["amount" => voice.money(most)]))
        }
        Err(TopUpError::NoMethod { when: Some(when) }) => {
            Answer::alert(voice.label("order-no-card-until", &args!["moment" => voice.moment(when)]))
        }
        Err(TopUpError::NoMethod { when: None }) => Answer::alert(voice.t("order-no-card")),
        Err(TopUpError::TooManyOpen { most }) => {
            payment::history(turn, 0).await?.saying(voice.label("order-too-many", &args!["count" => most]))
        }
        Err(TopUpError::NotYours) => not_yours(turn),
        Err(TopUpError::Fault(fault)) => return Err(fault),
    })
}

/// Asks whether the top-up is to be given up.
pub async fn ask_cancel(turn: &Turn, id: PaymentId) -> Result<Answer, Fault> {
    match payment::own(turn, id).await? {
        Some((known, None)) if matches!(known.state, State::Open | State::Submitted) => Ok(cancel_view(&turn.voice(), id).into()),
        _ => payment::show(turn, id).await,
    }
}

fn cancel_view(voice: &Voice, payment: PaymentId) -> Screen {
    let title = voice.t_args("topup-cancel-title", &args!["payment" => Arg::code(payment.to_string())]);
    let safe = pick(C::Payment { payment }, voice.t("button-topup-cancel-no"));
    Screen::new(page(&title, [], voice.t("topup-cancel-ask"))).rows(kit::confirm(safe, go(voice, C::CancelTopUp { payment })))
}

/// Gives the top-up up.
pub async fn cancel(turn: &Turn, customer: &Customer, id: PaymentId) -> Result<Answer, Fault> {
    let (mine, who) = (turn.clone(), customer.clone());
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                checkout::cancel_top_up(tx, &who, id, mine.now).await?;
                input::close(tx, &mine).await?;
                Ok::<_, TopUpError>(())
            })
        })
        .await;
    match outcome {
        Err(TopUpError::Fault(fault)) => Err(fault),
        Err(TopUpError::NotYours) => Ok(not_yours(turn)),
        _ => payment::show(turn, id).await,
    }
}

#[cfg(test)]
mod tests {
    use super::{cancel_view, question_view};
    use crate::base::{Asset, Money, PaymentId};
    use crate::bot::kit::tests::in_every_language;

    #[test]
    fn the_questions_of_a_top_up_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let (limits, offered) = ((toman(10_000), toman(5_000_000)), [(PaymentId(1), toman(50_000))]);
        insta::assert_snapshot!(in_every_language(|voice| vec![
            question_view(voice, limits, &offered, ""),
            question_view(voice, limits, &offered, voice.t("topup-unread")),
            cancel_view(voice, PaymentId(77)),
        ]));
    }
}
