//! The clock's backups: one a day at its hour, so many kept, and an alarm when there is none.

use std::fs;

use souk::base::{DAY, HOUR, MINUTE};
use souk::shop::notices::{self, Notice};
use souk::sim::telegram::{Fault, FaultKind};

use super::Folder;
use crate::world::ending::Allowed;
use crate::world::postgres::Kind;
use crate::world::shop::{Setup, World, world_in};

/// A quarter of an hour at a time: no slot of the clock is left out.
async fn hours(w: &World, count: i64) {
    for _ in 0..4 * count {
        w.later(15 * MINUTE).await;
    }
}

#[tokio::test]
async fn one_a_day_is_made_at_its_hour_and_the_newest_are_kept() {
    for kind in Kind::BOTH {
        let folder = Folder::new();
        let setup = Setup { backups: Some(folder.path().to_owned()), ..Setup::default() };
        let setup = setup.with("backups_kept = 30", "backups_kept = 2");
        world_in(kind, &setup, async |w: &World| {
            let stranger = folder.path().join("souk-00000000-20200101T000000Z.backup");
            fs::write(&stranger, b"of another shop").expect("it is written");
            let own = || folder.names().into_iter().filter(|name| !name.contains("00000000")).collect::<Vec<_>>();
            // 15:30 in Tehran. A shop that has just opened owes nothing before its first night.
            w.tick().await;
            hours(w, 11).await;
            assert_eq!(own(), Vec::<String>::new());
            hours(w, 1).await;
            assert_eq!(own().len(), 1, "at 03:00 in Tehran");
            assert!(own()[0].contains("20260310T233000Z"), "{:?}", own());
            hours(w, 23).await;
            assert_eq!(own().len(), 1, "once a day");
            // Nobody was awake at the hour: it is made afterwards, once.
            w.later(5 * HOUR).await;
            w.later(15 * MINUTE).await;
            assert_eq!(own().len(), 2);
            w.later(DAY).await;
            w.later(DAY).await;
            assert_eq!(own().len(), 2, "so many are kept");
            assert!(stranger.exists());
            let told = w.owner().told("backup-made");
            assert_eq!(told.len(), 4, "{}", w.group());
            assert!(told.iter().all(|seen| seen.media.is_some()));
            assert_eq!(w.owner().told("alarm-backup-missing").len(), 0, "{}", w.group());
        })
        .await;
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_an_alarm_once_a_day_and_so_is_its_end() {
    let folder = Folder::new();
    let blocked = folder.path().join("a file");
    fs::write(&blocked, b"no folder").expect("it is written");
    let setup = Setup { backups: Some(blocked.join("backups")), ..Setup::default() };
    world_in(Kind::Sqlite, &setup, async |w: &World| {
        w.tick().await;
        hours(w, 14).await;
        assert_eq!(w.owner().told("alarm-backup-failed").len(), 1, "{}", w.group());
        assert_eq!(w.owner().told("alarm-backup-missing").len(), 0);
        hours(w, 14).await;
        assert_eq!(w.owner().told("alarm-backup-missing").len(), 1, "{}", w.group());
        hours(w, 24).await;
        assert_eq!(w.owner().told("alarm-backup-missing").len(), 1, "it is told once");
        assert_eq!(w.owner().told("alarm-backup-failed").len(), 2, "a failure is told once for its day");
        fs::remove_file(&blocked).expect("it is removed");
        hours(w, 1).await;
        assert_eq!(w.owner().told("backup-made").len(), 1, "the next slot makes what was owed: {}", w.group());
    })
    .await;
}

#[tokio::test]
async fn an_owner_is_told_why_no_backup_was_made() {
    let folder = Folder::new();
    let blocked = folder.path().join("a file");
    fs::write(&blocked, b"no folder").expect("it is written");
    let setup = Setup { backups: Some(blocked.join("backups")), jobs_twice: true, ..Setup::default() };
    world_in(Kind::Sqlite, &setup, async |w: &World| {
        w.owner().says("/backup").await;
        w.run_jobs().await;
        let told = w.owner().told("alarm-backup-failed");
        assert_eq!(told.len(), 1, "{}", w.group());
        assert!(told[0].text.contains("cannot be used"), "{}", told[0].text);
    })
    .await;
}

#[tokio::test]
async fn what_telegram_does_not_take_is_told_without_its_file() {
    let folder = Folder::new();
    let setup = Setup { backups: Some(folder.path().to_owned()), jobs_twice: true, ..Setup::default() };
    world_in(Kind::Sqlite, &setup, async |w: &World| {
        w.ending.allow(Allowed::Telegram(413));
        let refusal = FaultKind::Status { code: 413, description: "Request Entity Too Large".to_owned() };
        w.telegram.fault(Fault::new(refusal).on("sendDocument").times(1));
        w.owner().says("/backup").await;
        w.run_jobs().await;
        let told = w.owner().told("backup-made");
        assert_eq!(told.len(), 1, "the job ran twice, and it is told once: {}", w.group());
        assert!(told[0].media.is_none() && told[0].text.contains(folder.path().to_str().expect("a path")), "{}", told[0].text);

        // One that is larger than Telegram takes is not even tried.
        let large = folder.path().join("large.backup");
        fs::File::create(&large).and_then(|file| file.set_len(51_000_000)).expect("a file with a hole");
        let (path, now) = (large.display().to_string(), w.clock.now());
        let notice = Notice::BackupMade { path, bytes: 51_000_000, at: now };
        let told = w.app.write(move |tx| Box::pin(async move { notices::tell_group(tx, &notice, now, None).await }));
        told.await.expect("it is told");
        w.run_jobs().await;
        assert_eq!(w.owner().told("It is too large for Telegram").len(), 1, "{}", w.group());
    })
    .await;
}
