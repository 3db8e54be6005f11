//! Residents: the people on record.

pub mod identity;
