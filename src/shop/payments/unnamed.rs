//! Receipts that came unasked while several payments could be meant: kept until the customer names one, or the shop must.
//!
//! Always: each is handed out once, to whoever takes it; a receipt is never one of a payment that was opened after it came.
//! They lie beside the customer's dialogues, under a chat that nobody has, so that no question takes their place.
use super::amount::names_due;
use super::receipt::NewReceipt;
use super::state::State;
use super::store::{Payment, of_person};
use crate::base::{ChatId, DAY, Fault, Page, PaymentId, PersonId, Time};
use crate::db::Tx;
use crate::shop::accounts::dialogue;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

/// No chat has this id.
const NOWHERE: ChatId = ChatId(0);
/// Moves when the shape of [`Unnamed`] changes.
const VERSION: i64 = 1;
/// How long after its end a payment's receipt is still taken for it unasked.
const LATE_MAX: i64 = 3 * DAY;
/// Of so many payments, the newest of a person, one may be meant.
const MEANT_MAX: u32 = 8;

/// A receipt whose payment is not named yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unnamed {
    pub receipt: NewReceipt,
    /// What was opened after that is not meant.
    pub came_at: Time,
    /// When its customer was asked.
    pub kept_at: Time,
}

/// Waits there any?
pub async fn has_unnamed(conn: &impl ConnectionTrait, person: PersonId, now: Time) -> Result<bool, Fault> {
    Ok(dialogue::load(conn, person, NOWHERE, now).await?.is_some())
}

/// All of a person's. Whoever else asks so waits for this transaction.
pub async fn locked_unnamed(tx: &Tx, person: PersonId) -> Result<Vec<Unnamed>, Fault> {
    let Some((version, state)) = dialogue::locked(tx, person, NOWHERE).await? else { return Ok(Vec::new()) };
    if version != VERSION {
        tracing::warn!(%person, version, "receipts that another version kept are not understood");
        return Ok(Vec::new());
    }
    Ok(serde_json::from_str(&state)?)
}

/// Puts these in the place of those that were locked.
pub async fn keep_unnamed(tx: &Tx, person: PersonId, unnamed: &[Unnamed]) -> Result<(), Fault> {
    if unnamed.is_empty() {
        return dialogue::clear(tx, person, NOWHERE).await;
    }
    let state = serde_json::to_string(unnamed)?;
    // They do not expire: the shop names them before.
    let open = dialogue::Open { person, chat: NOWHERE, version: VERSION, state: &state, expires_at: Time(i64::MAX) };
    dialogue::save(tx, open).await
}

/// The payments that what came then could be for: those that wait for a receipt or its review, else the newest that ended without
/// one lately.
pub async fn meant(conn: &impl ConnectionTrait, person: PersonId, (came_at, now): (Time, Time)) -> Result<Vec<Payment>, Fault> {
    let (found, _) = of_person(conn, person, Page::new(0, MEANT_MAX)).await?;
    Ok(meant_of(found, (came_at, now)))
}

fn meant_of(mut found: Vec<Payment>, (came_at, now): (Time, Time)) -> Vec<Payment> {
    found.retain(|payment| payment.opened_at <= came_at);
    let is_open = |payment: &Payment| matches!(payment.state, State::Open | State::Submitted);
    if found.iter().any(is_open) {
        found.retain(is_open);
        return found;
    }
    let is_late = |payment: &Payment| {
        matches!(payment.state, State::Expired | State::Cancelled) && now.since(payment.expires_at) <= LATE_MAX
    };
    found.into_iter().find(is_late).into_iter().collect()
}

/// Which payment each of these is for when nobody says; `meant`: the payments that each could be for, newest first. One that names
/// an amount that is due is for that, and so is what came with it; all others go together, to the newest without a receipt, else to
/// the newest: whoever reviews them sees them side by side.
pub fn assigned(kept: &[Unnamed], meant: &[Vec<Payment>]) -> Vec<Option<PaymentId>> {
    let named: Vec<_> = kept.iter().zip(meant).map(|(one, meant)| named_by(meant, &one.receipt)).collect();
    let mut together = None;
    let pairs = kept.iter().zip(meant);
    pairs
        .map(|(one, meant)| {
            let could = |id: &PaymentId| meant.iter().any(|payment| payment.id == *id);
            let with = kept.iter().zip(&named).filter(|(other, _)| came_with(&one.receipt, &other.receipt));
            if let Some(id) = named_by(meant, &one.receipt).or_else(|| with.filter_map(|(_, id)| *id).find(could)) {
                return Some(id);
            }
            let free = || meant.iter().find(|payment| payment.state != State::Submitted).or_else(|| meant.first());
            let id = together.filter(could).or_else(|| free().map(|payment| payment.id));
            together = together.or(id);
            id
        })
        .collect()
}

