//! One page of a list.

/// Which slice of a list: `index` counts from 0, `size` rows each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub index: u32,
    pub size: u32,
}

impl Page {
    pub const fn new(index: u32, size: u32) -> Self {
        Self { index, size }
    }

    pub fn offset(self) -> i64 {
        i64::from(self.index) * i64::from(self.size)
    }

    pub fn limit(self) -> i64 {
        i64::from(self.size)
    }

    /// How many pages `total` rows fill; at least one.
    pub fn count(self, total: i64) -> u32 {
        let size = i64::from(self.size.max(1));
        u32::try_from((total.max(1) + size - 1) / size).unwrap_or(u32::MAX)
    }
}
