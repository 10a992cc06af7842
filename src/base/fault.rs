//! The one kind of error that is ours and not a person's: wrapped with context once, logged once at the edge.
use sea_orm::{DbErr, RuntimeErr};
use std::fmt;
use std::time::Duration;

/// Something that should have worked and did not: a database, a file, a bug's trace. Never shown to people as it is.
pub struct Fault {
    error: anyhow::Error,
    cause: Cause,
}

/// Whose doing a fault is: what must be known to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Our own, as far as anybody can tell: trying again may never help.
    Ours,
    /// What we stand on is away (a database, a network, Telegram): it will be back.
    Away,
    /// We were told to come again after so long, and not before.
    Wait(Duration),
}

impl Fault {
    /// A fault in our own words.
    pub fn new(what: impl fmt::Display) -> Self {
        Self::caused(Cause::Ours, what)
    }

    /// Something that we stand on does not answer.
    pub fn away(what: impl fmt::Display) -> Self {
        Self::caused(Cause::Away, what)
    }

    /// Somebody who answers told us to come again after `pause`.
    pub fn wait(pause: Duration, what: impl fmt::Display) -> Self {
        Self::caused(Cause::Wait(pause), what)
    }

    fn caused(cause: Cause, what: impl fmt::Display) -> Self {
        Self { error: anyhow::anyhow!("{what}"), cause }
    }

    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// Says what we were doing when it happened.
    #[must_use]
    pub fn context(self, doing: impl fmt::Display + Send + Sync + 'static) -> Self {
        Self { error: self.error.context(doing), cause: self.cause }
    }

    /// The whole chain in one line, for the log.
    pub fn chain(&self) -> String {
        format!("{:#}", self.error)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl std::error::Error for Fault {}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        Self { error, cause: Cause::Ours }
    }
}

impl From<DbErr> for Fault {
    fn from(error: DbErr) -> Self {
        Self::from(&error)
    }
}

impl From<&DbErr> for Fault {
    fn from(error: &DbErr) -> Self {
        match error {
            // Our own words for what the database said.
            DbErr::Conn(RuntimeErr::Internal(words))
            | DbErr::Exec(RuntimeErr::Internal(words))
            | DbErr::Query(RuntimeErr::Internal(words)) => Self::caused(cause_of(error), words),
            other => Self::caused(cause_of(other), other),
        }
    }
}

/// A database that cannot be reached, has no room, or is being stopped says nothing about what it was asked.
fn cause_of(error: &DbErr) -> Cause {
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) { Cause::Away } else { Cause::Ours }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::from(anyhow::Error::new(error))
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::from(anyhow::Error::new(error))
    }
}

impl From<crate::base::Overflow> for Fault {
    fn from(error: crate::base::Overflow) -> Self {
        Self::from(anyhow::Error::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Fault};
    use sea_orm::{DbErr, RuntimeErr};
    use std::time::Duration;

    #[test]
    fn a_fault_keeps_its_cause_whatever_is_said_of_it() {
        let minute = Duration::from_mins(1);
        for (fault, cause) in [
            (Fault::new("a bug"), Cause::Ours),
            (Fault::away("no answer"), Cause::Away),
            (Fault::wait(minute, "later"), Cause::Wait(minute)),
            (DbErr::Conn(RuntimeErr::Internal("refused".to_owned())).into(), Cause::Away),
            (DbErr::Query(RuntimeErr::Internal("no such column".to_owned())).into(), Cause::Ours),
        ] {
            assert_eq!(fault.context("doing something").cause(), cause);
        }
    }

    #[test]
    fn what_a_database_said_is_said_once() {
        let fault = Fault::from(DbErr::Conn(RuntimeErr::Internal("refused".to_owned()))).context("connecting");
        assert_eq!(fault.chain(), "connecting: refused");
    }
}
