//! Which branches are measured.

use uuid::Uuid;

/// All branches, or some: a month that is open is measured anew where something changed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope<'a> {
    /// Every branch.
    All,
    /// These alone.
    Only(&'a [Uuid]),
}

impl Scope<'_> {
    /// The branches, for the statement's second parameter; none where all are meant.
    pub(super) fn branches(self) -> Vec<Uuid> {
        match self {
            Self::All => Vec::new(),
            Self::Only(branches) => branches.to_vec(),
        }
    }

    /// What a statement's `WHERE` goes on with, so that `column` is one of the branches. Nothing
    /// where all are meant: with a condition that holds for everybody the planner could not know that with
    /// few branches an index serves.
    pub(super) fn and(self, column: &str) -> String {
        match self {
            Self::All => String::new(),
            Self::Only(_) => format!(" AND {column} = ANY($2)"),
        }
    }
}
