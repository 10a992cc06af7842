//! Somebody wants to become an agent: the card in the group, and what an admin decides by its buttons.
//!
//! The first decision wins; whoever comes later sees the card as it is.
use super::words::{self, go};
use crate::app::App;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{ApplicationId, Fault};
use crate::bot::input::{self, Input};
use crate::bot::kit::pick;
use crate::bot::page::page;
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::{Tapped, Turn};
use crate::bot::{agent, reply};
use crate::shop::accounts::{self, Admin, Person, Right};
use crate::shop::agents::{self, Application, ApplicationError, ApplicationState, Tier};
use crate::shop::catalog::TierCode;

const REASON_MAX: usize = 300;

/// What the card is drawn from.
struct Facts {
    application: Application,
    person: Option<Person>,
    decided_by: Option<Person>,
    /// Those that new agents may have.
    tiers: Vec<Tier>,
}

async fn load(app: &App, id: ApplicationId) -> Result<Option<Facts>, Fault> {
    let conn = app.db.read();
    let Some(application) = agents::application(conn, id).await? else { return Ok(None) };
    let person = accounts::person(conn, application.person).await?;
    let decided_by = match application.decided_by {
        Some(by) => accounts::person(conn, by).await?,
        None => None,
    };
    let mut tiers = agents::tiers(conn).await?;
    tiers.retain(|tier| tier.on);
    Ok(Some(Facts { application, person, decided_by, tiers }))
}

/// The card; `None` when there is no such application.
pub async fn card(app: &App, voice: &Voice, id: ApplicationId) -> Result<Option<Screen>, Fault> {
    Ok(load(app, id).await?.map(|facts| view(voice, &facts, false)))
}

/// `asks_why`: instead of the decisions, the question for a reason.
fn view(voice: &Voice, facts: &Facts, asks_why: bool) -> Screen {
    let application = &facts.application;
    let id = application.id;
    let who = match &facts.person {
        Some(person) => Arg::html(words::person(voice, person)),
        None => Arg::code(application.person.to_string()),
    };
    let mut lines = vec![voice.t_args("applicant-person", &args!["person" => who])];
    lines.extend(agent::form_facts(voice, &application.form));
    lines.push(voice.t_args("applicant-sent", &args!["when" => Arg::html(words::at(voice, application.submitted_at))]));
    let decided = |key: &'static str| {
        let by = application.decided_by.map(|by| words::actor(voice, by, facts.decided_by.as_ref())).unwrap_or_default();
        let when = application.decided_at.map(|at| words::at(voice, at)).unwrap_or_default();
        voice.t_args(key, &args!["who" => by, "when" => Arg::html(when)])
    };
    match &application.state {
        ApplicationState::Accepted => Screen::new(page(&decided("applicant-accepted"), lines, "")),
        ApplicationState::Rejected { reason } => {
            let reason =
                if reason.is_empty() { String::new() } else { voice.t_args("notice-reason", &args!["reason" => reason]) };
            lines.push(reason);
            Screen::new(page(&decided("applicant-rejected"), lines, ""))
        }
        ApplicationState::Submitted if asks_why => {
            Screen::new(page(voice.t("agent-applied"), lines, voice.t("applicant-ask-why")))
                .row([go(voice, A::Application { application: id })])
                .row([go(voice, A::RejectAgent { application: id })])
        }
        ApplicationState::Submitted => Screen::new(page(voice.t("agent-applied"), lines, voice.t("applicant-next")))
            .rows(facts.tiers.iter().map(|tier| vec![accept_button(voice, id, tier)]))
            .row([go(voice, A::AskRejectAgent { application: id })]),
    }
}

fn accept_button(voice: &Voice, application: ApplicationId, tier: &Tier) -> Button {
    let label = voice.label("applicant-do-accept", &args!["tier" => tier.title(voice.lang)]);
    pick(A::AcceptAgent { application, tier: tier.code.clone() }, format!("✅ {label}"))
}

pub async fn show(turn: &Turn, id: ApplicationId) -> Result<Answer, Fault> {
    drawn(turn, id, false).await
}

async fn drawn(turn: &Turn, id: ApplicationId, asks_why: bool) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match load(&turn.app, id).await? {
        Some(facts) => Ok(view(&voice, &facts, asks_why).into()),
        None => Ok(Answer::alert(voice.t("applicant-unknown"))),
    }
}

pub async fn accept(turn: &Turn, by: Admin, id: ApplicationId, tier: &TierCode) -> Result<Answer, Fault> {
    let (now, tier) = (turn.now, tier.clone());
    let outcome = turn.app.write(move |tx| Box::pin(async move { agents::accept(tx, &by, id, &tier, now).await })).await;
    decided(turn, by, id, outcome).await
}

