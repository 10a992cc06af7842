//! The orders whose price was taken in the period, by the moment of that.
use super::super::figures::METHOD;
use super::super::file::{Cell, Draft, Field};
use super::{PAGE, Sheet, Source, is_full};
use crate::base::{Fault, OrderId, PersonId, Time};
use crate::db;
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct OrderRow {
    id: OrderId,
    paid_at: Time,
    kind: String,
    plan: String,
    price: i64,
    refunded: i64,
    state: String,
    method: String,
    person: PersonId,
    name: String,
}

pub async fn write(source: &Source<'_>, draft: &Draft) -> Result<(), Fault> {
    let t = |key| source.t(key);
    let fields = vec![
        Field::text(t("report-field-order"), 13),
        Field::moment(t("report-field-paid")),
        Field::text(t("report-field-kind"), 11),
        Field::text(t("report-field-plan"), 24),
        Field::text(t("report-field-location"), 14),
        Field::text(t("report-field-method"), 16),
        Field::money(t("report-field-price"), source.asset).summed(),
        Field::money(t("report-field-refunded"), source.asset).summed(),
        Field::text(t("report-field-state"), 14),
        Field::text(t("report-field-person"), 14),
        Field::text(t("report-field-name"), 20),
    ];
    draft.table(source.table(Sheet::Orders, fields)).await?;
    let sql = format!(
        "SELECT o.id, o.paid_at, o.kind, o.plan, o.price, o.refunded, o.state, {METHOD} AS method, o.person, w.name
         FROM orders o JOIN people w ON w.id = o.person
         WHERE o.paid_at >= $1 AND o.paid_at < $2 AND o.asset = $3 AND (o.paid_at > $1 OR o.id > $4)
         ORDER BY o.paid_at, o.id LIMIT $5"
    );
    let (mut at, mut id) = (source.period.from, OrderId(-1));
    loop {
        let values = vec![at.into(), source.period.to.into(), source.asset.code().into(), id.into(), i64::from(PAGE).into()];
        let rows: Vec<OrderRow> = db::query(source.db.read_long(), &sql, values).await?;
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
        Cell::Number(row.refunded),
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
