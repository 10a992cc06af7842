//! The answer of a guarded update.

/// Whether a row took the step, or somebody else moved it first.
#[must_use = "a lost race must be told from a step taken"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    Yes,
    LostRace,
}

impl Moved {
    /// From the number of rows that a guarded `UPDATE ... WHERE id = ? AND state = from` changed.
    pub const fn from_rows(rows: u64) -> Self {
        if rows == 1 { Self::Yes } else { Self::LostRace }
    }

    pub const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }
}
