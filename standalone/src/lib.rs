//! standalone
pub mod demo;
