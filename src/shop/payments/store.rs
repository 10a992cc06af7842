//! Payments as they lie in the database, and the questions asked of them.
use super::flag::{self, Flag};
use super::method::MethodCode;
use super::purpose::Purpose;
use super::rules;
use super::state::{RejectReason, State};
use crate::base::{Asset, ChatId, DAY, Fault, Money, OrderId, Page, PaymentId, PersonId, Time};
use crate::db::{self, Db, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// The median of fewer reviews says nothing.
const REVIEWS_MIN: usize = 3;
const MEDIAN_DAYS: i64 = 7;
const MEDIAN_ROWS_MAX: i64 = 1_000;

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub purpose: Purpose,
    pub person: PersonId,
    pub method: MethodCode,
    /// What is wanted.
    pub price: Money,
    /// What is to be transferred, to the unit: the price and the tail that makes it unique.
    pub due: Money,
    pub state: State,
    pub opened_at: Time,
    pub expires_at: Time,
    /// When its first receipt came (the first after it was closed, when it is late).
    pub submitted_at: Option<Time>,
    /// When it left the review, or was closed without one.
    pub decided_at: Option<Time>,
    /// Who decided; the customer when he cancelled, 0 for the clock.
    pub decided_by: Option<PersonId>,
    /// What came, as the reviewer says.
    pub approved: Option<Money>,
    pub reason: Option<RejectReason>,
    /// The ledger transaction that brought the money, when approved.
    pub posting: Option<i64>,
    /// The ledger's hold of an agent's top-up, while it is under review.
    pub hold: Option<i64>,
    /// How often a decision was taken back.
    pub round: i64,
    pub flags: Vec<Flag>,
    pub escalated_at: Option<Time>,
    /// The admins' card: where it was posted; see [`super::Claim`].
    pub card_chat: Option<ChatId>,
    pub card_message: Option<i64>,
}

/// A payment's columns, read with those of other tables too.
#[derive(FromQueryResult)]
pub(in crate::shop) struct Row {
    id: PaymentId,
    purpose: String,
    order_id: Option<OrderId>,
    person: PersonId,
    method: String,
    price: i64,
    due: i64,
    asset: String,
    state: String,
    opened_at: Time,
    expires_at: Time,
    submitted_at: Option<Time>,
    decided_at: Option<Time>,
    decided_by: Option<PersonId>,
    approved: Option<i64>,
    reason: Option<String>,
    posting: Option<i64>,
    hold: Option<i64>,
    round: i64,
    flags: String,
    escalated_at: Option<Time>,
    card_chat: Option<ChatId>,
    card_message: Option<i64>,
}

pub(in crate::shop) const COLUMNS: &str = "id, purpose, order_id, person, method, price, due, asset, state, opened_at, expires_at, submitted_at, \
     decided_at, decided_by, approved, reason, posting, hold, round, flags, escalated_at, card_chat, card_message";

impl TryFrom<Row> for Payment {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let asset = Asset::parse(&row.asset).ok_or_else(|| Fault::new(format!("payment {}: unknown asset", row.id)))?;
        Ok(Self {
            id: row.id,
            purpose: Purpose::parse(&row.purpose, row.order_id)?,
            person: row.person,
            method: MethodCode::stored(row.method),
            price: Money::new(row.price, asset),
            due: Money::new(row.due, asset),
            state: State::parse(&row.state)?,
            opened_at: row.opened_at,
            expires_at: row.expires_at,
            submitted_at: row.submitted_at,
            decided_at: row.decided_at,
            decided_by: row.decided_by,
            approved: row.approved.map(|minor| Money::new(minor, asset)),
            reason: row.reason.as_deref().map(RejectReason::parse),
            posting: row.posting,
            hold: row.hold,
            round: row.round,
            flags: flag::read(&row.flags)?,
            escalated_at: row.escalated_at,
            card_chat: row.card_chat,
            card_message: row.card_message,
        })
    }
}

pub(super) async fn select(conn: &impl ConnectionTrait, rest: &str, values: Vec<sea_orm::Value>) -> Result<Vec<Payment>, Fault> {
    let rows: Vec<Row> = db::query(conn, &format!("SELECT {COLUMNS} FROM payments {rest}"), values).await?;
    rows.into_iter().map(Payment::try_from).collect()
}

/// What a statement that writes one payment made of it; `None` when it wrote none.
pub(super) async fn written(tx: &Tx, sql: &str, values: Vec<sea_orm::Value>) -> Result<Option<Payment>, Fault> {
    let row: Option<Row> = db::one(tx, &format!("{sql} RETURNING {COLUMNS}"), values).await?;
    row.map(Payment::try_from).transpose()
}

/// One payment.
pub async fn get(conn: &impl ConnectionTrait, id: PaymentId) -> Result<Option<Payment>, Fault> {
    Ok(select(conn, "WHERE id = $1", vec![id.into()]).await?.pop())
}

/// The payment with its row locked until the transaction ends.
pub(in crate::shop) async fn locked(tx: &Tx, id: PaymentId) -> Result<Option<Payment>, Fault> {
    Ok(select(tx, &format!("WHERE id = $1{}", db::locking(tx, " FOR UPDATE")), vec![id.into()]).await?.pop())
}

