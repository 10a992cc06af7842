//! The sheets of a report: what is in each, and how its rows are read, a page at a time, by key.
//!
//! Always: the sums of the sheets are the numbers of the report: the orders are those whose price was taken in the period, the
//! payments those that were decided in it, the transfers all that moved in it, the services all that lived in it.
use super::figures::METHOD;
use super::file::{Cell, Draft, Field, Table};
use super::span::Period;
use crate::base::format::Voice;
use crate::base::{Asset, Fault, OrderId, PaymentId, PersonId, SubscriptionId, Time};
use crate::db::{self, Db};
use crate::shop::catalog::{self, Catalog};
use crate::shop::ledger::{self, Account, Movement, TransactionId};
use crate::shop::payments::{self, Method};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Rows in memory at a time.
const PAGE: u32 = 1_000;

/// A sheet of the workbook, or a CSV of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    Orders,
    Payments,
    Transfers,
    Services,
}

impl Sheet {
    pub const ALL: [Self; 4] = [Self::Orders, Self::Payments, Self::Transfers, Self::Services];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Transfers => "transfers",
            Self::Services => "services",
        }
    }

    /// The text with its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Orders => "report-sheet-orders",
            Self::Payments => "report-sheet-payments",
            Self::Transfers => "report-sheet-transfers",
            Self::Services => "report-sheet-services",
        }
    }
}

/// What every sheet needs to be read and worded.
struct Source<'a> {
    db: &'a Db,
    voice: &'a Voice,
    asset: Asset,
    period: &'a Period,
    shelf: Arc<Catalog>,
    methods: Vec<Method>,
}

impl Source<'_> {
    fn t(&self, key: &'static str) -> &'static str {
        self.voice.t(key)
    }

    fn table(&self, sheet: Sheet, fields: Vec<Field>) -> Table {
        Table { name: self.t(sheet.key()).to_owned(), heading: Vec::new(), fields }
    }

    fn plan(&self, code: &str) -> String {
        let plan = code.parse().ok().and_then(|code| self.shelf.plan(&code));
        plan.map_or_else(|| code.to_owned(), |plan| plan.title(self.voice.lang).to_owned())
    }

    fn location(&self, plan: &str) -> String {
        let plan = plan.parse().ok().and_then(|code| self.shelf.plan(&code));
        let location = plan.and_then(|plan| self.shelf.location(&plan.location));
        location.map_or_else(String::new, |location| location.title(self.voice.lang).to_owned())
    }

    fn method(&self, code: &str) -> String {
        if code.is_empty() {
            return self.t("report-method-wallet").to_owned();
        }
        let known = self.methods.iter().find(|method| method.code.as_str() == code);
        known.map_or_else(|| code.to_owned(), |method| method.alias.clone())
    }

    /// A word of ours by its code; what has no word shows the code.
    fn word(&self, key: Option<&'static str>, code: &str) -> Cell {
        key.map_or_else(|| code.into(), |key| self.t(key).into())
    }
}

/// Writes the sheets of a period into a file.
pub async fn export(
    (db, voice): (&Db, &Voice),
    asset: Asset,
    period: &Period,
    sheets: &[Sheet],
    draft: &Draft,
) -> Result<(), Fault> {
    let (shelf, methods) = (catalog::current(db).await?, payments::methods(db.read()).await?);
    let source = Source { db, voice, asset, period, shelf, methods };
    for sheet in sheets {
        match sheet {
            Sheet::Orders => orders(&source, draft).await?,
            Sheet::Payments => paid(&source, draft).await?,
            Sheet::Transfers => transfers(&source, draft).await?,
            Sheet::Services => services(&source, draft).await?,
        }
    }
    Ok(())
}

fn is_full(rows: usize) -> bool {
    u32::try_from(rows).is_ok_and(|rows| rows >= PAGE)
}

#[derive(FromQueryResult)]
struct OrderRow {
    id: OrderId,
    paid_at: Time,
    kind: String,
    plan: String,
    price: i64,
    state: String,
    method: String,
    person: PersonId,
    name: String,
}

async fn orders(source: &Source<'_>, draft: &Draft) -> Result<(), Fault> {
    let t = |key| source.t(key);
    let fields = vec![
        Field::text(t("report-field-order"), 13),
        Field::moment(t("report-field-paid")),
        Field::text(t("report-field-kind"), 11),
        Field::text(t("report-field-plan"), 24),
        Field::text(t("report-field-location"), 14),
        Field::text(t("report-field-method"), 16),
        Field::money(t("report-field-price"), source.asset).summed(),
        Field::text(t("report-field-state"), 14),
        Field::text(t("report-field-person"), 14),
        Field::text(t("report-field-name"), 20),
    ];
    draft.table(source.table(Sheet::Orders, fields)).await?;
    let sql = format!(
        "SELECT o.id, o.paid_at, o.kind, o.plan, o.price, o.state, {METHOD} AS method, o.person, w.name
         FROM orders o JOIN people w ON w.id = o.person
         WHERE o.paid_at >= $1 AND o.paid_at < $2 AND o.asset = $3 AND (o.paid_at > $1 OR o.id > $4)
         ORDER BY o.paid_at, o.id LIMIT $5"
    );
    let (mut at, mut id) = (source.period.from, OrderId(-1));
    loop {
        let values =
            vec![at.into(), source.period.to.into(), source.asset.code().into(), id.into(), i64::from(PAGE).into()];
        let rows: Vec<OrderRow> = db::query(source.db.read(), &sql, values).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        (at, id) = (last.paid_at, last.id);
        let more = is_full(rows.len());
        draft.rows(rows.into_iter().map(|row| order(source, row)).collect()).await?;
        if !more {
            return Ok(());
        }
    }
}

