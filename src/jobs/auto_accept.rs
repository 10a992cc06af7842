//! Accepts payments that waited too long for a reviewer, and calls the group for those with a warning, which the clock
//! never accepts.
//!
//! Always: each payment is decided in a transaction of its own, by the same verb as an admin's tap, so one that fails
//! keeps no other waiting. Never: looks at payments that are not due.
use crate::app::App;
use crate::base::{Fault, PaymentId};
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::checkout::{self, ReviewError};
use serde::{Deserialize, Serialize};

/// Payments in one run; what is left waits for the next.
const AT_ONCE: i64 = 500;

/// A cron line, every ten minutes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AutoAccept {}

impl Payload for AutoAccept {
    const KIND: &'static str = "auto_accept";
}

impl Act<App> for AutoAccept {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let now = app.clock.now();
        let mut failed = None;
        for payment in checkout::auto_accept_due(app.db.read(), now, AT_ONCE).await? {
            if let Err(fault) = accept(app, payment).await {
                tracing::error!(target: "payments", payment = %payment, error = %fault, "the clock could not accept a payment");
                failed = Some(fault);
            }
        }
        app.write(move |tx| Box::pin(checkout::escalate_due(tx, now, AT_ONCE))).await?;
        failed.map_or(Ok(()), |fault| Err(fault.into()))
    }
}

async fn accept(app: &App, payment: PaymentId) -> Result<(), Fault> {
    let now = app.clock.now();
    match app.write(move |tx| Box::pin(async move { checkout::auto_accept(tx, payment, now).await })).await {
        Ok(_) => Ok(()),
        Err(ReviewError::Fault(fault)) => Err(fault),
        Err(error) => Err(Fault::new(error)),
    }
}
