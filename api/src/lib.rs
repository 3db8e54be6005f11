//! HTTP in, JSON out. Handlers turn a request into typed input, call one verb of the
//! domain, and turn its answer into JSON; they hold no rule and no SQL.

pub mod problem;
pub mod process;

mod accounts;
mod audit;
mod awards;
mod branches;
mod captions;
mod cards;
mod catalogue;
mod certificates;
mod consents;
mod courses;
mod credit_account;
mod credit_rules;
mod credits;
mod desk;
mod detach;
mod devices;
mod documentation;
mod figures;
mod gate;
mod health;
mod helping;
mod honours;
mod input;
mod learning;
mod lessons;
mod limits;
mod merges;
mod moves;
mod observe;
mod operations;
mod password_reset;
mod permit;
mod questions;
mod ratings;
mod recognition;
mod reports;
mod residents;
mod rewards;
mod rosters;
mod server;
mod session;
mod site;
mod state;
mod stewardship;
mod storage_reports;
mod upload;
mod videos;
mod visitor;

pub use documentation::document;
pub use server::{Extra, Running, ServerConfig, start};
pub use state::{Settings, State};
