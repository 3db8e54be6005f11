//! The database: one pool, one way to open a transaction, the migrations.

mod lanes;
pub mod notices;
#[rustfmt::skip]
pub mod schema;

use diesel::QueryResult;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::{Error, Result};
use lanes::Lanes;

/// Every migration, up and down, in order.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// One connection, inside or outside a transaction.
pub type Connection = AsyncPgConnection;

/// A pool of connections to one database.
#[derive(Clone)]
pub struct Database {
    lanes: Lanes,
    url: String,
}

impl Database {
    /// A pool of at most `size` connections to `url`; connects when first used.
    ///
    /// # Errors
    /// When the pool cannot be built.
    pub fn connect(url: &str, size: usize) -> anyhow::Result<Self> {
        Ok(Self { lanes: Lanes::new(url, size)?, url: url.to_owned() })
    }

    /// A connection from the pool; `&mut *database.connection().await?` is what verbs use,
    /// and its `transaction` commits everything or nothing.
    ///
    /// # Errors
    /// [`Error::DatabaseUnavailable`] when none can be had within 5 seconds.
    pub async fn connection(&self) -> Result<Object<AsyncPgConnection>> {
        self.lanes.connection().await.map_err(|error| Error::DatabaseUnavailable(error.to_string()))
    }

    /// Where this pool connects to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// A text as a LIKE pattern takes it literally.
#[must_use]
pub fn like_literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// The one value among all rows (`load`) of a statement that is a transaction by itself.
///
/// A row can reach us before the commit that it belongs to: a server that is going down sends
/// what it has buffered. Only the end of the answer says that the commit is done, so all of it
/// must have been read; `get_result` leaves off after the first row.
///
/// # Errors
/// What the database said; then nothing was committed, unless the line broke.
pub fn committed<Value>(rows: QueryResult<Vec<Value>>) -> QueryResult<Value> {
    rows?.pop().ok_or(diesel::NotFound)
}

/// Brings the database at `url` up to the newest migration; does nothing when it is there.
/// Needs the owner's role, not the application's, and a multi-threaded runtime.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    let mut connection = AsyncPgConnection::establish(url).await?;
    // Two processes that start at the same moment migrate one after the other.
    diesel::sql_query("SELECT pg_advisory_lock(7100)").execute(&mut connection).await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    harness.run_pending_migrations(MIGRATIONS).map_err(|error| anyhow::anyhow!("migration failed: {error}"))?;
    Ok(())
}
