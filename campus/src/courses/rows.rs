//! Rows of courses, their versions, lessons and the steps a course takes.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Text;
use time::OffsetDateTime;
use uuid::Uuid;

use super::content::LessonKind;
use crate::db::schema::{course_files, course_versions, courses, lessons};

/// Where a course stands, or one of its versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, FromSqlRow, AsExpression)]
#[diesel(sql_type = Text)]
pub enum Status {
    /// The branch works on it.
    Draft,
    /// The branch has declared it to the street centre.
    Declared,
    /// The street centre has approved it.
    Approved,
    /// The street centre has sent it back.
    Rejected,
    /// Residents can learn from it.
    Published,
    /// It is no longer offered.
    Archived,
    /// A version that was offered until a newer one took its place.
    Superseded,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Declared,
        Self::Approved,
        Self::Rejected,
        Self::Published,
        Self::Archived,
        Self::Superseded,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Declared => "declared",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Published => "published",
            Self::Archived => "archived",
            Self::Superseded => "superseded",
        }
    }
}

impl ToSql<Text, Pg> for Status {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(self.as_str(), out)
    }
}

impl diesel::deserialize::FromSql<Text, Pg> for Status {
    fn from_sql(value: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let name = <String as diesel::deserialize::FromSql<Text, Pg>>::from_sql(value)?;
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or_else(|| format!("no status of a course: {name}").into())
    }
}

/// A course, with what the version that is offered says; while none is, what the first says.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = courses)]
#[diesel(check_for_backend(Pg))]
pub struct Course {
    /// Its id.
    pub id: Uuid,
    /// The branch that makes it.
    pub branch_id: Uuid,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Its topic's code.
    pub topic: String,
    /// The codes of the groups it is meant for; none: for everybody.
    pub groups: Vec<String>,
    /// What finishing all of it earns, in hundredths of a credit.
    pub credits: i64,
    /// Where it stands.
    pub status: Status,
    /// When it was begun.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// When residents could first learn from it.
    pub published_at: Option<OffsetDateTime>,
    /// The version that is shown here.
    pub version: i32,
    /// The newest version, which may still be worked on.
    pub latest_version: i32,
    /// The courses to be finished before one may enrol.
    pub prerequisites: Vec<Uuid>,
    /// The picture on its card; none: the first lesson's still picture.
    pub cover_id: Option<Uuid>,
    /// Files to be taken home, in their order.
    pub handouts: Vec<Uuid>,
}

/// What a course says and is worth in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = course_versions)]
#[diesel(primary_key(course_id, number))]
#[diesel(treat_none_as_null = true)]
#[diesel(check_for_backend(Pg))]
pub struct CourseVersion {
    /// The course.
    pub course_id: Uuid,
    /// From 1.
    pub number: i32,
    /// Where it stands.
    pub status: Status,
    /// What the course is called.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Its topic's code.
    pub topic: String,
    /// The codes of the groups it is meant for; none: for everybody.
    pub groups: Vec<String>,
    /// What finishing all of it earns, in hundredths of a credit.
    pub credits: i64,
    /// The courses to be finished before one may enrol.
    pub prerequisites: Vec<Uuid>,
    /// When it was begun.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// When residents could first learn from it.
    pub published_at: Option<OffsetDateTime>,
    /// The picture on its card; none: the first lesson's still picture.
    pub cover_id: Option<Uuid>,
    /// Files to be taken home, in their order.
    pub handouts: Vec<Uuid>,
}

/// A file of a course.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = course_files)]
#[diesel(check_for_backend(Pg))]
pub struct CourseFile {
    /// Its id.
    pub id: Uuid,
    /// The course it belongs to.
    pub course_id: Uuid,
    /// Who sent it.
    pub account_id: Uuid,
    /// `cover`, `handout` or `picture`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What it is, by its content.
    pub content_type: String,
    /// In bytes.
    pub size: i64,
    /// Where the store keeps it.
    pub object_key: String,
    /// When it came.
    pub created_at: OffsetDateTime,
}

/// A lesson as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lessons)]
#[diesel(treat_none_as_null = true)]
#[diesel(check_for_backend(Pg))]
pub(super) struct LessonRow {
    pub(super) id: Uuid,
    pub(super) course_id: Uuid,
    pub(super) title: String,
    pub(super) video_id: Option<Uuid>,
    pub(super) credits: i64,
    pub(super) completion_percent: i16,
    pub(super) created_at: OffsetDateTime,
    pub(super) kind: LessonKind,
    pub(super) content: Option<serde_json::Value>,
    /// The first of the lessons that it is a changed copy of.
    pub(super) origin_id: Option<Uuid>,
}

/// A lesson as the people who make the course see it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ManagedLesson {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// Its place in the course, from 1.
    pub position: i32,
    /// What finishing it earns, in hundredths of a credit.
    pub credits: i64,
    /// What it is.
    pub kind: LessonKind,
    /// What an article says or a quiz asks: see [`super::Content`].
    pub content: Option<serde_json::Value>,
    /// The share of a video to be watched or of questions to be answered rightly, 1 to 100.
    pub completion_percent: i16,
    /// Its video.
    pub video_id: Option<Uuid>,
    /// Where the video stands.
    pub video_status: Option<crate::videos::Status>,
    /// How far the work on the video is, 0 to 100.
    pub video_progress: Option<i16>,
    /// The stable code of what is wrong with the video.
    pub failure: Option<String>,
    /// How long the video plays, in milliseconds.
    pub duration_ms: Option<i32>,
}

/// A step that was taken with a course.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StepTaken {
    /// `submission`, `approval`, `rejection`, `publication`, `archival`.
    pub step: String,
    /// When.
    pub at: OffsetDateTime,
    /// The name of who took it.
    pub by: String,
    /// Why, where a reason was given.
    pub reason: Option<String>,
    /// With which version.
    pub version: i32,
}