/// Remembers the ledger's hold of a payment that is under review.
pub(in crate::shop) async fn set_hold(tx: &Tx, payment: &Payment, hold: i64) -> Result<(), Fault> {
    let sql = "UPDATE payments SET hold = $2 WHERE id = $1 AND state = 'submitted'";
    db::submit(tx, sql, vec![payment.id.into(), hold.into()]).await?;
    Ok(())
}

/// The latest payment of an order.
pub async fn of_order(conn: &impl ConnectionTrait, order: OrderId) -> Result<Option<Payment>, Fault> {
    Ok(select(conn, "WHERE order_id = $1 ORDER BY opened_at DESC, id LIMIT 1", vec![order.into()]).await?.pop())
}

/// A person's payments, the newest first, and how many there are.
pub async fn of_person(conn: &impl ConnectionTrait, person: PersonId, page: Page) -> Result<(Vec<Payment>, i64), Fault> {
    let rest = "WHERE person = $1 ORDER BY opened_at DESC, id LIMIT $2 OFFSET $3";
    let found = select(conn, rest, vec![person.into(), page.limit().into(), page.offset().into()]).await?;
    let sql = "SELECT COUNT(*) AS v FROM payments WHERE person = $1";
    let total: Option<i64> = db::scalar(conn, sql, vec![person.into()]).await?;
    Ok((found, total.unwrap_or_default()))
}

/// How many payments of a person wait for a receipt.
pub async fn open_of(conn: &impl ConnectionTrait, person: PersonId) -> Result<i64, Fault> {
    let sql = "SELECT COUNT(*) AS v FROM payments WHERE person = $1 AND state = 'open'";
    Ok(db::scalar::<i64>(conn, sql, vec![person.into()]).await?.unwrap_or_default())
}

/// Has the person another payment whose receipt is undecided, withdrawn, or was rejected?
pub async fn has_doubtful(conn: &impl ConnectionTrait, person: PersonId, but: PaymentId) -> Result<bool, Fault> {
    let sql = "SELECT COUNT(*) AS v FROM payments WHERE person = $1 AND id <> $2 AND submitted_at IS NOT NULL \
               AND state <> 'approved'";
    Ok(db::scalar::<i64>(conn, sql, vec![person.into(), but.into()]).await?.unwrap_or_default() > 0)
}

/// What waits for the review, the oldest first, and how many there are.
pub async fn pending(conn: &impl ConnectionTrait, page: Page) -> Result<(Vec<Payment>, i64), Fault> {
    let rest = "WHERE state = 'submitted' AND submitted_at IS NOT NULL ORDER BY submitted_at, id LIMIT $1 OFFSET $2";
    let found = select(conn, rest, vec![page.limit().into(), page.offset().into()]).await?;
    let total: Option<i64> =
        db::scalar(conn, "SELECT COUNT(*) AS v FROM payments WHERE state = 'submitted' AND submitted_at IS NOT NULL", vec![])
            .await?;
    Ok((found, total.unwrap_or_default()))
}

/// Payments under review since before `before`, the oldest first: those without a warning, or those with one that
/// nobody was called for yet.
pub async fn stale(conn: &impl ConnectionTrait, before: Time, flagged: bool, limit: i64) -> Result<Vec<PaymentId>, Fault> {
    let which = if flagged { "flags <> '' AND escalated_at IS NULL" } else { "flags = ''" };
    let rest = format!("WHERE state = 'submitted' AND submitted_at <= $1 AND {which} ORDER BY submitted_at LIMIT $2");
    let found = select(conn, &rest, vec![before.into(), limit.into()]).await?;
    Ok(found.into_iter().map(|payment| payment.id).collect())
}

/// Marks that the group was called for it; `LostRace` when it was before, or nothing waits.
pub async fn mark_escalated(tx: &Tx, id: PaymentId, now: Time) -> Result<db::Moved, Fault> {
    let sql = "UPDATE payments SET escalated_at = $2 WHERE id = $1 AND escalated_at IS NULL AND state = 'submitted'";
    Ok(db::Moved::from_rows(db::execute(tx, sql, vec![id.into(), now.into()]).await?))
}

/// How many minutes a review took lately: the median of the newest approvals of the last seven days, as it was at most
/// five seconds ago.
pub async fn median_review_minutes(db: &Db, now: Time) -> Result<Option<i64>, Fault> {
    struct Usual(Option<i64>);
    let usual = db.fresh(|| async { review_minutes(db.read(), now).await.map(Usual) }).await?;
    Ok(usual.0)
}

async fn review_minutes(conn: &impl ConnectionTrait, now: Time) -> Result<Option<i64>, Fault> {
    #[derive(FromQueryResult)]
    struct Took {
        ms: i64,
    }
    let sql = "SELECT decided_at - submitted_at AS ms FROM payments \
               WHERE state = 'approved' AND decided_at >= $1 AND submitted_at IS NOT NULL ORDER BY decided_at DESC LIMIT $2";
    let values = vec![now.after(-MEDIAN_DAYS * DAY).into(), MEDIAN_ROWS_MAX.into()];
    let took: Vec<Took> = db::query(conn, sql, values).await?;
    if took.len() < REVIEWS_MIN {
        return Ok(None);
    }
    Ok(rules::median(took.into_iter().map(|took| took.ms).collect()))
}
