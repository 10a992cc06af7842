//! The ledger's queries. Accounts are always locked in one order (I10).
use super::LedgerError;
use super::account::{Account, Kind};
use super::hold::Reservation;
use super::post::{Draft, TransactionId};
use super::rules::{Changes, Entry};
use super::table::{AccountColumns, AccountRow, AssetSum, EntryColumns, HoldColumns, HoldRow, KeyRow, MadeRow, OriginalRow};
use crate::base::{Fault, Money, Time};
use crate::db::{self, Tx};
use sea_orm::{ConnectionTrait, Value};
use std::sync::LazyLock;

/// An account and the id of its row.
pub type Ids = Vec<(Account, i64)>;

const COLUMNS: &str = "id, kind, owner, asset, normal, floor, state,
    debits_posted, credits_posted, debits_pending, credits_pending, line, pending_per_mille, pending_max, negative_since, owing_since";

const HOLD: &str = "SELECT h.id, h.input_hash, h.kind, h.about, h.asset, h.amount, h.state, h.posted_amount, h.resolving_tx,
    h.expires_at, d.kind AS debit_kind, d.owner AS debit_owner, c.kind AS credit_kind, c.owner AS credit_owner
    FROM ledger_holds h
    JOIN ledger_accounts d ON d.id = h.debit_account
    JOIN ledger_accounts c ON c.id = h.credit_account";

/// `($1, $2), ($3, $4)`: so many rows of so many parameters, the first as `BIGINT` where asked for.
fn rows(count: usize, width: usize, number: impl Fn(usize) -> bool) -> String {
    let row = |r: usize| {
        let cells: Vec<String> = (0..width)
            .map(|column| {
                let n = r * width + column + 1;
                if number(column) { format!("CAST(${n} AS BIGINT)") } else { format!("${n}") }
            })
            .collect();
        format!("({})", cells.join(", "))
    };
    (0..count).map(row).collect::<Vec<_>>().join(", ")
}

fn key_of(account: &Account) -> [Value; 3] {
    [account.kind.code().into(), account.owner.clone().into(), account.asset.code().into()]
}

fn by_names(accounts: &[&Account]) -> (String, Vec<Value>) {
    let one = |i: usize| format!("(kind = ${} AND owner = ${} AND asset = ${})", i * 3 + 1, i * 3 + 2, i * 3 + 3);
    let condition = (0..accounts.len()).map(one).collect::<Vec<_>>().join(" OR ");
    (condition, accounts.iter().flat_map(|account| key_of(account)).collect())
}

/// The rows of those accounts that have one, without a lock.
pub async fn account(conn: &impl ConnectionTrait, account: &Account) -> Result<Option<AccountRow>, Fault> {
    let (condition, values) = by_names(&[account]);
    db::one::<AccountColumns>(conn, &format!("SELECT {COLUMNS} FROM ledger_accounts WHERE {condition}"), values)
        .await?
        .map(AccountRow::try_from)
        .transpose()
}

/// The turn in which accounts are locked on PostgreSQL: that of [`in_turn`].
static LOCK_ORDER: LazyLock<String> = LazyLock::new(|| {
    let turn = |kind: &Kind| format!("WHEN '{}' THEN {}", kind.code(), kind.turn());
    let turns = Kind::ALL.iter().map(turn).collect::<Vec<_>>().join(" ");
    format!("ORDER BY CASE kind {turns} END, kind COLLATE \"C\", owner COLLATE \"C\", asset COLLATE \"C\" FOR NO KEY UPDATE")
});

/// [`Kind::turn`], and within one turn by name.
fn in_turn<'a>(accounts: &[&'a Account]) -> Vec<&'a Account> {
    let mut accounts = accounts.to_vec();
    accounts.sort_unstable_by_key(|account| (account.kind.turn(), key_of_turn(account)));
    accounts
}

fn key_of_turn(account: &Account) -> (&'static str, String, &'static str) {
    (account.kind.code(), account.owner.clone(), account.asset.code())
}

