//! The domain: every rule and every query. Knows no HTTP and no process.

pub mod residents;
pub mod rosters;
