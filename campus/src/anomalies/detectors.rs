//! One statement for each kind of thing. Each goes by an index over what was written lately, and counts
//! what belongs to it: the year, the days before, the reports of another week.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::rows::Kind;
use super::rules::{
    DAYS_FOR_A_HABIT, EVENING, FAR_ABOVE, HABIT_DAYS, LEAST_ASKED_ABOUT, MORNING, REPORTS_IN_A_TRACE,
    SHARING_A_TELEPHONE, TRACES_COMPARED,
};
use crate::clock::Clock;
use crate::db::Connection;
use crate::error::Result;

/// What a statement finds, known before or not.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Candidate {
    #[diesel(sql_type = SqlUuid)]
    pub(super) subject: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) mark: String,
    #[diesel(sql_type = Nullable<SqlDate>)]
    pub(super) period: Option<Date>,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub(super) evidence: Vec<Uuid>,
    #[diesel(sql_type = Jsonb)]
    pub(super) figures: Value,
}

/// What of this kind has happened since.
pub(super) async fn find(
    connection: &mut Connection,
    clock: &Clock,
    kind: Kind,
    since: OffsetDateTime,
) -> Result<Vec<Candidate>> {
    let day = clock.date_of(since);
    match kind {
        Kind::SharedTelephone => shared_telephones(connection, since).await,
        Kind::EqualTraces => equal_traces(connection, since).await,
        // Days and evenings are looked at whole.
        Kind::UnusualAwards => unusual_awards(connection, clock.start_of(day), clock.zone_name()).await,
        Kind::AwardsOutsideHours => {
            let morning = clock.start_of(day.previous_day().unwrap_or(day)) + Duration::hours(MORNING.into());
            awards_outside_hours(connection, morning, clock.zone_name()).await
        }
        Kind::AttendanceAboveRoom => attendance_above_rooms(connection, since).await,
    }
}

/// Telephones of people who came on record lately, and of those whose telephone was changed. A person
/// counts once, whose records were joined, and who has left has no telephone.
async fn shared_telephones(connection: &mut Connection, since: OffsetDateTime) -> Result<Vec<Candidate>> {
    Ok(diesel::sql_query(
        "WITH seen AS ( \
             SELECT phone_index, date_trunc('year', registered_on)::date AS year FROM residents \
             WHERE recorded_at >= $1 AND phone_index IS NOT NULL \
             UNION SELECT changed.phone_index, date_trunc('year', changed.registered_on)::date \
             FROM audit_entries AS entry JOIN residents AS changed ON changed.id = entry.object_id \
             WHERE entry.at >= $1 AND entry.object_kind = 'resident' AND entry.detail -> 'phone' = 'true' \
                 AND changed.phone_index IS NOT NULL) \
         SELECT sharing.people[1] AS subject, '' AS mark, seen.year AS period, sharing.people AS evidence, \
             jsonb_build_object('kind', 'shared_telephone', 'people', cardinality(sharing.people)) AS figures \
         FROM seen CROSS JOIN LATERAL ( \
             SELECT array_agg(DISTINCT coalesce(merged_into, id)) AS people FROM residents \
             WHERE phone_index = seen.phone_index AND date_trunc('year', registered_on)::date = seen.year) AS sharing \
         WHERE cardinality(sharing.people) >= $2",
    )
    .bind::<Timestamptz, _>(since)
    .bind::<Integer, _>(SHARING_A_TELEPHONE)
    .load(connection)
    .await?)
}

/// Lessons that several people have watched in the same way, one of them lately.
async fn equal_traces(connection: &mut Connection, since: OffsetDateTime) -> Result<Vec<Candidate>> {
    Ok(diesel::sql_query(
        "SELECT lesson_id AS subject, trace::text AS mark, NULL::date AS period, \
             array_agg(DISTINCT person_id) AS evidence, \
             jsonb_build_object('kind', 'equal_traces', 'people', count(DISTINCT person_id), 'reports', trace & 255) AS figures \
         FROM (SELECT progress.lesson_id, progress.trace, progress.reached_at, \
                 coalesce(record.merged_into, record.id) AS person_id \
             FROM lesson_progress AS progress JOIN residents AS record ON record.id = progress.resident_id \
             WHERE progress.reached_at >= $1 AND (progress.trace & 255) >= $3 AND record.left_at IS NULL) AS watched \
         GROUP BY lesson_id, trace HAVING count(DISTINCT person_id) > 1 AND max(reached_at) >= $2",
    )
    .bind::<Timestamptz, _>(since - TRACES_COMPARED)
    .bind::<Timestamptz, _>(since)
    .bind::<BigInt, _>(REPORTS_IN_A_TRACE)
    .load(connection)
    .await?)
}

/// What one person has awarded: a row of the audit a batch. What a second person has approved has been
/// looked at by two, and is left out, of the habit too.
const AWARDED: &str = "action = 'credits.awarded' AND account_id IS NOT NULL AND NOT detail ? 'proposed_by'";

