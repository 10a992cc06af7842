//! Brings a panel to what a service is to be: makes the account, changes it, switches it off, deletes it.
//!
//! Always: the account is asked for under a name chosen before, so that asking again finds it; "ready" is said only of a link
//! that was fetched and held a server, which is once for each link: before it is kept. A lent service that becomes full, and one
//! that is renewed, keep theirs. It is never given up, since something paid may wait for it. What a panel refuses is
//! told to the group once and tried again slowly, for an operator can put it right.
//! Never: fights over an account that is not ours.
use crate::app::App;
use crate::base::{Fault, MINUTE, SECOND, SubscriptionId, Time};
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::checkout;
use crate::shop::notices::{Notice, tell, tell_group};
use crate::shop::panels::{self, Account, AccountName, Deleted, Intake, Outcome, PanelClient, PanelCode, ProviderError};
use crate::shop::settings;
use crate::shop::subscriptions::{
    self, Applied, ChangeError, Confirmed, Kind, Provision, RemoveAccount, State, Subscription, revision_applied, seal_link,
};
use secrecy::ExposeSecret;
use std::sync::Arc;

/// After what a panel refuses, or while it is switched off.
const SLOWLY: i64 = 10 * MINUTE;

impl Act<App> for Provision {
    const TRIES: u32 = u32::MAX;

    async fn run(self, app: &App, attempt: Attempt) -> Result<(), JobError> {
        let Some(service) = load(app, self.subscription, attempt.now).await? else { return Ok(()) };
        let Some(Reached { client, was_well }) = reach(app, &service, attempt.now).await? else { return Ok(()) };
        match carry_out(&*client, &service).await {
            Ok(done) => settle(app, service, done, was_well).await,
            Err(error) => Err(stumble(app, &service, error, attempt).await?),
        }
    }
}

impl Act<App> for RemoveAccount {
    const TRIES: u32 = u32::MAX;

    async fn run(self, app: &App, attempt: Attempt) -> Result<(), JobError> {
        if subscriptions::by_account(app.db.read(), &self.panel, &self.account).await?.is_some() {
            // The service was moved back here meanwhile; its own job makes the account what it is to be.
            return Ok(());
        }
        let Some(panel) = panels::get(app.db.read(), &self.panel).await? else { return Ok(()) };
        if panel.intake == Intake::Off {
            tracing::warn!(target: "panel", panel = %self.panel, account = %self.account, "left behind: the panel is off");
            return Ok(());
        }
        let Ok(name) = self.account.parse::<AccountName>() else { return Ok(()) };
        let client = panels::connected(&app.db, &app.seal, &self.panel).await?;
        match client.delete(&name, &self.note).await {
            Ok(_) => Ok(()),
            Err(ProviderError::Refused { code, say }) => {
                tracing::warn!(target: "panel", panel = %self.panel, account = %self.account, code, say, "left behind");
                Ok(())
            }
            Err(error) => Err(JobError::RetryAt { at: pause(attempt).max(attempt.now.after(MINUTE)), why: error.to_string() }),
        }
    }
}

/// The service as it is to be now, the time it waited given back.
async fn load(app: &App, id: SubscriptionId, now: Time) -> Result<Option<Subscription>, Fault> {
    let Some(service) = subscriptions::get(app.db.read(), id).await? else { return Ok(None) };
    if !service.is_owed_time(now) {
        return Ok(Some(service));
    }
    app.write(move |tx| {
        Box::pin(async move {
            subscriptions::give_back_waiting(tx, id, now).await?;
            subscriptions::get(tx, id).await
        })
    })
    .await
}

/// A panel that can be spoken to.
struct Reached {
    client: Arc<dyn PanelClient>,
    /// Then there is nothing to note of its answer.
    was_well: bool,
}

