//! Receipts on their way in: a photo, an image, a PDF, the bank's tracking number, or a transaction's hash.
//!
//! A receipt is never lost: one that nobody asked for goes to the payment that waits for it, a late one to the payment
//! that just expired. What cannot be a receipt gets a kind word and the question again. A message that is changed afterwards is
//! read again, and what is new in it is one more receipt of the same payment.
use super::{home, payment, which};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, PaymentId};
use crate::bot::input::{self, Input};
use crate::bot::kit::{self, go};
use crate::bot::page::paragraphs;
use crate::bot::route::CustomerRoute as C;
use crate::bot::said::{Attached, FileKind, Said, tracking_number, transaction_hash, transfer_message};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::checkout::{self, Received};
use crate::shop::payments::{self, Kind, NewReceipt, Payment, Purpose, Receipt, ReceiptKind, SubmitError};

const MEGABYTE: u64 = 1 << 20;

/// Opens the question.
pub async fn ask(turn: &Turn, customer: &Customer, id: PaymentId) -> Result<Answer, Fault> {
    let Some((payment, order)) = payment::own(turn, id).await? else { return Ok(super::order::not_yours(turn)) };
    if payment.state.is_decided() {
        return Ok(payment::screen(turn, &payment, order.as_ref()).await?.into());
    }
    // What came before its order was named is its receipt now.
    if let Some(taken) = which::kept_for(turn, customer, &payment).await? {
        return Ok(taken);
    }
    open(turn, id).await?;
    Ok(question(turn, &payment, None).await?.into())
}

/// What comes next answers it.
async fn open(turn: &Turn, id: PaymentId) -> Result<(), Fault> {
    let mine = turn.clone();
    turn.app.write(move |tx| Box::pin(async move { Input::Receipt { payment: id }.open(tx, &mine).await })).await
}

/// The question again, after something that was no answer to it: `word` says kindly why.
async fn again(turn: &Turn, id: PaymentId, word: &str) -> Result<Answer, Fault> {
    match payment::own(turn, id).await? {
        Some((payment, _)) if !payment.state.is_decided() => {
            if !asks_for(turn, id) {
                open(turn, id).await?;
            }
            Ok(question(turn, &payment, Some(word)).await?.into())
        }
        _ => {
            input::close_now(turn).await?;
            Ok(home::unexpected(turn).into())
        }
    }
}

async fn question(turn: &Turn, payment: &Payment, word: Option<&str>) -> Result<Screen, Fault> {
    let in_coins = is_in_coins(turn, payment).await?;
    Ok(ask_view(&turn.voice(), (payment, in_coins), turn.settings.receipt_megabytes_max, word))
}

async fn is_in_coins(turn: &Turn, payment: &Payment) -> Result<bool, Fault> {
    let method = payments::method(turn.app.db.read(), &payment.method).await?;
    Ok(method.is_some_and(|method| method.kind == Kind::Crypto))
}

/// What is said of a text that is no number.
async fn unreadable(turn: &Turn, id: PaymentId) -> Result<&'static str, Fault> {
    let in_coins = match payments::get(turn.app.db.read(), id).await? {
        Some(payment) => is_in_coins(turn, &payment).await?,
        None => false,
    };
    Ok(turn.voice().t(if in_coins { "receipt-not-a-hash" } else { "receipt-not-a-number" }))
}

/// What is asked for; of coins the transaction's hash.
fn ask_view(voice: &Voice, (payment, in_coins): (&Payment, bool), megabytes: i64, word: Option<&str>) -> Screen {
    let title = match payment.purpose {
        Purpose::Order(order) => voice.t_args("receipt-title", &args!["order" => Arg::code(order.to_string())]),
        Purpose::Wallet | Purpose::Credit => {
            voice.t_args("receipt-title-topup", &args!["payment" => Arg::code(payment.id.to_string())])
        }
    };
    let amount = voice.t_args("pay-amount", &args!["amount" => voice.money(payment.due)]);
    let most = args!["megabytes" => megabytes];
    let ask = if in_coins { voice.t_args("receipt-ask-crypto", &most) } else { voice.t_args("receipt-ask", &most) };
    let text = paragraphs(&[word.unwrap_or_default().to_owned(), title, amount, ask]);
    Screen::new(text).row(kit::back(voice, C::Payment { payment: payment.id }))
}

/// A message while a receipt is awaited.
pub async fn answered(turn: &Turn, customer: &Customer, id: PaymentId, said: &Said) -> Result<Answer, Fault> {
    match answer_in(turn, id, said).await? {
        Ok(new) => taken(turn, customer, id, new).await,
        Err(word) => again(turn, id, &word).await,
    }
}

