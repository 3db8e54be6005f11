//! Courses: made by branches, decided by the street centre, offered to residents.

mod catalogue;
mod catalogue_queries;
mod fields;
mod jobs;
mod lessons;
mod queries;
mod rows;
mod search_terms;
mod steps;
mod study;
mod texts;

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use catalogue::{
    CatalogueCourse, CatalogueLesson, CatalogueQuery, FoundIn, Length, captions, catalogue, cover, published,
};
pub use jobs::{handlers, schedules};
pub use lessons::{LessonChange, NewLesson, add_lesson, change_lesson, manageable_by_lesson};
pub use rows::{Course, ManagedLesson, Status, StepTaken};
pub use steps::{Step, take_step};
pub use study::{Lesson, Offered, lessons_of, offered, playable, studyable};

use self::fields::Fields;
use crate::Campus;
use crate::access::{Actor, CanManage, Proof};
use crate::audit;
use crate::branches::{self, Branch};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};

/// A course to be begun.
#[derive(Debug, Clone)]
pub struct NewCourse {
    /// What it is called, at most 80 characters.
    pub title: String,
    /// What it is about, at most 2,000 characters.
    pub summary: String,
    /// A topic's code.
    pub topic: String,
    /// Codes of groups.
    pub groups: Vec<String>,
    /// What finishing all of it earns: `2.50`.
    pub credits: Option<String>,
}

/// What to change about a course; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct CourseChange {
    /// A new title.
    pub title: Option<String>,
    /// A new summary.
    pub summary: Option<String>,
    /// Another topic.
    pub topic: Option<String>,
    /// Other groups.
    pub groups: Option<Vec<String>>,
    /// Another worth.
    pub credits: Option<String>,
}

/// A course as the people who make it see it.
#[derive(Debug, Clone)]
pub struct ManagedCourse {
    /// The course.
    pub course: Course,
    /// Its lessons in their order.
    pub lessons: Vec<ManagedLesson>,
    /// What happened to it, oldest first.
    pub steps: Vec<StepTaken>,
}

/// A course in the list of those an actor may run.
#[derive(Debug, Clone)]
pub struct ManagedItem {
    /// The course.
    pub course: Course,
    /// How many lessons it has.
    pub lesson_count: i64,
}

/// Proof that the actor may run this course: staff those of their own branch and below,
/// admins all.
///
/// # Errors
/// [`Code::NotFound`] for a course that is absent or not theirs.
pub async fn manageable(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<CanManage<Course>> {
    let branches = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let course = queries::within(connection, branches.as_deref(), id).await?;
    course.map(Proof::issue).ok_or_else(|| Error::code(Code::NotFound))
}

/// The courses the actor may run, the newest first.
///
/// # Errors
/// A bad page; [`Code::NotFound`] for residents.
pub async fn managed_list(
    connection: &mut Connection,
    actor: &Actor,
    request: &PageRequest,
) -> Result<Page<ManagedItem>> {
    let branches = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let limit = request.limit()?;
    let items = queries::managed(connection, branches.as_deref(), request.position()?, limit + 1).await?;
    page(items, limit, |item| item.course.id)
}

/// A course with its lessons and steps.
///
/// # Errors
/// What the database says.
pub async fn managed(connection: &mut Connection, proof: &CanManage<Course>) -> Result<ManagedCourse> {
    managed_by_id(connection, proof.object().id).await
}

async fn managed_by_id(connection: &mut Connection, id: Uuid) -> Result<ManagedCourse> {
    let course = queries::within(connection, None, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    Ok(ManagedCourse {
        course,
        lessons: queries::managed_lessons(connection, id).await?,
        steps: queries::steps(connection, id).await?,
    })
}

/// Begins a course for a branch.
///
/// # Errors
/// The fields that are wrong.
pub async fn create(
    campus: &Campus,
    actor: &Actor,
    branch: &CanManage<Branch>,
    new: &NewCourse,
) -> Result<ManagedCourse> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    let mut fields = Fields::default();
    fields.topic(connection, &new.topic).await?;
    let course = Course {
        id: new_id(),
        branch_id: branch.object().id,
        title: fields.title(&new.title),
        summary: fields.summary(&new.summary),
        topic: new.topic.clone(),
        groups: fields.groups(connection, &new.groups).await?,
        credits: fields.credits(new.credits.as_deref()),
        status: Status::Draft,
        created_at: now,
        updated_at: now,
        published_at: None,
    };
    fields.finish()?;
    connection
        .transaction(async |connection| {
            queries::insert(connection, &course).await?;
            note(connection, now, actor, "course.created", &course).await
        })
        .await?;
    Ok(ManagedCourse { course, lessons: Vec::new(), steps: Vec::new() })
}

/// Changes a course: branch staff while it is a draft or was sent back, admins until it
/// is archived.
///
/// # Errors
/// The fields that are wrong; [`Code::CourseLocked`].
pub async fn change(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Course>,
    change: &CourseChange,
) -> Result<ManagedCourse> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut course = lock_for_change(connection, actor, proof).await?;
            let mut fields = Fields::default();
            if let Some(title) = &change.title {
                course.title = fields.title(title);
            }
            if let Some(summary) = &change.summary {
                course.summary = fields.summary(summary);
            }
            if let Some(topic) = &change.topic {
                fields.topic(connection, topic).await?;
                course.topic.clone_from(topic);
            }
            if let Some(groups) = &change.groups {
                course.groups = fields.groups(connection, groups).await?;
            }
            if change.credits.is_some() {
                course.credits = fields.credits(change.credits.as_deref());
            }
            fields.finish()?;
            course.updated_at = now;
            queries::update(connection, &course).await?;
            texts::refresh(connection, course.id).await?;
            note(connection, now, actor, "course.changed", &course).await?;
            managed_by_id(connection, course.id).await
        })
        .await
}

/// The course as it is now, held until the transaction ends, if the actor may change it.
async fn lock_for_change(connection: &mut Connection, actor: &Actor, proof: &CanManage<Course>) -> Result<Course> {
    let course = queries::lock(connection, proof.object().id).await?;
    let open = match course.status {
        Status::Draft | Status::Rejected => true,
        Status::Declared | Status::Approved | Status::Published => actor.is_admin(),
        Status::Archived => false,
    };
    if open { Ok(course) } else { Err(Error::code(Code::CourseLocked)) }
}

async fn note(
    connection: &mut Connection,
    at: OffsetDateTime,
    actor: &Actor,
    action: &'static str,
    course: &Course,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "course",
        object_id: Some(course.id),
        branch_id: Some(course.branch_id),
        detail: json!({"status": course.status.as_str(), "credits": course.credits}),
        actor: Some(actor),
    };
    audit::record(connection, at, &entry).await
}
