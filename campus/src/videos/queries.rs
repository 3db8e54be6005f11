//! What is asked of the database about videos.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{Preview, Rendition, Status, Video};
use crate::db::Connection;
use crate::db::schema::{video_captions, video_previews, video_renditions, videos};
use crate::error::{Code, Error, Result};

pub(super) async fn insert(connection: &mut Connection, video: &Video) -> Result<()> {
    diesel::insert_into(videos::table).values(video).execute(connection).await?;
    Ok(())
}

/// The video, if it belongs to one of `branches` (`None`: to any).
pub(super) async fn within(connection: &mut Connection, branches: Option<&[Uuid]>, id: Uuid) -> Result<Option<Video>> {
    let mut query = videos::table.find(id).select(Video::as_select()).into_boxed();
    if let Some(branches) = branches {
        query = query.filter(videos::branch_id.eq_any(branches));
    }
    Ok(query.first(connection).await.optional()?)
}

pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Video> {
    let found = videos::table.find(id).select(Video::as_select()).for_update().first(connection).await.optional()?;
    found.ok_or_else(|| Error::code(Code::NotFound))
}

/// Holds the row against being taken away; `false`: there is none.
pub(super) async fn hold(connection: &mut Connection, id: Uuid) -> Result<bool> {
    let held = videos::table.find(id).select(videos::id).for_key_share().first::<Uuid>(connection).await;
    Ok(held.optional()?.is_some())
}

/// Takes the row away, with what was made of it and its captions.
pub(super) async fn delete(connection: &mut Connection, id: Uuid) -> Result<()> {
    diesel::delete(videos::table.find(id)).execute(connection).await?;
    Ok(())
}

/// Hands a complete upload, or a failed video, over to the worker.
pub(super) async fn start_processing(connection: &mut Connection, id: Uuid) -> Result<()> {
    diesel::update(videos::table.find(id))
        .set((
            videos::status.eq(Status::Processing),
            videos::upload_id.eq(None::<String>),
            videos::progress.eq(0),
            videos::failure.eq(None::<String>),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes how far the work is, from 0 to 100.
pub(super) async fn note_progress(connection: &mut Connection, id: Uuid, progress: i16) -> Result<()> {
    diesel::update(processing(id)).set(videos::progress.eq(progress)).execute(connection).await?;
    Ok(())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn processing(id: Uuid) -> _ {
    let status: Status = Status::Processing;
    videos::table.filter(videos::id.eq(id).and(videos::status.eq(status)))
}

/// What is known of a video once it can be played.
#[derive(Debug, Clone, Copy, AsChangeset)]
#[diesel(table_name = videos)]
pub(super) struct Finished {
    pub(super) duration_ms: i32,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) ready_at: OffsetDateTime,
}

/// `false`: nobody waits for it any more.
pub(super) async fn finish(connection: &mut Connection, id: Uuid, finished: &Finished) -> Result<bool> {
    let changed = diesel::update(processing(id))
        .set((finished, videos::status.eq(Status::Ready), videos::progress.eq(100)))
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// `false`: it is no longer in `from`.
pub(super) async fn fail(connection: &mut Connection, id: Uuid, from: Status, failure: &str) -> Result<bool> {
    let changed = diesel::update(videos::table.filter(videos::id.eq(id).and(videos::status.eq(from))))
        .set((videos::status.eq(Status::Failed), videos::failure.eq(failure)))
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

pub(super) async fn renditions(connection: &mut Connection, video: Uuid) -> Result<Vec<Rendition>> {
    Ok(video_renditions::table
        .filter(video_renditions::video_id.eq(video))
        .order(video_renditions::rendition.desc())
        .select(Rendition::as_select())
        .load(connection)
        .await?)
}

/// Puts these in the place of whatever was made of the video before.
pub(super) async fn replace_renditions(
    connection: &mut Connection,
    video: Uuid,
    renditions: &[Rendition],
) -> Result<()> {
    diesel::delete(video_renditions::table.filter(video_renditions::video_id.eq(video))).execute(connection).await?;
    diesel::insert_into(video_renditions::table).values(renditions).execute(connection).await?;
    Ok(())
}

/// How the video's sheet of small pictures is divided; `None` while there is none.
pub(super) async fn preview(connection: &mut Connection, video: Uuid) -> Result<Option<Preview>> {
    Ok(video_previews::table.find(video).select(Preview::as_select()).first(connection).await.optional()?)
}

pub(super) async fn replace_preview(connection: &mut Connection, preview: &Preview) -> Result<()> {
    diesel::delete(video_previews::table.find(preview.video_id)).execute(connection).await?;
    diesel::insert_into(video_previews::table).values(preview).execute(connection).await?;
    Ok(())
}

/// Uploads begun before `before` that are still open, oldest first.
pub(super) async fn stale_uploads(connection: &mut Connection, before: OffsetDateTime) -> Result<Vec<Video>> {
    Ok(videos::table
        .filter(videos::status.eq(Status::Uploading).and(videos::created_at.lt(before)))
        .order(videos::created_at)
        .limit(1000)
        .select(Video::as_select())
        .load(connection)
        .await?)
}

/// Uploads that were given up and may still hold parts in the store.
pub(super) async fn expired_uploads(connection: &mut Connection) -> Result<Vec<Video>> {
    Ok(videos::table
        .filter(videos::status.eq(Status::Failed).and(videos::upload_id.is_not_null()))
        .limit(1000)
        .select(Video::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn forget_upload(connection: &mut Connection, id: Uuid) -> Result<()> {
    diesel::update(videos::table.find(id)).set(videos::upload_id.eq(None::<String>)).execute(connection).await?;
    Ok(())
}

pub(super) async fn caption_languages(connection: &mut Connection, video: Uuid) -> Result<Vec<String>> {
    Ok(video_captions::table
        .filter(video_captions::video_id.eq(video))
        .order(video_captions::language.desc())
        .select(video_captions::language)
        .load(connection)
        .await?)
}

pub(super) async fn caption(connection: &mut Connection, video: Uuid, language: &str) -> Result<Option<String>> {
    Ok(video_captions::table.find((video, language)).select(video_captions::body).first(connection).await.optional()?)
}

/// The captions of these videos, in all their languages.
pub(super) async fn captions_of(connection: &mut Connection, videos: &[Uuid]) -> Result<Vec<String>> {
    Ok(video_captions::table
        .filter(video_captions::video_id.eq_any(videos))
        .order((video_captions::video_id, video_captions::language))
        .select(video_captions::body)
        .load(connection)
        .await?)
}

/// `true`: there was none in this language yet.
pub(super) async fn put_caption(
    connection: &mut Connection,
    video: Uuid,
    language: &str,
    body: &str,
    at: OffsetDateTime,
) -> Result<bool> {
    let new = caption(connection, video, language).await?.is_none();
    diesel::insert_into(video_captions::table)
        .values((
            video_captions::video_id.eq(video),
            video_captions::language.eq(language),
            video_captions::body.eq(body),
            video_captions::updated_at.eq(at),
        ))
        .on_conflict((video_captions::video_id, video_captions::language))
        .do_update()
        .set((video_captions::body.eq(body), video_captions::updated_at.eq(at)))
        .execute(connection)
        .await?;
    Ok(new)
}

/// `false`: there were none.
pub(super) async fn remove_caption(connection: &mut Connection, video: Uuid, language: &str) -> Result<bool> {
    Ok(diesel::delete(video_captions::table.find((video, language))).execute(connection).await? == 1)
}
