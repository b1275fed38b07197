//! The union of lists of starts.

use crate::UnixSeconds;

/// What is in any of these lists, each ascending without repeats, in the same form.
///
/// Hosts of one team mostly share their steps, so two lists together are hardly longer than one:
/// merging them in pairs stays near the length of one where sorting would pay for all.
pub(super) fn union(mut lists: Vec<Vec<UnixSeconds>>) -> Vec<UnixSeconds> {
    while lists.len() > 1 {
        let mut merged = Vec::with_capacity(lists.len().div_ceil(2));
        let mut rest = lists.into_iter();
        while let Some(one) = rest.next() {
            merged.push(match rest.next() {
                Some(other) => union_of_two(&one, &other),
                None => one,
            });
        }
        lists = merged;
    }
    lists.pop().unwrap_or_default()
}

fn union_of_two(one: &[UnixSeconds], other: &[UnixSeconds]) -> Vec<UnixSeconds> {
    let mut both = Vec::with_capacity(one.len() + other.len());
    let (mut left, mut right) = (0, 0);
    // Which of the two is next is as random as a coin, so the loop does not branch on it.
    while left < one.len() && right < other.len() {
        let (first, second) = (one[left], other[right]);
        both.push(first.min(second));
        left += usize::from(first <= second);
        right += usize::from(second <= first);
    }
    both.extend_from_slice(&one[left..]);
    both.extend_from_slice(&other[right..]);
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_is_ascending_and_has_everything_once() {
        assert!(union(Vec::new()).is_empty());
        assert_eq!(union(vec![vec![3, 9]]), [3, 9]);
        let lists = vec![vec![1, 4, 6], vec![], vec![4, 5, 9], vec![0], vec![6, 7]];
        assert_eq!(union(lists), [0, 1, 4, 5, 6, 7, 9]);
        // As many lists as a service has hosts, on three grids.
        let lists: Vec<Vec<i64>> = (0..50)
            .map(|host| {
                (host % 3..400)
                    .step_by(if host % 2 == 0 { 3 } else { 4 })
                    .collect()
            })
            .collect();
        let mut expected: Vec<i64> = lists.concat();
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(union(lists), expected);
    }
}
