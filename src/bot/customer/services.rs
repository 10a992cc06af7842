//! The services that a person owns: the list, one of them, its link in every form, and a fresh look at the panel.
use super::order::not_yours;
use crate::app::App;
use crate::base::apps;
use crate::base::format::{self, Voice};
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Page, SubscriptionId};
use crate::bot::kit::{self, ROWS_MAX, go, grid, pager, pick, shorten};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::{CustomerRoute as C, Route};
use crate::bot::screen::{Answer, Button, Media, Screen};
use crate::bot::turn::Turn;
use crate::bot::{qr, reply};
use crate::shop::agents;
use crate::shop::catalog::{self, Catalog};
use crate::shop::panels;
use crate::shop::subscriptions::{self, Kind, Noted, Pace, Seen, State, Subscription};
use secrecy::ExposeSecret;
use std::time::Duration;
use teloxide::types::ChatAction;

/// Letters of a plan's name in the list.
const NAME_MAX: usize = 22;
/// How long a person waits for a panel that is asked on his tap.
const LOOK_MAX: Duration = Duration::from_secs(8);

/// The person's own service.
pub async fn own(turn: &Turn, id: SubscriptionId) -> Result<Option<Subscription>, Fault> {
    let found = subscriptions::get_for(turn.app.db.read(), turn.who.person.id, id).await?;
    Ok(found.filter(|service| service.state != State::Deleted))
}

pub async fn list(turn: &Turn, index: u32) -> Result<Answer, Fault> {
    let of = async |index| {
        let page = Page::new(index, ROWS_MAX);
        let (found, total) = subscriptions::of_person(turn.app.db.read(), turn.who.person.id, page).await?;
        Ok::<_, Fault>((found, page.count(total)))
    };
    let (mut found, pages) = of(index).await?;
    // What was on this page may be gone by now: then the last page that there is.
    let shown = index.min(pages.saturating_sub(1));
    if shown < index {
        (found, _) = of(shown).await?;
    }
    let shelf = catalog::current(&turn.app.db).await?;
    let trials = !turn.settings.trial_plan.is_empty();
    Ok(list_view(&turn.voice(), &shelf, &found, (shown, pages), trials).into())
}

fn list_view(voice: &Voice, shelf: &Catalog, found: &[Subscription], (index, pages): (u32, u32), trials: bool) -> Screen {
    let title = voice.t("services-title");
    if found.is_empty() && index == 0 {
        return Screen::new(page(title, [], voice.t("services-none")))
            .row([go(voice, C::Categories)])
            .row(trials.then(|| go(voice, C::Trial)))
            .row(kit::home(voice));
    }
    let rows = found.iter().map(|service| {
        let (icon, words) = (state_icon(service, voice), short_state(voice, service));
        let line = format!("{icon} {} · {words}", shorten(&title_of(voice, shelf, service), NAME_MAX));
        vec![pick(C::Service { subscription: service.id }, line)]
    });
    let to = |page| Route::from(C::Services { page });
    Screen::new(page(title, [], voice.t("services-choose"))).rows(rows).row(pager(voice, index, pages, to)).row(kit::home(voice))
}

/// What a service is called: its plan's title, or that it is a trial.
pub fn title_of(voice: &Voice, shelf: &Catalog, service: &Subscription) -> String {
    if service.kind == Kind::Trial {
        return voice.t("services-trial").to_owned();
    }
    shelf.plan(&service.plan).map_or_else(|| service.plan.to_string(), |plan| plan.title(voice.lang).to_owned())
}

const fn is_over(service: &Subscription, voice: &Voice) -> bool {
    service.until.0 <= voice.now.0
}

pub fn state_icon(service: &Subscription, voice: &Voice) -> &'static str {
    match service.state {
        State::Active if is_over(service, voice) => "🔴",
        State::Active => "🟢",
        State::Pending => "🟡",
        State::Disabled => "⏸",
        State::Ended | State::Deleted => "🔴",
    }
}

