//! One service that an agent sold: how it stands, its link, and what may be done with it.
use super::Asked;
use super::services::{name, not_yours, own};
use super::words::{ask, service_refusal};
use crate::app::Tx;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Page, PersonId, SubscriptionId};
use crate::bot::customer::services::{state_key, time_fact, title_of, traffic_facts};
use crate::bot::input;
use crate::bot::kit::{self, go, pick};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::{AgentRoute as G, Rack};
use crate::bot::screen::{Answer, Button, Media, Screen};
use crate::bot::turn::Turn;
use crate::bot::{history, qr, reply};
use crate::shop::accounts::{self, Line};
use crate::shop::agents::Agent;
use crate::shop::catalog;
use crate::shop::checkout::{self, AgentServiceError, Refundable};
use crate::shop::subscriptions::{self, OffFor, State, Subscription};
use secrecy::ExposeSecret;
use teloxide::types::ChatAction;

pub async fn show(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let Some(service) = own(turn, agent, id).await? else { return Ok(not_yours(turn)) };
    let shelf = catalog::current(&turn.app.db).await?;
    let link = service.open_link(&turn.app.seal)?;
    let plan = title_of(&turn.voice(), &shelf, &service);
    Ok(view(&turn.voice(), (agent.person, &plan), &service, link.as_ref().map(ExposeSecret::expose_secret)).into())
}

fn view(voice: &Voice, (agent, plan): (PersonId, &str), service: &Subscription, link: Option<&str>) -> Screen {
    let head = voice.t_args("services-one-title", &args!["title" => name(service), "id" => Arg::code(service.id.to_string())]);
    let customer = if service.person == agent { "sold-customer-none" } else { "sold-customer" };
    let mut facts = vec![
        voice.t_args("sold-plan", &args!["plan" => plan]),
        voice.t_args("services-state", &args!["state" => state_of(voice, service)]),
    ];
    facts.extend(time_fact(voice, service));
    facts.extend(traffic_facts(voice, service));
    facts.push(voice.t_args("sold-account", &args!["account" => Arg::code(service.account.as_str())]));
    facts.push(voice.t(customer).to_owned());
    facts.extend(service.memo.as_deref().map(|memo| voice.t_args("sold-memo", &args!["memo" => memo])));
    let link = link.filter(|_| service.state == State::Active);
    let shown = link.map(|link| voice.t_args("services-link", &args!["link" => Arg::code(link)])).unwrap_or_default();
    let hint = if service.state == State::Pending { voice.t("services-hint-pending") } else { "" };
    let text = paragraphs(&[head, facts.join("\n"), shown, hint.to_owned()]);
    Screen::new(text).rows(rows(voice, agent, service, link))
}

fn state_of(voice: &Voice, service: &Subscription) -> &'static str {
    voice.t(match service.off {
        Some((OffFor::Credit, _)) => "sold-off-credit",
        Some((OffFor::Agent, _)) => "sold-off-agent",
        None => state_key(voice, service),
    })
}

fn rows(voice: &Voice, agent: PersonId, service: &Subscription, link: Option<&str>) -> Vec<Vec<Button>> {
    let subscription = service.id;
    let mut rows: Vec<Vec<Button>> = Vec::new();
    if let Some(link) = link {
        rows.push(kit::copy(voice, "button-copy-link", link).into_iter().chain([go(voice, G::Qr { subscription })]).collect());
    }
    if service.person == agent {
        rows.push(vec![go(voice, G::Give { subscription })]);
    }
    if matches!(service.state, State::Active | State::Ended) {
        rows.push(vec![go(voice, G::AskRenew { subscription }), go(voice, G::AskTraffic { subscription })]);
    }
    match (service.state, service.off) {
        (State::Active, _) => rows.push(vec![go(voice, G::Pause { subscription }), go(voice, G::AskNewLink { subscription })]),
        (State::Disabled, Some((OffFor::Agent, _))) => rows.push(vec![go(voice, G::Resume { subscription })]),
        (State::Pending, _) => rows.push(vec![pick(G::Service { subscription }, voice.t("button-refresh"))]),
        _ => {}
    }
    rows.push(vec![go(voice, G::AskLabel { subscription }), go(voice, G::AskDelete { subscription })]);
    rows.push(vec![go(voice, G::History { subscription })]);
    rows.push(kit::back(voice, G::Sold { shelf: Rack::All, page: 0 }));
    rows
}

/// The link as a picture, which stays.
pub async fn picture(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let Some(service) = own(turn, agent, id).await? else { return Ok(not_yours(turn)) };
    let Some(link) = service.open_link(&turn.app.seal)? else { return show(turn, agent, id).await };
    reply::busy(turn, ChatAction::UploadPhoto).await;
    let png = qr::png(link.expose_secret().to_owned()).await?;
    let voice = turn.voice();
    let caption = voice.t_args("services-qr", &args!["title" => name(&service)]);
    Ok(Screen::new(caption).with(Media::Png(png)).row([go(&voice, G::Service { subscription: id })]).keep().into())
}

