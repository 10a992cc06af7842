//! The ledger's rows as they lie in the database. Nothing outside this folder can name them.
use super::account::{Account, Kind, Side, State};
use super::hold::HoldState;
use super::limits::Limits;
use crate::base::{Asset, Fault, Money, Time};
use sea_orm::FromQueryResult;

/// A row of `ledger_accounts`, as its columns.
#[derive(Debug, FromQueryResult)]
pub struct AccountColumns {
    pub id: i64,
    pub kind: String,
    pub owner: String,
    pub asset: String,
    pub normal: String,
    pub floor: Option<i64>,
    pub state: String,
    pub debits_posted: i64,
    pub credits_posted: i64,
    pub debits_pending: i64,
    pub credits_pending: i64,
    pub line: i64,
    pub pending_per_mille: i64,
    pub pending_max: i64,
    pub negative_since: Option<i64>,
    pub owing_since: Option<i64>,
}

/// The sums of an account: all of one asset, none negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    pub debits_posted: i64,
    pub credits_posted: i64,
    pub debits_pending: i64,
    pub credits_pending: i64,
}

/// An account with its row, or as it will be when its row is made (`id` is then `None`).
#[derive(Debug, Clone)]
pub struct AccountRow {
    pub id: Option<i64>,
    pub account: Account,
    pub normal: Side,
    pub floor: Option<i64>,
    pub state: State,
    pub sums: Sums,
    pub limits: Limits,
    pub negative_since: Option<Time>,
    pub owing_since: Option<Time>,
}

impl AccountRow {
    /// An account nobody has used yet.
    pub fn unused(account: &Account) -> Self {
        Self {
            id: None,
            account: account.clone(),
            normal: account.kind.normal(),
            floor: account.kind.floor(),
            state: State::Open,
            sums: Sums::default(),
            limits: Limits::default(),
            negative_since: None,
            owing_since: None,
        }
    }
}

impl TryFrom<AccountColumns> for AccountRow {
    type Error = Fault;

    fn try_from(row: AccountColumns) -> Result<Self, Fault> {
        let state = match row.state.as_str() {
            "open" => State::Open,
            "frozen" => State::Frozen,
            "closed" => State::Closed,
            other => return Err(Fault::new(format!("ledger account {} is {other}", row.id))),
        };
        Ok(Self {
            id: Some(row.id),
            account: name(&row.kind, row.owner, &row.asset)?,
            normal: Side::parse(&row.normal)?,
            floor: row.floor,
            state,
            sums: Sums {
                debits_posted: row.debits_posted,
                credits_posted: row.credits_posted,
                debits_pending: row.debits_pending,
                credits_pending: row.credits_pending,
            },
            limits: Limits { line: row.line, pending_per_mille: row.pending_per_mille, pending_max: row.pending_max },
            negative_since: row.negative_since.map(Time),
            owing_since: row.owing_since.map(Time),
        })
    }
}

/// An account's name from its columns.
pub fn name(kind: &str, owner: String, asset: &str) -> Result<Account, Fault> {
    let kind = Kind::parse(kind).ok_or_else(|| Fault::new(format!("no ledger account is of kind {kind}")))?;
    Ok(Account { kind, owner, asset: parse_asset(asset)? })
}

pub fn parse_asset(code: &str) -> Result<Asset, Fault> {
    Asset::parse(code).ok_or_else(|| Fault::new(format!("no asset is called {code}")))
}

/// A hold with the names of its accounts.
#[derive(Debug, FromQueryResult)]
pub struct HoldColumns {
    pub id: i64,
    pub input_hash: String,
    pub kind: String,
    pub about: String,
    pub asset: String,
    pub amount: i64,
    pub state: String,
    pub posted_amount: i64,
    pub resolving_tx: Option<i64>,
    pub expires_at: Option<i64>,
    pub debit_kind: String,
    pub debit_owner: String,
    pub credit_kind: String,
    pub credit_owner: String,
}

#[derive(Debug)]
pub struct HoldRow {
    pub id: i64,
    pub input_hash: String,
    pub kind: String,
    pub about: String,
    pub debit: Account,
    pub credit: Account,
    pub amount: Money,
    pub state: HoldState,
    pub posted_amount: i64,
    pub resolving_tx: Option<i64>,
    pub expires_at: Option<i64>,
}

impl TryFrom<HoldColumns> for HoldRow {
    type Error = Fault;

    fn try_from(row: HoldColumns) -> Result<Self, Fault> {
        let asset = parse_asset(&row.asset)?;
        Ok(Self {
            id: row.id,
            input_hash: row.input_hash,
            kind: row.kind,
            about: row.about,
            debit: name(&row.debit_kind, row.debit_owner, &row.asset)?,
            credit: name(&row.credit_kind, row.credit_owner, &row.asset)?,
            amount: Money::new(row.amount, asset),
            state: HoldState::parse(&row.state)?,
            posted_amount: row.posted_amount,
            resolving_tx: row.resolving_tx,
            expires_at: row.expires_at,
        })
    }
}

/// A transaction that was just written.
#[derive(Debug, FromQueryResult)]
pub struct MadeRow {
    pub id: i64,
    pub idem_key: String,
}

/// What a key has been used for.
#[derive(Debug, FromQueryResult)]
pub struct KeyRow {
    pub id: i64,
    pub input_hash: String,
}

/// A transaction that is to be reversed or refunded.
#[derive(Debug, FromQueryResult)]
pub struct OriginalRow {
    pub kind: String,
    pub about: String,
    pub reverses: Option<i64>,
    pub against: Option<i64>,
    pub reversed: i64,
}

/// A line of a transaction, with the name of its account.
#[derive(Debug, FromQueryResult)]
pub struct EntryColumns {
    pub kind: String,
    pub owner: String,
    pub asset: String,
    pub side: String,
    pub amount: i64,
}

/// A sum in one asset.
#[derive(Debug, FromQueryResult)]
pub struct AssetSum {
    pub asset: String,
    pub amount: i64,
}
