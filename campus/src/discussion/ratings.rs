//! Ratings: who has finished a course says with one tap what they got out of it. Only staff see
//! what others said, and only how many.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde_json::json;
use uuid::Uuid;

use super::rows::Rating;
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::audit;
use crate::courses::{self, Course};
use crate::db::Connection;
use crate::db::schema::course_ratings;
use crate::error::{Code, Error, Result};
use crate::learning;
use crate::residents;

/// What can be said.
const VALUES: [&str; 3] = ["good", "fair", "poor"];

/// How many people said what about a version of a course, each person counted once.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct VersionRatings {
    /// The version that they finished.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// They got something out of it.
    #[diesel(sql_type = BigInt)]
    pub good: i64,
    /// So-so.
    #[diesel(sql_type = BigInt)]
    pub fair: i64,
    /// They got nothing out of it.
    #[diesel(sql_type = BigInt)]
    pub poor: i64,
}

/// What the actor said about a course, where they did.
///
/// # Errors
/// [`Code::NotFound`] for a course that is not offered.
pub async fn own_rating(campus: &Campus, actor: &Actor, course_id: Uuid) -> Result<Option<Rating>> {
    let resident_id = actor.resident()?;
    let connection = &mut *campus.database.connection().await?;
    courses::offered(connection, course_id).await?;
    let records = residents::records(connection, resident_id).await?;
    last(connection, &records, course_id).await
}

/// Says what the actor got out of a course, or says it anew. Answers whether that is the first time.
///
/// # Errors
/// [`Code::ValueInvalid`] on the field `value`; [`Code::NotFound`] for a course that is not offered;
/// [`Code::NotEnrolled`], [`Code::CourseNotFinished`].
pub async fn rate(campus: &Campus, actor: &Actor, course_id: Uuid, value: &str) -> Result<(Rating, bool)> {
    if !VALUES.contains(&value) {
        return Err(Error::field("value", Code::ValueInvalid));
    }
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let proof = learning::finished(connection, actor, course_id).await?;
            let finished = proof.object();
            let known = last(connection, &finished.records, course_id).await?;
            if let Some(same) = known.as_ref().filter(|known| known.value == value) {
                return Ok((same.clone(), false));
            }
            let (resident_id, version) = (finished.resident_id, finished.version);
            let rating = Rating { resident_id, course_id, version, value: value.to_owned(), rated_at: now };
            save(connection, &rating).await?;
            let entry = audit::Entry {
                action: "course.rated",
                object_kind: "course",
                object_id: Some(course_id),
                branch_id: Some(finished.branch_id),
                // What somebody said is nobody's business: it is counted, no more.
                detail: json!({"version": finished.version}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await?;
            Ok((rating, known.is_none()))
        })
        .await
}

/// The last under any of these records; of several at one moment that of the record which stays.
async fn last(connection: &mut Connection, records: &[Uuid], course_id: Uuid) -> Result<Option<Rating>> {
    let found: Vec<Rating> = course_ratings::table
        .filter(course_ratings::resident_id.eq_any(records).and(course_ratings::course_id.eq(course_id)))
        .select(Rating::as_select())
        .load(connection)
        .await?;
    let place = |rating: &Rating| records.iter().position(|record| *record == rating.resident_id);
    Ok(found.into_iter().max_by_key(|rating| (rating.rated_at, std::cmp::Reverse(place(rating)))))
}

async fn save(connection: &mut Connection, rating: &Rating) -> Result<()> {
    diesel::insert_into(course_ratings::table)
        .values(rating)
        .on_conflict((course_ratings::resident_id, course_ratings::course_id))
        .do_update()
        .set(rating)
        .execute(connection)
        .await?;
    Ok(())
}

/// What people said about a course, by the version that they finished.
///
/// # Errors
/// What the database says.
pub async fn ratings(connection: &mut Connection, proof: &CanManage<Course>) -> Result<Vec<VersionRatings>> {
    Ok(diesel::sql_query(
        "SELECT version, count(*) FILTER (WHERE value = 'good') AS good, \
             count(*) FILTER (WHERE value = 'fair') AS fair, count(*) FILTER (WHERE value = 'poor') AS poor \
         FROM (SELECT DISTINCT ON (person.id) rating.version, rating.value FROM course_ratings AS rating \
             JOIN residents ON residents.id = rating.resident_id \
             CROSS JOIN LATERAL (SELECT coalesce(residents.merged_into, residents.id) AS id) AS person \
             WHERE rating.course_id = $1 \
             ORDER BY person.id, rating.rated_at DESC, rating.resident_id = person.id DESC) AS said \
         GROUP BY version ORDER BY version",
    )
    .bind::<SqlUuid, _>(proof.object().id)
    .load(connection)
    .await?)
}
