//! What this slice asks the clockwork to do; the handlers are in `jobs/`.
use crate::base::{Fault, SubscriptionId, Time};
use crate::db::Tx;
use crate::queue::jobs::{Payload, enqueue};
use crate::shop::catalog::PanelCode;
use serde::{Deserialize, Serialize};

/// Bring the panel to what the service is to be. It reads what that is when it runs, so running it twice, or late, is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provision {
    pub subscription: SubscriptionId,
}

impl Payload for Provision {
    const KIND: &'static str = "provision";
}

/// Delete an account that a service has left behind on another panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveAccount {
    pub panel: PanelCode,
    pub account: String,
    /// The note that proves the account to be ours.
    pub note: String,
}

impl Payload for RemoveAccount {
    const KIND: &'static str = "remove_account";
}

/// Queues the job for a revision, once.
pub async fn provision_soon(tx: &Tx, subscription: SubscriptionId, revision: i64, at: Time) -> Result<(), Fault> {
    enqueue(tx, &Provision { subscription }, at, Some(format!("provision:{}:{revision}", subscription.0))).await
}
