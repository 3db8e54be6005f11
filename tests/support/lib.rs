//! What tests stand on: shared engines, a database for each, a running application, and
//! clients that talk to it. `tests/README.md` shows how.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)]

pub mod app;
pub mod client;
pub mod courses;
pub mod database;
pub mod engines;
pub mod lrs;
pub mod mailbox;
pub mod person;
pub mod pictures;

pub use app::{PASSWORD, TestApp};
pub use client::{Answer, Client};
pub use courses::{Course, id_of};
pub use person::Person;
