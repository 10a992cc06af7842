//! Reading a span of time: what moved on an account between two moments, sums over all accounts of a kind, and every transfer in
//! order. Whatever is long is read in pages by key, so that a year costs no more memory than a day.
use super::TransactionId;
use super::account::{Account, Kind, Side};
use super::balance::{Line, LineRow};
use super::store;
use super::table::parse_asset;
use crate::base::{Asset, Fault, Money, PersonId, Time};
use crate::db;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What stood on an account at both ends of a span: `from` until just before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// What was posted before the span, summed from its lines.
    pub opening: Money,
    /// The account's own sum less what was posted after the span. That the lines between lead from the one to the other is
    /// for the reader to prove.
    pub closing: Money,
}

/// What moved on one account in a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turnover {
    pub lines: i64,
    pub came: Money,
    pub went: Money,
}

/// Where a page ended: a transaction and the line of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct After {
    transaction: i64,
    line: i64,
}

/// What moved on all accounts of a kind in a span, in one asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Moved {
    pub transactions: i64,
    pub debits: i64,
    pub credits: i64,
}

/// An account and what is posted on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub account: Account,
    pub posted: Money,
}

/// A leg of a transaction, as an export lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub transaction: TransactionId,
    pub at: Time,
    pub kind: String,
    pub about: String,
    pub actor: PersonId,
    pub reason: Option<String>,
    pub debit: Account,
    pub credit: Account,
    pub amount: Money,
}

const SIGNED: &str = "CASE WHEN e.side = a.normal THEN e.amount ELSE -e.amount END";

/// What stood on the account before and after the span. One statement: it sees one moment.
pub async fn ends(conn: &impl ConnectionTrait, account: &Account, from: Time, to: Time) -> Result<Ends, Fault> {
    #[derive(FromQueryResult)]
    struct Row {
        before: i64,
        after: i64,
        posted: i64,
    }
    let money = |minor| Money::new(minor, account.asset);
    let Some(id) = store::account(conn, account).await?.and_then(|row| row.id) else {
        return Ok(Ends { opening: money(0), closing: money(0) });
    };
    let sum = |side: &str| {
        format!(
            "CAST(COALESCE((SELECT SUM({SIGNED}) FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
             WHERE e.account_id = a.id AND t.created_at {side}), 0) AS BIGINT)"
        )
    };
    let sql = format!(
        "SELECT {} AS before, {} AS after, CASE WHEN a.normal = 'debit' THEN a.debits_posted - a.credits_posted
            ELSE a.credits_posted - a.debits_posted END AS posted FROM ledger_accounts a WHERE a.id = $1",
        sum("< $2"),
        sum(">= $3"),
    );
    let row: Option<Row> = db::one(conn, &sql, vec![id.into(), from.into(), to.into()]).await?;
    let row = row.ok_or_else(|| Fault::new(format!("{account} is gone")))?;
    Ok(Ends { opening: money(row.before), closing: money(row.posted).minus(money(row.after))? })
}

/// The next lines of a span, the oldest first, and where they ended. Their `balance` is what their own page adds up to, beginning
/// with `opening`.
pub async fn lines(
    conn: &impl ConnectionTrait,
    account: &Account,
    (from, to): (Time, Time),
    (after, opening): (After, Money),
    limit: u32,
) -> Result<(Vec<Line>, After), Fault> {
    let Some(id) = store::account(conn, account).await?.and_then(|row| row.id) else { return Ok((Vec::new(), after)) };
    let sql = format!(
        "SELECT e.transaction_id, e.line, t.kind, t.about, t.actor, t.reason, t.created_at, {SIGNED} AS amount,
            CAST(0 AS BIGINT) AS balance
         FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id JOIN ledger_accounts a ON a.id = e.account_id
         WHERE e.account_id = $1 AND (e.transaction_id > $2 OR (e.transaction_id = $2 AND e.line > $3))
            AND t.created_at >= $4 AND t.created_at < $5
         ORDER BY e.transaction_id, e.line LIMIT $6"
    );
    let values = vec![id.into(), after.transaction.into(), after.line.into(), from.into(), to.into(), i64::from(limit).into()];
    let rows: Vec<LineRow> = db::query(conn, &sql, values).await?;
    let end = rows.last().map_or(after, |row| After { transaction: row.transaction_id.0, line: row.line });
    let mut balance = opening;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let mut line = row.line(account.asset);
        balance = balance.plus(line.amount)?;
        line.balance = balance;
        found.push(line);
    }
    Ok((found, end))
}

/// What came to one account and what went from it from `from` until just before `to`.
pub async fn turnover(conn: &impl ConnectionTrait, account: &Account, from: Time, to: Time) -> Result<Turnover, Fault> {
    #[derive(FromQueryResult)]
    struct Row {
        lines: i64,
        came: i64,
        went: i64,
    }
    let money = |minor| Money::new(minor, account.asset);
    let Some(id) = store::account(conn, account).await?.and_then(|row| row.id) else {
        return Ok(Turnover { lines: 0, came: money(0), went: money(0) });
    };
    let sum = |side: &str| format!("CAST(COALESCE(SUM(CASE WHEN e.side {side} a.normal THEN e.amount ELSE 0 END), 0) AS BIGINT)");
    let sql = format!(
        "SELECT COUNT(*) AS lines, {} AS came, {} AS went FROM ledger_entries e
         JOIN ledger_transactions t ON t.id = e.transaction_id JOIN ledger_accounts a ON a.id = e.account_id
         WHERE e.account_id = $1 AND t.created_at >= $2 AND t.created_at < $3",
        sum("="),
        sum("<>")
    );
    let row: Option<Row> = db::one(conn, &sql, vec![id.into(), from.into(), to.into()]).await?;
    let row = row.ok_or_else(|| Fault::new("a sum has no row"))?;
    Ok(Turnover { lines: row.lines, came: money(row.came), went: money(row.went) })
}

