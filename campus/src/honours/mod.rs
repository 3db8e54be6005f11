//! Honours at the end of a year: the people, families and units that have learned most, drawn up by
//! credits or hours, frozen, and taken away in a file.

mod criteria;
mod export;
mod lists;
mod names;
mod queries;
mod rows;

pub use criteria::{Criteria, Measure};
pub use export::export;
pub use lists::{draw_up, freeze, frozen, frozen_lists};
pub use rows::{Drawn, Frozen, FrozenSummary, Honoured, Honours};
