//! What every transaction holds on both databases, and what the PostgreSQL connections survive.

use sea_orm::Value;
use souk::base::{Cause, Fault};
use souk::db::{
    Db, Tx, execute, execute_lightly, execute_one, exists, one, query, scalar, submit, submit_exactly, write_in_turn, write_one,
    write_tx,
};
use tokio::sync::oneshot;

use crate::world::postgres::{Kind, TestDb, fresh, server};

async fn books(kind: Kind) -> (TestDb, Db) {
    let place = fresh(kind).await;
    let db = Db::connect(&place.url).await.expect("it opens");
    let made: Result<(), Fault> = write_tx(&db, |tx| {
        Box::pin(async move { execute(tx, "CREATE TABLE books (id BIGINT PRIMARY KEY, name TEXT)", vec![]).await.map(drop) })
    })
    .await;
    made.expect("the table is made");
    (place, db)
}

async fn add(tx: &Tx, id: i64) -> Result<(), Fault> {
    submit(tx, "INSERT INTO books (id, name) VALUES ($1, 'a book')", vec![id.into()]).await
}

async fn ids(db: &Db) -> Vec<i64> {
    let text: Option<String> =
        scalar(db.read(), "SELECT CAST(COUNT(*) AS TEXT) || ':' || COALESCE(CAST(SUM(id) AS TEXT), '') AS v FROM books", vec![])
            .await
            .expect("it is read");
    let text = text.expect("a row");
    let mut found = Vec::new();
    for id in 0..100 {
        if exists(db.read(), "SELECT 1 AS v FROM books WHERE id = $1", vec![id.into()]).await.expect("it is read") {
            found.push(id);
        }
    }
    assert!(text.starts_with(&format!("{}:", found.len())), "{text}");
    found
}

/// Twice in each, since a statement is prepared the first time.
async fn adds(db: &Db, all: &'static [i64]) -> Result<(), Fault> {
    write_tx(db, move |tx| {
        Box::pin(async move {
            for id in all {
                add(tx, *id).await?;
            }
            Ok(())
        })
    })
    .await
}

