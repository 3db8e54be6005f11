//! The database away: said once, waited out, said once when it is over.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use campus::error::Error;

/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(5);

/// How many calls in a row have failed.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    failures: AtomicU32,
}

impl Outage {
    /// Notes a failed call and answers how long to wait before the next.
    pub(crate) fn failed(&self, error: &Error) -> Duration {
        let before = self.failures.fetch_add(1, Ordering::Relaxed);
        if before == 0 {
            tracing::error!(%error, "jobs cannot be read; trying again until they can");
        }
        (Duration::from_millis(200) * 2_u32.saturating_pow(before.min(8))).min(LONGEST)
    }

    /// Notes that a call went through.
    pub(crate) fn over(&self) {
        if self.failures.swap(0, Ordering::Relaxed) > 0 {
            tracing::info!("jobs can be read again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_start_again() {
        let outage = Outage::default();
        let error = Error::DatabaseUnavailable(String::new());
        let pauses: Vec<Duration> = (0..7).map(|_| outage.failed(&error)).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses.last(), Some(&LONGEST));
        outage.over();
        assert_eq!(outage.failed(&error), Duration::from_millis(200));
    }
}
