//! Words that pass between processes through PostgreSQL (`LISTEN`/`NOTIFY`), so that
//! caches in every API are dropped within moments, with or without Redis.

use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::StreamExt;
use tokio::sync::broadcast;

use super::Database;

/// What may have changed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A course, a lesson or a rendition changed.
    Catalogue,
    /// A month was closed, or a branch or something else changed that reports of closed months name.
    Months,
    /// This account changed; its id as text.
    Account(String),
    /// The line was down and is up again: anything may have been missed.
    Everything,
    /// The line is down: what is cached may be stale until [`Notice::Everything`].
    Lost,
}

/// Listens for ever on a connection of its own and passes on what it hears.
/// A lost line is said at once ([`Notice::Lost`]) and built up again.
pub async fn listen(database: Database, to: broadcast::Sender<Notice>) {
    loop {
        if let Err(error) = listen_once(&database, &to).await {
            tracing::warn!(%error, "the line for cache notices is down");
        }
        // Nobody listening is no fault: the receivers come and go.
        drop(to.send(Notice::Lost));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn listen_once(database: &Database, to: &broadcast::Sender<Notice>) -> anyhow::Result<()> {
    let mut connection = AsyncPgConnection::establish(database.url()).await?;
    diesel::sql_query("LISTEN changqing_catalogue").execute(&mut connection).await?;
    diesel::sql_query("LISTEN changqing_accounts").execute(&mut connection).await?;
    diesel::sql_query("LISTEN changqing_months").execute(&mut connection).await?;
    drop(to.send(Notice::Everything));
    loop {
        let heard = {
            let mut stream = std::pin::pin!(connection.notifications_stream());
            tokio::time::timeout(Duration::from_millis(500), stream.next()).await
        };
        match heard {
            Ok(Some(Ok(notification))) => {
                let notice = match notification.channel.as_str() {
                    "changqing_catalogue" => Notice::Catalogue,
                    "changqing_months" => Notice::Months,
                    _ => Notice::Account(notification.payload),
                };
                drop(to.send(notice));
            }
            Ok(Some(Err(error))) => return Err(error.into()),
            Ok(None) => anyhow::bail!("the stream of notices ended"),
            // Silence: the stream does not end when the server goes, so ask now and then.
            Err(_elapsed) => {
                tokio::time::timeout(Duration::from_secs(2), diesel::sql_query("SELECT 1").execute(&mut connection))
                    .await??;
            }
        }
    }
}
