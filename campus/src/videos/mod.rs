//! Course videos: from the file a branch uploads to what a phone can play.

mod captions;
mod jobs;
pub mod media;
mod playback;
mod queries;
mod remaking;
mod removal;
mod rows;
mod subtitles;
mod upload;
mod workspace;

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use captions::{MAX_CAPTION_BYTES, caption, put_caption, remove_caption, transcripts};
pub use jobs::{handlers, schedules};
pub use playback::{PlaybackSources, Source, playback_sources, poster_link};
pub use remaking::{Remaking, remake};
pub use removal::{hold, lock_for_removal, remove};
pub use rows::{Preview, Rendition, Status, Video};
pub use upload::{Arrived, NewUpload, PartLink, Parts, Upload, complete, parts, start_upload};
pub use workspace::remove_leftovers;

use crate::Campus;
use crate::access::{Actor, CanManage, Proof};
use crate::audit;
use crate::branches;
use crate::db::Connection;
use crate::error::{Code, Error, Result};

/// Where a video stands, for the people who uploaded it.
#[derive(Debug, Clone)]
pub struct VideoStatus {
    /// The video itself.
    pub video: Video,
    /// What has been made of it.
    pub renditions: Vec<Rendition>,
    /// The languages it has captions in.
    pub captions: Vec<String>,
    /// A still picture, as soon as there is one.
    pub poster_url: Option<String>,
}

/// Proof that the actor may run this video: staff those of their own branch and below,
/// admins all.
///
/// # Errors
/// [`Code::NotFound`] for a video that is absent or not theirs.
pub async fn manageable(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<CanManage<Video>> {
    let branches = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let video = queries::within(connection, branches.as_deref(), id).await?;
    video.map(Proof::issue).ok_or_else(|| Error::code(Code::NotFound))
}

/// The video of this id, whoever owns it; for rooms that have proved their own object.
///
/// # Errors
/// [`Code::NotFound`] when there is none.
pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Video> {
    queries::within(connection, None, id).await?.ok_or_else(|| Error::code(Code::NotFound))
}

/// Where a video stands. `site` is scheme and host as the browser sees them.
///
/// # Errors
/// What the database says.
pub async fn status(campus: &Campus, proof: &CanManage<Video>, site: &str) -> Result<VideoStatus> {
    let id = proof.object().id;
    let (video, renditions, captions) = {
        let connection = &mut *campus.database.connection().await?;
        let video = find(connection, id).await?;
        (video, queries::renditions(connection, id).await?, queries::caption_languages(connection, id).await?)
    };
    let poster_url = playback::poster_of(campus, site, &renditions).await?;
    Ok(VideoStatus { video, renditions, captions, poster_url })
}

/// Has a failed video worked on again; one that is being worked on or is ready stays as it is.
///
/// # Errors
/// [`Code::VideoStateInvalid`] while it is uploading, and for one whose upload never ended.
pub async fn process_again(campus: &Campus, actor: &Actor, proof: &CanManage<Video>) -> Result<Video> {
    let id = proof.object().id;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    let video = connection
        .transaction(async |connection| {
            let video = queries::lock(connection, id).await?;
            match video.status {
                Status::Processing | Status::Ready => return Ok(video),
                Status::Failed if !video.is_gone() => {}
                Status::Failed | Status::Uploading => return Err(Error::code(Code::VideoStateInvalid)),
            }
            queries::start_processing(connection, id).await?;
            jobs::enqueue_transcoding(connection, id, now).await?;
            note(connection, now, Some(actor), "video.processed_again", &video).await?;
            find(connection, id).await
        })
        .await?;
    campus.signals.wake_workers().await;
    Ok(video)
}

/// Writes what happened to a video into the audit.
async fn note(
    connection: &mut Connection,
    at: OffsetDateTime,
    actor: Option<&Actor>,
    action: &'static str,
    video: &Video,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "video",
        object_id: Some(video.id),
        branch_id: Some(video.branch_id),
        detail: json!({"size": video.size, "failure": video.failure}),
        actor,
    };
    audit::record(connection, at, &entry).await
}
