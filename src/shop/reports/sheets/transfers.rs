//! All that moved in the ledger in the period, a leg a row.
use super::super::file::{Cell, Draft, Field};
use super::{PAGE, Sheet, Source};
use crate::base::Fault;
use crate::shop::ledger::{self, Account, Movement, TransactionId};

pub async fn write(source: &Source<'_>, draft: &Draft) -> Result<(), Fault> {
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
    let Some((first, last)) = ledger::bounds(source.db.read_long(), span.0, span.1).await? else { return Ok(()) };
    let mut after = TransactionId(first.0 - 1);
    loop {
        let legs = ledger::movements(source.db.read_long(), span, (after, last), PAGE).await?;
        let Some(end) = legs.last() else { return Ok(()) };
        after = end.transaction;
        draft.rows(legs.into_iter().map(|leg| transfer(source, leg)).collect()).await?;
    }
}

fn transfer(source: &Source<'_>, leg: Movement) -> Vec<Cell> {
    let account = |account: &Account| Cell::Text(format!("{}:{}", account.kind.code(), account.owner));
    // A sum of several assets would be a number of nothing.
    let amount =
        if leg.amount.asset == source.asset { Cell::Number(leg.amount.minor) } else { source.voice.money(leg.amount).into() };
    vec![
        leg.transaction.0.to_string().into(),
        leg.at.into(),
        leg.kind.into(),
        account(&leg.debit),
        account(&leg.credit),
        amount,
        leg.amount.asset.code().into(),
        leg.about.into(),
        source.actor(leg.actor).into(),
        leg.reason.into(),
    ]
}
