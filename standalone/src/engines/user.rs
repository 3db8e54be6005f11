//! Under which user the engines run. PostgreSQL refuses to run as root, so a root start borrows
//! an unprivileged user of the system.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use super::error::EngineError;

/// The user an engine runs under when this process is root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EngineUser {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// The unprivileged user for engines: `None` when this process is not root and engines simply
/// run as itself.
pub(crate) fn engine_user() -> Result<Option<EngineUser>, EngineError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").map_err(EngineError::rights("read", "/etc/passwd"))?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| find_user(&passwd, name))
        .map(Some)
        .ok_or(EngineError::NoUnprivilegedUser)
}

fn find_user(passwd: &str, name: &str) -> Option<EngineUser> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(EngineUser { uid, gid })
    })
}

/// Makes `path` a folder of the engine user that nobody else may enter.
pub(crate) fn make_private_folder(path: &Path, user: Option<EngineUser>) -> Result<(), EngineError> {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(path).map_err(EngineError::rights("create", path))?;
    let metadata = fs::symlink_metadata(path).map_err(EngineError::rights("read", path))?;
    if !metadata.is_dir() {
        let cause = std::io::Error::from(std::io::ErrorKind::NotADirectory);
        return Err(EngineError::rights("use", path)(cause));
    }
    if let Some(user) = user
        && (metadata.uid(), metadata.gid()) != (user.uid, user.gid)
    {
        chown(path, Some(user.uid), Some(user.gid)).map_err(EngineError::rights("change the owner of", path))?;
    }
    if metadata.mode() & 0o777 != 0o700 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(EngineError::rights("change the rights of", path))?;
    }
    Ok(())
}

/// Whether the engine user can walk down to `path` from the root of the file system. A checkout
/// below `/root` cannot be reached by anybody but root.
pub(crate) fn can_reach(path: &Path, user: EngineUser) -> bool {
    path.ancestors().skip(1).all(|folder| {
        fs::metadata(folder).is_ok_and(|metadata| {
            let bit = if metadata.uid() == user.uid {
                0o100
            } else if metadata.gid() == user.gid {
                0o010
            } else {
                0o001
            };
            metadata.mode() & bit != 0
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\npostgresql:x:5:6::/:/bin/sh\npostgres:x:104:106:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        assert_eq!(find_user(PASSWD, "postgres"), Some(EngineUser { uid: 104, gid: 106 }));
        assert_eq!(find_user(PASSWD, "nobody"), None);
    }

    #[test]
    fn a_folder_below_a_closed_one_is_out_of_reach() {
        use std::os::unix::fs::PermissionsExt;
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let stranger = EngineUser { uid: 4_000_000, gid: 4_000_000 };
        fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!can_reach(&inner, stranger));
        fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o711)).unwrap();
        assert!(can_reach(&inner, stranger));
    }
}
