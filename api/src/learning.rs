//! Learning: enrolling, playing, reporting what was watched.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, put};
use campus::access::{Learn, PlayLessons};
use campus::courses;
use campus::learning::{self, WatchReport};
use campus::paging::Page;
use campus::videos;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::catalogue::{CatalogueLesson, PrerequisiteCourse};
use crate::credits::PageQuery;
use crate::detach::detached;
use crate::input::{Id, Input, Query};
use crate::limits;
use crate::permit::{Permit, language};
use crate::problem::Answer;
use crate::state::State;

/// An enrolment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Enrollment {
    course_id: Uuid,
    /// The version of the course one learns, whatever is offered by now.
    version: i32,
    #[serde(with = "time::serde::rfc3339")]
    enrolled_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    completed_at: Option<OffsetDateTime>,
}

/// How far one has come in a course.
#[derive(Debug, Serialize, ToSchema)]
pub struct CourseProgress {
    enrolled: bool,
    #[serde(with = "time::serde::rfc3339::option")]
    enrolled_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    completed_at: Option<OffsetDateTime>,
    /// The version of the course one learns, which may be older than what is offered.
    version: i32,
    /// Courses to be finished before one may enrol, and not finished yet.
    missing: Vec<PrerequisiteCourse>,
    /// Of that version, in order.
    lessons: Vec<LessonProgress>,
    /// Where to go on: of the lessons that are not finished the one begun last, else the first.
    next_lesson_id: Option<Uuid>,
}

/// How far one has come in a lesson. In seconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct LessonProgress {
    #[serde(flatten)]
    lesson: CatalogueLesson,
    watched_seconds: f64,
    required_seconds: f64,
    resume_at: f64,
    completed: bool,
}

/// One's courses, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrollmentList {
    items: Vec<EnrollmentItem>,
    next_cursor: Option<String>,
}

/// A course one is enrolled in.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrollmentItem {
    course_id: Uuid,
    title: String,
    cover_url: String,
    #[serde(with = "time::serde::rfc3339")]
    enrolled_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    completed_at: Option<OffsetDateTime>,
    completed_lessons: i64,
    lesson_count: i64,
    /// Where to go on: of the lessons that are not finished the one begun last, else the first.
    next_lesson_id: Option<Uuid>,
    /// What that is: `video`, `article` or `quiz`.
    next_lesson_kind: Option<String>,
    /// The name of the helper who enrolled one, where it was a helper.
    helped_by: Option<String>,
}

impl Enrollment {
    pub(crate) fn new(state: &State, enrollment: learning::Enrollment) -> Self {
        let clock = &state.campus.clock;
        Self {
            course_id: enrollment.course_id,
            version: enrollment.version,
            enrolled_at: clock.local(enrollment.enrolled_at),
            completed_at: enrollment.completed_at.map(|at| clock.local(at)),
        }
    }
}

impl EnrollmentList {
    pub(crate) fn new(state: &State, page: Page<learning::EnrollmentItem>) -> Self {
        let clock = &state.campus.clock;
        let items = page.items.into_iter().map(|item| EnrollmentItem {
            cover_url: format!("/api/v1/courses/{}/cover", item.course_id),
            course_id: item.course_id,
            title: item.title,
            enrolled_at: clock.local(item.enrolled_at),
            completed_at: item.completed_at.map(|at| clock.local(at)),
            completed_lessons: item.completed_lessons,
            lesson_count: item.lesson_count,
            next_lesson_id: item.next_lesson_id,
            next_lesson_kind: item.next_lesson_kind,
            helped_by: item.helped_by,
        });
        Self { items: items.collect(), next_cursor: page.next_cursor }
    }
}

/// What a player needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Playback {
    /// To be sent with every report; `null` for staff, whose watching earns nothing.
    viewing_id: Option<Uuid>,
    duration_seconds: f64,
    /// With a picture, the best first.
    sources: Vec<PlaybackSource>,
    /// The sound alone.
    audio: Option<PlaybackSource>,
    captions: Vec<CaptionLink>,
    poster_url: Option<String>,
    /// Small pictures of the whole video; `null` where there are none.
    preview: Option<PlaybackPreview>,
    /// Where to go on, in seconds.
    resume_at: f64,
}

/// One thing to play.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaybackSource {
    /// `720p` (of originals that have as much), `480p`, `240p` or `audio`.
    rendition: String,
    url: String,
    content_type: String,
    /// In bytes.
    size: i64,
}

impl From<videos::Source> for PlaybackSource {
    fn from(source: videos::Source) -> Self {
        Self { rendition: source.rendition, url: source.url, content_type: source.content_type, size: source.size }
    }
}

/// Small pictures on one sheet, row by row: the one at place `n` shows the video from `n × interval_ms`
/// on. The last row may end in black.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaybackPreview {
    url: String,
    columns: i32,
    rows: i32,
    /// In pixels.
    tile_width: i32,
    /// In pixels.
    tile_height: i32,
    interval_ms: i32,
}

impl From<(String, videos::Preview)> for PlaybackPreview {
    fn from((url, preview): (String, videos::Preview)) -> Self {
        Self {
            url,
            columns: preview.tiles_across,
            rows: preview.tiles_down,
            tile_width: preview.tile_width,
            tile_height: preview.tile_height,
            interval_ms: preview.interval_ms,
        }
    }
}

/// Captions in one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaptionLink {
    language: String,
    url: String,
}

/// What a player reports. All in seconds.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ProgressInput {
    /// From the playback answer.
    viewing_id: Uuid,
    position: f64,
    /// What has been watched: half-open ranges `[from, to)`.
    #[schema(value_type = Vec<Vec<f64>>)]
    watched: Vec<(f64, f64)>,
}

