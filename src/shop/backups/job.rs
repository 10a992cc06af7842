//! What is enqueued when somebody wants a backup.
use crate::base::PersonId;
use crate::queue::jobs::Payload;
use serde::{Deserialize, Serialize};

/// A backup for whoever asked, or, for the clock, if one is owed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackUp {
    pub asked: Option<PersonId>,
}

impl Payload for BackUp {
    const KIND: &'static str = "backup";
}
