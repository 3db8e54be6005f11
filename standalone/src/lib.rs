//! Changqing on one machine: private engines, embedded object storage, and the site, started by
//! one command.

pub mod demo;
pub mod engines;
pub mod settings;
pub mod site;
pub mod start;
pub mod storage;
