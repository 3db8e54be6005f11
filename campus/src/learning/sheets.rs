//! Sheets kept and sheets read: from memory while nobody else has written, else from the database.

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::Arc;

use diesel::sql_types::{
    Array, BigInt, Bool, Date as SqlDate, Int4, Integer, Multirange, Nullable, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use quick_cache::sync::Cache;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::recorder::{Entry, Recorded};
use super::saving;
use super::sheet::{Grant, Page, Playing, Sheet};
use super::stretches::Stretches;
use super::trace::Trace;
use crate::db::Connection;
use crate::error::Result;

/// Residents whose sheets are kept: some hundred bytes each.
const MOST_KEPT: usize = 20_000;

/// The sheets of those who report to this process. Whoever works with one takes it out; what is not put
/// back, because it does not hold any more or nobody knows, is read anew.
#[derive(Clone)]
pub(super) struct Sheets(Arc<Cache<Uuid, Box<Sheet>>>);

/// A report that is saved, with what it comes to by a sheet; `None`: by that sheet its sender is
/// not enrolled.
pub(super) struct Granted<'entry> {
    pub(super) entry: &'entry Entry,
    sheet: Box<Sheet>,
    grant: Option<Grant>,
}

impl Granted<'_> {
    /// What is to be saved of it.
    fn row(&self) -> Option<saving::Row> {
        let grant = self.grant.as_ref()?;
        Some(saving::Row {
            resident_id: self.entry.resident_id,
            revision: self.sheet.revision,
            lesson_id: self.entry.lesson_id,
            branch_id: self.sheet.branch_id,
            watched: grant.page.watched.to_multirange(),
            watched_ms: grant.page.watched_ms,
            granted_ms: grant.granted_ms,
            position_ms: grant.position_ms,
            reached: grant.reached(),
            trace: grant.page.trace.kept(),
        })
    }

    /// The branch for which something was watched.
    pub(super) fn branch_with_more(&self) -> Option<Uuid> {
        self.grant.as_ref().filter(|grant| grant.granted_ms > 0).map(|_| self.sheet.branch_id)
    }
}

impl Sheets {
    pub(super) fn new() -> Self {
        Self(Arc::new(Cache::new(MOST_KEPT)))
    }

    /// The sheet of a resident that serves for `today`.
    pub(super) fn take(&self, resident_id: Uuid, today: Date) -> Option<Box<Sheet>> {
        self.0.remove(&resident_id).map(|(_, sheet)| sheet).filter(|sheet| sheet.day == today)
    }

    /// Keeps the sheet as it is after what was saved.
    pub(super) fn keep(&self, granted: Granted<'_>) -> Recorded {
        let Granted { entry, mut sheet, grant } = granted;
        let recorded = grant.as_ref().map_or(Recorded::NOT_ENROLLED, Grant::recorded);
        if let Some(grant) = grant {
            sheet.apply(entry.lesson_id, grant);
        }
        self.0.insert(entry.resident_id, sheet);
        recorded
    }

    /// Notes that a lesson is finished: it need not be tried again with each report.
    pub(super) fn completed(&self, resident_id: Uuid, lesson_id: Uuid) {
        let Some((_, mut sheet)) = self.0.remove(&resident_id) else { return };
        if let Some(page) = sheet.pages.get_mut(&lesson_id) {
            page.completed = true;
        }
        self.0.insert(resident_id, sheet);
    }

    /// Saves reports, which are of different residents and sorted by them, each by a sheet. Left out
    /// are those whose sheet is out of date or does not know the viewing.
    pub(super) async fn save<'entry>(
        &self,
        connection: &mut Connection,
        reports: impl Iterator<Item = (&'entry Entry, Box<Sheet>)>,
        now: OffsetDateTime,
    ) -> Result<Vec<Granted<'entry>>> {
        let (mut granted, mut not_enrolled) = (Vec::new(), Vec::new());
        for (entry, sheet) in reports {
            match sheet.grant(entry, now) {
                // What it knows of other viewings still holds.
                None => self.0.insert(entry.resident_id, sheet),
                Some(None) => not_enrolled.push(Granted { entry, sheet, grant: None }),
                Some(grant) => granted.push(Granted { entry, sheet, grant }),
            }
        }
        let Some(month) = granted.iter().map(|each: &Granted<'_>| each.sheet.month).next() else {
            return Ok(not_enrolled);
        };
        granted.retain(|each| each.sheet.month == month);
        let rows = granted.iter().filter_map(Granted::row).collect();
        let left_out = saving::save_all(connection, rows, month, now).await?;
        granted.retain(|each| !left_out.contains(&each.entry.resident_id));
        granted.append(&mut not_enrolled);
        Ok(granted)
    }
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    viewing_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    resident_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    lesson_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    branch_id: Uuid,
    #[diesel(sql_type = Integer)]
    duration_ms: i32,
    #[diesel(sql_type = Integer)]
    required_ms: i32,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    #[diesel(sql_type = Timestamptz)]
    anchored_at: OffsetDateTime,
    #[diesel(sql_type = BigInt)]
    spent_ms: i64,
    #[diesel(sql_type = SqlDate)]
    month: Date,
    #[diesel(sql_type = Bool)]
    enrolled: bool,
    #[diesel(sql_type = Nullable<Multirange<Int4>>)]
    watched: Option<Vec<(Bound<i32>, Bound<i32>)>>,
    #[diesel(sql_type = Bool)]
    completed: bool,
    #[diesel(sql_type = BigInt)]
    trace: i64,
}

