//! What is asked of the database about attempts at quizzes.

use std::collections::BTreeMap;

use diesel::dsl::max;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::db::schema::quiz_attempts;
use crate::error::Result;

/// The attempts that are listed at most.
const MOST_LISTED: i64 = 50;

/// By question: the options that were chosen.
pub(super) type Answers = BTreeMap<Uuid, Vec<Uuid>>;

/// A question as an attempt asks it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Drawn {
    pub(super) question: Uuid,
    /// In the order in which they are shown.
    pub(super) options: Vec<Uuid>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = quiz_attempts)]
#[diesel(check_for_backend(Pg))]
pub(super) struct AttemptRow {
    pub(super) id: Uuid,
    pub(super) resident_id: Uuid,
    pub(super) lesson_id: Uuid,
    pub(super) number: i32,
    pub(super) questions: Value,
    pub(super) answers: Value,
    pub(super) score: Option<i16>,
    pub(super) passed: Option<bool>,
    pub(super) started_at: OffsetDateTime,
    pub(super) finished_at: Option<OffsetDateTime>,
}

/// Waits until nobody else begins an attempt of this resident at this quiz.
pub(super) async fn take_turns(connection: &mut Connection, resident_id: Uuid, lesson_id: Uuid) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))")
        .bind::<Text, _>(format!("{resident_id}{lesson_id}"))
        .bind::<BigInt, _>(0)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn open_attempt(
    connection: &mut Connection,
    records: &[Uuid],
    lesson_id: Uuid,
) -> Result<Option<AttemptRow>> {
    Ok(quiz_attempts::table
        .filter(quiz_attempts::resident_id.eq_any(records).and(quiz_attempts::lesson_id.eq(lesson_id)))
        .filter(quiz_attempts::finished_at.is_null())
        .order(quiz_attempts::started_at)
        .select(AttemptRow::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn lock(connection: &mut Connection, records: &[Uuid], id: Uuid) -> Result<Option<AttemptRow>> {
    Ok(quiz_attempts::table
        .find(id)
        .filter(quiz_attempts::resident_id.eq_any(records))
        .select(AttemptRow::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn attempts(
    connection: &mut Connection,
    records: &[Uuid],
    lesson_id: Uuid,
) -> Result<Vec<AttemptRow>> {
    Ok(quiz_attempts::table
        .filter(quiz_attempts::resident_id.eq_any(records).and(quiz_attempts::lesson_id.eq(lesson_id)))
        .order((quiz_attempts::started_at.desc(), quiz_attempts::number.desc()))
        .limit(MOST_LISTED)
        .select(AttemptRow::as_select())
        .load(connection)
        .await?)
}

/// The number after the last, over all records of the person.
pub(super) async fn next_number(connection: &mut Connection, records: &[Uuid], lesson_id: Uuid) -> Result<i32> {
    let last: Option<i32> = quiz_attempts::table
        .filter(quiz_attempts::resident_id.eq_any(records).and(quiz_attempts::lesson_id.eq(lesson_id)))
        .select(max(quiz_attempts::number))
        .first(connection)
        .await?;
    Ok(last.unwrap_or(0) + 1)
}

pub(super) async fn insert(connection: &mut Connection, row: &AttemptRow) -> Result<()> {
    diesel::insert_into(quiz_attempts::table).values(row).execute(connection).await?;
    Ok(())
}

pub(super) async fn update(connection: &mut Connection, row: &AttemptRow) -> Result<()> {
    diesel::update(quiz_attempts::table.find(row.id)).set(row).execute(connection).await?;
    Ok(())
}
