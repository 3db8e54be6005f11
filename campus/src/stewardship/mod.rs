//! What touches everything about a person: joining two records of one, and finding such records.

mod duplicate_queries;
mod duplicates;
mod likeness;
mod merge_queries;
mod merges;

pub use duplicates::{Duplicate, duplicates, tell_apart};
pub use likeness::Likeness;
pub use merges::{Holdings, Joining, Merge, MergeItem, merge, merges, preview, undo};
