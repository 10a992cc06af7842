//! The proof: each invariant as a query that finds what breaks it. It reads only, and each query is one statement, so it
//! sees one moment of a live database and may run at any time.
use crate::base::Fault;
use crate::db;
use sea_orm::{ConnectionTrait, DbBackend};

/// At most so many rows are named for one invariant.
const SHOWN_MAX: usize = 50;

/// A row that breaks an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `I1` ... `I12`.
    pub invariant: &'static str,
    /// What is wrong, in words.
    pub what: &'static str,
    /// Where: ids and sums.
    pub row: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.invariant, self.what, self.row)
    }
}

struct Check {
    invariant: &'static str,
    what: &'static str,
    /// Names each offending row in a column `v`.
    sql: &'static str,
}

const fn check(invariant: &'static str, what: &'static str, sql: &'static str) -> Check {
    Check { invariant, what, sql }
}

/// Everything that breaks an invariant, at most fifty rows each; empty when the books are right.
pub async fn verify(conn: &impl ConnectionTrait) -> Result<Vec<Finding>, Fault> {
    let guards = if conn.get_database_backend() == DbBackend::Postgres { &GUARDS_POSTGRES } else { &GUARDS_SQLITE };
    let mut findings: Vec<Finding> = Vec::new();
    for check in std::iter::once(guards).chain(CHECKS) {
        let shown = findings.iter().filter(|finding| finding.invariant == check.invariant).count();
        let sql = format!("SELECT v FROM ({}) AS offending LIMIT {}", check.sql, SHOWN_MAX.saturating_sub(shown));
        let rows: Vec<Named> = db::query(conn, &sql, Vec::new())
            .await
            .map_err(|fault| fault.context(format!("verifying {}: {}", check.invariant, check.what)))?;
        findings.extend(rows.into_iter().map(|row| Finding { invariant: check.invariant, what: check.what, row: row.v }));
    }
    Ok(findings)
}

#[derive(sea_orm::FromQueryResult)]
struct Named {
    v: String,
}

const GUARDS_POSTGRES: Check = check(
    "I2",
    "a trigger that refuses changes is absent or off",
    "SELECT e.column1 || ' on ' || e.column2 AS v
     FROM (VALUES ('ledger_transactions_append_only', 'ledger_transactions'),
        ('ledger_transactions_no_truncate', 'ledger_transactions'), ('ledger_entries_append_only', 'ledger_entries'),
        ('ledger_entries_no_truncate', 'ledger_entries'), ('ledger_holds_resolve_once', 'ledger_holds'),
        ('ledger_holds_no_truncate', 'ledger_holds')) AS e
     WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgname = e.column1 AND t.tgrelid = to_regclass(e.column2) AND t.tgenabled IN ('O', 'A')
        AND p.prosrc LIKE '%RAISE EXCEPTION%')",
);

const GUARDS_SQLITE: Check = check(
    "I2",
    "a trigger that refuses changes is absent",
    "SELECT e.column1 || ' on ' || e.column2 AS v
     FROM (VALUES ('ledger_transactions_no_update', 'ledger_transactions'),
        ('ledger_transactions_no_delete', 'ledger_transactions'), ('ledger_entries_no_update', 'ledger_entries'),
        ('ledger_entries_no_delete', 'ledger_entries'), ('ledger_holds_resolve_once', 'ledger_holds'),
        ('ledger_holds_no_delete', 'ledger_holds')) AS e
     WHERE NOT EXISTS (SELECT 1 FROM sqlite_master t
        WHERE t.type = 'trigger' AND t.name = e.column1 AND t.tbl_name = e.column2 AND t.sql LIKE '%RAISE(ABORT%')",
);

