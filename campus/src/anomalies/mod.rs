//! What looks out of the ordinary: found every night, listed for admins, and settled by one of them with
//! a note. Nothing is done by itself: there may be a good reason, and a person has to ask for it.
//!
//! How many came to a venue is known from the awards that name it, and counted by whom they were given to.

mod batches;
mod detectors;
mod jobs;
mod keeping;
mod naming;
mod queries;
mod rows;
mod rules;
mod searches;
mod settlement;
mod words;

pub use jobs::{handlers, schedules};
pub use rows::{Anomaly, Batch, Figures, Kind, Lesson, Person, Settlement, Venue};
pub use searches::{Overview, list, overview, request};
pub use settlement::{reopen, settle};
