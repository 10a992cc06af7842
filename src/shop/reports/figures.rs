//! The numbers of a span, and who or what they came from. What each means stands at the head of this slice.
use super::span::Period;
use crate::base::{Asset, Fault, Money, Time};
use crate::db;
use crate::shop::ledger::{self, Kind};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Most columns of a chart of time.
const COLUMNS_MAX: i64 = 31;

/// A span in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    pub sales: i64,
    /// What the sales brought, before refunds.
    pub revenue: Money,
    pub refunds: i64,
    pub refunded: Money,
    pub new_people: i64,
    pub lost_people: i64,
    /// People who paid.
    pub payers: i64,
    pub trials: i64,
    /// Of the trials: people who have paid since.
    pub converted: i64,
    /// Customers when the span began.
    pub customers: i64,
    /// Of them: no customers any more when it ended.
    pub churned: i64,
}

impl Figures {
    pub fn net(&self) -> Money {
        Money::new(self.revenue.minor.saturating_sub(self.refunded.minor), self.revenue.asset)
    }

    /// Revenue by paying person; `None` when nobody paid.
    pub fn average(&self) -> Option<Money> {
        (self.payers > 0).then(|| Money::new(self.revenue.minor / self.payers, self.revenue.asset))
    }

    /// In thousandths; `None` when nobody tried.
    pub fn conversion(&self) -> Option<i64> {
        per_mille(self.converted, self.trials)
    }

    /// In thousandths; `None` when there were no customers.
    pub fn churn(&self) -> Option<i64> {
        per_mille(self.churned, self.customers)
    }
}

fn per_mille(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| part.saturating_mul(1_000) / whole)
}

#[derive(FromQueryResult)]
struct Sold {
    sales: i64,
    revenue: i64,
    payers: i64,
}

async fn sold(conn: &impl ConnectionTrait, asset: Asset, from: Time, to: Time) -> Result<Sold, Fault> {
    let sql = "SELECT COUNT(*) AS sales, CAST(COALESCE(SUM(price), 0) AS BIGINT) AS revenue, COUNT(DISTINCT person) AS payers \
               FROM orders WHERE paid_at >= $1 AND paid_at < $2 AND asset = $3";
    let sold: Option<Sold> = db::one(conn, sql, vec![from.into(), to.into(), asset.code().into()]).await?;
    sold.ok_or_else(|| Fault::new("a sum has no row"))
}

async fn count(conn: &impl ConnectionTrait, sql: &str, times: &[Time]) -> Result<i64, Fault> {
    let values = times.iter().map(|time| (*time).into()).collect();
    Ok(db::scalar::<i64>(conn, sql, values).await?.unwrap_or_default())
}

const NEW: &str = "SELECT COUNT(*) AS v FROM people WHERE first_seen >= $1 AND first_seen < $2";
const LOST: &str = "SELECT COUNT(*) AS v FROM people WHERE blocked_at IS NOT NULL AND blocked_at >= $1 AND blocked_at < $2";
const TRIALS: &str = "SELECT COUNT(*) AS v FROM trials WHERE at >= $1 AND at < $2";
const CONVERTED: &str = "SELECT COUNT(*) AS v FROM trials t WHERE t.at >= $1 AND t.at < $2 \
     AND EXISTS (SELECT 1 FROM orders o WHERE o.person = t.person AND o.paid_at >= t.at)";
/// The kind is written out: the index holds only such rows.
const CUSTOMERS: &str = "SELECT COUNT(DISTINCT person) AS v FROM subscriptions \
     WHERE kind = 'full' AND state <> 'deleted' AND until >= $1 AND created_at < $1";
const CHURNED: &str = "SELECT COUNT(DISTINCT s.person) AS v FROM subscriptions s \
     WHERE s.kind = 'full' AND s.state <> 'deleted' AND s.until >= $1 AND s.created_at < $1 AND s.until < $2 \
     AND NOT EXISTS (SELECT 1 FROM subscriptions l WHERE l.person = s.person AND l.kind = 'full' AND l.state <> 'deleted' \
        AND l.until >= $2 AND l.created_at < $2)";