/// The panel's client. `None`: the panel is switched off, and what is to be deleted on it is left behind.
async fn reach(app: &App, service: &Subscription, now: Time) -> Result<Option<Reached>, JobError> {
    let slowly = |why: String| JobError::RetryAt { at: now.after(SLOWLY), why };
    let panel = panels::lately(&app.db, &service.panel).await?;
    let Some(panel) = panel.filter(|panel| panel.intake != Intake::Off) else {
        if service.state == State::Deleted {
            tracing::warn!(target: "panel", panel = %service.panel, account = %service.account, "left behind: the panel is off");
            return Ok(None);
        }
        return Err(slowly(format!("panel {} is switched off", service.panel)));
    };
    match panels::client_of(&app.db, &app.seal, &panel) {
        Ok(client) => Ok(Some(Reached { client, was_well: panel.is_well() })),
        Err(fault) => {
            alarm_once(app, service, fault.chain(), now).await?;
            Err(slowly(fault.chain()))
        }
    }
}

/// What the panel did.
enum Done {
    /// The account is as wanted. A link comes with an account that had none before.
    Stands { link: Option<String> },
    /// There is nothing on it, as wanted.
    Nothing,
    /// There was an account, and it is gone.
    Lost,
}

async fn carry_out(panel: &dyn PanelClient, service: &Subscription) -> Result<Done, ProviderError> {
    let spec = service.spec().map_err(|fault| ProviderError::refused("invalid", fault.chain()))?;
    match service.state {
        State::Deleted => {
            if panel.delete(&spec.name, &spec.note).await? == Deleted::Uncleanly {
                tracing::warn!(target: "panel", panel = %service.panel, account = %service.account, "deleted uncleanly");
            }
            Ok(Done::Nothing)
        }
        State::Disabled => match panel.apply(&spec).await {
            Ok(_) => Ok(Done::Stands { link: None }),
            Err(ProviderError::Absent) => Ok(Done::Nothing),
            Err(error) => Err(error),
        },
        State::Pending | State::Active | State::Ended if service.has_link() => match panel.apply(&spec).await {
            Ok(_) => Ok(Done::Stands { link: None }),
            Err(ProviderError::Absent) if service.state == State::Ended => Ok(Done::Nothing),
            Err(ProviderError::Absent) => Ok(Done::Lost),
            Err(error) => Err(error),
        },
        State::Pending | State::Active | State::Ended => {
            let made = panel.ensure(&spec).await?;
            // Only after the account was proved to be ours.
            let account = if service.revoke_due { panel.revoke_link(&spec.name).await? } else { made };
            has_servers(panel, &account).await?;
            Ok(Done::Stands { link: Some(account.subscription_url) })
        }
    }
}

/// Fetches the link as a customer's app will.
async fn has_servers(panel: &dyn PanelClient, account: &Account) -> Result<(), ProviderError> {
    if panel.links(account).await?.is_empty() {
        return Err(ProviderError::refused("no_servers", "the link opens, and there is no server in it"));
    }
    Ok(())
}

/// Writes down what the panel did, delivers, and tells the owner.
async fn settle(app: &App, service: Subscription, done: Done, was_well: bool) -> Result<(), JobError> {
    let now = app.clock.now();
    let settings = settings::current(&app.db).await?;
    let link = match done {
        Done::Lost => return Ok(make_again(app, &service, now).await?),
        Done::Nothing => None,
        Done::Stands { link: Some(link) } => Some(link),
        Done::Stands { link: None } => service.open_link(&app.seal)?.map(|link| link.expose_secret().to_owned()),
    };
    let link_sealed = link.map(|link| seal_link(&app.seal, service.id, &link)).transpose()?;
    let confirmed = Confirmed { id: service.id, revision: service.revision, link_sealed, token: app.ids.token() };
    app.write(move |tx| {
        Box::pin(async move {
            if !was_well {
                panels::note_health(tx, &service.panel, &Outcome::Answered, &settings, now).await?;
            }
            let Applied::Stands { service, say_ready } = revision_applied(tx, confirmed, now).await? else { return Ok(()) };
            // A lent one is not what anybody paid for.
            if service.state == State::Active && service.kind == Kind::Full {
                checkout::delivered(tx, service.id, now).await?;
            }
            // Only agents sell by the batch.
            let told_together = service.agent.is_some() && checkout::batch_ready(tx, service.id, now).await?;
            if say_ready && !told_together {
                let notice = Notice::Ready {
                    subscription: service.id,
                    provisional: service.kind == Kind::Provisional,
                    renewed: service.period > 1,
                };
                let key = format!("ready:{}:{}", service.id, service.revision);
                tell(tx, service.person, &notice, now, Some(key)).await?;
            }
            Ok(())
        })
    })
    .await
    .map_err(|fault: Fault| JobError::from(fault))
}

