//! A shop that is restored is the shop that was; and what cannot be restored is refused in plain words.

use std::fs;

use migrations::Migrator;
use sea_orm_migration::MigratorTrait;
use souk::base::{Asset, Fault, Ids, MINUTE, Money, PersonId, SECOND, Time};
use souk::db::{Db, Seal, execute, write_tx};
use souk::shop::backups;
use souk::shop::ledger::{self, Account, Leg, Transfer};

use super::{Folder, backed_up, belongings, is_untouched, refused, restored, said, souk};
use crate::world::postgres::{Kind, empty, fresh};
use crate::world::shop::{KEY, Setup, World, world_in};
use crate::world::shopping::PRICE;
use crate::world::world;

#[tokio::test]
async fn a_restored_shop_is_as_it_was_and_goes_on_selling() {
    for kind in Kind::BOTH {
        let folder = Folder::new();
        let setup = Setup { backups: Some(folder.path().to_owned()), ..Setup::default() };
        world_in(kind, &setup, async |w: &World| {
            let sara = w.customer("Sara").await;
            sara.owns_a_service(1).await;
            // Its card loses the Undo here, and not in the shop that is restored.
            w.later(3 * SECOND).await;
            w.customer("Omid").await.orders_and_pays(2).await;
            w.owner().says("/backup").await;
            assert!(w.owner().reads("backup-asked"), "{}", w.group());
            let before = belongings(&w.app.db).await;
            w.run_jobs().await;
            let seen = w.owner().told("backup-made").pop().expect("the group sees the backup");
            let file = folder.only();
            let media = seen.media.expect("the file goes along");
            assert_eq!(media.size, fs::metadata(&file).expect("the file").len());
            assert_eq!(media.name.as_deref(), file.file_name().and_then(|name| name.to_str()));

            // What happens afterwards is not in it.
            w.customer("Late").await;
            let place = empty(kind).await;
            let said = restored(&file, &place).await;
            assert!(said.contains("4 people") && said.contains("The ledger holds"), "{said}");
            let after = w.moved_to(place).await;
            assert_eq!(belongings(&after.app.db).await, before);
            assert_eq!(after.app.db.pending_migrations().await.expect("it is asked"), 0);

            // The job that made the backup was under way in it: once its lease has ended it runs again, and harms nobody.
            after.later(2 * MINUTE).await;
            let sara = after.first();
            sara.says("/start").await;
            sara.owns_a_service(3).await;
            assert_eq!(after.orders("delivered").await, 2);
            let sold = after.posted(&Account::revenue("vpn", Asset::Irt)).await;
            assert_eq!(sold, 2 * PRICE);
            after.end().await;
            after.app.db.close().await.expect("it closes");
        })
        .await;
    }
}