/// The numbers from `from` until just before `to`.
pub async fn figures(conn: &impl ConnectionTrait, asset: Asset, from: Time, to: Time) -> Result<Figures, Fault> {
    let sold = sold(conn, asset, from, to).await?;
    let back = ledger::moved(conn, Kind::Refunds, asset, from, to).await?;
    Ok(Figures {
        sales: sold.sales,
        revenue: Money::new(sold.revenue, asset),
        payers: sold.payers,
        refunds: back.transactions,
        refunded: Money::new(back.debits - back.credits, asset),
        new_people: count(conn, NEW, &[from, to]).await?,
        lost_people: count(conn, LOST, &[from, to]).await?,
        trials: count(conn, TRIALS, &[from, to]).await?,
        converted: count(conn, CONVERTED, &[from, to]).await?,
        customers: count(conn, CUSTOMERS, &[from]).await?,
        churned: count(conn, CHURNED, &[from, to]).await?,
    })
}

/// What sales are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Plan,
    Location,
    Method,
    Agent,
}

impl By {
    pub const ALL: [Self; 4] = [Self::Plan, Self::Location, Self::Method, Self::Agent];

    /// The column that tells them apart; `o` is the order.
    const fn column(self) -> &'static str {
        match self {
            Self::Plan => "o.plan",
            Self::Location => "(SELECT p.location FROM plans p WHERE p.code = o.plan)",
            Self::Method => METHOD,
            Self::Agent => "CASE WHEN o.payer = 'credit' THEN CAST(o.person AS TEXT) ELSE '' END",
        }
    }
}

/// What an agent's credit is called among the methods; none of them has a code like it.
pub const CREDIT: &str = "credit:";

/// Without a receipt of its own an order was paid from what the person had here. `credit:` is [`CREDIT`].
pub(super) const METHOD: &str = "CASE WHEN o.payer = 'credit' THEN 'credit:' ELSE COALESCE((SELECT p.method FROM payments p \
     WHERE p.order_id = o.id AND p.state = 'approved' ORDER BY p.decided_at, p.id LIMIT 1), '') END";

/// The sales of one plan, location, method or agent; the method without a code is the wallet, the agent without one the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub code: String,
    pub sales: i64,
    pub revenue: Money,
    /// What it brought in the period before.
    pub before: Money,
}

#[derive(FromQueryResult)]
struct ShareRow {
    code: String,
    sales: i64,
    revenue: i64,
    before: i64,
}

/// The sales of a period by what they are told apart by, the best first, at most `limit`.
pub async fn shares(conn: &impl ConnectionTrait, asset: Asset, period: &Period, by: By, limit: u32) -> Result<Vec<Share>, Fault> {
    let sql = format!(
        "SELECT code, CAST(SUM(sold) AS BIGINT) AS sales, CAST(SUM(sold * price) AS BIGINT) AS revenue,
            CAST(SUM((1 - sold) * price) AS BIGINT) AS before
         FROM (SELECT {} AS code, o.price, CASE WHEN o.paid_at >= $1 THEN 1 ELSE 0 END AS sold FROM orders o
            WHERE o.asset = $5 AND ((o.paid_at >= $1 AND o.paid_at < $2) OR (o.paid_at >= $3 AND o.paid_at < $4))) AS sale
         GROUP BY code ORDER BY revenue DESC, before DESC, code LIMIT $6",
        by.column()
    );
    let values = vec![
        period.from.into(),
        period.to.into(),
        period.before.0.into(),
        period.before.1.into(),
        asset.code().into(),
        i64::from(limit).into(),
    ];
    let rows: Vec<ShareRow> = db::query(conn, &sql, values).await?;
    let money = |minor| Money::new(minor, asset);
    let share =
        |row: ShareRow| Share { code: row.code, sales: row.sales, revenue: money(row.revenue), before: money(row.before) };
    Ok(rows.into_iter().map(share).collect())
}

/// A column of a chart of time: from when, what came, and what came in the same stretch of the period before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub start: Time,
    pub revenue: Money,
    pub before: Money,
}

/// The revenue of a period, cut into at most thirty-one columns of whole days; a single day into hours.
pub async fn columns(conn: &impl ConnectionTrait, asset: Asset, period: &Period) -> Result<Vec<Column>, Fault> {
    use crate::base::{DAY, HOUR};
    let step = if period.days <= 1 { HOUR } else { DAY * ((period.days + COLUMNS_MAX - 1) / COLUMNS_MAX) };
    let mut columns = Vec::new();
    let mut start = period.from;
    while start < period.to {
        let end = start.after(step).min(period.to);
        let earlier = period.before.0.after(start.since(period.from));
        let revenue = sold(conn, asset, start, end).await?.revenue;
        let before = sold(conn, asset, earlier, earlier.after(end.since(start))).await?.revenue;
        columns.push(Column { start, revenue: Money::new(revenue, asset), before: Money::new(before, asset) });
        start = end;
    }
    Ok(columns)
}
