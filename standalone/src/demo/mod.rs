//! The demo network: a street that could exist, with courses worth watching.
//!
//! Everything is data that lies beside this file; the videos are drawn from it at first start
//! ([`render_lesson`]), so no film lies in the repository. Names and numbers are invented.

mod accounts;
mod captions;
mod courses;
mod fill;
mod outcomes;
mod people;
mod render;
mod slides;
mod venues;

pub use accounts::DemoAccount;
pub use captions::{CaptionLanguage, captions};
pub use courses::{Caption, Course, Lesson, Slide, courses};
pub use fill::fill;
pub use people::{ADMIN, DemoResident, DemoStaff, RESIDENTS, RESIDENTS_BRANCH, SECOND_ADMIN, STAFF};
pub use render::render_lesson;

/// The street's branches as the street hands them in: `code,name,parent,population`, UTF-8, one
/// header line; the centre, which has no parent, comes first.
pub const BRANCHES_CSV: &str = include_str!("branches.csv");
