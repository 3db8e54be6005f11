//! Rows of certificates.

use diesel::pg::Pg;
use diesel::prelude::*;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::schema::certificates;
use crate::ids::new_id;

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = certificates)]
#[diesel(check_for_backend(Pg))]
pub struct Certificate {
    /// Its id.
    pub id: Uuid,
    /// By which it is checked; see [`super::printed_code`].
    pub code: String,
    /// The record under which the course was finished.
    pub resident_id: Uuid,
    /// The course.
    pub course_id: Uuid,
    /// The version of it that was learned.
    pub version: i32,
    /// The branch that made it.
    pub branch_id: Uuid,
    /// What it was called.
    pub course_title: String,
    /// What the course and its lessons were worth together, in hundredths of a credit.
    pub credits: i64,
    /// When the last lesson was finished.
    pub completed_at: OffsetDateTime,
    /// When the certificate was issued.
    pub issued_at: OffsetDateTime,
    /// When it was revoked.
    pub revoked_at: Option<OffsetDateTime>,
    /// By whom.
    pub revoked_by: Option<Uuid>,
    /// Why.
    pub revoked_reason: Option<String>,
}

/// What somebody has finished and has no certificate of.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Due {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    resident_id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    course_id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    version: i32,
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    branch_id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Text)]
    title: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    credits: i64,
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    completed_at: OffsetDateTime,
}

impl Due {
    pub(super) fn certify(self, code: String, now: OffsetDateTime) -> Certificate {
        Certificate {
            id: new_id(),
            code,
            resident_id: self.resident_id,
            course_id: self.course_id,
            version: self.version,
            branch_id: self.branch_id,
            course_title: self.title,
            credits: self.credits,
            completed_at: self.completed_at,
            issued_at: now,
            revoked_at: None,
            revoked_by: None,
            revoked_reason: None,
        }
    }
}
