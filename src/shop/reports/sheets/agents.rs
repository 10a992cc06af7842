//! Every agent: what he sold in the period, and how his account stands now.
use super::super::file::{Cell, Draft, Field};
use super::{PAGE, Sheet, Source, is_full};
use crate::base::{Fault, PersonId, Time};
use crate::db;
use crate::shop::ledger::{self, Account, Standing};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct AgentRow {
    person: PersonId,
    shop_name: String,
    tier: String,
    state: String,
    since: Time,
    sales: i64,
    revenue: i64,
    services: i64,
}

pub async fn write(source: &Source<'_>, draft: &Draft) -> Result<(), Fault> {
    let t = |key| source.t(key);
    let fields = vec![
        Field::text(t("report-field-agent"), 14),
        Field::text(t("report-field-shop"), 24),
        Field::text(t("report-field-tier"), 12),
        Field::text(t("report-field-state"), 12),
        Field::moment(t("report-field-since")),
        Field::number(t("report-field-sales"), 0).summed(),
        Field::money(t("report-field-revenue"), source.asset).summed(),
        Field::number(t("report-field-services"), 0).summed(),
        Field::money(t("report-field-confirmed"), source.asset).summed(),
        Field::money(t("report-field-pending"), source.asset).summed(),
        Field::money(t("report-field-line"), source.asset),
        Field::money(t("report-field-left"), source.asset),
        Field::moment(t("report-field-negative")),
    ];
    draft.table(source.table(Sheet::Agents, fields)).await?;
    let sql = "SELECT a.person, f.shop_name, a.tier, a.state, a.since,
            (SELECT COUNT(*) FROM subscriptions s WHERE s.agent = a.person AND s.state = 'active') AS services,
            COUNT(o.id) AS sales, CAST(COALESCE(SUM(o.price), 0) AS BIGINT) AS revenue
         FROM agents a JOIN agent_applications f ON f.id = a.application
         LEFT JOIN orders o ON o.person = a.person AND o.payer = 'credit' AND o.asset = $3 AND o.paid_at >= $1 AND o.paid_at < $2
         WHERE a.person > $4 GROUP BY a.person, f.shop_name, a.tier, a.state, a.since ORDER BY a.person LIMIT $5";
    let mut after = PersonId(i64::MIN);
    loop {
        let (from, to) = (source.period.from, source.period.to);
        let values = vec![from.into(), to.into(), source.asset.code().into(), after.into(), i64::from(PAGE).into()];
        let rows: Vec<AgentRow> = db::query(source.db.read_long(), sql, values).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.person;
        let more = is_full(rows.len());
        let mut cells = Vec::with_capacity(rows.len());
        for row in rows {
            let standing = ledger::standing(source.db.read_long(), &Account::credit(row.person, source.asset)).await?;
            cells.push(agent(source, row, &standing));
        }
        draft.rows(cells).await?;
        if !more {
            return Ok(());
        }
    }
}

fn agent(source: &Source<'_>, row: AgentRow, standing: &Standing) -> Vec<Cell> {
    let state = match row.state.as_str() {
        "active" => Some("report-agent-active"),
        "frozen" => Some("report-agent-frozen"),
        "closed" => Some("report-agent-closed"),
        _ => None,
    };
    vec![
        row.person.to_string().into(),
        row.shop_name.into(),
        row.tier.into(),
        source.word(state, &row.state),
        row.since.into(),
        Cell::Number(row.sales),
        Cell::Number(row.revenue),
        Cell::Number(row.services),
        Cell::Number(standing.confirmed.minor),
        Cell::Number(standing.pending.minor),
        Cell::Number(standing.limits.line),
        Cell::Number(standing.left.minor),
        standing.negative_since.into(),
    ]
}
