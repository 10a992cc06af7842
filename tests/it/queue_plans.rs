//! What runs every second costs what is open, not what has ended: no plan walks a whole table.
use crate::world::postgres::{Kind, fresh};
use souk::db::{self, Db};

#[derive(sea_orm::FromQueryResult)]
struct Step {
    detail: String,
}

/// The questions that the loops ask again and again, as they are asked. `?` numbers are all bound to 1.
const QUESTIONS: [&str; 8] = [
    "SELECT 1 AS v FROM inbox WHERE state = 'new' AND lease_until < $2 AND (owner IS NULL OR owner <> $1) LIMIT 1",
    "SELECT i.update_id FROM inbox i WHERE i.state = 'new' AND i.lease_until < $2 AND (i.owner IS NULL OR i.owner <> $1)
     AND NOT EXISTS (SELECT 1 FROM inbox h WHERE h.state = 'new' AND h.lane = i.lane AND h.owner IS NOT NULL
     AND h.owner <> $1 AND h.lease_until >= $2) ORDER BY i.update_id + 0 LIMIT $2",
    "SELECT DISTINCT lane AS v FROM inbox WHERE state = 'new' AND (owner IS NULL OR owner <> $1) AND lane IN ($2, $2)",
    "SELECT 1 AS v FROM inbox WHERE state = 'new' AND owner = $1 LIMIT $2",
    "SELECT run_at AS v FROM jobs WHERE state = 'due' AND kind IN ($1, $1) ORDER BY run_at, id LIMIT $2",
    "SELECT 1 AS v FROM jobs WHERE state = 'running' AND lease_until < $2 AND owner <> $1 LIMIT 1",
    "SELECT id, chat FROM outbox WHERE state = 'due' AND send_at <= $2 AND chat NOT IN ($2) ORDER BY send_at, id LIMIT $2",
    "UPDATE outbox SET send_at = $2 WHERE chat = $2 AND state = 'due' AND send_at < $2",
];
/// What holds only what is open.
const OPEN: [&str; 8] =
    ["inbox_open", "inbox_lease", "jobs_due", "jobs_running", "outbox_due", "outbox_sending", "outbox_chat", "SUBQUERY"];

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
