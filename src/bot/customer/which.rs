//! For which order a receipt is that came unasked: when several could be meant, it is kept until one of them is named, whatever is
//! asked or opened meanwhile.
use super::payment;
use super::receipt::{answered, is_after, new_in, received_view};
use crate::base::format::Voice;
use crate::base::{DAY, Fault, Page, PaymentId};
use crate::bot::input;
use crate::bot::kit::{self, ROWS_MAX, pick};
use crate::bot::page::paragraphs;
use crate::bot::route::CustomerRoute as C;
use crate::bot::said::Said;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::checkout;
use crate::shop::payments::{self, NewReceipt, Payment, State, SubmitError};

/// How long after its end an order's receipt is still taken for it unasked.
const LATE_MAX: i64 = 3 * DAY;
/// So many receipts are kept while we ask for which order they are.
const KEPT_MAX: usize = 40;

/// A receipt that nobody asked for; `None` when no payment can be meant by it.
pub async fn payment(turn: &Turn, customer: &Customer, said: &Said) -> Result<Option<Answer>, Fault> {
    let candidates = waiting_for(turn).await?;
    match candidates.as_slice() {
        [] => Ok(None),
        [only] => match (input::kept(turn).await?, new_in(turn, said)) {
            // The others that it could be for have ended since.
            (kept, Some(Ok(new))) if !kept.is_empty() => {
                take(turn, customer, only.id, [kept, vec![new]].concat()).await.map(Some)
            }
            _ => answered(turn, customer, only.id, said).await.map(Some),
        },
        _ => ask(turn, &candidates, said).await.map(Some),
    }
}

/// The payments that a receipt could be for: those that wait for one, else the newest that ended without one lately.
async fn waiting_for(turn: &Turn) -> Result<Vec<Payment>, Fault> {
    let (mut found, _) = payments::of_person(turn.app.db.read(), turn.who.person.id, Page::new(0, ROWS_MAX)).await?;
    found.retain(|payment| is_after(turn, payment));
    let is_open = |payment: &Payment| matches!(payment.state, State::Open | State::Submitted);
    if found.iter().any(is_open) {
        found.retain(is_open);
        return Ok(found);
    }
    let late = |payment: &Payment| {
        matches!(payment.state, State::Expired | State::Cancelled) && turn.now.since(payment.expires_at) <= LATE_MAX
    };
    Ok(found.into_iter().find(late).into_iter().collect())
}

/// Asks for which order it is, and keeps it until that is said. Of an album it is asked once.
async fn ask(turn: &Turn, candidates: &[Payment], said: &Said) -> Result<Answer, Fault> {
    let view = |word: Option<&str>| Ok(view(&turn.voice(), candidates, word).into());
    let new = match new_in(turn, said).transpose() {
        Ok(Some(new)) => new,
        Ok(None) => return view(None),
        Err(word) => return view(Some(&word)),
    };
    let mut receipts = input::kept(turn).await?;
    receipts.retain(|kept| kept.update != new.update);
    if receipts.len() >= KEPT_MAX {
        return view(Some(turn.voice().t("receipt-which-full")));
    }
    let asked = new.album.is_some() && receipts.iter().any(|kept| kept.album == new.album);
    receipts.push(new);
    let mine = turn.clone();
    turn.app.write(move |tx| Box::pin(async move { input::keep(tx, &mine, &receipts).await })).await?;
    if asked { Ok(Answer::nothing()) } else { view(None) }
}

/// The question again, after something that names no order; `None` when nothing is kept, or no order could be meant any more.
pub async fn again(turn: &Turn, word: &str) -> Result<Option<Answer>, Fault> {
    if input::kept(turn).await?.is_empty() {
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
    let kept = input::kept(turn).await?;
    if kept.is_empty() { payment::show(turn, id).await } else { take(turn, customer, id, kept).await }
}

/// Takes several at once, and speaks of them once.
pub async fn take(turn: &Turn, customer: &Customer, id: PaymentId, receipts: Vec<NewReceipt>) -> Result<Answer, Fault> {
    let (mine, who) = (turn.clone(), customer.clone());
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let mut first = None;
                for new in &receipts {
                    let received = checkout::receipt(tx, &who, (id, new), &mine.settings, mine.now).await?;
                    first.get_or_insert(received);
                }
                input::drop_kept(tx, &mine).await?;
                Ok::<_, SubmitError>(first)
            })
        })
        .await;
    match outcome {
        Ok(Some(received)) => {
            let usually = payments::median_review_minutes(&turn.app.db, turn.now).await?;
            Ok(received_view(&turn.voice(), &received, usually).into())
        }
        Ok(None) | Err(SubmitError::Decided { .. }) => payment::show(turn, id).await,
        Err(SubmitError::NotYours) => Ok(super::order::not_yours(turn)),
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
