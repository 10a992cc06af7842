//! PostgreSQL's commits of the inbox, held up and refused at will.
use sea_orm::ConnectionTrait;
use souk::base::{Fault, task};
use souk::db::{Db, write_tx};
use std::sync::Arc;
use tokio::sync::Notify;

/// At its commit a row of the inbox waits for a lock, and is refused if a table says so.
const WAITS: &str = "
    CREATE TABLE refusing (v BIGINT);
    CREATE FUNCTION at_commit() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_advisory_xact_lock(4711);
        IF EXISTS (SELECT 1 FROM refusing) THEN RAISE EXCEPTION 'no room'; END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON inbox DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION at_commit();";

pub struct Commits(Db);

/// While this is there, commits wait.
pub struct Held {
    let_go: Arc<Notify>,
    free: Arc<Notify>,
}

impl Commits {
    pub async fn of(db: &Db) -> Self {
        run(db, WAITS).await;
        Self(db.clone())
    }

    /// Commits of the inbox wait from now on, and are refused once they are let go, or not.
    pub async fn hold(&self, refused: bool) -> Held {
        run(&self.0, if refused { "INSERT INTO refusing VALUES (1)" } else { "DELETE FROM refusing" }).await;
        let (let_go, free, held) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (db, words) = (self.0.clone(), (Arc::clone(&let_go), Arc::clone(&free), Arc::clone(&held)));
        task::spawn("holder", async move {
            let (let_go, free, held) = words;
            let done: Result<(), Fault> = write_tx(&db, move |tx| {
                Box::pin(async move {
                    tx.execute_unprepared("SELECT pg_advisory_xact_lock(4711)").await?;
                    held.notify_one();
                    let_go.notified().await;
                    Ok(())
                })
            })
            .await;
            done.expect("the lock is held, and let go");
            free.notify_one();
        });
        held.notified().await;
        Held { let_go, free }
    }
}

impl Held {
    pub async fn let_go(self) {
        self.let_go.notify_one();
        self.free.notified().await;
    }
}

async fn run(db: &Db, sql: &'static str) {
    let done: Result<(), Fault> = write_tx(db, move |tx| {
        Box::pin(async move {
            tx.execute_unprepared(sql).await?;
            Ok(())
        })
    })
    .await;
    done.expect("the database does it");
}
