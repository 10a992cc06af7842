//! Typed ids. Each is the type of its column too.
//!
//! What a person may meet (orders, payments, subscriptions) has a 50-bit id, written as ten letters of Crockford's
//! base 32: short enough to type, and minted with the screen that first shows it, so that a double tap, a redelivery
//! and a replay of the same update all name the same thing.
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! code_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
        pub struct $name(pub i64);

        impl $name {
            /// Reads the written form, whatever its case, with or without `#`, with Crockford's look-alikes.
            pub fn parse(text: &str) -> Option<Self> {
                read_code(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&write_code(self.0))
            }
        }
    };
}

number_id!(/// A person: Telegram's own user id.
    PersonId);
number_id!(/// A Telegram chat: a person's id, or a negative group id.
    ChatId);
number_id!(/// Telegram's id of an update.
    UpdateId);
number_id!(/// A ledger account's row.
    AccountId);
code_id!(/// An order.
    OrderId);
code_id!(/// One attempt to pay an order.
    PaymentId);
code_id!(/// A service a customer owns.
    SubscriptionId);
code_id!(/// Somebody's wish to become an agent.
    ApplicationId);
code_id!(/// Many services that an agent asked for at once.
    BatchId);

impl From<PersonId> for ChatId {
    /// A person's private chat has the person's id.
    fn from(person: PersonId) -> Self {
        Self(person.0)
    }
}

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BITS: u32 = 50;

fn write_code(id: i64) -> String {
    (0..BITS / 5)
        .rev()
        .map(|place| {
            let index = usize::try_from((id >> (place * 5)) & 31).unwrap_or_default();
            char::from(LETTERS[index])
        })
        .collect()
}

fn read_code(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches('#');
    let mut id: i64 = 0;
    let mut letters = 0;
    for letter in text.chars().filter(|c| *c != '-') {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let value = LETTERS.iter().position(|known| char::from(*known) == letter)?;
        id = (id << 5) | i64::try_from(value).ok()?;
        letters += 1;
        if letters > BITS / 5 {
            return None;
        }
    }
    (letters == BITS / 5).then_some(id)
}

/// Where new ids and random bytes come from. In tests it counts from a seed; in the world it draws.
#[derive(Clone, Debug)]
pub struct Ids {
    salt: Arc<[u8; 32]>,
    seeded: Option<Arc<AtomicU64>>,
}

impl Ids {
    /// Draws from the system; `salt` (the shop's secret key) makes minted ids unguessable.
    pub fn system(salt: [u8; 32]) -> Self {
        Self { salt: Arc::new(salt), seeded: None }
    }

    /// The same ids in the same order for the same seed.
    pub fn seeded(seed: u64) -> Self {
        let mut salt = [0; 32];
        salt[..8].copy_from_slice(&seed.to_be_bytes());
        Self { salt: Arc::new(salt), seeded: Some(Arc::new(AtomicU64::new(0))) }
    }

    /// An id that the same update always mints again: `what` says for which purpose.
    pub fn mint(&self, update: UpdateId, what: &str) -> i64 {
        let digest =
            Sha256::new().chain_update(self.salt.as_ref()).chain_update(what).chain_update(update.0.to_be_bytes()).finalize();
        fold(&digest)
    }

    /// A new id, drawn.
    pub fn fresh(&self) -> i64 {
        fold(&self.bytes::<32>())
    }

    /// Random bytes: nonces, tokens.
    #[expect(clippy::disallowed_methods, reason = "the one door to random numbers")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.seeded {
            None => {
                if let Err(error) = getrandom::fill(&mut bytes) {
                    // Without randomness no secret can be sealed; going on would be worse than stopping.
                    tracing::error!(%error, "the system gives no random numbers");
                    std::process::abort();
                }
            }
            Some(count) => {
                let turn = count.fetch_add(1, Ordering::SeqCst);
                for (block, chunk) in bytes.chunks_mut(32).enumerate() {
                    let digest = Sha256::new()
                        .chain_update(self.salt.as_ref())
                        .chain_update(turn.to_be_bytes())
                        .chain_update(block.to_be_bytes())
                        .finalize();
                    chunk.copy_from_slice(&digest[..chunk.len()]);
                }
            }
        }
        bytes
    }

    /// An unguessable token of 24 letters, fit for a URL and for a deep link.
    pub fn token(&self) -> String {
        let bytes = self.bytes::<24>();
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)]).to_ascii_lowercase()).collect()
    }
}

fn fold(digest: &[u8]) -> i64 {
    let mut word = [0; 8];
    word.copy_from_slice(&digest[..8]);
    i64::try_from(u64::from_be_bytes(word) >> (64 - BITS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Ids, OrderId, UpdateId};

    #[test]
    fn codes_are_read_back_as_they_are_written() {
        let ids = Ids::seeded(7);
        for _ in 0..200 {
            let id = OrderId(ids.fresh());
            let written = id.to_string();
            assert_eq!(written.len(), 10);
            assert_eq!(OrderId::parse(&written), Some(id));
            assert_eq!(OrderId::parse(&format!("#{}", written.to_lowercase())), Some(id));
        }
        for wrong in ["", "#", "ABC", "ABCDEFGHJKM", "ABCDEFGHJ!", "سلام"] {
            assert_eq!(OrderId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_same_update_mints_the_same_id() {
        let ids = Ids::system([3; 32]);
        assert_eq!(ids.mint(UpdateId(5), "order"), ids.mint(UpdateId(5), "order"));
        assert_ne!(ids.mint(UpdateId(5), "order"), ids.mint(UpdateId(6), "order"));
        assert_ne!(ids.mint(UpdateId(5), "order"), ids.mint(UpdateId(5), "payment"));
    }
}
