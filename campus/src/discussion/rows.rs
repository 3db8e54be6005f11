//! Rows of questions, reports and ratings.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::schema::{course_ratings, lesson_questions, question_reports};

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lesson_questions)]
#[diesel(treat_none_as_null = true)]
#[diesel(check_for_backend(Pg))]
pub struct Question {
    /// Its id.
    pub id: Uuid,
    /// The lesson as it was when it was asked.
    pub lesson_id: Uuid,
    /// What all forms of that lesson stem from.
    pub(super) origin_id: Uuid,
    /// The course of the lesson.
    pub course_id: Uuid,
    /// Who asks.
    pub(super) resident_id: Uuid,
    /// What is asked; `None` once it is taken back, or forgotten.
    pub body: Option<String>,
    /// When.
    pub asked_at: OffsetDateTime,
    /// When it was taken back.
    pub(super) withdrawn_at: Option<OffsetDateTime>,
    /// What staff answer.
    pub answer: Option<String>,
    /// How often that has been written.
    pub answer_version: i32,
    /// When it was answered first.
    pub answered_at: Option<OffsetDateTime>,
    /// When the answer was last changed.
    pub answer_edited_at: Option<OffsetDateTime>,
    pub(super) answered_by: Option<Uuid>,
    /// Since when it stands at the top.
    pub pinned_at: Option<OffsetDateTime>,
    pub(super) pinned_by: Option<Uuid>,
    /// Since when it waits to be looked at, as somebody has reported it.
    pub reported_at: Option<OffsetDateTime>,
    /// When staff last looked at it.
    pub reviewed_at: Option<OffsetDateTime>,
    pub(super) reviewed_by: Option<Uuid>,
    /// Since when only who asked sees it.
    pub hidden_at: Option<OffsetDateTime>,
    /// Why: one of [`super::REASONS`].
    pub hidden_reason: Option<String>,
}

/// A question as those see it who learn the lesson.
#[derive(Debug, Clone, QueryableByName)]
pub struct ShownQuestion {
    /// The question.
    #[diesel(embed)]
    pub question: Question,
    /// The name of who asks; for others than staff no more of it than [`crate::residents::surname`].
    #[diesel(sql_type = Text)]
    pub(super) asker: String,
}

/// One's own question.
#[derive(Debug, Clone, QueryableByName)]
pub struct OwnQuestion {
    /// The question.
    #[diesel(embed)]
    pub question: Question,
    /// What the lesson is called.
    #[diesel(sql_type = Text)]
    pub lesson_title: String,
    /// What that is: `video`, `article`, `quiz`.
    #[diesel(sql_type = Text)]
    pub lesson_kind: String,
    /// What the course is called.
    #[diesel(sql_type = Text)]
    pub course_title: String,
}

/// A question as staff see it.
#[derive(Debug, Clone, QueryableByName)]
pub struct ManagedQuestion {
    /// The question.
    #[diesel(embed)]
    pub question: Question,
    /// The name of who asks.
    #[diesel(sql_type = Text)]
    pub asker: String,
    /// What the lesson is called.
    #[diesel(sql_type = Text)]
    pub lesson_title: String,
    /// What the course is called.
    #[diesel(sql_type = Text)]
    pub course_title: String,
    /// The branch that made the course.
    #[diesel(sql_type = SqlUuid)]
    pub branch_id: Uuid,
    /// Who answered, or changed the answer last.
    #[diesel(sql_type = Nullable<Text>)]
    pub answered_by_name: Option<String>,
    /// How often it was reported since staff last looked, by reason.
    #[diesel(sql_type = Jsonb)]
    pub reports: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = question_reports)]
#[diesel(check_for_backend(Pg))]
pub(super) struct ReportRow {
    pub(super) question_id: Uuid,
    pub(super) resident_id: Uuid,
    pub(super) reason: String,
    pub(super) reported_at: OffsetDateTime,
}

/// What somebody got out of a course.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = course_ratings)]
#[diesel(primary_key(resident_id, course_id))]
#[diesel(check_for_backend(Pg))]
pub struct Rating {
    pub(super) resident_id: Uuid,
    /// The course.
    pub course_id: Uuid,
    /// The version of it that was finished.
    pub version: i32,
    /// `good`, `fair` or `poor`.
    pub value: String,
    /// When it was given, or changed last.
    pub rated_at: OffsetDateTime,
}
