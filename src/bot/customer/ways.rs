//! How to pay, when more than one kind of method can take a payment: the kind is chosen first, and may be changed until a
//! receipt comes.
use super::order::not_yours;
use super::payment;
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{Fault, PaymentId};
use crate::bot::kit::{self, go};
use crate::bot::page::page;
use crate::bot::route::CustomerRoute as C;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::checkout::Order;
use crate::shop::payments::{self, Audience, ChooseError, Kind, Need, Payment, State};

/// The screen of a payment that was just opened: the choice of a kind, or at once how to pay.
pub async fn opened(turn: &Turn, payment: &Payment, order: Option<&Order>) -> Result<Screen, Fault> {
    let kinds = kinds(turn, payment).await?;
    if kinds.len() > 1 {
        Ok(view(&turn.voice(), payment, &kinds))
    } else {
        payment::screen_of(turn, payment, order, &kinds).await
    }
}

/// The kinds by which an open payment can be paid now, its own among them; none when it is not open.
pub async fn kinds(turn: &Turn, payment: &Payment) -> Result<Vec<Kind>, Fault> {
    if payment.state != State::Open {
        return Ok(Vec::new());
    }
    let audience = Audience::who_pays(payment.purpose, &turn.who.person);
    let need = Need { amount: payment.price, kind: None, audience, now: turn.now, zone: turn.settings.zone() };
    payments::kinds(&turn.app.db, &need, &payment.method).await
}

/// The choice, once more.
pub async fn show(turn: &Turn, id: PaymentId) -> Result<Answer, Fault> {
    match payment::own(turn, id).await? {
        Some((payment, order)) => Ok(opened(turn, &payment, order.as_ref()).await?.into()),
        None => Ok(not_yours(turn)),
    }
}

fn view(voice: &Voice, payment: &Payment, kinds: &[Kind]) -> Screen {
    let amount = voice.t_args("pay-amount", &args!["amount" => voice.money(payment.price)]);
    let rows = kinds.iter().map(|kind| vec![go(voice, C::Way { payment: payment.id, kind: *kind })]);
    Screen::new(page(&payment::title(voice, payment), [amount], voice.t("way-ask")))
        .rows(rows)
        .row([payment::give_up(voice, payment)])
        .row(kit::home(voice))
}

/// A kind was chosen.
pub async fn choose(turn: &Turn, customer: &Customer, id: PaymentId, kind: Kind) -> Result<Answer, Fault> {
    let (at, who) = ((turn.settings.zone(), turn.now), customer.clone());
    let outcome = turn.app.write(move |tx| Box::pin(async move { payments::choose(tx, &who, (id, kind), at).await })).await;
    let voice = turn.voice();
    match outcome {
        Ok(_) | Err(ChooseError::NotOpen(_)) => payment::show(turn, id).await,
        Err(ChooseError::NotYours) => Ok(not_yours(turn)),
        Err(ChooseError::NoMethod { when }) => {
            let told = match when {
                Some(when) => voice.label("way-none-until", &args!["moment" => voice.moment(when)]),
                None => voice.t("way-none").to_owned(),
            };
            let mut answer = show(turn, id).await?;
            answer.toast = Answer::alert(told).toast;
            Ok(answer)
        }
        Err(ChooseError::Fault(fault)) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::super::payment::tests::{payment, top_up};
    use super::view;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::payments::{Kind, State};

    #[test]
    fn the_choice_of_a_way_to_pay_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| vec![
            view(voice, &payment(State::Open), &Kind::ALL),
            view(voice, &top_up(State::Open), &[Kind::Card, Kind::Crypto]),
        ]));
    }
}
