//! The data folder: created, checked for room and rights, and locked for one start at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::error::EngineError;

/// Free room a start needs, in MiB: a new cluster, its write-ahead log and the demo videos.
const NEEDED_MIB: u64 = 1024;

/// An opened data folder. The lock lasts as long as this value (and never longer than the
/// process, `kill -9` included).
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates the folder where it is missing, takes its lock and checks room and rights.
    ///
    /// # Errors
    /// [`EngineError::NoRights`], [`EngineError::Locked`] or [`EngineError::NoRoom`].
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        fs::create_dir_all(path).map_err(EngineError::rights("create", path))?;
        let path = path.canonicalize().map_err(EngineError::rights("open", path))?;
        let lock_path = path.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(EngineError::rights("write to", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(EngineError::Locked { path }),
            Err(TryLockError::Error(cause)) => {
                return Err(EngineError::rights("lock", lock_path)(cause));
            }
        }
        check_room(&path, NEEDED_MIB)?;
        Ok(Self { path, _lock: lock })
    }

    /// The folder's absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn check_room(path: &Path, needed_mib: u64) -> Result<(), EngineError> {
    let room = rustix::fs::statvfs(path).map_err(|errno| EngineError::rights("measure", path)(errno.into()))?;
    let free_mib = room.f_bavail.saturating_mul(room.f_frsize) / (1024 * 1024);
    if free_mib < needed_mib {
        return Err(EngineError::NoRoom { path: path.to_owned(), free_mib, needed_mib });
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_on_one_folder_is_refused_and_a_later_one_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let first = DataFolder::open(&path).unwrap();
        let second = DataFolder::open(&path).unwrap_err();
        assert!(matches!(second, EngineError::Locked { .. }), "{second}");
        drop(first);
        DataFolder::open(&path).unwrap();
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        fs::write(&path, "").unwrap();
        let error = DataFolder::open(&path).unwrap_err().to_string();
        assert!(error.contains("DATA_DIR"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }

    #[test]
    fn a_full_disk_is_named_with_what_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        check_room(folder.path(), 0).unwrap();
        let line = check_room(folder.path(), u64::MAX).unwrap_err().to_string();
        assert!(line.contains("MiB free") && line.contains("DATA_DIR"), "{line}");
    }
}