const CHECKS: &[Check] = &[
    check(
        "I1",
        "debits and credits of a transaction differ",
        "SELECT 'transaction ' || transaction_id || ' ' || asset || ': off by '
            || SUM(CASE WHEN side = 'debit' THEN amount ELSE -amount END) AS v
         FROM ledger_entries GROUP BY transaction_id, asset
         HAVING SUM(CASE WHEN side = 'debit' THEN amount ELSE -amount END) <> 0",
    ),
    check(
        "I1",
        "a transaction has fewer than two lines",
        "SELECT 'transaction ' || t.id AS v FROM ledger_transactions t
         WHERE (SELECT COUNT(*) FROM ledger_entries e WHERE e.transaction_id = t.id) < 2",
    ),
    check(
        "I1",
        "an amount is not positive",
        "SELECT 'transaction ' || transaction_id || ' line ' || line || ': ' || amount AS v
         FROM ledger_entries WHERE amount <= 0",
    ),
    check(
        "I1",
        "an entry is not of its account's asset",
        "SELECT 'transaction ' || e.transaction_id || ' line ' || e.line || ': ' || e.asset || ' on account ' || a.id AS v
         FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id WHERE e.asset <> a.asset",
    ),
    check(
        "I1",
        "an entry has no transaction, or no account",
        "SELECT 'transaction ' || e.transaction_id || ' line ' || e.line AS v FROM ledger_entries e
         LEFT JOIN ledger_transactions t ON t.id = e.transaction_id LEFT JOIN ledger_accounts a ON a.id = e.account_id
         WHERE t.id IS NULL OR a.id IS NULL",
    ),
    check(
        "I3",
        "a key names two transactions",
        "SELECT 'key ' || idem_key AS v FROM ledger_transactions GROUP BY idem_key HAVING COUNT(*) > 1",
    ),
    check(
        "I3",
        "a key names two holds",
        "SELECT 'key ' || idem_key AS v FROM ledger_holds GROUP BY idem_key HAVING COUNT(*) > 1",
    ),
    check(
        "I3",
        "a transaction or a hold has no fingerprint of its input",
        "SELECT 'transaction ' || id AS v FROM ledger_transactions WHERE LENGTH(input_hash) <> 64
         UNION ALL SELECT 'hold ' || id AS v FROM ledger_holds WHERE LENGTH(input_hash) <> 64",
    ),
    check(
        "I4",
        "a transaction is reversed twice",
        "SELECT 'transaction ' || reverses AS v FROM ledger_transactions WHERE reverses IS NOT NULL
         GROUP BY reverses HAVING COUNT(*) > 1",
    ),
    check(
        "I4",
        "a reversal or a refund stands against a reversal, a refund against a refund, or one against nothing",
        "SELECT 'transaction ' || r.id AS v FROM ledger_transactions r
         LEFT JOIN ledger_transactions x ON x.id = COALESCE(r.reverses, r.against)
         WHERE (r.reverses IS NOT NULL AND r.against IS NOT NULL)
            OR (COALESCE(r.reverses, r.against) IS NOT NULL AND x.id IS NULL)
            OR x.reverses IS NOT NULL OR (r.against IS NOT NULL AND x.against IS NOT NULL)",
    ),
    check(
        "I4",
        "a reversal does not mirror its transaction",
        "SELECT 'transaction ' || r.id || ' reverses ' || r.reverses AS v FROM ledger_transactions r
         WHERE r.reverses IS NOT NULL AND (
            (SELECT COUNT(*) FROM ledger_entries e WHERE e.transaction_id = r.id)
                <> (SELECT COUNT(*) FROM ledger_entries e WHERE e.transaction_id = r.reverses)
            OR EXISTS (SELECT 1 FROM ledger_entries e WHERE e.transaction_id = r.id AND NOT EXISTS (
                SELECT 1 FROM ledger_entries o WHERE o.transaction_id = r.reverses AND o.line = e.line
                AND o.account_id = e.account_id AND o.amount = e.amount AND o.side <> e.side)))",
    ),
    check(
        "I4",
        "refunds are more than what they refund",
        "SELECT 'transaction ' || f.against || ' ' || f.asset || ': refunded ' || f.amount AS v
         FROM (SELECT r.against, e.asset, SUM(e.amount) AS amount FROM ledger_transactions r
            JOIN ledger_entries e ON e.transaction_id = r.id AND e.side = 'debit'
            WHERE r.against IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_transactions u WHERE u.reverses = r.id)
            GROUP BY r.against, e.asset) AS f
         WHERE f.amount > COALESCE((SELECT SUM(o.amount) FROM ledger_entries o
            WHERE o.transaction_id = f.against AND o.asset = f.asset AND o.side = 'debit'), 0)
            OR EXISTS (SELECT 1 FROM ledger_transactions u WHERE u.reverses = f.against)",
    ),
    check(
        "I5",
        "a hold's state and its outcome disagree",
        "SELECT 'hold ' || id || ' ' || state || ': posted ' || posted_amount || ' of ' || amount AS v FROM ledger_holds
         WHERE posted_amount < 0 OR posted_amount > amount OR amount <= 0
            OR (state = 'posted') <> (posted_amount > 0) OR (state = 'posted') <> (resolving_tx IS NOT NULL)
            OR (state = 'open') <> (resolved_at IS NULL)",
    ),
    check(
        "I5",
        "a hold was posted or voided after its end, or expired before it",
        "SELECT 'hold ' || id || ' ' || state AS v FROM ledger_holds
         WHERE (state IN ('posted', 'voided') AND resolved_at >= expires_at)
            OR (state = 'expired' AND (expires_at IS NULL OR resolved_at < expires_at))",
    ),
    check(
        "I5",
        "one transaction posts two holds",
        "SELECT 'transaction ' || resolving_tx AS v FROM ledger_holds WHERE resolving_tx IS NOT NULL
         GROUP BY resolving_tx HAVING COUNT(*) > 1",
    ),
    check(
        "I5",
        "a hold's transaction moved something else than was held",
        "SELECT 'hold ' || h.id || ' transaction ' || h.resolving_tx AS v FROM ledger_holds h
         WHERE h.resolving_tx IS NOT NULL AND (
            (SELECT COUNT(*) FROM ledger_entries e WHERE e.transaction_id = h.resolving_tx) <> 2
            OR NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.transaction_id = h.resolving_tx
                AND e.side = 'debit' AND e.account_id = h.debit_account AND e.amount = h.posted_amount)
            OR NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.transaction_id = h.resolving_tx
                AND e.side = 'credit' AND e.account_id = h.credit_account AND e.amount = h.posted_amount))",
    ),
    check(
        "I6",
        "an account was debited after it was frozen or closed",
        "SELECT 'account ' || a.id || ' transaction ' || e.transaction_id AS v FROM ledger_accounts a
         JOIN ledger_entries e ON e.account_id = a.id AND e.transaction_id > a.frozen_transaction AND e.side = 'debit'
         WHERE a.state <> 'open' AND NOT EXISTS (SELECT 1 FROM ledger_holds h WHERE h.resolving_tx = e.transaction_id)
            AND NOT EXISTS (SELECT 1 FROM ledger_transactions r JOIN ledger_transactions x ON x.id = r.reverses
                WHERE r.id = e.transaction_id AND x.kind = 'topup')
         UNION ALL SELECT 'account ' || a.id || ' hold ' || h.id AS v FROM ledger_accounts a
         JOIN ledger_holds h ON h.debit_account = a.id AND h.id > a.frozen_hold WHERE a.state <> 'open'",
    ),
    check(
        "I7",
        "an account's posted sums are not those of its entries",
        "SELECT 'account ' || a.id || ': debits ' || a.debits_posted || ' entries ' || COALESCE(e.debits, 0)
            || ', credits ' || a.credits_posted || ' entries ' || COALESCE(e.credits, 0) AS v
         FROM ledger_accounts a LEFT JOIN (SELECT account_id,
                SUM(CASE WHEN side = 'debit' THEN amount ELSE 0 END) AS debits,
                SUM(CASE WHEN side = 'credit' THEN amount ELSE 0 END) AS credits
            FROM ledger_entries GROUP BY account_id) AS e ON e.account_id = a.id
         WHERE a.debits_posted <> COALESCE(e.debits, 0) OR a.credits_posted <> COALESCE(e.credits, 0)",
    ),
    check(
        "I7",
        "an account's pending sums are not those of its open holds",
        "SELECT 'account ' || a.id || ': debits ' || a.debits_pending || ' holds ' || COALESCE(d.amount, 0)
            || ', credits ' || a.credits_pending || ' holds ' || COALESCE(c.amount, 0) AS v
         FROM ledger_accounts a
         LEFT JOIN (SELECT debit_account, SUM(amount) AS amount FROM ledger_holds WHERE state = 'open'
            GROUP BY debit_account) AS d ON d.debit_account = a.id
         LEFT JOIN (SELECT credit_account, SUM(amount) AS amount FROM ledger_holds WHERE state = 'open'
            GROUP BY credit_account) AS c ON c.credit_account = a.id
         WHERE a.debits_pending <> COALESCE(d.amount, 0) OR a.credits_pending <> COALESCE(c.amount, 0)",
    ),
    check(
        "I8",
        "over all accounts of an asset debits and credits differ",
        "SELECT asset || ': posted off by ' || SUM(debits_posted - credits_posted)
            || ', pending off by ' || SUM(debits_pending - credits_pending) AS v
         FROM ledger_accounts GROUP BY asset
         HAVING SUM(debits_posted - credits_posted) <> 0 OR SUM(debits_pending - credits_pending) <> 0",
    ),
    check(
        "I9",
        "less is available than the account's floor",
        "SELECT 'account ' || id || ' ' || kind || ' ' || owner AS v FROM ledger_accounts
         WHERE (normal = 'credit' AND credits_posted - debits_posted - debits_pending < floor)
            OR (normal = 'debit' AND debits_posted - credits_posted - credits_pending < floor)
            OR (kind IN ('wallet', 'bonus', 'credit') AND (floor IS NULL OR normal <> 'credit'))",
    ),
    check(
        "I9",
        "an account's limits and its floor disagree, or it has limits and is no credit account",
        "SELECT 'account ' || id || ' ' || kind || ' ' || owner || ': line ' || line || ', pending ' || pending_per_mille
            || ' of 1000 to ' || pending_max || ', floor ' || COALESCE(floor, 0) AS v FROM ledger_accounts
         WHERE line < 0 OR pending_max < 0 OR pending_per_mille NOT BETWEEN 0 AND 1000 OR floor > -line - pending_max
            OR (kind IN ('wallet', 'bonus') AND floor <> 0)
            OR (kind <> 'credit' AND (line <> 0 OR pending_per_mille <> 0 OR pending_max <> 0))",
    ),
    check(
        "I9",
        "an account is not called negative exactly while its standing is below zero",
        "SELECT 'account ' || id || ' ' || kind || ' ' || owner || ': negative since ' || COALESCE(negative_since, 0) AS v
         FROM ledger_accounts
         WHERE (negative_since IS NOT NULL AND (kind <> 'credit' OR recovered_at IS NOT NULL OR negative_since < created_at))
            OR (kind = 'credit' AND (negative_since IS NULL) <> (credits_posted - debits_posted - debits_pending + line
                + CASE WHEN credits_pending / 1000 * pending_per_mille + credits_pending % 1000 * pending_per_mille / 1000
                        < pending_max
                    THEN credits_pending / 1000 * pending_per_mille + credits_pending % 1000 * pending_per_mille / 1000
                    ELSE pending_max END >= 0))",
    ),
    check(
        "I9",
        "an account does not owe exactly from when it was first below zero until confirmed money ended that",
        "SELECT 'account ' || id || ' ' || kind || ' ' || owner || ': owing since ' || COALESCE(owing_since, 0) AS v
         FROM ledger_accounts
         WHERE (negative_since IS NOT NULL AND (owing_since IS NULL OR owing_since > negative_since))
            OR (owing_since IS NOT NULL AND (kind <> 'credit' OR owing_since < created_at
                OR credits_posted - debits_posted - debits_pending + line >= 0))",
    ),
    check(
        "I10",
        "an account's version is not the number of its causes",
        "SELECT 'account ' || a.id || ': version ' || a.version AS v FROM ledger_accounts a
         LEFT JOIN (SELECT account_id, COUNT(DISTINCT transaction_id) AS causes FROM ledger_entries GROUP BY account_id) AS e
            ON e.account_id = a.id
         LEFT JOIN (SELECT debit_account, SUM(CASE WHEN state IN ('voided', 'expired') THEN 2 ELSE 1 END) AS causes
            FROM ledger_holds GROUP BY debit_account) AS d ON d.debit_account = a.id
         LEFT JOIN (SELECT credit_account, SUM(CASE WHEN state IN ('voided', 'expired') THEN 2 ELSE 1 END) AS causes
            FROM ledger_holds GROUP BY credit_account) AS c ON c.credit_account = a.id
         WHERE a.version <> COALESCE(e.causes, 0) + COALESCE(d.causes, 0) + COALESCE(c.causes, 0)",
    ),
    check(
        "I12",
        "a sum is negative or reaches 2^62",
        "SELECT 'account ' || id AS v FROM ledger_accounts
         WHERE debits_posted NOT BETWEEN 0 AND 4611686018427387903 OR credits_posted NOT BETWEEN 0 AND 4611686018427387903
            OR debits_pending NOT BETWEEN 0 AND 4611686018427387903 OR credits_pending NOT BETWEEN 0 AND 4611686018427387903",
    ),
];
