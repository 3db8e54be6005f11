//! Courses: made by branches, decided by the street centre, offered to residents.

mod articles;
mod catalogue;
mod catalogue_queries;
mod content;
mod fields;
mod file_queries;
mod files;
mod jobs;
mod lessons;
mod previews;
mod queries;
mod rows;
mod search_terms;
mod steps;
mod study;
mod texts;
mod version_queries;
mod versions;
mod video_use;

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use catalogue::{
    CatalogueCourse, CatalogueQuery, FoundIn, Length, PublishedCourse, captions, catalogue, cover, published,
};
pub use content::{AnswerOption, Article, Content, LessonKind, Question, QuestionKind, Quiz};
pub use files::{FileKind, LARGEST_HANDOUT, add_file, file_link, link, remove_file};
pub use jobs::{handlers, schedules};
pub use lessons::{
    LessonChange, LessonContent, NewLesson, add_lesson, change_lesson, manageable_by_lesson, order_lessons,
    remove_lesson,
};
pub use previews::{preview_article, shown_files};
pub use rows::{Course, CourseFile, CourseVersion, ManagedLesson, Status, StepTaken};
pub use steps::{ENROLLMENTS_BEHIND, Step, take_step};
pub use study::{
    CourseLesson, Lesson, Offered, Prerequisite, StudiedLesson, lessons_of, offered, playable, prerequisites,
    studyable, viewable, worth,
};
pub use versions::discard_version;
pub use video_use::remove_video;

use self::fields::Fields;
use self::versions::lock_for_change;
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
    /// Published courses to be finished before one may enrol, at most 5.
    pub prerequisites: Vec<Uuid>,
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
    /// Other courses that come first.
    pub prerequisites: Option<Vec<Uuid>>,
}

/// A course as the people who make it see it.
#[derive(Debug, Clone)]
pub struct ManagedCourse {
    /// The course, as residents see it.
    pub course: Course,
    /// Its newest version: the one that is worked on, where there is one.
    pub version: CourseVersion,
    /// The lessons of that version in their order.
    pub lessons: Vec<ManagedLesson>,
    /// Its cover, where it has one of its own.
    pub cover: Option<CourseFile>,
    /// Its handouts in their order.
    pub handouts: Vec<CourseFile>,
    /// What happened to it, oldest first.
    pub steps: Vec<StepTaken>,
}

/// A course in the list of those an actor may run.
#[derive(Debug, Clone)]
pub struct ManagedItem {
    /// The course, as residents see it.
    pub course: Course,
    /// Its newest version.
    pub version: CourseVersion,
    /// How many lessons that version has.
    pub lesson_count: i64,
}

/// Where the newest version of a course stands: with the course, once that is no longer offered.
#[must_use]
pub const fn standing(course: &Course, version: &CourseVersion) -> Status {
    if matches!(course.status, Status::Archived) { Status::Archived } else { version.status }
}

/// The most courses that may come before one.
const PREREQUISITES: usize = 5;

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
    let version = version_queries::one(connection, id, course.latest_version).await?;
    Ok(ManagedCourse {
        lessons: queries::managed_lessons(connection, id, version.number).await?,
        cover: file_queries::named(connection, version.cover_id.as_slice()).await?.pop(),
        handouts: file_queries::named(connection, &version.handouts).await?,
        steps: queries::steps(connection, id).await?,
        course,
        version,
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
        version: 1,
        latest_version: 1,
        prerequisites: new.prerequisites.clone(),
        cover_id: None,
        handouts: Vec::new(),
    };
    check_prerequisites(connection, course.id, &course.prerequisites, &mut fields).await?;
    fields.finish()?;
    let version = first_version(&course);
    connection
        .transaction(async |connection| {
            queries::insert(connection, &course).await?;
            version_queries::insert(connection, &version).await?;
            note(connection, now, Some(actor), "course.created", &version, course.branch_id).await
        })
        .await?;
    let (lessons, steps, handouts) = (Vec::new(), Vec::new(), Vec::new());
    Ok(ManagedCourse { course, version, lessons, steps, cover: None, handouts })
}

fn first_version(course: &Course) -> CourseVersion {
    CourseVersion {
        course_id: course.id,
        number: 1,
        status: course.status,
        title: course.title.clone(),
        summary: course.summary.clone(),
        topic: course.topic.clone(),
        groups: course.groups.clone(),
        credits: course.credits,
        prerequisites: course.prerequisites.clone(),
        created_at: course.created_at,
        updated_at: course.updated_at,
        published_at: None,
        cover_id: None,
        handouts: Vec::new(),
    }
}

/// Published courses, few enough, of which none waits for this one.
async fn check_prerequisites(
    connection: &mut Connection,
    course: Uuid,
    prerequisites: &[Uuid],
    fields: &mut Fields,
) -> Result<()> {
    let fits = prerequisites.is_empty()
        || prerequisites.len() <= PREREQUISITES
            && version_queries::may_come_first(connection, course, prerequisites).await?;
    if !fits {
        fields.refuse("prerequisites", Code::PrerequisiteInvalid);
    }
    Ok(())
}

/// Changes a course: branch staff while it is a draft or was sent back, admins until it
/// is archived. Of a course that is offered the next version is changed.
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
            let mut working = lock_for_change(connection, actor, proof, now).await?;
            apply(connection, &mut working.version, change).await?;
            working.save(connection, actor, "course.changed", now).await?;
            managed_by_id(connection, working.course.id).await
        })
        .await
}

async fn apply(connection: &mut Connection, version: &mut CourseVersion, change: &CourseChange) -> Result<()> {
    let mut fields = Fields::default();
    if let Some(title) = &change.title {
        version.title = fields.title(title);
    }
    if let Some(summary) = &change.summary {
        version.summary = fields.summary(summary);
    }
    if let Some(topic) = &change.topic {
        fields.topic(connection, topic).await?;
        version.topic.clone_from(topic);
    }
    if let Some(groups) = &change.groups {
        version.groups = fields.groups(connection, groups).await?;
    }
    if change.credits.is_some() {
        version.credits = fields.credits(change.credits.as_deref());
    }
    if let Some(prerequisites) = &change.prerequisites {
        check_prerequisites(connection, version.course_id, prerequisites, &mut fields).await?;
        version.prerequisites.clone_from(prerequisites);
    }
    fields.finish()
}

async fn note(
    connection: &mut Connection,
    at: OffsetDateTime,
    actor: Option<&Actor>,
    action: &'static str,
    version: &CourseVersion,
    branch_id: Uuid,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "course",
        object_id: Some(version.course_id),
        branch_id: Some(branch_id),
        detail: json!({"status": version.status.as_str(), "credits": version.credits, "version": version.number}),
        actor,
    };
    audit::record(connection, at, &entry).await
}
