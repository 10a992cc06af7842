//! Receipts that came unasked while several payments could be meant: kept until the customer names one, or the shop must.
//!
//! Always: each is handed out once, to whoever takes it; a receipt is never one of a payment that was opened after it came.
//! They lie beside the customer's dialogues, under a chat that nobody has, so that no question takes their place.
use super::amount::names_due;
use super::receipt::NewReceipt;
use super::state::State;
use super::store::{Payment, of_person};
use crate::base::{ChatId, DAY, Fault, Page, PersonId, Time};
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
    pub came_at: Time,
}

/// Waits there any?
pub async fn has_unnamed(conn: &impl ConnectionTrait, person: PersonId, now: Time) -> Result<bool, Fault> {
    Ok(dialogue::load(conn, person, NOWHERE, now).await?.is_some())
}

/// Takes all of a person's away; nobody else gets them any more.
pub async fn take_unnamed(tx: &Tx, person: PersonId) -> Result<Vec<Unnamed>, Fault> {
    let Some((version, state)) = dialogue::take(tx, person, NOWHERE).await? else { return Ok(Vec::new()) };
    if version != VERSION {
        tracing::warn!(%person, version, "receipts that another version kept are not understood");
        return Ok(Vec::new());
    }
    Ok(serde_json::from_str(&state)?)
}

/// Puts these in the place of what was taken; none are no row.
pub async fn keep_unnamed(tx: &Tx, person: PersonId, unnamed: &[Unnamed]) -> Result<(), Fault> {
    if unnamed.is_empty() {
        return Ok(());
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

/// Which of them, newest first, it is when nobody says: the one whose amount it names, else the newest without a receipt, else the
/// newest.
pub fn likeliest<'a>(meant: &'a [Payment], receipt: &NewReceipt) -> Option<&'a Payment> {
    let text = receipt.text.as_deref().unwrap_or_default();
    let named = meant.iter().find(|payment| names_due(receipt.kind, text, payment.due));
    named.or_else(|| meant.iter().find(|payment| payment.state != State::Submitted)).or_else(|| meant.first())
}

#[cfg(test)]
mod tests {
    use super::{likeliest, meant_of};
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
        let meant = [payment(30, State::Submitted, HOUR), payment(20, State::Open, 2 * HOUR), payment(10, State::Open, 3 * HOUR)];
        let of = |meant: &[Payment], text| likeliest(meant, &receipt(text)).map(|payment| payment.id.0);
        assert_eq!(of(&meant, None), Some(20));
        assert_eq!(of(&meant, Some("10,000 toman")), Some(10));
        assert_eq!(of(&meant, Some("7,000 toman")), Some(20));
        assert_eq!(of(&meant[..1], None), Some(30));
        assert_eq!(of(&[], None), None);
    }
}
