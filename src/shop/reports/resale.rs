//! What an agent sold in a span, plan by plan: how much he was charged, and, where he told us what he takes himself, what is left to him.
//!
//! Always: what went back is not charged, and what went back whole is no sale; a plan without a price of his own has no margin, and is counted as such. His prices are
//! those of today: he may have taken others when he sold.
use crate::base::{Asset, Fault, Money, Time};
use crate::db;
use crate::shop::agents::Agency;
use crate::shop::catalog::{Catalog, Plan, PlanCode};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// One plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resale {
    pub plan: PlanCode,
    /// Services made and renewed.
    pub sales: i64,
    /// Times traffic was added.
    pub added: i64,
    pub charged: Money,
    /// What his own customers paid by his price, if he told it.
    pub taken: Option<Money>,
}

impl Resale {
    /// What is left to him; below zero when he takes less than he is charged.
    pub fn margin(&self) -> Option<Money> {
        Some(Money::new(self.taken?.minor.saturating_sub(self.charged.minor), self.charged.asset))
    }
}

/// All of them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resold {
    pub sales: i64,
    pub added: i64,
    pub charged: Money,
    /// Of the plans with a price of his own: what was taken and what is left.
    pub taken: Money,
    pub margin: Money,
    /// Plans without one.
    pub unpriced: i64,
}

#[derive(FromQueryResult)]
struct Row {
    plan: String,
    sales: i64,
    added: i64,
    bytes: i64,
    charged: i64,
}

/// What an agent sold from `from` until just before `to`, the best plan first.
pub async fn resale(
    conn: &impl ConnectionTrait,
    (agency, shelf): (&Agency, &Catalog),
    asset: Asset,
    from: Time,
    to: Time,
) -> Result<Vec<Resale>, Fault> {
    // An agent's order is placed and paid in one breath; the index is on the former.
    let sql = "SELECT plan, CAST(SUM(CASE WHEN kind = 'traffic' THEN 0 ELSE 1 END) AS BIGINT) AS sales,
            CAST(SUM(CASE WHEN kind = 'traffic' THEN 1 ELSE 0 END) AS BIGINT) AS added,
            CAST(SUM(COALESCE(traffic_bytes, 0)) AS BIGINT) AS bytes, CAST(SUM(price - refunded) AS BIGINT) AS charged
         FROM orders WHERE person = $1 AND placed_at >= $2 AND placed_at < $3 AND payer = 'credit' AND asset = $4
            AND (state IN ('paid', 'delivered') OR (state = 'refunded' AND refunded < price))
         GROUP BY plan ORDER BY charged DESC, plan";
    let values = vec![agency.person.into(), from.into(), to.into(), asset.code().into()];
    let rows: Vec<Row> = db::query(conn, sql, values).await?;
    rows.iter().map(|row| of_row(agency, shelf, asset, row)).collect()
}

fn of_row(agency: &Agency, shelf: &Catalog, asset: Asset, row: &Row) -> Result<Resale, Fault> {
    let code: PlanCode = row.plan.parse().map_err(|_| Fault::new(format!("an order is of plan {}", row.plan)))?;
    let plan = shelf.plan(&code);
    let own = plan.and_then(|plan| Some((plan, agency.selling.price(plan)?)));
    let taken = own.map(|(plan, price)| Money::new(taken(price, plan, (row.sales, row.bytes)), asset));
    Ok(Resale { plan: code, sales: row.sales, added: row.added, charged: Money::new(row.charged, asset), taken })
}

/// Added traffic brings the same for each gigabyte as the plan does, rounded down.
fn taken(price: Money, plan: &Plan, (sales, bytes): (i64, i64)) -> i64 {
    let whole = i128::from(price.minor) * i128::from(sales);
    let part =
        if plan.traffic_bytes > 0 { i128::from(price.minor) * i128::from(bytes) / i128::from(plan.traffic_bytes) } else { 0 };
    i64::try_from(whole + part).unwrap_or(i64::MAX)
}

/// The sum of a span's plans.
pub fn resold(plans: &[Resale], asset: Asset) -> Resold {
    let sum = |of: fn(&Resale) -> Option<i64>| plans.iter().filter_map(of).fold(0, i64::saturating_add);
    Resold {
        sales: sum(|plan| Some(plan.sales)),
        added: sum(|plan| Some(plan.added)),
        charged: Money::new(sum(|plan| Some(plan.charged.minor)), asset),
        taken: Money::new(sum(|plan| plan.taken.map(|taken| taken.minor)), asset),
        margin: Money::new(sum(|plan| plan.margin().map(|margin| margin.minor)), asset),
        unpriced: i64::try_from(plans.iter().filter(|plan| plan.taken.is_none()).count()).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::{Resale, resold, taken};
    use crate::base::{Asset, Money};
    use crate::shop::catalog::{Plan, sample};

    fn toman(minor: i64) -> Money {
        Money::new(minor, Asset::Irt)
    }

    fn plan(gigabytes: i64) -> Plan {
        Plan { traffic_bytes: gigabytes << 30, ..sample::plan() }
    }

    #[test]
    fn added_traffic_is_a_part_of_the_plans_price() {
        for (gigabytes, sold, expected) in
            [(30, (2, 0), 300_000), (30, (0, 10 << 30), 50_000), (7, (1, 1 << 30), 171_428), (0, (1, 5 << 30), 150_000)]
        {
            assert_eq!(taken(toman(150_000), &plan(gigabytes), sold), expected, "{gigabytes} {sold:?}");
        }
    }

    #[test]
    fn plans_without_a_price_have_no_margin() {
        let of = |charged, taken: Option<i64>| Resale {
            plan: "m1".parse().unwrap(),
            sales: 2,
            added: 1,
            charged: toman(charged),
            taken: taken.map(toman),
        };
        let all = resold(&[of(200_000, Some(300_000)), of(90_000, None), of(50_000, Some(40_000))], Asset::Irt);
        assert_eq!((all.sales, all.added, all.charged), (6, 3, toman(340_000)));
        assert_eq!((all.taken, all.margin, all.unpriced), (toman(340_000), toman(90_000), 1));
    }
}
