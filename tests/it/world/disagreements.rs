//! The ways in which the books could disagree with orders, payments and services, each a question to the database. They are
//! asked after every story, and after the crash test.

use souk::base::Fault;
use souk::db::{self, Db};

/// Counts that must be zero.
const DISAGREEMENTS: &[(&str, &str)] = &[
    (
        "I14: an approved payment whose posting is reversed or absent, or moved something else",
        "SELECT COUNT(*) AS v FROM payments p WHERE p.state = 'approved' AND (
            EXISTS (SELECT 1 FROM ledger_transactions t WHERE t.reverses = p.posting) OR
            COALESCE((SELECT SUM(e.amount) FROM ledger_entries e WHERE e.transaction_id = p.posting AND e.side = 'debit'), 0)
                <> p.approved)",
    ),
    (
        "I14: a top-up in the ledger that no approved payment proves",
        "SELECT COUNT(*) AS v FROM ledger_transactions t WHERE t.kind = 'topup'
            AND NOT EXISTS (SELECT 1 FROM ledger_transactions r WHERE r.reverses = t.id)
            AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.posting = t.id)",
    ),
    (
        "I14: money in a wallet that no payment, no refund, no sale taken back, no correction and no closed agency brought",
        "SELECT COUNT(*) AS v FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
            JOIN ledger_transactions t ON t.id = e.transaction_id
            WHERE a.kind = 'wallet' AND e.side = 'credit' AND t.kind NOT IN ('topup', 'refund', 'reversal', 'credit', 'opening')
            AND NOT (t.kind = 'settlement' AND EXISTS (SELECT 1 FROM audit u
                WHERE u.act = 'agent.close' AND u.subject = t.about AND u.at = t.created_at))",
    ),
    (
        "I14: a payment of a wallet that went elsewhere",
        "SELECT COUNT(*) AS v FROM payments p WHERE p.state = 'approved' AND p.purpose IN ('order', 'wallet') AND NOT EXISTS
            (SELECT 1 FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
                WHERE e.transaction_id = p.posting AND e.side = 'credit' AND a.kind = 'wallet'
                AND a.owner = CAST(p.person AS TEXT))",
    ),
    (
        "I15: a paid order whose charge is reversed or absent, or is not its price",
        "SELECT COUNT(*) AS v FROM orders o WHERE o.charge IS NOT NULL AND (
            EXISTS (SELECT 1 FROM ledger_transactions t WHERE t.reverses = o.charge) OR
            COALESCE((SELECT SUM(e.amount) FROM ledger_entries e WHERE e.transaction_id = o.charge AND e.side = 'debit'), 0)
                <> o.price)",
    ),
    (
        "I15: a sale that stands and is no order's charge",
        "SELECT COUNT(*) AS v FROM ledger_transactions t WHERE t.kind = 'sale'
            AND NOT EXISTS (SELECT 1 FROM ledger_transactions r WHERE r.reverses = t.id)
            AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.charge = t.id)",
    ),
    (
        "I15: two orders of one charge",
        "SELECT COUNT(charge) - COUNT(DISTINCT charge) AS v FROM orders",
    ),
    (
        "I15: an order that waits without its hold, or does not wait and has one, or of another amount",
        "SELECT COUNT(*) AS v FROM orders o JOIN ledger_holds h ON h.id = o.hold
            WHERE (o.state = 'placed') <> (h.state = 'open') OR h.amount <> o.from_wallet OR h.state IN ('posted', 'expired')",
    ),
    (
        "I15: an open hold of a sale that no order knows",
        "SELECT COUNT(*) AS v FROM ledger_holds h WHERE h.state = 'open' AND h.kind = 'sale'
            AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.hold = h.id AND o.state = 'placed')",
    ),
    (
        "money of a card that is not what approved payments brought, less what was paid back from it by hand",
        "SELECT COUNT(*) AS v FROM ledger_accounts a WHERE a.kind = 'card' AND a.debits_posted - a.credits_posted
            <> COALESCE((SELECT SUM(p.approved) FROM payments p WHERE p.state = 'approved' AND p.method = a.owner), 0)
            - COALESCE((SELECT SUM(r.amount) FROM refunds r WHERE r.method = a.owner), 0)",
    ),
    (
        "an approved payment whose card has no account",
        "SELECT COUNT(*) AS v FROM payments p WHERE p.state = 'approved'
            AND NOT EXISTS (SELECT 1 FROM ledger_accounts a WHERE a.kind = 'card' AND a.owner = p.method)",
    ),
    (
        "revenue that no order brought",
        "SELECT COUNT(*) AS v FROM (SELECT 1 AS one) x WHERE
            COALESCE((SELECT SUM(credits_posted - debits_posted) FROM ledger_accounts WHERE kind = 'revenue'), 0)
            <> COALESCE((SELECT SUM(price) FROM orders WHERE charge IS NOT NULL), 0)",
    ),
    (
        "refunds that are not those of refunded orders",
        "SELECT COUNT(*) AS v FROM (SELECT 1 AS one) x WHERE
            COALESCE((SELECT SUM(debits_posted - credits_posted) FROM ledger_accounts WHERE kind = 'refunds'), 0)
            <> COALESCE((SELECT SUM(refunded) FROM orders WHERE state = 'refunded'), 0)",
    ),
    (
        "I15: an order of which something else went back than its row says, by its refunds or by the ledger",
        "SELECT COUNT(*) AS v FROM orders o WHERE
            o.refunded <> COALESCE((SELECT SUM(r.amount) FROM refunds r WHERE r.order_id = o.id), 0)
            OR o.refunded <> COALESCE((SELECT SUM(e.amount) FROM ledger_transactions t
                JOIN ledger_entries e ON e.transaction_id = t.id AND e.side = 'debit' WHERE t.against = o.charge), 0)
            OR o.refunded > o.price OR (o.refunded > 0) <> (o.state = 'refunded')",
    ),
    (
        "I15: a refund that does not follow on the one before",
        "SELECT COUNT(*) AS v FROM refunds r WHERE r.so_far
            <> COALESCE((SELECT SUM(b.amount) FROM refunds b WHERE b.order_id = r.order_id AND b.so_far < r.so_far), 0)",
    ),
    (
        "I14: a refund that no row proves",
        "SELECT COUNT(*) AS v FROM ledger_transactions t WHERE t.kind = 'refund'
            AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.posting = t.id)",
    ),
    (
        "I14: a refund that moved something else than its row says, or not to where it says",
        "SELECT COUNT(*) AS v FROM refunds r JOIN orders o ON o.id = r.order_id WHERE NOT EXISTS
            (SELECT 1 FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id AND e.side = 'credit'
                JOIN ledger_accounts a ON a.id = e.account_id
                WHERE t.id = r.posting AND t.kind = 'refund' AND t.against = o.charge AND t.actor = r.actor
                AND e.amount = r.amount AND e.asset = o.asset AND (
                    (r.way IN ('wallet', 'credit') AND a.kind = r.way AND a.owner = CAST(o.person AS TEXT))
                    OR (r.way = 'hand' AND r.method IS NOT NULL AND a.kind = 'card' AND a.owner = r.method)
                    OR (r.way = 'hand' AND r.method IS NULL AND a.kind = 'correction')))",
    ),
    (
        "I14: a correction in the ledger that no row proves",
        "SELECT COUNT(*) AS v FROM ledger_transactions t WHERE t.idem_key LIKE 'correction:%'
            AND NOT EXISTS (SELECT 1 FROM corrections c WHERE c.posting = t.id)",
    ),
    (
        "I21: a correction that moved something else than was asked for, has no reason, or was confirmed by its own asker",
        "SELECT COUNT(*) AS v FROM corrections c WHERE c.state = 'done' AND (c.reason = '' OR c.decided_by IN (c.asked_by, c.person)
            OR NOT EXISTS (SELECT 1 FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id
                JOIN ledger_accounts a ON a.id = e.account_id
                WHERE t.id = c.posting AND t.actor = c.asked_by AND t.reason = c.reason AND a.kind = c.purse
                AND a.owner = CAST(c.person AS TEXT) AND e.amount = ABS(c.amount)
                AND e.side = CASE WHEN c.amount > 0 THEN 'credit' ELSE 'debit' END))",
    ),
    (
        "a service that lives on though the order that made it went back",
        "SELECT COUNT(*) AS v FROM subscriptions s JOIN orders o ON o.subscription = s.id
            WHERE o.kind = 'new' AND o.state = 'refunded' AND s.state <> 'deleted'",
    ),
    (
        "a full service that nobody paid",
        "SELECT COUNT(*) AS v FROM subscriptions s WHERE s.kind = 'full' AND s.state <> 'deleted' AND NOT EXISTS
            (SELECT 1 FROM orders o WHERE o.subscription = s.id AND o.state IN ('paid', 'delivered'))",
    ),
    (
        "a service that is lent though no receipt of its order is under review",
        "SELECT COUNT(*) AS v FROM subscriptions s WHERE s.kind = 'provisional' AND s.state IN ('pending', 'active') AND NOT EXISTS
            (SELECT 1 FROM orders o JOIN payments p ON p.order_id = o.id
                WHERE o.subscription = s.id AND o.state = 'placed' AND p.state = 'submitted')",
    ),
    (
        "an open payment of a closed order",
        "SELECT COUNT(*) AS v FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.state = 'open' AND o.state <> 'placed'",
    ),
    (
        "a placed order that nobody can pay, or a saved one with a payment of its own",
        "SELECT COUNT(*) AS v FROM orders o WHERE o.state = 'placed' AND (o.saved_until IS NULL) <> EXISTS
            (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.state IN ('open', 'submitted'))",
    ),
    (
        "a saved order that holds a piece of the stock",
        "SELECT COUNT(*) AS v FROM orders WHERE state = 'placed' AND saved_until IS NOT NULL AND took_stock = 1",
    ),
    (
        "I13: one posting for two payments",
        "SELECT COUNT(posting) - COUNT(DISTINCT posting) AS v FROM payments",
    ),
    (
        "I14: an agent's top-up under review without its open hold though he never ceased to be one, or another with one, or an \
         open hold that no payment knows",
        "SELECT (SELECT COUNT(*) FROM payments p LEFT JOIN ledger_holds h ON h.id = p.hold AND h.state = 'open' AND h.amount = p.due
                WHERE p.purpose = 'credit' AND (p.state = 'submitted') <> (h.id IS NOT NULL)
                AND (h.id IS NOT NULL OR NOT EXISTS
                    (SELECT 1 FROM audit u WHERE u.act = 'agent.close' AND u.subject = 'person:' || p.person)))
            + (SELECT COUNT(*) FROM ledger_holds h WHERE h.state = 'open' AND h.kind = 'topup'
                AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.hold = h.id)) AS v",
    ),
    (
        "I21: an admin's correction without a reason or a row of the audit, or of his own account",
        "SELECT COUNT(*) AS v FROM ledger_transactions t LEFT JOIN corrections c ON c.posting = t.id
            WHERE t.idem_key LIKE 'correction:%' AND (c.key IS NULL OR COALESCE(t.reason, '') = '' OR c.person = t.actor
            OR NOT EXISTS (SELECT 1 FROM audit u
                WHERE u.act = CASE WHEN c.purse = 'wallet' THEN 'wallet.' ELSE 'agent.' END || t.kind
                AND u.subject = 'person:' || c.person AND u.at = t.created_at
                AND u.actor = COALESCE(c.decided_by, c.asked_by)))",
    ),
    (
        "I21: a decision about money that its own person made, or that no row of the audit tells",
        "SELECT COUNT(*) AS v FROM payments p WHERE p.state IN ('approved', 'rejected') AND (
            p.decided_by = p.person OR NOT EXISTS (SELECT 1 FROM audit u
                WHERE u.act IN ('payment.approve', 'payment.reject') AND u.subject LIKE 'payment:%' AND u.at = p.decided_at
                AND u.actor = p.decided_by))",
    ),
    (
        "a service that works though its agent is cut off and still below zero",
        "SELECT COUNT(*) AS v FROM subscriptions s JOIN credit_episodes c ON c.agent = s.agent AND c.stage = 'cut'
            JOIN ledger_accounts a ON a.kind = 'credit' AND a.owner = CAST(s.agent AS TEXT) AND a.owing_since = c.since
            WHERE a.negative_since IS NOT NULL AND s.state IN ('pending', 'active')",
    ),
    (
        "a service that is off for its agent's credit though he is not cut off",
        "SELECT COUNT(*) AS v FROM subscriptions s WHERE s.off_for = 'credit' AND NOT EXISTS (SELECT 1 FROM credit_episodes c
            WHERE c.agent = s.agent AND c.stage IN ('cutting', 'cut', 'restoring'))",
    ),
];

/// Those that are so, in plain words.
pub async fn disagreements(db: &Db) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for (what, wrong) in DISAGREEMENTS {
        let count = db::scalar::<i64>(db.read(), wrong, vec![]).await?.unwrap_or_default();
        if count != 0 {
            found.push(format!("{what}: {count}"));
        }
    }
    Ok(found)
}
