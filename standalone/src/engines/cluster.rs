//! The PostgreSQL cluster in the data folder: made once, with data checksums, and never half.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use super::binaries::{PostgresBinaries, find_postgres, missing};
use super::error::EngineError;
use super::postgres::OWNER;
use super::process::{EngineFolder, Launch, Log};
use super::user::EngineUser;

/// From this version on PostgreSQL brings its own locales, the same on every machine.
const BUILTIN_LOCALES: u32 = 17;

/// Finds the cluster in `data_dir` or makes it, and answers with the programs that fit it.
pub(crate) async fn prepare_cluster(
    data_dir: &Path,
    user: Option<EngineUser>,
    durable: bool,
) -> Result<(PostgresBinaries, EngineFolder), EngineError> {
    let installed = find_postgres(data_dir)?;
    let path = data_dir.join("postgres");
    let binaries = match cluster_version(&path)? {
        Some(version) => installed
            .into_iter()
            .find(|binaries| binaries.version == version)
            .ok_or_else(|| EngineError::ClusterVersion { path: path.clone(), version })?,
        None => {
            let newest = installed.into_iter().next().ok_or_else(|| missing("PostgreSQL 15 or newer", "postgresql"))?;
            make_cluster(data_dir, &path, user, &newest, durable).await?;
            newest
        }
    };
    Ok((binaries, EngineFolder::open(&path, user)?))
}

fn cluster_version(path: &Path) -> Result<Option<u32>, EngineError> {
    let file = path.join("PG_VERSION");
    match fs::read_to_string(&file) {
        Ok(text) => text.trim().parse().map(Some).map_err(|error| {
            EngineError::rights("understand", file)(std::io::Error::new(ErrorKind::InvalidData, error))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(EngineError::rights("read", file)(error)),
    }
}

/// Makes the cluster beside its place and moves it there when it is whole, so that a start that
/// was killed in the middle leaves nothing that looks like a cluster.
async fn make_cluster(
    data_dir: &Path,
    path: &Path,
    user: Option<EngineUser>,
    binaries: &PostgresBinaries,
    durable: bool,
) -> Result<(), EngineError> {
    let unfinished = data_dir.join("postgres.unfinished");
    let log = Log::open(data_dir, "initdb")?;
    let mut failure = String::new();
    for locale in locales(binaries.version) {
        remove_folder(&unfinished)?;
        let folder = EngineFolder::open(&unfinished, user)?;
        let program = binaries.program("initdb");
        let mut child = Launch {
            program: "initdb",
            path: &program,
            arguments: arguments(&folder.argument, locale, durable),
            user,
            folder: &folder,
            log: &log,
            death_signal: Signal::KILL,
        }
        .spawn()?;
        let exit = child.wait().await;
        if exit.success {
            return fs::rename(&unfinished, path).map_err(EngineError::rights("create", path));
        }
        failure = log.last_words().unwrap_or(exit.description);
    }
    Err(EngineError::Start { program: "initdb", detail: failure, log: log.path })
}

fn remove_folder(path: &PathBuf) -> Result<(), EngineError> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(EngineError::rights("remove", path)(error)),
    }
}

/// Locales to try, best first: all sort by code point, so that an index made on one machine is
/// right on every other; the plain C locale is there for systems without C.UTF-8.
fn locales(version: u32) -> Vec<&'static [&'static str]> {
    let mut locales: Vec<&'static [&'static str]> = Vec::new();
    if version >= BUILTIN_LOCALES {
        locales.push(&["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]);
    }
    locales.push(&["--locale=C.UTF-8"]);
    locales.push(&["--locale=C"]);
    locales
}

fn arguments(folder: &Path, locale: &[&str], durable: bool) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "--pgdata",
        &folder.to_string_lossy(),
        "--username",
        OWNER,
        "--encoding=UTF8",
        "--data-checksums",
        "--auth-local=trust",
        "--auth-host=reject",
    ]
    .iter()
    .chain(locale)
    .map(|argument| (*argument).to_owned())
    .collect();
    if !durable {
        arguments.push("--no-sync".to_owned());
    }
    arguments
}
