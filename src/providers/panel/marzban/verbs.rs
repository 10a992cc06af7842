//! The changes: make, bring to targets, reset, revoke, remove.
//! Always: whose account it is, is looked at before it is changed; after an unknown outcome the account is looked at, and the
//! outcome is a success only if the account is as wanted.
//! Never: touches an account whose note is not ours.

use reqwest::Method;

use super::super::super::http::ProviderError;
use super::super::{Account, AccountName, AccountSpec, Deleted, Wanted};
use super::Marzban;
use super::client::Ask;
use super::wire::{CreateUser, ModifyStatus, ModifyUser, User, UserStatus};

/// The last second that fits the 32-bit column which a Marzban on MySQL has.
const EXPIRY_MAX: i64 = 2_147_483_647;
/// Marzban's own limit.
const NOTE_CHARS_MAX: usize = 500;

impl Marzban {
    pub(super) async fn user(&self, name: &AccountName) -> Result<User, ProviderError> {
        self.client.ask(&Ask::get("/api/user/{name}", format!("/api/user/{name}"))).await
    }

    /// `Panel::ensure`. Asks to create first: usually there is nothing yet.
    pub(super) async fn make(&self, spec: &AccountSpec) -> Result<Account, ProviderError> {
        fits(spec)?;
        let body = CreateUser {
            username: spec.name.as_str(),
            proxies: &self.proxies,
            inbounds: &self.inbounds,
            expire: spec.expires_at,
            data_limit: spec.traffic_bytes,
            data_limit_reset_strategy: "no_reset",
            note: &spec.note,
        };
        let ask = Ask::new(Method::POST, "/api/user", "/api/user").json(&body)?;
        let found = match self.client.ask::<User>(&ask).await {
            Ok(made) => made,
            Err(error @ (ProviderError::Refused { code: "conflict", .. } | ProviderError::Unknown { .. })) => {
                self.found_instead(spec, error).await?
            }
            Err(error) => return Err(error),
        };
        // Also when we made it just now: Marzban makes no disabled users, so that takes a second step.
        if reached(&found, spec) { Ok(found.into_account(&self.link_base)) } else { self.put(spec).await }
    }

    /// What is there after a conflict or an unknown outcome; `error` again when nothing is.
    async fn found_instead(&self, spec: &AccountSpec, error: ProviderError) -> Result<User, ProviderError> {
        match self.user(&spec.name).await {
            Ok(user) => ours(user, spec),
            // It belongs to another admin of the panel.
            Err(ProviderError::Refused { code: "forbidden", .. }) => Err(taken(spec)),
            // After a conflict: Marzban answers so to any row that its database does not take.
            Err(ProviderError::Absent) => Err(error),
            // Still not known.
            Err(look) => Err(ProviderError::unknown(format!("{error}; and looking: {look}"))),
        }
    }

    /// `Panel::apply`.
    pub(super) async fn bring(&self, spec: &AccountSpec) -> Result<Account, ProviderError> {
        fits(spec)?;
        let found = ours(self.user(&spec.name).await?, spec)?;
        if reached(&found, spec) { Ok(found.into_account(&self.link_base)) } else { self.put(spec).await }
    }

    /// Sends the targets.
    async fn put(&self, spec: &AccountSpec) -> Result<Account, ProviderError> {
        let body = ModifyUser {
            status: match spec.state {
                Wanted::Enabled => "active",
                Wanted::Disabled => "disabled",
            },
            data_limit: spec.traffic_bytes.unwrap_or(0),
            expire: spec.expires_at.unwrap_or(0),
        };
        let ask = Ask::new(Method::PUT, "/api/user/{name}", format!("/api/user/{}", spec.name)).json(&body)?;
        let user = match self.client.ask::<User>(&ask).await {
            Err(error @ ProviderError::Unknown { .. }) => match self.user(&spec.name).await {
                Ok(user) if reached(&user, spec) => user,
                _ => return Err(error),
            },
            other => other?,
        };
        if reached(&user, spec) {
            Ok(user.into_account(&self.link_base))
        } else {
            Err(ProviderError::unknown("the panel answered with other values than it was given"))
        }
    }

