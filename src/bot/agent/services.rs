//! What an agent sold: the lists by how they stand, and finding one by typed words.
use super::Asked;
use super::words::ask as ask_for;
use crate::base::format::Voice;
use crate::base::{DAY, Fault, Page, SubscriptionId};
use crate::bot::customer::services::{short_state, state_icon};
use crate::bot::kit::{self, ROWS_MAX, go, pager, pick, shorten};
use crate::bot::page::page;
use crate::bot::route::{AgentRoute as G, Rack, Route};
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::Turn;
use crate::shop::agents::Agent;
use crate::shop::subscriptions::{self, Shelf, Subscription};

/// What ends within so many days ends soon.
const SOON_DAYS: i64 = 7;
/// Letters of a name in a list.
const NAME_MAX: usize = 24;
/// Rows of a list above which there are the racks and below which the pager.
const ROWS: u32 = ROWS_MAX - 2;

/// The agent's own service; a deleted one is nobody's.
pub async fn own(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Option<Subscription>, Fault> {
    subscriptions::get_of_agent(turn.app.db.read(), agent.person, id).await
}

/// Somebody else's, or nobody's: said in a box, nothing shown.
pub fn not_yours(turn: &Turn) -> Answer {
    Answer::alert(turn.voice().t("common-not-yours"))
}

pub async fn list(turn: &Turn, agent: &Agent, (rack, index): (Rack, u32)) -> Result<Answer, Fault> {
    let shelf = match rack {
        Rack::Ending => Shelf::EndingBefore(turn.now.after(SOON_DAYS * DAY)),
        Rack::All => Shelf::All,
        Rack::Ended => Shelf::Ended,
        Rack::Disabled => Shelf::Disabled,
    };
    let page = Page::new(index, ROWS);
    let (found, total) = subscriptions::of_agent(turn.app.db.read(), agent.person, shelf, page).await?;
    Ok(list_view(&turn.voice(), &found, rack, (index, page.count(total))).into())
}

const fn rack_key(rack: Rack) -> &'static str {
    match rack {
        Rack::Ending => "sold-rack-ending",
        Rack::All => "sold-rack-all",
        Rack::Ended => "sold-rack-ended",
        Rack::Disabled => "sold-rack-disabled",
    }
}

fn racks(voice: &Voice, chosen: Rack) -> Vec<Vec<Button>> {
    let button = |rack: Rack| {
        let mark = if rack == chosen { "• " } else { "" };
        pick(G::Sold { shelf: rack, page: 0 }, format!("{mark}{}", voice.t(rack_key(rack))))
    };
    Rack::ALL.map(button).chunks(2).map(<[Button]>::to_vec).collect()
}

/// What a service is called: its label, or its number.
pub fn name(service: &Subscription) -> String {
    service.label.clone().filter(|label| !label.is_empty()).unwrap_or_else(|| service.id.to_string())
}

fn row(voice: &Voice, service: &Subscription) -> Vec<Button> {
    let line = format!("{} {} · {}", state_icon(service, voice), shorten(&name(service), NAME_MAX), short_state(voice, service));
    vec![pick(G::Service { subscription: service.id }, line)]
}

fn list_view(voice: &Voice, found: &[Subscription], rack: Rack, (index, pages): (u32, u32)) -> Screen {
    let next = if found.is_empty() { voice.t("sold-none") } else { voice.t("sold-choose") };
    let to = |page| Route::from(G::Sold { shelf: rack, page });
    Screen::new(page(voice.t("sold-title"), [voice.t(rack_key(rack)).to_owned()], next))
        .rows(found.iter().map(|service| row(voice, service)))
        .row(pager(voice, index, pages, to))
        .rows(racks(voice, rack))
        .row([go(voice, G::Find)])
        .row(kit::back(voice, G::Home))
}

/// Which one?
pub async fn ask(turn: &Turn) -> Result<Answer, Fault> {
    ask_for(turn, Asked::Find, find_view(&turn.voice(), "")).await
}

fn find_view(voice: &Voice, wrong: &str) -> Screen {
    let back = kit::back(voice, G::Sold { shelf: Rack::All, page: 0 });
    Screen::new(page(voice.t("sold-find-title"), [wrong.to_owned()], voice.t("sold-find-ask"))).row(back)
}

/// What the typed words mean; the question stays open for other words.
pub async fn find(turn: &Turn, agent: &Agent, text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let (conn, whose) = (turn.app.db.read(), (agent.person, &turn.app.seal));
    let (found, total) = subscriptions::find_of_agent(conn, whose, text, Page::new(0, ROWS_MAX)).await?;
    match found.as_slice() {
        [] => Ok(find_view(&voice, voice.t("sold-find-none")).into()),
        [only] => super::service::show(turn, agent, only.id).await,
        some => Ok(found_view(&voice, some, total > i64::from(ROWS_MAX)).into()),
    }
}

fn found_view(voice: &Voice, found: &[Subscription], has_more: bool) -> Screen {
    let next = if has_more { voice.t("sold-find-more") } else { voice.t("sold-choose") };
    Screen::new(page(voice.t("sold-find-title"), [], next))
        .rows(found.iter().map(|service| row(voice, service)))
        .row(kit::back(voice, G::Sold { shelf: Rack::All, page: 0 }))
}

#[cfg(test)]
mod tests {
    use super::{find_view, found_view, list_view};
    use crate::bot::customer::services::tests::service;
    use crate::bot::kit::tests::in_every_language;
    use crate::bot::route::Rack;
    use crate::shop::subscriptions::{Kind, State};

    #[test]
    fn what_was_sold_in_every_language() {
        let mut sara = service(State::Active, Kind::Full);
        sara.label = Some("Sara <3 of the shop around the corner".to_owned());
        let nameless = service(State::Disabled, Kind::Full);
        insta::assert_snapshot!(in_every_language(|voice| vec![
            list_view(voice, &[sara.clone(), nameless.clone()], Rack::Ending, (0, 3)),
            list_view(voice, &[], Rack::Disabled, (0, 1)),
            find_view(voice, ""),
            find_view(voice, voice.t("sold-find-none")),
            found_view(voice, &[sara.clone(), nameless.clone()], true),
        ]));
    }
}
