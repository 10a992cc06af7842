//! The payments that were decided in the period, whichever way, by the moment of that.
use super::super::file::{Cell, Draft, Field};
use super::{PAGE, Sheet, Source, is_full};
use crate::base::{Fault, OrderId, PaymentId, PersonId, Time};
use crate::db;
use sea_orm::FromQueryResult;

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

pub async fn write(source: &Source<'_>, draft: &Draft) -> Result<(), Fault> {
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
        let values = vec![at.into(), source.period.to.into(), source.asset.code().into(), id.into(), i64::from(PAGE).into()];
        let rows: Vec<PaymentRow> = db::query(source.db.read_long(), sql, values).await?;
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
        row.decided_by.map(|by| source.actor(by)).into(),
        row.person.to_string().into(),
        row.name.into(),
    ]
}
