//! The public catalogue. It is read a thousand times for each time it changes, so finished
//! answers are kept in memory and given out before anything else looks at the request
//! ([`crate::kept`]).

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use campus::courses::{self, CatalogueQuery, FoundIn, Length};
use campus::credits::Credits;
use campus::error::Code;
use campus::paging::PageRequest;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::courses::HandoutBody;
use crate::input::{Id, Query};
use crate::kept::body;
use crate::limits;
use crate::problem::Answer;
use crate::state::State;

/// A course that residents can learn from.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueCourse {
    id: Uuid,
    title: String,
    /// A code from `GET /topics`.
    topic: String,
    summary: String,
    lesson_count: i64,
    /// All videos together.
    duration_seconds: f64,
    /// For finishing all of it, beside what the lessons earn: `"2.50"`.
    credits: String,
    /// For everything together: the course and each of its lessons.
    total_credits: String,
    cover_url: String,
    branch_id: Uuid,
    /// Codes from `GET /groups`; none: for everybody.
    groups: Vec<String>,
    /// Where the words of a search were found: `title`, `reading` (its pinyin), `contents` (summary and
    /// lessons' titles), `transcript` (what is said); `null` without words.
    found_in: Option<&'static str>,
}

impl From<courses::CatalogueCourse> for CatalogueCourse {
    fn from(course: courses::CatalogueCourse) -> Self {
        let found_in = course.found_in().map(|found| match found {
            FoundIn::Title => "title",
            FoundIn::Reading => "reading",
            FoundIn::Contents => "contents",
            FoundIn::Transcript => "transcript",
        });
        Self {
            id: course.id,
            title: course.title,
            topic: course.topic,
            summary: course.summary,
            lesson_count: course.lesson_count,
            duration_seconds: seconds(course.duration_ms),
            credits: credits(course.credits),
            total_credits: credits(course.credits.saturating_add(course.lesson_credits)),
            cover_url: format!("/api/v1/courses/{}/cover", course.id),
            branch_id: course.branch_id,
            groups: course.groups,
            found_in,
        }
    }
}

/// One page of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueList {
    items: Vec<CatalogueCourse>,
    next_cursor: Option<String>,
}

/// A lesson of a course in the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueLesson {
    id: Uuid,
    title: String,
    /// From 1.
    position: i32,
    duration_seconds: Option<f64>,
    /// `video`, `article` or `quiz`.
    kind: &'static str,
    credits: String,
}

impl From<courses::CourseLesson> for CatalogueLesson {
    fn from(lesson: courses::CourseLesson) -> Self {
        Self {
            id: lesson.id,
            title: lesson.title,
            position: lesson.position,
            duration_seconds: lesson.duration_ms.map(|duration| seconds(duration.into())),
            kind: lesson.kind.as_str(),
            credits: credits(lesson.credits),
        }
    }
}

/// A course to be finished before another.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrerequisiteCourse {
    id: Uuid,
    title: String,
}

impl From<courses::Prerequisite> for PrerequisiteCourse {
    fn from(course: courses::Prerequisite) -> Self {
        Self { id: course.id, title: course.title }
    }
}

/// A course with its lessons.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueSingle {
    #[serde(flatten)]
    course: CatalogueCourse,
    lessons: Vec<CatalogueLesson>,
    /// Courses to be finished before one may enrol.
    prerequisites: Vec<PrerequisiteCourse>,
    /// Files to be taken home.
    handouts: Vec<HandoutBody>,
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
pub struct CatalogueParameters {
    /// Words in titles, summaries or what is said in the videos, or a title in pinyin, whole or by initials; all
    /// must be found. Those in titles come first.
    q: Option<String>,
    /// A code from `GET /topics`.
    topic: Option<String>,
    /// A code from `GET /groups`.
    group: Option<String>,
    /// The branch that made it.
    branch_id: Option<Uuid>,
    /// `short` (below 15 minutes), `medium` (below an hour), `long`.
    length: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Hundredths of a credit as a decimal with two places.
pub(crate) fn credits(hundredths: i64) -> String {
    Credits(hundredths).to_string()
}

/// Milliseconds as seconds.
pub(crate) fn seconds(milliseconds: i64) -> f64 {
    f64::from(i32::try_from(milliseconds).unwrap_or(i32::MAX)) / 1000.0
}

/// The courses that residents can learn from: with words the most fitting, else those published last first.
#[utoipa::path(tag = "catalogue", security(()), params(CatalogueParameters), responses((status = 200, body = CatalogueList)))]
#[get("/courses")]
pub async fn list(state: Data<State>, request: HttpRequest, query: Query<CatalogueParameters>) -> Answer {
    let Query(query) = query;
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    let length = match query.length.as_deref().map(Length::from_name) {
        Some(None) => return Err(campus::error::Error::field("length", Code::ValueInvalid).into()),
        known => known.flatten(),
    };
    let (words, topic, group, branch_id) = (query.q, query.topic, query.group, query.branch_id);
    let query = CatalogueQuery { words, topic, group, branch_id, length, page }.normalised();
    let key = format!("{query:?}");
    let load = async {
        let page = courses::catalogue(&mut *state.campus.database.connection().await?, &query).await?;
        let items = page.items.into_iter().map(CatalogueCourse::from).collect();
        body(&CatalogueList { items, next_cursor: page.next_cursor })
    };
    state.catalogue.answer(&request, &key, load).await
}

/// One course with its lessons.
#[utoipa::path(tag = "catalogue", security(()), params(("id" = Uuid, Path,)), responses((status = 200, body = CatalogueSingle)))]
#[get("/courses/{id}")]
pub async fn single(state: Data<State>, request: HttpRequest, id: Id) -> Answer {
    let key = id.0.to_string();
    let load = async {
        let found = courses::published(&mut *state.campus.database.connection().await?, id.0).await?;
        body(&CatalogueSingle {
            course: found.course.into(),
            lessons: found.lessons.into_iter().map(CatalogueLesson::from).collect(),
            prerequisites: found.prerequisites.into_iter().map(PrerequisiteCourse::from).collect(),
            handouts: found.handouts.into_iter().map(HandoutBody::from).collect(),
        })
    };
    state.catalogue.answer(&request, &key, load).await
}

/// The cover of a course: sends on to where the picture lies.
#[utoipa::path(tag = "catalogue", security(()), params(("id" = Uuid, Path,)),
    responses((status = 302, description = "Where the picture lies", headers(("Location" = String)))))]
#[get("/courses/{id}/cover")]
pub async fn course_cover(state: Data<State>, request: HttpRequest, id: Id) -> Answer {
    let link = courses::cover(&state.campus, &limits::site(&state, &request), id.0).await?;
    Ok(HttpResponse::Found()
        .insert_header((header::LOCATION, link))
        .insert_header((header::CACHE_CONTROL, "private, max-age=600"))
        .finish())
}

/// A file of a published course: sends on to where it lies.
#[utoipa::path(tag = "catalogue", security(()), params(("id" = Uuid, Path,)),
    responses((status = 302, description = "Where the file lies", headers(("Location" = String)))))]
#[get("/course-files/{id}")]
pub async fn course_file(state: Data<State>, request: HttpRequest, id: Id) -> Answer {
    let link = courses::file_link(&state.campus, &limits::site(&state, &request), id.0).await?;
    Ok(HttpResponse::Found()
        .insert_header((header::LOCATION, link))
        .insert_header((header::CACHE_CONTROL, "private, max-age=600"))
        .finish())
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(single).service(course_cover).service(course_file);
}
