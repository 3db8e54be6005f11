//! The engines of one machine: a private PostgreSQL and a private Redis that live in the data
//! folder, listen on Unix sockets only, die with this process and are restarted when they fall.

mod binaries;
mod cluster;
mod data_folder;
mod error;
mod leftovers;
mod postgres;
mod process;
mod redis;
mod sockets;
mod supervision;
mod user;

pub use binaries::{PostgresBinaries, find_ffmpeg, find_postgres, find_redis};
pub use data_folder::DataFolder;
pub use error::EngineError;
pub use postgres::{DATABASE, OWNER, Postgres, PostgresOptions};
pub use redis::{Redis, RedisOptions};