/// The rows of these accounts, locked until the transaction ends. `None`, and none is locked, when one of them has no row: it must be
/// made in its turn, see [`take`].
pub async fn lock(tx: &Tx, accounts: &[&Account]) -> Result<Option<Vec<AccountRow>>, Fault> {
    let (condition, values) = by_names(accounts);
    let all = format!("({condition}) AND (SELECT COUNT(*) FROM ledger_accounts WHERE {condition}) = {}", accounts.len());
    let rows = locked(tx, &all, values).await?;
    Ok((rows.len() == accounts.len()).then_some(rows))
}

/// The rows of those accounts that have one, locked until the transaction ends.
pub async fn lock_made(tx: &Tx, accounts: &[&Account]) -> Result<Vec<AccountRow>, Fault> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let (condition, values) = by_names(accounts);
    locked(tx, &condition, values).await
}

async fn locked(tx: &Tx, condition: &str, values: Vec<Value>) -> Result<Vec<AccountRow>, Fault> {
    let lock = db::locking(tx, &LOCK_ORDER);
    let sql = format!("SELECT {COLUMNS} FROM ledger_accounts WHERE {condition} {lock}");
    db::query::<AccountColumns>(tx, &sql, values).await?.into_iter().map(AccountRow::try_from).collect()
}

/// Locks these accounts one after the other, each in its turn, and makes those that have no row: who makes one holds it as who locks
/// it does. Says also whether any was made.
pub async fn take(tx: &Tx, accounts: &[&Account], now: Time) -> Result<(Vec<AccountRow>, bool), Fault> {
    let (mut taken, mut any_made) = (Vec::with_capacity(accounts.len()), false);
    for account in in_turn(accounts) {
        let mut row = lock_made(tx, &[account]).await?.pop();
        if row.is_none() {
            // Where somebody else makes it at this moment, he is waited for, and then there is one to lock.
            let (sql, values) = missing(&[account], now);
            any_made |= db::execute(tx, &sql, values).await? > 0;
            row = lock_made(tx, &[account]).await?.pop();
        }
        taken.push(row.ok_or_else(|| Fault::new(format!("{account} was made and has no row")))?);
    }
    Ok((taken, any_made))
}

/// Makes the rows that are missing: a person's first sale makes his wallet.
pub async fn provide(tx: &Tx, accounts: &[&Account], now: Time) -> Result<(), Fault> {
    if accounts.is_empty() {
        return Ok(());
    }
    let (sql, values) = missing(accounts, now);
    db::submit(tx, &sql, values).await
}

fn missing(accounts: &[&Account], now: Time) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::with_capacity(accounts.len() * 6);
    for account in accounts {
        values.extend(key_of(account));
        values.extend([account.kind.normal().code().into(), account.kind.floor().into(), now.into()]);
    }
    let sql = format!(
        "INSERT INTO ledger_accounts (kind, owner, asset, normal, floor, created_at) VALUES {}
         ON CONFLICT (kind, owner, asset) DO NOTHING",
        rows(accounts.len(), 6, |_| false)
    );
    (sql, values)
}

/// The rows of those accounts that have one, as they were committed last.
pub async fn unlocked(tx: &Tx, accounts: &[&Account]) -> Result<Vec<AccountRow>, Fault> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let (condition, values) = by_names(accounts);
    let sql = format!("SELECT {COLUMNS} FROM ledger_accounts WHERE {condition}");
    db::query::<AccountColumns>(tx, &sql, values).await?.into_iter().map(AccountRow::try_from).collect()
}

/// What the key was used for before, if it was.
pub async fn by_key(conn: &impl ConnectionTrait, key: &str) -> Result<Option<KeyRow>, Fault> {
    db::one(conn, "SELECT id, input_hash FROM ledger_transactions WHERE idem_key = $1", vec![key.into()]).await
}