/// Asks why: a reason may be typed, and none is needed.
pub async fn ask_reject(turn: &Turn, by: Admin, id: ApplicationId) -> Result<Answer, Fault> {
    if let Some(told) = words::lacks(&turn.voice(), by, Right::Money) {
        return Ok(Answer::alert(told));
    }
    let answer = drawn(turn, id, true).await?;
    let card = turn.at.tapped.map(|tapped| tapped.message);
    let (mine, asked) = (turn.clone(), Input::RejectAgent { application: id, card });
    turn.app.write(move |tx| Box::pin(async move { asked.open(tx, &mine).await })).await?;
    Ok(answer)
}

pub async fn reject(turn: &Turn, by: Admin, id: ApplicationId) -> Result<Answer, Fault> {
    let outcome = rejected(turn, by, id, String::new()).await;
    decided(turn, by, id, outcome).await
}

async fn rejected(turn: &Turn, by: Admin, id: ApplicationId, reason: String) -> Result<(), ApplicationError> {
    let (now, mine) = (turn.now, turn.clone());
    turn.app
        .write(move |tx| {
            Box::pin(async move {
                agents::reject(tx, &by, id, &reason, now).await?;
                if matches!(mine.who.input, Some(Input::RejectAgent { application, .. }) if application == id) {
                    input::close(tx, &mine).await?;
                }
                Ok(())
            })
        })
        .await
}

/// The reason was typed: the card that asked is drawn again, and the typed words are answered.
pub async fn reason_typed(turn: &Turn, by: Admin, (id, card): (ApplicationId, Option<i32>), text: &str) -> Result<Answer, Fault> {
    let reason: String = text.trim().chars().take(REASON_MAX).collect();
    let outcome = rejected(turn, by, id, reason).await;
    let mut answer = decided(turn, by, id, outcome).await?;
    if let (Some(message), Some(screen)) = (card, answer.screens.first())
        && reply::edit(&turn.app, turn.at.chat, Tapped { message, has_media: false }, screen).await?
    {
        answer.screens = vec![Screen::new(turn.voice().t("admin-done"))];
    }
    Ok(answer)
}

async fn decided(turn: &Turn, by: Admin, id: ApplicationId, outcome: Result<(), ApplicationError>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let told = match outcome {
        Ok(()) => return show(turn, id).await,
        Err(ApplicationError::Decided) => {
            let mut answer = show(turn, id).await?;
            answer.toast = Answer::alert(voice.t("applicant-decided")).toast;
            return Ok(answer);
        }
        Err(ApplicationError::NotAllowed) => {
            words::lacks(&voice, by, Right::Money).unwrap_or_else(|| voice.t("applicant-own").to_owned())
        }
        Err(ApplicationError::NoTier) => voice.t("applicant-no-tier").to_owned(),
        Err(ApplicationError::Agent) => voice.t("applicant-agent").to_owned(),
        Err(ApplicationError::Banned) => voice.t("applicant-banned").to_owned(),
        Err(ApplicationError::Unknown | ApplicationError::BadForm | ApplicationError::Waits(_)) => {
            voice.t("applicant-unknown").to_owned()
        }
        Err(ApplicationError::Fault(fault)) => return Err(fault),
    };
    Ok(Answer::alert(told))
}

#[cfg(test)]
mod tests {
    use super::{Facts, view};
    use crate::base::{ApplicationId, HOUR};
    use crate::bot::admin::card::tests::person;
    use crate::bot::agent::home::tests::agency;
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::agents::{Application, ApplicationState, Form, State};

    fn facts(state: ApplicationState) -> Facts {
        let form = ["Ali", "Karimi", "+989120000000", "Ali <Net>", "Fars", "Shiraz", "Street 1"].map(str::to_owned);
        let [first_name, last_name, phone, shop_name, province, city, address] = form;
        let is_open = state == ApplicationState::Submitted;
        let application = Application {
            id: ApplicationId(7),
            person: crate::base::PersonId(700),
            form: Form { first_name, last_name, phone, shop_name, province, city, address },
            state,
            submitted_at: NOW.after(-2 * HOUR),
            decided_at: (!is_open).then(|| NOW.after(-HOUR)),
            decided_by: (!is_open).then_some(crate::base::PersonId(1)),
        };
        let tiers = vec![agency(State::Active).tier];
        Facts { application, person: Some(person(700, "Ali")), decided_by: Some(person(1, "Cyrus")), tiers }
    }

    #[test]
    fn the_card_of_an_applicant_in_every_language() {
        let reason = "not in your <city>".to_owned();
        insta::assert_snapshot!(in_every_language(|voice| vec![
            view(voice, &facts(ApplicationState::Submitted), false),
            view(voice, &facts(ApplicationState::Submitted), true),
            view(voice, &facts(ApplicationState::Accepted), false),
            view(voice, &facts(ApplicationState::Rejected { reason: reason.clone() }), false),
        ]));
    }
}
