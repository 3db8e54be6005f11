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

use std::fs::File;
use std::path::Path;

use rustix::process::Signal;

pub use binaries::{PostgresBinaries, find_ffmpeg, find_postgres, find_redis, require_all};
pub use data_folder::DataFolder;
pub use error::EngineError;
pub use postgres::{DATABASE, OWNER, Postgres, PostgresOptions};
pub use redis::{Redis, RedisOptions};

/// Ends whatever engine process still belongs to `data_dir`, for a start that was given up
/// halfway.
///
/// # Errors
/// [`EngineError::Leftover`] when a process does not end.
pub async fn end_all(data_dir: &Path) -> Result<(), EngineError> {
    let user = user::engine_user()?;
    let marker = sockets::marker(data_dir);
    leftovers::end_leftovers("postgres", &marker, data_dir, Signal::INT).await?;
    let socket = sockets::socket_folder(data_dir, user)?;
    let redis = socket.join("redis.sock");
    let redis = redis.to_string_lossy();
    for program in ["redis-server", "valkey-server"] {
        leftovers::end_leftovers(program, &redis, data_dir, Signal::TERM).await?;
    }
    sockets::leave(&socket);
    Ok(())
}

/// Opens `logs/<name>.log` in the data folder for appending; a large one is set aside first.
///
/// # Errors
/// [`EngineError::NoRights`].
pub fn open_log(data_dir: &Path, name: &str) -> Result<File, EngineError> {
    process::Log::open(data_dir, name).map(process::Log::into_file)
}
