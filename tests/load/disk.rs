//! The disk by itself. A shop answers no faster than its disk keeps what it writes, and the disk of a shared machine has minutes
//! in which it stalls for tens and hundreds of milliseconds once a second, whatever runs here; a bot without a database sees
//! nothing of them. So a shop's load waits for a quiet disk, and a paced one counts when the disk was quiet afterwards, too. What
//! decides is a file of the bench's own, and not how the shop did.
use anyhow::Context;
use std::fs::File;
use std::mem;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// A look is so many writes of a database's page, 200 a second.
const WRITES: usize = 400;
const PAGE: usize = 8_192;
const PLACES: usize = 1_024;
/// A disk is quiet when all but one in a hundred are kept within this time, and the worst within the other.
const QUIET_US: u64 = 2_000;
const WORST_US: u64 = 15_000;
/// How long one load may wait for that, and all of them together; then they take the disk as it is.
const PATIENCE: Duration = Duration::from_mins(1);
const PATIENCE_IN_ALL: Duration = Duration::from_mins(20);
/// How many times a paced load is tried on a disk that was quiet before it and not after.
const TRIES: usize = 3;

/// How long a write and its sync took, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    pub p50: u64,
    pub p99: u64,
    pub max: u64,
}

impl Look {
    const fn is_quiet(self) -> bool {
        self.p99 <= QUIET_US && self.max <= WORST_US
    }
}

pub struct Disk {
    path: PathBuf,
    waited: Duration,
    /// What was looked at last was quiet, and nothing has come since.
    is_quiet: bool,
    /// The looks before each try of a load, and after each that counts.
    pub looks: Vec<Look>,
}

impl Disk {
    pub fn at(folder: &Path) -> Self {
        Self { path: folder.join("disk"), waited: Duration::ZERO, is_quiet: false, looks: Vec::new() }
    }

    /// Waits until the disk is quiet, as long as there is patience left.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        if mem::take(&mut self.is_quiet) {
            return Ok(());
        }
        let begun = Instant::now();
        let look = loop {
            let look = self.look().await?;
            if look.is_quiet() || begun.elapsed() > PATIENCE || self.waited + begun.elapsed() > PATIENCE_IN_ALL {
                break look;
            }
            println!("    the disk is not quiet: {look:?}");
        };
        self.waited += begun.elapsed();
        self.looks.push(look);
        Ok(())
    }

    /// Whether what was measured since [`Disk::settle`] counts: the last of so many tries.
    pub async fn stayed_quiet(&mut self, tries: usize) -> anyhow::Result<bool> {
        let look = self.look().await?;
        self.is_quiet = look.is_quiet();
        let counts = look.is_quiet() || tries >= TRIES || self.waited > PATIENCE_IN_ALL;
        if counts {
            self.looks.push(look);
        } else {
            println!("    again, for the disk was not quiet: {look:?}");
        }
        Ok(counts)
    }

    async fn look(&self) -> anyhow::Result<Look> {
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&self.path)?;
        file.write_all_at(&vec![1; PAGE * PLACES], 0)?;
        file.sync_all()?;
        let (file, mut took) = (Arc::new(file), Vec::with_capacity(WRITES));
        let mut beat = interval(Duration::from_millis(5));
        beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
        for number in 0..WRITES {
            beat.tick().await;
            let file = Arc::clone(&file);
            let place = u64::try_from(number % PLACES * PAGE)?;
            let one = spawn_blocking(move || -> std::io::Result<Duration> {
                let begun = Instant::now();
                file.write_all_at(&[2; PAGE], place)?;
                file.sync_data()?;
                Ok(begun.elapsed())
            });
            took.push(u64::try_from(one.await??.as_micros())?);
        }
        summary(took).context("nothing was written")
    }
}

fn summary(mut took: Vec<u64>) -> Option<Look> {
    took.sort_unstable();
    let at = |hundredths: usize| took.get(took.len() * hundredths / 100).copied();
    Some(Look { p50: at(50)?, p99: at(99)?, max: took.last().copied()? })
}

/// The median of some looks.
pub fn median(looks: &[Look]) -> Option<Look> {
    let of = |what: fn(&Look) -> u64| {
        let mut all: Vec<u64> = looks.iter().map(what).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied()
    };
    Some(Look { p50: of(|look| look.p50)?, p99: of(|look| look.p99)?, max: of(|look| look.max)? })
}
