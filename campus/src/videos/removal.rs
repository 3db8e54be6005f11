//! Videos that nobody wants any more: the row goes at once, what it holds in the store by a job.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{Status, Video};
use super::upload::folder_of;
use super::{note, queries};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::jobs::{Handler, NewJob, enqueue};

/// The video as it stands, held until the transaction ends: no lesson can take it up meanwhile.
///
/// # Errors
/// [`Code::NotFound`] when it is gone; [`Code::VideoStateInvalid`] while the worker has it.
pub async fn lock_for_removal(connection: &mut Connection, proof: &CanManage<Video>) -> Result<Video> {
    let video = queries::lock(connection, proof.object().id).await?;
    if video.status == Status::Processing {
        return Err(Error::code(Code::VideoStateInvalid));
    }
    Ok(video)
}

/// Keeps a video from being taken away until the transaction ends; `false`: it is gone.
///
/// # Errors
/// What the database says.
pub async fn hold(connection: &mut Connection, id: Uuid) -> Result<bool> {
    queries::hold(connection, id).await
}

/// Takes a video away, inside the caller's transaction, which holds it (see [`lock_for_removal`]) and
/// has seen that no lesson shows it. An upload that is under way is cancelled.
///
/// # Errors
/// What the database says.
pub async fn remove(connection: &mut Connection, actor: &Actor, video: &Video, now: OffsetDateTime) -> Result<()> {
    queries::delete(connection, video.id).await?;
    enqueue_freeing(connection, video, now).await?;
    note(connection, now, Some(actor), "video.removed", video).await
}

/// Writes the job that frees what a video holds in the store.
pub(super) async fn enqueue_freeing(connection: &mut Connection, video: &Video, now: OffsetDateTime) -> Result<()> {
    let payload = json!({"video_id": video.id, "object_key": video.object_key, "upload_id": video.upload_id});
    let job = NewJob::new(FreeVideo.kind(), payload, now).unique(format!("free:{}", video.id));
    enqueue(connection, &job).await?;
    Ok(())
}

#[derive(Deserialize)]
struct Payload {
    video_id: Uuid,
    object_key: String,
    upload_id: Option<String>,
}

/// Frees what a video that was removed holds in the store.
#[derive(Debug, Clone, Copy)]
pub(super) struct FreeVideo;

#[async_trait]
impl Handler for FreeVideo {
    fn kind(&self) -> &'static str {
        "free_video"
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let Payload { video_id, object_key, upload_id } = Payload::deserialize(payload)?;
        if let Some(upload_id) = upload_id {
            campus.storage.abort_upload(&object_key, &upload_id).await?;
        }
        campus.storage.delete(&object_key).await?;
        loop {
            let (objects, _) = campus.storage.objects(&folder_of(video_id), None).await?;
            if objects.is_empty() {
                return Ok(());
            }
            for object in objects {
                campus.storage.delete(&object.key).await?;
            }
        }
    }
}
