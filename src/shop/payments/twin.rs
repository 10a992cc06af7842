//! Twins: other payments that show the same file, a picture that looks the same, or the same tracking number.
use super::receipt::Receipt;
use super::rules::{alike, bands, is_tracking};
use super::state::State;
use crate::base::{Fault, PaymentId, PersonId, Time};
use crate::db::{self, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;

/// Pictures are compared by looks with so many that have a piece of the fingerprint in common, the newest first; the very
/// same picture is found however old.
const LOOKS_MAX: i64 = 10_000;
const SAME_MAX: i64 = 20;
/// Receipts that are looked up by the looks of their pictures; some may be the payment's own.
const CLOSE_MAX: usize = 40;

/// In what two payments are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Alike {
    SameFile,
    SameNumber,
    /// The pictures' fingerprints differ in so many bits.
    Looks {
        bits: u32,
    },
}

/// Another payment with such a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    pub payment: PaymentId,
    pub person: PersonId,
    pub state: State,
    pub alike: Alike,
    /// When its receipt came.
    pub at: Time,
}

#[derive(FromQueryResult)]
struct Row {
    payment: PaymentId,
    person: PersonId,
    state: String,
    at: Time,
}

#[derive(FromQueryResult)]
struct Close {
    id: i64,
    #[sea_orm(nested)]
    twin: Row,
}

impl Row {
    fn twin(self, alike: Alike) -> Result<Twin, Fault> {
        Ok(Twin { payment: self.payment, person: self.person, state: State::parse(&self.state)?, alike, at: self.at })
    }
}

/// All twins of the payment that these receipts are of, each once, by their strongest likeness.
pub async fn twins(conn: &impl ConnectionTrait, receipts: &[Receipt]) -> Result<Vec<Twin>, Fault> {
    let own: Vec<i64> = receipts.iter().map(|receipt| receipt.id).collect();
    let mut found = Vec::new();
    for receipt in receipts {
        let payment = receipt.payment;
        if let Some(key) = &receipt.file_key {
            found.extend(same_file(conn, payment, key).await?);
        }
        if let Some(text) = &receipt.text {
            found.extend(same_number(conn, payment, text).await?);
        }
        if let Some(print) = receipt.print {
            found.extend(near(conn, (payment, &own), print).await?);
        }
    }
    found.sort_by_key(|twin| (twin.payment, twin.alike));
    found.dedup_by_key(|twin| twin.payment);
    Ok(found)
}

/// `+ 0`: what is found is sorted, or PostgreSQL may walk all receipts in their order to find the first.
async fn others(conn: &impl ConnectionTrait, column: &str, value: sea_orm::Value, payment: PaymentId) -> Result<Vec<Row>, Fault> {
    let sql = format!(
        "SELECT r.payment, p.person, p.state, r.at FROM receipts r JOIN payments p ON p.id = r.payment \
         WHERE r.{column} = $1 AND r.payment <> $2 ORDER BY r.id + 0 LIMIT $3"
    );
    db::query(conn, &sql, vec![value, payment.into(), SAME_MAX.into()]).await
}

pub(super) async fn same_file(conn: &impl ConnectionTrait, payment: PaymentId, key: &str) -> Result<Vec<Twin>, Fault> {
    let rows = others(conn, "file_key", key.into(), payment).await?;
    rows.into_iter().map(|row| row.twin(Alike::SameFile)).collect()
}

/// `text` is as [`super::rules::plain`] makes it.
pub(super) async fn same_number(conn: &impl ConnectionTrait, payment: PaymentId, text: &str) -> Result<Vec<Twin>, Fault> {
    if !is_tracking(text) {
        return Ok(Vec::new());
    }
    let rows = others(conn, "text", text.into(), payment).await?;
    rows.into_iter().map(|row| row.twin(Alike::SameNumber)).collect()
}

/// Payments other than this one with a picture that looks like `print`; `own`: receipts that are known to be its own.
pub(super) async fn near(
    conn: &impl ConnectionTrait,
    (payment, own): (PaymentId, &[i64]),
    print: i64,
) -> Result<Vec<Twin>, Fault> {
    let may_be = may_be_near(conn, payment, print).await?;
    let mut close: Vec<(i64, u32)> = may_be.into_iter().filter_map(|(id, other)| Some((id, alike(other, print)?))).collect();
    close.retain(|(id, _)| !own.contains(id));
    // The very same pictures from the oldest on, the others from the newest.
    close.sort_by_key(|(id, bits)| if *bits == 0 { (0, *id) } else { (1, -id) });
    close.truncate(CLOSE_MAX);
    if close.is_empty() {
        return Ok(Vec::new());
    }
    let list = (2..=close.len() + 1).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT r.id, r.payment, p.person, p.state, r.at FROM receipts r JOIN payments p ON p.id = r.payment \
         WHERE r.payment <> $1 AND r.id IN ({list})"
    );
    let values = std::iter::once(payment.into()).chain(close.iter().map(|(id, _)| (*id).into())).collect();
    let bits: HashMap<i64, u32> = close.into_iter().collect();
    let rows: Vec<Close> = db::query(conn, &sql, values).await?;
    rows.into_iter().map(|row| row.twin.twin(Alike::Looks { bits: bits.get(&row.id).copied().unwrap_or_default() })).collect()
}

/// Receipts whose pictures share a piece of this fingerprint, the newest of them, and those of other payments with the very
/// same one, the oldest of these; each with its own. They may be thousands, so they come as one text: a row each would cost
/// more than comparing them.
async fn may_be_near(conn: &impl ConnectionTrait, payment: PaymentId, print: i64) -> Result<Vec<(i64, i64)>, Fault> {
    let sql = "SELECT string_agg(CAST(receipt AS TEXT) || ' ' || CAST(print AS TEXT), ' ') AS v FROM ( \
                 SELECT receipt, print FROM (SELECT DISTINCT receipt, print FROM receipt_bands \
                   WHERE band IN ($1, $2, $3, $4, $5, $6, $7) ORDER BY receipt DESC LIMIT $8) looks \
                 UNION SELECT receipt, print FROM (SELECT id AS receipt, print FROM receipts \
                   WHERE print = $9 AND payment <> $10 ORDER BY id + 0 LIMIT $11) same) c";
    let pieces = bands(print).into_iter().chain([LOOKS_MAX, print]).map(Into::into);
    let values = pieces.chain([payment.into(), SAME_MAX.into()]).collect();
    let text: Option<String> = db::scalar::<Option<String>>(conn, sql, values).await?.flatten();
    let text = text.unwrap_or_default();
    let numbers: Vec<i64> = text.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect();
    Ok(numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

/// Lets a receipt's picture be found by its looks.
pub(super) async fn remember_looks(tx: &Tx, receipt: i64, print: i64) -> Result<(), Fault> {
    let sql = "INSERT INTO receipt_bands (band, receipt, print) VALUES \
               ($3, $1, $2), ($4, $1, $2), ($5, $1, $2), ($6, $1, $2), ($7, $1, $2), ($8, $1, $2), ($9, $1, $2) \
               ON CONFLICT DO NOTHING";
    let values = [receipt, print].into_iter().chain(bands(print)).map(Into::into).collect();
    db::submit(tx, sql, values).await?;
    Ok(())
}
