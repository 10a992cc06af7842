//! Logging: one line a fact, to standard error, as text or as JSON; and, where a folder is named, some targets to files of
//! their own besides.
//!
//! Always: a line is one write at the end of its file, which is opened for it: whoever moves the file away (a rotation)
//! loses no line and need tell nobody. A file that is full is put aside by whichever process finds it so, and the oldest of
//! those go: the folder does not grow without end. What those files hold does not depend on how much else is logged.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// What goes to files of its own, named like it.
const TARGETS: [&str; 4] = ["audit", "security", "payments", "panel"];

/// A file of this size is put aside as NAME.log.full.1, the next as NAME.log.full.2;
const BYTES_MAX: u64 = 16 << 20;
/// and of those put aside so many are kept, the newest.
const ASIDE_MAX: usize = 9;

/// Starts logging; a second start changes nothing. An error is for the operator: the folder
/// cannot be written to.
pub fn start(filter: &str, json: bool, dir: Option<&Path>) -> Result<(), String> {
    let files = own_files(dir, json)?;
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = layer(json, io::stderr, true).with_filter(filter);
    if tracing_subscriber::registry().with(files).with(lines).try_init().is_err() {
        tracing::debug!("logging was started before");
    }
    Ok(())
}

/// Lines as text or as JSON, wherever they go.
fn layer<S, W>(json: bool, writer: W, colours: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer);
    if json { lines.json().flatten_event(true).boxed() } else { lines.compact().with_ansi(colours).boxed() }
}

/// A layer for each file; none without a folder.
fn own_files<S>(dir: Option<&Path>, json: bool) -> Result<Vec<Box<dyn Layer<S> + Send + Sync>>, String>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    let Some(dir) = dir else { return Ok(Vec::new()) };
    let wrong = |error: io::Error| format!("LOG_DIR: the folder {} cannot be written to: {error}", dir.display());
    fs::create_dir_all(dir).map_err(wrong)?;
    let mut layers = Vec::new();
    for target in TARGETS {
        let file = Appending { dir: dir.to_owned(), name: format!("{target}.log"), bytes_max: BYTES_MAX };
        file.open().map_err(wrong)?;
        let only = Targets::new().with_target(target, LevelFilter::INFO);
        layers.push(layer(json, file, false).with_filter(only).boxed());
    }
    Ok(layers)
}

/// A file that grows until it is full; nobody else on the machine may read it.
struct Appending {
    dir: PathBuf,
    name: String,
    bytes_max: u64,
}

impl Appending {
    fn open(&self) -> io::Result<File> {
        OpenOptions::new().append(true).create(true).mode(0o600).open(self.dir.join(&self.name))
    }

    /// The file for one more line. Where a full one cannot be put aside, it grows on.
    fn for_a_line(&self) -> io::Result<File> {
        let file = self.open()?;
        if file.metadata()?.len() < self.bytes_max || self.put_aside(&file).is_err() { Ok(file) } else { self.open() }
    }

    /// One at a time, in this process and others: the full file is locked until it is dropped.
    fn put_aside(&self, full: &File) -> io::Result<()> {
        full.lock()?;
        let (path, mine) = (self.dir.join(&self.name), full.metadata()?);
        // Where somebody was faster, another file stands there by now, or none.
        if !fs::metadata(&path).is_ok_and(|now| (now.dev(), now.ino()) == (mine.dev(), mine.ino())) {
            return Ok(());
        }
        let aside = self.aside()?;
        let next = aside.last().map_or(1, |last| last.saturating_add(1));
        fs::rename(&path, self.put_aside_as(next))?;
        for old in aside.iter().rev().skip(ASIDE_MAX - 1) {
            fs::remove_file(self.put_aside_as(*old))?;
        }
        Ok(())
    }

    /// A name that no other rotation gives: its files are not ours to remove.
    fn put_aside_as(&self, number: u64) -> PathBuf {
        self.dir.join(format!("{}.full.{number}", self.name))
    }