/// The receipt that an answer to the question is, or a kind word why it is none.
async fn answer_in(turn: &Turn, id: PaymentId, said: &Said) -> Result<Result<NewReceipt, String>, Fault> {
    Ok(match said {
        Said::File(file) => readable(turn, file),
        Said::Text(text) => match number_in(text).or_else(|| transfer_message(text)) {
            Some(number) => Ok(text_receipt(turn, number)),
            None => Err(unreadable(turn, id).await?.to_owned()),
        },
        Said::Contact { .. } | Said::Other | Said::Command { .. } | Said::Service => {
            Err(turn.voice().t("receipt-wrong-kind").to_owned())
        }
    })
}

/// The receipt that a file is, or a kind word why it is none.
fn readable(turn: &Turn, file: &Attached) -> Result<NewReceipt, String> {
    let voice = turn.voice();
    let most = u64::try_from(turn.settings.receipt_megabytes_max).unwrap_or(1);
    if file.bytes > most * MEGABYTE {
        let megabytes = i64::try_from(file.bytes.div_ceil(MEGABYTE)).unwrap_or(i64::MAX);
        let args = args!["size" => megabytes, "most" => turn.settings.receipt_megabytes_max];
        return Err(voice.t_args("receipt-too-large", &args));
    }
    file_receipt(turn, file).ok_or_else(|| voice.t("receipt-wrong-file").to_owned())
}

fn file_receipt(turn: &Turn, file: &Attached) -> Option<NewReceipt> {
    let kind = match file.kind {
        FileKind::Photo => ReceiptKind::Photo,
        FileKind::Image => ReceiptKind::Image,
        FileKind::Pdf => ReceiptKind::Pdf,
        FileKind::Other => return None,
    };
    let caption = file.caption.as_ref().map(|caption| caption.chars().take(500).collect());
    let (file_id, file_key) = (Some(file.file_id.clone()), Some(file.file_key.clone()));
    Some(NewReceipt { file_id, file_key, text: caption, album: file.album.clone(), ..receipt_of(turn, kind) })
}

/// A receipt that comes with this update, and says nothing yet.
fn receipt_of(turn: &Turn, kind: ReceiptKind) -> NewReceipt {
    NewReceipt {
        kind,
        file_id: None,
        file_key: None,
        text: None,
        album: None,
        message: turn.at.written.map(|written| written.message.into()),
        edited: false,
        update: turn.update,
    }
}

/// The number that names a transfer: a bank's, or a transaction's hash.
fn number_in(text: &str) -> Option<String> {
    tracking_number(text).or_else(|| transaction_hash(text))
}

fn text_receipt(turn: &Turn, number: String) -> NewReceipt {
    NewReceipt { text: Some(number), ..receipt_of(turn, ReceiptKind::Text) }
}

/// Takes a receipt, and says so; of an album only the first picture is spoken of.
async fn taken(turn: &Turn, customer: &Customer, id: PaymentId, new: NewReceipt) -> Result<Answer, Fault> {
    let (mine, who, album) = (turn.clone(), customer.clone(), new.album.clone());
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let received = checkout::receipt(tx, &who, (id, &new), &mine.settings, mine.now).await?;
                if !mine.at.is_edit() || asks_for(&mine, id) {
                    input::close(tx, &mine).await?;
                }
                Ok::<_, SubmitError>(received)
            })
        })
        .await;
    match outcome {
        Ok(received) if follows_another(turn, &received, album.as_deref()).await? => Ok(Answer::nothing()),
        Ok(received) => {
            let usually = payments::median_review_minutes(&turn.app.db, turn.now).await?;
            Ok(received_view(&turn.voice(), &received, usually).into())
        }
        Err(SubmitError::Decided { .. }) => payment::show(turn, id).await,
        Err(SubmitError::NotYours) => Ok(super::order::not_yours(turn)),
        Err(SubmitError::Fault(fault)) => Err(fault),
    }
}

/// Is a receipt of this payment what is asked for now?
fn asks_for(turn: &Turn, id: PaymentId) -> bool {
    matches!(turn.who.input, Some(Input::Receipt { payment }) if payment == id)
}

/// Did another file of its album come before it? Then that one was answered.
async fn follows_another(turn: &Turn, received: &Received, album: Option<&str>) -> Result<bool, Fault> {
    let Some(album) = album else { return Ok(false) };
    let receipts = payments::receipts(turn.app.db.read(), received.payment.id).await?;
    let before = usize::try_from(received.receipt_no - 1).unwrap_or_default();
    Ok(receipts.iter().take(before).any(|receipt| receipt.album.as_deref() == Some(album)))
}

