//! The shelf's rows: loading them, stock, and what a shop file puts there.
use super::code::{CategoryCode, LocationCode, PanelCode, PlanCode};
use super::shelf::{Catalog, Category, Location, Plan, RefundRule};
use super::words::Words;
use crate::base::{Asset, Fault, Money};
use crate::db::{Db, Moved, Tx, execute, exists, query, submit};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::sync::Arc;

#[derive(FromQueryResult)]
struct ShelfRow {
    code: String,
    titles: String,
    texts: String,
    state: String,
}

#[derive(FromQueryResult)]
struct PlanRow {
    code: String,
    category: String,
    location: String,
    titles: String,
    texts: String,
    days: i64,
    traffic_bytes: i64,
    devices: i64,
    price: i64,
    cost: Option<i64>,
    refund: String,
    asset: String,
    panels: String,
    stock: Option<i64>,
    state: String,
}

fn bad_row(table: &'static str) -> impl Fn(super::BadCode) -> Fault {
    move |error| Fault::new(error).context(format!("an impossible row in {table}"))
}

impl PlanRow {
    fn read(self) -> Result<Plan, Fault> {
        let asset = Asset::parse(&self.asset).ok_or_else(|| Fault::new(format!("plan {}: unknown asset", self.code)))?;
        let panels: Vec<String> = serde_json::from_str(&self.panels)?;
        Ok(Plan {
            code: self.code.parse().map_err(bad_row("plans"))?,
            category: self.category.parse().map_err(bad_row("plans"))?,
            location: self.location.parse().map_err(bad_row("plans"))?,
            titles: Words::read(&self.titles)?,
            texts: Words::read(&self.texts)?,
            days: self.days,
            traffic_bytes: self.traffic_bytes,
            devices: self.devices,
            price: Money::new(self.price, asset),
            cost: self.cost,
            refund: RefundRule::parse(&self.refund)
                .ok_or_else(|| Fault::new(format!("plan {}: no refund is by {}", self.code, self.refund)))?,
            panels: panels.iter().map(|code| code.parse().map_err(bad_row("plans"))).collect::<Result<_, _>>()?,
            stock: self.stock,
            on: self.state == "on",
        })
    }
}

const PLAN_COLUMNS: &str =
    "code, category, location, titles, texts, days, traffic_bytes, devices, price, cost, refund, asset, panels, stock,
    state";

/// One plan as it is now, switched off or not.
pub async fn plan(conn: &impl ConnectionTrait, code: &PlanCode) -> Result<Option<Plan>, Fault> {
    let sql = format!("SELECT {PLAN_COLUMNS} FROM plans WHERE code = $1");
    let row: Option<PlanRow> = crate::db::one(conn, &sql, vec![code.as_str().into()]).await?;
    row.map(PlanRow::read).transpose()
}

impl Catalog {
    /// As it is just now.
    pub async fn load(conn: &impl ConnectionTrait) -> Result<Self, Fault> {
        let rows: Vec<ShelfRow> =
            query(conn, "SELECT code, titles, texts, state FROM categories ORDER BY place, code", vec![]).await?;
        let mut categories = Vec::with_capacity(rows.len());
        for row in rows {
            let code: CategoryCode = row.code.parse().map_err(bad_row("categories"))?;
            let (titles, texts) = (Words::read(&row.titles)?, Words::read(&row.texts)?);
            categories.push(Category { code, titles, texts, on: row.state == "on" });
        }
        let rows: Vec<ShelfRow> =
            query(conn, "SELECT code, titles, texts, state FROM locations ORDER BY place, code", vec![]).await?;
        let mut locations = Vec::with_capacity(rows.len());
        for row in rows {
            let code: LocationCode = row.code.parse().map_err(bad_row("locations"))?;
            let (titles, texts) = (Words::read(&row.titles)?, Words::read(&row.texts)?);
            locations.push(Location { code, titles, texts, on: row.state == "on" });
        }
        let rows: Vec<PlanRow> = query(conn, &format!("SELECT {PLAN_COLUMNS} FROM plans ORDER BY place, code"), vec![]).await?;
        let plans = rows.into_iter().map(PlanRow::read).collect::<Result<_, _>>()?;
        Ok(Self { categories, locations, plans })
    }
}

/// Is it on the shelf now: the plan, its category and its location? What is left of it is for [`take_stock`] to say.
pub async fn is_on_shelf(conn: &impl ConnectionTrait, code: &PlanCode) -> Result<bool, Fault> {
    exists(conn, &format!("SELECT 1 AS v FROM plans p WHERE p.code = $1 AND {ON_SHELF}"), vec![code.as_str().into()]).await
}

const ON_SHELF: &str = "p.state = 'on' AND EXISTS (SELECT 1 FROM categories c WHERE c.code = p.category AND c.state = 'on') \
     AND EXISTS (SELECT 1 FROM locations l WHERE l.code = p.location AND l.state = 'on')";

/// One plan as it is now, switched off or not, and whether it is on the shelf.
pub async fn plan_and_shelf(conn: &impl ConnectionTrait, code: &PlanCode) -> Result<Option<(Plan, bool)>, Fault> {
    #[derive(FromQueryResult)]
    struct Row {
        #[sea_orm(nested)]
        plan: PlanRow,
        on_shelf: i64,
    }
    let sql = format!(
        "SELECT {PLAN_COLUMNS}, CAST(CASE WHEN {ON_SHELF} THEN 1 ELSE 0 END AS BIGINT) AS on_shelf FROM plans p WHERE code = $1"
    );
    let row: Option<Row> = crate::db::one(conn, &sql, vec![code.as_str().into()]).await?;
    row.map(|row| Ok((row.plan.read()?, row.on_shelf == 1))).transpose()
}