pub fn short_state(voice: &Voice, service: &Subscription) -> String {
    match service.state {
        State::Active if !is_over(service, voice) => voice.duration(service.time_left(voice.now)),
        _ => voice.t(state_key(voice, service)).to_owned(),
    }
}

pub const fn state_key(voice: &Voice, service: &Subscription) -> &'static str {
    match (service.state, service.kind) {
        // Its time is over, and the clock has not come by yet.
        (State::Active, _) if is_over(service, voice) => "services-state-ended",
        (State::Active, Kind::Provisional) => "services-state-provisional",
        (State::Active, Kind::Full | Kind::Trial) => "services-state-active",
        (State::Pending, _) => "services-state-pending",
        (State::Disabled, _) => "services-state-disabled",
        (State::Ended | State::Deleted, _) => "services-state-ended",
    }
}

pub async fn show(turn: &Turn, id: SubscriptionId) -> Result<Answer, Fault> {
    match own(turn, id).await? {
        Some(service) => Ok(screen(turn, &service).await?.into()),
        None => Ok(not_yours(turn)),
    }
}

async fn screen(turn: &Turn, service: &Subscription) -> Result<Screen, Fault> {
    let shelf = catalog::current(&turn.app.db).await?;
    let link = service.open_link(&turn.app.seal)?;
    let link = link.as_ref().map(ExposeSecret::expose_secret);
    let is_resold = is_resold(&turn.app, service).await?;
    Ok(view(&turn.voice(), &title_of(&turn.voice(), &shelf, service), (service, is_resold), link))
}

/// Did an agent sell it to its owner, who sells it on? Then he alone renews it.
pub async fn is_resold(app: &App, service: &Subscription) -> Result<bool, Fault> {
    let Some(agent) = service.agent.filter(|agent| *agent != service.person) else { return Ok(false) };
    let agency = agents::agency(app.db.read(), agent).await?;
    Ok(agency.is_some_and(|agency| agency.state != agents::State::Closed))
}

fn view(voice: &Voice, title: &str, (service, is_resold): (&Subscription, bool), link: Option<&str>) -> Screen {
    let head = voice.t_args("services-one-title", &args!["title" => title, "id" => Arg::code(service.id.to_string())]);
    let mut facts = vec![voice.t_args("services-state", &args!["state" => voice.t(state_key(voice, service))])];
    facts.extend(time_fact(voice, service));
    facts.extend(traffic_facts(voice, service));
    let link = link.filter(|_| service.state == State::Active);
    let shown = link.map(|link| voice.t_args("services-link", &args!["link" => Arg::code(link)])).unwrap_or_default();
    let text = paragraphs(&[head, facts.join("\n"), shown, hint(voice, service, is_resold).to_owned()]);
    Screen::new(text).rows(rows(voice, service, is_resold, link))
}

pub fn time_fact(voice: &Voice, service: &Subscription) -> Option<String> {
    let args = args!["moment" => voice.moment(service.until)];
    match service.state {
        State::Active if is_over(service, voice) => Some(voice.t_args("services-ended-at", &args)),
        State::Active | State::Disabled => Some(voice.t_args("services-until", &args)),
        State::Ended => Some(voice.t_args("services-ended-at", &args)),
        State::Pending | State::Deleted => None,
    }
}

pub fn traffic_facts(voice: &Voice, service: &Subscription) -> Vec<String> {
    let used = voice.traffic(service.used());
    match (service.quota(), service.used_share()) {
        (Some(quota), Some(share)) => {
            let left = (quota - service.used()).max(0);
            let args = args!["left" => voice.traffic(left), "quota" => voice.traffic(quota)];
            let rest = 1_000 - share.clamp(0, 1_000);
            let bar = format!("{} {}", format::bar(rest), format::percent(voice.lang, rest));
            vec![voice.t_args("services-traffic", &args), bar]
        }
        _ => vec![voice.t_args("services-traffic-unlimited", &args!["used" => used])],
    }
}

