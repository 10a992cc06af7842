//! Credit and debit: amount and reason are typed, shown with exact numbers, and done by a tap.
//!
//! The act's key is minted with the screen that shows it, and lies with what was typed in the dialogue: a second tap finds
//! nothing to do, and another admin's tap finds no question of his own.
use super::words::{self, go};
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{Fault, Money, PersonId, ascii_digits, parse_amount};
use crate::bot::input::{self, Input};
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{self, Admin, Person, Right};
use crate::shop::checkout::{Correction, CorrectionError, admin_credit, admin_debit};
use crate::shop::ledger::{self, Account};

const REASON_MAX: usize = 200;

pub async fn ask(turn: &Turn, by: Admin, id: PersonId, adds: bool) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Answer::alert(told));
    }
    let Some(person) = accounts::person(turn.app.db.read(), id).await? else {
        return Ok(Answer::alert(voice.t("admin-person-unknown")));
    };
    let question = question(&voice, (&person, adds), wallet(turn, id).await?, "");
    let mine = turn.clone();
    let input = Input::Correction { person: id, adds };
    turn.app.write(move |tx| Box::pin(async move { input.open(tx, &mine).await })).await?;
    Ok(question.keep().into())
}

async fn wallet(turn: &Turn, person: PersonId) -> Result<Money, Fault> {
    Ok(ledger::balance(turn.app.db.read(), &Account::wallet(person, turn.settings.asset)).await?.available)
}

fn question(voice: &Voice, (person, adds): (&Person, bool), has: Money, wrong: &str) -> Screen {
    let given = args!["name" => words::name(person), "balance" => voice.money(has)];
    let text = if adds { voice.t_args("admin-credit-ask", &given) } else { voice.t_args("admin-debit-ask", &given) };
    let text = if wrong.is_empty() { text } else { format!("{wrong}\n\n{text}") };
    Screen::new(text).row([go(voice, A::Stop)])
}

/// Amount first, reason after it: `50,000 for the bad week`.
fn read(typed: &str) -> Option<(i64, String)> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    // "250 000 text" is one amount: groups of three go on what began with at most three.
    let digits = |word: &str, count: std::ops::RangeInclusive<usize>| {
        count.contains(&word.chars().count())
            && word.chars().all(|letter| ascii_digits(&letter.to_string()).parse::<u8>().is_ok())
    };
    let groups = words.iter().skip(1).take_while(|word| digits(word, 3..=3)).count();
    let n = if words.first().is_some_and(|word| digits(word, 1..=3)) { 1 + groups } else { 1 };
    let amount = parse_amount(&words.get(..n)?.join(" "))?;
    let reason: String = words.get(n..)?.join(" ").chars().take(REASON_MAX).collect();
    (amount > 0 && !reason.is_empty()).then_some((amount, reason))
}

pub async fn typed(turn: &Turn, by: Admin, (id, adds): (PersonId, bool), text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Answer::alert(told));
    }
    let Some(person) = accounts::person(turn.app.db.read(), id).await? else {
        return Ok(Answer::alert(voice.t("admin-person-unknown")));
    };
    let has = wallet(turn, id).await?;
    let whole = 10_i64.pow(has.asset.exponent());
    let read = read(text).and_then(|(amount, reason)| amount.checked_mul(whole).map(|minor| (minor, reason)));
    let Some((minor, reason)) = read else {
        return Ok(question(&voice, (&person, adds), has, voice.t("admin-correction-unread")).into());
    };
    let amount = Money::new(minor, has.asset);
    let then = if adds { has.plus(amount) } else { has.minus(amount) };
    let Ok(then) = then else {
        return Ok(question(&voice, (&person, adds), has, voice.t("admin-amount-bad")).into());
    };
    if then.minor < 0 {
        let wrong = voice.t_args("admin-debit-short", &args!["balance" => voice.money(has)]);
        return Ok(question(&voice, (&person, adds), has, &wrong).into());
    }
    let key = turn.mint("correction");
    let screen = shown(&voice, &person, (adds, amount, &reason), (has, then), key);
    let (mine, input) = (turn.clone(), Input::Corrected { person: id, adds, amount, reason, key });
    turn.app.write(move |tx| Box::pin(async move { input.open(tx, &mine).await })).await?;
    Ok(screen.into())
}

fn shown(
    voice: &Voice,
    person: &Person,
    (adds, amount, reason): (bool, Money, &str),
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
    let text = if adds { voice.t_args("admin-credit-confirm", &given) } else { voice.t_args("admin-debit-confirm", &given) };
    Screen::new(text).row([go(voice, A::Stop)]).row([go(voice, A::Correct { key })])
}

/// A word while a yes is awaited.
pub fn still(turn: &Turn) -> Answer {
    let voice = turn.voice();
    Screen::new(voice.t("admin-correction-waits")).row([go(&voice, A::Stop)]).into()
}

/// The yes.
pub async fn confirmed(turn: &Turn, by: Admin, key: i64) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(Input::Corrected { person, adds, amount, reason, key: asked }) = turn.who.input.clone() else {
        return Ok(Answer::alert(voice.t("admin-correction-gone")));
    };
    if asked != key {
        return Ok(Answer::alert(voice.t("admin-correction-gone")));
    }
    let (now, mine) = (turn.now, turn.clone());
    let correction = Correction { person, amount, reason, key: key.to_string() };
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let balance = if adds {
                    admin_credit(tx, &by, &correction, now).await?
                } else {
                    admin_debit(tx, &by, &correction, now).await?
                };
                input::close(tx, &mine).await?;
                Ok(balance)
            })
        })
        .await;
    let told = match outcome {
        Ok(balance) => {
            let given = args!["amount" => voice.money(amount), "balance" => voice.money(balance)];
            let text = if adds { voice.t_args("admin-credit-done", &given) } else { voice.t_args("admin-debit-done", &given) };
            return Ok(Screen::new(text).row([go(&voice, A::Person { person })]).into());
        }
        Err(CorrectionError::Unknown) => voice.t("admin-person-unknown").to_owned(),
        Err(CorrectionError::NotAllowed(why)) => words::not_allowed(&voice, by, why),
        Err(CorrectionError::BadAmount) => voice.t("admin-amount-bad").to_owned(),
        Err(CorrectionError::Short { available }) => {
            voice.label("admin-debit-short", &args!["balance" => voice.money(available)])
        }
        Err(CorrectionError::Reused) => voice.t("admin-correction-gone").to_owned(),
        Err(CorrectionError::Fault(fault)) => return Err(fault),
    };
    Ok(Answer::alert(told))
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
            ("50000", None),
            ("late delivery", None),
            ("0 nothing", None),
            ("", None),
        ] {
            assert_eq!(read(typed), found.map(|(amount, reason)| (amount, reason.to_owned())), "{typed}");
        }
    }
}
