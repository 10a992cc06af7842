//! Credit and debit, of a wallet or of an agent's credit account: amount and reason are typed, shown with exact numbers, and
//! done by a tap; or asked of a second owner, when it is more than this admin may do alone.
//!
//! The act's key is minted with the screen that shows it, and lies with what was typed in the dialogue: a second tap finds
//! nothing to do, and another admin's tap finds no question of his own.
use super::words::{self, go};
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{Fault, Money, PersonId, leading_amount, parse_amount};
use crate::bot::input::{self, Input};
use crate::bot::page::paragraphs;
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{self, Admin, Person, Right};
use crate::shop::agents;
use crate::shop::checkout::{self, Corrected, Correction, CorrectionError, Purse, account_of, correct};

const REASON_MAX: usize = 200;

/// Whose account, which, and whether something is added.
type Aim = (PersonId, Purse, bool);

/// The person and what can be spent of the account; `None` when there is no such account.
async fn load(turn: &Turn, (id, purse, _): Aim) -> Result<Option<(Person, Money)>, Fault> {
    let conn = turn.app.db.read();
    let Some(person) = accounts::person(conn, id).await? else { return Ok(None) };
    if purse == Purse::Credit {
        let agency = agents::agency(conn, id).await?;
        if agency.is_none_or(|agency| agency.state == agents::State::Closed) {
            return Ok(None);
        }
    }
    let has = checkout::spendable(conn, &account_of(purse, id, turn.settings.asset)).await?;
    Ok(Some((person, has)))
}

pub async fn ask(turn: &Turn, by: Admin, aim: Aim) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Answer::alert(told));
    }
    let Some((person, has)) = load(turn, aim).await? else {
        return Ok(Answer::alert(voice.t("admin-person-unknown")));
    };
    let question = question(&voice, (&person, aim), has, "");
    let mine = turn.clone();
    let (person, purse, adds) = aim;
    let input = Input::Correction { person, purse, adds };
    turn.app.write(move |tx| Box::pin(async move { input.open(tx, &mine).await })).await?;
    Ok(question.keep().into())
}

fn question(voice: &Voice, (person, (_, purse, adds)): (&Person, Aim), has: Money, wrong: &str) -> Screen {
    let given = args!["name" => words::name(person), "balance" => voice.money(has)];
    let text = match (purse, adds) {
        (Purse::Wallet, true) => voice.t_args("admin-credit-ask", &given),
        (Purse::Wallet, false) => voice.t_args("admin-debit-ask", &given),
        (Purse::Credit, true) => voice.t_args("correction-add-ask", &given),
        (Purse::Credit, false) => voice.t_args("correction-take-ask", &given),
    };
    Screen::new(paragraphs(&[wrong.to_owned(), text])).row([words::stop(voice)])
}

/// Amount first, reason after it: `50,000 for the bad week`, `۳۰۰ هزار تومان بابت تأخیر`.
fn read(typed: &str) -> Option<(i64, String)> {
    let first_word = || {
        // A lone "m" is a month elsewhere; glued to the amount that was asked for, it is a million.
        let (first, rest) = typed.trim().split_once(char::is_whitespace)?;
        let amount = parse_amount(first).filter(|_| first.ends_with(char::is_alphabetic))?;
        Some((amount, rest))
    };
    let (amount, rest) = leading_amount(typed).filter(|(_, rest)| is_apart(typed, rest)).or_else(first_word)?;
    let reason: String = rest.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(REASON_MAX).collect();
    (amount > 0 && !reason.is_empty()).then_some((amount, reason))
}

/// Does the rest begin a word of its own? In `1m late` it would begin inside the amount.
fn is_apart(typed: &str, rest: &str) -> bool {
    typed.strip_suffix(rest).is_some_and(|before| before.ends_with(char::is_whitespace))
}

pub async fn typed(turn: &Turn, by: Admin, aim: Aim, text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Answer::alert(told));
    }
    let Some((person, has)) = load(turn, aim).await? else {
        return Ok(Answer::alert(voice.t("admin-person-unknown")));
    };
    let whole = 10_i64.pow(has.asset.exponent());
    let read = read(text).and_then(|(amount, reason)| amount.checked_mul(whole).map(|minor| (minor, reason)));
    let Some((minor, reason)) = read else {
        return Ok(question(&voice, (&person, aim), has, voice.t("admin-correction-unread")).into());
    };
    let (id, purse, adds) = aim;
    let amount = Money::new(minor, has.asset);
    let then = if adds { has.plus(amount) } else { has.minus(amount) };
    let Ok(then) = then else {
        return Ok(question(&voice, (&person, aim), has, voice.t("admin-amount-bad")).into());
    };
    if !adds && then.minor < 0 {
        let wrong = short(&voice, purse, has);
        return Ok(question(&voice, (&person, aim), has, &wrong).into());
    }
    let key = turn.mint("correction");
    let alone = checkout::alone_left(turn.app.db.read(), by.person(), turn.now).await?;
    let beyond = (minor > alone.minor).then_some(alone);
    let screen = shown(&voice, (&person, aim), (amount, &reason, beyond), (has, then), key);
    let (mine, input) = (turn.clone(), Input::Corrected { person: id, purse, adds, amount, reason, key });
    turn.app.write(move |tx| Box::pin(async move { input.open(tx, &mine).await })).await?;
    Ok(screen.into())
}

