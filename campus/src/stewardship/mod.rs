//! What touches everything about a person.

mod export;
mod queries;

pub use export::{Export, Person, export};
