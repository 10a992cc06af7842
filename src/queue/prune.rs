//! Forgetting what ended long ago, a little at a time, so that nobody waits for it.
use crate::base::{Fault, Time};
use crate::db::{Db, execute, write_tx};

/// How many rows went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    pub updates: u64,
    pub jobs: u64,
    pub notices: u64,
}

impl Pruned {
    /// Whether at least one table had more than the limit, so that there is reason to go on.
    pub const fn hit(self, limit: u64) -> bool {
        self.updates >= limit || self.jobs >= limit || self.notices >= limit
    }
}

/// Deletes at most `limit` rows of each table that ended before `before`. Call it again while [`Pruned::hit`].
pub async fn prune(db: &Db, before: Time, limit: u32) -> Result<Pruned, Fault> {
    write_tx(db, move |tx| {
        Box::pin(async move {
            let values = || vec![before.into(), i64::from(limit).into()];
            Ok(Pruned {
                updates: execute(
                    tx,
                    "DELETE FROM inbox WHERE update_id IN
                     (SELECT update_id FROM inbox WHERE state <> 'new' AND finished_at < $1 ORDER BY finished_at LIMIT $2)",
                    values(),
                )
                .await?,
                jobs: execute(
                    tx,
                    "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs
                     WHERE state IN ('done', 'given_up') AND finished_at < $1 ORDER BY finished_at LIMIT $2)",
                    values(),
                )
                .await?,
                notices: execute(
                    tx,
                    "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox
                     WHERE state IN ('sent', 'dropped') AND finished_at < $1 ORDER BY finished_at LIMIT $2)",
                    values(),
                )
                .await?,
            })
        })
    })
    .await
}
