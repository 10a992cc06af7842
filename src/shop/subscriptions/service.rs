//! A service as it is loaded, and what follows from its numbers.
use super::state::{Kind, OffFor, State};
use crate::base::{Fault, PersonId, SECOND, SubscriptionId, Time};
use crate::db::Seal;
use crate::shop::catalog::{PanelCode, PlanCode};
use crate::shop::panels::{AccountName, AccountSpec, Wanted};
use secrecy::SecretString;

/// A service. `until` and `traffic_bytes` are what we want on the panel; `traffic_bytes` 0 = unlimited, and counts from the
/// account's first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub id: SubscriptionId,
    pub person: PersonId,
    pub plan: PlanCode,
    pub panel: PanelCode,
    /// Its name on the panel.
    pub account: String,
    /// Names the service in links of our own; there is none before the first delivery.
    pub token: Option<String>,
    pub kind: Kind,
    pub state: State,
    /// How long the present period was sold for.
    pub days: i64,
    pub until: Time,
    pub traffic_bytes: i64,
    pub devices: i64,
    pub used_bytes: i64,
    /// What was used when the present period began.
    pub used_base: i64,
    /// Counts from 1; a renewal begins the next.
    pub period: i64,
    pub revision: i64,
    pub applied: i64,
    /// Why it is switched off, or what is odd about it; for admins.
    pub why: Option<String>,
    /// Who sold it, when it was an agent. The person is he himself until a customer takes it over.
    pub agent: Option<PersonId>,
    /// What the agent calls it, and what he noted about it.
    pub label: Option<String>,
    pub memo: Option<String>,
    /// For whose sake it is switched off, and since when.
    pub off: Option<(OffFor, Time)>,
    /// The next link must be a new one, and the old ones dead.
    pub revoke_due: bool,
    pub online_at: Option<Time>,
    pub synced_at: Option<Time>,
    /// What was promised waits for its panel since then.
    pub waits_since: Option<Time>,
    /// When its owner was told that it is ready; `None` while that is still owed.
    pub ready_at: Option<Time>,
    pub created_at: Time,
    pub(super) link_sealed: Option<String>,
}

/// Where a link is sealed for.
pub(super) fn link_place(id: SubscriptionId) -> String {
    format!("subscriptions:link:{}", id.0)
}

impl Subscription {
    /// Milliseconds left; 0 when it is over.
    pub fn time_left(&self, now: Time) -> i64 {
        self.until.since(now).max(0)
    }

    /// Bytes left; `None` = unlimited.
    pub fn traffic_left(&self) -> Option<i64> {
        (self.traffic_bytes > 0).then(|| (self.traffic_bytes - self.used_bytes).max(0))
    }

    /// Bytes of the present period, what was left of the last one included; `None` = unlimited.
    pub fn quota(&self) -> Option<i64> {
        (self.traffic_bytes > 0).then(|| (self.traffic_bytes - self.used_base).max(0))
    }

    /// Bytes used in the present period.
    pub fn used(&self) -> i64 {
        (self.used_bytes - self.used_base).max(0)
    }

    /// Per mille of the quota that is used; `None` = unlimited.
    pub fn used_share(&self) -> Option<i64> {
        let quota = i128::from(self.quota()?);
        if quota == 0 {
            return Some(1_000);
        }
        Some(i64::try_from(i128::from(self.used()) * 1_000 / quota).unwrap_or(i64::MAX))
    }

    pub fn is_used_up(&self) -> bool {
        self.traffic_left() == Some(0)
    }

    /// Has the panel confirmed all that we want?
    pub fn is_confirmed(&self) -> bool {
        self.applied >= self.revision
    }

    pub fn has_link(&self) -> bool {
        self.link_sealed.is_some()
    }

    /// The panel's subscription link; a secret.
    pub fn open_link(&self, seal: &Seal) -> Result<Option<SecretString>, Fault> {
        let Some(sealed) = &self.link_sealed else { return Ok(None) };
        let link = seal.open(&link_place(self.id), sealed);
        link.map(Some).map_err(|error| Fault::new(error).context(format!("subscription {}, its link", self.id)))
    }

    /// The note by which the account on the panel is known to be ours.
    pub fn note(&self) -> String {
        format!("souk {}", self.id)
    }

    pub fn account_name(&self) -> Result<AccountName, Fault> {
        self.account.parse().map_err(|error| Fault::new(error).context(format!("subscription {}, its account", self.id)))
    }

    /// What the account is to be, when there is to be one.
    pub fn spec(&self) -> Result<AccountSpec, Fault> {
        let off = matches!(self.state, State::Disabled | State::Deleted);
        Ok(AccountSpec {
            name: self.account_name()?,
            note: self.note(),
            state: if off { Wanted::Disabled } else { Wanted::Enabled },
            // Rounded up: nobody loses the last second.
            expires_at: Some(self.until.after(SECOND - 1).unix()),
            traffic_bytes: (self.traffic_bytes > 0).then_some(self.traffic_bytes),
            device_limit: u16::try_from(self.devices).ok().filter(|devices| *devices > 0),
        })
    }
}

#[cfg(test)]
pub(crate) mod sample {
    use super::*;
    use crate::base::DAY;

    /// Thirty days and 1000 bytes, active since moment 0.
    pub fn service() -> Subscription {
        Subscription {
            id: SubscriptionId(7),
            person: PersonId(1),
            plan: "m1".parse().unwrap(),
            panel: "de1".parse().unwrap(),
            account: "s0000000007".to_owned(),
            token: None,
            kind: Kind::Full,
            state: State::Active,
            days: 30,
            until: Time(30 * DAY),
            traffic_bytes: 1_000,
            devices: 0,
            used_bytes: 0,
            used_base: 0,
            period: 1,
            revision: 1,
            applied: 1,
            agent: None,
            label: None,
            memo: None,
            off: None,
            revoke_due: false,
            why: None,
            online_at: Some(Time(5)),
            synced_at: None,
            waits_since: None,
            ready_at: Some(Time(0)),
            created_at: Time(0),
            link_sealed: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_the_numbers() {
        let mut service = sample::service();
        assert_eq!((service.traffic_left(), service.quota(), service.used_share()), (Some(1_000), Some(1_000), Some(0)));
        (service.used_base, service.used_bytes, service.traffic_bytes) = (900, 1_750, 1_900);
        assert_eq!((service.traffic_left(), service.quota(), service.used()), (Some(150), Some(1_000), 850));
        assert_eq!(service.used_share(), Some(850));
        service.used_bytes = 2_000;
        assert!(service.is_used_up());
        service.traffic_bytes = 0;
        assert_eq!((service.traffic_left(), service.quota(), service.used_share()), (None, None, None));
        assert!(!service.is_used_up());
    }

    #[test]
    fn what_the_panel_is_told_is_absolute() {
        let mut service = sample::service();
        service.until = Time(1_500);
        service.devices = 2;
        let spec = service.spec().unwrap();
        assert_eq!((spec.expires_at, spec.traffic_bytes, spec.device_limit), (Some(2), Some(1_000), Some(2)));
        assert_eq!((spec.state, spec.note.as_str()), (Wanted::Enabled, "souk 0000000007"));
        service.state = State::Disabled;
        service.traffic_bytes = 0;
        let spec = service.spec().unwrap();
        assert_eq!((spec.state, spec.traffic_bytes), (Wanted::Disabled, None));
    }
}
