//! Receipts that came unasked and whose customer does not say for which payment they are: the shop says it.
//!
//! Never: of somebody who is barred.
use crate::app::App;
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::accounts::{self, Customer};
use crate::shop::checkout::{self, NameReceipts};
use crate::shop::payments::SubmitError;
use crate::shop::settings;

/// So many payments in one run; a person has fewer.
const PAYMENTS_MAX: usize = 40;

impl Act<App> for NameReceipts {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let Some(customer) = accounts::person(app.db.read(), self.person).await?.and_then(Customer::of) else { return Ok(()) };
        let settings = settings::current(&app.db).await?;
        for _ in 0..PAYMENTS_MAX {
            let (customer, settings, now) = (customer.clone(), settings.clone(), app.clock.now());
            let act = app.write(move |tx| Box::pin(async move { checkout::name_receipts(tx, &customer, &settings, now).await }));
            match act.await {
                Ok(true) => {}
                Ok(false) => break,
                Err(SubmitError::Fault(fault)) => return Err(fault.into()),
                // A reviewer was faster; the next try looks again.
                Err(error @ (SubmitError::NotYours | SubmitError::Decided { .. })) => {
                    return Err(JobError::Retry { why: error.to_string() });
                }
            }
        }
        Ok(())
    }
}
