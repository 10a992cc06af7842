//! How far an agent's credit account may be spent, where it stands, and since when it stands below zero.
//!
//! Limits are set here and nowhere else, and only on accounts of [`Kind::Credit`]. Lower limits may leave an account
//! below zero: that is a fact to be acted upon, and no refusal.
use super::account::{Account, Kind};
use super::table::name;
use super::{LedgerError, store};
use crate::base::{Fault, Money, Time};
use crate::db::{self, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// No line and no part of what is pending is larger (smallest units), so that a standing never overflows.
const LIMIT_MAX: i64 = Money::LIMIT / 4 - 1;

/// What may be spent beyond what is available, in the account's smallest unit. All of it zero at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// So far below zero.
    pub line: i64,
    /// This part of what is pending, in thousandths,
    pub pending_per_mille: i64,
    /// and at most so much of it.
    pub pending_max: i64,
}

impl Limits {
    /// How much of what is pending may be spent. Divided before it is multiplied, lest the product overflow.
    pub fn counted(self, pending: i64) -> i64 {
        let part = pending / 1000 * self.pending_per_mille + pending % 1000 * self.pending_per_mille / 1000;
        part.min(self.pending_max)
    }

    /// What an account with so much available and so much pending may still give.
    pub(super) fn standing(self, available: i64, pending: i64) -> i64 {
        available + self.line + self.counted(pending)
    }

    fn are_possible(self) -> bool {
        (0..=LIMIT_MAX).contains(&self.line)
            && (0..=LIMIT_MAX).contains(&self.pending_max)
            && (0..=1000).contains(&self.pending_per_mille)
    }
}

/// Everything about a credit account at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What is posted.
    pub confirmed: Money,
    /// What open holds may still bring.
    pub pending: Money,
    /// What open holds may still take.
    pub held: Money,
    pub limits: Limits,
    /// The part of what is pending that may be spent.
    pub counted: Money,
    /// What may still be spent: confirmed less held, the line, and what is counted. Below zero, nothing may.
    pub left: Money,
    /// The moment at which it went below zero, as if what lifted it in between without paying had never been pending;
    /// `None` when it is not below zero.
    pub negative_since: Option<Time>,
    /// The same while it is below zero, or above it thanks to what is pending alone: confirmed money has not ended that time.
    pub owing_since: Option<Time>,
}

/// An account whose standing crossed zero, or that owes no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    pub account: Account,
    /// Below zero since then, as [`Standing`] has it; `None`: it came back.
    pub negative_since: Option<Time>,
    /// As [`Standing`] has it.
    pub owing_since: Option<Time>,
    pub at: Time,
}

/// Sets how far a credit account may be spent; an account that nobody has used yet is made. Doing it twice is doing it once.
///
/// # Errors
/// Only faults: limits out of their range, and an account of another kind, are mistakes of the caller.
pub async fn set_limits(tx: &Tx, account: &Account, limits: Limits, now: Time) -> Result<(), LedgerError> {
    if account.kind != Kind::Credit || !limits.are_possible() {
        return Err(Fault::new(format!("{account} cannot have the limits {limits:?}")).into());
    }
    let (taken, _) = store::take(tx, &[account], now).await?;
    if taken.iter().any(|row| row.limits == limits) {
        return Ok(());
    }
    let ids = store::ids_of(taken);
    let [line, per_mille, most, at] = ["CAST($2 AS BIGINT)", "CAST($3 AS BIGINT)", "CAST($4 AS BIGINT)", "CAST($5 AS BIGINT)"];
    let available = "credits_posted - debits_posted - debits_pending";
    let standing = store::standing(available, "credits_pending", [line, per_mille, most]);
    let crossing = store::crossing(&standing, &format!("{available} + {line}"), at);
    // What was spent under higher limits stays spent: the floor is never above what is available.
    let sql = format!(
        "UPDATE ledger_accounts SET line = {line}, pending_per_mille = {per_mille}, pending_max = {most}, {crossing},
            floor = CASE WHEN {available} < -{line} - {most} THEN {available} ELSE -{line} - {most} END
         WHERE id = $1"
    );
    let id = store::id_of(&ids, account)?;
    let Limits { line, pending_per_mille, pending_max } = limits;
    db::submit(tx, &sql, vec![id.into(), line.into(), pending_per_mille.into(), pending_max.into(), now.into()]).await?;
    Ok(())
}

