//! The services that lived in the period, by their end.
use super::super::file::{Cell, Draft, Field};
use super::{PAGE, Sheet, Source, is_full};
use crate::base::format::GB;
use crate::base::{Fault, PersonId, SubscriptionId, Time};
use crate::db;
use sea_orm::FromQueryResult;

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
    agent: Option<PersonId>,
    label: Option<String>,
}

pub async fn write(source: &Source<'_>, draft: &Draft) -> Result<(), Fault> {
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
        Field::text(t("report-field-agent"), 14),
        Field::text(t("report-field-label"), 20),
    ];
    draft.table(source.table(Sheet::Services, fields)).await?;
    let sql = "SELECT s.id, s.created_at, s.until, s.kind, s.state, s.plan, s.panel, s.account, s.traffic_bytes, s.used_bytes,
            s.person, w.name, s.agent, s.label
         FROM subscriptions s JOIN people w ON w.id = s.person
         WHERE s.until >= $1 AND s.created_at < $2 AND (s.until > $1 OR s.id > $3) ORDER BY s.until, s.id LIMIT $4";
    let (mut until, mut id) = (source.period.from, SubscriptionId(-1));
    loop {
        let values = vec![until.into(), source.period.to.into(), id.into(), i64::from(PAGE).into()];
        let rows: Vec<ServiceRow> = db::query(source.db.read_long(), sql, values).await?;
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
        row.agent.map(|agent| agent.to_string()).into(),
        row.label.into(),
    ]
}

/// In hundredths of a gigabyte, the nearest.
fn gigabytes(bytes: i64) -> Cell {
    let hundredths = (i128::from(bytes) * 100 + i128::from(GB / 2)) / i128::from(GB);
    Cell::Number(i64::try_from(hundredths).unwrap_or(i64::MAX))
}
