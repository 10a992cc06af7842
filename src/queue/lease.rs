//! What one process alone may do at a time: poll Telegram, send the notices.
use super::{Owner, reap};
use crate::base::{Clock, Fault, SECOND, Time};
use crate::db::{Db, execute, submit, write_tx};
use std::time::Duration;

/// A right that one process holds at a time, for [`Lease::TTL`] after it last said so.
#[derive(Debug, Clone)]
pub struct Lease {
    db: Db,
    clock: Clock,
    owner: Owner,
    name: &'static str,
}

impl Lease {
    /// How long a silent holder keeps it.
    pub const TTL: i64 = 10 * SECOND;
    /// How often the holder says that it lives, and others ask.
    pub const BEAT: Duration = Duration::from_secs(3);

    pub fn new(db: Db, clock: Clock, owner: Owner, name: &'static str) -> Self {
        Self { db, clock, owner, name }
    }

    /// Takes or keeps it; `false` when another process holds it.
    pub async fn hold(&self) -> Result<bool, Fault> {
        if hold(&self.db, self.name, &self.owner, self.clock.now()).await? {
            return Ok(true);
        }
        // After a crash the next process need not wait for the lease to end.
        Ok(reap(&self.db, &self.owner).await? > 0 && hold(&self.db, self.name, &self.owner, self.clock.now()).await?)
    }

    /// Gives it back, so that the next process need not wait.
    pub async fn release(&self) -> Result<(), Fault> {
        let (name, owner) = (self.name, self.owner.clone());
        write_tx(&self.db, move |tx| {
            Box::pin(async move {
                let sql = "UPDATE leases SET until = 0 WHERE name = $1 AND owner = $2";
                submit(tx, sql, vec![name.into(), (&owner).into()]).await
            })
        })
        .await
    }
}

async fn hold(db: &Db, name: &'static str, owner: &Owner, now: Time) -> Result<bool, Fault> {
    let owner = owner.clone();
    write_tx(db, move |tx| {
        Box::pin(async move {
            let rows = execute(
                tx,
                "INSERT INTO leases (name, owner, until) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
                 WHERE leases.owner = excluded.owner OR leases.until < $4",
                vec![name.into(), (&owner).into(), now.after(Lease::TTL).into(), now.into()],
            )
            .await?;
            Ok(rows == 1)
        })
    })
    .await
}
