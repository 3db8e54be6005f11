//! The domain.
pub mod videos;
