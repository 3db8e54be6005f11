//! How far people have come in what they watch, told to a learning record store at a quarter, half
//! and three quarters: found afterwards, so that a watch report costs nothing more.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::statements::{self, Activity, ActivityKind, Fact, Learner, Outcome, Verb, Within};

/// How far back is looked. Who has not come back for longer is told of when they do.
const RECENT: Duration = Duration::days(1);
/// Statements that are written in one transaction.
const AT_ONCE: i64 = 500;

/// A lesson in which somebody has reached a mark that the store has not been told of.
#[derive(Debug, QueryableByName)]
struct Reached {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    record_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    lesson_id: Uuid,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = SqlUuid)]
    course_id: Uuid,
    #[diesel(sql_type = Text)]
    course_title: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = SmallInt)]
    percent: i16,
    #[diesel(sql_type = BigInt)]
    watched_ms: i64,
    #[diesel(sql_type = Timestamptz)]
    at: OffsetDateTime,
}

/// Writes down every mark that has been reached and not told.
pub(super) async fn state(campus: &Campus) -> Result<()> {
    if campus.lrs.is_none() {
        return Ok(());
    }
    let since = campus.clock.now() - RECENT;
    let connection = &mut *campus.database.connection().await?;
    while connection.transaction(async |connection| state_some(connection, campus, since).await).await? {}
    Ok(())
}

/// `true`: there may be more.
async fn state_some(connection: &mut Connection, campus: &Campus, since: OffsetDateTime) -> Result<bool> {
    let reached = reached(connection, since).await?;
    let new = remember(connection, &reached).await?;
    for each in reached.iter().filter(|each| new.contains(&(each.person_id, each.lesson_id))) {
        let who = Learner { person_id: each.person_id, record_id: each.record_id };
        statements::state(connection, campus, who, &[each.fact(&each.percent.to_string())]).await?;
    }
    Ok(!new.is_empty())
}

impl Reached {
    fn fact<'a>(&'a self, mark: &'a str) -> Fact<'a> {
        let outcome = Outcome {
            finished: Some(false),
            progress: Some(self.percent),
            duration_ms: Some(self.watched_ms),
            ..Outcome::default()
        };
        Fact {
            verb: Verb::Progressed,
            activity: Activity { kind: ActivityKind::Lesson, id: self.lesson_id, title: &self.title },
            within: Some(Within { id: self.course_id, title: &self.course_title, version: self.version }),
            outcome,
            at: self.at,
            occasion: Some(mark),
        }
    }
}

/// Starts from who has reported lately, which is a row of each resident; over all records of a person
/// each stretch counts once.
async fn reached(connection: &mut Connection, since: OffsetDateTime) -> Result<Vec<Reached>> {
    Ok(diesel::sql_query(
        "WITH recent AS ( \
             SELECT coalesce(record.merged_into, record.id) AS person_id, progress.lesson_id, max(progress.updated_at) AS at \
             FROM watch_budgets AS budget \
             JOIN residents AS record ON record.id = budget.resident_id AND record.left_at IS NULL \
             JOIN lesson_progress AS progress ON progress.resident_id = record.id \
                 AND progress.updated_at >= $1 AND progress.completed_at IS NULL \
             WHERE budget.contacted_at >= $1 GROUP BY 1, 2), \
         sums AS ( \
             SELECT recent.*, (SELECT sum(upper(range) - lower(range)) FROM unnest(( \
                 SELECT range_agg(piece) FROM lesson_progress AS each, unnest(each.watched) AS piece \
                 WHERE each.lesson_id = recent.lesson_id AND each.resident_id IN (SELECT records_of(person_id)) \
             )) AS range) AS watched_ms \
             FROM recent WHERE NOT EXISTS (SELECT FROM lesson_progress AS done WHERE done.lesson_id = recent.lesson_id \
                 AND done.resident_id IN (SELECT records_of(person_id)) AND done.completed_at IS NOT NULL)), \
         marks AS ( \
             SELECT sums.*, lessons.title, lessons.course_id, \
                 (least(watched_ms * 4 / videos.duration_ms, 3) * 25)::smallint AS percent \
             FROM sums JOIN lessons ON lessons.id = sums.lesson_id JOIN videos ON videos.id = lessons.video_id) \
         SELECT marks.person_id, marks.lesson_id, marks.at, marks.watched_ms, marks.title, marks.percent, \
             enrolled.resident_id AS record_id, enrolled.version, courses.id AS course_id, courses.title AS course_title \
         FROM marks JOIN courses ON courses.id = marks.course_id \
         JOIN LATERAL (SELECT resident_id, version FROM enrollments \
             WHERE enrollments.course_id = marks.course_id AND resident_id IN (SELECT records_of(marks.person_id)) \
             ORDER BY enrolled_at, resident_id LIMIT 1) AS enrolled ON true \
         WHERE marks.percent > coalesce((SELECT max(known.percent) FROM stated_progress AS known \
             WHERE known.lesson_id = marks.lesson_id AND known.resident_id IN (SELECT records_of(marks.person_id))), 0) \
         ORDER BY marks.person_id, marks.lesson_id LIMIT $2",
    )
    .bind::<Timestamptz, _>(since)
    .bind::<BigInt, _>(AT_ONCE)
    .load(connection)
    .await?)
}

/// Notes that these are told from now on; answers those that no other worker has noted meanwhile.
async fn remember(connection: &mut Connection, reached: &[Reached]) -> Result<Vec<(Uuid, Uuid)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        resident_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        lesson_id: Uuid,
    }
    let persons: Vec<Uuid> = reached.iter().map(|each| each.person_id).collect();
    let lessons: Vec<Uuid> = reached.iter().map(|each| each.lesson_id).collect();
    let marks: Vec<i16> = reached.iter().map(|each| each.percent).collect();
    let rows: Vec<Row> = diesel::sql_query(
        "INSERT INTO stated_progress AS known (resident_id, lesson_id, percent) SELECT * FROM unnest($1, $2, $3) \
         ON CONFLICT (resident_id, lesson_id) DO UPDATE SET percent = excluded.percent \
         WHERE known.percent < excluded.percent RETURNING resident_id, lesson_id",
    )
    .bind::<Array<SqlUuid>, _>(persons)
    .bind::<Array<SqlUuid>, _>(lessons)
    .bind::<Array<SmallInt>, _>(marks)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.resident_id, row.lesson_id)).collect())
}
