//! The rows of refunds: what went back of an order, when, whither and by whom. They never change.
use super::{Receipt, Refund, Way};
use crate::base::{Asset, Fault, Money, OrderId, PersonId, Time};
use crate::db::{self, Tx};
use crate::shop::notices::RefundTo;
use crate::shop::payments::{MethodCode, ReceiptKind};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Something that went back of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    pub order: OrderId,
    /// How much had gone back before.
    pub so_far: Money,
    pub amount: Money,
    pub to: RefundTo,
    /// What paid it back by hand, when that was one of the shop's methods.
    pub method: Option<MethodCode>,
    /// What proves that it was paid back by hand.
    pub receipt: Option<Receipt>,
    /// How the amount came about; for admins.
    pub reason: String,
    /// An admin, or an agent who deleted what he had sold.
    pub by: PersonId,
    pub at: Time,
}

impl Refunded {
    /// Is it what this asks for?
    pub(super) fn is(&self, by: PersonId, refund: &Refund) -> bool {
        let same_way = match &refund.way {
            Way::Account => self.to != RefundTo::Hand,
            Way::Hand { method, receipt } => self.method == *method && self.receipt.as_ref() == Some(receipt),
        };
        same_way && self.by == by && self.amount.minor == refund.amount_minor && self.so_far.minor == refund.so_far_minor
    }
}

#[derive(FromQueryResult)]
struct Row {
    order_id: OrderId,
    so_far: i64,
    amount: i64,
    asset: String,
    way: String,
    method: Option<String>,
    receipt_kind: Option<String>,
    file_id: Option<String>,
    receipt_text: Option<String>,
    reason: String,
    actor: PersonId,
    at: Time,
}

impl TryFrom<Row> for Refunded {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let wrong = |what: &str| Fault::new(format!("an impossible row in refunds ({}): {what}", row.order_id));
        let asset = Asset::parse(&row.asset).ok_or_else(|| wrong("asset"))?;
        let receipt = row.receipt_kind.as_deref().map(ReceiptKind::parse).transpose()?;
        Ok(Self {
            to: RefundTo::parse(&row.way).ok_or_else(|| wrong("way"))?,
            method: row.method.as_deref().map(str::parse).transpose().map_err(|_| wrong("method"))?,
            receipt: receipt.map(|kind| Receipt { kind, file_id: row.file_id, text: row.receipt_text }),
            order: row.order_id,
            so_far: Money::new(row.so_far, asset),
            amount: Money::new(row.amount, asset),
            reason: row.reason,
            by: row.actor,
            at: row.at,
        })
    }
}

/// All that went back of an order, the first before the others.
pub async fn refunds_of(conn: &impl ConnectionTrait, order: OrderId) -> Result<Vec<Refunded>, Fault> {
    let sql = "SELECT r.order_id, r.so_far, r.amount, o.asset, r.way, r.method, r.receipt_kind, r.file_id, r.receipt_text, \
               r.reason, r.actor, r.at FROM refunds r JOIN orders o ON o.id = r.order_id WHERE r.order_id = $1 ORDER BY r.so_far";
    let rows: Vec<Row> = db::query(conn, sql, vec![order.into()]).await?;
    rows.into_iter().map(Refunded::try_from).collect()
}

/// Writes a refund down, whose ledger transaction is `posting`.
pub(super) async fn insert(tx: &Tx, refunded: &Refunded, posting: i64) -> Result<(), Fault> {
    let sql = "INSERT INTO refunds (order_id, so_far, amount, way, method, receipt_kind, file_id, receipt_text, reason, actor, at, \
               posting) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let receipt = refunded.receipt.as_ref();
    let values = vec![
        refunded.order.into(),
        refunded.so_far.minor.into(),
        refunded.amount.minor.into(),
        refunded.to.code().into(),
        refunded.method.as_ref().map(|method| method.as_str().to_owned()).into(),
        receipt.map(|receipt| receipt.kind.code().to_owned()).into(),
        receipt.and_then(|receipt| receipt.file_id.clone()).into(),
        receipt.and_then(|receipt| receipt.text.clone()).into(),
        refunded.reason.clone().into(),
        refunded.by.into(),
        refunded.at.into(),
        posting.into(),
    ];
    db::submit(tx, sql, values).await?;
    Ok(())
}
