//! What the worker does with videos.

use std::path::Path;
use std::time::Duration as Pause;

use async_trait::async_trait;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use uuid::Uuid;

use super::media::{self, MediaError, MediaRefusal, Probe, Renditions};
use super::queries::{self, Finished};
use super::removal::FreeVideo;
use super::rows::{Preview, Rendition, Status, Video};
use super::workspace::Workspace;
use super::{note, upload};
use crate::Campus;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::jobs::{Handler, NewJob, Recurrence, Schedule, enqueue};

/// Uploads that are not finished after so long are cancelled.
const UPLOAD_PATIENCE: Duration = Duration::days(7);

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(TranscodeVideo), Box::new(TidyUploads), Box::new(FreeVideo)]
}

/// What comes round by the clock.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: TidyUploads.kind(), recurs: Recurrence::Nightly, queue: "default" }]
}

/// Writes the job that makes renditions of a video, inside the caller's transaction.
pub(super) async fn enqueue_transcoding(connection: &mut Connection, id: Uuid, now: OffsetDateTime) -> Result<()> {
    let mut job =
        NewJob::new(TranscodeVideo.kind(), json!({"video_id": id}), now).on("media").unique(format!("transcode:{id}"));
    job.max_attempts = 3;
    enqueue(connection, &job).await?;
    Ok(())
}

#[derive(Deserialize)]
struct Payload {
    video_id: Uuid,
}

/// Makes of an uploaded video what phones can play.
#[derive(Debug, Clone, Copy)]
pub struct TranscodeVideo;

#[async_trait]
impl Handler for TranscodeVideo {
    fn kind(&self) -> &'static str {
        "transcode_video"
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let Payload { video_id } = Payload::deserialize(payload)?;
        let Some(video) = waiting(campus, video_id).await? else { return Ok(()) };
        match Box::pin(process(campus, &video)).await {
            Ok(()) => Ok(()),
            Err(Trouble::Refused(refusal)) => {
                tracing::info!(%video_id, %refusal, "the video was refused");
                give_up_on(campus, &video, refusal.code()).await
            }
            Err(Trouble::Lost) => give_up_on(campus, &video, Code::VideoOriginalLost.as_str()).await,
            Err(Trouble::Failed(error)) => Err(error),
        }
    }

    async fn gave_up(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let Payload { video_id } = Payload::deserialize(payload)?;
        let Some(video) = waiting(campus, video_id).await? else { return Ok(()) };
        give_up_on(campus, &video, Code::VideoProcessingFailed.as_str()).await
    }
}

/// The video, if it is there and waits for this work: a job that was replayed may come too late.
async fn waiting(campus: &Campus, id: Uuid) -> Result<Option<Video>> {
    let video = queries::within(&mut *campus.database.connection().await?, None, id).await?;
    Ok(video.filter(|video| video.status == Status::Processing))
}

/// Why a video did not become ready.
enum Trouble {
    /// The file is at fault: no use in trying again.
    Refused(MediaRefusal),
    /// The original is not in the store any more: only a person can bring it back.
    Lost,
    /// The work went wrong: it may go better next time.
    Failed(Error),
}

