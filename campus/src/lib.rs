//! The domain of Changqing: every rule and every query. It knows no HTTP and no process.

pub mod access;
pub mod account_statements;
pub mod accounts;
pub mod anomalies;
pub mod attestation;
pub mod audit;
pub mod branches;
pub mod certificates;
pub mod clock;
pub mod codes;
pub mod config;
pub mod consents;
pub mod courses;
pub mod credits;
pub mod db;
pub mod deployment;
pub mod discussion;
pub mod dossiers;
pub mod encodings;
pub mod error;
pub mod files;
pub mod helping;
pub mod honours;
pub mod idempotency;
pub mod ids;
pub mod jobs;
pub mod language;
pub mod learning;
pub mod lrs;
pub mod mail;
pub mod paging;
pub mod pdf;
pub mod pictures;
pub mod quotas;
pub mod recognition;
pub mod reconciliation;
pub mod reports;
pub mod residents;
pub mod rewards;
pub mod rosters;
pub mod seal;
pub mod signals;
pub mod spreadsheets;
pub mod statements;
pub mod stewardship;
pub mod storage;
pub mod videos;
pub mod writing;

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Database;
use crate::db::notices::Notice;
use crate::lrs::Lrs;
use crate::mail::Mailer;
use crate::seal::Seal;
use crate::signals::Signals;
use crate::storage::Storage;

/// What every verb stands on. Cheap to clone.
#[derive(Clone)]
pub struct Campus {
    /// The database.
    pub database: Database,
    /// What time it is.
    pub clock: Clock,
    /// Object storage.
    pub storage: Storage,
    /// Mail.
    pub mailer: Mailer,
    /// The learning record store, where there is one.
    pub lrs: Option<Arc<Lrs>>,
    /// Seals what the database must not show.
    pub seal: Arc<Seal>,
    /// Redis, or the lack of it.
    pub signals: Arc<Signals>,
    /// What may have changed in another process.
    pub notices: broadcast::Sender<Notice>,
    /// The configuration it was built from.
    pub config: Arc<Config>,
}

impl Campus {
    /// Puts the parts together; connects to nothing yet.
    ///
    /// # Errors
    /// When a part's configuration cannot be used.
    pub fn new(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let (notices, _) = broadcast::channel(256);
        Ok(Self {
            database: Database::connect(&config.database_url, config.database_connections)?,
            clock,
            storage: Storage::new(config.storage.clone())?,
            mailer: Mailer::new(&config.mail, &config.mail_from)?,
            lrs: config.lrs.as_ref().map(Lrs::new).transpose()?.map(Arc::new),
            seal: Arc::new(Seal::load(&config.signing_keys)?),
            signals: Arc::new(Signals::new(config.redis_url.as_deref(), config.redis_patience)?),
            notices,
            config: Arc::new(config),
        })
    }

    /// Listens for changes made by other processes, for as long as the process lives.
    pub fn listen(&self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(db::notices::listen(self.database.clone(), self.notices.clone()))
    }
}
