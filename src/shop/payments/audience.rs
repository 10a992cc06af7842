//! For whom a payment method is: new people, those whom we know, agents.
//!
//! A person is exactly one of the three. Who pays a second time is known: one of his receipts was good.
use super::purpose::Purpose;
use crate::base::Fault;
use crate::shop::accounts::Person;
use std::collections::BTreeSet;
use std::fmt;

/// What somebody is to the shop when he pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Audience {
    /// No receipt of his was accepted yet.
    New,
    Known,
    /// He resells; the caller knows it, and says so.
    Agents,
}

impl Audience {
    pub const ALL: [Self; 3] = [Self::New, Self::Known, Self::Agents];

    /// A customer who is no agent.
    pub const fn of(person: &Person) -> Self {
        if person.receipts_good > 0 { Self::Known } else { Self::New }
    }

    /// Who pays for this purpose: only an agent has a credit account.
    pub const fn who_pays(purpose: Purpose, person: &Person) -> Self {
        match purpose {
            Purpose::Credit => Self::Agents,
            Purpose::Order(_) | Purpose::Wallet => Self::of(person),
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Agents => "agents",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.code() == code)
    }
}

/// Those whom a method is offered to; never nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audiences(BTreeSet<Audience>);

impl Audiences {
    /// `None` when there is nobody in it.
    pub fn of(all: impl IntoIterator<Item = Audience>) -> Option<Self> {
        let all: BTreeSet<Audience> = all.into_iter().collect();
        (!all.is_empty()).then_some(Self(all))
    }

    pub fn everybody() -> Self {
        Self(Audience::ALL.into())
    }

    pub fn is_everybody(&self) -> bool {
        self.0.len() == Audience::ALL.len()
    }

    pub fn has(&self, audience: Audience) -> bool {
        self.0.contains(&audience)
    }

    pub fn each(&self) -> impl Iterator<Item = Audience> {
        self.0.iter().copied()
    }

    /// With one more, or without the one who was there; `None` when nobody would be left.
    #[must_use]
    pub fn turned(&self, audience: Audience) -> Option<Self> {
        let mut all = self.0.clone();
        if !all.remove(&audience) {
            all.insert(audience);
        }
        Self::of(all)
    }

    pub(super) fn stored(text: &str) -> Result<Self, Fault> {
        let unknown = || Fault::new(format!("no payment method is for \"{text}\""));
        let all: Option<Vec<Audience>> = text.split(',').map(Audience::parse).collect();
        Self::of(all.ok_or_else(unknown)?).ok_or_else(unknown)
    }
}

/// Codes with commas, as a column has them.
impl fmt::Display for Audiences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = self.0.iter().map(|audience| audience.code()).collect();
        f.write_str(&codes.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::{Audience, Audiences};

    #[test]
    fn an_audience_is_never_nobody() {
        assert_eq!(Audiences::of([]), None);
        let new = Audiences::of([Audience::New]).unwrap();
        assert_eq!(new.turned(Audience::New), None);
        assert!(new.turned(Audience::Known).unwrap().turned(Audience::Agents).unwrap().is_everybody());
        assert_eq!(Audiences::everybody().turned(Audience::Agents).unwrap().to_string(), "new,known");
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        for all in [Audiences::everybody(), Audiences::of([Audience::Agents]).unwrap()] {
            assert_eq!(Audiences::stored(&all.to_string()).unwrap(), all);
        }
        assert!(Audiences::stored("").is_err() && Audiences::stored("new,cats").is_err());
    }
}
