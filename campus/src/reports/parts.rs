//! A month's records read a few branches at a time, while others are at work.

use std::time::Duration;

use uuid::Uuid;

use super::scope::Scope;
use super::statements::Statement;

/// How long a part is to take, about. As long as it does, every version of what others change must be kept for
/// it: the rows of those who learn just then grow longer with each report, and are slow until they are cleared away.
const LONGEST: Duration = Duration::from_millis(100);

/// What one statement still has to read.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    whole: Option<Scope<'a>>,
    left: &'a [Uuid],
    /// How many branches are read at a time.
    size: usize,
}

impl<'a> Parts<'a> {
    /// All that `statement` is to read; `branches` are all there are.
    pub(super) const fn of(statement: Statement, scope: Scope<'a>, branches: &'a [Uuid]) -> Self {
        let divisible = matches!(scope, Scope::All) && statement.is_divisible();
        Self { whole: Some(scope), left: if divisible { branches } else { &[] }, size: 1 }
    }

    pub(super) const fn is_done(&self) -> bool {
        self.whole.is_none() && self.left.is_empty()
    }

    /// What to read next: all that is left, or where others are at work a part of it. The one before took so long.
    pub(super) fn take(&mut self, crowded: bool, took: Duration) -> Scope<'a> {
        if let Some(scope) = self.whole.take() {
            if !crowded || self.left.is_empty() {
                self.left = &[];
                return scope;
            }
        } else if took > LONGEST {
            self.size = (self.size / 2).max(1);
        } else if took < LONGEST / 2 {
            self.size = self.size.saturating_mul(2);
        }
        let count = if crowded { self.size.min(self.left.len()) } else { self.left.len() };
        let (part, left) = self.left.split_at(count);
        self.left = left;
        Scope::Only(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(statement: Statement, took: &[(bool, u64)]) -> Vec<usize> {
        let branches: Vec<Uuid> = (0..20).map(Uuid::from_u128).collect();
        let mut parts = Parts::of(statement, Scope::All, &branches);
        let mut read = Vec::new();
        for (crowded, took) in took {
            match parts.take(*crowded, Duration::from_millis(*took)) {
                Scope::All => return vec![branches.len()],
                Scope::Only(part) => read.extend_from_slice(part),
            }
            if parts.is_done() {
                break;
            }
        }
        assert!(branches.starts_with(&read), "each branch is read once");
        vec![read.len(), parts.left.len()]
    }

    #[test]
    fn while_others_work_parts_grow_until_they_take_a_tenth_of_a_second() {
        assert_eq!(sizes(Statement::Learning, &[(true, 0)]), [1, 19]);
        assert_eq!(sizes(Statement::Learning, &[(true, 0), (true, 10)]), [3, 17]);
        assert_eq!(sizes(Statement::Learning, &[(true, 0), (true, 10), (true, 70)]), [5, 15]);
        assert_eq!(sizes(Statement::Learning, &[(true, 0), (true, 10), (true, 101), (true, 500)]), [5, 15]);
        assert_eq!(sizes(Statement::Learning, &[(true, 0), (false, 10)]), [20, 0]);
    }

    #[test]
    fn what_is_not_of_one_branch_each_is_read_at_once() {
        assert_eq!(sizes(Statement::TotalRegistrations, &[(true, 0)]), [20]);
        assert_eq!(sizes(Statement::Learning, &[(false, 0)]), [20]);
    }
}
