//! What touches everything about a person: taking it away, finding and joining two records of one.

mod departure;
mod departure_queries;
mod duplicate_queries;
mod duplicates;
mod export;
mod likeness;
mod merge_queries;
mod merges;
mod queries;

pub use departure::{REASONS, end_registration, leave};
pub use duplicates::{Duplicate, duplicates, tell_apart};
pub use export::{Export, Person, export};
pub use likeness::Likeness;
pub use merges::{Holdings, Joining, Merge, MergeItem, merge, merges, preview, undo};