/// Days on which somebody has awarded far more than on their days before.
async fn unusual_awards(connection: &mut Connection, from: OffsetDateTime, zone: &str) -> Result<Vec<Candidate>> {
    let query = format!(
        "WITH awarded AS ( \
             SELECT account_id, detail ->> 'unit' AS unit, (at AT TIME ZONE $2)::date AS day, \
                 sum((detail ->> 'people')::bigint)::bigint AS people, \
                 sum((detail ->> 'people')::bigint * (detail ->> 'amount')::bigint)::bigint AS amount, \
                 array_agg(object_id ORDER BY at, object_id) AS batches \
             FROM audit_entries WHERE at >= $1 AND {AWARDED} GROUP BY 1, 2, 3) \
         SELECT account_id AS subject, unit AS mark, day AS period, batches AS evidence, \
             jsonb_build_object('kind', 'unusual_awards', 'unit', unit, 'amount', amount, 'people', people, \
                 'usual', round(habit.median)::bigint, 'days', habit.days) AS figures \
         FROM awarded CROSS JOIN LATERAL ( \
             SELECT count(*) AS days, percentile_cont(0.5) WITHIN GROUP (ORDER BY earlier.amount) AS median FROM ( \
                 SELECT sum((detail ->> 'people')::bigint * (detail ->> 'amount')::bigint)::bigint AS amount \
                 FROM audit_entries WHERE account_id = awarded.account_id AND {AWARDED} AND detail ->> 'unit' = awarded.unit \
                     AND at >= (awarded.day - $3)::timestamp AT TIME ZONE $2 AND at < awarded.day::timestamp AT TIME ZONE $2 \
                 GROUP BY (at AT TIME ZONE $2)::date) AS earlier) AS habit \
         WHERE habit.days >= $4 AND amount >= $5 * habit.median \
             AND amount >= $6 * CASE unit WHEN 'credit' THEN 100 ELSE 1 END"
    );
    Ok(diesel::sql_query(query)
        .bind::<Timestamptz, _>(from)
        .bind::<Text, _>(zone)
        .bind::<Integer, _>(HABIT_DAYS)
        .bind::<BigInt, _>(DAYS_FOR_A_HABIT)
        .bind::<BigInt, _>(FAR_ABOVE)
        .bind::<BigInt, _>(LEAST_ASKED_ABOUT)
        .load(connection)
        .await?)
}

/// Evenings on which somebody has awarded late, or in the night that followed.
async fn awards_outside_hours(connection: &mut Connection, from: OffsetDateTime, zone: &str) -> Result<Vec<Candidate>> {
    let query = format!(
        "SELECT account_id AS subject, '' AS mark, evening AS period, array_agg(object_id ORDER BY local, object_id) AS evidence, \
             jsonb_build_object('kind', 'awards_outside_hours', 'people', sum(people), 'batches', count(*), \
                 'first', to_char(min(local), 'HH24:MI'), 'last', to_char(max(local), 'HH24:MI')) AS figures \
         FROM (SELECT account_id, object_id, (detail ->> 'people')::bigint AS people, at AT TIME ZONE $2 AS local, \
                 (at AT TIME ZONE $2 - make_interval(hours => $4))::date AS evening \
             FROM audit_entries WHERE at >= $1 AND {AWARDED}) AS awarded \
         WHERE extract(hour FROM local) >= $3 OR extract(hour FROM local) < $4 \
         GROUP BY account_id, evening"
    );
    Ok(diesel::sql_query(query)
        .bind::<Timestamptz, _>(from)
        .bind::<Text, _>(zone)
        .bind::<Integer, _>(EVENING)
        .bind::<Integer, _>(MORNING)
        .load(connection)
        .await?)
}

/// Days on which more people were awarded for coming to a venue than find a seat there, over all batches that name
/// it; one of them was written lately. A person counts once, whatever they were given, and nobody for what was
/// taken back.
async fn attendance_above_rooms(connection: &mut Connection, since: OffsetDateTime) -> Result<Vec<Candidate>> {
    Ok(diesel::sql_query(
        "WITH seen AS ( \
             SELECT DISTINCT held.venue_id, made.earned_on \
             FROM credit_transfers AS made JOIN award_venues AS held ON held.batch_id = made.batch_id \
             WHERE made.kind = 'award' AND made.place = 0 AND made.recorded_at >= $1) \
         SELECT seen.venue_id AS subject, '' AS mark, seen.earned_on AS period, came.batches AS evidence, \
             jsonb_build_object('kind', 'attendance_above_room', 'people', came.people, 'seats', venue.seats) AS figures \
         FROM seen JOIN venues AS venue ON venue.id = seen.venue_id CROSS JOIN LATERAL ( \
             SELECT count(DISTINCT person_id) AS people, array_agg(DISTINCT batch_id) AS batches FROM venue_visits AS visit \
             WHERE visit.venue_id = seen.venue_id AND visit.day = seen.earned_on) AS came \
         WHERE came.people > venue.seats",
    )
    .bind::<Timestamptz, _>(since)
    .load(connection)
    .await?)
}
