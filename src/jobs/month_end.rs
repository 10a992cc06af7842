//! Agents' statements at the end of a month, in the shop's zone: of the Gregorian one, and of the Jalali one for those who read Persian.
//!
//! Always: each month once, from the hour of the daily proof on; a tick on which no month ended reads two facts. The first month that a
//! shop sees is let go by.
use crate::app::App;
use crate::base::{Fault, Lang};
use crate::queue::jobs::{self, Act, Attempt, JobError, Payload};
use crate::shop::reports::{self, AgentsRound, Span};
use crate::shop::settings;
use serde::{Deserialize, Serialize};

/// A language that reads each calendar, and the fact under which its last month is kept.
const CALENDARS: [(Lang, &str); 2] = [(Lang::En, "month.gregorian"), (Lang::Fa, "month.jalali")];

/// A cron line, every ten minutes: zones begin their hours at other minutes than UTC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MonthEnd {}

impl Payload for MonthEnd {
    const KIND: &'static str = "month_end";
}

impl Act<App> for MonthEnd {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let (now, settings) = (app.clock.now(), settings::current(&app.db).await?);
        let zone = settings.zone();
        if !reports::is_hour(zone, now, settings.proof_hour) {
            return Ok(());
        }
        for (lang, fact) in CALENDARS {
            let begins = reports::month_begins(lang, zone, now).to_string();
            if reports::has_told(app.db.read(), fact, &begins).await? {
                continue;
            }
            let Span::Days { first, last } = reports::month(lang, zone, now, 1) else { continue };
            let told = AgentsRound::Month { jalali: lang == Lang::Fa, first, last };
            app.write::<_, Fault, _>(move |tx| {
                Box::pin(async move {
                    if reports::claim(tx, fact, &begins).await? {
                        jobs::enqueue(tx, &told, now, Some(format!("{fact}:{begins}"))).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        }
        Ok(())
    }
}
