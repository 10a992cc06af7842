//! Proves the books once a day, and tells the group: what our cards should hold in one line, or what is wrong as an alarm.
//!
//! Always: told once a day, from the hour that the shop set on; a day on which the shop slept until the evening is told in the evening.
//! The first day that a shop sees is let go by.
use crate::app::App;
use crate::base::{Fault, Money};
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::ledger::Holding;
use crate::shop::notices::{self, Notice};
use crate::shop::{reports, settings};
use serde::{Deserialize, Serialize};

/// Findings that the group reads; all are shown by `souk ledger verify`.
const SHOWN: usize = 5;

/// A cron line, every ten minutes: zones begin their hours at other minutes than UTC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DailyProof {}

impl Payload for DailyProof {
    const KIND: &'static str = "daily_proof";
}

impl Act<App> for DailyProof {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let (now, settings) = (app.clock.now(), settings::current(&app.db).await?);
        let zone = settings.zone();
        let is_told = reports::is_told(app.db.read(), "proof", zone, now).await?;
        if is_told || !reports::is_hour(zone, now, settings.proof_hour) {
            return Ok(());
        }
        // The proof reads every row of the ledger: it is made before the transaction that tells it.
        let notice = told(&reports::proof(&app.db).await?);
        app.write(move |tx| {
            Box::pin(async move {
                if reports::claim_day(tx, "proof", zone, now).await? {
                    notices::tell_group(tx, &notice, now, None).await?;
                }
                Ok::<_, Fault>(())
            })
        })
        .await?;
        Ok(())
    }
}

fn told(proof: &reports::Proof) -> Notice {
    if proof.findings.is_empty() {
        return Notice::Proof { cards: amounts(&proof.cards), clearing: amounts(&proof.clearing) };
    }
    let shown = proof.findings.iter().take(SHOWN).map(ToString::to_string).collect();
    Notice::LedgerBroken { findings: i64::try_from(proof.findings.len()).unwrap_or(i64::MAX), shown }
}

fn amounts(holdings: &[Holding]) -> Vec<(String, Money)> {
    holdings.iter().map(|holding| (holding.account.owner.clone(), holding.posted)).collect()
}
