//! What a person has and sold, as staff sees it; and one service: how it stands, what was done to it, and why.
use super::person::service_state;
use super::words::{self, go};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Page, PersonId, SubscriptionId};
use crate::bot::customer::title_of;
use crate::bot::history;
use crate::bot::kit::{ROWS_MAX, pager, pick, shorten};
use crate::bot::page::page;
use crate::bot::route::{AdminRoute as A, Route};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{self, Line, Person};
use crate::shop::catalog::{self, Catalog};
use crate::shop::subscriptions::{self, Subscription};

/// Letters of a plan's or a label's name in a row.
const NAME_MAX: usize = 16;

pub async fn list(turn: &Turn, person: PersonId, index: u32) -> Result<Answer, Fault> {
    let (conn, voice) = (turn.app.db.read(), turn.voice());
    let Some(person) = accounts::person(conn, person).await? else {
        return Ok(Answer::alert(voice.t("admin-person-unknown")));
    };
    let shelf = catalog::current(&turn.app.db).await?;
    let found = subscriptions::of_person_or_agent(conn, person.id, Page::new(index, ROWS_MAX)).await?;
    Ok(list_view(&voice, (&person, &shelf), &found, index).into())
}

fn list_view(
    voice: &Voice,
    (person, shelf): (&Person, &Catalog),
    (found, total): &(Vec<Subscription>, i64),
    index: u32,
) -> Screen {
    let title = voice.t_args("history-services", &args!["person" => Arg::html(words::person(voice, person))]);
    let rows = found.iter().map(|service| {
        let row = args![
            "id" => format!("#{}", service.id),
            "plan" => shorten(&called(voice, shelf, service), NAME_MAX),
            "state" => service_state(voice, service.state),
        ];
        vec![pick(A::Service { subscription: service.id }, voice.label("history-row", &row))]
    });
    Screen::new(page(&title, [], voice.t("history-services-next")))
        .rows(rows)
        .row(pager(voice, index, Page::new(0, ROWS_MAX).count(*total), |page| {
            Route::from(A::Services { person: person.id, page })
        }))
        .row([go(voice, A::Person { person: person.id })])
}

/// As its agent calls it, else its plan.
fn called(voice: &Voice, shelf: &Catalog, service: &Subscription) -> String {
    service.label.clone().unwrap_or_else(|| title_of(voice, shelf, service))
}

struct Facts {
    service: Subscription,
    owner: Option<Person>,
    seller: Option<Person>,
    history: Vec<Line>,
}

pub async fn show(turn: &Turn, id: SubscriptionId) -> Result<Answer, Fault> {
    let (conn, voice) = (turn.app.db.read(), turn.voice());
    let Some(service) = subscriptions::get(conn, id).await? else {
        return Ok(Answer::alert(voice.t("admin-order-unknown")));
    };
    let seller = match service.agent {
        Some(agent) => accounts::person(conn, agent).await?,
        None => None,
    };
    let facts = Facts {
        owner: accounts::person(conn, service.person).await?,
        seller,
        history: accounts::audit_of(conn, &history::subject(id), Page::new(0, history::LINES_MAX)).await?,
        service,
    };
    let shelf = catalog::current(&turn.app.db).await?;
    Ok(view(&voice, &shelf, &facts).into())
}

fn view(voice: &Voice, shelf: &Catalog, facts: &Facts) -> Screen {
    let service = &facts.service;
    let title = voice.t_args("history-title", &args!["title" => Arg::code(format!("#{}", service.id))]);
    let mut lines = Vec::new();
    lines.extend(
        facts
            .owner
            .as_ref()
            .map(|owner| voice.t_args("admin-card-person", &args!["person" => Arg::html(words::person(voice, owner))])),
    );
    lines.extend(facts.seller.as_ref().map(|seller| voice.t_args("history-sold-by", &args!["agent" => words::name(seller)])));
    lines.push(voice.t_args(
        "admin-person-service",
        &args![
            "id" => Arg::code(service.account.as_str()),
            "plan" => called(voice, shelf, service),
            "state" => service_state(voice, service.state),
            "until" => voice.date(service.until),
        ],
    ));
    lines.push(voice.t_args("admin-order-panel", &args!["panel" => service.panel.as_str()]));
    lines.extend(service.why.as_deref().map(|why| history::why(voice, why)));
    lines.extend(history::lines(voice, &facts.history));
    lines.push(voice.t_args("history-made", &args!["when" => voice.moment(service.created_at)]));
    Screen::new(page(&title, lines, "")).row([go(voice, A::Services { person: service.person, page: 0 })])
}

#[cfg(test)]
mod tests {
    use super::{Facts, list_view, view};
    use crate::bot::admin::card::tests::person;
    use crate::bot::customer::services::tests::service;
    use crate::bot::history::tests::history;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::catalog::Catalog;
    use crate::shop::subscriptions::{Kind, State};

    #[test]
    fn a_service_as_staff_sees_it_in_every_language() {
        let (sara, ali, shelf) = (person(501, "Sara <k>"), person(700, "Ali"), Catalog::default());
        let mut sold = service(State::Disabled, Kind::Full);
        (sold.agent, sold.label) = (Some(ali.id), Some("Sara <3".to_owned()));
        sold.why = Some("the agent's credit is below zero since 2026-12-01 12:00".to_owned());
        let own = service(State::Active, Kind::Trial);
        let found = (vec![sold.clone(), own.clone()], 20);
        let facts = [
            Facts { service: sold, owner: Some(sara.clone()), seller: Some(ali), history: history() },
            Facts { service: own, owner: Some(sara.clone()), seller: None, history: Vec::new() },
        ];
        insta::assert_snapshot!(in_every_language(|voice| vec![
            list_view(voice, (&sara, &shelf), &found, 0),
            view(voice, &shelf, &facts[0]),
            view(voice, &shelf, &facts[1]),
        ]));
    }
}
