//! Reading: what is on an account, how it came there, and sums for reports.
use super::account::{Account, Kind};
use super::post::TransactionId;
use super::store;
use super::table::parse_asset;
use crate::base::{Asset, Fault, Money, Page, PersonId, Time};
use crate::db;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What is on an account, counted on the side on which it grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    pub posted: Money,
    /// Held against it by open holds.
    pub held: Money,
    /// What open holds may still bring; never part of what is available.
    pub incoming: Money,
    /// Posted less held. What may be spent is this less the account's floor.
    pub available: Money,
}

/// One movement of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub transaction: TransactionId,
    pub kind: String,
    pub about: String,
    pub actor: PersonId,
    pub reason: Option<String>,
    pub at: Time,
    /// Positive when the account grew by it.
    pub amount: Money,
    /// What was posted on the account after this line.
    pub balance: Money,
}

/// A page of an account's movements, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub lines: Vec<Line>,
    /// How many movements there are on all pages.
    pub count: i64,
}

/// All accounts of one kind and asset together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    pub kind: Kind,
    pub accounts: i64,
    pub posted: Money,
    pub held: Money,
}

/// What is on an account; zero when nobody has used it.
pub async fn balance(conn: &impl ConnectionTrait, account: &Account) -> Result<Balance, Fault> {
    let row = store::account(conn, account).await?;
    let money = |minor| Money::new(minor, account.asset);
    Ok(row.map_or_else(
        || Balance { posted: money(0), held: money(0), incoming: money(0), available: money(0) },
        |row| Balance {
            posted: money(row.sums.posted(row.normal)),
            held: money(row.sums.held(row.normal)),
            incoming: money(row.sums.incoming(row.normal)),
            available: money(row.sums.available(row.normal)),
        },
    ))
}

/// The transaction that was made under a key.
pub async fn find(conn: &impl ConnectionTrait, key: &str) -> Result<Option<TransactionId>, Fault> {
    Ok(store::by_key(conn, key).await?.map(|row| TransactionId(row.id)))
}

#[derive(Debug, FromQueryResult)]
pub(super) struct LineRow {
    pub transaction_id: TransactionId,
    pub line: i64,
    kind: String,
    about: String,
    actor: PersonId,
    reason: Option<String>,
    created_at: Time,
    amount: i64,
    balance: i64,
}

impl LineRow {
    pub fn line(self, asset: Asset) -> Line {
        Line {
            transaction: self.transaction_id,
            kind: self.kind,
            about: self.about,
            actor: self.actor,
            reason: self.reason,
            at: self.created_at,
            amount: Money::new(self.amount, asset),
            balance: Money::new(self.balance, asset),
        }
    }
}

/// One page of what moved on an account. It reads the lines of this page and of those before it, however long the
/// account's history is: each balance is today's less what came later.
pub async fn statement(conn: &impl ConnectionTrait, account: &Account, page: Page) -> Result<Statement, Fault> {
    let Some(row) = store::account(conn, account).await? else { return Ok(Statement { lines: Vec::new(), count: 0 }) };
    let rows = db::query::<LineRow>(
        conn,
        "SELECT n.transaction_id, n.line, t.kind, t.about, t.actor, t.reason, t.created_at, n.amount, n.balance FROM (
            SELECT transaction_id, line, signed AS amount,
                CAST(posted - COALESCE(SUM(signed) OVER (ORDER BY transaction_id DESC, line DESC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS BIGINT) AS balance
            FROM (SELECT e.transaction_id, e.line,
                    CASE WHEN e.side = a.normal THEN e.amount ELSE -e.amount END AS signed,
                    CASE WHEN a.normal = 'debit' THEN a.debits_posted - a.credits_posted
                         ELSE a.credits_posted - a.debits_posted END AS posted
                FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id
                WHERE a.id = $1 ORDER BY e.transaction_id DESC, e.line DESC LIMIT $2) AS newest) AS n
         JOIN ledger_transactions t ON t.id = n.transaction_id
         ORDER BY n.transaction_id DESC, n.line DESC LIMIT $3 OFFSET $4",
        vec![row.id.into(), (page.offset() + page.limit()).into(), page.limit().into(), page.offset().into()],
    )
    .await?;
    let count = db::scalar(conn, "SELECT COUNT(*) AS v FROM ledger_entries WHERE account_id = $1", vec![row.id.into()]).await?;
    Ok(Statement { lines: rows.into_iter().map(|row| row.line(account.asset)).collect(), count: count.unwrap_or_default() })
}

#[derive(Debug, FromQueryResult)]
struct TotalRow {
    kind: String,
    asset: String,
    accounts: i64,
    posted: i64,
    held: i64,
}

/// The sums of all accounts by kind and asset.
pub async fn totals(conn: &impl ConnectionTrait) -> Result<Vec<Total>, Fault> {
    let rows = db::query::<TotalRow>(
        conn,
        "SELECT kind, asset, COUNT(*) AS accounts,
            CAST(SUM(CASE WHEN normal = 'debit' THEN debits_posted - credits_posted
                ELSE credits_posted - debits_posted END) AS BIGINT) AS posted,
            CAST(SUM(CASE WHEN normal = 'debit' THEN credits_pending ELSE debits_pending END) AS BIGINT) AS held
         FROM ledger_accounts GROUP BY kind, asset",
        Vec::new(),
    )
    .await?;
    let total = |row: TotalRow| {
        let kind = Kind::parse(&row.kind).ok_or_else(|| Fault::new(format!("no ledger account is of kind {}", row.kind)))?;
        let asset = parse_asset(&row.asset)?;
        let (posted, held) = (Money::new(row.posted, asset), Money::new(row.held, asset));
        Ok(Total { kind, accounts: row.accounts, posted, held })
    };
    let mut totals = rows.into_iter().map(total).collect::<Result<Vec<_>, Fault>>()?;
    totals.sort_by_key(|total| (total.kind, total.posted.asset));
    Ok(totals)
}
