//! For which order a receipt is that came unasked: when several could be meant, it is kept until one of them is named, whatever is
//! asked or opened meanwhile. Who names none leaves it to the shop ([`checkout::name_receipts`]).
use super::payment;
use super::receipt::{answered, new_in, received_view};
use crate::base::format::Voice;
use crate::base::{Fault, PaymentId, Time};
use crate::bot::input::{self, Input};
use crate::bot::kit::{self, pick};
use crate::bot::page::paragraphs;
use crate::bot::route::CustomerRoute as C;
use crate::bot::said::Said;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::checkout::{self, Keeping};
use crate::shop::payments::{self, NewReceipt, Payment, SubmitError, Unnamed};

/// A receipt that nobody asked for; `None` when no payment can be meant by it.
pub async fn payment(turn: &Turn, customer: &Customer, said: &Said) -> Result<Option<Answer>, Fault> {
    let candidates = waiting_for(turn).await?;
    match candidates.as_slice() {
        [] => Ok(None),
        [only] => match new_in(turn, said) {
            // The others that it could be for have ended since.
            Some(Ok(new)) if has_kept(turn).await? => take(turn, customer, only, Some(new)).await,
            _ => answered(turn, customer, only.id, said).await.map(Some),
        },
        _ => ask(turn, &candidates, said).await.map(Some),
    }
}

/// When the message of this turn came, as far as it is a receipt: one that was changed is none of what was opened after it; it may
/// have named the amount of a top-up. Telegram tells that time to the second.
fn came_at(turn: &Turn) -> Time {
    match turn.at.written {
        Some(written) if written.edited => written.at.after(-1),
        _ => turn.now,
    }
}

async fn waiting_for(turn: &Turn) -> Result<Vec<Payment>, Fault> {
    payments::meant(turn.app.db.read(), turn.who.person.id, (came_at(turn), turn.now)).await
}

async fn has_kept(turn: &Turn) -> Result<bool, Fault> {
    payments::has_unnamed(turn.app.db.read(), turn.who.person.id, turn.now).await
}

/// Asks for which order it is, and keeps it until that is said. Of an album it is asked once.
async fn ask(turn: &Turn, candidates: &[Payment], said: &Said) -> Result<Answer, Fault> {
    let view = |word: Option<&str>| Ok(view(&turn.voice(), candidates, word).into());
    let new = match new_in(turn, said).transpose() {
        Ok(Some(new)) => new,
        Ok(None) => return view(None),
        Err(word) => return view(Some(&word)),
    };
    let person = turn.who.person.id;
    let new = Unnamed { receipt: new, came_at: came_at(turn), kept_at: turn.now };
    match turn.app.write(move |tx| Box::pin(async move { checkout::keep_receipt(tx, person, new).await })).await? {
        Keeping::Kept => view(None),
        Keeping::WithItsAlbum => Ok(Answer::nothing()),
        Keeping::Full => view(Some(turn.voice().t("receipt-which-full"))),
    }
}

/// The question again, after something that names no order; `None` when nothing is kept, or no order could be meant any more.
pub async fn again(turn: &Turn, word: &str) -> Result<Option<Answer>, Fault> {
    if !has_kept(turn).await? {
        return Ok(None);
    }
    let candidates = waiting_for(turn).await?;
    if candidates.is_empty() {
        return Ok(None);
    }
    let mut screen = view(&turn.voice(), &candidates, None);
    screen.text = paragraphs(&[word.to_owned(), screen.text]);
    Ok(Some(screen.into()))
}

/// `word`: why what was sent is no receipt; then it has to be sent again.
fn view(voice: &Voice, candidates: &[Payment], word: Option<&str>) -> Screen {
    let rows = candidates.iter().map(|payment| {
        let number = payment.purpose.order().map_or_else(|| payment.id.to_string(), |order| order.to_string());
        let line = format!("#{number} · {}", voice.money(payment.due));
        let route = match word {
            None => C::ReceiptFor { payment: payment.id },
            Some(_) => C::SendReceipt { payment: payment.id },
        };
        vec![pick(route, line)]
    });
    let ask = voice.t(if word.is_some() { "receipt-which-again" } else { "receipt-which-ask" });
    let title = voice.t("receipt-which-title").to_owned();
    let text = paragraphs(&[word.unwrap_or_default().to_owned(), title, ask.to_owned()]);
    Screen::new(text).rows(rows).row(kit::home(voice))
}

/// What was kept is for this payment.
pub async fn named(turn: &Turn, customer: &Customer, id: PaymentId) -> Result<Answer, Fault> {
    let Some((payment, _)) = payment::own(turn, id).await? else { return Ok(super::order::not_yours(turn)) };
    match kept_for(turn, customer, &payment).await? {
        Some(answer) => Ok(answer),
        None => payment::show(turn, id).await,
    }
}

/// Takes what was kept and can be of this payment; `None` when that is nothing.
pub async fn kept_for(turn: &Turn, customer: &Customer, payment: &Payment) -> Result<Option<Answer>, Fault> {
    if has_kept(turn).await? { take(turn, customer, payment, None).await } else { Ok(None) }
}

/// Takes several at once, and speaks of them once. Whatever receipt or amount was asked for is asked no more: what comes next may be
/// for this payment, too.
async fn take(turn: &Turn, customer: &Customer, payment: &Payment, also: Option<NewReceipt>) -> Result<Option<Answer>, Fault> {
    let (mine, who, about) = (turn.clone(), customer.clone(), payment.clone());
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let first = checkout::receipts_for(tx, &who, (&about, also.as_ref()), &mine.settings, mine.now).await?;
                if first.is_some() && matches!(mine.who.input, Some(Input::Receipt { .. } | Input::TopUp)) {
                    input::close(tx, &mine).await?;
                }
                Ok::<_, SubmitError>(first)
            })
        })
        .await;
    match outcome {
        Ok(Some(received)) => {
            let usually = payments::median_review_minutes(&turn.app.db, turn.now).await?;
            Ok(Some(received_view(&turn.voice(), &received, usually).into()))
        }
        Ok(None) => Ok(None),
        Err(SubmitError::Decided { .. }) => payment::show(turn, payment.id).await.map(Some),
        Err(SubmitError::NotYours) => Ok(Some(super::order::not_yours(turn))),
        Err(SubmitError::Fault(fault)) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::super::payment::tests::{payment, top_up};
    use super::view;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::payments::State;

    #[test]
    fn the_question_for_which_order_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| {
            let both = [payment(State::Open), top_up(State::Submitted)];
            vec![view(voice, &both, None), view(voice, &both, Some(voice.t("receipt-wrong-file")))]
        }));
    }
}
