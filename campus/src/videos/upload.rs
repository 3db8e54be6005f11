//! Uploads: from the browser straight into the store, in parts, so that one can go on the
//! next day; this process only signs links and counts what has arrived.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use diesel_async::AsyncConnection;
use quick_cache::sync::Cache;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::rows::{Status, Video};
use super::{jobs, note, queries, removal};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::branches::Branch;
use crate::error::{Code, Error, FieldError, Result};
use crate::ids::new_id;
use crate::quotas;
use crate::storage::StoredPart;

/// The largest video taken, in bytes.
pub const MAX_VIDEO_BYTES: i64 = 4 * 1024 * 1024 * 1024;

/// The size of every part but the last, in bytes: above the 5 MiB that S3 asks for, and
/// little enough to be sent again on a bad line.
const PART_BYTES: i64 = 8 * 1024 * 1024;

/// Names that are taken, and what the file is stored as. What a file really is shows
/// when the worker opens it.
const TYPES: [(&str, &str); 9] = [
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("mov", "video/quicktime"),
    ("mkv", "video/x-matroska"),
    ("webm", "video/webm"),
    ("avi", "video/x-msvideo"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("ts", "video/mp2t"),
];

/// What a browser says about the file it wants to send.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// What the file is called there.
    pub file_name: String,
    /// In bytes.
    pub size: i64,
    /// The MIME type the browser guessed; may be empty.
    pub content_type: String,
}

/// Where one part may be PUT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartLink {
    /// From 1.
    pub number: u32,
    /// A presigned link.
    pub url: String,
}

/// An upload that has been opened.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The video it will be.
    pub video: Video,
    /// Where its parts go.
    pub parts: Vec<PartLink>,
}

/// A part that is in the store.
pub type Arrived = StoredPart;

/// How far an upload is.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The video as it stands.
    pub video: Video,
    /// What is in the store.
    pub arrived: Vec<Arrived>,
    /// Where the rest goes.
    pub missing: Vec<PartLink>,
}

impl Video {
    /// How many parts it comes in.
    fn part_count(&self) -> u32 {
        let count = self.size.max(1).saturating_add(self.part_size - 1) / self.part_size;
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// How long the part of this number must be, in bytes.
    fn size_of_part(&self, number: u32) -> u64 {
        let before = i64::from(number.saturating_sub(1)).saturating_mul(self.part_size);
        u64::try_from((self.size - before).clamp(0, self.part_size)).unwrap_or(0)
    }
}

/// Opens an upload for a branch and answers where its parts may be sent. `site` is scheme
/// and host as the browser sees them.
///
/// # Errors
/// [`Code::VideoTooLarge`]; the fields that are wrong; [`Code::StorageQuotaExceeded`];
/// [`Code::StorageUnavailable`].
pub async fn start_upload(
    campus: &Campus,
    actor: &Actor,
    branch: &CanManage<Branch>,
    site: &str,
    new: &NewUpload,
) -> Result<Upload> {
    let content_type = check(new)?;
    let id = new_id();
    let now = campus.clock.now();
    let object_key = format!("{}original", folder_of(id));
    quotas::check(&mut *campus.database.connection().await?, branch.object().id, new.size).await?;
    // Opened before its row is written: one without a row holds nothing, as nobody was
    // given a link to it, and the reconciler ends it.
    let upload_id = campus.storage.open_upload(&object_key, content_type).await?;
    let video = Video {
        id,
        branch_id: branch.object().id,
        account_id: actor.account_id,
        file_name: new.file_name.trim().to_owned(),
        size: new.size,
        content_type: content_type.to_owned(),
        object_key,
        upload_id: Some(upload_id),
        part_size: PART_BYTES,
        status: Status::Uploading,
        progress: 0,
        failure: None,
        duration_ms: None,
        width: None,
        height: None,
        created_at: now,
        ready_at: None,
    };
    let parts = links(campus, site, &video, 1..=video.part_count()).await?;
    let connection = &mut *campus.database.connection().await?;
    let begun = connection
        .transaction(async |connection| {
            quotas::reserve(connection, video.branch_id, video.size).await?;
            queries::insert(connection, &video).await?;
            note(connection, now, Some(actor), "video.upload_started", &video).await
        })
        .await;
    if let Err(refused) = begun {
        // Whatever keeps this from being freed now, the reconciler finds it.
        if let Err(error) = cancel(campus, &video).await {
            tracing::warn!(%error, "an upload that was refused stays open in the store");
        }
        return Err(refused);
    }
    Ok(Upload { video, parts })
}

/// What the keys of everything made of a video begin with.
pub(super) fn folder_of(id: Uuid) -> String {
    format!("videos/{id}/")
}

fn check(new: &NewUpload) -> Result<&'static str> {
    if new.size > MAX_VIDEO_BYTES {
        return Err(Error::code(Code::VideoTooLarge));
    }
    let mut fields = Vec::new();
    let mut refuse = |field: &str, code| fields.push(FieldError { field: field.to_owned(), code });
    if new.size < 1 {
        refuse("size", Code::VideoSizeInvalid);
    }
    let name = new.file_name.trim();
    let content_type = content_type_of(name);
    match name.chars().count() {
        0 => refuse("filename", Code::Required),
        256.. => refuse("filename", Code::TooLong),
        _ if name.chars().any(char::is_control) => refuse("filename", Code::TextInvalid),
        _ if content_type.is_none() => refuse("filename", Code::VideoTypeNotAllowed),
        _ => {}
    }
    if !is_video_type(&new.content_type) {
        refuse("content_type", Code::VideoTypeNotAllowed);
    }
    match content_type {
        Some(content_type) if fields.is_empty() => Ok(content_type),
        _ => Err(Error::fields(fields)),
    }
}

