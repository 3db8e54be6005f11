//! The application over HTTP, one module a subject; one program, because linking is what takes long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)]
#![allow(missing_docs)]

mod accounts;
mod audit;
mod awards;
mod books;
mod branches;
mod cards;
mod catalogue;
mod certificates;
mod consents;
mod course_files;
mod courses;
mod departure;
mod desk;
mod devices;
mod forged_tokens;
mod health;
mod helping;
mod hostile;
mod key_rotation;
mod ledger;
mod ledger_model;
mod making;
mod merges;
mod moves;
mod password_reset;
mod policy;
mod policy_cases;
mod privacy;
mod registration;
mod reports;
mod residents;
mod rosters;
mod second_factor;
mod session_ends;
mod sessions;
mod statements;
mod stewardship;
mod throttling;
mod tricks;
mod versions;
mod videos;
mod watching;
mod written_lessons;
