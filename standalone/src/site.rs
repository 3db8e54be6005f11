//! The seam between the engines and the site: everything the site needs is in [`SiteContext`],
//! and [`run_site`] serves it until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use actix_web::{App, HttpServer};
use tokio_util::sync::CancellationToken;

use crate::settings::Settings;
use crate::storage::{StorageKeys, proxy};

/// What the engines hand to the site.
#[derive(Debug)]
pub struct SiteContext {
    /// The site's port, bound and listening.
    pub listener: TcpListener,
    /// What this start was told.
    pub settings: Settings,
    /// Absolute path of the data folder.
    pub data_dir: PathBuf,
    /// The ffmpeg program.
    pub ffmpeg: PathBuf,
    /// The database as its owner; the application's own role is made by the migrations.
    pub postgres_url: String,
    /// Redis over its Unix socket.
    pub redis_url: String,
    /// S3 endpoint for this process.
    pub storage_endpoint: String,
    /// Where the way under `/storage/` leads.
    pub storage_address: SocketAddr,
    /// Keys for signing.
    pub storage_keys: StorageKeys,
    /// Cancelled when the site is to stop; [`run_site`] then has ten seconds to return.
    pub stopping: CancellationToken,
}

/// Serves the site until `context.stopping` is cancelled.
///
/// # Errors
/// Whatever keeps the site from being served.
pub async fn run_site(context: SiteContext) -> anyhow::Result<()> {
    // SEAM: migrations, demo network, api and worker start here; they use everything in `context`.
    let target = context.storage_address;
    let address = context.listener.local_addr()?;
    let server = HttpServer::new(move || App::new().configure(|config| proxy::configure(config, target)))
        .disable_signals()
        .shutdown_timeout(5)
        .listen(context.listener)?
        .run();
    let handle = server.handle();
    crate::start::progress(&format!("已就绪：http://{address}"), &format!("ready: http://{address}"));
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => ended?,
        () = context.stopping.cancelled() => {
            let stop = handle.stop(true);
            let (ended, ()) = tokio::join!(server, stop);
            ended?;
        }
    }
    Ok(())
}
