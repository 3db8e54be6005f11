<<<<<<< HEAD
//! The application over HTTP, one module a subject; one program, because linking is what takes long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)]

mod health;
=======
//! The API over HTTP, as browsers and other programs use it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod courses;
mod site;
mod videos;
>>>>>>> refs/heads/courses