/// The shelf as it was at most five seconds ago.
pub async fn current(db: &Db) -> Result<Arc<Catalog>, Fault> {
    db.fresh(|| Catalog::load(db.read())).await
}

/// One plan as it was at most five seconds ago, switched off or not: what it is called.
pub async fn plan_lately(db: &Db, code: &PlanCode) -> Result<Option<Plan>, Fault> {
    match current(db).await?.plan(code) {
        Some(plan) => Ok(Some(plan.clone())),
        // It is newer than what is remembered.
        None => plan(db.read(), code).await,
    }
}

/// Takes one from the shelf. A lost race: it is off, or the last one went.
pub async fn take_stock(tx: &Tx, plan: &PlanCode) -> Result<Moved, Fault> {
    let sql = "UPDATE plans SET stock = stock - 1 WHERE code = $1 AND state = 'on' AND (stock IS NULL OR stock > 0)";
    Ok(Moved::from_rows(execute(tx, sql, vec![plan.as_str().into()]).await?))
}

/// Puts one back: an order was cancelled, expired, rejected or refunded.
pub async fn give_back(tx: &Tx, plan: &PlanCode) -> Result<(), Fault> {
    let sql = "UPDATE plans SET stock = stock + 1 WHERE code = $1 AND stock IS NOT NULL";
    submit(tx, sql, vec![plan.as_str().into()]).await?;
    Ok(())
}

const fn state(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// A row of `categories` or `locations`: both have one shape.
struct Shelf<'a> {
    table: &'static str,
    code: &'a str,
    titles: &'a Words,
    texts: &'a Words,
    on: bool,
}

/// Makes the category what it is to be, at this place of the list.
pub async fn put_category(tx: &Tx, category: &Category, place: i64) -> Result<(), Fault> {
    let Category { code, titles, texts, on } = category;
    put_shelf(tx, Shelf { table: "categories", code: code.as_str(), titles, texts, on: *on }, place).await
}

/// Makes the location what it is to be, at this place of the list.
pub async fn put_location(tx: &Tx, location: &Location, place: i64) -> Result<(), Fault> {
    let Location { code, titles, texts, on } = location;
    put_shelf(tx, Shelf { table: "locations", code: code.as_str(), titles, texts, on: *on }, place).await
}

async fn put_shelf(tx: &Tx, shelf: Shelf<'_>, place: i64) -> Result<(), Fault> {
    let sql = format!(
        "INSERT INTO {} (code, titles, texts, place, state) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (code) DO UPDATE SET titles = excluded.titles, texts = excluded.texts, place = excluded.place,
             state = excluded.state",
        shelf.table
    );
    let values =
        vec![shelf.code.into(), shelf.titles.write()?.into(), shelf.texts.write()?.into(), place.into(), state(shelf.on).into()];
    submit(tx, &sql, values).await?;
    Ok(())
}

/// Makes the plan what it is to be, at this place of the list. `keep_stock`: what is left stays as sales have left it.
pub async fn put_plan(tx: &Tx, plan: &Plan, place: i64, keep_stock: bool) -> Result<(), Fault> {
    let stock = if keep_stock { "" } else { "stock = excluded.stock, " };
    let sql = format!(
        "INSERT INTO plans (code, category, location, titles, texts, days, traffic_bytes, devices, price, asset, panels, stock,
             place, state, cost, refund)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (code) DO UPDATE SET category = excluded.category, location = excluded.location, titles = excluded.titles,
             texts = excluded.texts, days = excluded.days, traffic_bytes = excluded.traffic_bytes, devices = excluded.devices,
             price = excluded.price, asset = excluded.asset, panels = excluded.panels, {stock}place = excluded.place,
             state = excluded.state, cost = excluded.cost, refund = excluded.refund"
    );
    let panels: Vec<&str> = plan.panels.iter().map(PanelCode::as_str).collect();
    let values = vec![
        plan.code.as_str().into(),
        plan.category.as_str().into(),
        plan.location.as_str().into(),
        plan.titles.write()?.into(),
        plan.texts.write()?.into(),
        plan.days.into(),
        plan.traffic_bytes.into(),
        plan.devices.into(),
        plan.price.minor.into(),
        plan.price.asset.code().into(),
        serde_json::to_string(&panels)?.into(),
        plan.stock.into(),
        place.into(),
        state(plan.on).into(),
        plan.cost.into(),
        plan.refund.code().into(),
    ];
    submit(tx, &sql, values).await?;
    Ok(())
}

/// Takes a category off the shelf, with all that is in it. It stays known: old plans name it.
pub async fn switch_off_category(tx: &Tx, code: &CategoryCode) -> Result<(), Fault> {
    switch_off(tx, "categories", code.as_str()).await
}

/// Takes a location off the shelf, with all that is in it.
pub async fn switch_off_location(tx: &Tx, code: &LocationCode) -> Result<(), Fault> {
    switch_off(tx, "locations", code.as_str()).await
}

/// Takes a plan off the shelf. It stays known: old orders name it.
pub async fn switch_off_plan(tx: &Tx, code: &PlanCode) -> Result<(), Fault> {
    switch_off(tx, "plans", code.as_str()).await
}

async fn switch_off(tx: &Tx, table: &'static str, code: &str) -> Result<(), Fault> {
    submit(tx, &format!("UPDATE {table} SET state = 'off' WHERE code = $1"), vec![code.into()]).await?;
    Ok(())
}
