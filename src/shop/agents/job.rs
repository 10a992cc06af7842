//! What this slice asks the clockwork to do; the handlers are in `jobs/`.
use crate::base::{PersonId, Time};
use crate::queue::jobs::Payload;
use crate::shop::catalog::TierCode;
use serde::{Deserialize, Serialize};

/// A tier has changed: the accounts of its agents get its limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyTier {
    pub tier: TierCode,
}

impl Payload for ApplyTier {
    const KIND: &'static str = "apply_tier";
}

/// The time of an episode is over: the agent's services are switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutOff {
    pub agent: PersonId,
    pub since: Time,
}

impl Payload for CutOff {
    const KIND: &'static str = "cut_off";
}

/// The account is good again: what was switched off for it is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    pub agent: PersonId,
    pub since: Time,
}

impl Payload for Restore {
    const KIND: &'static str = "restore_services";
}

/// An agency was closed: what its agent had paused is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    pub agent: PersonId,
}

impl Payload for Release {
    const KIND: &'static str = "release_services";
}

/// A message waits for its receivers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellAgents {
    pub message: i64,
}

impl Payload for TellAgents {
    const KIND: &'static str = "tell_agents";
}
