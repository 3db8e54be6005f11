//! The scheduled work of recognition.

use async_trait::async_trait;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{photos, posting};
use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::jobs::{self, Handler, NewJob, Recurrence, Schedule};

/// Posts what is approved and has been shown for as long as it must.
struct PostRecognitions;

#[async_trait]
impl Handler for PostRecognitions {
    fn kind(&self) -> &'static str {
        "post_recognitions"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        while posting::post_due(campus).await? > 0 {}
        Ok(())
    }
}

/// Removes photos that were taken out from the store.
struct RemovePhotos;

#[async_trait]
impl Handler for RemovePhotos {
    fn kind(&self) -> &'static str {
        "remove_recognition_photos"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        photos::sweep(campus).await
    }
}

/// Has what is approved posted at that moment; the schedule finds whatever is missed.
pub(super) async fn post_at(connection: &mut Connection, at: OffsetDateTime) -> Result<()> {
    jobs::enqueue(connection, &NewJob::new(PostRecognitions.kind(), json!({}), at)).await?;
    Ok(())
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(PostRecognitions), Box::new(RemovePhotos)]
}

/// When.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![
        Schedule { kind: PostRecognitions.kind(), recurs: Recurrence::Every(Duration::minutes(5)), queue: "default" },
        Schedule { kind: RemovePhotos.kind(), recurs: Recurrence::Every(Duration::minutes(5)), queue: "default" },
    ]
}
