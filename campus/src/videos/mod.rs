//! Course videos: from the file a branch uploads to what a phone can play.
pub mod media;
