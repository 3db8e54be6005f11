//! Rosters: what branch schools hand in, read and judged row by row.

pub mod judging;
pub mod reading;
#[cfg(test)]
mod samples;
