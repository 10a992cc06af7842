//! Lists in SQL, in few different texts, so that each database keeps few prepared statements.

pub(super) use crate::db::places;

/// How long a list is made that must hold so many: each length is another text, which every connection prepares once, and
/// somebody waits for that.
pub(super) fn roomy(count: usize) -> usize {
    const LENGTHS: [usize; 6] = [1, 4, 16, 64, 128, 512];
    LENGTHS.into_iter().find(|length| *length >= count).unwrap_or_else(|| count.next_power_of_two())
}

/// The same ids, the last repeated: an `IN` list does not mind.
pub(super) fn padded(mut ids: Vec<i64>) -> Vec<i64> {
    if let Some(last) = ids.last().copied() {
        ids.resize(roomy(ids.len()), last);
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::{padded, places, roomy};

    #[test]
    fn lists_have_few_lengths() {
        assert_eq!(places(2, 3), "$2, $3, $4");
        assert_eq!(padded(vec![7, 8, 9]), [7, 8, 9, 9]);
        assert!(padded(vec![]).is_empty());
        assert_eq!([1, 2, 17, 65, 129, 513].map(roomy), [1, 4, 64, 128, 512, 1_024]);
    }
}