/// The account is gone from the panel: it is made again with a new link, and the group hears of it.
pub(super) async fn make_again(app: &App, service: &Subscription, now: Time) -> Result<(), Fault> {
    let (id, panel) = (service.id, service.panel.to_string());
    let key = format!("lost:{}:{}", service.id, service.revision);
    app.write(move |tx| {
        Box::pin(async move {
            match subscriptions::lost(tx, id, now).await {
                Ok(moved) if moved.is_yes() => {
                    tell_group(tx, &Notice::AccountLost { panel, subscription: id }, now, Some(key)).await
                }
                Ok(_) | Err(ChangeError::Absent | ChangeError::NotNow { .. }) => Ok(()),
                Err(ChangeError::Fault(fault)) => Err(fault),
            }
        })
    })
    .await
}

/// What to do after a failure; notes what it says about the panel.
async fn stumble(app: &App, service: &Subscription, error: ProviderError, attempt: Attempt) -> Result<JobError, Fault> {
    note(app, &service.panel, &error).await?;
    let why = error.to_string();
    match error {
        ProviderError::Refused { code, .. } => {
            alarm_once(app, service, why.clone(), attempt.now).await?;
            // A panel without servers is put right by its operator at any moment, and somebody waits.
            let at = if code == "no_servers" { pause(attempt) } else { attempt.now.after(SLOWLY) };
            Ok(JobError::RetryAt { at, why })
        }
        ProviderError::Absent | ProviderError::Down { .. } | ProviderError::Unknown { .. } if attempt.number <= 3 => {
            Ok(JobError::Retry { why })
        }
        ProviderError::Absent | ProviderError::Down { .. } | ProviderError::Unknown { .. } => {
            Ok(JobError::RetryAt { at: pause(attempt), why })
        }
    }
}

/// 10 s, 30 s, then every minute: somebody may wait for it.
fn pause(attempt: Attempt) -> Time {
    attempt.now.after(match attempt.number {
        0 | 1 => 10 * SECOND,
        2 => 30 * SECOND,
        _ => MINUTE,
    })
}

/// Notes what a failed call says about its panel.
pub(super) async fn note(app: &App, panel: &PanelCode, error: &ProviderError) -> Result<(), Fault> {
    let (panel, now) = (panel.clone(), app.clock.now());
    let Some(outcome) = Outcome::of_error(error) else {
        return app.write(move |tx| Box::pin(async move { panels::count_failure(tx, now).await })).await;
    };
    let settings = settings::current(&app.db).await?;
    app.write(move |tx| Box::pin(async move { panels::note_health(tx, &panel, &outcome, &settings, now).await.map(drop) })).await
}

async fn alarm_once(app: &App, service: &Subscription, why: String, now: Time) -> Result<(), Fault> {
    let notice = Notice::PanelRefused { panel: service.panel.to_string(), subscription: service.id, why };
    let key = format!("refused:{}:{}", service.id, service.panel);
    app.write(move |tx| Box::pin(async move { tell_group(tx, &notice, now, Some(key)).await })).await
}
