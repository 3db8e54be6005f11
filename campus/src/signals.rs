//! Redis, as far as it is needed: it wakes workers, counts attempts over all APIs and holds boards that they share.
//! It is never the truth, and everything goes on when it is down.

mod boards;
mod delays;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Script};
use tokio::sync::OnceCell;
use uuid::Uuid;

pub use boards::Board;
use delays::Attempts;
pub use delays::GrowingDelay;

/// The channel that wakes workers.
const WAKE: &str = "changqing:wake";

/// How long Redis may take for one answer before we go on without it, where nobody waits for exact counts.
pub const PATIENCE: Duration = Duration::from_millis(150);

/// Counts one within a window of seconds: how many there are now, and the seconds that are left.
static ADMIT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local used = redis.call('INCR', KEYS[1]) \
         if used == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end \
         return {used, redis.call('TTL', KEYS[1])}",
    )
});

/// Counts one less, where the window is still open.
static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| {
    Script::new("if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('DECR', KEYS[1]) end return 0")
});

fn limit_key(key: &str) -> String {
    format!("changqing:limit:{key}")
}

/// A line to Redis, or the lack of one.
pub struct Signals {
    patience: Duration,
    client: Option<redis::Client>,
    manager: OnceCell<ConnectionManager>,
    up: AtomicBool,
    local: Mutex<HashMap<String, (Instant, u64)>>,
    delays: Mutex<HashMap<String, Attempts>>,
    /// What changed and was not handed on yet.
    changed: Mutex<HashSet<Uuid>>,
}

/// So many in so long.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// How many are admitted.
    pub count: u64,
    /// In how many seconds.
    pub seconds: u64,
}

impl Signals {
    /// A line to the Redis at `url` (`redis://…`, `redis+unix://…`); without one, limits are
    /// counted in this process alone. It goes on without an answer that takes longer than `patience`.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub fn new(url: Option<&str>, patience: Duration) -> anyhow::Result<Self> {
        Ok(Self {
            patience,
            client: url.map(redis::Client::open).transpose()?,
            manager: OnceCell::new(),
            up: AtomicBool::new(url.is_some()),
            local: Mutex::new(HashMap::new()),
            delays: Mutex::new(HashMap::new()),
            changed: Mutex::new(HashSet::new()),
        })
    }

    async fn connection(&self) -> Option<ConnectionManager> {
        let client = self.client.as_ref()?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(self.patience))
            .set_response_timeout(Some(self.patience))
            .set_number_of_retries(0);
        let connecting = self.manager.get_or_try_init(|| client.get_connection_manager_with_config(config));
        match tokio::time::timeout(self.patience * 2, connecting).await {
            Ok(Ok(manager)) => Some(manager.clone()),
            _ => None,
        }
    }

    fn note(&self, up: bool) {
        if self.up.swap(up, Ordering::Relaxed) != up {
            if up {
                tracing::info!("Redis is back");
            } else {
                tracing::warn!("Redis is down: limits are counted in this process, workers poll");
            }
        }
    }

    /// Whether Redis answers.
    pub async fn is_up(&self) -> bool {
        let Some(mut connection) = self.connection().await else { return false };
        let answer: Result<String, _> = redis::cmd("PING").query_async(&mut connection).await;
        self.note(answer.is_ok());
        answer.is_ok()
    }

    /// Wakes the workers; a lost call costs one polling interval, no more.
    pub async fn wake_workers(&self) {
        if let Some(mut connection) = self.connection().await {
            let sent: Result<i64, _> = connection.publish(WAKE, "").await;
            self.note(sent.is_ok());
        }
    }

    /// Waits for a call to wake up, at most `patience`.
    pub async fn wait_for_wake(&self, patience: Duration) {
        let waiting = async {
            let client = self.client.as_ref()?;
            let mut line = client.get_async_pubsub().await.ok()?;
            line.subscribe(WAKE).await.ok()?;
            futures_util::StreamExt::next(&mut line.on_message()).await.map(drop)
        };
        // Without Redis the wait is the polling interval.
        let deadline = Instant::now() + patience;
        if let Ok(None) = tokio::time::timeout(patience, waiting).await {
            tokio::time::sleep_until(deadline.into()).await;
        }
    }

    /// Counts one attempt against `key`. `Err`: too many, come back in so many seconds.
    /// The same limit holds, per process, while Redis is down.
    ///
    /// # Errors
    /// The seconds to wait.
    pub async fn admit(&self, key: &str, limit: Limit) -> Result<(), u64> {
        if let Some(answer) = self.admit_in_redis(key, limit).await {
            return answer;
        }
        self.admit_here(key, limit)
    }

    /// Takes one attempt back that [`Signals::admit`] has counted: it was none of those that are limited.
    pub async fn give_back(&self, key: &str) {
        if let Some(mut connection) = self.connection().await {
            let given: Result<i64, _> = GIVE_BACK.key(limit_key(key)).invoke_async(&mut connection).await;
            self.note(given.is_ok());
            if given.is_ok() {
                return;
            }
        }
        let mut counters = self.local.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, used)) = counters.get_mut(key) {
            *used = used.saturating_sub(1);
        }
    }

    async fn admit_in_redis(&self, key: &str, limit: Limit) -> Option<Result<(), u64>> {
        let mut connection = self.connection().await?;
        let counted: Result<(u64, i64), _> =
            ADMIT.key(limit_key(key)).arg(limit.seconds).invoke_async(&mut connection).await;
        self.note(counted.is_ok());
        let (used, left) = counted.ok()?;
        Some(if used <= limit.count { Ok(()) } else { Err(u64::try_from(left).unwrap_or(1).max(1)) })
    }

    fn admit_here(&self, key: &str, limit: Limit) -> Result<(), u64> {
        let now = Instant::now();
        let window = Duration::from_secs(limit.seconds);
        let mut counters = self.local.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if counters.len() > 100_000 {
            counters.retain(|_, (began, _)| now.duration_since(*began) < window);
        }
        let counter = counters.entry(key.to_owned()).or_insert((now, 0));
        if now.duration_since(counter.0) >= window {
            *counter = (now, 0);
        }
        counter.1 += 1;
        if counter.1 <= limit.count {
            Ok(())
        } else {
            Err((window.saturating_sub(now.duration_since(counter.0))).as_secs().max(1))
        }
    }
}
