//! The key pair of the embedded object storage.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::engines::EngineError;

/// An S3 key pair.
#[derive(Clone, Serialize, Deserialize)]
pub struct StorageKeys {
    /// Names the pair; appears in presigned URLs.
    pub access_key: String,
    /// Signs; never leaves this machine.
    pub secret_key: String,
}

impl std::fmt::Debug for StorageKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StorageKeys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

impl StorageKeys {
    /// Reads `storage.json` in `folder`, or makes a pair and writes it there, readable by this
    /// user alone.
    pub(crate) fn load_or_make(folder: &Path) -> Result<Self, EngineError> {
        let path = folder.join("storage.json");
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                let cause = std::io::Error::new(ErrorKind::InvalidData, error);
                EngineError::rights("understand", path)(cause)
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::make(folder, &path),
            Err(error) => Err(EngineError::rights("read", path)(error)),
        }
    }

    fn make(folder: &Path, path: &Path) -> Result<Self, EngineError> {
        let keys = Self {
            access_key: hex::encode(rand::random::<[u8; 10]>()),
            secret_key: hex::encode(rand::random::<[u8; 32]>()),
        };
        fs::create_dir_all(folder).map_err(EngineError::rights("create", folder))?;
        // Written whole or not at all: a half-written key would lock the objects' URLs out.
        let unfinished = folder.join("storage.json.unfinished");
        let write = || -> std::io::Result<()> {
            let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
            file.write_all(&serde_json::to_vec_pretty(&keys)?)?;
            file.sync_all()?;
            fs::rename(&unfinished, path)
        };
        write().map_err(EngineError::rights("write to", path))?;
        Ok(keys)
    }
}
