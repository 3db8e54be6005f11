//! The API over HTTP, as browsers and other programs use it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod courses;
mod site;
mod videos;
