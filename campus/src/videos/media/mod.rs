//! What ffmpeg does for us: look at an uploaded file, and make of it what old phones can play.
//!
//! Everything here works on local files and knows neither database nor object storage. An
//! uploaded file is hostile until proven otherwise, so
//! - its first bytes decide what it is ([`sniff_file`]), never its name, and ffmpeg is told to
//!   read it as that and nothing else;
//! - ffmpeg may open local files and pipes only, so that a playlist cannot make it fetch things;
//! - every run has an end: wall time, processor time, memory, output size.
//!
//! The order is [`sniff_file`] (optional, for an early answer), [`probe`], [`transcode`].

mod numbers;
mod plan;
mod preview;
mod probe;
mod refusal;
mod sniff;
mod tool;
mod transcode;

#[cfg(test)]
mod tests;

pub use numbers::FrameRate;
pub use preview::PreviewSheet;
pub use probe::{Probe, probe, probe_within};
pub use refusal::{FoundType, MediaError, MediaRefusal};
pub use sniff::{Container, sniff, sniff_file};
pub use tool::MediaLimits;
pub use transcode::{Rendition, RenditionKind, Renditions, transcode, transcode_within};
