//! Corrections as they lie in the database.
use super::Purse;
use crate::base::{Asset, Fault, Money, PersonId, Time};
use crate::db::{self, Moved, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// Where a correction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CorrectionState {
    /// For a second owner.
    Waiting,
    /// Booked.
    Done,
    Refused,
    Expired,
}

impl CorrectionState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Done, Self::Refused, Self::Expired];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A correction: asked for, and perhaps booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionRow {
    pub key: String,
    pub purse: Purse,
    pub person: PersonId,
    /// Positive: it is added.
    pub amount: Money,
    pub reason: String,
    pub state: CorrectionState,
    pub asked_by: PersonId,
    pub asked_at: Time,
    pub expires_at: Time,
    /// The second owner; nobody when it needed none.
    pub decided_by: Option<PersonId>,
    pub decided_at: Option<Time>,
}

impl CorrectionRow {
    /// Does it ask for the same, by the same admin?
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let of = |row: &Self| (row.key.clone(), row.purse, row.person, row.amount, row.reason.clone(), row.asked_by);
        of(self) == of(other)
    }

    /// For the audit log.
    pub(super) fn said(&self) -> String {
        format!("{} {} {} ({})", self.purse.code(), self.amount.minor, self.amount.asset, self.reason)
    }
}

#[derive(FromQueryResult)]
struct Row {
    key: String,
    purse: String,
    person: PersonId,
    amount: i64,
    asset: String,
    reason: String,
    state: String,
    asked_by: PersonId,
    asked_at: Time,
    expires_at: Time,
    decided_by: Option<PersonId>,
    decided_at: Option<Time>,
}

impl TryFrom<Row> for CorrectionRow {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let wrong = |what: &str| Fault::new(format!("an impossible row in corrections ({}): {what}", row.key));
        let asset = Asset::parse(&row.asset).ok_or_else(|| wrong("asset"))?;
        Ok(Self {
            purse: Purse::parse(&row.purse).ok_or_else(|| wrong("purse"))?,
            state: CorrectionState::parse(&row.state).ok_or_else(|| wrong("state"))?,
            amount: Money::new(row.amount, asset),
            key: row.key,
            person: row.person,
            reason: row.reason,
            asked_by: row.asked_by,
            asked_at: row.asked_at,
            expires_at: row.expires_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
        })
    }
}

async fn select(conn: &impl ConnectionTrait, rest: &str, values: Vec<Value>) -> Result<Vec<CorrectionRow>, Fault> {
    let sql = format!(
        "SELECT key, purse, person, amount, asset, reason, state, asked_by, asked_at, expires_at, decided_by, decided_at \
         FROM corrections {rest}"
    );
    let rows: Vec<Row> = db::query(conn, &sql, values).await?;
    rows.into_iter().map(CorrectionRow::try_from).collect()
}

/// One correction.
pub async fn correction(conn: &impl ConnectionTrait, key: &str) -> Result<Option<CorrectionRow>, Fault> {
    Ok(select(conn, "WHERE key = $1", vec![key.into()]).await?.pop())
}

/// The correction, and nobody else decides it until this transaction ends.
pub(super) async fn locked(tx: &Tx, key: &str) -> Result<Option<CorrectionRow>, Fault> {
    Ok(select(tx, &format!("WHERE key = $1{}", db::locking(tx, " FOR UPDATE")), vec![key.into()]).await?.pop())
}

/// Those whose time to be confirmed is over, locked.
pub(super) async fn due(tx: &Tx, now: Time, limit: i64) -> Result<Vec<CorrectionRow>, Fault> {
    let lock = db::locking(tx, " FOR UPDATE SKIP LOCKED");
    let rest = format!("WHERE state = 'waiting' AND expires_at <= $1 ORDER BY expires_at, key LIMIT $2{lock}");
    select(tx, &rest, vec![now.into(), limit.into()]).await
}

/// Writes one down that waits; `LostRace` when its key is there already.
pub(super) async fn insert(tx: &Tx, row: &CorrectionRow, now: Time) -> Result<Moved, Fault> {
    write(tx, row, ("waiting", None), now).await
}

/// Writes one down that is booked by this ledger transaction.
pub(super) async fn insert_done(tx: &Tx, row: &CorrectionRow, posting: i64, now: Time) -> Result<Moved, Fault> {
    write(tx, row, ("done", Some(posting)), now).await
}

async fn write(tx: &Tx, row: &CorrectionRow, (state, posting): (&str, Option<i64>), now: Time) -> Result<Moved, Fault> {
    let sql = "INSERT INTO corrections (key, purse, person, amount, asset, reason, state, asked_by, asked_at, expires_at, posting) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (key) DO NOTHING";
    let values = vec![
        row.key.clone().into(),
        row.purse.code().into(),
        row.person.into(),
        row.amount.minor.into(),
        row.amount.asset.code().into(),
        row.reason.clone().into(),
        state.into(),
        row.asked_by.into(),
        now.into(),
        row.expires_at.into(),
        posting.into(),
    ];
    Ok(Moved::from_rows(db::execute(tx, sql, values).await?))
}

/// The last word about one that waits. `by`: nobody when its time is over.
pub(super) async fn decide(
    tx: &Tx,
    row: &CorrectionRow,
    (state, posting): (CorrectionState, Option<i64>),
    by: Option<PersonId>,
    now: Time,
) -> Result<Moved, Fault> {
    let sql = "UPDATE corrections SET state = $2, posting = $3, decided_by = $4, decided_at = $5 \
               WHERE key = $1 AND state = 'waiting'";
    let values = vec![row.key.clone().into(), state.code().into(), posting.into(), by.map(|by| by.0).into(), now.into()];
    Ok(Moved::from_rows(db::execute(tx, sql, values).await?))
}

/// What an admin booked alone since then, added and taken alike.
pub(super) async fn alone_since(conn: &impl ConnectionTrait, admin: PersonId, since: Time, asset: Asset) -> Result<i64, Fault> {
    let sql = "SELECT CAST(COALESCE(SUM(ABS(amount)), 0) AS BIGINT) AS v FROM corrections \
               WHERE asked_by = $1 AND asked_at >= $2 AND asset = $3 AND state = 'done' AND decided_by IS NULL";
    Ok(db::scalar::<i64>(conn, sql, vec![admin.into(), since.into(), asset.code().into()]).await?.unwrap_or_default())
}
