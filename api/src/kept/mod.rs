//! Finished answers that many ask for and that seldom change. They are kept in memory
//! ([`Answers`]) and given out before routing, logging and the rest ([`KeptLayer`]).

mod answers;
mod layer;

pub use answers::Answers;
pub use layer::KeptLayer;
pub(crate) use layer::ranking_key;

use actix_web::web::Bytes;
use serde::Serialize;

use crate::problem::Problem;

/// The body of an answer that is kept.
///
/// # Errors
/// A value that has no form in JSON.
pub(crate) fn body(value: &impl Serialize) -> Result<Bytes, Problem> {
    Ok(serde_json::to_vec(value).map_err(campus::error::Error::from)?.into())
}
