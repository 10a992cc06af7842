//! Changing one thing of a payment method: by a tap, or by what is typed.
use super::{go, refusal, show};
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{Fault, parse_amount};
use crate::bot::admin::words;
use crate::bot::input::{self, Input};
use crate::bot::kit::shorten;
use crate::bot::route::{MethodField, MethodRoute as M};
use crate::bot::screen::{Answer, Screen, Toast};
use crate::bot::turn::Turn;
use crate::shop::accounts::{Admin, Right};
use crate::shop::payments::{self, Audience, Change, Method, MethodCode, MethodError};

const ALIAS_MAX: usize = 60;
const NOTE_MAX: usize = 300;
const COUNT_MAX: i64 = 1_000_000;
const AMOUNT_MAX: i64 = 1_000_000_000_000;

pub async fn switch(turn: &Turn, by: Admin, code: &MethodCode, on: bool) -> Result<Answer, Fault> {
    let (now, wanted) = (turn.now, code.clone());
    let outcome =
        turn.app.write(move |tx| Box::pin(async move { payments::switch_method(tx, &by, &wanted, on, now).await })).await;
    after(turn, by, code, outcome).await
}

/// The page as it is now, with a word.
async fn after(turn: &Turn, by: Admin, code: &MethodCode, outcome: Result<Method, MethodError>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let mut answer = show::page(turn, code).await?;
    answer.toast = Some(match outcome {
        Ok(_) => Toast::Brief(voice.t("admin-done").to_owned()),
        Err(error) => Toast::Alert(refusal(&voice, by, error)?),
    });
    Ok(answer)
}

/// These people are offered it, or not any more; somebody always is.
pub async fn turn_audience(turn: &Turn, by: Admin, code: &MethodCode, audience: Audience) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(method) = payments::method(turn.app.db.read(), code).await? else {
        return Ok(Answer::alert(voice.t("methods-unknown")));
    };
    let Some(turned) = method.limits.audience.turned(audience) else {
        return Ok(Answer::alert(voice.t("methods-for-nobody")));
    };
    match write(turn, by, code, Change::Audience(turned), false).await {
        Ok(_) => show::audience(turn, code).await,
        Err(error) => Ok(Answer::alert(refusal(&voice, by, error)?)),
    }
}

/// One change, in a transaction of its own; `answers`: it closes the open question.
async fn write(turn: &Turn, by: Admin, code: &MethodCode, change: Change, answers: bool) -> Result<Method, MethodError> {
    let (now, mine, code) = (turn.now, turn.clone(), code.clone());
    turn.app
        .write(move |tx| {
            Box::pin(async move {
                let changed = payments::change_method(tx, &by, &code, &change, now).await?;
                if answers {
                    input::close(tx, &mine).await?;
                }
                Ok(changed)
            })
        })
        .await
}

/// Asks for a field.
pub async fn ask(turn: &Turn, by: Admin, code: &MethodCode, field: MethodField) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Answer::alert(told));
    }
    let Some(method) = payments::method(turn.app.db.read(), code).await? else {
        return Ok(Answer::alert(voice.t("methods-unknown")));
    };
    let question = question(&voice, &method, field, "");
    let (mine, input) = (turn.clone(), Input::MethodField { method: code.clone(), field });
    turn.app.write(move |tx| Box::pin(async move { input.open(tx, &mine).await })).await?;
    Ok(question.keep().into())
}

fn question(voice: &Voice, method: &Method, field: MethodField, wrong: &str) -> Screen {
    let name = args!["alias" => shorten(&method.alias, ALIAS_MAX)];
    let text = match field {
        MethodField::Alias => voice.t_args("methods-ask-alias", &name),
        MethodField::Note => voice.t_args("methods-ask-note", &name),
        MethodField::Hours => voice.t_args("methods-ask-hours", &name),
        MethodField::DailyCount => voice.t_args("methods-ask-count", &name),
        MethodField::DailyLimit => voice.t_args("methods-ask-limit", &name),
        MethodField::Minimum => voice.t_args("methods-ask-minimum", &name),
        MethodField::Maximum => voice.t_args("methods-ask-maximum", &name),
    };
    let text = if wrong.is_empty() { text } else { format!("{wrong}\n\n{text}") };
    let clear = (field != MethodField::Alias).then(|| go(voice, M::Clear { method: method.code.clone(), field }));
    Screen::new(text).row([words::stop(voice)]).row(clear)
}

