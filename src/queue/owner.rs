//! Who holds a row: one run of one process.
//!
//! A lease dies by itself, but after a crash nobody should wait for that. So the name of an owner says where and when its
//! process was born; a process on the same machine can see that it is gone, and frees what it held at once.
use crate::base::{Fault, Ids};
use crate::db::{Db, query, submit, write_tx};
use std::fmt;
use std::fs;
use std::sync::Arc;

/// The name under which this process holds rows; never used by another run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner(Arc<str>);

impl Owner {
    /// A new name for this process.
    pub fn this_process(ids: &Ids) -> Self {
        let pid = std::process::id();
        let place = place().unwrap_or_else(|| "?|?".to_owned());
        let born = born(pid).unwrap_or_else(|| "?".to_owned());
        Self(format!("{place}|{pid}|{born}|{}", ids.token()).into())
    }

    /// A name of our own choosing, for tests that play several processes.
    pub fn named(name: &str) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Arc<str>> for Owner {
    fn from(name: Arc<str>) -> Self {
        Self(name)
    }
}

impl From<Owner> for Arc<str> {
    fn from(owner: Owner) -> Self {
        owner.0
    }
}

impl From<&Owner> for sea_orm::Value {
    fn from(owner: &Owner) -> Self {
        owner.as_str().to_owned().into()
    }
}

/// The machine's present boot and our view of its processes (another user may not see ours); `None` where the system does
/// not tell.
fn place() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = fs::read_link("/proc/self/ns/pid").ok()?;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?;
    Some(format!("{}|{} {user}", boot.trim(), space.to_string_lossy()))
}

/// When a process was started, in the kernel's ticks; `None` when there is none, or only its remains.
fn born(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold anything; the state and the start time are the 1st and the 20th word after it.
    let (_, rest) = stat.rsplit_once(')')?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    if matches!(words.first().copied(), Some("Z" | "X")) {
        return None;
    }
    words.get(19).map(|ticks| (*ticks).to_owned())
}

/// Whether an owner's process certainly runs no more. In doubt it lives, and its lease decides.
fn surely_dead(owner: &str) -> bool {
    let words: Vec<&str> = owner.split('|').collect();
    let [boot, space, pid, start, _] = words[..] else { return false };
    if place().is_none_or(|here| here != format!("{boot}|{space}")) {
        return false;
    }
    pid.parse().is_ok_and(|pid| born(pid).is_none_or(|now| now != start))
}

#[derive(sea_orm::FromQueryResult)]
struct Holder {
    owner: String,
}

/// Frees whatever is held by processes of this machine that are gone; says how many there were.
pub async fn reap(db: &Db, me: &Owner) -> Result<usize, Fault> {
    let holders: Vec<Holder> = query(
        db.read(),
        "SELECT owner FROM inbox WHERE state = 'new' AND lane IS NOT NULL AND owner <> $1 AND lease_until > 0
         UNION SELECT owner FROM jobs WHERE state = 'running' AND owner <> $1 AND lease_until > 0
         UNION SELECT owner FROM outbox WHERE state = 'sending' AND owner <> $1 AND lease_until > 0
         UNION SELECT owner FROM leases WHERE owner <> $1 AND until > 0",
        vec![me.into()],
    )
    .await?;
    let dead: Vec<String> = holders.into_iter().map(|row| row.owner).filter(|owner| surely_dead(owner)).collect();
    let count = dead.len();
    if dead.is_empty() {
        return Ok(0);
    }
    write_tx(db, move |tx| {
        Box::pin(async move {
            for owner in dead {
                for sql in [
                    "UPDATE inbox SET lease_until = 0 WHERE state = 'new' AND lane IS NOT NULL AND owner = $1",
                    "UPDATE jobs SET lease_until = 0 WHERE state = 'running' AND lease_until > 0 AND owner = $1",
                    "UPDATE outbox SET lease_until = 0 WHERE state = 'sending' AND lease_until > 0 AND owner = $1",
                    "UPDATE leases SET until = 0 WHERE owner = $1",
                ] {
                    submit(tx, sql, vec![owner.as_str().into()]).await?;
                }
            }
            Ok::<_, Fault>(())
        })
    })
    .await?;
    tracing::warn!(processes = count, "freed what dead processes held");
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::{Owner, surely_dead};
    use crate::base::Ids;

    #[test]
    fn a_process_that_was_killed_is_dead_even_before_its_parent_knows() {
        let Some(place) = super::place() else { return };
        let mut child = std::process::Command::new("sleep").arg("60").spawn().expect("sleep is everywhere");
        let name = format!("{place}|{}|{}|x", child.id(), super::born(child.id()).expect("it lives"));
        assert!(!surely_dead(&name));
        child.kill().expect("it can be killed");
        while !surely_dead(&name) {
            std::thread::yield_now();
        }
        child.wait().expect("it ended");
        assert!(surely_dead(&name));
    }

    #[test]
    fn only_a_process_that_is_gone_is_dead() {
        let me = Owner::this_process(&Ids::seeded(1));
        assert!(!surely_dead(me.as_str()), "{me}");
        assert!(!surely_dead("another machine's name"));
        let words: Vec<&str> = me.as_str().split('|').collect();
        if words[0] != "?" {
            let reborn = format!("{}|{}|{}|1|x", words[0], words[1], words[2]);
            assert!(surely_dead(&reborn), "the same pid, born at another time");
            let elsewhere = format!("other-boot|{}|{}|1|x", words[1], words[2]);
            assert!(!surely_dead(&elsewhere));
        }
    }
}
