//! Photos of what was achieved. They are about a person: only its owner, their helpers and the staff who
//! check it get links, and what is taken out leaves the store.

use bytes::Bytes;
use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::claims::{action, lock, workable};
use super::rows::{Claim, Photo};
use super::{assembly, note, queries};
use crate::Campus;
use crate::access::Actor;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::ids::new_id;
use crate::pictures;

/// The largest photo, in bytes.
pub const LARGEST_PHOTO: usize = 5 * 1024 * 1024;
/// How many photos one of them has at most.
pub const MOST_PHOTOS: usize = 6;
/// How many objects are removed from the store before the next turn.
const AT_ONCE: i64 = 100;

/// Types that every browser shows, and how their names end.
const TYPES: [(&str, &str); 3] = [("image/jpeg", "jpg"), ("image/png", "png"), ("image/webp", "webp")];

/// Adds a photo to what has not been handed in, or was refused. What it is is read from its content; where and
/// when it was taken is not kept.
///
/// # Errors
/// [`Code::FileTooLarge`], [`Code::PictureTypeNotAllowed`], [`Code::RecognitionPhotosFull`];
/// [`Code::NotFound`], [`Code::RecognitionElsewhere`]; then nothing is kept.
pub async fn add_photo(campus: &Campus, actor: &Actor, id: Uuid, content: Bytes) -> Result<Claim> {
    let (recognition, side) = workable(campus, actor, id).await?;
    if content.len() > LARGEST_PHOTO {
        return Err(Error::code(Code::FileTooLarge));
    }
    let refused = || Error::field("file", Code::PictureTypeNotAllowed);
    let (content_type, ending) = files::one_of(&TYPES, &content).ok_or_else(refused)?;
    let content = pictures::without_metadata(&content).ok_or_else(refused)?;
    if !["draft", "refused"].contains(&recognition.state.as_str()) {
        return Err(Error::code(Code::RecognitionElsewhere));
    }
    let photo_id = new_id();
    let photo = Photo {
        id: photo_id,
        recognition_id: id,
        content_type: content_type.to_owned(),
        size: i64::try_from(content.len()).unwrap_or(i64::MAX),
        object_key: format!("recognitions/{id}/{photo_id}.{ending}"),
        created_at: campus.clock.now(),
        removed_at: None,
    };
    // First the object, then the row that names it: an object without a row is found and removed by the
    // reconciler, a row without an object would be seen.
    campus.storage.put(&photo.object_key, &content, content_type).await?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let recognition = lock(connection, id, &["draft", "refused"]).await?;
            if queries::photos(connection, &[id]).await?.len() >= MOST_PHOTOS {
                return Err(Error::field("file", Code::RecognitionPhotosFull));
            }
            queries::insert_photo(connection, &photo).await?;
            note(connection, photo.created_at, Some(actor), action(side, "photo_added"), &recognition).await?;
            assembly::one(connection, id).await
        })
        .await
}

/// Takes a photo out of what has not been handed in, or was refused.
///
/// # Errors
/// [`Code::NotFound`], [`Code::RecognitionElsewhere`].
pub async fn remove_photo(campus: &Campus, actor: &Actor, id: Uuid, photo: Uuid) -> Result<Claim> {
    let (_, side) = workable(campus, actor, id).await?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let recognition = lock(connection, id, &["draft", "refused"]).await?;
            if !queries::remove_photo(connection, id, photo, now).await? {
                return Err(Error::code(Code::NotFound));
            }
            note(connection, now, Some(actor), action(side, "photo_removed"), &recognition).await?;
            assembly::one(connection, id).await
        })
        .await
}

/// A link to a photo, for those who have been given the claim that it belongs to.
///
/// # Errors
/// When it cannot be signed.
pub async fn link(campus: &Campus, site: &str, photo: &Photo) -> Result<String> {
    campus.storage.read_link(site, &photo.object_key).await
}

/// Removes from the store what has been taken out, and then its rows.
///
/// # Errors
/// [`Code::StorageUnavailable`]; what the database says.
pub(super) async fn sweep(campus: &Campus) -> Result<()> {
    loop {
        let removed = queries::removed_photos(&mut *campus.database.connection().await?, AT_ONCE).await?;
        if removed.is_empty() {
            return Ok(());
        }
        let mut gone = Vec::new();
        for (id, object_key) in removed {
            campus.storage.delete(&object_key).await?;
            gone.push(id);
        }
        queries::forget_photos(&mut *campus.database.connection().await?, &gone).await?;
    }
}
