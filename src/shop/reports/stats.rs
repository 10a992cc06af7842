//! The quick look: today, the week, the month, and the days of the last thirty. A sale counts here in the moment in which its
//! price was taken, with what has not gone back of it since; one that went back whole counts no more.
use crate::base::{Asset, DAY, Fault, Money, Time};
use crate::db;
use crate::shop::payments::day_of;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Days of the chart.
pub const CHART_DAYS: usize = 30;

/// A span of time in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    pub sales: i64,
    pub revenue: Money,
    pub new_people: i64,
}

#[derive(FromQueryResult)]
struct Sold {
    sales: i64,
    revenue: i64,
}

const SOLD: &str = "SELECT COUNT(*) AS sales, CAST(COALESCE(SUM(price - refunded), 0) AS BIGINT) AS revenue FROM orders \
     WHERE paid_at >= $1 AND paid_at < $2 AND asset = $3 AND state IN ('paid', 'delivered', 'refunded') AND refunded < price";

async fn sold(conn: &impl ConnectionTrait, asset: Asset, from: Time, to: Time) -> Result<Sold, Fault> {
    let sold: Option<Sold> = db::one(conn, SOLD, vec![from.into(), to.into(), asset.code().into()]).await?;
    sold.ok_or_else(|| Fault::new("a sum has no row"))
}

/// From `from` until just before `to`.
pub async fn stats(conn: &impl ConnectionTrait, asset: Asset, from: Time, to: Time) -> Result<Stats, Fault> {
    let sold = sold(conn, asset, from, to).await?;
    let sql = "SELECT COUNT(*) AS v FROM people WHERE first_seen >= $1 AND first_seen < $2";
    let new_people: Option<i64> = db::scalar(conn, sql, vec![from.into(), to.into()]).await?;
    Ok(Stats { sales: sold.sales, revenue: Money::new(sold.revenue, asset), new_people: new_people.unwrap_or_default() })
}

/// What waits for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    pub payments: i64,
    pub amount: Money,
    /// Paid, and not delivered yet.
    pub undelivered: i64,
}

#[derive(FromQueryResult)]
struct Waiting {
    payments: i64,
    amount: i64,
}

pub async fn pending(conn: &impl ConnectionTrait, asset: Asset) -> Result<Pending, Fault> {
    let sql = "SELECT COUNT(*) AS payments, CAST(COALESCE(SUM(due), 0) AS BIGINT) AS amount FROM payments \
               WHERE state = 'submitted' AND submitted_at IS NOT NULL AND asset = $1";
    let waiting: Option<Waiting> = db::one(conn, sql, vec![asset.code().into()]).await?;
    let waiting = waiting.ok_or_else(|| Fault::new("a sum has no row"))?;
    let undelivered: Option<i64> =
        db::scalar(conn, "SELECT COUNT(*) AS v FROM orders WHERE state = 'paid' AND paid_at IS NOT NULL", vec![]).await?;
    let amount = Money::new(waiting.amount, asset);
    Ok(Pending { payments: waiting.payments, amount, undelivered: undelivered.unwrap_or_default() })
}

/// A day's revenue, for a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub start: Time,
    pub revenue: Money,
}

/// The days of the shop's zone up to the one that holds `now`, the oldest first.
pub async fn daily(conn: &impl ConnectionTrait, asset: Asset, zone: chrono_tz::Tz, now: Time) -> Result<Vec<Day>, Fault> {
    let mut days = Vec::with_capacity(CHART_DAYS);
    let mut day = day_of(zone, now);
    for _ in 0..CHART_DAYS {
        let revenue = Money::new(sold(conn, asset, day.start, day.end).await?.revenue, asset);
        days.push(Day { start: day.start, revenue });
        day = day_of(zone, day.start.after(-1));
    }
    days.reverse();
    Ok(days)
}

/// A span and the one before it, to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    pub now: Stats,
    pub before: Stats,
}

/// Today until now against yesterday until the same time; the last 7 and 30 days against as many before.
pub async fn compared(conn: &impl ConnectionTrait, asset: Asset, zone: chrono_tz::Tz, now: Time) -> Result<[Compared; 3], Fault> {
    let today = day_of(zone, now).start;
    let yesterday = day_of(zone, today.after(-1)).start;
    let end = now.after(1);
    let span = async |from: Time, before: (Time, Time)| -> Result<Compared, Fault> {
        Ok(Compared { now: stats(conn, asset, from, end).await?, before: stats(conn, asset, before.0, before.1).await? })
    };
    let days = |count: i64| (end.after(-count * DAY), (end.after(-2 * count * DAY), end.after(-count * DAY)));
    let (week, before_week) = days(7);
    let (month, before_month) = days(30);
    Ok([
        span(today, (yesterday, yesterday.after(end.since(today)))).await?,
        span(week, before_week).await?,
        span(month, before_month).await?,
    ])
}
