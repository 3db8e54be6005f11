//! The statement that saves reports, handed to it as one array of rows: of an array for each column the
//! database makes ten lists, which it keeps side by side while it works.

use std::ops::Bound;

use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::query_builder::QueryId;
use diesel::serialize::{self, Output, ToSql, WriteTuple};
use diesel::sql_types::{
    Array, BigInt, Bool, Date as SqlDate, Int4, Integer, Multirange, SqlType, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::db::{self, Connection};
use crate::error::Result;

/// The composite type of the database.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(name = "watch_report"))]
pub(super) struct WatchReportType;

diesel::define_sql_function! {
    fn save_watches(reports: Array<WatchReportType>, reported_at: Timestamptz, today: SqlDate, month: SqlDate)
        -> Array<SqlUuid>;
}

/// What a report changes: of the budget that stood at `revision`, and of the lesson.
#[derive(Debug, AsExpression)]
#[diesel(sql_type = WatchReportType)]
pub(super) struct Row {
    pub(super) resident_id: Uuid,
    pub(super) revision: i64,
    pub(super) lesson_id: Uuid,
    pub(super) branch_id: Uuid,
    pub(super) watched: Vec<(Bound<i32>, Bound<i32>)>,
    pub(super) watched_ms: i32,
    pub(super) granted_ms: i32,
    pub(super) position_ms: i32,
    pub(super) reached: bool,
    pub(super) trace: i64,
}

impl ToSql<WatchReportType, Pg> for Row {
    fn to_sql<'row>(&'row self, out: &mut Output<'row, '_, Pg>) -> serialize::Result {
        type Columns = (SqlUuid, BigInt, SqlUuid, SqlUuid, Multirange<Int4>, Integer, Integer, Integer, Bool, BigInt);
        let row = (
            self.resident_id,
            self.revision,
            self.lesson_id,
            self.branch_id,
            &self.watched,
            self.watched_ms,
            self.granted_ms,
            self.position_ms,
            self.reached,
            self.trace,
        );
        WriteTuple::<Columns>::write_tuple(&row, out)
    }
}

/// Saves reports, which are of different residents and sorted by them; answers whose are left out: those
/// whose budget does not stand at the revision any more, or everybody's when the month has been closed.
pub(super) async fn save_all(
    connection: &mut Connection,
    rows: Vec<Row>,
    month: Date,
    now: OffsetDateTime,
) -> Result<Vec<Uuid>> {
    let saving = diesel::select(save_watches(rows, now, now.date(), month));
    Ok(db::committed(saving.load(connection).await)?)
}
