//! The jobs that make dossiers and remove them again.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

use super::rows::Dossier;
use super::{KEPT_DAYS, making, queries};
use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::jobs::{Handler, NewJob, Recurrence, Schedule, enqueue};

#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    dossier: Uuid,
}

pub(super) async fn enqueue_making(connection: &mut Connection, dossier: &Dossier) -> Result<()> {
    let job = NewJob::new(MakeDossier.kind(), json!(Asked { dossier: dossier.id }), dossier.requested_at);
    enqueue(connection, &job).await?;
    Ok(())
}

/// Makes one. Run again after a crash it begins anew.
#[derive(Debug, Clone, Copy)]
struct MakeDossier;

#[async_trait]
impl Handler for MakeDossier {
    fn kind(&self) -> &'static str {
        "make_dossier"
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        Box::pin(making::make(campus, Asked::deserialize(payload)?.dossier)).await
    }

    async fn gave_up(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let id = Asked::deserialize(payload)?.dossier;
        queries::fail(&mut *campus.database.connection().await?, id, campus.clock.now()).await
    }
}

/// Removes those whose days are over.
#[derive(Debug, Clone, Copy)]
struct RemoveDossiers;

#[async_trait]
impl Handler for RemoveDossiers {
    fn kind(&self) -> &'static str {
        "remove_dossiers"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        let before = campus.clock.now() - Duration::days(KEPT_DAYS);
        let over = queries::finished_before(&mut *campus.database.connection().await?, before).await?;
        for dossier in over {
            // First the archive: a row that says it is gone must be right.
            if let Some(key) = &dossier.object_key {
                campus.storage.delete(key).await?;
            }
            queries::removed(&mut *campus.database.connection().await?, dossier.id).await?;
        }
        Ok(())
    }
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(MakeDossier), Box::new(RemoveDossiers)]
}

/// When.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: RemoveDossiers.kind(), recurs: Recurrence::Every(Duration::HOUR), queue: "default" }]
}