    /// `Panel::reset_usage`. A reset makes a disabled user active, and one on hold active for ever: the targets come after it, and
    /// before it too for one on hold.
    pub(super) async fn reset(&self, spec: &AccountSpec) -> Result<Account, ProviderError> {
        fits(spec)?;
        let found = ours(self.user(&spec.name).await?, spec)?;
        if found.status == UserStatus::OnHold {
            self.put(spec).await?;
        }
        if found.used_traffic > 0 {
            let ask = Ask::new(Method::POST, "/api/user/{name}/reset", format!("/api/user/{}/reset", spec.name));
            match self.client.done(&ask).await {
                Err(error @ ProviderError::Unknown { .. }) => match self.user(&spec.name).await {
                    // Less than before: it was set to nothing and has grown since.
                    Ok(user) if user.used_traffic < found.used_traffic => {}
                    _ => return Err(error),
                },
                other => other?,
            }
        }
        self.put(spec).await
    }

    /// `Panel::revoke_link`.
    pub(super) async fn revoke(&self, name: &AccountName) -> Result<Account, ProviderError> {
        let ask = Ask::new(Method::POST, "/api/user/{name}/revoke_sub", format!("/api/user/{name}/revoke_sub"));
        Ok(self.client.ask::<User>(&ask).await?.into_account(&self.link_base))
    }

    /// `Panel::delete`.
    pub(super) async fn remove(&self, name: &AccountName, note: &str) -> Result<Deleted, ProviderError> {
        let found = match self.user(name).await {
            Err(ProviderError::Absent) => return Ok(Deleted::Before),
            other => other?,
        };
        if found.note.as_deref() != Some(note) {
            return Err(ProviderError::refused("name_taken", format!("the account {name} is not ours to delete")));
        }
        let path = format!("/api/user/{name}");
        // A user without an owner goes from the database only: the running core would carry it on. Disabled first, it is
        // out of the core before it is gone.
        let out_of_core = found.admin.is_none() && found.status != UserStatus::Disabled && {
            let ask = Ask::new(Method::PUT, "/api/user/{name}", path.clone()).json(&ModifyStatus { status: "disabled" })?;
            self.client.done(&ask).await?;
            true
        };
        match self.client.done(&Ask::new(Method::DELETE, "/api/user/{name}", path)).await {
            Ok(()) => Ok(Deleted::Now),
            // Somebody else deleted it meanwhile.
            Err(ProviderError::Absent) => Ok(Deleted::Before),
            Err(error @ ProviderError::Unknown { .. }) => match self.user(name).await {
                Err(ProviderError::Absent) if out_of_core || found.status == UserStatus::Disabled => Ok(Deleted::Now),
                Err(ProviderError::Absent) => {
                    tracing::warn!(target: "panel", provider = %self.code, account = %name,
                        "deleted, but the panel answered with a failure: its core may carry the account until it restarts");
                    Ok(Deleted::Uncleanly)
                }
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }
}

/// Values that Marzban would refuse, or take and choke on.
fn fits(spec: &AccountSpec) -> Result<(), ProviderError> {
    let wrong = |what: &str| Err(ProviderError::refused("invalid", format!("account {}: {what}", spec.name)));
    if spec.note.is_empty() || spec.note.chars().count() > NOTE_CHARS_MAX {
        return wrong("the note must have 1 to 500 characters");
    }
    if spec.expires_at.is_some_and(|at| !(1..=EXPIRY_MAX).contains(&at)) {
        return wrong("the end must be in unix seconds, before 2038");
    }
    if spec.traffic_bytes.is_some_and(|bytes| bytes < 1) {
        return wrong("the traffic must be at least one byte");
    }
    Ok(())
}

fn ours(user: User, spec: &AccountSpec) -> Result<User, ProviderError> {
    if user.note.as_deref() == Some(spec.note.as_str()) { Ok(user) } else { Err(taken(spec)) }
}

fn taken(spec: &AccountSpec) -> ProviderError {
    ProviderError::refused("name_taken", format!("there is an account {} that is not ours", spec.name))
}

/// Do the numbers stand, and is the switch where we want it? Limited and expired are the panel's own conclusions.
fn reached(user: &User, spec: &AccountSpec) -> bool {
    let switched = match spec.state {
        Wanted::Enabled => !matches!(user.status, UserStatus::Disabled | UserStatus::OnHold),
        Wanted::Disabled => user.status == UserStatus::Disabled,
    };
    switched && user.expires_at() == spec.expires_at && user.traffic_bytes() == spec.traffic_bytes
}
