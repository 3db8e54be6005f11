//! What touches everything about a person.

mod departure;
mod departure_queries;
mod export;
mod queries;

pub use departure::{REASONS, end_registration, leave};
pub use export::{Export, Person, export};
