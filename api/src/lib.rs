//! HTTP in, JSON out. Handlers turn a request into typed input, call one verb of the
//! domain, and turn its answer into JSON; they hold no rule and no SQL.

pub mod problem;

mod branches;
mod detach;
mod documentation;
mod health;
mod input;
mod limits;
mod observe;
mod permit;
mod reports;
mod residents;
mod rosters;
mod server;
mod session;
mod site;
mod state;
mod upload;

pub use documentation::document;
pub use server::{Running, ServerConfig, start};
pub use state::State;
