//! How to connect, system by system: which app, where it is got, and what to tap.
use super::order::not_yours;
use super::services::{app_buttons, own};
use crate::base::apps::{App, System};
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{Fault, SubscriptionId};
use crate::bot::kit::{self, grid, pick};
use crate::bot::page::page;
use crate::bot::route::CustomerRoute as C;
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::Turn;
use crate::shop::subscriptions::Subscription;

/// Which system?
pub async fn choose(turn: &Turn, id: SubscriptionId) -> Result<Answer, Fault> {
    match own(turn, id).await? {
        Some(service) => Ok(choose_view(&turn.voice(), service.id).into()),
        None => Ok(not_yours(turn)),
    }
}

fn choose_view(voice: &Voice, subscription: SubscriptionId) -> Screen {
    let buttons = System::ALL.map(|system| pick(C::Guide { subscription, system }, system.name()));
    Screen::new(page(voice.t("guide-title"), [], voice.t("guide-choose")))
        .rows(grid(&buttons))
        .row(kit::back(voice, C::Service { subscription }))
}

pub async fn show(turn: &Turn, id: SubscriptionId, system: System) -> Result<Answer, Fault> {
    match own(turn, id).await? {
        Some(service) => Ok(view(&turn.voice(), turn.app.public_url.as_deref(), &service, system).into()),
        None => Ok(not_yours(turn)),
    }
}

fn view(voice: &Voice, public_url: Option<&str>, service: &Subscription, system: System) -> Screen {
    let subscription = service.id;
    let advised = App::of(system).next();
    let name = advised.map(|app| app.name).unwrap_or_default();
    let title = voice.t_args("guide-system-title", &args!["system" => system.name()]);
    let steps = match (public_url, system) {
        (Some(_), System::Android | System::Ios | System::Macos) => voice.t_args("guide-steps-tap", &args!["app" => name]),
        _ => voice.t_args("guide-steps-paste", &args!["app" => name]),
    };
    let others: Vec<&str> = App::of(system).skip(1).map(|app| app.name).collect();
    let others = match others[..] {
        [] => String::new(),
        _ => voice.t_args("guide-others", &args!["apps" => others.join(" · ")]),
    };
    let get = advised.map(|app| Button::Url(app.home.to_owned(), voice.label("guide-get", &args!["app" => app.name])));
    let open = app_buttons(public_url, service, App::of(system).take(4));
    Screen::new(page(&title, [steps], &others)).row(get).rows(grid(&open)).row(kit::back(voice, C::Guides { subscription }))
}

#[cfg(test)]
mod tests {
    use super::super::services::tests::service;
    use super::{choose_view, view};
    use crate::base::apps::System;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::subscriptions::{Kind, State};

    #[test]
    fn guides_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| {
            let mine = service(State::Active, Kind::Full);
            let mut screens = vec![choose_view(voice, mine.id)];
            screens.extend(System::ALL.map(|system| view(voice, Some("https://shop.example"), &mine, system)));
            screens.push(view(voice, None, &mine, System::Android));
            screens
        }));
    }
}
