//! What an admin decides about a payment: by the card's buttons, by a typed answer, or by a command.
//!
//! The first decision wins; whoever comes later is told who it was and when, and sees the card as it is. Each act is one
//! verb in one transaction, which also queues the card's new drawing for everybody, unless the answer is that.
use super::card::{self, Ask};
use super::words::{self, go};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, PaymentId, PersonId, parse_amount};
use crate::bot::input::{self, Input};
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Screen, Toast};
use crate::bot::turn::Turn;
use crate::queue::jobs;
use crate::shop::accounts::{self, Admin, Right};
use crate::shop::checkout::{self, CardFacts, ReviewCard, ReviewError, UndoError};
use crate::shop::payments::{self, Flag, Payment, RejectReason, State};

/// Letters of a typed reason: it is read on a phone.
const REASON_MAX: usize = 300;

/// A decision.
#[derive(Debug, Clone)]
enum Verdict {
    Approve(Option<Money>),
    Reject(RejectReason, bool),
}

pub async fn approve(turn: &Turn, by: Admin, payment: PaymentId, amount: Option<i64>) -> Result<Answer, Fault> {
    let amount = match amount {
        None => None,
        Some(minor) => match payments::get(turn.app.db.read(), payment).await? {
            Some(known) => Some(Money::new(minor, known.due.asset)),
            None => return Ok(Answer::alert(turn.voice().t("admin-payment-unknown"))),
        },
    };
    decide(turn, by, payment, Verdict::Approve(amount)).await
}

pub async fn reject(turn: &Turn, by: Admin, payment: PaymentId, reason: RejectReason) -> Result<Answer, Fault> {
    decide(turn, by, payment, Verdict::Reject(reason, false)).await
}

/// A rejection that bars the person too; the reason follows from the warnings.
pub async fn reject_and_ban(turn: &Turn, by: Admin, payment: PaymentId) -> Result<Answer, Fault> {
    let known = payments::get(turn.app.db.read(), payment).await?;
    // An owner of the environment has no row among those who hold a role.
    if known.as_ref().is_some_and(|known| turn.app.owners.contains(&known.person)) {
        return refused(turn, by, payment, ReviewError::CannotBan).await;
    }
    let twin = |flag: &Flag| matches!(flag, Flag::SamePhoto | Flag::AlikePhoto | Flag::SameNumber);
    let used = known.is_some_and(|payment| payment.flags.iter().any(twin));
    let reason = if used { RejectReason::Duplicate } else { RejectReason::NotReceived };
    decide(turn, by, payment, Verdict::Reject(reason, true)).await
}

async fn decide(turn: &Turn, by: Admin, payment: PaymentId, verdict: Verdict) -> Result<Answer, Fault> {
    let (now, asked) = (turn.now, turn.clone());
    let outcome: Result<_, ReviewError> = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let (decided, order) = match verdict {
                    Verdict::Approve(amount) => {
                        let approved = checkout::approve(tx, &by, payment, amount, now).await?;
                        (approved.payment, approved.order)
                    }
                    Verdict::Reject(reason, ban) => {
                        let rejected = checkout::reject(tx, &by, payment, (reason, ban), now).await?;
                        (rejected.payment, rejected.order)
                    }
                };
                // The answer to a tap on the card draws it; if that fails, the update is handled again.
                if !card::is_under_tap(&asked, &decided) {
                    jobs::enqueue(tx, &ReviewCard { payment }, now, None).await?;
                }
                if asked.who.input.as_ref().is_some_and(|input| asks_about(input, payment)) {
                    input::close(tx, &asked).await?;
                }
                Ok((decided, order))
            })
        })
        .await;
    match outcome {
        Ok(decided) => {
            let facts = checkout::decided_card(&turn.app.db, decided, &turn.who.person).await?;
            Ok(card::of(turn, &facts, Ask::Decide).into())
        }
        Err(error) => refused(turn, by, payment, error).await,
    }
}

fn asks_about(input: &Input, about: PaymentId) -> bool {
    matches!(input, Input::ReviewAmount { payment } | Input::ReviewReason { payment } if *payment == about)
}

/// The card as it is now: in the place of a tapped card, or as a new message after a command.
async fn after(turn: &Turn, payment: PaymentId, alert: Option<String>) -> Result<Answer, Fault> {
    let mut answer = card::show(turn, payment, Ask::Decide).await?;
    answer.toast = alert.map(Toast::Alert).or(answer.toast);
    Ok(answer)
}

async fn refused(turn: &Turn, by: Admin, payment: PaymentId, error: ReviewError) -> Result<Answer, Fault> {
    let late = match &error {
        ReviewError::AlreadyDecided { by: first, .. } => Some(*first),
        _ => None,
    };
    let who = match late {
        Some(first) if first != PersonId(0) => accounts::person(turn.app.db.read(), first).await?,
        _ => None,
    };
    let told = words::review_refusal(&turn.voice(), by, error, who.as_ref())?;
    // A tapped card that is behind the times is drawn again; a typed command is answered with the words alone.
    if late.is_some() && turn.at.tap.is_some() {
        return after(turn, payment, Some(told)).await;
    }
    Ok(Answer::alert(told))
}

