//! The private PostgreSQL and Redis: made, kept, restarted, stopped. They need both programs
//! installed (`scripts/install.sh`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use redis::AsyncCommands;
use standalone::engines::{EngineError, Postgres, PostgresOptions, Redis, RedisOptions};
use tokio_postgres::{Client, NoTls};

fn quick() -> PostgresOptions {
    PostgresOptions { durable: false, ..PostgresOptions::default() }
}

async fn connect(postgres: &Postgres) -> Client {
    let (client, connection) = tokio_postgres::connect(&postgres.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn setting(client: &Client, name: &str) -> String {
    client.query_one(&format!("SHOW {name}"), &[]).await.unwrap().get(0)
}

fn process_exists(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[tokio::test]
async fn postgres_is_private_and_keeps_its_data_over_a_restart() {
    // Closed to every other user, as a checkout below /root is.
    let data = tempfile::tempdir().unwrap();
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let postgres = Postgres::start(data.path(), PostgresOptions::default()).await.unwrap();
    let client = connect(&postgres).await;
    assert_eq!(setting(&client, "listen_addresses").await, "");
    assert_eq!(setting(&client, "fsync").await, "on");
    assert_eq!(setting(&client, "synchronous_commit").await, "on");
    assert_eq!(setting(&client, "data_checksums").await, "on");
    assert_eq!(setting(&client, "server_encoding").await, "UTF8");
    let rights = fs::metadata(postgres.socket_dir()).unwrap().permissions();
    assert_eq!(rights.mode() & 0o777, 0o700);
    client.batch_execute("CREATE TABLE kept (name text); INSERT INTO kept VALUES ('常青')").await.unwrap();
    drop(client);
    let pid = postgres.pid().unwrap();
    postgres.stop().await;
    assert!(!process_exists(pid));

    let postgres = Postgres::start(data.path(), quick()).await.unwrap();
    let client = connect(&postgres).await;
    let row = client.query_one("SELECT name FROM kept", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "常青");
    postgres.stop().await;
}

#[tokio::test]
async fn postgres_runs_in_an_open_folder_with_its_socket_inside() {
    let data = tempfile::tempdir().unwrap();
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let postgres = Postgres::start(data.path(), quick()).await.unwrap();
    assert_eq!(postgres.socket_dir(), data.path().canonicalize().unwrap().join("run"));
    connect(&postgres).await;
    postgres.stop().await;
}

#[tokio::test]
async fn a_killed_postgres_comes_back_with_everything_committed() {
    let data = tempfile::tempdir().unwrap();
    let postgres = Postgres::start(data.path(), quick()).await.unwrap();
    let client = connect(&postgres).await;
    client.batch_execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number").await.unwrap();
    let before = postgres.pid();
    postgres.kill();
    postgres.restarted(before).await;
    assert_ne!(postgres.pid(), before);
    let row = connect(&postgres).await.query_one("SELECT count(*) FROM kept", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 1000);
    postgres.stop().await;
}

#[tokio::test]
async fn a_stale_pid_file_does_not_hinder_a_start() {
    let data = tempfile::tempdir().unwrap();
    let postgres = Postgres::start(data.path(), quick()).await.unwrap();
    postgres.stop().await;
    // Process 1 is always alive, as a reused number would be.
    let stale = format!("1\n{}\n0\n5432\n/tmp\n\n0 0\nready\n", data.path().display());
    fs::write(data.path().join("postgres/postmaster.pid"), stale).unwrap();
    Postgres::start(data.path(), quick()).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_cluster_of_an_absent_version_is_named() {
    let data = tempfile::tempdir().unwrap();
    fs::create_dir(data.path().join("postgres")).unwrap();
    fs::write(data.path().join("postgres/PG_VERSION"), "9\n").unwrap();
    let error = Postgres::start(data.path(), quick()).await.unwrap_err();
    assert!(matches!(error, EngineError::ClusterVersion { version: 9, .. }), "{error}");
    assert!(error.to_string().contains("postgresql-9"), "{error}");
}

#[tokio::test]
async fn a_killed_redis_comes_back_and_a_stopped_one_is_gone() {
    let data = tempfile::tempdir().unwrap();
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let server = Redis::start(data.path(), RedisOptions::default()).await.unwrap();
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let () = connection.set("key", "value").await.unwrap();
    let value: String = connection.get("key").await.unwrap();
    assert_eq!(value, "value");

    let before = server.pid();
    server.kill();
    server.restarted(before).await;
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let value: Option<String> = connection.get("key").await.unwrap();
    assert_eq!(value, None, "nothing is kept on the disk");

    let pid = server.pid().unwrap();
    server.stop().await;
    assert!(!process_exists(pid));
}
