//! Jobs of the residents.

use async_trait::async_trait;
use diesel_async::AsyncConnection;
use serde_json::Value;

use super::contact::{key_context, seal_contact};
use super::identity::initials;
use super::queries;
use crate::Campus;
use crate::error::{Error, Result};
use crate::jobs::{Handler, Recurrence, Schedule};

/// How many people are sealed in one transaction.
const AT_ONCE: i64 = 500;

/// Seals what stands in plain, and seals anew what an older key has sealed: when it has run, an
/// older key may go.
#[derive(Debug, Clone, Copy)]
pub struct SealContacts;

#[async_trait]
impl Handler for SealContacts {
    fn kind(&self) -> &'static str {
        "seal_contacts"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        while seal_some(campus).await? > 0 {}
        Ok(())
    }
}

async fn seal_some(campus: &Campus) -> Result<usize> {
    let seal = &campus.seal;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let people = queries::to_seal(connection, seal, AT_ONCE).await?;
            for person in &people {
                let contact = person.contact(seal)?;
                let context = key_context(person.id);
                let kept = person.sealed.personal_key.as_deref();
                let key = kept.map(|kept| seal.renew_personal_key(&context, kept)).transpose()?;
                let sealed = seal_contact(seal, person.id, key.as_deref(), &contact)?;
                queries::keep_contact(connection, person.id, &sealed).await?;
                queries::set_initials(connection, person.id, &initials(&person.name)).await?;
            }
            Ok::<_, Error>(people.len())
        })
        .await
}

/// What this room has run.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(SealContacts)]
}

/// When it comes due.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: SealContacts.kind(), recurs: Recurrence::Nightly, queue: "default" }]
}
