//! Embedded S3-compatible object storage on loopback, and the way to it on the site's own port.
//!
//! There is one bucket, named [`BUCKET`], so that the path-style address of an object is
//! `/storage/<key>`: the same path under which the site's port passes requests on to it. A URL
//! presigned for `http://<host and port the browser uses>` therefore verifies here as it stands.

mod keys;
mod layout;
mod lent;
mod listing;
mod multipart;
pub mod proxy;
mod refusal;
mod server;
mod store;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;

use crate::engines::EngineError;
pub use keys::StorageKeys;
use layout::Layout;
use server::Server;
use store::Store;

/// The one bucket; also the first part of every object's path.
pub const BUCKET: &str = "storage";
/// The region that requests are signed for.
pub const REGION: &str = "changqing";

/// The running object storage.
#[derive(Debug)]
pub struct ObjectStorage {
    address: SocketAddr,
    keys: StorageKeys,
    server: Server,
}

impl ObjectStorage {
    /// Serves `data_dir/objects` on 127.0.0.1 at `port` (0: any free one), with the keys in
    /// `data_dir/keys/storage.json`, which are made on the first start.
    ///
    /// # Errors
    /// One line that says what to do: rights in the data folder, or no free port.
    pub async fn start(data_dir: &Path, port: u16) -> Result<Self, EngineError> {
        let keys = StorageKeys::load_or_make(&data_dir.join("keys"))?;
        let root = data_dir.join("objects");
        let bucket = root.join(BUCKET);
        fs::create_dir_all(&bucket).map_err(EngineError::rights("create", &bucket))?;
        let root = root.canonicalize().map_err(EngineError::rights("open", &root))?;
        let files = s3s_fs::FileSystem::new(&root).map_err(|error| EngineError::Storage(format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(Store::new(files, Arc::new(Layout::new(root))));
        builder.set_auth(SimpleAuth::from_single(keys.access_key.as_str(), keys.secret_key.as_str()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|error| EngineError::Storage(error.to_string()))?;
        let address = listener.local_addr().map_err(|error| EngineError::Storage(error.to_string()))?;
        let server = Server::start(listener, builder.build());
        Ok(Self { address, keys, server })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Endpoint for S3 clients in this process.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The keys requests are signed with.
    #[must_use]
    pub fn keys(&self) -> &StorageKeys {
        &self.keys
    }

    /// Stops taking requests and waits a few seconds for those that run.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