fn short(voice: &Voice, purse: Purse, has: Money) -> String {
    let given = args!["balance" => voice.money(has)];
    match purse {
        Purse::Wallet => voice.label("admin-debit-short", &given),
        Purse::Credit => voice.label("correction-short", &given),
    }
}

/// `beyond`: what the admin may still do alone, when this is more.
fn shown(
    voice: &Voice,
    (person, (_, purse, adds)): (&Person, Aim),
    (amount, reason, beyond): (Money, &str, Option<Money>),
    (has, then): (Money, Money),
    key: i64,
) -> Screen {
    let given = args![
        "name" => words::name(person),
        "amount" => voice.money(amount),
        "before" => voice.money(has),
        "after" => voice.money(then),
        "reason" => reason,
    ];
    let text = match (purse, adds) {
        (Purse::Wallet, true) => voice.t_args("admin-credit-confirm", &given),
        (Purse::Wallet, false) => voice.t_args("admin-debit-confirm", &given),
        (Purse::Credit, true) => voice.t_args("correction-add-confirm", &given),
        (Purse::Credit, false) => voice.t_args("correction-take-confirm", &given),
    };
    let beyond = beyond.map(|alone| voice.t_args("correction-beyond", &args!["alone" => voice.money(alone)]));
    Screen::new(paragraphs(&[text, beyond.unwrap_or_default()])).row([words::stop(voice)]).row([go(voice, A::Correct { key })])
}

/// A word while a yes is awaited.
pub fn still(turn: &Turn) -> Answer {
    let voice = turn.voice();
    Screen::new(voice.t("admin-correction-waits")).row([words::stop(&voice)]).into()
}

/// The yes.
pub async fn confirmed(turn: &Turn, by: Admin, key: i64) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let asked = match turn.who.input.clone() {
        Some(Input::Corrected { person, purse, adds, amount, reason, key: asked }) if asked == key => {
            ((person, purse, adds), amount, reason)
        }
        _ => return Ok(Answer::alert(voice.t("admin-correction-gone"))),
    };
    let ((person, purse, adds), amount, reason) = asked;
    let (now, mine) = (turn.now, turn.clone());
    let correction = Correction { person, amount, reason, key: key.to_string() };
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let done = correct(tx, &by, (purse, adds), &correction, now).await?;
                input::close(tx, &mine).await?;
                Ok(done)
            })
        })
        .await;
    let text = match outcome {
        Ok(Corrected::Waits) => voice.t("correction-waits").to_owned(),
        Ok(Corrected::Booked(balance)) => done(&voice, (purse, adds), amount, balance),
        Err(error) => return Ok(Answer::alert(refusal(&voice, by, purse, error)?)),
    };
    Ok(Screen::new(text).row([go(&voice, A::Person { person })]).into())
}

fn done(voice: &Voice, aim: (Purse, bool), amount: Money, balance: Money) -> String {
    let given = args!["amount" => voice.money(amount), "balance" => voice.money(balance)];
    match aim {
        (Purse::Wallet, true) => voice.t_args("admin-credit-done", &given),
        (Purse::Wallet, false) => voice.t_args("admin-debit-done", &given),
        (Purse::Credit, true) => voice.t_args("correction-add-done", &given),
        (Purse::Credit, false) => voice.t_args("correction-take-done", &given),
    }
}

/// Why it was not booked. A fault is given back.
fn refusal(voice: &Voice, by: Admin, purse: Purse, error: CorrectionError) -> Result<String, Fault> {
    Ok(match error {
        CorrectionError::Unknown => voice.t("admin-person-unknown").to_owned(),
        CorrectionError::NotAllowed(why) => words::not_allowed(voice, by, why),
        CorrectionError::BadAmount => voice.t("admin-amount-bad").to_owned(),
        CorrectionError::Short { available } => short(voice, purse, available),
        CorrectionError::Frozen => voice.t("correction-frozen").to_owned(),
        CorrectionError::Reused => voice.t("admin-correction-gone").to_owned(),
        CorrectionError::Fault(fault) => return Err(fault),
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn amount_and_reason_are_read_as_people_type_them() {
        for (typed, found) in [
            ("50000 late delivery", Some((50_000, "late delivery"))),
            ("۵۰٬۰۰۰ بابت تأخیر", Some((50_000, "بابت تأخیر"))),
            ("250 000  refund  2", Some((250_000, "refund 2"))),
            ("50000 500 extra", Some((50_000, "500 extra"))),
            ("250 000 5 days late", Some((250_000, "5 days late"))),
            ("50k x", Some((50_000, "x"))),
            ("1.5m late", Some((1_500_000, "late"))),
            ("2m late", Some((2_000_000, "late"))),
            ("۳۰۰ هزار بابت تأخیر", Some((300_000, "بابت تأخیر"))),
            ("۳۰۰ هزار تومان بابت تأخیر", Some((300_000, "بابت تأخیر"))),
            ("۱ میلیون و ۲۰۰ هزار تومان هدیه", Some((1_200_000, "هدیه"))),
            ("5000 rial late", None),
            ("۳۰۰ هزار", None),
            ("50000", None),
            ("late delivery", None),
            ("0 nothing", None),
            ("", None),
        ] {
            assert_eq!(read(typed), found.map(|(amount, reason)| (amount, reason.to_owned())), "{typed}");
        }
    }
}