/// What was done to it, and why.
pub async fn history(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let Some(service) = own(turn, agent, id).await? else { return Ok(not_yours(turn)) };
    let few = Page::new(0, history::LINES_MAX);
    let lines = accounts::audit_of(turn.app.db.read(), &history::subject(id), few).await?;
    Ok(history_view(&turn.voice(), &service, &lines).into())
}

fn history_view(voice: &Voice, service: &Subscription, lines: &[Line]) -> Screen {
    let title = voice.t_args("history-title", &args!["title" => name(service)]);
    let made = voice.t_args("history-made", &args!["when" => voice.moment(service.created_at)]);
    let facts = history::lines(voice, lines).into_iter().chain([made]);
    Screen::new(page(&title, facts, "")).row(kit::back(voice, G::Service { subscription: service.id }))
}

/// What became of an act, over the service as it is by now.
async fn done(
    turn: &Turn,
    agent: &Agent,
    id: SubscriptionId,
    outcome: Result<(), AgentServiceError>,
    word: &'static str,
) -> Result<Answer, Fault> {
    match outcome {
        Ok(()) => Ok(show(turn, agent, id).await?.saying(turn.voice().t(word))),
        Err(error) => Ok(Answer::alert(service_refusal(&turn.voice(), error)?)),
    }
}

/// One act in a transaction of its own.
macro_rules! act {
    ($turn:expr, $agent:expr, $verb:ident($id:expr)) => {{
        let (who, now, id) = ($agent.clone(), $turn.now, $id);
        $turn.app.write(move |tx: &Tx| Box::pin(async move { checkout::$verb(tx, &who, id, now).await })).await
    }};
}

pub async fn pause(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let outcome = act!(turn, agent, pause(id));
    done(turn, agent, id, outcome, "sold-paused").await
}

pub async fn resume(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let outcome = act!(turn, agent, resume(id));
    done(turn, agent, id, outcome, "sold-resumed").await
}

/// The exact consequence of a new link.
pub async fn ask_new_link(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    match own(turn, agent, id).await? {
        Some(service) => Ok(new_link_view(&turn.voice(), &service).into()),
        None => Ok(not_yours(turn)),
    }
}

fn new_link_view(voice: &Voice, service: &Subscription) -> Screen {
    let subscription = service.id;
    let title = voice.t_args("sold-new-link-title", &args!["label" => name(service)]);
    let safe = pick(G::Service { subscription }, voice.t("button-sold-no"));
    Screen::new(page(&title, [], voice.t("sold-new-link-ask"))).rows(kit::confirm(safe, go(voice, G::NewLink { subscription })))
}

pub async fn new_link(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let outcome = act!(turn, agent, revoke_link(id));
    done(turn, agent, id, outcome, "sold-new-link").await
}

/// The exact consequence of deleting: what comes back.
pub async fn ask_delete(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let Some(service) = own(turn, agent, id).await? else { return Ok(not_yours(turn)) };
    let back = checkout::refundable(turn.app.db.read(), agent, &service, turn.now).await?;
    Ok(delete_view(&turn.voice(), &service, back).into())
}

fn delete_view(voice: &Voice, service: &Subscription, Refundable { back, paid }: Refundable) -> Screen {
    let subscription = service.id;
    let title = voice.t_args("sold-delete-title", &args!["label" => name(service)]);
    let refund = if paid.minor == 0 {
        voice.t("sold-delete-no-refund").to_owned()
    } else if back == paid {
        voice.t_args("sold-delete-refund", &args!["amount" => voice.money(back)])
    } else {
        voice.t_args("sold-delete-part", &args!["amount" => voice.money(back), "paid" => voice.money(paid)])
    };
    let safe = pick(G::Service { subscription }, voice.t("button-sold-no"));
    let act = go(voice, G::Delete { subscription, refund_minor: back.minor });
    Screen::new(page(&title, [refund], voice.t("sold-delete-ask"))).rows(kit::confirm(safe, act))
}

