//! What can go wrong with an engine, each as one line that says what to do.

use std::path::PathBuf;

/// A start, stop or fault of an engine that needs a person's hand. The `Display` text is one line
/// meant for the terminal.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Programs are not installed.
    #[error(
        "{programs} missing: install {packages} (Debian/Ubuntu: apt-get install {packages}) or run scripts/install.sh"
    )]
    Missing {
        /// What was looked for, with its least version.
        programs: String,
        /// The Debian packages that bring it.
        packages: String,
    },
    /// The cluster in the data folder was made by a PostgreSQL that is not installed.
    #[error(
        "{path} was made by PostgreSQL {version}, which is not installed: install postgresql-{version}, or choose another DATA_DIR"
    )]
    ClusterVersion {
        /// The cluster's folder.
        path: PathBuf,
        /// The major version that made it.
        version: u32,
    },
    /// Another start uses this data folder.
    #[error("{path} is in use by another running Changqing: stop that one first, or set DATA_DIR to another folder")]
    Locked {
        /// The data folder.
        path: PathBuf,
    },
    /// The file system of the data folder is full.
    #[error(
        "{path} has {free_mib} MiB free and needs {needed_mib} MiB: make room, or set DATA_DIR to a folder on a larger disk"
    )]
    NoRoom {
        /// The data folder.
        path: PathBuf,
        /// Free room in MiB.
        free_mib: u64,
        /// Room a start needs in MiB.
        needed_mib: u64,
    },
    /// The data folder, or something in it, cannot be read or written by this user.
    #[error("cannot {action} {path}: {cause}: give this user the right to it, or set DATA_DIR to another folder")]
    NoRights {
        /// What was tried: "create", "write to", …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system answered.
        cause: std::io::Error,
    },
    /// Running as root, and no user exists under which PostgreSQL may run.
    #[error(
        "running as root, and there is neither a user `postgres` nor `nobody` to run PostgreSQL under: create one (useradd --system postgres)"
    )]
    NoUnprivilegedUser,
    /// A program could not be started or ended at once.
    #[error("{program} did not start: {detail} (log: {log})")]
    Start {
        /// The program.
        program: &'static str,
        /// Its last words, or what the system said.
        detail: String,
        /// Where it wrote its log.
        log: PathBuf,
    },
    /// An earlier engine process does not go away.
    #[error(
        "process {pid} of an earlier start still uses {path} and does not end: end it with `kill -9 {pid}` and start again"
    )]
    Leftover {
        /// The process.
        pid: i32,
        /// The folder it works in.
        path: PathBuf,
    },
    /// The embedded object storage could not be opened or could not listen.
    #[error("the object storage did not start: {0}")]
    Storage(String),
    /// The database answered with an error while it was prepared.
    #[error("PostgreSQL could not be prepared: {0}")]
    Database(#[from] tokio_postgres::Error),
}

impl EngineError {
    /// Turns a failed file operation into the error that names the file.
    pub(crate) fn rights(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::NoRights { action, path, cause }
    }
}