fn content_type_of(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension)).map(|(_, content_type)| *content_type)
}

/// Browsers know few of these types and say nothing, or that it is bytes, for the others.
fn is_video_type(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let also = [
        "",
        "application/octet-stream",
        "application/x-matroska",
        "video/matroska",
        "video/avi",
        "video/msvideo",
        "video/x-m4v",
        "video/vnd.dlna.mpeg-tts",
    ];
    also.contains(&kind.as_str()) || TYPES.iter().any(|(_, known)| *known == kind)
}

async fn links(
    campus: &Campus,
    site: &str,
    video: &Video,
    numbers: impl IntoIterator<Item = u32>,
) -> Result<Vec<PartLink>> {
    let Some(upload_id) = &video.upload_id else { return Ok(Vec::new()) };
    let mut links = Vec::new();
    for number in numbers {
        let url =
            campus.storage.part_link(site, &video.object_key, upload_id, number, video.size_of_part(number)).await?;
        links.push(PartLink { number, url });
    }
    Ok(links)
}

/// What of an upload has arrived, and fresh links for what has not. Once the upload is
/// over both are empty, and the video's status says the rest.
///
/// # Errors
/// [`Code::StorageUnavailable`].
pub async fn parts(campus: &Campus, proof: &CanManage<Video>, site: &str) -> Result<Parts> {
    let video = proof.object().clone();
    let Some(arrived) = stored_parts(campus, &video).await? else {
        return Ok(Parts { video, arrived: Vec::new(), missing: Vec::new() });
    };
    // A part of the wrong length has to be sent again: it counts as missing.
    let arrived: Vec<Arrived> =
        arrived.into_iter().filter(|part| part.size == video.size_of_part(part.number)).collect();
    let missing = (1..=video.part_count()).filter(|number| !arrived.iter().any(|part| part.number == *number));
    let missing = links(campus, site, &video, missing).await?;
    Ok(Parts { video, arrived, missing })
}