pub async fn delete(turn: &Turn, agent: &Agent, (id, refund_minor): (SubscriptionId, i64)) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let (who, now) = (agent.clone(), turn.now);
    let outcome =
        turn.app.write(move |tx| Box::pin(async move { checkout::delete_sold(tx, &who, id, refund_minor, now).await })).await;
    match outcome {
        Ok(back) => {
            let told = voice.t_args("sold-deleted-back", &args!["amount" => voice.money(back)]);
            Ok(deleted_view(&voice, (back.minor > 0).then_some(told)).into())
        }
        // A second tap, or the same one after a crash: what he wanted is done.
        Err(AgentServiceError::NotYours | AgentServiceError::NotNow) if is_deleted(turn, agent, id).await? => {
            Ok(deleted_view(&voice, None).into())
        }
        Err(error @ AgentServiceError::RefundChanged { .. }) => {
            let told = service_refusal(&voice, error)?;
            Ok(ask_delete(turn, agent, id).await?.saying(told))
        }
        Err(error) => Ok(Answer::alert(service_refusal(&voice, error)?)),
    }
}

/// Was it his before it was deleted? A deleted one is nobody's.
async fn is_deleted(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<bool, Fault> {
    let service = subscriptions::get(turn.app.db.read(), id).await?;
    Ok(service.is_some_and(|service| service.agent == Some(agent.person) && service.state == State::Deleted))
}

fn deleted_view(voice: &Voice, fact: Option<String>) -> Screen {
    let to = G::Sold { shelf: Rack::All, page: 0 };
    Screen::new(page(voice.t("sold-deleted"), fact, "")).row(kit::back(voice, to))
}

/// What is it to be called, and what is to be noted?
pub async fn ask_label(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let Some(service) = own(turn, agent, id).await? else { return Ok(not_yours(turn)) };
    ask(turn, Asked::Relabel { subscription: id }, label_view(&turn.voice(), &service, "")).await
}

fn label_view(voice: &Voice, service: &Subscription, wrong: &str) -> Screen {
    let title = voice.t_args("sold-label-title", &args!["label" => name(service)]);
    let back = kit::back(voice, G::Service { subscription: service.id });
    Screen::new(page(&title, [wrong.to_owned()], voice.t("sold-label-ask"))).row(back)
}

/// First line: the name; the rest: the note.
pub async fn relabel(turn: &Turn, agent: &Agent, id: SubscriptionId, text: &str) -> Result<Answer, Fault> {
    let Some(service) = own(turn, agent, id).await? else { return Ok(not_yours(turn)) };
    let (label, memo) =
        text.split_once('\n').map_or((text.to_owned(), None), |(label, memo)| (label.to_owned(), Some(memo.to_owned())));
    let memo = memo.or_else(|| service.memo.clone());
    let (mine, who) = (turn.clone(), agent.clone());
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                checkout::relabel(tx, &who, id, (&label, memo.as_deref())).await?;
                input::close(tx, &mine).await?;
                Ok::<_, AgentServiceError>(())
            })
        })
        .await;
    match outcome {
        Ok(()) => show(turn, agent, id).await,
        Err(AgentServiceError::BadLabel) => Ok(label_view(&turn.voice(), &service, turn.voice().t("sell-bad-label")).into()),
        Err(error) => Ok(Answer::alert(service_refusal(&turn.voice(), error)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Refundable, delete_view, history_view, label_view, new_link_view, view};
    use crate::base::{Asset, DAY, Money, PersonId};
    use crate::bot::customer::services::tests::service;
    use crate::bot::history::tests::history;
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::subscriptions::{Kind, OffFor, State, Subscription};

    #[test]
    fn a_sold_service_in_every_language() {
        let (agent, link) = (PersonId(700), Some("https://de.example/sub/dG9rZW4"));
        let sold = |state, off| {
            let mut sold = service(state, Kind::Full);
            (sold.label, sold.agent, sold.person) = (Some("Sara <3".to_owned()), Some(agent), agent);
            sold.off = off;
            sold
        };
        let active = sold(State::Active, None);
        let mut taken = active.clone();
        (taken.person, taken.memo) = (PersonId(9), Some("pays on Fridays".to_owned()));
        let mut ended = sold(State::Ended, None);
        ended.until = NOW.after(-DAY);
        let toman = |minor| Money::new(minor, Asset::Irt);
        insta::assert_snapshot!(in_every_language(|voice| {
            let view = |service: &Subscription| view(voice, (agent, "1 month, 30 GB"), service, link);
            vec![
                view(&active),
                view(&taken),
                view(&sold(State::Pending, None)),
                view(&sold(State::Disabled, Some((OffFor::Agent, NOW)))),
                view(&sold(State::Disabled, Some((OffFor::Credit, NOW)))),
                view(&ended),
                new_link_view(voice, &active),
                delete_view(voice, &active, Refundable { back: toman(96_000), paid: toman(96_000) }),
                delete_view(voice, &active, Refundable { back: toman(40_000), paid: toman(96_000) }),
                delete_view(voice, &active, Refundable { back: toman(0), paid: toman(0) }),
                label_view(voice, &active, ""),
                history_view(voice, &active, &history()),
            ]
        }));
    }
}