/// Where a credit account stands; at zero when nobody has used it.
pub async fn standing(conn: &impl ConnectionTrait, account: &Account) -> Result<Standing, Fault> {
    let row = store::account(conn, account).await?.unwrap_or_else(|| super::table::AccountRow::unused(account));
    let money = |minor| Money::new(minor, account.asset);
    let pending = row.sums.incoming(row.normal);
    Ok(Standing {
        confirmed: money(row.sums.posted(row.normal)),
        pending: money(pending),
        held: money(row.sums.held(row.normal)),
        limits: row.limits,
        counted: money(row.limits.counted(pending)),
        left: money(row.limits.standing(row.sums.available(row.normal), pending)),
        negative_since: row.owing_since.filter(|_| row.negative_since.is_some()),
        owing_since: row.owing_since,
    })
}

#[derive(Debug, FromQueryResult)]
struct CrossingRow {
    kind: String,
    owner: String,
    asset: String,
    negative_since: Option<Time>,
    owing_since: Option<Time>,
    at: Time,
}

impl TryFrom<CrossingRow> for Crossing {
    type Error = Fault;

    fn try_from(row: CrossingRow) -> Result<Self, Fault> {
        let negative_since = row.owing_since.filter(|_| row.negative_since.is_some());
        let account = name(&row.kind, row.owner, &row.asset)?;
        Ok(Self { account, negative_since, owing_since: row.owing_since, at: row.at })
    }
}

/// Accounts that stood below zero already at `before` and ever since, the longest first.
pub async fn negative(conn: &impl ConnectionTrait, before: Time, limit: u32) -> Result<Vec<Crossing>, Fault> {
    let rows = db::query::<CrossingRow>(
        conn,
        "SELECT kind, owner, asset, negative_since, owing_since, negative_since AS at FROM ledger_accounts
         WHERE negative_since <= $1 ORDER BY negative_since, id LIMIT $2",
        vec![before.into(), i64::from(limit).into()],
    )
    .await?;
    rows.into_iter().map(Crossing::try_from).collect()
}

/// How a tick asks who crossed zero since the moment `$1`: down, and up or out of debt. Each must be answered by an index alone.
pub const QUESTIONS_OF_A_TICK: [&str; 2] = [
    "SELECT kind, owner, asset, negative_since, owing_since, negative_since AS at FROM ledger_accounts WHERE negative_since >= $1",
    "SELECT kind, owner, asset, negative_since, owing_since, recovered_at AS at FROM ledger_accounts WHERE recovered_at >= $1",
];

/// Accounts whose standing last crossed zero at `after` or later, whichever way, and where they stand by now.
pub async fn crossed(conn: &impl ConnectionTrait, after: Time) -> Result<Vec<Crossing>, Fault> {
    let mut found = Vec::new();
    for question in QUESTIONS_OF_A_TICK {
        found.extend(db::query::<CrossingRow>(conn, question, vec![after.into()]).await?);
    }
    found.into_iter().map(Crossing::try_from).collect()
}

#[cfg(test)]
mod tests {
    use super::{LIMIT_MAX, Limits};
    use crate::base::Money;

    #[test]
    fn a_part_of_what_is_pending_counts_up_to_its_most() {
        for (pending, per_mille, most, counted) in [
            (0, 1000, 100, 0),
            (99, 1000, 100, 99),
            (101, 1000, 100, 100),
            (1_999, 500, 5_000, 999),
            (1_001, 333, 5_000, 333),
            (3, 333, 5_000, 0),
            (1_000_000, 0, 5_000, 0),
            (1_000_000, 1000, 0, 0),
            (Money::LIMIT - 1, 1000, LIMIT_MAX, LIMIT_MAX),
        ] {
            let limits = Limits { line: 7, pending_per_mille: per_mille, pending_max: most };
            assert_eq!(limits.counted(pending), counted, "{pending} {per_mille} {most}");
            assert_eq!(limits.standing(-10, pending), counted - 3);
        }
    }

    #[test]
    fn limits_out_of_their_range_are_not_possible() {
        let good = Limits { line: LIMIT_MAX, pending_per_mille: 1000, pending_max: LIMIT_MAX };
        assert!(good.are_possible() && Limits::default().are_possible());
        for bad in [
            Limits { line: -1, ..good },
            Limits { line: LIMIT_MAX + 1, ..good },
            Limits { pending_per_mille: 1001, ..good },
            Limits { pending_max: -1, ..good },
        ] {
            assert!(!bad.are_possible(), "{bad:?}");
        }
    }
}