/// The ids of new transactions, in their order; `None` when the key of one has been used (a transaction that uses it now is
/// waited for).
pub async fn insert_transactions(tx: &Tx, drafts: &[Draft], now: Time) -> Result<Option<Vec<TransactionId>>, Fault> {
    let mut values: Vec<Value> = Vec::with_capacity(drafts.len() * 9);
    for draft in drafts {
        values.extend([Value::from(draft.key.clone()), draft.hash.clone().into(), draft.kind.clone().into()]);
        values.extend([Value::from(draft.about.clone()), draft.reverses.map(|id| id.0).into()]);
        values.extend([Value::from(draft.against.map(|id| id.0)), draft.actor.into()]);
        values.extend([Value::from(draft.reason.clone()), now.into()]);
    }
    let sql = format!(
        "INSERT INTO ledger_transactions (idem_key, input_hash, kind, about, reverses, against, actor, reason, created_at)
         VALUES {} ON CONFLICT (idem_key) DO NOTHING RETURNING id, idem_key",
        rows(drafts.len(), 9, |_| false)
    );
    let made: Vec<MadeRow> = db::query(tx, &sql, values).await?;
    let id_of = |draft: &Draft| made.iter().find(|row| row.idem_key == draft.key).map(|row| TransactionId(row.id));
    Ok(drafts.iter().map(id_of).collect())
}

/// The lines of new transactions.
pub async fn insert_entries(tx: &Tx, made: &[(TransactionId, &[Entry])], ids: &Ids) -> Result<(), Fault> {
    let mut values: Vec<Value> = Vec::new();
    for (id, entries) in made {
        for (line, entry) in entries.iter().enumerate() {
            let line = i64::try_from(line).map_err(Fault::new)?;
            let account = id_of(ids, &entry.account)?;
            values.extend([(*id).into(), line.into(), account.into(), entry.account.asset.code().into()]);
            values.extend([Value::from(entry.side.code()), entry.amount.into()]);
        }
    }
    let sql = format!(
        "INSERT INTO ledger_entries (transaction_id, line, account_id, asset, side, amount) VALUES {}",
        rows(values.len() / 6, 6, |_| false)
    );
    db::submit(tx, &sql, values).await?;
    Ok(())
}

/// The columns of an account's limits, in the order that [`standing`] wants.
pub const LIMITS: [&str; 3] = ["line", "pending_per_mille", "pending_max"];

/// `Limits::standing` in SQL, of expressions: available, pending, and the three limits.
pub fn standing(available: &str, pending: &str, limits: [&str; 3]) -> String {
    let [line, per_mille, most] = limits;
    let part = format!("({pending}) / 1000 * {per_mille} + ({pending}) % 1000 * {per_mille} / 1000");
    format!("{available} + {line} + CASE WHEN {part} < {most} THEN {part} ELSE {most} END")
}

/// The assignments that keep the moments at which a credit account's standing crossed zero, and since when it owes; of its
/// standing, of the part of it that does not count what is pending, and of `now`, a parameter.
pub fn crossing(standing: &str, confirmed: &str, now: &str) -> String {
    format!(
        "negative_since = CASE WHEN kind = 'credit' AND {standing} < 0 THEN COALESCE(negative_since, {now}) END,
         owing_since = CASE WHEN kind <> 'credit' OR {confirmed} >= 0 THEN NULL
            WHEN {standing} < 0 THEN COALESCE(owing_since, {now}) ELSE owing_since END,
         recovered_at = CASE WHEN kind = 'credit' AND {standing} >= 0 THEN CASE
            WHEN negative_since IS NOT NULL OR (owing_since IS NOT NULL AND {confirmed} >= 0) THEN {now} ELSE recovered_at END END"
    )
}

