//! A database for each test, copied from one that was migrated once.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::MigrationHarness;
use standalone::engines::OWNER;

use crate::engines::Addresses;

/// The role that the application connects as.
pub const APPLICATION: &str = "changqing_app";

/// A database that is dropped with this.
#[derive(Debug)]
pub struct TestDatabase {
    addresses: Addresses,
    /// Its name.
    pub name: String,
}

impl TestDatabase {
    /// A migrated database.
    pub async fn migrated(addresses: &Addresses) -> Self {
        let template = template(addresses).await;
        Self::make(addresses, &format!("TEMPLATE {template}")).await
    }

    /// A database with nothing in it.
    pub async fn empty(addresses: &Addresses) -> Self {
        Self::make(addresses, "").await
    }

    async fn make(addresses: &Addresses, how: &str) -> Self {
        let name = format!("changqing_test_{}", uuid::Uuid::new_v4().simple());
        execute(&addresses.database(OWNER, "postgres"), &format!("CREATE DATABASE {name} {how}")).await;
        Self { addresses: addresses.clone(), name }
    }

    /// As the application, with no more rights than it has in earnest.
    #[must_use]
    pub fn url(&self) -> String {
        self.addresses.database(APPLICATION, &self.name)
    }

    /// As the owner, who migrates.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.addresses.database(OWNER, &self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let url = self.addresses.database(OWNER, "postgres");
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // In a thread: a drop cannot wait for its own runtime.
        let dropped = std::thread::spawn(move || apart(execute(&url, &statement))).join();
        assert!(dropped.is_ok() || std::thread::panicking(), "the database {} could not be dropped", self.name);
    }
}

/// Runs work on a runtime of its own; for threads that have none.
///
/// # Panics
/// When the system gives no runtime.
pub fn apart<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made").block_on(work)
}

/// A connection outside any pool.
///
/// # Panics
/// When the database cannot be reached.
pub async fn connect(url: &str) -> AsyncPgConnection {
    AsyncPgConnection::establish(url).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Runs statements outside any pool.
///
/// # Panics
/// When the database refuses.
pub async fn execute(url: &str, statements: &str) {
    let mut connection = connect(url).await;
    connection.batch_execute(statements).await.unwrap_or_else(|error| panic!("{statements}: {error}"));
}

/// The name of the migrated template, made by whoever comes first.
async fn template(addresses: &Addresses) -> String {
    let name = format!("changqing_template_{:016x}", fingerprint());
    let admin = addresses.database(OWNER, "postgres");
    let mut connection = connect(&admin).await;
    if exists(&mut connection, &name).await {
        return name;
    }
    connection.batch_execute("SELECT pg_advisory_lock(7199)").await.expect("locks can be had");
    if !exists(&mut connection, &name).await {
        let draft = format!("{name}_draft");
        let prepare = format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)");
        connection.batch_execute(&prepare).await.expect("a draft can be dropped");
        connection.batch_execute(&format!("CREATE DATABASE {draft}")).await.expect("a database can be made");
        migrate(addresses.database(OWNER, &draft)).await;
        let finish = format!("ALTER DATABASE {draft} RENAME TO {name}");
        connection.batch_execute(&finish).await.expect("a database can be renamed");
    }
    name
}

async fn exists(connection: &mut AsyncPgConnection, name: &str) -> bool {
    use diesel::sql_types::{Bool, Text};
    use diesel_async::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    diesel::sql_query("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS found")
        .bind::<Text, _>(name)
        .get_result::<Row>(connection)
        .await
        .expect("the catalogue can be read")
        .found
}

/// Migrations need a runtime with several threads, which a test's own need not have.
pub async fn migrate(url: String) {
    let migrated = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(async { campus::db::migrate(&url).await })
    });
    migrated.await.expect("migrating does not panic").expect("the migrations run");
}

/// Takes every migration back.
pub async fn revert(url: String) {
    let reverted = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(async {
            let mut harness = AsyncMigrationHarness::new(connect(&url).await);
            let reverted = harness.revert_all_migrations(campus::db::MIGRATIONS);
            reverted.map(drop).map_err(|error| anyhow::anyhow!("{error}"))
        })
    });
    reverted.await.expect("reverting does not panic").expect("the migrations can be reverted");
}

/// Changes with every change of a migration.
fn fingerprint() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .expect("the migrations are there")
        .map(|entry| entry.expect("the migrations can be listed").path().join("up.sql"))
        .collect();
    paths.sort();
    let mut hasher = DefaultHasher::new();
    for path in paths {
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).hash(&mut hasher);
    }
    hasher.finish()
}
