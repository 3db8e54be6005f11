//! What is sent and answered about courses for the people who make them.

use campus::Campus;
use campus::courses::{
    self, Content, Course, CourseChange, CourseFile, CourseVersion, LessonChange, NewCourse, NewLesson, Status,
};
use campus::error::{Code, Error, Result};
use campus::language::Language;
use campus::paging::Page;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::{ArticleBody, QuizBody, content_of};
use crate::catalogue::{credits, seconds};
use crate::state::State;
use crate::videos::Failure;

/// A course to be begun.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CourseInput {
    /// At most 80 characters.
    title: String,
    /// At most 2,000 characters.
    #[serde(default)]
    summary: Option<String>,
    /// A code from `GET /topics`.
    topic: String,
    /// Codes from `GET /groups`.
    #[serde(default)]
    groups: Option<Vec<String>>,
    /// For finishing all of it: `"2.50"`, at most 1000.
    credits: Option<String>,
    /// Published courses to be finished before one may enrol, at most 5.
    #[serde(default)]
    prerequisites: Option<Vec<Uuid>>,
    /// The branch it is for; nothing: one's own, for admins the street centre.
    pub(super) branch_id: Option<Uuid>,
}

impl CourseInput {
    pub(super) fn into_new(self) -> NewCourse {
        NewCourse {
            title: self.title,
            summary: self.summary.unwrap_or_default(),
            topic: self.topic,
            groups: self.groups.unwrap_or_default(),
            credits: self.credits,
            prerequisites: self.prerequisites.unwrap_or_default(),
        }
    }
}

/// What to change. Of a course that is offered, its next version is changed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CourseChangeInput {
    title: Option<String>,
    summary: Option<String>,
    topic: Option<String>,
    groups: Option<Vec<String>>,
    credits: Option<String>,
    prerequisites: Option<Vec<Uuid>>,
}

impl CourseChangeInput {
    pub(super) fn into_change(self) -> CourseChange {
        CourseChange {
            title: self.title,
            summary: self.summary,
            topic: self.topic,
            groups: self.groups,
            credits: self.credits,
            prerequisites: self.prerequisites,
        }
    }
}

/// A lesson to be added at the end: a video, an article or a quiz.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LessonInput {
    /// At most 80 characters.
    title: String,
    /// A video of one's own branch, in whatever state.
    video_id: Option<Uuid>,
    article: Option<ArticleBody>,
    quiz: Option<QuizBody>,
    /// For finishing it: `"0.50"`, at most 1000.
    credits: Option<String>,
    /// The share of the video to be watched (90 unless told) or of the questions to be answered rightly (60).
    completion_percent: Option<i16>,
}

impl LessonInput {
    pub(super) fn into_new(self) -> Result<NewLesson> {
        let content = content_of(self.video_id, self.article, self.quiz)?;
        Ok(NewLesson {
            title: self.title,
            content: content.ok_or_else(|| Error::field("video_id", Code::Required))?,
            credits: self.credits,
            completion_percent: self.completion_percent,
        })
    }
}

/// What to change about a lesson; its kind stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LessonChangeInput {
    title: Option<String>,
    video_id: Option<Uuid>,
    article: Option<ArticleBody>,
    quiz: Option<QuizBody>,
    credits: Option<String>,
    completion_percent: Option<i16>,
}

impl LessonChangeInput {
    pub(super) fn into_change(self) -> Result<LessonChange> {
        Ok(LessonChange {
            title: self.title,
            content: content_of(self.video_id, self.article, self.quiz)?,
            credits: self.credits,
            completion_percent: self.completion_percent,
        })
    }
}

/// The lessons of the version that is worked on, each once, in the order they are to have.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LessonOrderInput {
    pub(super) lessons: Vec<Uuid>,
}

/// Why a course is sent back.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RejectionInput {
    /// At most 500 characters.
    pub(super) reason: String,
}

/// A lesson, as the people who make the course see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedLesson {
    id: Uuid,
    title: String,
    /// From 1.
    position: i32,
    /// `video`, `article` or `quiz`.
    kind: &'static str,
    credits: String,
    /// The share of the video to be watched or of the questions to be answered rightly.
    completion_percent: i16,
    article: Option<ArticleBody>,
    quiz: Option<QuizBody>,
    video_id: Option<Uuid>,
    /// `uploading`, `processing`, `ready` or `failed`.
    video_status: Option<&'static str>,
    /// 0 to 100.
    video_progress: Option<i16>,
    failure: Option<Failure>,
    duration_seconds: Option<f64>,
}

impl ManagedLesson {
    pub(super) fn new(lesson: courses::ManagedLesson, language: Language) -> Result<Self> {
        let (article, quiz) = match Content::read(lesson.kind, lesson.content.as_ref())? {
            Some(Content::Article(article)) => (Some(article.into()), None),
            Some(Content::Quiz(quiz)) => (None, Some(quiz.into())),
            None => (None, None),
        };
        Ok(Self {
            id: lesson.id,
            title: lesson.title,
            position: lesson.position,
            kind: lesson.kind.as_str(),
            completion_percent: lesson.completion_percent,
            article,
            quiz,
            credits: credits(lesson.credits),
            video_id: lesson.video_id,
            video_status: lesson.video_status.map(campus::videos::Status::as_str),
            video_progress: lesson.video_progress,
            failure: lesson.failure.map(|code| Failure::new(code, language)),
            duration_seconds: lesson.duration_ms.map(|duration| seconds(duration.into())),
        })
    }
}

