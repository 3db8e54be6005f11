//! What is asked of the database about certificates.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{Certificate, Due};
use crate::db::Connection;
use crate::db::schema::{certificate_keys, certificates};
use crate::error::Result;

/// Those who left in between get none: nobody would know whose it is.
pub(super) async fn due(connection: &mut Connection, limit: i64) -> Result<Vec<Due>> {
    Ok(diesel::sql_query(
        "SELECT done.resident_id, done.course_id, done.version, courses.branch_id, version.title, done.completed_at, \
             version.credits + coalesce((SELECT sum(lessons.credits)::bigint FROM version_lessons AS part \
                 JOIN lessons ON lessons.id = part.lesson_id \
                 WHERE part.course_id = done.course_id AND part.number = done.version), 0) AS credits \
         FROM enrollments AS done JOIN courses ON courses.id = done.course_id \
         JOIN course_versions AS version ON version.course_id = done.course_id AND version.number = done.version \
         JOIN residents ON residents.id = done.resident_id AND residents.left_at IS NULL \
         WHERE done.completed_at IS NOT NULL AND NOT EXISTS (SELECT FROM certificates AS known \
             WHERE known.resident_id = done.resident_id AND known.course_id = done.course_id) \
         ORDER BY done.completed_at LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?)
}

/// Writes those that are still due; of two workers at once one does.
pub(super) async fn insert(connection: &mut Connection, new: &[Certificate]) -> Result<usize> {
    Ok(diesel::insert_into(certificates::table)
        .values(new)
        .on_conflict((certificates::resident_id, certificates::course_id))
        .do_nothing()
        .execute(connection)
        .await?)
}

pub(super) async fn of_records(connection: &mut Connection, records: &[Uuid], limit: i64) -> Result<Vec<Certificate>> {
    Ok(certificates::table
        .filter(certificates::resident_id.eq_any(records))
        .order((certificates::completed_at.desc(), certificates::id.desc()))
        .limit(limit)
        .select(Certificate::as_select())
        .load(connection)
        .await?)
}

/// What a list of certificates is narrowed down to.
pub(super) struct Wanted {
    pub(super) course_id: Option<Uuid>,
    pub(super) records: Option<Vec<Uuid>>,
    pub(super) code: Option<String>,
    /// The branches of which their holders must be now.
    pub(super) within: Option<Vec<Uuid>>,
}

/// The newest first, of those issued before the one named.
pub(super) async fn list(
    connection: &mut Connection,
    wanted: &Wanted,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Certificate>> {
    Ok(diesel::sql_query(
        "SELECT certificates.* FROM certificates JOIN residents AS record ON record.id = certificates.resident_id \
         JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id) \
         WHERE ($1 IS NULL OR certificates.course_id = $1) AND ($2 IS NULL OR certificates.resident_id = ANY($2)) \
             AND ($3 IS NULL OR certificates.code = $3) AND ($4 IS NULL OR person.branch_id = ANY($4)) \
             AND ($5 IS NULL OR certificates.id < $5) ORDER BY certificates.id DESC LIMIT $6",
    )
    .bind::<Nullable<SqlUuid>, _>(wanted.course_id)
    .bind::<Nullable<Array<SqlUuid>>, _>(wanted.records.as_ref())
    .bind::<Nullable<Text>, _>(wanted.code.as_ref())
    .bind::<Nullable<Array<SqlUuid>>, _>(wanted.within.as_ref())
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?)
}

pub(super) async fn by_code(connection: &mut Connection, code: &str) -> Result<Option<Certificate>> {
    Ok(certificates::table
        .filter(certificates::code.eq(code))
        .select(Certificate::as_select())
        .first(connection)
        .await
        .optional()?)
}

/// `false`: it was revoked already.
pub(super) async fn revoke(
    connection: &mut Connection,
    id: Uuid,
    by: Uuid,
    reason: &str,
    at: OffsetDateTime,
) -> Result<bool> {
    let revoked = diesel::update(certificates::table.find(id).filter(certificates::revoked_at.is_null()))
        .set((
            certificates::revoked_at.eq(at),
            certificates::revoked_by.eq(by),
            certificates::revoked_reason.eq(reason),
        ))
        .execute(connection)
        .await?;
    Ok(revoked == 1)
}

/// Every one that was revoked: its code and why.
pub(super) async fn revoked(connection: &mut Connection) -> Result<Vec<(String, Option<String>)>> {
    Ok(certificates::table
        .filter(certificates::revoked_at.is_not_null())
        .order((certificates::revoked_at, certificates::id))
        .select((certificates::code, certificates::revoked_reason))
        .load(connection)
        .await?)
}

pub(super) async fn remember_key(connection: &mut Connection, id: &str, key: &str, at: OffsetDateTime) -> Result<()> {
    diesel::insert_into(certificate_keys::table)
        .values((
            certificate_keys::id.eq(id),
            certificate_keys::public_key.eq(key),
            certificate_keys::first_used_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}

/// Each with its id and public key, the oldest first.
pub(super) async fn keys(connection: &mut Connection) -> Result<Vec<(String, String)>> {
    Ok(certificate_keys::table
        .order((certificate_keys::first_used_at, certificate_keys::id))
        .select((certificate_keys::id, certificate_keys::public_key))
        .load(connection)
        .await?)
}
