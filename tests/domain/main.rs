//! The domain without HTTP: migrations, the schema, jobs, idempotency.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)]

mod forgetting;
mod job_rows;
mod migrations;
mod workers;
