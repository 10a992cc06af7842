//! A tick of credit enforcement costs what is due, however many agents and services there are.
use crate::world::postgres::{Kind, fresh};
use sea_orm::FromQueryResult;
use souk::base::{Fault, Time};
use souk::db::{self, Db, write_tx};
use souk::shop::{agents, ledger};

#[derive(FromQueryResult)]
struct SqlitePlan {
    detail: String,
}

#[derive(FromQueryResult)]
struct PostgresPlan {
    #[sea_orm(from_alias = "QUERY PLAN")]
    line: String,
}

/// Ten thousand agents with an account; each tenth has been below zero, ten of them lately, and a thousand were and are not.
const CROWD: [&str; 7] = [
    "INSERT INTO agent_tiers (code, titles, line, pending_percent, overdraft, plans, prices, place, state)
     VALUES ('t', '{}', 0, 0, 0, '[]', '{}', 0, 'on')",
    "INSERT INTO people (id, name, first_seen)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i, 'x', 0 FROM n",
    "INSERT INTO agent_applications (id, person, first_name, last_name, phone, shop_name, province, city, address, state,
        submitted_at, decided_at) SELECT id, id, 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'accepted', 0, 0 FROM people",
    "INSERT INTO agents (person, application, tier, state, prices, since) SELECT id, id, 't', 'active', '{}', 0 FROM people",
    "INSERT INTO ledger_accounts (kind, owner, asset, normal, floor, debits_posted, negative_since, owing_since,
        recovered_at, created_at)
     SELECT 'credit', CAST(id AS TEXT), 'IRT', 'credit', CASE WHEN id % 10 = 0 THEN -1 ELSE 0 END,
        CASE WHEN id % 10 = 0 THEN 1 ELSE 0 END, CASE WHEN id % 10 = 0 THEN id END, CASE WHEN id % 10 = 0 THEN id END,
        CASE WHEN id % 10 = 1 THEN id END, 0 FROM people",
    "INSERT INTO credit_episodes (agent, since, stage, due, told_at) SELECT id, id, 'told', id, id FROM people WHERE id % 10 = 0",
    "ANALYZE",
];

async fn crowded(kind: Kind) -> (Db, crate::world::postgres::TestDb) {
    let place = fresh(kind).await;
    let db = Db::connect(&place.url).await.expect("it opens");
    let made: Result<(), Fault> = write_tx(&db, |tx| {
        Box::pin(async move {
            for sql in CROWD {
                db::execute(tx, sql, vec![]).await?;
            }
            Ok(())
        })
    })
    .await;
    made.expect("the crowd is there");
    (db, place)
}

#[tokio::test]
async fn a_tick_asks_an_index_who_is_due_and_who_crossed_zero() {
    let questions = [(agents::QUESTION_OF_A_TICK, vec![50_i64.into(), 100_i64.into()])]
        .into_iter()
        .chain(ledger::QUESTIONS_OF_A_TICK.map(|question| (question, vec![9_900_i64.into()])));
    let (lite, _lite_place) = crowded(Kind::Sqlite).await;
    let (grown, _grown_place) = crowded(Kind::Postgres).await;
    for (question, values) in questions {
        let values: Vec<sea_orm::Value> = values;
        let plan: Vec<SqlitePlan> =
            db::query(lite.read(), &format!("EXPLAIN QUERY PLAN {question}"), values.clone()).await.expect("a plan");
        assert!(!plan.is_empty());
        for step in plan {
            assert!(step.detail.contains("SEARCH") && step.detail.contains("INDEX"), "{question}: {}", step.detail);
        }
        let plan: Vec<PostgresPlan> = db::query(grown.read(), &format!("EXPLAIN {question}"), values).await.expect("a plan");
        let plan: Vec<String> = plan.into_iter().map(|line| line.line).collect();
        assert!(plan.iter().any(|line| line.contains("Index")), "{question}: {plan:#?}");
        assert!(plan.iter().all(|line| !line.contains("Seq Scan")), "{question}: {plan:#?}");
    }
}

#[tokio::test]
async fn what_a_tick_finds_is_what_is_due() {
    for kind in Kind::BOTH {
        let (db, _place) = crowded(kind).await;
        assert_eq!(agents::due(db.read(), Time(100), 1_000).await.expect("they are read").len(), 10);
        assert_eq!(ledger::crossed(db.read(), Time(9_900)).await.expect("they are read").len(), 11 + 10);
        assert_eq!(ledger::negative(db.read(), Time(100), 1_000).await.expect("they are read").len(), 10);
    }
}
