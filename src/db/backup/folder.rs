//! The folder of backups: names, which of them are ours, and files that are not finished yet.
//!
//! A backup is `souk-<fingerprint of its key>-<when, UTC>.backup`. Nothing of another name is ever removed, nor of another
//! key: shops may share a folder.
use super::BackupError;
use crate::base::{DAY, Time};
use crate::db::connect::{Db, DbKind};
use crate::db::seal::Seal;
use chrono::{DateTime, NaiveDateTime};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// Longer than any backup takes: what is older was left behind by a process that died.
const UNFINISHED: i64 = DAY;

/// Where backups lie unless somebody says otherwise: beside the SQLite file, else in the working directory.
pub fn place(db: &Db) -> PathBuf {
    let beside = match db.kind() {
        DbKind::Sqlite => crate::db::sqlite::file(&db.inner.url).ok().and_then(|file| file.parent().map(Path::to_owned)),
        DbKind::Postgres => None,
    };
    beside.unwrap_or_default().join("backups")
}

fn stamp(at: Time) -> String {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default().format(STAMP).to_string()
}

fn moment(stamp: &str) -> Option<Time> {
    NaiveDateTime::parse_from_str(stamp, STAMP).ok().map(|at| Time(at.and_utc().timestamp_millis()))
}

pub(super) fn name(seal: &Seal, at: Time) -> String {
    format!("souk-{}-{}.backup", seal.fingerprint(), stamp(at))
}

/// When a backup of this key was taken, by its name.
fn taken(name: &str, fingerprint: &str) -> Option<Time> {
    let (own, at) = name.strip_prefix("souk-")?.strip_suffix(".backup")?.split_once('-')?;
    if own == fingerprint { moment(at) } else { None }
}

/// The backups of this key in the folder, the newest first.
pub fn kept(folder: &Path, seal: &Seal) -> Vec<(Time, PathBuf)> {
    let fingerprint = seal.fingerprint();
    let mut found: Vec<(Time, PathBuf)> = entries(folder)
        .filter_map(|path| {
            let at = taken(path.file_name()?.to_str()?, &fingerprint)?;
            path.is_file().then_some((at, path))
        })
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    found
}

/// Removes all but the newest; says which.
pub fn prune(folder: &Path, seal: &Seal, keep: usize) -> Vec<PathBuf> {
    let old = kept(folder, seal).into_iter().skip(keep.max(1)).map(|(_, path)| path);
    old.filter(|path| fs::remove_file(path).is_ok()).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Makes the folder, and removes what a process that died left in it long ago.
pub(super) fn prepare(folder: &Path, now: Time) -> Result<(), BackupError> {
    fs::create_dir_all(folder).map_err(|error| BackupError::Folder(folder.to_owned(), error))?;
    for path in entries(folder) {
        let begun = path.file_name().and_then(|name| name.to_str()).and_then(begun);
        if begun.is_some_and(|at| now.since(at) > UNFINISHED) {
            drop(fs::remove_file(path));
        }
    }
    Ok(())
}

/// Whether a backup could be written there; leaves nothing behind.
pub fn try_out(folder: &Path, seal: &Seal, now: Time) -> Result<(), BackupError> {
    let was_there = folder.exists();
    prepare(folder, now)?;
    let tried = Partial::create(folder, seal, now).map(drop);
    if !was_there {
        drop(fs::remove_dir(folder));
    }
    tried
}

fn begun(name: &str) -> Option<Time> {
    moment(name.strip_prefix(".souk-")?.strip_suffix(".partial")?.split_once('-')?.0)
}

/// A file on its way: gone when it is dropped before it took its name. Nobody else on the machine may read it.
pub(super) struct Partial {
    path: PathBuf,
    done: bool,
}

impl Partial {
    pub fn create(folder: &Path, seal: &Seal, now: Time) -> Result<(Self, File), BackupError> {
        let path = folder.join(format!(".souk-{}-{}.partial", stamp(now), seal.token()));
        let file = OpenOptions::new().write(true).read(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(|error| BackupError::Folder(folder.to_owned(), error))?;
        Ok((Self { path, done: false }, file))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes its name, for good: file and folder are on the disk when this returns.
    pub fn become_file(mut self, name: &Path) -> std::io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        fs::rename(&self.path, name)?;
        self.done = true;
        match name.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => File::open(".")?.sync_all(),
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.done {
            drop(fs::remove_file(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Partial, begun, entries, kept, moment, name, prepare, prune, stamp, taken, try_out};
    use crate::base::{DAY, HOUR, Ids, Time};
    use crate::db::Seal;

    #[test]
    fn only_names_of_this_key_are_ours() {
        let seal = Seal::new(&[7; 32], Ids::seeded(1));
        let (own, at) = (seal.fingerprint(), Time(1_773_144_000_000));
        let called = name(&seal, at);
        assert_eq!(called, format!("souk-{own}-20260310T120000Z.backup"));
        assert_eq!(taken(&called, &own), Some(at));
        assert_eq!(moment(&stamp(at)), Some(at));
        for other in [
            "souk-00000000-20260310T120000Z.backup",
            "souk.db",
            "souk-backup",
            &called.replace("2026", "x026"),
            &format!("{called}.old"),
            &format!("my-{called}"),
        ] {
            assert_eq!(taken(other, &own), None, "{other}");
        }
        assert_eq!(begun(".souk-20260310T120000Z-abc.partial"), Some(at));
        assert_eq!(begun(&called), None);
    }

    #[test]
    fn what_a_dead_process_left_is_swept_a_day_later_and_the_newest_is_never_removed() {
        let folder = std::env::temp_dir().join(format!("souk-folder-{}", std::process::id()));
        let (seal, now) = (Seal::new(&[7; 32], Ids::seeded(1)), Time(1_773_144_000_000));
        try_out(&folder, &seal, now).unwrap();
        assert!(!folder.exists(), "a look leaves nothing behind");
        prepare(&folder, now).unwrap();
        let (mut left, _) = Partial::create(&folder, &seal, now).unwrap();
        left.done = true;
        drop(left);
        for age in 0..4 {
            let (partial, _) = Partial::create(&folder, &seal, now).unwrap();
            partial.become_file(&folder.join(name(&seal, now.after(-age * DAY)))).unwrap();
        }
        prepare(&folder, now.after(23 * HOUR)).unwrap();
        assert_eq!(entries(&folder).count(), 5);
        prepare(&folder, now.after(25 * HOUR)).unwrap();
        assert_eq!(entries(&folder).count(), 4);
        assert_eq!(prune(&folder, &seal, 3).len(), 1);
        assert_eq!(prune(&folder, &seal, 0).len(), 2);
        assert_eq!(kept(&folder, &seal)[0].0, now);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
