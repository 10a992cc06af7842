//! An account on a panel: its name, what we want of it, and what it is.
//! Always: a name that exists fits every vendor (lower case, digits, underscore; three to 32); links never reach a log.
//! Never: a vendor's own words.

use std::fmt;
use std::str::FromStr;

/// The name of an account, chosen by us before the panel is asked. Lower case only: whether a panel tells cases apart
/// depends on its database.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountName(String);

/// Not a name that every panel takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an account's name is 3 to 32 of a-z, 0-9 and _")]
pub struct BadAccountName;

impl AccountName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = BadAccountName;

    fn from_str(text: &str) -> Result<Self, BadAccountName> {
        let fits =
            (3..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if fits { Ok(Self(text.to_owned())) } else { Err(BadAccountName) }
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// May the account be used?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Enabled,
    Disabled,
}

/// What we want an account to be: absolute values, so that asking twice is asking once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSpec {
    pub name: AccountName,
    /// Our own id of what is served (an order, a subscription): proves on the panel that the account is ours. 1 to 500 characters.
    pub note: String,
    pub state: Wanted,
    /// Unix seconds; `None` never ends.
    pub expires_at: Option<i64>,
    /// Bytes, at least 1; `None` is unlimited.
    pub traffic_bytes: Option<i64>,
    /// Devices at once. Marzban cannot limit them: its adapter ignores this.
    pub device_limit: Option<u16>,
}

/// What an account is just now, in the panel's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    Active,
    Disabled,
    /// Used up.
    Limited,
    Expired,
    /// Its time begins with the first connection. We make none of these; a panel's owner may.
    OnHold,
}

/// An account as a panel shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Not an `AccountName`: a panel also holds accounts that we did not name.
    pub name: String,
    pub state: AccountState,
    /// Up and down together; may exceed the limit, since panels count in rounds.
    pub used_bytes: i64,
    /// As `used_bytes`, without the resets.
    pub lifetime_bytes: i64,
    pub expires_at: Option<i64>,
    pub traffic_bytes: Option<i64>,
    /// Last seen online, if ever.
    pub online_at: Option<i64>,
    /// The link was last fetched then, if ever.
    pub sub_updated_at: Option<i64>,
    /// Absolute. A Marzban makes a new one each time it is asked; all stay good until revoked: keep the first.
    pub subscription_url: String,
    /// The servers' own links. Secrets.
    pub links: Vec<String>,
    pub note: Option<String>,
}

impl Account {
    /// Is it the account that we made for this id?
    pub fn is_ours(&self, note: &str) -> bool {
        self.note.as_deref() == Some(note)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("name", &self.name)
            .field("state", &self.state)
            .field("used_bytes", &self.used_bytes)
            .field("expires_at", &self.expires_at)
            .field("traffic_bytes", &self.traffic_bytes)
            .field("online_at", &self.online_at)
            .field("links", &self.links.len())
            .field("note", &self.note)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_every_panel_takes() {
        for good in ["abc", "s_17", "_abc", "1234567", &"a".repeat(32)] {
            assert!(good.parse::<AccountName>().is_ok(), "{good}");
        }
        for bad in ["", "ab", "Abc", "a.bc", "a-bc", "a bc", "abc\n", "کاربر", &"a".repeat(33)] {
            assert_eq!(bad.parse::<AccountName>(), Err(BadAccountName), "{bad}");
        }
    }

    #[test]
    fn an_account_does_not_print_its_links() {
        let account = Account {
            name: "abc".into(),
            state: AccountState::Active,
            used_bytes: 0,
            lifetime_bytes: 0,
            expires_at: None,
            traffic_bytes: None,
            online_at: None,
            sub_updated_at: None,
            subscription_url: "https://x.example/sub/hidden-word".into(),
            links: vec!["vless://hidden-word@x.example:1".into()],
            note: Some("order 1".into()),
        };
        assert!(!format!("{account:?}").contains("hidden-word"));
        assert!(account.is_ours("order 1") && !account.is_ours("order 11"));
    }
}