fn hint(voice: &Voice, service: &Subscription, is_resold: bool) -> &'static str {
    match (service.state, service.kind) {
        (State::Ended | State::Deleted, Kind::Full) if is_resold => voice.t("services-hint-resold"),
        (State::Pending, _) => voice.t("services-hint-pending"),
        (State::Active, Kind::Provisional) => voice.t("services-hint-provisional"),
        (State::Active, Kind::Full | Kind::Trial) if service.online_at.is_none() => voice.t("services-hint-connect"),
        (State::Active, Kind::Full | Kind::Trial) => {
            if is_resold {
                voice.t("services-hint-resold")
            } else {
                ""
            }
        }
        (State::Disabled, _) => voice.t("services-hint-disabled"),
        (State::Ended | State::Deleted, Kind::Full) => voice.t("services-hint-renew"),
        (State::Ended | State::Deleted, Kind::Trial | Kind::Provisional) => voice.t("services-hint-buy"),
    }
}

fn rows(voice: &Voice, service: &Subscription, is_resold: bool, link: Option<&str>) -> Vec<Vec<Button>> {
    let subscription = service.id;
    let renew = match service.kind {
        Kind::Full if is_resold => None,
        Kind::Full => Some(vec![go(voice, C::Renew { subscription })]),
        Kind::Trial | Kind::Provisional => Some(vec![go(voice, C::Categories)]),
    };
    let mut rows = Vec::new();
    if let Some(link) = link {
        rows.push(vec![go(voice, C::Apps { subscription })]);
        rows.push(kit::copy(voice, "button-copy-link", link).into_iter().chain([go(voice, C::Qr { subscription })]).collect());
        rows.push(vec![go(voice, C::Guides { subscription }), go(voice, C::Refresh { subscription })]);
    }
    match service.state {
        State::Active => rows.extend(renew),
        State::Ended => rows.extend(renew.into_iter().chain([vec![go(voice, C::Support)]])),
        State::Disabled | State::Deleted => rows.push(vec![go(voice, C::Support)]),
        State::Pending => rows.push(vec![go(voice, C::Refresh { subscription })]),
    }
    rows.push(kit::back(voice, C::Services { page: 0 }));
    rows
}

/// Asks the panel now. When it does not answer in time, what we know stays on the screen, and that is said.
pub async fn refresh(turn: &Turn, id: SubscriptionId) -> Result<Answer, Fault> {
    let Some(service) = own(turn, id).await? else { return Ok(not_yours(turn)) };
    if service.state != State::Active {
        return Ok(Answer::from(screen(turn, &service).await?));
    }
    reply::busy(turn, ChatAction::Typing).await;
    match look(turn, &service).await {
        Some(seen) => {
            let (pace, now) = (Pace::of(&turn.settings), turn.now);
            let noted = turn
                .app
                .write(move |tx| Box::pin(async move { subscriptions::note_usage(tx, id, &seen, pace, now).await }))
                .await?;
            tracing::debug!(subscription = %id, used_up = (noted == Noted::UsedUp), "usage was asked for by its owner");
            Ok(show(turn, id).await?.saying(turn.voice().t("services-refreshed")))
        }
        None => Ok(Answer::from(screen(turn, &service).await?).saying(turn.voice().t("services-panel-silent"))),
    }
}

async fn look(turn: &Turn, service: &Subscription) -> Option<Seen> {
    let asked = async {
        let client = panels::connected(&turn.app.db, &turn.app.seal, &service.panel).await?;
        let account = client.get(&service.account_name()?).await.map_err(Fault::new)?;
        Ok::<_, Fault>(Seen::from(&account))
    };
    match tokio::time::timeout(LOOK_MAX, asked).await {
        Ok(Ok(seen)) => Some(seen),
        Ok(Err(fault)) => {
            tracing::info!(error = %fault, panel = %service.panel, "a panel did not answer its customer");
            None
        }
        Err(_) => None,
    }
}

