//! Becoming an agent: what it is, the questions one after another, the summary, and that it waits.
//!
//! The answers lie in the dialogue until they are sent; the application's id is minted with the summary, so a double tap
//! sends one.
use super::Asked;
use super::words::ask;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{ApplicationId, Fault, UpdateId, ascii_digits};
use crate::bot::input::{self, Input};
use crate::bot::kit::{self, go};
use crate::bot::page::page;
use crate::bot::route::{AgentRoute as G, CustomerRoute as C};
use crate::bot::said::Said;
use crate::bot::screen::{Answer, Keyboard, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::agents::{self, Application, ApplicationError, Form};

/// The questions, in the order of the answers.
const QUESTIONS: [&str; 6] =
    ["apply-ask-name", "apply-ask-phone", "apply-ask-shop", "apply-ask-province", "apply-ask-city", "apply-ask-address"];
const NAME: usize = 0;
const PHONE: usize = 1;
/// The question after the phone takes its keyboard away.
const AFTER_PHONE: usize = 2;
const CHARS_MAX: usize = 200;

/// What it is to be an agent; or the application that waits.
pub async fn intro(turn: &Turn, customer: &Customer) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(waiting) = agents::waiting(turn.app.db.read(), customer.id).await? {
        return Ok(waiting_view(&voice, &waiting).into());
    }
    Ok(intro_view(&voice, turn.has_tiers).into())
}

fn intro_view(voice: &Voice, is_open: bool) -> Screen {
    let next = if is_open { voice.t("apply-about") } else { voice.t("apply-closed") };
    let act = if is_open { go(voice, G::Apply) } else { go(voice, C::Support) };
    Screen::new(page(voice.t("apply-title"), [], next)).row([act]).row(kit::home(voice))
}

fn waiting_view(voice: &Voice, waiting: &Application) -> Screen {
    let facts = [
        voice.t_args("apply-id", &args!["id" => Arg::code(waiting.id.to_string())]),
        voice.t_args("apply-sent", &args!["moment" => voice.moment(waiting.submitted_at)]),
    ];
    Screen::new(page(voice.t("apply-waits-title"), facts, voice.t("apply-waits"))).row(kit::home(voice))
}

/// The first question.
pub async fn start(turn: &Turn, customer: &Customer) -> Result<Answer, Fault> {
    if !turn.has_tiers || agents::waiting(turn.app.db.read(), customer.id).await?.is_some() {
        return intro(turn, customer).await;
    }
    let asked = Asked::Form { given: Vec::new(), last: turn.update };
    ask(turn, asked, question(&turn.voice(), NAME, "")).await
}

/// A question, after what was wrong with the last answer.
fn question(voice: &Voice, at: usize, wrong: &str) -> Screen {
    let key = QUESTIONS.get(at).copied().unwrap_or(QUESTIONS[NAME]);
    let step = i64::try_from(at + 1).unwrap_or(1);
    let title = voice.t_args("apply-step", &args!["step" => step, "steps" => 6_i64]);
    let screen = Screen::new(page(&title, [wrong.to_owned()], voice.t(key)));
    match at {
        PHONE => screen.keyboard(Keyboard::Contact(voice.t("apply-contact").to_owned())),
        AFTER_PHONE => screen.keyboard(Keyboard::Gone),
        _ => screen.row(kit::home(voice)),
    }
}

/// An answer: the next question, the same once more, or the summary.
pub async fn answered(turn: &Turn, (given, last): (&[String], UpdateId), said: &Said) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if last == turn.update || given.len() >= QUESTIONS.len() {
        return Ok(following(turn, given));
    }
    let at = given.len();
    let read = match (at, said) {
        (NAME, Said::Text(text)) => name(text).ok_or("apply-wrong-name"),
        (PHONE, Said::Contact { phone: number, own: true }) => phone(number).ok_or("apply-wrong-phone"),
        (PHONE, Said::Contact { own: false, .. }) => Err("apply-others-phone"),
        // What is typed may be anybody's.
        (PHONE, _) => Err("apply-wrong-phone"),
        (_, Said::Text(text)) => line(text).ok_or("apply-wrong-line"),
        _ => Err("apply-wrong-line"),
    };
    let read = match read {
        Ok(read) => read,
        Err(wrong) => return Ok(question(&voice, at, voice.t(wrong)).into()),
    };
    let given: Vec<String> = given.iter().cloned().chain([read]).collect();
    let next = following(turn, &given);
    let (mine, asked) = (turn.clone(), Asked::Form { given, last: turn.update });
    turn.app.write(move |tx| Box::pin(async move { Input::Agent(asked).open(tx, &mine).await })).await?;
    Ok(next)
}

fn following(turn: &Turn, given: &[String]) -> Answer {
    let voice = turn.voice();
    match form_of(given) {
        Some(form) => summary(&voice, &form, ApplicationId(turn.mint("application"))).into(),
        None => question(&voice, given.len(), "").into(),
    }
}

/// First and last name: at least two words.
fn name(text: &str) -> Option<String> {
    line(text).filter(|name| name.contains(' '))
}

