//! Real files, made by ffmpeg, taken through sniffing, probing and transcoding.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod files;
mod hostile;
mod ordinary;