/// The link as a picture, which stays.
pub async fn picture(turn: &Turn, id: SubscriptionId) -> Result<Answer, Fault> {
    let Some(service) = own(turn, id).await? else { return Ok(not_yours(turn)) };
    let Some(link) = service.open_link(&turn.app.seal)? else { return show(turn, id).await };
    reply::busy(turn, ChatAction::UploadPhoto).await;
    let png = qr::png(link.expose_secret().to_owned()).await?;
    let shelf = catalog::current(&turn.app.db).await?;
    let voice = turn.voice();
    let caption = voice.t_args("services-qr", &args!["title" => title_of(&voice, &shelf, &service)]);
    Ok(Screen::new(caption).with(Media::Png(png)).row([go(&voice, C::Service { subscription: id })]).keep().into())
}

/// A button an app: our page hands the link over, since Telegram takes no address of theirs.
pub async fn apps(turn: &Turn, id: SubscriptionId) -> Result<Answer, Fault> {
    let Some(service) = own(turn, id).await? else { return Ok(not_yours(turn)) };
    Ok(apps_view(&turn.voice(), turn.app.public_url.as_deref(), &service).into())
}

fn apps_view(voice: &Voice, public_url: Option<&str>, service: &Subscription) -> Screen {
    let subscription = service.id;
    let (title, back) = (voice.t("apps-title"), kit::back(voice, C::Service { subscription }));
    let buttons = app_buttons(public_url, service, apps::APPS.iter());
    let next = if buttons.is_empty() { voice.t("apps-copy-instead") } else { voice.t("apps-choose") };
    Screen::new(page(title, [], next)).rows(grid(&buttons)).row([go(voice, C::Guides { subscription })]).row(back)
}

/// Addresses of our page; none when we have no page that can be reached, or the service has no link yet.
pub fn app_buttons<'a>(
    public_url: Option<&str>,
    service: &Subscription,
    apps: impl Iterator<Item = &'a apps::App>,
) -> Vec<Button> {
    let Some((url, token)) = public_url.zip(service.token.as_deref()) else { return Vec::new() };
    apps.map(|app| Button::Url(format!("{url}/open/{}/{token}", app.code), app.name.to_owned())).collect()
}

#[cfg(test)]
pub(in crate::bot) mod tests {
    use super::{apps_view, list_view, view};
    use crate::base::format::GB;
    use crate::base::{DAY, HOUR};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::catalog::Catalog;
    use crate::shop::subscriptions::{self, Kind, State, Subscription};

    pub fn service(state: State, kind: Kind) -> Subscription {
        let mut service = subscriptions::sample::service();
        (service.state, service.kind, service.until) = (state, kind, NOW.after(12 * DAY + HOUR));
        (service.traffic_bytes, service.used_bytes) = (30 * GB, 12 * GB + GB / 3);
        service.token = Some("abcdefgh01234567".to_owned());
        service
    }

    #[test]
    fn services_in_every_language() {
        let link = "https://de.example/sub/dG9rZW4";
        insta::assert_snapshot!(in_every_language(|voice| {
            let shelf = Catalog::default();
            let active = service(State::Active, Kind::Full);
            let mut unlimited = active.clone();
            (unlimited.traffic_bytes, unlimited.online_at) = (0, None);
            let mut ended = service(State::Ended, Kind::Full);
            ended.until = NOW.after(-DAY);
            vec![
                list_view(voice, &shelf, &[active.clone(), service(State::Pending, Kind::Trial)], (0, 1), true),
                list_view(voice, &shelf, &[], (0, 1), true),
                view(voice, "1 month, 30 GB", (&active, false), Some(link)),
                view(voice, "1 month", (&unlimited, false), Some(link)),
                view(voice, "1 month", (&service(State::Active, Kind::Provisional), false), Some(link)),
                view(voice, "1 month", (&service(State::Pending, Kind::Full), false), None),
                view(voice, "1 month", (&ended, false), Some(link)),
                view(voice, "1 month", (&service(State::Disabled, Kind::Full), false), Some(link)),
                view(voice, "1 month", (&active, true), Some(link)),
                view(voice, "1 month", (&ended, true), Some(link)),
                apps_view(voice, Some("https://shop.example"), &active),
                apps_view(voice, None, &active),
            ]
        }));
    }
}
