//! Temporary folders that outlive no process: each is held by a file lock, which the system
//! drops however the process ends, so that what `kill -9` left behind is known and removed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ids::new_id;

const PREFIX: &str = "changqing-video-";
const LOCK: &str = ".lock";
/// A folder that is not locked after so long never will be.
const MAKING: Duration = Duration::from_secs(3600);

/// Removes what processes that are gone have left in the folder for temporary files.
///
/// # Errors
/// What the file system says.
pub fn remove_leftovers() -> io::Result<()> {
    sweep(&std::env::temp_dir())
}

/// A folder of its own, removed when dropped.
pub(super) struct Workspace {
    path: PathBuf,
    _lock: File,
}

impl Workspace {
    /// Makes one inside `parent`, after removing those there whose process is gone.
    pub(super) fn open(parent: &Path) -> io::Result<Self> {
        sweep(parent)?;
        // It gets the name that a sweep looks for only once it is locked.
        let id = new_id();
        let making = parent.join(format!("making-{PREFIX}{id}"));
        let path = parent.join(format!("{PREFIX}{id}"));
        fs::create_dir(&making)?;
        let lock = File::create(making.join(LOCK))?;
        lock.lock()?;
        fs::rename(&making, &path)?;
        Ok(Self { path, _lock: lock })
    }

    /// A new, empty folder inside it.
    pub(super) fn folder(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.path.join(name);
        fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// The path of a file inside it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "a temporary folder could not be removed");
        }
    }
}

fn sweep(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_left = match name.strip_prefix("making-") {
            Some(name) => name.starts_with(PREFIX) && is_old(&entry),
            None => name.starts_with(PREFIX) && is_abandoned(&entry.path()),
        };
        if is_left {
            // Another sweep may have been quicker.
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::debug!(%error, "a left-over folder could not be removed");
            }
        }
    }
    Ok(())
}

fn is_old(entry: &fs::DirEntry) -> bool {
    let made = entry.metadata().and_then(|data| data.modified());
    made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > MAKING))
}

fn is_abandoned(path: &Path) -> bool {
    File::open(path.join(LOCK)).map_or(true, |lock| lock.try_lock().is_ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_process_left_is_removed_and_what_is_held_stays() {
        let parent = std::env::temp_dir().join(format!("workspace-test-{}", new_id()));
        fs::create_dir(&parent).unwrap();
        let held = Workspace::open(&parent).unwrap();
        fs::write(held.file("original"), b"x").unwrap();
        let left = parent.join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        File::create(left.join(LOCK)).unwrap();
        let other = parent.join("something-else");
        fs::create_dir(&other).unwrap();

        let second = Workspace::open(&parent).unwrap();
        assert!(held.file("original").exists());
        assert!(!left.exists());
        assert!(other.exists());
        drop(second);
        drop(held);
        assert_eq!(fs::read_dir(&parent).unwrap().count(), 1);
        fs::remove_dir_all(&parent).unwrap();
    }
}
