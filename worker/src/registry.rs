//! The one list of what this worker can run.

use std::collections::HashMap;
use std::sync::Arc;

use campus::config::Config;
use campus::jobs::{Handler, Schedule};
use campus::{
    accounts, anomalies, attestation, certificates, courses, credits, dossiers, jobs, learning, mail, recognition,
    reconciliation, reports, residents, rewards, rosters, statements, videos,
};

/// A room with jobs adds its line here.
fn rooms() -> Vec<Vec<Box<dyn Handler>>> {
    vec![
        jobs::handlers(),
        mail::handlers(reports::mail_files),
        residents::jobs::handlers(),
        accounts::jobs::handlers(),
        rosters::jobs::handlers(),
        credits::handlers(),
        statements::handlers(),
        videos::handlers(),
        courses::handlers(),
        learning::handlers(),
        recognition::handlers(),
        certificates::handlers(),
        rewards::handlers(),
        reports::handlers(),
        dossiers::handlers(),
        attestation::handlers(),
        reconciliation::handlers(),
        anomalies::handlers(),
    ]
}

/// Every handler of the domain.
#[must_use]
pub fn handlers() -> Registry {
    Registry::new(rooms().into_iter().flatten())
}

/// Everything that comes due by the clock: a room with schedules adds its line here.
#[must_use]
pub fn schedules(config: &Config) -> Vec<Schedule> {
    [
        jobs::schedules(),
        residents::jobs::schedules(),
        accounts::jobs::schedules(),
        rosters::jobs::schedules(),
        credits::schedules(),
        statements::schedules(config),
        videos::schedules(),
        courses::schedules(),
        learning::schedules(config),
        recognition::schedules(),
        certificates::schedules(),
        rewards::schedules(),
        reports::schedules(),
        dossiers::schedules(),
        attestation::schedules(),
        reconciliation::schedules(),
        anomalies::schedules(),
    ]
    .concat()
}

/// Handlers by the kind of job they run.
#[derive(Clone)]
pub struct Registry {
    by_kind: HashMap<&'static str, Arc<dyn Handler>>,
}

impl Registry {
    /// A registry of these handlers.
    pub fn new(handlers: impl IntoIterator<Item = Box<dyn Handler>>) -> Self {
        Self { by_kind: handlers.into_iter().map(|handler| (handler.kind(), Arc::from(handler))).collect() }
    }

    /// The handler of a kind of job.
    #[must_use]
    pub fn find(&self, kind: &str) -> Option<Arc<dyn Handler>> {
        self.by_kind.get(kind).map(Arc::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_handlers_share_a_kind() {
        assert_eq!(handlers().by_kind.len(), rooms().into_iter().flatten().count());
    }
}
