//! Asks the panels for the usage of the services that are due for a look.
//!
//! Always: a tick costs what is due; a panel that does not answer keeps no other waiting, and is asked again at the next tick.
//! An account that is gone is looked for once more by its own name before it is made again, and only a few of a panel are made
//! again in one tick: a panel that has lost everything, or hides it from our login, is first of all a matter for its operator.
use super::provision::{make_again, note};
use crate::app::App;
use crate::base::{Fault, Time};
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::panels::{self, Account, AccountName, Intake, PanelClient, PanelCode, ProviderError};
use crate::shop::settings::{self, Settings};
use crate::shop::subscriptions::{self, Noted, Pace, Seen, Subscription};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Names in one question to a panel.
const AT_ONCE: i64 = 50;
/// Questions to one panel in one tick.
const QUESTIONS_MAX: usize = 400;
/// Accounts of one panel that are made again in one tick.
const MADE_AGAIN_MAX: usize = 5;

/// A cron line, every minute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SyncUsage {}

impl Payload for SyncUsage {
    const KIND: &'static str = "sync_usage";
}

impl Act<App> for SyncUsage {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let panels = panels::all(app.db.read()).await?;
        let open = panels.iter().filter(|panel| panel.intake != Intake::Off);
        for outcome in join_all(open.map(|panel| sync(app, &panel.code))).await {
            outcome?;
        }
        Ok(())
    }
}

async fn sync(app: &App, panel: &PanelCode) -> Result<(), Fault> {
    let settings = settings::current(&app.db).await?;
    let mut made_again = 0;
    for _ in 0..QUESTIONS_MAX {
        let now = app.clock.now();
        let due = subscriptions::due_for_sync(app.db.read(), panel, now, AT_ONCE).await?;
        if due.is_empty() {
            return Ok(());
        }
        let client = panels::connected(&app.db, &app.seal, panel).await?;
        let names: Vec<AccountName> = due.iter().map(Subscription::account_name).collect::<Result<_, _>>()?;
        let found = match client.get_many(&names).await {
            Ok(accounts) => accounts,
            Err(error) => return note(app, panel, &error).await,
        };
        let mut missing = note_found(app, due, found, Arc::clone(&settings), now).await?;
        let waits = missing.split_off(missing.len().min(MADE_AGAIN_MAX - made_again));
        made_again += missing.len();
        // Those that are not made again now, or cannot be, must not stand in the way of the others.
        let later: Vec<_> = missing.iter().chain(&waits).map(|service| service.id).collect();
        if !later.is_empty() {
            let at = now.after(Pace::of(&settings).busy_ms);
            app.write(move |tx| Box::pin(async move { subscriptions::look_later(tx, &later, at).await })).await?;
        }
        for service in missing {
            look_again(app, &*client, &service, now).await?;
        }
    }
    Ok(())
}

/// Writes down what was seen, in one transaction; gives the services whose accounts were not among them.
async fn note_found(
    app: &App,
    due: Vec<Subscription>,
    found: Vec<Account>,
    settings: Arc<Settings>,
    now: Time,
) -> Result<Vec<Subscription>, Fault> {
    let mut found: HashMap<String, Account> = found.into_iter().map(|account| (account.name.clone(), account)).collect();
    let (mut seen, mut missing) = (Vec::with_capacity(due.len()), Vec::new());
    for service in due {
        match found.remove(&service.account) {
            Some(account) => seen.push((service, Seen::from(&account))),
            None => missing.push(service),
        }
    }
    app.write(move |tx| {
        Box::pin(async move {
            let pace = Pace::of(&settings);
            for (service, seen) in seen {
                if subscriptions::note_usage(tx, service.id, &seen, pace, now).await? == Noted::UsedUp {
                    subscriptions::end(tx, service.id, &settings, now).await?;
                }
            }
            Ok::<_, Fault>(())
        })
    })
    .await?;
    Ok(missing)
}

/// A list can be incomplete: the account is asked for by its own name.
async fn look_again(app: &App, client: &dyn PanelClient, service: &Subscription, now: Time) -> Result<(), Fault> {
    match client.get(&service.account_name()?).await {
        Err(ProviderError::Absent) => make_again(app, service, now).await,
        Err(error) => note(app, &service.panel, &error).await,
        Ok(account) => {
            let settings = settings::current(&app.db).await?;
            note_found(app, vec![service.clone()], vec![account], settings, now).await.map(drop)
        }
    }
}
