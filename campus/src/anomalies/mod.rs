//! What looks out of the ordinary: found every night, listed for admins, and settled by one of them with
//! a note. Nothing is done by itself: there may be a good reason, and a person has to ask for it.
//!
//! Attendance above a room's capacity belongs here too, and has no source yet: there are no activities.

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
pub use rows::{Anomaly, Batch, Figures, Kind, Lesson, Person, Settlement};
pub use searches::{Overview, list, overview, request};
pub use settlement::{reopen, settle};