#[tokio::test]
async fn only_an_owner_asks_for_a_backup() {
    world(async |w: &World| {
        w.cashier().says("/backup").await;
        w.run_jobs().await;
        assert!(!w.group().contains(&w.owner().words("backup-asked")), "{}", w.group());
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM jobs WHERE kind = 'backup'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_damaged_cut_or_of_another_key_touches_nothing() {
    for kind in Kind::BOTH {
        world_in(kind, &Setup::default(), async |w: &World| {
            w.customer("Sara").await.owns_a_service(1).await;
            let folder = Folder::new();
            let good = backed_up(w, &folder).await;
            let bytes = fs::read(&good).expect("the file");
            let place = empty(kind).await;
            let said = refused(&good, &place, [8; 32]).await;
            assert!(said.contains("another SECRET_KEY"), "{said}");
            let bad = folder.path().join("bad");
            let middle = bytes.len() / 2;
            for (kept, words) in [(bytes.len() - 1, "cut off"), (middle, "cut off"), (40, "cut off"), (0, "no backup of souk")] {
                fs::write(&bad, &bytes[..kept]).expect("it is written");
                let said = refused(&bad, &place, KEY).await;
                assert!(said.contains(words), "{kept} bytes: {said}");
            }
            for (at, words) in [(3, "no backup of souk"), (60, "head"), (middle, "changed"), (bytes.len() - 1, "changed")] {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1;
                fs::write(&bad, &bytes).expect("it is written");
                let said = refused(&bad, &place, KEY).await;
                assert!(said.contains(words), "byte {at}: {said}");
            }
            let said = refused(&folder.path().join("absent"), &place, KEY).await;
            assert!(said.contains("cannot be read"), "{said}");
            assert!(is_untouched(&place).await, "{kind:?}");
            restored(&good, &place).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_database_that_holds_anything_is_left_alone() {
    for kind in Kind::BOTH {
        world_in(kind, &Setup::default(), async |w: &World| {
            w.customer("Sara").await.owns_a_service(1).await;
            let folder = Folder::new();
            let file = backed_up(w, &folder).await;
            let before = belongings(&w.app.db).await;
            let said = refused(&file, &w.database, KEY).await;
            assert!(said.contains("not empty"), "{said}");
            assert_eq!(belongings(&w.app.db).await, before);
            let said = refused(&file, &fresh(kind).await, KEY).await;
            assert!(said.contains("not empty"), "{said}");
            let other = if kind == Kind::Sqlite { Kind::Postgres } else { Kind::Sqlite };
            let place = empty(other).await;
            let said = refused(&file, &place, KEY).await;
            assert!(said.contains("of another kind"), "{said}");
            assert!(is_untouched(&place).await);
        })
        .await;
    }
}

#[tokio::test]
async fn the_log_of_an_older_sqlite_file_is_not_taken_for_its_own() {
    world_in(Kind::Sqlite, &Setup::default(), async |w: &World| {
        w.customer("Sara").await.owns_a_service(1).await;
        let folder = Folder::new();
        let file = backed_up(w, &folder).await;
        let place = empty(Kind::Sqlite).await;
        let wal = place.url.replace("sqlite://", "") + "-wal";
        fs::write(&wal, b"of an older database").expect("it is written");
        let said = refused(&file, &place, KEY).await;
        assert!(said.contains("-wal of an older database"), "{said}");
        fs::remove_file(&wal).expect("it is removed");
        restored(&file, &place).await;
    })
    .await;
}

#[tokio::test]
async fn a_backup_of_a_newer_schema_is_refused() {
    for kind in Kind::BOTH {
        let (place, folder) = (fresh(kind).await, Folder::new());
        let db = Db::connect(&place.url).await.expect("it opens");
        write_tx::<_, Fault, _>(&db, |tx| {
            Box::pin(async move {
                let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 1)";
                execute(tx, sql, vec![]).await.map(drop)
            })
        })
        .await
        .expect("it is written");
        let seal = Seal::new(&KEY, Ids::seeded(1));
        let now = Time(1_773_144_000_000);
        backups::make_in(&db, &seal, folder.path(), now).await.expect("a backup");
        db.close().await.expect("it closes");
        let target = empty(kind).await;
        let said = refused(&folder.only(), &target, KEY).await;
        assert!(said.contains("newer souk") && said.contains("m9999_later"), "{said}");
        assert!(is_untouched(&target).await);
    }
}

#[tokio::test]
async fn an_older_schema_is_backed_up_as_it_is_and_brought_up_to_date_when_restored() {
    for kind in Kind::BOTH {
        let (place, folder) = (empty(kind).await, Folder::new());
        let steps = u32::try_from(Migrator::migrations().len()).expect("a few") - 1;
        let old = Db::connect(&place.url).await.expect("it opens");
        old.migrate_by(Some(steps)).await.expect("it migrates");
        old.close().await.expect("it closes");
        let output = souk(&["backup", "--to", folder.path().to_str().expect("a path")], &place, KEY).await;
        assert!(output.status.success(), "{}", said(&output));
        let target = empty(kind).await;
        restored(&folder.only(), &target).await;
        let count = async |url: &str| {
            let db = Db::connect(url).await.expect("it opens");
            let count = db.pending_migrations().await.expect("it is asked");
            db.close().await.expect("it closes");
            count
        };
        assert_eq!((count(&place.url).await, count(&target.url).await), (1, 0), "{kind:?}");
    }
}

#[tokio::test]
async fn a_backup_while_money_moves_is_one_moment_of_the_books() {
    for kind in Kind::BOTH {
        let (place, folder) = (fresh(kind).await, Folder::new());
        let db = Db::connect(&place.url).await.expect("it opens");
        let seal = Seal::new(&KEY, Ids::seeded(2));
        pay(&db, 0).await;
        let moving = async {
            for number in 1..400 {
                pay(&db, number).await;
            }
        };
        let copying = async {
            for number in 0..3 {
                let now = Time(1_773_144_000_000 + number * 1_000);
                backups::make_in(&db, &seal, folder.path(), now).await.expect("a backup");
            }
        };
        tokio::join!(moving, copying);
        db.close().await.expect("it closes");
        for name in folder.names() {
            let target = empty(kind).await;
            let said = restored(&folder.path().join(name), &target).await;
            assert!(said.contains("The ledger holds"), "{said}");
            let copy = Db::connect(&target.url).await.expect("it opens");
            assert_eq!(ledger::verify(copy.read()).await.expect("it is read"), vec![]);
            let contents = backups::contents(copy.read()).await.expect("it is counted");
            assert!((1..=400).contains(&contents.transactions), "{contents:?}");
            copy.close().await.expect("it closes");
        }
    }
}

/// Somebody pays into a wallet.
async fn pay(db: &Db, number: i64) {
    let debit = Account::clearing("test", Asset::Irt);
    let credit = Account::wallet(PersonId(number % 7 + 1), Asset::Irt);
    let transfer = Transfer {
        key: format!("test:{number}"),
        kind: "test",
        about: format!("test:{number}"),
        actor: PersonId(0),
        reason: None,
        legs: vec![Leg { debit, credit, amount: Money::new(100 + number, Asset::Irt) }],
    };
    write_tx::<_, ledger::LedgerError, _>(db, move |tx| {
        Box::pin(async move { ledger::post(tx, transfer, Time(1_773_144_000_000)).await.map(drop) })
    })
    .await
    .expect("it is posted");
}
