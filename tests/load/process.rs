//! What the kernel says of a process.
use anyhow::Context;
use std::fs;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// The kernel's clock ticks in a second; Linux has had 100 on every machine that matters here.
const TICKS: u64 = 100;

/// A bot that runs, and the process of it that is measured.
pub struct Bot {
    child: Child,
    pub pid: u32,
}

impl Bot {
    pub fn new(child: Child) -> anyhow::Result<Self> {
        let pid = child.id().context("the bot ended at once")?;
        Ok(Self { child, pid })
    }

    /// User and system time of the whole process.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        let (_, rest) = stat.rsplit_once(')').context("a line of /proc/PID/stat")?;
        let words: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 1_000 / TICKS))
    }

    /// The most memory it ever held, in kilobytes.
    pub fn memory_peak(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the kernel tells no VmHWM")?;
        line.trim().trim_end_matches("kB").trim().parse().context("VmHWM is no number")
    }

    async fn signal(&self, name: &str) -> anyhow::Result<()> {
        Command::new("kill").args([format!("-{name}"), self.pid.to_string()]).status().await?;
        Ok(())
    }

    /// Holds it still, so that updates can be made for it to find all at once.
    pub async fn hold(&self) -> anyhow::Result<()> {
        self.signal("STOP").await
    }

    pub async fn go_on(&self) -> anyhow::Result<()> {
        self.signal("CONT").await
    }

    /// Waits until it has next to nothing to do: a shop has delivered what was bought, and tells the rest at Telegram's pace.
    pub async fn rest(&self, patience: Duration) -> anyhow::Result<()> {
        let (beat, begun) = (Duration::from_millis(400), Instant::now());
        let mut before = self.cpu()?;
        while begun.elapsed() < patience {
            sleep(beat).await;
            let now = self.cpu()?;
            if now.saturating_sub(before) < beat / 5 {
                break;
            }
            before = now;
        }
        Ok(())
    }

    pub async fn end(mut self) -> anyhow::Result<()> {
        self.signal("TERM").await?;
        if tokio::time::timeout(Duration::from_secs(7), self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}