/// One line of words.
fn line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty() && line.chars().count() <= CHARS_MAX).then_some(line)
}

/// A phone number as Telegram has it, kept as digits with a plus if there was one.
fn phone(text: &str) -> Option<String> {
    let plain: String =
        ascii_digits(text).chars().filter(|c| !c.is_whitespace() && !"-().\u{200e}\u{200f}".contains(*c)).collect();
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    ((7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(plain)
}

fn form_of(given: &[String]) -> Option<Form> {
    let [name, phone, shop_name, province, city, address] = given else { return None };
    let (first_name, last_name) = name.split_once(' ')?;
    Some(Form {
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        phone: phone.clone(),
        shop_name: shop_name.clone(),
        province: province.clone(),
        city: city.clone(),
        address: address.clone(),
    })
}

/// What an application says, a line each.
pub fn facts(voice: &Voice, form: &Form) -> Vec<String> {
    vec![
        voice.t_args("agent-name", &args!["first" => form.first_name.as_str(), "last" => form.last_name.as_str()]),
        voice.t_args("apply-phone", &args!["phone" => Arg::code(form.phone.as_str())]),
        voice.t_args("agent-shop", &args!["name" => form.shop_name.as_str()]),
        voice.t_args("agent-place", &args!["province" => form.province.as_str(), "city" => form.city.as_str()]),
        voice.t_args("apply-address", &args!["address" => form.address.as_str()]),
    ]
}

fn summary(voice: &Voice, form: &Form, application: ApplicationId) -> Screen {
    Screen::new(page(voice.t("apply-summary"), facts(voice, form), voice.t("apply-summary-next")))
        .row([go(voice, G::File { application })])
        .row([kit::pick(G::Apply, voice.t("button-apply-again"))])
        .row(kit::home(voice))
}

/// Sends the application, once.
pub async fn file(turn: &Turn, customer: &Customer, id: ApplicationId) -> Result<Answer, Fault> {
    let form = match &turn.who.input {
        Some(Input::Agent(Asked::Form { given, .. })) => form_of(given),
        _ => None,
    };
    // It was sent by an earlier tap, or another question was opened since.
    let Some(form) = form else { return intro(turn, customer).await };
    let (mine, who, now) = (turn.clone(), customer.clone(), turn.now);
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                agents::apply(tx, &who, id, &form, now).await?;
                input::close(tx, &mine).await?;
                Ok::<_, ApplicationError>(())
            })
        })
        .await;
    match outcome {
        Err(ApplicationError::Fault(fault)) => Err(fault),
        Err(ApplicationError::BadForm) => {
            let asked = Asked::Form { given: Vec::new(), last: turn.update };
            ask(turn, asked, question(&turn.voice(), NAME, turn.voice().t("apply-wrong-line"))).await
        }
        Err(ApplicationError::Unknown) => Ok(Answer::alert(turn.voice().t("common-not-yours"))),
        _ => intro(turn, customer).await,
    }
}

#[cfg(test)]
mod tests {
    use super::{AFTER_PHONE, NAME, PHONE, form_of, intro_view, name, phone, question, waiting_view};
    use crate::base::{ApplicationId, HOUR, PersonId};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::agents::{Application, ApplicationState};

    fn given() -> Vec<String> {
        ["Ali Karimi", "+989120000000", "Ali <Net>", "Fars", "Shiraz", "Street 1"].map(str::to_owned).to_vec()
    }

    #[test]
    fn the_application_in_every_language() {
        let form = form_of(&given()).expect("a form");
        let application = Application {
            id: ApplicationId(7),
            person: PersonId(5),
            form: form.clone(),
            state: ApplicationState::Submitted,
            submitted_at: NOW.after(-HOUR),
            decided_at: None,
            decided_by: None,
        };
        insta::assert_snapshot!(in_every_language(|voice| vec![
            intro_view(voice, true),
            intro_view(voice, false),
            question(voice, NAME, ""),
            question(voice, PHONE, voice.t("apply-wrong-phone")),
            question(voice, AFTER_PHONE, ""),
            question(voice, 3, ""),
            question(voice, 4, ""),
            question(voice, 5, voice.t("apply-wrong-line")),
            super::summary(voice, &form, ApplicationId(7)),
            waiting_view(voice, &application),
        ]));
    }

    #[test]
    fn names_and_phones_are_read_as_people_write_them() {
        assert_eq!(name("  Ali \n Karimi"), Some("Ali Karimi".to_owned()));
        assert_eq!(name("Ali"), None);
        for (typed, read) in [
            ("+98 912 000 0000", Some("+989120000000")),
            ("۰۹۱۲۰۰۰۰۰۰۰", Some("09120000000")),
            ("(0912) 000-0000", Some("09120000000")),
            ("12345", None),
            ("call me", None),
            ("++989120000000", None),
        ] {
            assert_eq!(phone(typed).as_deref(), read, "{typed}");
        }
        assert_eq!(form_of(&given()[..5]), None);
        assert_eq!(form_of(&given()).map(|form| form.last_name), Some("Karimi".to_owned()));
    }
}
