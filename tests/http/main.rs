//! The application over HTTP, one module a subject; one program, because linking is what takes long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)]
#![allow(missing_docs)]

mod catalogue;
mod courses;
mod health;
mod making;
mod reports;
mod videos;
