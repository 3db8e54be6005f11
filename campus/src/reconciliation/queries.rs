//! What is asked of the database about objects in the store.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{FindingKind, StorageReport};
use crate::db::Connection;
use crate::db::schema::{storage_reports, storage_suspects, videos};
use crate::error::Result;

/// An object that a row names.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Named {
    #[diesel(sql_type = Text)]
    pub(super) object_key: String,
    /// Of which video it was made.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) rendition_of: Option<Uuid>,
    /// Whether it must be there; of an upload under way it may.
    #[diesel(sql_type = Bool)]
    pub(super) required: bool,
}

/// Up to `limit` objects that rows name, in the order of their keys' bytes, behind `after`.
pub(super) async fn named(connection: &mut Connection, after: &str, limit: i64) -> Result<Vec<Named>> {
    Ok(diesel::sql_query(
        "SELECT * FROM ((SELECT object_key, NULL::uuid AS rendition_of, status IN ('processing', 'ready') AS required \
            FROM videos WHERE object_key COLLATE \"C\" > $1 ORDER BY object_key COLLATE \"C\" LIMIT $2) \
         UNION ALL (SELECT made.object_key, made.video_id, videos.status = 'ready' \
            FROM video_renditions AS made JOIN videos ON videos.id = made.video_id \
            WHERE made.object_key COLLATE \"C\" > $1 ORDER BY made.object_key COLLATE \"C\" LIMIT $2) \
         UNION ALL (SELECT object_key, NULL, true FROM course_files \
            WHERE object_key COLLATE \"C\" > $1 ORDER BY object_key COLLATE \"C\" LIMIT $2) \
         UNION ALL (SELECT object_key, NULL, true FROM award_files \
            WHERE object_key COLLATE \"C\" > $1 ORDER BY object_key COLLATE \"C\" LIMIT $2) \
         UNION ALL (SELECT object_key, NULL, removed_at IS NULL FROM recognition_photos \
            WHERE object_key COLLATE \"C\" > $1 ORDER BY object_key COLLATE \"C\" LIMIT $2) \
         UNION ALL (SELECT picture_key, NULL, true FROM rewards \
            WHERE picture_key COLLATE \"C\" > $1 ORDER BY picture_key COLLATE \"C\" LIMIT $2) \
         UNION ALL (SELECT object_key, NULL, true FROM dossiers \
            WHERE state = 'ready' AND object_key COLLATE \"C\" > $1 ORDER BY object_key COLLATE \"C\" LIMIT $2) \
         UNION ALL (SELECT object_key, NULL, true FROM ledger_roots \
            WHERE object_key COLLATE \"C\" > $1 ORDER BY object_key COLLATE \"C\" LIMIT $2) \
         UNION ALL (SELECT heads_key, NULL, true FROM ledger_roots \
            WHERE heads_key COLLATE \"C\" > $1 ORDER BY heads_key COLLATE \"C\" LIMIT $2) \
         ) AS named ORDER BY object_key COLLATE \"C\" LIMIT $2",
    )
    .bind::<Text, _>(after)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?)
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

/// Whether a row names the object by now, or a video is in the making under whose keys it lies.
pub(super) async fn is_wanted(connection: &mut Connection, object_key: &str) -> Result<bool> {
    let row: Answer = diesel::sql_query(
        "SELECT EXISTS (SELECT FROM videos WHERE object_key = $1) \
             OR EXISTS (SELECT FROM video_renditions WHERE object_key COLLATE \"C\" = $1) \
             OR EXISTS (SELECT FROM course_files WHERE object_key = $1) \
             OR EXISTS (SELECT FROM award_files WHERE object_key = $1) \
             OR EXISTS (SELECT FROM recognition_photos WHERE object_key = $1) \
             OR EXISTS (SELECT FROM rewards WHERE picture_key = $1) \
             OR EXISTS (SELECT FROM dossiers WHERE object_key = $1 AND state = 'ready') \
             OR EXISTS (SELECT FROM ledger_roots WHERE $1 IN (object_key, heads_key)) \
             OR EXISTS (SELECT FROM videos WHERE id::text = split_part($1, '/', 2) AND $1 LIKE 'videos/%' \
                 AND status IN ('uploading', 'processing')) AS answer",
    )
    .bind::<Text, _>(object_key)
    .get_result(connection)
    .await?;
    Ok(row.answer)
}

/// Whether a row names this upload.
pub(super) async fn is_upload_wanted(connection: &mut Connection, upload_id: &str) -> Result<bool> {
    let named = videos::table.filter(videos::upload_id.eq(upload_id));
    Ok(diesel::select(diesel::dsl::exists(named)).get_result(connection).await?)
}

/// Notes what was found, and answers since when it is known.
pub(super) async fn suspect(
    connection: &mut Connection,
    kind: FindingKind,
    (object_key, mark): (&str, &str),
    report: Uuid,
    now: OffsetDateTime,
) -> Result<OffsetDateTime> {
    Ok(diesel::insert_into(storage_suspects::table)
        .values((
            storage_suspects::kind.eq(kind.as_str()),
            storage_suspects::object_key.eq(object_key),
            storage_suspects::mark.eq(mark),
            storage_suspects::first_seen_at.eq(now),
            storage_suspects::report_id.eq(report),
        ))
        .on_conflict((storage_suspects::kind, storage_suspects::object_key, storage_suspects::mark))
        .do_update()
        .set(storage_suspects::report_id.eq(report))
        .returning(storage_suspects::first_seen_at)
        .get_result(connection)
        .await?)
}

/// Forgets what is no longer so.
pub(super) async fn forget_suspects_but(connection: &mut Connection, report: Uuid) -> Result<()> {
    diesel::delete(storage_suspects::table.filter(storage_suspects::report_id.ne(report))).execute(connection).await?;
    Ok(())
}

pub(super) async fn insert(connection: &mut Connection, report: &StorageReport) -> Result<()> {
    diesel::insert_into(storage_reports::table).values(report).execute(connection).await?;
    Ok(())
}

pub(super) async fn reports(
    connection: &mut Connection,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<StorageReport>> {
    let mut query = storage_reports::table
        .order((storage_reports::started_at.desc(), storage_reports::id.desc()))
        .limit(limit)
        .select(StorageReport::as_select())
        .into_boxed();
    if let Some((at, id)) = before {
        let earlier = storage_reports::started_at.eq(at).and(storage_reports::id.lt(id));
        query = query.filter(storage_reports::started_at.lt(at).or(earlier));
    }
    Ok(query.load(connection).await?)
}
