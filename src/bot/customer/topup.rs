//! Putting money into the wallet: how much, and giving it up.
use super::order::not_yours;
use super::payment;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, PaymentId};
use crate::bot::input;
use crate::bot::kit::{self, go, pick};
use crate::bot::page::page;
use crate::bot::route::CustomerRoute as C;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::checkout::{self, TopUpError};
use crate::shop::payments::State;

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