/// The parts in the store; `None` when the store knows no such upload (any more).
async fn stored_parts(campus: &Campus, video: &Video) -> Result<Option<Vec<StoredPart>>> {
    let Some(upload_id) = &video.upload_id else { return Ok(None) };
    if video.status != Status::Uploading {
        return Ok(None);
    }
    match campus.storage.parts(&video.object_key, upload_id).await {
        Ok(parts) => Ok(Some(parts)),
        Err(Error::Refused { code: Code::NotFound, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts the parts together and hands the video to the worker. `parts` are the numbers and
/// etags that the browser was given. Said again, it answers the same and does nothing.
///
/// # Errors
/// [`Code::VideoPartsInvalid`] with the numbers that are `missing` and those that are
/// `wrong`; [`Code::VideoSizeDiffers`] when what came of them is not of the size that was announced:
/// then nothing of it is kept; [`Code::VideoStateInvalid`] for an upload that was cancelled;
/// [`Code::StorageUnavailable`].
pub async fn complete(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Video>,
    parts: &[(u32, String)],
) -> Result<Video> {
    let id = proof.object().id;
    // One after the other: while the store puts parts together, it lists fewer and fewer of them.
    let Ok(turn) = COMPLETING.get_or_insert_with(&id, || Ok::<_, Infallible>(Arc::default()));
    let _turn = turn.lock().await;
    let video = &super::find(&mut *campus.database.connection().await?, id).await?;
    if video.status != Status::Uploading {
        return completed_before(video.clone());
    }
    // A crash between the store's answer and our commit leaves the object without a row
    // that says so: then there is nothing to put together, and the object is there.
    if let Some(stored) = stored_parts(campus, video).await? {
        let given = match check_parts(video, parts, &stored) {
            Ok(given) => given,
            Err(refusal) => return completed_elsewhere(campus, id).await?.ok_or(refusal),
        };
        let upload_id = video.upload_id.as_deref().unwrap_or_default();
        campus.storage.complete_upload(&video.object_key, upload_id, &given).await?;
    }
    match campus.storage.size(&video.object_key).await? {
        None => return Err(Error::code(Code::VideoPartsInvalid)),
        Some(size) if i64::try_from(size) != Ok(video.size) => return refuse_size(campus, actor, video).await,
        Some(_) => {}
    }
    let video = hand_over(campus, actor, id).await?;
    campus.signals.wake_workers().await;
    Ok(video)
}

async fn hand_over(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Video> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let video = queries::lock(connection, id).await?;
            if video.status != Status::Uploading {
                return completed_before(video);
            }
            queries::start_processing(connection, video.id).await?;
            jobs::enqueue_transcoding(connection, video.id, now).await?;
            note(connection, now, Some(actor), "video.uploaded", &video).await?;
            super::find(connection, video.id).await
        })
        .await
}

/// What the store holds was sent past the links that were given out: it is not kept.
async fn refuse_size(campus: &Campus, actor: &Actor, video: &Video) -> Result<Video> {
    let code = Code::VideoSizeDiffers;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::fail(connection, video.id, Status::Uploading, code.as_str()).await? {
                removal::enqueue_freeing(connection, video, now).await?;
                let failed = Video { failure: Some(code.as_str().to_owned()), ..video.clone() };
                note(connection, now, Some(actor), "video.size_refused", &failed).await?;
            }
            Ok::<(), Error>(())
        })
        .await?;
    campus.signals.wake_workers().await;
    Err(Error::code(code))
}

/// Whose completion this process is working on.
static COMPLETING: LazyLock<Cache<Uuid, Arc<Mutex<()>>>> = LazyLock::new(|| Cache::new(10_000));

/// The video, if another process has completed it meanwhile.
async fn completed_elsewhere(campus: &Campus, id: Uuid) -> Result<Option<Video>> {
    let video = super::find(&mut *campus.database.connection().await?, id).await?;
    if video.status == Status::Uploading { Ok(None) } else { completed_before(video).map(Some) }
}

fn completed_before(video: Video) -> Result<Video> {
    if video.is_gone() { Err(Error::code(Code::VideoStateInvalid)) } else { Ok(video) }
}

/// The parts in order, if they are exactly those that make up the file.
fn check_parts(video: &Video, given: &[(u32, String)], stored: &[StoredPart]) -> Result<Vec<StoredPart>> {
    let given: BTreeMap<u32, &str> = given.iter().map(|(number, etag)| (*number, bare(etag))).collect();
    let stored: BTreeMap<u32, &StoredPart> = stored.iter().map(|part| (part.number, part)).collect();
    let count = video.part_count();
    let mut wrong: Vec<u32> = given.keys().copied().filter(|number| *number == 0 || *number > count).collect();
    let (mut missing, mut parts) = (Vec::new(), Vec::new());
    for number in 1..=count {
        match (given.get(&number), stored.get(&number)) {
            (Some(etag), Some(part)) if bare(&part.etag) == *etag && part.size == video.size_of_part(number) => {
                parts.push((*part).clone());
            }
            (Some(_), Some(_)) => wrong.push(number),
            _ => missing.push(number),
        }
    }
    if missing.is_empty() && wrong.is_empty() {
        return Ok(parts);
    }
    Err(Error::with(Code::VideoPartsInvalid, serde_json::json!({"missing": missing, "wrong": wrong})))
}

/// An etag without the quotes that some clients keep and some drop.
fn bare(etag: &str) -> &str {
    etag.trim().trim_matches('"')
}

/// Frees what an upload that was given up holds in the store.
pub(super) async fn cancel(campus: &Campus, video: &Video) -> Result<()> {
    if let Some(upload_id) = &video.upload_id {
        campus.storage.abort_upload(&video.object_key, upload_id).await?;
    }
    campus.storage.delete(&video.object_key).await
}

#[cfg(test)]
#[path = "upload_tests.rs"]
mod tests;
