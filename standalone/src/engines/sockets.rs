//! Where the engines' Unix sockets are. A socket's path may have 107 bytes at most, and the
//! engine's user must be able to reach it, so a deep or closed data folder gets a short folder
//! elsewhere.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};

use super::error::EngineError;
use super::user::{self, EngineUser};

/// Longest path of a Unix socket on Linux, in bytes, without the closing zero.
const LONGEST: usize = 107;

/// Longest name of a socket in the folder.
const NAME: &str = "/.s.PGSQL.5432";

/// A name for this data folder, the same at every start: it marks the engines' processes and
/// names their socket folder.
pub(crate) fn marker(data_dir: &Path) -> String {
    let digest = hex::encode(Md5::digest(data_dir.as_os_str().as_bytes()));
    format!("changqing-{}", digest.get(..12).unwrap_or(&digest))
}

/// The folder of the engines' sockets, created with mode 0700.
pub(crate) fn socket_folder(data_dir: &Path, user: Option<EngineUser>) -> Result<PathBuf, EngineError> {
    let own = data_dir.join("run");
    let fits = own.as_os_str().len() + NAME.len() <= LONGEST;
    if fits && user.is_none_or(|user| user::can_reach(&own, user)) {
        user::make_private_folder(&own, user)?;
        return Ok(own);
    }
    // Only root may write to /run, so nobody else can have laid a trap there.
    let parent = match user {
        Some(_) if Path::new("/run").is_dir() => "/run",
        _ => "/tmp",
    };
    let folder = Path::new(parent).join(marker(data_dir));
    if let Ok(metadata) = fs::symlink_metadata(&folder) {
        let owner = user.map_or(rustix::process::geteuid().as_raw(), |user| user.uid);
        if metadata.uid() != owner {
            let cause = std::io::Error::other("it belongs to another user");
            return Err(EngineError::rights("use", folder)(cause));
        }
    }
    user::make_private_folder(&folder, user)?;
    Ok(folder)
}

/// Removes the folder once the last engine has left it.
pub(crate) fn leave(folder: &Path) {
    if let Err(error) = fs::remove_dir(folder) {
        tracing::debug!(folder = %folder.display(), %error, "socket folder kept");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_data_folder_gets_a_short_socket_folder() {
        let parent = tempfile::tempdir().unwrap();
        let shallow = parent.path().join("data");
        let deep = parent.path().join("d".repeat(100));
        fs::create_dir(&shallow).unwrap();
        fs::create_dir(&deep).unwrap();
        assert_eq!(socket_folder(&shallow, None).unwrap(), shallow.join("run"));
        let short = socket_folder(&deep, None).unwrap();
        assert!(short.as_os_str().len() + NAME.len() <= LONGEST);
        assert_eq!(fs::metadata(&short).unwrap().mode() & 0o777, 0o700);
        fs::remove_dir(short).unwrap();
    }
}
