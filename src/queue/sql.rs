//! Lists in SQL, in few different texts, so that each database keeps few prepared statements.

/// `$first, $first+1, ...`
pub(super) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

/// The same ids, the last repeated up to a power of two: an `IN` list does not mind, and only a dozen texts exist.
pub(super) fn padded(mut ids: Vec<i64>) -> Vec<i64> {
    if let Some(last) = ids.last().copied() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::{padded, places};

    #[test]
    fn lists_have_few_lengths() {
        assert_eq!(places(2, 3), "$2, $3, $4");
        assert_eq!(padded(vec![7, 8, 9]), [7, 8, 9, 9]);
        assert!(padded(vec![]).is_empty());
    }
}