/// Takes a decision back.
pub async fn undo(turn: &Turn, by: Admin, payment: PaymentId) -> Result<Answer, Fault> {
    let now = turn.now;
    let outcome = turn.app.write(move |tx| Box::pin(async move { checkout::undo(tx, &by, payment, now).await.map(drop) })).await;
    let voice = turn.voice();
    let told = match outcome {
        Ok(()) => None,
        Err(UndoError::Unknown) => Some(voice.t("admin-payment-unknown").to_owned()),
        Err(UndoError::NotAllowed(why)) => Some(words::not_allowed(&voice, by, why)),
        Err(UndoError::NotDecided) => Some(voice.t("admin-undo-nothing").to_owned()),
        Err(UndoError::TooLate) => Some(voice.t("admin-undo-late").to_owned()),
        Err(UndoError::Delivered) => Some(voice.t("admin-undo-delivered").to_owned()),
        Err(UndoError::Renewed) => Some(voice.t("admin-undo-renewed").to_owned()),
        Err(UndoError::Spent) => Some(voice.t("admin-undo-spent").to_owned()),
        Err(UndoError::Fault(fault)) => return Err(fault),
    };
    after(turn, payment, told).await
}

/// The card with another question on it, for an admin who may answer it.
pub async fn ask(turn: &Turn, by: Admin, payment: PaymentId, ask: Ask) -> Result<Answer, Fault> {
    match words::lacks(&turn.voice(), by, Right::Money) {
        Some(told) => Ok(Answer::alert(told)),
        None => card::show(turn, payment, ask).await,
    }
}

/// Asks for what is typed: the amount that came, or a reason.
pub async fn ask_typed(turn: &Turn, by: Admin, input: Input) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let (Input::ReviewAmount { payment } | Input::ReviewReason { payment }) = input else { return Ok(Answer::nothing()) };
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Answer::alert(told));
    }
    let known = match payments::get(turn.app.db.read(), payment).await? {
        Some(known) if known.state == State::Submitted => known,
        Some(_) => return after(turn, payment, Some(voice.t("admin-payment-not-waiting").to_owned())).await,
        None => return Ok(Answer::alert(voice.t("admin-payment-unknown"))),
    };
    let question = question(turn, &known, &input, "");
    let mine = turn.clone();
    turn.app.write(move |tx| Box::pin(async move { input.open(tx, &mine).await })).await?;
    Ok(question.keep().into())
}

/// The question, after what was wrong with the last answer.
fn question(turn: &Turn, payment: &Payment, input: &Input, wrong: &str) -> Screen {
    let voice = turn.voice();
    let named = args!["id" => Arg::code(format!("#{}", payment.id)), "amount" => voice.money(payment.due)];
    let text = match input {
        Input::ReviewAmount { .. } => voice.t_args("admin-ask-amount", &named),
        _ => voice.t_args("admin-ask-reason", &named),
    };
    let text = if wrong.is_empty() { text } else { format!("{wrong}\n\n{text}") };
    Screen::new(text).row([words::stop(&voice)])
}

/// The amount was typed: it is shown with what it does, and waits for a yes.
pub async fn amount_typed(turn: &Turn, payment: PaymentId, typed: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(facts) = checkout::card(&turn.app.db, payment).await? else {
        return Ok(Answer::alert(voice.t("admin-payment-unknown")));
    };
    let due = facts.payment.due;
    let whole = 10_i64.pow(due.asset.exponent());
    let Some(minor) = parse_amount(typed).and_then(|amount| amount.checked_mul(whole)).filter(|minor| *minor > 0) else {
        let input = Input::ReviewAmount { payment };
        return Ok(question(turn, &facts.payment, &input, voice.t("admin-amount-unread")).into());
    };
    let amount = Money::new(minor, due.asset);
    let text = amount_does(&voice, &facts, amount);
    Ok(Screen::new(text).row([words::stop(&voice)]).row([go(&voice, A::ApproveAs { payment, amount: minor })]).into())
}

/// What approving another amount does.
fn amount_does(voice: &Voice, facts: &CardFacts, amount: Money) -> String {
    let (id, due) = (Arg::code(format!("#{}", facts.payment.id)), voice.money(facts.payment.due));
    let Some(order) = &facts.order else {
        return voice.t_args("admin-amount-topup", &args!["id" => id, "amount" => voice.money(amount), "due" => due]);
    };
    let price = order.to_pay();
    let shown = args![
        "id" => id,
        "amount" => voice.money(amount),
        "due" => due,
        "price" => voice.money(price),
        "rest" => voice.money(amount.minus(price).map_or(price, |rest| Money::new(rest.minor.abs(), rest.asset))),
    ];
    if amount.minor >= price.minor {
        voice.t_args("admin-amount-enough", &shown)
    } else {
        voice.t_args("admin-amount-short", &shown)
    }
}

/// The reason was typed.
pub async fn reason_typed(turn: &Turn, by: Admin, payment: PaymentId, typed: &str) -> Result<Answer, Fault> {
    let reason: String = typed.trim().chars().take(REASON_MAX).collect();
    reject(turn, by, payment, RejectReason::Other(reason)).await
}
