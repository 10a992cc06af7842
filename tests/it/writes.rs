//! Write transactions: all or nothing, one's failure is nobody else's, and what was answered is on disk.
use crate::world::postgres::{Kind, fresh};
use futures::FutureExt;
use souk::base::Fault;
use souk::db::{self, Db, Tx, write_tx};
use std::panic::AssertUnwindSafe;

async fn put(tx: &Tx, key: String) -> Result<(), Fault> {
    db::execute(tx, "INSERT INTO settings (key, value) VALUES ($1, '1')", vec![key.into()]).await?;
    Ok(())
}

async fn keys(db: &Db) -> Vec<String> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        key: String,
    }
    let rows: Vec<Row> = db::query(db.read(), "SELECT key FROM settings ORDER BY key", vec![]).await.expect("it reads");
    rows.into_iter().map(|row| row.key).collect()
}

#[tokio::test]
async fn a_failed_piece_of_work_undoes_itself_and_no_other() {
    for kind in Kind::BOTH {
        let place = fresh(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        let work = (0..30).map(|n| {
            let db = db.clone();
            async move {
                let done: Result<(), Fault> = write_tx(&db, move |tx| {
                    Box::pin(async move {
                        put(tx, format!("k{n:02}")).await?;
                        if n % 3 == 1 { Err(Fault::new("no")) } else { Ok(()) }
                    })
                })
                .await;
                (n, done.is_ok())
            }
        });
        for (n, ok) in futures::future::join_all(work).await {
            assert_eq!(ok, n % 3 != 1, "{kind:?} {n}");
        }
        let expected: Vec<String> = (0..30).filter(|n| n % 3 != 1).map(|n| format!("k{n:02}")).collect();
        assert_eq!(keys(&db).await, expected, "{kind:?}");
        db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn a_panic_reaches_its_caller_and_undoes_its_work_alone() {
    for kind in Kind::BOTH {
        let place = fresh(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        let boom = AssertUnwindSafe(write_tx::<(), Fault, _>(&db, |tx| {
            Box::pin(async move {
                put(tx, "lost".to_owned()).await?;
                panic!("boom");
            })
        }))
        .catch_unwind();
        let fine = write_tx::<(), Fault, _>(&db, |tx| Box::pin(put(tx, "kept".to_owned())));
        let (boom, fine) = tokio::join!(boom, fine);
        assert!(boom.is_err(), "{kind:?}: the panic was swallowed");
        fine.expect("the other write is done");
        assert_eq!(keys(&db).await, ["kept"], "{kind:?}");
        db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn work_goes_on_when_its_caller_stops_waiting_and_closing_waits_for_it() {
    let place = fresh(Kind::Sqlite).await;
    let db = Db::connect(&place.url).await.expect("it opens");
    let mut waiting = Box::pin(write_tx::<(), Fault, _>(&db, |tx| Box::pin(put(tx, "kept".to_owned()))));
    // One poll queues the work; then the caller goes away.
    assert!(futures::poll!(&mut waiting).is_pending());
    drop(waiting);
    db.close().await.expect("it closes");
    let again = Db::connect(&place.url).await.expect("it opens again");
    assert_eq!(keys(&again).await, ["kept"]);
    again.close().await.expect("it closes");
}

#[tokio::test]
async fn readers_refuse_to_write_on_sqlite() {
    let place = fresh(Kind::Sqlite).await;
    let db = Db::connect(&place.url).await.expect("it opens");
    let wrote = db::execute(db.read(), "INSERT INTO settings (key, value) VALUES ('a', '1')", vec![]).await;
    assert!(wrote.is_err());
    db.close().await.expect("it closes");
}