    /// The numbers of the files that were put aside, the oldest first.
    fn aside(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            let number =
                name.to_str().and_then(|name| name.strip_prefix(&self.name)?.strip_prefix(".full.")?.parse::<u64>().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

impl<'a> MakeWriter<'a> for Appending {
    type Writer = Box<dyn Write>;

    /// Where the file cannot be opened any more, the line is better seen elsewhere than lost.
    fn make_writer(&'a self) -> Self::Writer {
        match self.for_a_line() {
            Ok(file) => Box::new(file),
            Err(_) => Box::new(io::stderr()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ASIDE_MAX, Appending, own_files};
    use std::fs;
    use std::io::Write;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn each_target_has_a_file_that_may_be_moved_away() {
        let dir = std::env::temp_dir().join(format!("souk-log-{}", std::process::id()));
        let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
        for json in [false, true] {
            let subscriber = tracing_subscriber::registry().with(own_files(Some(&dir), json).unwrap());
            tracing::subscriber::with_default(subscriber, || {
                tracing::info!(target: "audit", act = "payment.approve", "audit");
                tracing::info!(target: "payments", "a payment");
                tracing::debug!(target: "panel", "too small a fact");
                tracing::info!("of no target");
                fs::rename(dir.join("audit.log"), dir.join("audit.log.1")).unwrap();
                tracing::warn!(target: "audit", act = "payment.reject", "audit");
            });
            let (moved, grown) = (read("audit.log.1"), read("audit.log"));
            assert_eq!((moved.lines().count(), grown.lines().count()), (1, 1), "{moved}{grown}");
            assert!(moved.contains("payment.approve") && grown.contains("payment.reject"), "{moved}{grown}");
            assert_eq!(json, serde_json::from_str::<serde_json::Value>(&grown).is_ok(), "{grown}");
            assert!(!grown.contains('\u{1b}'), "no colours in a file");
            assert_eq!((read("payments.log").lines().count(), read("panel.log").as_str()), (1, ""));
            fs::remove_dir_all(&dir).unwrap();
        }
        fs::write(&dir, b"a file").unwrap();
        let said = own_files::<tracing_subscriber::Registry>(Some(&dir), false).err().unwrap();
        assert!(said.contains("LOG_DIR"), "{said}");
        fs::remove_file(&dir).unwrap();
    }

    #[test]
    fn who_finds_a_file_full_that_was_put_aside_meanwhile_leaves_the_new_one() {
        let dir = std::env::temp_dir().join(format!("souk-log-race-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let file = Appending { dir: dir.clone(), name: "audit.log".to_owned(), bytes_max: 10 };
        let (first, second) = (file.open().unwrap(), file.open().unwrap());
        (&first).write_all(b"a full file").unwrap();
        file.put_aside(&first).unwrap();
        drop(first);
        file.for_a_line().unwrap().write_all(b"new").unwrap();
        file.put_aside(&second).unwrap();
        assert_eq!((file.aside().unwrap(), fs::read(dir.join("audit.log")).unwrap()), (vec![1], b"new".to_vec()));
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_full_file_is_put_aside_and_the_oldest_go() {
        let dir = std::env::temp_dir().join(format!("souk-log-full-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let file = Appending { dir: dir.clone(), name: "audit.log".to_owned(), bytes_max: 10 };
        let foreign = ["audit.log.1", "audit.log.gz", "audit.log.full.1.gz", "payments.log.full.7"];
        for name in foreign {
            fs::write(dir.join(name), b"somebody else's").unwrap();
        }
        let lines: Vec<String> = (100..130).map(|line| format!("line {line}\n")).collect();
        for line in &lines {
            file.for_a_line().unwrap().write_all(line.as_bytes()).unwrap();
        }
        // Two lines fill a file; the newest is not full yet, or just became so.
        let aside = file.aside().unwrap();
        assert_eq!((aside.len(), aside.last()), (ASIDE_MAX, Some(&14)));
        let names: Vec<String> =
            aside.iter().map(|number| format!("audit.log.full.{number}")).chain(["audit.log".to_owned()]).collect();
        let kept: String = names.iter().map(|name| fs::read_to_string(dir.join(name)).unwrap()).collect();
        assert_eq!(kept, lines[10..].concat(), "the newest lines, in order, and no other");
        assert!(foreign.iter().all(|name| dir.join(name).exists()));
        fs::remove_dir_all(&dir).unwrap();
    }
}