pub(super) fn received_view(voice: &Voice, received: &Received, usually: Option<i64>) -> Screen {
    let named = |id: String, number: i64| args!["order" => Arg::code(id), "count" => number];
    let title = match (received.payment.purpose, received.receipt_no) {
        (Purpose::Order(order), 1) => voice.t_args("receipt-taken", &args!["order" => Arg::code(order.to_string())]),
        (Purpose::Order(order), number) => voice.t_args("receipt-taken-more", &named(order.to_string(), number)),
        (Purpose::Wallet | Purpose::Credit, _) => {
            voice.t_args("receipt-taken-topup", &args!["payment" => Arg::code(received.payment.id.to_string())])
        }
    };
    let lent = if received.provisional { voice.t("receipt-provisional").to_owned() } else { String::new() };
    let service = received.order.as_ref().filter(|_| received.provisional);
    let service = service.map(|order| go(voice, C::Service { subscription: order.subscription }));
    Screen::new(paragraphs(&[title, payment::waiting(voice, usually), lent]))
        .row(service)
        .row([go(voice, C::Payment { payment: received.payment.id })])
        .row(kit::home(voice))
        .keep()
}

/// A file or a number that nobody asked for; `None` when no payment can be meant by it.
pub async fn unasked(turn: &Turn, customer: &Customer, said: &Said) -> Result<Option<Answer>, Fault> {
    let is_number = matches!(said, Said::Text(text) if number_in(text).is_some());
    if !is_number && !matches!(said, Said::File(_)) {
        return Ok(None);
    }
    // It was taken with this very update, and the answer did not arrive: it is answered again.
    if let Some(taken) = payments::taken_with(turn.app.db.read(), turn.update).await? {
        return answered(turn, customer, taken, said).await.map(Some);
    }
    // The rest of an album goes where its first file went.
    if let Said::File(Attached { album: Some(album), .. }) = said
        && let Some(first) = payments::taken_of_album(turn.app.db.read(), turn.who.person.id, album).await?
    {
        return answered(turn, customer, first, said).await.map(Some);
    }
    which::payment(turn, customer, said).await
}

/// The receipt that a message is; `None` when it is nothing of the kind, and a kind word when it is no good as one.
pub(super) fn new_in(turn: &Turn, said: &Said) -> Option<Result<NewReceipt, String>> {
    match said {
        Said::File(file) => Some(readable(turn, file)),
        Said::Text(text) => number_in(text).map(|number| Ok(text_receipt(turn, number))),
        Said::Contact { .. } | Said::Other | Said::Command { .. } | Said::Service => None,
    }
}

/// Can the message of this turn be about the payment? One that was changed is no receipt of what was opened after it: it may
/// have named the amount of a top-up.
fn is_after(turn: &Turn, payment: &Payment) -> bool {
    turn.at.written.is_none_or(|written| !written.edited || payment.opened_at < written.at)
}

/// A message was edited. One that was taken as a receipt is one more of the same payment, and the admins see both; any other
/// is read as if it came now. An edit that changes nothing of a receipt is passed over: Telegram tells of those too; and so
/// is one that makes no receipt of what was none, while no receipt is awaited.
pub async fn edited(turn: &Turn, customer: &Customer, said: &Said) -> Result<Answer, Fault> {
    let conn = turn.app.db.read();
    if let Some(taken) = payments::taken_with(conn, turn.update).await? {
        return answered(turn, customer, taken, said).await;
    }
    let message = turn.at.written.map_or(0, |written| written.message.into());
    if let Some(known) = payments::taken_of_message(conn, customer.id, message).await? {
        return changed(turn, customer, &known, said).await;
    }
    if let Some(Input::Receipt { payment }) = turn.who.input {
        return match payments::get(conn, payment).await? {
            Some(asked) if !is_after(turn, &asked) => again(turn, payment, "").await,
            _ => answered(turn, customer, payment, said).await,
        };
    }
    match new_in(turn, said) {
        Some(Ok(_)) => Ok(unasked(turn, customer, said).await?.unwrap_or_default()),
        Some(Err(_)) | None => Ok(Answer::nothing()),
    }
}

/// What a receipt's message was made into.
async fn changed(turn: &Turn, customer: &Customer, known: &Receipt, said: &Said) -> Result<Answer, Fault> {
    match answer_in(turn, known.payment, said).await? {
        Ok(new) if known.is_same_as(&new) => Ok(Answer::nothing()),
        Ok(new) => taken(turn, customer, known.payment, NewReceipt { edited: true, ..new }).await,
        Err(word) => match payments::get(turn.app.db.read(), known.payment).await? {
            Some(payment) if payment.state.is_decided() => payment::show(turn, payment.id).await,
            // The receipt stays as it was, and another question that is open now is not disturbed.
            _ if turn.who.input.is_some() && !asks_for(turn, known.payment) => Ok(Answer::nothing()),
            _ => again(turn, known.payment, &word).await,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::payment::tests::{payment, top_up};
    use super::ask_view;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::payments::State;

    #[test]
    fn the_question_for_a_receipt_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| {
            let open = payment(State::Open);
            vec![
                ask_view(voice, (&open, false), 10, None),
                ask_view(voice, (&open, true), 10, None),
                ask_view(voice, (&open, false), 10, Some(voice.t("receipt-wrong-file"))),
                ask_view(voice, (&top_up(State::Open), false), 10, None),
            ]
        }));
    }
}