fn order(source: &Source<'_>, row: OrderRow) -> Vec<Cell> {
    let kind = match row.kind.as_str() {
        "new" => Some("report-kind-new"),
        "renew" => Some("report-kind-renew"),
        "traffic" => Some("report-kind-traffic"),
        _ => None,
    };
    vec![
        row.id.to_string().into(),
        row.paid_at.into(),
        source.word(kind, &row.kind),
        source.plan(&row.plan).into(),
        source.location(&row.plan).into(),
        source.method(&row.method).into(),
        Cell::Number(row.price),
        source.word(order_state(&row.state), &row.state),
        row.person.to_string().into(),
        row.name.into(),
    ]
}

fn order_state(code: &str) -> Option<&'static str> {
    Some(match code {
        "paid" => "admin-order-paid",
        "delivered" => "admin-order-delivered",
        "refunded" => "admin-order-refunded",
        _ => return None,
    })
}

#[derive(FromQueryResult)]
struct PaymentRow {
    id: PaymentId,
    order_id: Option<OrderId>,
    decided_at: Time,
    method: String,
    due: i64,
    approved: Option<i64>,
    state: String,
    decided_by: Option<PersonId>,
    person: PersonId,
    name: String,
}

async fn paid(source: &Source<'_>, draft: &Draft) -> Result<(), Fault> {
    let t = |key| source.t(key);
    let fields = vec![
        Field::text(t("report-field-payment"), 13),
        Field::moment(t("report-field-decided")),
        Field::text(t("report-field-order"), 13),
        Field::text(t("report-field-method"), 16),
        Field::money(t("report-field-due"), source.asset),
        Field::money(t("report-field-approved"), source.asset).summed(),
        Field::text(t("report-field-state"), 14),
        Field::text(t("report-field-by"), 14),
        Field::text(t("report-field-person"), 14),
        Field::text(t("report-field-name"), 20),
    ];
    draft.table(source.table(Sheet::Payments, fields)).await?;
    let sql = "SELECT p.id, p.order_id, p.decided_at, p.method, p.due, p.approved, p.state, p.decided_by, p.person, w.name
         FROM payments p JOIN people w ON w.id = p.person
         WHERE p.decided_at >= $1 AND p.decided_at < $2 AND p.asset = $3 AND (p.decided_at > $1 OR p.id > $4)
         ORDER BY p.decided_at, p.id LIMIT $5";
    let (mut at, mut id) = (source.period.from, PaymentId(-1));
    loop {
        let values =
            vec![at.into(), source.period.to.into(), source.asset.code().into(), id.into(), i64::from(PAGE).into()];
        let rows: Vec<PaymentRow> = db::query(source.db.read(), sql, values).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        (at, id) = (last.decided_at, last.id);
        let more = is_full(rows.len());
        draft.rows(rows.into_iter().map(|row| payment(source, row)).collect()).await?;
        if !more {
            return Ok(());
        }
    }
}

fn payment(source: &Source<'_>, row: PaymentRow) -> Vec<Cell> {
    let state = match row.state.as_str() {
        "approved" => Some("admin-payment-approved"),
        "rejected" => Some("admin-payment-rejected"),
        "cancelled" => Some("admin-payment-cancelled"),
        "expired" => Some("admin-payment-expired"),
        _ => None,
    };
    vec![
        row.id.to_string().into(),
        row.decided_at.into(),
        row.order_id.map(|id| id.to_string()).into(),
        source.method(&row.method).into(),
        Cell::Number(row.due),
        row.approved.map_or(Cell::Empty, Cell::Number),
        source.word(state, &row.state),
        row.decided_by.map(|by| actor(source, by)).into(),
        row.person.to_string().into(),
        row.name.into(),
    ]
}

fn actor(source: &Source<'_>, by: PersonId) -> String {
    if by == PersonId(0) { source.t("admin-clock").to_owned() } else { by.to_string() }
}

