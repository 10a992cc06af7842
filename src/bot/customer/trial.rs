//! The one trial that a person may have.
use super::services;
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{DAY, Fault, SubscriptionId, Time, UpdateId};
use crate::bot::kit::{self, go};
use crate::bot::page::page;
use crate::bot::route::CustomerRoute as C;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::catalog;
use crate::shop::settings::Settings;
use crate::shop::trials::{self, TrialError};

const MEGABYTE: i64 = 1 << 20;

/// What a trial is, or what became of it.
pub async fn trial(turn: &Turn) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if turn.settings.trial_plan.is_empty() {
        return Ok(refused_view(&voice, voice.t("trial-closed"), None).into());
    }
    match trials::had(turn.app.db.read(), turn.who.person.id).await? {
        Some((subscription, at)) => Ok(had_view(turn, subscription, at).await?.into()),
        None => Ok(offer_view(&voice, &turn.settings).into()),
    }
}

fn offer_view(voice: &Voice, settings: &Settings) -> Screen {
    let facts = [
        voice.t_args("shop-days", &args!["span" => voice.duration(settings.trial_days * DAY)]),
        voice.t_args("shop-traffic", &args!["traffic" => voice.traffic(settings.trial_megabytes * MEGABYTE)]),
    ];
    Screen::new(page(voice.t("trial-title"), facts, voice.t("trial-once"))).row([go(voice, C::TakeTrial)]).row(kit::home(voice))
}

async fn had_view(turn: &Turn, subscription: SubscriptionId, at: Time) -> Result<Screen, Fault> {
    let voice = turn.voice();
    let there = services::own(turn, subscription).await?.map(|service| service.id);
    let text = voice.t_args("trial-had", &args!["date" => voice.date(at)]);
    Ok(refused_view(&voice, &text, there))
}

fn refused_view(voice: &Voice, why: &str, service: Option<SubscriptionId>) -> Screen {
    let service = service.map(|subscription| go(voice, C::Service { subscription }));
    Screen::new(page(voice.t("trial-title"), [], why)).row(service).row([go(voice, C::Categories)]).row(kit::home(voice))
}

/// Starts the trial. Its id follows from the person's, so that two taps mean the same one.
pub async fn take(turn: &Turn, customer: &Customer) -> Result<Answer, Fault> {
    let (voice, catalog) = (turn.voice(), catalog::current(&turn.app.db).await?);
    let id = SubscriptionId(turn.app.ids.mint(UpdateId(customer.id.0), "trial"));
    let (who, settings, now) = (customer.clone(), turn.settings.clone(), turn.now);
    let outcome =
        turn.app.write(move |tx| Box::pin(async move { trials::take(tx, &who, id, (&settings, &catalog), now).await })).await;
    match outcome {
        Ok(service) => services::show(turn, service.id).await,
        Err(TrialError::AlreadyHad { at, subscription }) => Ok(had_view(turn, subscription, at).await?.into()),
        Err(TrialError::Cooldown { until }) => {
            let why = voice.t_args("trial-cooldown", &args!["moment" => voice.moment(until)]);
            Ok(refused_view(&voice, &why, None).into())
        }
        Err(TrialError::Closed) => Ok(refused_view(&voice, voice.t("trial-closed"), None).into()),
        Err(TrialError::NoPanel) => Ok(refused_view(&voice, voice.t("trial-no-panel"), None).into()),
        Err(TrialError::Fault(fault)) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::{offer_view, refused_view};
    use crate::base::texts::args;
    use crate::base::{DAY, SubscriptionId};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::settings::Settings;

    #[test]
    fn trials_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| {
            let had = voice.t_args("trial-had", &args!["date" => voice.date(NOW.after(-40 * DAY))]);
            let later = voice.t_args("trial-cooldown", &args!["moment" => voice.moment(NOW.after(DAY))]);
            vec![
                offer_view(voice, &Settings::default()),
                refused_view(voice, &had, Some(SubscriptionId(9))),
                refused_view(voice, &later, None),
                refused_view(voice, voice.t("trial-closed"), None),
                refused_view(voice, voice.t("trial-no-panel"), None),
            ]
        }));
    }
}