/// A step that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepTaken {
    /// `submission`, `approval`, `rejection`, `publication` or `archival`.
    step: String,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// Who took it.
    by: String,
    reason: Option<String>,
    /// With which version.
    version: i32,
}

/// A course in the list of those one may run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedItem {
    id: Uuid,
    title: String,
    topic: String,
    /// Where the newest version stands: `draft`, `declared`, `approved`, `rejected` or `published`;
    /// `archived` once the course is no longer offered.
    status: &'static str,
    /// The newest version, from 1.
    version: i32,
    /// The version that residents see; `null` while there is none.
    offered_version: Option<i32>,
    branch_id: Uuid,
    lesson_count: i64,
    credits: String,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

impl ManagedItem {
    fn new(course: &Course, version: &CourseVersion, lesson_count: i64, state: &State) -> Self {
        Self {
            id: course.id,
            title: version.title.clone(),
            topic: version.topic.clone(),
            status: courses::standing(course, version).as_str(),
            version: version.number,
            offered_version: (course.status == Status::Published).then_some(course.version),
            branch_id: course.branch_id,
            lesson_count,
            credits: credits(version.credits),
            updated_at: state.campus.clock.local(version.updated_at),
        }
    }
}

/// Courses one may run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedList {
    items: Vec<ManagedItem>,
    next_cursor: Option<String>,
}

impl ManagedList {
    pub(super) fn new(page: Page<courses::ManagedItem>, state: &State) -> Self {
        let item =
            |item: &courses::ManagedItem| ManagedItem::new(&item.course, &item.version, item.lesson_count, state);
        Self { items: page.items.iter().map(item).collect(), next_cursor: page.next_cursor }
    }
}

/// A file of a course.
#[derive(Debug, Serialize, ToSchema)]
pub struct CourseFileBody {
    id: Uuid,
    /// `cover`, `handout` or `picture`; in an article a picture is named `![what it shows](file:its-id)`.
    kind: String,
    name: String,
    /// By its content.
    content_type: String,
    /// In bytes.
    size: i64,
    /// Good for an hour.
    url: String,
}

impl CourseFileBody {
    pub(super) async fn new(file: CourseFile, campus: &Campus, site: &str) -> Result<Self> {
        let url = courses::link(campus, site, &file).await?;
        let CourseFile { id, kind, name, content_type, size, .. } = file;
        Ok(Self { id, kind, name, content_type, size, url })
    }
}

/// A handout, and where it lies.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandoutBody {
    id: Uuid,
    name: String,
    /// By its content.
    content_type: String,
    /// In bytes.
    size: i64,
    url: String,
}

impl From<CourseFile> for HandoutBody {
    fn from(file: CourseFile) -> Self {
        Self {
            url: format!("/api/v1/course-files/{}", file.id),
            id: file.id,
            name: file.name,
            content_type: file.content_type,
            size: file.size,
        }
    }
}

/// A course as the people who make and decide it see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedCourse {
    #[serde(flatten)]
    item: ManagedItem,
    summary: String,
    groups: Vec<String>,
    /// Courses to be finished before one may enrol.
    prerequisites: Vec<Uuid>,
    /// The id of its own cover; nothing: the first lesson's still picture is shown.
    cover_id: Option<Uuid>,
    handouts: Vec<HandoutBody>,
    /// When residents could first learn from it.
    #[serde(with = "time::serde::rfc3339::option")]
    published_at: Option<OffsetDateTime>,
    lessons: Vec<ManagedLesson>,
    /// Oldest first.
    steps: Vec<StepTaken>,
}

impl ManagedCourse {
    pub(super) fn new(managed: courses::ManagedCourse, state: &State, language: Language) -> Result<Self> {
        let courses::ManagedCourse { course, version, lessons, cover, handouts, steps } = managed;
        let clock = &state.campus.clock;
        let step = |step: courses::StepTaken| StepTaken {
            step: step.step,
            at: clock.local(step.at),
            by: step.by,
            reason: step.reason,
            version: step.version,
        };
        Ok(Self {
            item: ManagedItem::new(&course, &version, i64::try_from(lessons.len()).unwrap_or(i64::MAX), state),
            summary: version.summary,
            groups: version.groups,
            prerequisites: version.prerequisites,
            cover_id: cover.map(|cover| cover.id),
            handouts: handouts.into_iter().map(HandoutBody::from).collect(),
            published_at: course.published_at.map(|at| clock.local(at)),
            lessons: lessons.into_iter().map(|lesson| ManagedLesson::new(lesson, language)).collect::<Result<_>>()?,
            steps: steps.into_iter().map(step).collect(),
        })
    }
}