fn named_by(meant: &[Payment], receipt: &NewReceipt) -> Option<PaymentId> {
    let text = receipt.text.as_deref()?;
    meant.iter().find(|payment| names_due(receipt.kind, text, payment.due)).map(|payment| payment.id)
}

/// Are they of one album, or the same file?
fn came_with(one: &NewReceipt, other: &NewReceipt) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    same(&one.album, &other.album) || same(&one.file_key, &other.file_key)
}

#[cfg(test)]
mod tests {
    use super::{Unnamed, assigned, meant_of};
    use crate::base::{Asset, DAY, HOUR, Money, PaymentId, PersonId, Time, UpdateId};
    use crate::shop::payments::{NewReceipt, Payment, Purpose, ReceiptKind, State};

    const NOW: Time = Time(1_800_000_000_000);

    /// Opened so long before now.
    fn payment(id: i64, state: State, age: i64) -> Payment {
        Payment {
            id: PaymentId(id),
            purpose: Purpose::Wallet,
            person: PersonId(5),
            method: "melli".parse().unwrap(),
            price: Money::new(id * 1_000, Asset::Irt),
            due: Money::new(id * 1_000, Asset::Irt),
            state,
            opened_at: NOW.after(-age),
            expires_at: NOW.after(2 * HOUR - age),
            submitted_at: None,
            decided_at: None,
            decided_by: None,
            approved: None,
            reason: None,
            posting: None,
            hold: None,
            round: 0,
            flags: Vec::new(),
            escalated_at: None,
            card_chat: None,
            card_message: None,
        }
    }

    fn receipt(text: Option<&str>) -> NewReceipt {
        NewReceipt {
            kind: ReceiptKind::Photo,
            file_id: None,
            file_key: None,
            text: text.map(str::to_owned),
            album: None,
            message: None,
            edited: false,
            update: UpdateId(1),
        }
    }

    fn ids(found: &[Payment]) -> Vec<i64> {
        found.iter().map(|payment| payment.id.0).collect()
    }

    #[test]
    fn a_receipt_is_none_of_what_was_opened_after_it() {
        let all =
            || vec![payment(3, State::Open, HOUR), payment(2, State::Submitted, 2 * HOUR), payment(1, State::Expired, 5 * HOUR)];
        assert_eq!(ids(&meant_of(all(), (NOW, NOW))), [3, 2]);
        assert_eq!(ids(&meant_of(all(), (NOW.after(-HOUR), NOW))), [3, 2], "at the same moment");
        assert_eq!(ids(&meant_of(all(), (NOW.after(-HOUR - 1), NOW))), [2]);
        assert_eq!(ids(&meant_of(all(), (NOW.after(-3 * HOUR), NOW))), [1], "an ended one, when none is open");
        assert_eq!(ids(&meant_of(all(), (NOW.after(-3 * HOUR), NOW.after(4 * DAY)))), Vec::<i64>::new(), "but not for ever");
        let decided = vec![payment(4, State::Approved, HOUR), payment(5, State::Rejected, HOUR)];
        assert_eq!(ids(&meant_of(decided, (NOW, NOW))), Vec::<i64>::new());
    }

    #[test]
    fn when_nobody_says_it_is_what_it_names_or_what_lacks_one() {
        let meant =
            vec![payment(30, State::Submitted, HOUR), payment(20, State::Open, 2 * HOUR), payment(10, State::Open, 3 * HOUR)];
        let kept = |text, album: Option<&str>| Unnamed {
            receipt: NewReceipt { album: album.map(str::to_owned), ..receipt(text) },
            came_at: NOW,
            kept_at: NOW,
        };
        let of = |kept: &[Unnamed], meant: &[Payment]| {
            let all = vec![meant.to_vec(); kept.len()];
            assigned(kept, &all).into_iter().map(|id| id.map(|id| id.0)).collect::<Vec<_>>()
        };
        assert_eq!(of(&[kept(None, None)], &meant), [Some(20)]);
        assert_eq!(of(&[kept(Some("10,000 toman"), None)], &meant), [Some(10)]);
        assert_eq!(of(&[kept(Some("7,000 toman"), None)], &meant), [Some(20)]);
        assert_eq!(of(&[kept(None, None)], &meant[..1]), [Some(30)]);
        assert_eq!(of(&[kept(None, None)], &[]), [None]);
        let album = [kept(None, Some("a")), kept(Some("10,000 toman"), Some("a")), kept(None, Some("b")), kept(None, None)];
        assert_eq!(of(&album, &meant), [Some(10), Some(10), Some(20), Some(20)]);
        let each = [meant.clone(), meant[2..].to_vec()];
        assert_eq!(assigned(&[kept(None, None), kept(None, None)], &each), [Some(PaymentId(20)), Some(PaymentId(10))]);
    }
}