#[tokio::test]
async fn what_nobody_waited_for_is_there_after_the_commit_or_none_of_it() {
    for kind in Kind::BOTH {
        let (_place, db) = books(kind).await;
        adds(&db, &[1, 2, 3]).await.expect("they are added");
        let told = adds(&db, &[4, 5, 2]).await.expect_err("two is there");
        assert!(told.to_string().to_lowercase().contains("unique"), "{kind:?}: {told}");
        adds(&db, &[4, 2, 6]).await.expect_err("two is still there");
        assert_eq!(ids(&db).await, [1, 2, 3], "{kind:?}");
        db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn the_next_question_tells_what_went_wrong_before_it() {
    for kind in Kind::BOTH {
        let (_place, db) = books(kind).await;
        adds(&db, &[1, 2]).await.expect("they are added");
        let told: Result<i64, Fault> = write_tx(&db, |tx| {
            Box::pin(async move {
                add(tx, 3).await?;
                add(tx, 1).await?;
                let count: Option<i64> = scalar(tx, "SELECT COUNT(*) AS v FROM books", vec![]).await?;
                Ok(count.unwrap_or_default())
            })
        })
        .await;
        let told = told.expect_err("one is there").to_string();
        assert!(told.to_lowercase().contains("unique"), "{kind:?}: {told}");
        assert_eq!(ids(&db).await, [1, 2], "{kind:?}");
        db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn a_question_sees_what_was_sent_before_it() {
    for kind in Kind::BOTH {
        let (_place, db) = books(kind).await;
        for round in 0..3_i64 {
            let seen: Result<Vec<i64>, Fault> = write_tx(&db, move |tx| {
                Box::pin(async move {
                    let mut seen = Vec::new();
                    for step in 0..3 {
                        add(tx, round * 3 + step).await?;
                        let sql = "UPDATE books SET name = 'a better book' WHERE id = $1";
                        submit(tx, sql, vec![(round * 3 + step).into()]).await?;
                        let sql = "SELECT COUNT(*) AS v FROM books WHERE name = 'a better book'";
                        seen.extend(scalar::<i64>(tx, sql, vec![]).await?);
                    }
                    Ok(seen)
                })
            })
            .await;
            assert_eq!(seen.expect("it goes well"), [round * 3 + 1, round * 3 + 2, round * 3 + 3], "{kind:?}");
        }
        db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn an_act_that_must_change_so_many_rows_is_undone_when_it_changes_others() {
    for kind in Kind::BOTH {
        let (_place, db) = books(kind).await;
        adds(&db, &[1, 2, 3]).await.expect("they are added");
        for (rows, goes_well) in [(2, true), (1, false), (3, false)] {
            let done: Result<(), Fault> = write_tx(&db, move |tx| {
                Box::pin(async move {
                    add(tx, 10 + i64::try_from(rows).expect("a few")).await?;
                    submit_exactly(tx, rows, "UPDATE books SET name = 'old' WHERE id IN ($1, $2)", vec![1.into(), 2.into()]).await
                })
            })
            .await;
            assert_eq!(done.is_ok(), goes_well, "{kind:?}: {done:?}");
        }
        assert_eq!(ids(&db).await, [1, 2, 3, 12], "{kind:?}");
        db.close().await.expect("it closes");
    }
}

/// The server undoes everything after a failure, and answers `COMMIT` kindly.
#[tokio::test]
async fn a_failure_that_somebody_overlooked_is_not_committed() {
    let (_place, db) = books(Kind::Postgres).await;
    adds(&db, &[1]).await.expect("it is added");
    let done: Result<(), Fault> = write_tx(&db, |tx| {
        Box::pin(async move {
            add(tx, 2).await?;
            let _overlooked = execute(tx, "INSERT INTO books (id) VALUES (1)", vec![]).await;
            Ok(())
        })
    })
    .await;
    assert!(done.expect_err("it is undone").to_string().contains("undone"));
    assert_eq!(ids(&db).await, [1]);
    db.close().await.expect("it closes");
}

/// The server never hears of it, and would go on.
#[tokio::test]
async fn what_could_not_be_sent_is_not_left_out() {
    let (_place, db) = books(Kind::Postgres).await;
    adds(&db, &[1]).await.expect("it is added, and the statement is known");
    let done: Result<(), Fault> = write_tx(&db, |tx| {
        Box::pin(async move {
            add(tx, 2).await?;
            let sql = "INSERT INTO books (id, name) VALUES ($1, 'a book')";
            let overlooked = submit(tx, sql, vec!["three".into()]).await;
            assert!(overlooked.is_err(), "a text is no number");
            let there: Option<i64> = scalar(tx, "SELECT COUNT(*) AS v FROM books", vec![]).await?;
            assert_eq!(there, Some(2), "the server goes on");
            Ok(())
        })
    })
    .await;
    assert!(done.expect_err("it is undone").to_string().contains("undone"));
    assert_eq!(ids(&db).await, [1]);
    db.close().await.expect("it closes");
}

#[tokio::test]
async fn who_stops_waiting_leaves_nothing_behind() {
    let (_place, db) = books(Kind::Postgres).await;
    adds(&db, &[1]).await.expect("it is added");
    let (locked, is_locked) = oneshot::channel();
    let (free, is_free) = oneshot::channel::<()>();
    let holding = write_tx::<(), Fault, _>(&db, |tx| {
        Box::pin(async move {
            execute(tx, "UPDATE books SET name = 'held' WHERE id = 1", vec![]).await?;
            locked.send(()).expect("somebody waits");
            is_free.await.map_err(Fault::new)
        })
    });
    let stopping = async {
        is_locked.await.expect("it is held");
        // More than there are connections; some stop in the middle of a question, some between two.
        for turn in 0..40_i64 {
            let act = write_tx::<(), Fault, _>(&db, move |tx| {
                Box::pin(async move {
                    add(tx, 50).await?;
                    if turn % 2 == 0 {
                        execute(tx, "UPDATE books SET name = 'mine' WHERE id = 1", vec![]).await?;
                    }
                    std::future::pending().await
                })
            });
            let waited = tokio::time::timeout(std::time::Duration::from_millis(30), act).await;
            assert!(waited.is_err(), "nobody ends it");
        }
        free.send(()).expect("it is held");
    };
    let (held, ()) = tokio::join!(holding, stopping);
    held.expect("it goes well");
    adds(&db, &[2, 3]).await.expect("there are connections");
    assert_eq!(ids(&db).await, [1, 2, 3]);
    db.close().await.expect("it closes");
}

#[tokio::test]
async fn a_server_that_hangs_up_is_called_again() {
    let (place, db) = books(Kind::Postgres).await;
    adds(&db, &[1]).await.expect("it is added");
    assert_eq!(ids(&db).await, [1]);
    let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", place.name);
    let in_the_middle: Result<(), Fault> = write_tx(&db, move |tx| {
        Box::pin(async move {
            add(tx, 2).await?;
            server().await.batch_execute(&cut).await.map_err(Fault::new)?;
            add(tx, 3).await
        })
    })
    .await;
    let told = in_the_middle.expect_err("its connection is gone");
    assert_eq!(told.cause(), Cause::Away, "{told}");
    // What others find of the cut connections is at most one fault each, and never for long.
    let mut faults = 0;
    while scalar::<i64>(db.read(), "SELECT 1 AS v", vec![]).await.is_err() {
        faults += 1;
        assert!(faults <= 20, "one for each connection at most");
    }
    while let Err(told) = adds(&db, &[4]).await {
        faults += 1;
        assert!(faults <= 20, "one for each connection at most: {told}");
    }
    assert_eq!(ids(&db).await, [1, 4]);
    db.close().await.expect("it closes");
}

#[tokio::test]
async fn what_is_closed_says_so() {
    for kind in Kind::BOTH {
        let (_place, db) = books(kind).await;
        db.close().await.expect("it closes");
        let told = adds(&db, &[1]).await.expect_err("it is closed");
        assert!(told.to_string().contains("closed"), "{kind:?}: {told}");
        assert_eq!(told.cause(), Cause::Away, "{kind:?}");
        assert!(scalar::<i64>(db.read(), "SELECT 1 AS v", vec![]).await.is_err(), "{kind:?}");
    }
}

#[derive(Debug, PartialEq, sea_orm::FromQueryResult)]
struct Row {
    number: Option<i64>,
    text: Option<String>,
    bytes: Option<Vec<u8>>,
}

#[tokio::test]
async fn values_come_back_as_they_went() {
    for kind in Kind::BOTH {
        let (_place, db) = books(kind).await;
        let row = |number, text: Option<&str>, bytes| Row { number, text: text.map(str::to_owned), bytes };
        for expected in [
            row(Some(i64::MAX), Some("سلام, it's $1 \\ \u{1f600}"), Some(vec![0, 255, 0])),
            row(Some(i64::MIN), Some(""), Some(vec![])),
            row(None, None, None),
        ] {
            let values: Vec<Value> = vec![expected.number.into(), expected.text.clone().into(), expected.bytes.clone().into()];
            let sql = "SELECT CAST($1 AS BIGINT) AS number, CAST($2 AS TEXT) AS text, $3 AS bytes";
            let read: Option<Row> = one(db.read(), sql, values.clone()).await.expect("it is read");
            assert_eq!(read.as_ref(), Some(&expected), "{kind:?}");
            let written: Vec<Row> = write_one(&db, sql.to_owned(), values).await.expect("it is asked");
            assert_eq!(written, [expected], "{kind:?}");
        }
        let none: Vec<Row> =
            query(db.read(), "SELECT 1 AS number, 'x' AS text, NULL AS bytes WHERE 1 = 0", vec![]).await.expect("none");
        assert!(none.is_empty(), "{kind:?}");
        db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn what_is_asked_at_once_is_done_in_the_order_of_the_asking() {
    for kind in Kind::BOTH {
        let (_place, db) = books(kind).await;
        let told: Result<(), Fault> = write_tx(&db, move |tx| {
            Box::pin(async move {
                let rename = "UPDATE books SET name = name || $2 WHERE id = $1";
                add(tx, 1).await?;
                // It is known to the connection from here on; what comes before it below is not.
                execute(tx, rename, vec![1_i64.into(), "!".into()]).await?;
                let (first, second, third) = futures::join!(
                    execute(tx, "UPDATE books SET name = $2 WHERE id = $1", vec![1_i64.into(), "one".into()]),
                    execute(tx, rename, vec![1_i64.into(), " two".into()]),
                    scalar::<String>(tx, "SELECT name AS v FROM books WHERE id = $1", vec![1_i64.into()])
                );
                assert_eq!((first?, second?, third?.as_deref()), (1, 1, Some("one two")), "{kind:?}");
                // Who fails is told so, and so are those after him.
                let (first, second) = futures::join!(
                    execute(tx, "INSERT INTO books (id, name) VALUES ($1, 'again')", vec![1_i64.into()]),
                    execute(tx, rename, vec![1_i64.into(), " three".into()])
                );
                first.expect_err("it is there");
                if kind == Kind::Postgres {
                    second.expect_err("the transaction has failed");
                }
                Ok(())
            })
        })
        .await;
        assert_eq!(told.is_err(), kind == Kind::Postgres, "{kind:?}: {told:?}");
        db.close().await.expect("it closes");
    }
}

/// The id of a book, as a statement returns it.
#[derive(Debug, PartialEq, sea_orm::FromQueryResult)]
struct Numbered {
    id: i64,
}

#[tokio::test]
async fn who_writes_in_turn_sees_what_those_before_him_wrote() {
    let next = "INSERT INTO books (id, name) SELECT COALESCE(MAX(id), 0) + 1, $1 FROM books RETURNING id";
    let again = "INSERT INTO books (id, name) SELECT MAX(id), $1 FROM books RETURNING id";
    for kind in Kind::BOTH {
        let (place, db) = books(kind).await;
        let other = Db::connect(&place.url).await.expect("another process opens it");
        let all = (0..40_usize).map(|number| {
            let (db, sql) = (if number % 2 == 0 { &db } else { &other }, if number % 5 == 4 { again } else { next });
            write_in_turn::<Numbered>(db, 77, sql.to_owned(), vec!["a book".into()])
        });
        let (added, refused): (Vec<_>, Vec<_>) = futures::future::join_all(all).await.into_iter().partition(Result::is_ok);
        let mut added: Vec<i64> = added.into_iter().flatten().flatten().map(|row| row.id).collect();
        added.sort_unstable();
        // Where there is no book yet, the greatest id is none, and that is refused too.
        assert_eq!((added, refused.len()), ((1..=32).collect(), 8), "{kind:?}");
        assert_eq!(ids(&db).await, (1..=32).collect::<Vec<i64>>(), "{kind:?}");
        for db in [db, other] {
            db.close().await.expect("it closes");
        }
    }
}

#[tokio::test]
async fn what_is_written_lightly_does_not_make_what_follows_light() {
    let (place, db) = books(Kind::Postgres).await;
    let name: Option<String> = scalar(db.read(), "SELECT current_database() AS v", vec![]).await.expect("it is read");
    let on = format!("ALTER DATABASE {} SET synchronous_commit = on", name.expect("it has a name"));
    execute_one(&db, on, vec![]).await.expect("it is set");
    let db = Db::connect(&place.url).await.expect("it opens");
    let note = "INSERT INTO books (id, name) VALUES ($1, current_setting('synchronous_commit'))";
    for id in [1_i64, 2] {
        execute_lightly(&db, note.to_owned(), vec![id.into()]).await.expect("it is written");
    }
    let told = execute_lightly(&db, note.to_owned(), vec![1_i64.into()]).await.expect_err("it is there");
    assert!(told.to_string().to_lowercase().contains("unique"), "{told}");
    execute_one(&db, note.to_owned(), vec![3_i64.into()]).await.expect("it is written");
    let all: Option<String> =
        scalar(db.read(), "SELECT string_agg(name, ' ' ORDER BY id) AS v FROM books", vec![]).await.expect("it is read");
    assert_eq!(all.as_deref(), Some("off off on"));
    db.close().await.expect("it closes");
}

#[tokio::test]
async fn what_is_written_lightly_is_written() {
    for kind in Kind::BOTH {
        let (_place, db) = books(kind).await;
        for id in [1_i64, 2] {
            let sql = "INSERT INTO books (id, name) VALUES ($1, 'a book')".to_owned();
            execute_lightly(&db, sql, vec![id.into()]).await.expect("it is written");
        }
        assert_eq!(ids(&db).await, [1, 2], "{kind:?}");
        db.close().await.expect("it closes");
    }
}