/// What moved on all accounts of a kind from `from` until just before `to`.
pub async fn moved(conn: &impl ConnectionTrait, kind: Kind, asset: Asset, from: Time, to: Time) -> Result<Moved, Fault> {
    let sum =
        |side: Side| format!("CAST(COALESCE(SUM(CASE WHEN e.side = '{}' THEN e.amount ELSE 0 END), 0) AS BIGINT)", side.code());
    let sql = format!(
        "SELECT COUNT(DISTINCT t.id) AS transactions, {} AS debits, {} AS credits
         FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id JOIN ledger_accounts a ON a.id = e.account_id
         WHERE t.created_at >= $1 AND t.created_at < $2 AND a.kind = $3 AND e.asset = $4",
        sum(Side::Debit),
        sum(Side::Credit)
    );
    let values = vec![from.into(), to.into(), kind.code().into(), asset.code().into()];
    db::one(conn, &sql, values).await?.ok_or_else(|| Fault::new("a sum has no row"))
}

#[derive(FromQueryResult)]
struct HoldingRow {
    owner: String,
    asset: String,
    posted: i64,
}

/// Each account of a kind that was ever used, and what is on it.
pub async fn holdings(conn: &impl ConnectionTrait, kind: Kind) -> Result<Vec<Holding>, Fault> {
    let sql = "SELECT owner, asset, CASE WHEN normal = 'debit' THEN debits_posted - credits_posted
                ELSE credits_posted - debits_posted END AS posted
               FROM ledger_accounts WHERE kind = $1 ORDER BY owner, asset";
    let rows: Vec<HoldingRow> = db::query(conn, sql, vec![kind.code().into()]).await?;
    let holding = |row: HoldingRow| {
        let asset = parse_asset(&row.asset)?;
        Ok(Holding { account: Account::new(kind, row.owner, asset), posted: Money::new(row.posted, asset) })
    };
    rows.into_iter().map(holding).collect()
}

#[derive(FromQueryResult)]
struct MovementRow {
    id: i64,
    created_at: Time,
    kind: String,
    about: String,
    actor: PersonId,
    reason: Option<String>,
    debit_kind: String,
    debit_owner: String,
    credit_kind: String,
    credit_owner: String,
    asset: String,
    amount: i64,
}

impl TryFrom<MovementRow> for Movement {
    type Error = Fault;

    fn try_from(row: MovementRow) -> Result<Self, Fault> {
        Ok(Self {
            transaction: TransactionId(row.id),
            at: row.created_at,
            debit: super::table::name(&row.debit_kind, row.debit_owner, &row.asset)?,
            credit: super::table::name(&row.credit_kind, row.credit_owner, &row.asset)?,
            amount: Money::new(row.amount, parse_asset(&row.asset)?),
            kind: row.kind,
            about: row.about,
            actor: row.actor,
            reason: row.reason,
        })
    }
}

/// The first and the last transaction of a span; `None` when nothing moved.
pub async fn bounds(conn: &impl ConnectionTrait, from: Time, to: Time) -> Result<Option<(TransactionId, TransactionId)>, Fault> {
    #[derive(FromQueryResult)]
    struct Row {
        first: Option<i64>,
        last: Option<i64>,
    }
    let sql = "SELECT MIN(id) AS first, MAX(id) AS last FROM ledger_transactions WHERE created_at >= $1 AND created_at < $2";
    let row: Option<Row> = db::one(conn, sql, vec![from.into(), to.into()]).await?;
    Ok(row.and_then(|row| Some((TransactionId(row.first?), TransactionId(row.last?)))))
}

/// The legs of the next `limit` transactions of a span that come after `after` and not after `last`, in order. A leg is the
/// pair of neighbouring lines that one amount makes (a transaction is written so).
pub async fn movements(
    conn: &impl ConnectionTrait,
    (from, to): (Time, Time),
    (after, last): (TransactionId, TransactionId),
    limit: u32,
) -> Result<Vec<Movement>, Fault> {
    let sql = "SELECT t.id, t.created_at, t.kind, t.about, t.actor, t.reason, da.kind AS debit_kind, da.owner AS debit_owner,
                ca.kind AS credit_kind, ca.owner AS credit_owner, d.asset, d.amount
               FROM (SELECT * FROM ledger_transactions WHERE id > $1 AND id <= $2 AND created_at >= $3 AND created_at < $4
                     ORDER BY id LIMIT $5) AS t
               JOIN ledger_entries d ON d.transaction_id = t.id AND d.side = 'debit'
               JOIN ledger_entries c ON c.transaction_id = t.id AND c.line = d.line + 1 - 2 * (d.line % 2)
               JOIN ledger_accounts da ON da.id = d.account_id
               JOIN ledger_accounts ca ON ca.id = c.account_id
               ORDER BY t.id, d.line";
    let values = vec![after.into(), last.into(), from.into(), to.into(), i64::from(limit).into()];
    let rows: Vec<MovementRow> = db::query(conn, sql, values).await?;
    rows.into_iter().map(Movement::try_from).collect()
}
