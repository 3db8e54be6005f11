//! A pool in lanes: threads that run everything by themselves each have connections of their own.
//!
//! A connection is driven by a task of the runtime it was opened in. Used from another thread, each
//! statement wakes that thread and is woken by it again; on the thread that opened it, the task is
//! simply the next to run.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool::managed::{QueueMode, TimeoutType, Timeouts};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool, PoolError};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use tokio::runtime::{Handle, RuntimeFlavor};

/// How long a free connection is waited for: a crowd that comes at once is served late rather than
/// turned away.
const QUEUE_PATIENCE: Duration = Duration::from_secs(10);
/// How long the making of a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The lane of this thread among those of single threads; the threads of a server count up.
fn of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! { static OWN: Cell<Option<usize>> = const { Cell::new(None) } }
    OWN.with(|own| {
        let number = own.get().unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed));
        own.set(Some(number));
        number
    })
}

/// The first lane is everybody's; the others belong to threads that run a runtime alone.
#[derive(Clone)]
pub(super) struct Lanes(Arc<[Pool<AsyncPgConnection>]>);

impl Lanes {
    /// At most `size` connections to `url`, in all lanes together.
    pub(super) fn new(url: &str, size: usize) -> anyhow::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let count = (1 + threads).min(size).max(1);
        let lanes = (0..count).map(|lane| pool(url, (size + lane) / count));
        Ok(Self(lanes.collect::<anyhow::Result<Vec<_>>>()?.into()))
    }

    fn own(&self) -> usize {
        let single = Handle::try_current().is_ok_and(|it| it.runtime_flavor() == RuntimeFlavor::CurrentThread);
        match self.0.len() {
            0 | 1 => 0,
            lanes if single => 1 + of_this_thread() % (lanes - 1),
            _ => 0,
        }
    }

    /// A connection of this thread's lane; where that has none to spare, one of another lane.
    pub(super) async fn connection(&self) -> Result<Object<AsyncPgConnection>, PoolError> {
        let own = self.own();
        let (others, rest) = self.0.split_at(own);
        let Some((own, after)) = rest.split_first() else { return Err(PoolError::Closed) };
        let at_once = Timeouts { wait: Some(Duration::ZERO), ..own.timeouts() };
        for lane in std::iter::once(own).chain(after).chain(others) {
            match lane.timeout_get(&at_once).await {
                Err(PoolError::Timeout(TimeoutType::Wait)) => {}
                found => return found,
            }
        }
        own.get().await
    }
}

fn pool(url: &str, size: usize) -> anyhow::Result<Pool<AsyncPgConnection>> {
    let mut config = ManagerConfig::default();
    // The default recycling asks the server before each use, at a cost of a third of
    // the request rate; a broken connection shows itself at its next statement.
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Ok(Pool::builder(manager)
        .max_size(size.max(1))
        // The line used last is the one whose statements are prepared and planned and whose
        // server process is warm; taken in turn, each of many stays cold.
        .queue_mode(QueueMode::Lifo)
        .wait_timeout(Some(QUEUE_PATIENCE))
        .create_timeout(Some(PATIENCE))
        .recycle_timeout(Some(PATIENCE))
        .runtime(deadpool::Runtime::Tokio1)
        .build()?)
}
