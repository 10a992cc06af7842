//! What runs every second costs what is open, not what has ended: no plan walks a whole table.
use crate::world::postgres::{Kind, fresh};
use souk::db::{self, Db};

#[derive(sea_orm::FromQueryResult)]
struct Step {
    detail: String,
}

/// The questions that the loops ask again and again, as they are asked. `?` numbers are all bound to 1.
const QUESTIONS: [&str; 8] = [
    "SELECT 1 AS v FROM inbox WHERE state = 'new' AND lane IS NOT NULL AND lease_until < $2 AND (owner IS NULL OR owner <> $1) LIMIT 1",
    "SELECT i.update_id FROM inbox i WHERE i.state = 'new' AND i.lane IS NOT NULL AND i.lease_until < $2 AND (i.owner IS NULL OR i.owner <> $1)
     AND NOT EXISTS (SELECT 1 FROM inbox h WHERE h.state = 'new' AND h.lane = i.lane AND h.owner IS NOT NULL
     AND h.owner <> $1 AND h.lease_until >= $2) ORDER BY i.update_id + 0 LIMIT $2",
    "SELECT DISTINCT lane AS v FROM inbox WHERE state = 'new' AND (owner IS NULL OR owner <> $1) AND lane IN ($2, $2)",
    "SELECT 1 AS v FROM inbox WHERE state = 'new' AND lane IS NOT NULL AND owner = $1 LIMIT $2",
    "SELECT run_at AS v FROM jobs WHERE state = 'due' AND run_at <= $2 AND kind IN ('a', 'b') ORDER BY run_at, id LIMIT 1",
    "SELECT 1 AS v FROM jobs WHERE state = 'running' AND lease_until < $2 AND owner <> $1 LIMIT 1",
    "SELECT id, chat FROM outbox WHERE state = 'due' AND send_at <= $2 AND chat NOT IN ($2) ORDER BY send_at, id LIMIT $2",
    "UPDATE outbox SET send_at = $2 WHERE chat = $2 AND state = 'due' AND send_at < $2",
];
/// What holds only what is open.
const OPEN: [&str; 7] = ["inbox_open", "jobs_due", "jobs_running", "outbox_due", "outbox_sending", "outbox_chat", "SUBQUERY"];

#[tokio::test]
async fn the_loops_walk_only_what_is_open() {
    let place = fresh(Kind::Sqlite).await;
    let db = Db::connect(&place.url).await.expect("it opens");
    for question in QUESTIONS {
        let plan: Vec<Step> = db::query(db.read(), &format!("EXPLAIN QUERY PLAN {question}"), vec!["1".into(), 1_i64.into()])
            .await
            .expect("it explains");
        for Step { detail } in plan.iter().filter(|step| !step.detail.contains("TEMP B-TREE")) {
            assert!(OPEN.iter().any(|name| detail.contains(name)), "{question}\n{detail}");
        }
    }
}

/// Rows that are looked up by their key, or among the open ones, while the statistics say that nothing is open: the index that serves each.
const BY_KEY: [(&str, &str); 10] = [
    ("UPDATE inbox SET state = 'done' WHERE state = 'new' AND update_id IN (1, 2)", "inbox_pkey"),
    ("SELECT DISTINCT lane FROM inbox WHERE state = 'new' AND owner <> 'x' AND lane IN (1, 2)", "inbox_open"),
    (
        "WITH come (update_id, lane, payload) AS (VALUES (CAST(1 AS BIGINT), CAST(2 AS BIGINT), '{}'), (NULL, NULL, NULL)),
            foreign_lanes (lane) AS (SELECT DISTINCT lane FROM inbox
                WHERE state = 'new' AND (owner IS NULL OR owner <> 'x') AND lane IN (2, NULL))
         INSERT INTO inbox (update_id, lane, payload, owner, lease_until, state, received_at)
         SELECT c.update_id, c.lane, c.payload, CASE WHEN f.lane IS NULL THEN 'x' END,
            CASE WHEN f.lane IS NULL THEN 1 ELSE 0 END, 'new', 1
         FROM come c LEFT JOIN foreign_lanes f ON f.lane = c.lane WHERE c.update_id IS NOT NULL
         ON CONFLICT (update_id) DO NOTHING RETURNING update_id, owner",
        "inbox_open",
    ),
    ("SELECT 1 FROM inbox WHERE state = 'new' AND lane IS NOT NULL AND lease_until < 1 AND owner <> 'x' LIMIT 1", "inbox_open"),
    ("UPDATE inbox SET lease_until = 1 WHERE state = 'new' AND lane IS NOT NULL AND owner = 'x'", "inbox_open"),
    ("UPDATE jobs SET state = 'done' WHERE state = 'running' AND owner = 'x' AND id IN (1, 2)", "jobs_pkey"),
    ("UPDATE jobs SET run_at = 1 WHERE dedupe = 'x' AND state = 'due' AND COALESCE(run_at, 0) > 1", "jobs_dedupe_key"),
    (
        "UPDATE jobs SET state = 'running' WHERE id = ANY(ARRAY(SELECT id FROM jobs WHERE state = 'due' AND run_at <= 1
         AND kind IN ('a', 'b') ORDER BY run_at, id LIMIT 16 FOR UPDATE SKIP LOCKED))",
        "jobs_pkey",
    ),
    ("UPDATE outbox SET state = 'sent' WHERE id = 1 AND state = 'sending'", "outbox_pkey"),
    ("SELECT send_at FROM outbox WHERE state = 'due' AND send_at <= 1 ORDER BY send_at, id LIMIT 1", "outbox_due"),
];

#[derive(sea_orm::FromQueryResult)]
struct Line {
    #[sea_orm(from_alias = "QUERY PLAN")]
    line: String,
}

/// A queue at noon whose statistics are from the night: twenty thousand rows of the past, and nothing open.
const NIGHT: [&str; 4] = [
    "INSERT INTO inbox (update_id, lane, payload, state, received_at, finished_at)
     SELECT i, i % 500, '{}', 'done', 1, 1 FROM generate_series(1, 20000) i",
    "INSERT INTO jobs (kind, dedupe, payload, state, run_at, wanted_at, finished_at)
     SELECT 'a', 'a:' || i, '{}', 'done', 1, 1, 1 FROM generate_series(1, 20000) i",
    "INSERT INTO outbox (dedupe, chat, body, state, send_at, wanted_at, finished_at)
     SELECT 'a:' || i, i, '{}', 'sent', 1, 1, 1 FROM generate_series(1, 20000) i",
    "ANALYZE",
];

#[tokio::test]
async fn old_statistics_send_postgres_to_no_walk_for_a_key() {
    let place = fresh(Kind::Postgres).await;
    let db = Db::connect(&place.url).await.expect("it opens");
    for sql in NIGHT {
        db::execute_one(&db, sql.to_owned(), vec![]).await.expect(sql);
    }
    for (question, index) in BY_KEY {
        let plan: Vec<Line> = db::query(db.read(), &format!("EXPLAIN {question}"), vec![]).await.expect("it explains");
        let plan: Vec<String> = plan.into_iter().map(|row| row.line).collect();
        assert!(plan.iter().any(|line| line.contains(index)), "{question}\n{plan:#?}");
        assert!(plan.iter().all(|line| !line.contains("Seq Scan")), "{question}\n{plan:#?}");
    }
}
