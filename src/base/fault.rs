//! The one kind of error that is ours and not a person's: wrapped with context once, logged once at the edge.
use std::fmt;

/// Something that should have worked and did not: a database, a file, a bug's trace. Never shown to people as it is.
pub struct Fault(anyhow::Error);

impl Fault {
    /// A fault in our own words.
    pub fn new(what: impl fmt::Display) -> Self {
        Self(anyhow::anyhow!("{what}"))
    }

    /// Says what we were doing when it happened.
    #[must_use]
    pub fn context(self, doing: impl fmt::Display + Send + Sync + 'static) -> Self {
        Self(self.0.context(doing))
    }

    /// The whole chain in one line, for the log.
    pub fn chain(&self) -> String {
        format!("{:#}", self.0)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for Fault {}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        Self(error)
    }
}

impl From<sea_orm::DbErr> for Fault {
    fn from(error: sea_orm::DbErr) -> Self {
        Self(anyhow::Error::new(error))
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self(anyhow::Error::new(error))
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self(anyhow::Error::new(error))
    }
}

impl From<crate::base::Overflow> for Fault {
    fn from(error: crate::base::Overflow) -> Self {
        Self(anyhow::Error::new(error))
    }
}