/// What has been recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressBody {
    watched_seconds: f64,
    required_seconds: f64,
    completed: bool,
    earned: Vec<EarnedBody>,
}

/// What a report has earned.
#[derive(Debug, Serialize, ToSchema)]
pub struct EarnedBody {
    unit: String,
    amount: String,
    reason: String,
}

impl EarnedBody {
    pub(crate) fn list(earned: &[learning::LessonEarned]) -> Vec<Self> {
        let body = |each: &learning::LessonEarned| Self {
            unit: each.unit.as_str().to_owned(),
            amount: each.unit.write(each.amount),
            reason: each.reason(language()),
        };
        earned.iter().map(body).collect()
    }
}

fn seconds(milliseconds: i32) -> f64 {
    f64::from(milliseconds) / 1000.0
}

/// Enrol in a course.
#[utoipa::path(tag = "learning", params(("id" = Uuid, Path,)),
    responses((status = 200, body = Enrollment), (status = 201, body = Enrollment)))]
#[put("/courses/{id}/enrollment")]
pub async fn enroll(state: Data<State>, permit: Permit<Learn>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let (enrollment, new) = detached(async move { learning::enroll(&campus, &permit, id.0).await }).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(Enrollment::new(&state, enrollment)))
}

/// How far one has come in a course.
#[utoipa::path(tag = "learning", params(("id" = Uuid, Path,)), responses((status = 200, body = CourseProgress)))]
#[get("/me/courses/{id}")]
pub async fn course_progress(state: Data<State>, permit: Permit<Learn>, id: Id) -> Answer {
    let found = learning::course_progress(&state.campus, &permit, id.0).await?;
    let clock = &state.campus.clock;
    let enrollment = found.enrollment.as_ref();
    let lessons = found.lessons.into_iter().map(|state| LessonProgress {
        watched_seconds: seconds(state.watched_ms),
        required_seconds: seconds(state.required_ms),
        resume_at: seconds(state.resume_at_ms),
        completed: state.completed,
        lesson: state.lesson.into(),
    });
    Ok(HttpResponse::Ok().json(CourseProgress {
        enrolled: enrollment.is_some(),
        enrolled_at: enrollment.map(|known| clock.local(known.enrolled_at)),
        completed_at: enrollment.and_then(|known| known.completed_at).map(|at| clock.local(at)),
        version: found.version,
        missing: found.missing.into_iter().map(PrerequisiteCourse::from).collect(),
        lessons: lessons.collect(),
        next_lesson_id: found.next_lesson_id,
    }))
}

/// One's courses, the newest first.
#[utoipa::path(tag = "learning", params(PageQuery), responses((status = 200, body = EnrollmentList)))]
#[get("/me/enrollments")]
pub async fn enrollments(state: Data<State>, permit: Permit<Learn>, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let page = learning::enrollments(&state.campus, &permit, &query.into()).await?;
    Ok(HttpResponse::Ok().json(EnrollmentList::new(&state, page)))
}

/// Begin to play a lesson.
#[utoipa::path(tag = "learning", params(("id" = Uuid, Path,)), responses((status = 200, body = Playback)))]
#[get("/lessons/{id}/playback")]
pub async fn playback(state: Data<State>, request: HttpRequest, permit: Permit<PlayLessons>, id: Id) -> Answer {
    let site = limits::site(&state, &request);
    let campus = state.campus.clone();
    let (lesson, viewing, found) = detached(async move {
        let proof = courses::playable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        let viewing = learning::start_viewing(&campus, &permit, &proof).await?;
        let video = proof.object().video_id;
        let connection = &mut *campus.database.connection().await?;
        let found = videos::playback_sources(connection, &campus, &site, video).await?;
        Ok((proof.object().clone(), viewing, found))
    })
    .await?;
    let captions = found.captions.into_iter().map(|language| CaptionLink {
        url: format!("/api/v1/videos/{}/captions/{language}", lesson.video_id),
        language,
    });
    Ok(HttpResponse::Ok().json(Playback {
        viewing_id: viewing.id,
        duration_seconds: seconds(lesson.duration_ms),
        sources: found.sources.into_iter().map(PlaybackSource::from).collect(),
        audio: found.audio.map(PlaybackSource::from),
        captions: captions.collect(),
        poster_url: found.poster_url,
        preview: found.preview.map(PlaybackPreview::from),
        resume_at: seconds(viewing.resume_at_ms),
    }))
}

/// Report what was watched. What cannot have been watched is clipped, never refused.
#[utoipa::path(tag = "learning", params(("id" = Uuid, Path,)), request_body = ProgressInput,
    responses((status = 200, body = ProgressBody)))]
#[put("/lessons/{id}/progress")]
pub async fn report_progress(state: Data<State>, permit: Permit<Learn>, id: Id, input: Input<ProgressInput>) -> Answer {
    let Input(input) = input;
    let report = WatchReport { viewing_id: input.viewing_id, position: input.position, watched: input.watched };
    // The recorder works in tasks of its own: nothing is cut short when the client goes away.
    let watched = state.recorder.record(&permit, id.0, &report).await?;
    Ok(HttpResponse::Ok().json(ProgressBody {
        watched_seconds: seconds(watched.watched_ms),
        required_seconds: seconds(watched.required_ms),
        completed: watched.completed,
        earned: EarnedBody::list(&watched.earned),
    }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    // What comes most often is looked for first.
    config.service(report_progress).service(playback).service(course_progress).service(enrollments).service(enroll);
}