async fn transfers(source: &Source<'_>, draft: &Draft) -> Result<(), Fault> {
    let t = |key| source.t(key);
    let fields = vec![
        Field::text(t("report-field-transfer"), 10),
        Field::moment(t("report-field-at")),
        Field::text(t("report-field-kind"), 12),
        Field::text(t("report-field-debit"), 22),
        Field::text(t("report-field-credit"), 22),
        Field::money(t("report-field-amount"), source.asset).summed(),
        Field::text(t("report-field-asset"), 7),
        Field::text(t("report-field-about"), 22),
        Field::text(t("report-field-by"), 14),
        Field::text(t("report-field-reason"), 30),
    ];
    draft.table(source.table(Sheet::Transfers, fields)).await?;
    let span = (source.period.from, source.period.to);
    let Some((first, last)) = ledger::bounds(source.db.read(), span.0, span.1).await? else { return Ok(()) };
    let mut after = TransactionId(first.0 - 1);
    loop {
        let legs = ledger::movements(source.db.read(), span, (after, last), PAGE).await?;
        let Some(end) = legs.last() else { return Ok(()) };
        after = end.transaction;
        draft.rows(legs.into_iter().map(|leg| transfer(source, leg)).collect()).await?;
    }
}

fn transfer(source: &Source<'_>, leg: Movement) -> Vec<Cell> {
    let account = |account: &Account| Cell::Text(format!("{}:{}", account.kind.code(), account.owner));
    // A sum of several assets would be a number of nothing.
    let amount = if leg.amount.asset == source.asset {
        Cell::Number(leg.amount.minor)
    } else {
        source.voice.money(leg.amount).into()
    };
    vec![
        leg.transaction.0.to_string().into(),
        leg.at.into(),
        leg.kind.into(),
        account(&leg.debit),
        account(&leg.credit),
        amount,
        leg.amount.asset.code().into(),
        leg.about.into(),
        actor(source, leg.actor).into(),
        leg.reason.into(),
    ]
}

#[derive(FromQueryResult)]
struct ServiceRow {
    id: SubscriptionId,
    created_at: Time,
    until: Time,
    kind: String,
    state: String,
    plan: String,
    panel: String,
    account: String,
    traffic_bytes: i64,
    used_bytes: i64,
    person: PersonId,
    name: String,
}

async fn services(source: &Source<'_>, draft: &Draft) -> Result<(), Fault> {
    let t = |key| source.t(key);
    let fields = vec![
        Field::text(t("report-field-service"), 13),
        Field::moment(t("report-field-created")),
        Field::moment(t("report-field-until")),
        Field::text(t("report-field-kind"), 12),
        Field::text(t("report-field-state"), 12),
        Field::text(t("report-field-plan"), 24),
        Field::text(t("report-field-location"), 14),
        Field::text(t("report-field-panel"), 12),
        Field::text(t("report-field-account"), 16),
        Field::number(t("report-field-traffic"), 2).summed(),
        Field::number(t("report-field-used"), 2).summed(),
        Field::text(t("report-field-person"), 14),
        Field::text(t("report-field-name"), 20),
    ];
    draft.table(source.table(Sheet::Services, fields)).await?;
    let sql = "SELECT s.id, s.created_at, s.until, s.kind, s.state, s.plan, s.panel, s.account, s.traffic_bytes, s.used_bytes,
            s.person, w.name
         FROM subscriptions s JOIN people w ON w.id = s.person
         WHERE s.until >= $1 AND s.created_at < $2 AND (s.until > $1 OR s.id > $3) ORDER BY s.until, s.id LIMIT $4";
    let (mut until, mut id) = (source.period.from, SubscriptionId(-1));
    loop {
        let values = vec![until.into(), source.period.to.into(), id.into(), i64::from(PAGE).into()];
        let rows: Vec<ServiceRow> = db::query(source.db.read(), sql, values).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        (until, id) = (last.until, last.id);
        let more = is_full(rows.len());
        draft.rows(rows.into_iter().map(|row| service(source, row)).collect()).await?;
        if !more {
            return Ok(());
        }
    }
}

fn service(source: &Source<'_>, row: ServiceRow) -> Vec<Cell> {
    let kind = match row.kind.as_str() {
        "full" => Some("report-service-full"),
        "provisional" => Some("report-service-provisional"),
        "trial" => Some("report-service-trial"),
        _ => None,
    };
    let state = match row.state.as_str() {
        "pending" => Some("admin-service-pending"),
        "active" => Some("admin-service-active"),
        "disabled" => Some("admin-service-disabled"),
        "ended" => Some("admin-service-ended"),
        "deleted" => Some("admin-service-deleted"),
        _ => None,
    };
    let traffic = if row.traffic_bytes == 0 { source.t("report-unlimited").into() } else { gigabytes(row.traffic_bytes) };
    vec![
        row.id.to_string().into(),
        row.created_at.into(),
        row.until.into(),
        source.word(kind, &row.kind),
        source.word(state, &row.state),
        source.plan(&row.plan).into(),
        source.location(&row.plan).into(),
        row.panel.into(),
        row.account.into(),
        traffic,
        gigabytes(row.used_bytes),
        row.person.to_string().into(),
        row.name.into(),
    ]
}

/// In hundredths of a gigabyte, the nearest.
fn gigabytes(bytes: i64) -> Cell {
    use crate::base::format::GB;
    let hundredths = (i128::from(bytes) * 100 + i128::from(GB / 2)) / i128::from(GB);
    Cell::Number(i64::try_from(hundredths).unwrap_or(i64::MAX))
}
