//! The open months as they stand: a worker keeps their figures on a board in Redis, branch by branch,
//! and every API reads them there. What is on the board was measured by the statements that measure
//! a month without it, so both say the same; where nobody keeps it, those statements are asked.

mod board;
mod changed;
mod keeper;
mod reader;

pub use keeper::Keeper;
pub use reader::revision;
pub(super) use reader::{brought_up_to_date, standing};
