//! Videos of which something made of them is gone from the store.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::rows::{Status, Video};
use super::{jobs, note, queries};
use crate::Campus;
use crate::error::{Code, Result};

/// What became of a video whose rendition is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remaking {
    /// The worker makes it again from the original.
    Begun,
    /// The original is gone too: the video is shown as failed, with what to do.
    Lost,
    /// It is not ready (any more), so somebody is at it.
    Unneeded,
}

/// Has everything made of a ready video made again.
///
/// # Errors
/// [`Code::StorageUnavailable`].
pub async fn remake(campus: &Campus, id: Uuid) -> Result<Remaking> {
    let found = queries::within(&mut *campus.database.connection().await?, None, id).await?;
    let Some(video) = found.filter(|video| video.status == Status::Ready) else { return Ok(Remaking::Unneeded) };
    let has_original = campus.storage.size(&video.object_key).await?.is_some();
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::lock(connection, id).await?.status != Status::Ready {
                return Ok(Remaking::Unneeded);
            }
            if has_original {
                queries::start_processing(connection, id).await?;
                jobs::enqueue_transcoding(connection, id, now).await?;
                note(connection, now, None, "video.remade", &video).await?;
                return Ok(Remaking::Begun);
            }
            let failure = Code::VideoOriginalLost.as_str();
            queries::fail(connection, id, Status::Ready, failure).await?;
            let failed = Video { failure: Some(failure.to_owned()), ..video.clone() };
            note(connection, now, None, "video.lost", &failed).await?;
            Ok(Remaking::Lost)
        })
        .await
}