impl From<MediaError> for Trouble {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Refused(refusal) => Self::Refused(refusal),
            error => Self::Failed(Error::Internal(error.into())),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

async fn process(campus: &Campus, video: &Video) -> Result<(), Trouble> {
    let workspace = tokio::task::spawn_blocking(|| Workspace::open(&std::env::temp_dir()))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    let original = workspace.file("original");
    let folder = workspace.folder("renditions").map_err(Error::internal)?;
    match campus.storage.fetch(&video.object_key, &original).await {
        Err(Error::Refused { code: Code::NotFound, .. }) => return Err(Trouble::Lost),
        fetched => fetched?,
    }
    let probe = media::probe(&original).await?;
    let made = transcode(campus, video.id, &original, &probe, &folder).await?;
    let rows = store(campus, video.id, &made).await?;
    finish(campus, video, &probe, &made, &rows).await?;
    Ok(())
}

/// Transcodes, and writes how far it is at most once a second. Fetching was the first 5
/// of 100, storing is the last 5.
async fn transcode(
    campus: &Campus,
    id: Uuid,
    original: &Path,
    probe: &Probe,
    folder: &Path,
) -> Result<Renditions, Trouble> {
    let (tell, told) = watch::channel(5_i16);
    let writer = tokio::spawn(write_progress(campus.clone(), id, told));
    let made = media::transcode(original, probe, folder, move |share| {
        tell.send_if_modified(|percent| {
            let now = percent_of(share);
            let further = now > *percent;
            *percent = now.max(*percent);
            further
        });
    })
    .await;
    // The sender is gone by now, so the writer ends; its connection is never cut off in
    // the middle of a statement.
    writer.await.map_err(Error::internal)?;
    Ok(made?)
}

fn percent_of(share: f32) -> i16 {
    const STEPS: [f32; 18] =
        [0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.95];
    let passed = STEPS.iter().filter(|step| share >= **step).count();
    5 + 5 * i16::try_from(passed).unwrap_or(0)
}

async fn write_progress(campus: Campus, id: Uuid, mut told: watch::Receiver<i16>) {
    while told.changed().await.is_ok() {
        let percent = *told.borrow_and_update();
        let written = match campus.database.connection().await {
            Ok(mut connection) => queries::note_progress(&mut connection, id, percent).await,
            Err(error) => Err(error),
        };
        // A figure on a screen is no reason to give up the work.
        if let Err(error) = written {
            tracing::warn!(%error, "the progress of a video could not be written");
        }
        tokio::time::sleep(Pause::from_secs(1)).await;
    }
}

/// Puts everything into the store under names that stay the same, so that a run after a
/// crash replaces what the one before had stored.
async fn store(campus: &Campus, id: Uuid, made: &Renditions) -> Result<Vec<Rendition>> {
    let mut rows = Vec::new();
    for rendition in made.all() {
        let ending = rendition.kind.ending();
        let name = rendition.kind.as_str();
        let object_key = format!("{}{name}.{ending}", upload::folder_of(id));
        campus.storage.store(&rendition.path, &object_key, rendition.kind.content_type()).await?;
        rows.push(Rendition {
            video_id: id,
            rendition: name.to_owned(),
            object_key,
            content_type: rendition.kind.content_type().to_owned(),
            size: i64::try_from(rendition.size).map_err(Error::internal)?,
        });
    }
    Ok(rows)
}

async fn finish(campus: &Campus, video: &Video, probe: &Probe, made: &Renditions, rows: &[Rendition]) -> Result<()> {
    let now = campus.clock.now();
    let number = |value: u32| i32::try_from(value).map_err(Error::internal);
    let finished = Finished {
        duration_ms: number(made.duration_ms)?,
        width: number(probe.width)?,
        height: number(probe.height)?,
        ready_at: now,
    };
    let preview = Preview {
        video_id: video.id,
        tiles_across: number(made.sheet.columns)?,
        tiles_down: number(made.sheet.rows)?,
        tile_width: number(made.sheet.tile_width)?,
        tile_height: number(made.sheet.tile_height)?,
        interval_ms: number(made.sheet.interval_ms)?,
    };
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::finish(connection, video.id, &finished).await? {
                queries::replace_renditions(connection, video.id, rows).await?;
                queries::replace_preview(connection, &preview).await?;
                note(connection, now, None, "video.ready", video).await?;
            }
            Ok(())
        })
        .await
}

async fn give_up_on(campus: &Campus, video: &Video, failure: &str) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::fail(connection, video.id, Status::Processing, failure).await? {
                let failed = Video { failure: Some(failure.to_owned()), ..video.clone() };
                note(connection, now, None, "video.failed", &failed).await?;
            }
            Ok(())
        })
        .await
}

/// Cancels uploads that nobody has finished, and frees what they hold in the store.
#[derive(Debug, Clone, Copy)]
pub struct TidyUploads;

#[async_trait]
impl Handler for TidyUploads {
    fn kind(&self) -> &'static str {
        "tidy_uploads"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        let now = campus.clock.now();
        let stale = {
            let connection = &mut *campus.database.connection().await?;
            queries::stale_uploads(connection, now - UPLOAD_PATIENCE).await?
        };
        for video in stale {
            // Said first, so that nobody completes it while it is taken away.
            expire(campus, &video, now).await?;
        }
        let expired = queries::expired_uploads(&mut *campus.database.connection().await?).await?;
        for video in expired {
            upload::cancel(campus, &video).await?;
            queries::forget_upload(&mut *campus.database.connection().await?, video.id).await?;
        }
        Ok(())
    }
}

async fn expire(campus: &Campus, video: &Video, now: OffsetDateTime) -> Result<()> {
    let failure = Code::VideoUploadExpired.as_str();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::fail(connection, video.id, Status::Uploading, failure).await? {
                let failed = Video { failure: Some(failure.to_owned()), ..video.clone() };
                note(connection, now, None, "video.upload_expired", &failed).await?;
            }
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_rises_within_its_share() {
        assert_eq!(percent_of(0.0), 5);
        assert_eq!(percent_of(0.5), 55);
        assert_eq!(percent_of(1.0), 95);
    }

    /// What a file is refused for is shown in the reader's language, by its code.
    #[test]
    fn every_refusal_has_words() {
        let refusals = [
            MediaRefusal::TypeNotAllowed(media::FoundType::Text),
            MediaRefusal::Empty,
            MediaRefusal::Truncated,
            MediaRefusal::Unreadable,
            MediaRefusal::TooLong { duration_ms: 2, maximum_ms: 1 },
            MediaRefusal::PictureTooLarge { width: 2, height: 2, maximum_side: 1 },
            MediaRefusal::WithoutPicture,
        ];
        for refusal in refusals {
            assert!(Code::from_code(refusal.code()).is_some(), "{}", refusal.code());
        }
    }
}
