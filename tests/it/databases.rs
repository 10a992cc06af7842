//! Each test has a database of its own, on both kinds, and leaves nothing behind.

use sea_orm::ConnectionTrait;
use souk::base::{Cause, Fault};
use souk::db::{Db, scalar, write_tx};
use tokio::sync::oneshot;

use crate::world::postgres::{Kind, empty, fresh, names, server, sqlite_file};

#[tokio::test]
async fn the_schema_is_asked_for_while_a_writer_is_busy_and_before_there_is_one() {
    for kind in Kind::BOTH {
        let (new, place) = (empty(kind).await, fresh(kind).await);
        let (bare, db) = (Db::connect(&new.url).await.expect("it opens"), Db::connect(&place.url).await.expect("it opens"));
        assert!(bare.pending_migrations().await.expect("it is asked") > 0, "{kind:?}");
        let asked = db.clone();
        let pending: Result<usize, Fault> =
            write_tx(&db, move |_| Box::pin(async move { asked.pending_migrations().await })).await;
        assert_eq!(pending.expect("it does not wait"), 0, "{kind:?}");
        bare.close().await.expect("it closes");
        db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn each_test_has_a_migrated_database_of_its_own() {
    for kind in Kind::BOTH {
        let (one, other) = (fresh(kind).await, fresh(kind).await);
        let first = Db::connect(&one.url).await.expect("it opens");
        let second = Db::connect(&other.url).await.expect("it opens");
        assert_eq!(first.pending_migrations().await.expect("it is asked"), 0, "{kind:?}");
        let created: Result<(), Fault> = write_tx(&first, |tx| {
            Box::pin(async move {
                tx.execute_unprepared("CREATE TABLE mine (v BIGINT)").await?;
                Ok(())
            })
        })
        .await;
        created.expect("it is written to");
        assert!(first.read().execute_unprepared("SELECT v FROM mine").await.is_ok(), "{kind:?}");
        assert!(second.read().execute_unprepared("SELECT v FROM mine").await.is_err(), "{kind:?} is shared");
        first.close().await.expect("it closes");
        second.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn a_database_goes_with_its_test() {
    let file = {
        let db = fresh(Kind::Sqlite).await;
        let file = sqlite_file(&db.name);
        assert!(file.exists());
        file
    };
    assert!(!file.exists());
    let server = server().await;
    let name = {
        let db = fresh(Kind::Postgres).await;
        // Open connections do not keep it.
        let _open = Db::connect(&db.url).await.expect("it opens");
        assert_eq!(names(&server, &db.name).await.len(), 1);
        db.name.clone()
    };
    assert!(names(&server, &name).await.is_empty());
}

#[tokio::test]
async fn an_empty_database_lacks_every_migration() {
    for kind in Kind::BOTH {
        let place = empty(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        assert!(db.pending_migrations().await.expect("it is asked") > 0, "{kind:?}");
        db.close().await.expect("it closes");
    }
}

async fn runs(db: &Db, sql: String) -> Result<(), Fault> {
    write_tx(db, move |tx| {
        Box::pin(async move {
            tx.execute_unprepared(&sql).await?;
            Ok(())
        })
    })
    .await
}

#[tokio::test]
async fn a_full_disk_is_nobodys_fault_and_what_was_not_kept_is_said() {
    let place = fresh(Kind::Sqlite).await;
    let db = Db::connect(&place.url).await.expect("it opens");
    runs(&db, "CREATE TABLE mine (v TEXT)".to_owned()).await.expect("it is made");
    // As large as it is now, and no larger.
    runs(&db, "PRAGMA max_page_count = 1".to_owned()).await.expect("the disk is full");
    let small = || runs(&db, "INSERT INTO mine (v) VALUES ('small')".to_owned());
    let large = || runs(&db, format!("INSERT INTO mine (v) VALUES ('{}')", "x".repeat(200_000)));
    // Held back until all have come, so that they share a commit.
    let (open, gate) = oneshot::channel::<()>();
    let first = write_tx::<(), Fault, _>(&db, move |_| Box::pin(async move { gate.await.map_err(Fault::new) }));
    let opened = async { open.send(()).expect("somebody waits") };
    let (first, a, b, c, ()) = tokio::join!(first, small(), large(), small(), opened);
    assert_eq!(b.as_ref().map_err(Fault::cause), Err(Cause::Away), "{b:?}");
    for other in [&first, &a, &c] {
        assert!(other.as_ref().map_err(Fault::cause) != Err(Cause::Ours), "{other:?}");
    }
    let there: Option<i64> = scalar(db.read(), "SELECT COUNT(*) AS v FROM mine", vec![]).await.expect("it is read");
    let said = [&a, &b, &c].into_iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(there, i64::try_from(said).ok(), "what was said to be kept is: {a:?} {c:?}");
    runs(&db, "PRAGMA max_page_count = 1000000".to_owned()).await.expect("there is room again");
    large().await.expect("it goes on");
    db.close().await.expect("it closes");
}