/// The field is emptied.
pub async fn clear(turn: &Turn, by: Admin, code: &MethodCode, field: MethodField) -> Result<Answer, Fault> {
    let change = match field {
        MethodField::Alias => return show::page(turn, code).await,
        MethodField::Note => Change::Note(None),
        MethodField::Hours => Change::Hours(None),
        MethodField::DailyCount => Change::DailyCount(None),
        MethodField::DailyLimit => Change::DailyLimit(None),
        MethodField::Minimum => Change::Minimum(None),
        MethodField::Maximum => Change::Maximum(None),
    };
    let asked = matches!(&turn.who.input, Some(Input::MethodField { method, .. }) if method == code);
    let outcome = write(turn, by, code, change, asked).await;
    if asked && matches!(outcome, Err(MethodError::Already)) {
        input::close_now(turn).await?;
    }
    after(turn, by, code, outcome).await
}

/// The field was typed.
pub async fn typed(turn: &Turn, by: Admin, (code, field): (&MethodCode, MethodField), text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(method) = payments::method(turn.app.db.read(), code).await? else {
        input::close_now(turn).await?;
        return Ok(Screen::new(voice.t("methods-unknown")).into());
    };
    let unit = 10_i64.pow(turn.settings.asset.exponent());
    let change = match read(field, text, unit) {
        Ok(change) => change,
        Err(key) => return Ok(question(&voice, &method, field, voice.t(key)).into()),
    };
    match write(turn, by, code, change, true).await {
        Ok(_) => show::page(turn, code).await,
        Err(MethodError::Already) => {
            input::close_now(turn).await?;
            show::page(turn, code).await
        }
        Err(error) => Ok(question(&voice, &method, field, &refusal(&voice, by, error)?).into()),
    }
}

/// What was typed as a change, or the key of what is wrong with it. `unit`: what one whole of the shop's asset has.
fn read(field: MethodField, text: &str, unit: i64) -> Result<Change, &'static str> {
    let words = |most: usize| {
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(plain).filter(|plain| (1..=most).contains(&plain.chars().count())).ok_or("methods-bad-words")
    };
    let number = |most: i64| parse_amount(text).filter(|number| (1..=most).contains(number)).ok_or("methods-bad-number");
    let amount = || number(AMOUNT_MAX / unit).map(|whole| Some(whole * unit));
    Ok(match field {
        MethodField::Alias => Change::Alias(words(ALIAS_MAX)?),
        MethodField::Note => Change::Note(Some(words(NOTE_MAX)?)),
        MethodField::Hours => Change::Hours(Some(text.parse().map_err(|_| "methods-bad-hours")?)),
        MethodField::DailyCount => Change::DailyCount(Some(number(COUNT_MAX)?)),
        MethodField::DailyLimit => Change::DailyLimit(amount()?),
        MethodField::Minimum => Change::Minimum(amount()?),
        MethodField::Maximum => Change::Maximum(amount()?),
    })
}

#[cfg(test)]
mod tests {
    use super::{Change, MethodField, question, read};
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::payments::{Kind, sample};

    #[test]
    fn fields_are_read_as_people_type_them() {
        for (field, typed, found) in [
            (MethodField::DailyLimit, "۵۰٬۰۰۰", Ok(Change::DailyLimit(Some(5_000_000)))),
            (MethodField::Minimum, "50k", Ok(Change::Minimum(Some(5_000_000)))),
            (MethodField::DailyCount, "12", Ok(Change::DailyCount(Some(12)))),
            (MethodField::DailyCount, "0", Err("methods-bad-number")),
            (MethodField::Maximum, "-5", Err("methods-bad-number")),
            (MethodField::Maximum, "99999999999", Err("methods-bad-number")),
            (MethodField::Hours, "۹-۱۷", Ok(Change::Hours(Some("09:00-17:00".parse().unwrap())))),
            (MethodField::Hours, "always", Err("methods-bad-hours")),
            (MethodField::Alias, "  Mellat   1 ", Ok(Change::Alias("Mellat 1".to_owned()))),
            (MethodField::Alias, &"x".repeat(61), Err("methods-bad-words")),
        ] {
            assert_eq!(read(field, typed, 100), found, "{typed}");
        }
    }

    #[test]
    fn the_questions_about_a_method_in_every_language() {
        let card = sample::method(Kind::Card);
        insta::assert_snapshot!(in_every_language(|voice| {
            let wrong = |field| match field {
                MethodField::Hours => voice.t("methods-bad-hours"),
                MethodField::DailyCount => voice.t("methods-bad-number"),
                MethodField::Note => voice.t("methods-bad-words"),
                _ => "",
            };
            MethodField::ALL.into_iter().map(|field| question(voice, &card, field, wrong(field))).collect()
        }));
    }
}