/// The sheets of those who report, locked until the transaction ends, and with rows to count on:
/// by resident, each with the viewing of its report. Left out are those without such a viewing.
pub(super) async fn lock(
    connection: &mut Connection,
    entries: &[&Entry],
    now: OffsetDateTime,
) -> Result<HashMap<Uuid, Sheet>> {
    let today = now.date();
    let residents: Vec<Uuid> = entries.iter().map(|entry| entry.resident_id).collect();
    let lessons: Vec<Uuid> = entries.iter().map(|entry| entry.lesson_id).collect();
    let viewings: Vec<Uuid> = entries.iter().map(|entry| entry.viewing_id).collect();
    // First the locks, then a look at what they protect.
    diesel::sql_query("SELECT FROM watch_budgets WHERE resident_id = ANY($1) ORDER BY resident_id FOR UPDATE")
        .bind::<Array<SqlUuid>, _>(&residents)
        .execute(connection)
        .await?;
    // Whoever has begun is not moved to another version.
    diesel::sql_query(
        "SELECT FROM enrollments WHERE course_id IN (SELECT course_id FROM lessons WHERE id = ANY($2)) \
             AND resident_id IN (SELECT record FROM unnest($1) AS reporting (id), records_of(reporting.id) AS record) \
         ORDER BY resident_id, course_id FOR SHARE",
    )
    .bind::<Array<SqlUuid>, _>(&residents)
    .bind::<Array<SqlUuid>, _>(&lessons)
    .execute(connection)
    .await?;
    diesel::sql_query(
        "WITH opened AS ( \
             SELECT residents.id AS resident_id, lessons.id AS lesson_id, residents.branch_id \
             FROM unnest($1, $2, $3) AS report(resident_id, lesson_id, viewing_id) \
             JOIN viewings ON (viewings.id, viewings.lesson_id) = (report.viewing_id, report.lesson_id) \
                 AND viewings.resident_id IN (SELECT record FROM records_of(report.resident_id) AS record) \
             JOIN residents ON residents.id = report.resident_id JOIN lessons ON lessons.id = report.lesson_id \
             WHERE EXISTS (SELECT FROM records_of(residents.id) AS record WHERE learns_lesson(record, lessons.id)) \
         ), pages AS ( \
             INSERT INTO lesson_progress (resident_id, lesson_id, updated_at) SELECT resident_id, lesson_id, $4 FROM opened \
             ON CONFLICT DO NOTHING \
         ) \
         INSERT INTO learning_days (resident_id, day, branch_id, counted_month, watched_ms) \
         SELECT resident_id, $5, branch_id, counted_month($5, $5), 0 FROM opened ON CONFLICT DO NOTHING",
    )
    .bind::<Array<SqlUuid>, _>(&residents)
    .bind::<Array<SqlUuid>, _>(&lessons)
    .bind::<Array<SqlUuid>, _>(&viewings)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlDate, _>(today)
    .execute(connection)
    .await?;
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT viewings.id AS viewing_id, residents.id AS resident_id, viewings.lesson_id, viewings.duration_ms, viewings.required_ms, \
             residents.branch_id, budget.revision, budget.anchored_at, budget.spent_ms, counted_month($4, $4) AS month, \
             EXISTS (SELECT FROM records_of(residents.id) AS record WHERE learns_lesson(record, lessons.id)) AS enrolled, \
             progress.watched, coalesce(progress.completed, false) AS completed, coalesce(progress.trace, 0) AS trace \
         FROM unnest($1, $2, $3) AS report(resident_id, lesson_id, viewing_id) \
         JOIN viewings ON (viewings.id, viewings.lesson_id) = (report.viewing_id, report.lesson_id) \
             AND viewings.resident_id IN (SELECT record FROM records_of(report.resident_id) AS record) \
         JOIN residents ON residents.id = report.resident_id JOIN watch_budgets AS budget ON budget.resident_id = residents.id \
         JOIN lessons ON lessons.id = report.lesson_id \
         LEFT JOIN LATERAL (SELECT range_agg(range) AS watched, bool_or(each.completed_at IS NOT NULL) AS completed, \
                 max(each.trace) FILTER (WHERE each.resident_id = residents.id) AS trace \
             FROM records_of(residents.id) AS record \
             JOIN lesson_progress AS each ON each.resident_id = record AND each.lesson_id = lessons.id \
             LEFT JOIN LATERAL unnest(each.watched) AS range ON true) AS progress ON true",
    )
    .bind::<Array<SqlUuid>, _>(&residents)
    .bind::<Array<SqlUuid>, _>(&lessons)
    .bind::<Array<SqlUuid>, _>(&viewings)
    .bind::<SqlDate, _>(today)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.resident_id, row.into_sheet(today))).collect())
}

impl Row {
    fn into_sheet(self, day: Date) -> Sheet {
        let playing = Playing {
            lesson_id: self.lesson_id,
            duration_ms: self.duration_ms,
            required_ms: self.required_ms,
            enrolled: self.enrolled,
        };
        let watched = self.watched.map(Stretches::from_multirange).unwrap_or_default();
        let watched_ms = i32::try_from(watched.length()).unwrap_or(i32::MAX);
        let page = Page { watched, watched_ms, completed: self.completed, trace: Trace::of(self.trace) };
        Sheet {
            revision: self.revision,
            anchored_at: self.anchored_at,
            spent_ms: self.spent_ms,
            branch_id: self.branch_id,
            day,
            month: self.month,
            playing: HashMap::from([(self.viewing_id, playing)]),
            pages: HashMap::from([(self.lesson_id, page)]),
        }
    }
}