/// Adds the changes to their rows, which are locked or have no floor; each cause raises the version by one. A row that is not locked
/// may have been frozen since it was looked at: then all of the transaction is undone.
pub async fn apply(tx: &Tx, (changes, is_locked): (&Changes, bool), ids: &Ids, now: Time) -> Result<(), Fault> {
    let mut values: Vec<Value> = Vec::with_capacity(changes.0.len() * 6);
    let mut each =
        changes.0.iter().map(|change| Ok((id_of(ids, &change.account)?, change))).collect::<Result<Vec<_>, Fault>>()?;
    each.sort_unstable_by_key(|(id, _)| *id);
    for (id, change) in each {
        let by = change.by;
        values.extend([id.into(), by.debits_posted.into(), by.credits_posted.into()]);
        values.extend([Value::from(by.debits_pending), by.credits_pending.into(), change.causes.into()]);
    }
    let crossing = if changes.0.iter().any(|change| change.account.kind == Kind::Credit) {
        values.push(now.into());
        let now = format!("CAST(${} AS BIGINT)", values.len());
        let available = "credits_posted + v.column3 - debits_posted - v.column2 - debits_pending - v.column4";
        let standing = standing(available, "credits_pending + v.column5", LIMITS);
        format!(", {}", crossing(&standing, &format!("{available} + {}", LIMITS[0]), &now))
    } else {
        String::new()
    };
    // The ids once more: without them PostgreSQL may join by a walk over all accounts.
    let ids: Vec<String> = (0..changes.0.len()).map(|i| format!("CAST(${} AS BIGINT)", i * 6 + 1)).collect();
    let sql = format!(
        "UPDATE ledger_accounts SET debits_posted = debits_posted + v.column2, credits_posted = credits_posted + v.column3,
            debits_pending = debits_pending + v.column4, credits_pending = credits_pending + v.column5,
            version = version + v.column6{crossing}
         FROM (VALUES {}) AS v WHERE ledger_accounts.id = v.column1 AND ledger_accounts.id IN ({}){}",
        rows(changes.0.len(), 6, |_| true),
        ids.join(", "),
        if is_locked { "" } else { " AND (state = 'open' OR (v.column2 <= 0 AND v.column4 <= 0))" }
    );
    db::submit_exactly(tx, changes.0.len(), &sql, values).await
}

pub fn ids_of(rows: Vec<AccountRow>) -> Ids {
    rows.into_iter().filter_map(|row| row.id.map(|id| (row.account, id))).collect()
}

pub fn id_of(ids: &Ids, account: &Account) -> Result<i64, Fault> {
    let found = ids.iter().find(|(name, _)| name == account);
    found.map(|(_, id)| *id).ok_or_else(|| Fault::new(format!("{account} has no row")))
}

/// Locks a transaction that is to be reversed or refunded, and says what has become of it.
pub async fn original(tx: &Tx, id: TransactionId) -> Result<OriginalRow, Fault> {
    let sql = format!("SELECT id AS v FROM ledger_transactions WHERE id = $1{}", db::locking(tx, " FOR UPDATE"));
    // What was committed while we waited for the lock is seen by the next statement only.
    let locked: Option<i64> = db::scalar(tx, &sql, vec![id.into()]).await?;
    locked.ok_or_else(|| Fault::new(format!("there is no ledger transaction {}", id.0)))?;
    db::one(
        tx,
        "SELECT t.kind, t.about, t.reverses, t.against,
            (SELECT COUNT(*) FROM ledger_transactions r WHERE r.reverses = t.id) AS reversed
         FROM ledger_transactions t WHERE t.id = $1",
        vec![id.into()],
    )
    .await?
    .ok_or_else(|| Fault::new("a locked ledger transaction is gone"))
}

/// The lines of a transaction, in their order.
pub async fn entries(conn: &impl ConnectionTrait, id: TransactionId) -> Result<Vec<EntryColumns>, Fault> {
    db::query(
        conn,
        "SELECT a.kind, a.owner, e.asset, e.side, e.amount FROM ledger_entries e
         JOIN ledger_accounts a ON a.id = e.account_id WHERE e.transaction_id = $1 ORDER BY e.line",
        vec![id.into()],
    )
    .await
}

/// What was refunded of a transaction so far, by asset; refunds that were reversed do not count.
pub async fn refunded(conn: &impl ConnectionTrait, id: TransactionId) -> Result<Vec<AssetSum>, Fault> {
    db::query(
        conn,
        "SELECT e.asset, CAST(SUM(e.amount) AS BIGINT) AS amount FROM ledger_transactions r
         JOIN ledger_entries e ON e.transaction_id = r.id AND e.side = 'debit'
         WHERE r.against = $1 AND NOT EXISTS (SELECT 1 FROM ledger_transactions u WHERE u.reverses = r.id)
         GROUP BY e.asset",
        vec![id.into()],
    )
    .await
}

