//! What staff ask of the database about questions. `branches` are those whose courses they run
//! (`None`: all).

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::review::{Waiting, Which};
use super::rows::ManagedQuestion;
use crate::db::Connection;
use crate::error::Result;

const MANAGED: &str = "SELECT question.*, residents.name AS asker, lessons.title AS lesson_title, \
         courses.title AS course_title, courses.branch_id, staff.name AS answered_by_name, \
         (SELECT coalesce(jsonb_object_agg(counted.reason, counted.number), '{}') FROM ( \
             SELECT report.reason, count(*) AS number FROM question_reports AS report \
             WHERE report.question_id = question.id AND report.reported_at >= question.reported_at \
             GROUP BY report.reason) AS counted) AS reports \
     FROM lesson_questions AS question JOIN residents ON residents.id = question.resident_id \
     JOIN lessons ON lessons.id = question.lesson_id JOIN courses ON courses.id = question.course_id \
     LEFT JOIN accounts AS staff ON staff.id = question.answered_by \
     WHERE question.withdrawn_at IS NULL";

const UNANSWERED: &str = "question.answer IS NULL AND question.hidden_at IS NULL";
const REPORTED: &str = "question.reported_at IS NOT NULL";

pub(super) async fn one(connection: &mut Connection, id: Uuid) -> Result<Option<ManagedQuestion>> {
    let query = diesel::sql_query(format!("{MANAGED} AND question.id = $1")).bind::<SqlUuid, _>(id);
    Ok(query.get_result(connection).await.optional()?)
}

/// `from` is the id with which the page before ended.
pub(super) async fn list(
    connection: &mut Connection,
    branches: Option<&[Uuid]>,
    which: Which,
    course_id: Option<Uuid>,
    from: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ManagedQuestion>> {
    let (wanted, beyond, order) = match which {
        Which::Unanswered => (UNANSWERED, ">", "ASC"),
        Which::Reported => (REPORTED, ">", "ASC"),
        Which::All => ("true", "<", "DESC"),
    };
    let query = format!(
        "{MANAGED} AND {wanted} AND ($1::uuid[] IS NULL OR courses.branch_id = ANY ($1)) \
             AND ($2::uuid IS NULL OR question.course_id = $2) AND ($3::uuid IS NULL OR question.id {beyond} $3) \
         ORDER BY question.id {order} LIMIT $4"
    );
    Ok(diesel::sql_query(query)
        .bind::<Nullable<Array<SqlUuid>>, _>(branches)
        .bind::<Nullable<SqlUuid>, _>(course_id)
        .bind::<Nullable<SqlUuid>, _>(from)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?)
}

pub(super) async fn waiting(connection: &mut Connection, branches: Option<&[Uuid]>) -> Result<Waiting> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        unanswered: i64,
        #[diesel(sql_type = BigInt)]
        reported: i64,
    }
    let query = format!(
        "SELECT count(*) FILTER (WHERE {UNANSWERED}) AS unanswered, count(*) FILTER (WHERE {REPORTED}) AS reported \
         FROM lesson_questions AS question JOIN courses ON courses.id = question.course_id \
         WHERE question.withdrawn_at IS NULL AND ({UNANSWERED} OR {REPORTED}) \
             AND ($1::uuid[] IS NULL OR courses.branch_id = ANY ($1))"
    );
    let query = diesel::sql_query(query).bind::<Nullable<Array<SqlUuid>>, _>(branches);
    let Counted { unanswered, reported } = query.get_result(connection).await?;
    Ok(Waiting { unanswered, reported })
}