/// A new hold's id; `None` when its key was used meanwhile.
pub async fn insert_hold(tx: &Tx, asked: &Reservation, hash: &str, ids: &Ids, now: Time) -> Result<Option<i64>, Fault> {
    db::scalar(
        tx,
        "INSERT INTO ledger_holds
            (idem_key, input_hash, debit_account, credit_account, asset, amount, state, kind, about, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $10) ON CONFLICT (idem_key) DO NOTHING RETURNING id AS v",
        vec![
            asked.key.clone().into(),
            hash.into(),
            id_of(ids, &asked.debit)?.into(),
            id_of(ids, &asked.credit)?.into(),
            asked.amount.asset.code().into(),
            asked.amount.minor.into(),
            asked.kind.into(),
            asked.about.clone().into(),
            asked.expires.map(|time| time.0).into(),
            now.into(),
        ],
    )
    .await
}

pub async fn hold_by_key(conn: &impl ConnectionTrait, key: &str) -> Result<Option<HoldRow>, Fault> {
    let sql = format!("{HOLD} WHERE h.idem_key = $1");
    db::one::<HoldColumns>(conn, &sql, vec![key.into()]).await?.map(HoldRow::try_from).transpose()
}

pub async fn lock_hold(tx: &Tx, id: i64) -> Result<HoldRow, Fault> {
    let sql = format!("{HOLD} WHERE h.id = $1{}", db::locking(tx, " FOR UPDATE OF h"));
    let row = db::one::<HoldColumns>(tx, &sql, vec![id.into()]).await?;
    row.ok_or_else(|| Fault::new(format!("there is no ledger hold {id}"))).and_then(HoldRow::try_from)
}

/// Open holds whose time is over, oldest first; those that somebody else is resolving now are left to him.
pub async fn lock_due_holds(tx: &Tx, now: Time, limit: u32) -> Result<Vec<HoldRow>, Fault> {
    let sql = format!(
        "{HOLD} WHERE h.state = 'open' AND h.expires_at <= $1 ORDER BY h.expires_at, h.id LIMIT $2{}",
        db::locking(tx, " FOR UPDATE OF h SKIP LOCKED")
    );
    let rows = db::query::<HoldColumns>(tx, &sql, vec![now.into(), i64::from(limit).into()]).await?;
    rows.into_iter().map(HoldRow::try_from).collect()
}

/// What a hold's posting leaves on the hold.
pub async fn mark_posted(tx: &Tx, hold: i64, amount: Money, by: TransactionId, now: Time) -> Result<(), LedgerError> {
    let rows = db::execute(
        tx,
        "UPDATE ledger_holds SET state = 'posted', posted_amount = $2, resolving_tx = $3, resolved_at = $4
         WHERE id = $1 AND state = 'open'",
        vec![hold.into(), amount.minor.into(), by.into(), now.into()],
    )
    .await?;
    if rows == 1 { Ok(()) } else { Err(Fault::new(format!("ledger hold {hold} was locked, and yet resolved")).into()) }
}

/// Ends open holds without posting; all of them must be locked.
pub async fn mark_released(tx: &Tx, holds: &[HoldRow], state: &'static str, now: Time) -> Result<(), Fault> {
    let sql = format!(
        "UPDATE ledger_holds SET state = $1, resolved_at = $2 WHERE state = 'open' AND id IN ({})",
        db::places(3, holds.len())
    );
    let mut values: Vec<Value> = vec![state.into(), now.into()];
    values.extend(holds.iter().map(|hold| Value::from(hold.id)));
    let changed = db::execute(tx, &sql, values).await?;
    if usize::try_from(changed).ok() == Some(holds.len()) {
        Ok(())
    } else {
        Err(Fault::new(format!("{changed} ledger holds were released, not {}", holds.len())))
    }
}
