//! Courses for the people who make and decide them.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch, post};
use campus::access::{Action, Actor, DecideCourses, MakeCourses};
use campus::branches;
use campus::courses::{self, CourseChange, LessonChange, NewCourse, NewLesson, Step};
use campus::language::Language;
use campus::paging::PageRequest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::catalogue::{credits, seconds};
use crate::detach::detached;
use crate::input::{Id, Input, Query};
use crate::permit::Permit;
use crate::problem::Answer;
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
    /// The branch it is for; nothing: one's own, for admins the street centre.
    branch_id: Option<Uuid>,
}

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CourseChangeInput {
    title: Option<String>,
    summary: Option<String>,
    topic: Option<String>,
    groups: Option<Vec<String>>,
    credits: Option<String>,
}

/// A lesson to be added at the end.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LessonInput {
    /// At most 80 characters.
    title: String,
    /// A video of one's own branch, in whatever state.
    video_id: Uuid,
    /// For finishing it: `"0.50"`, at most 1000.
    credits: Option<String>,
}

/// What to change about a lesson.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LessonChangeInput {
    title: Option<String>,
    video_id: Option<Uuid>,
    credits: Option<String>,
}

/// Why a course is sent back.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RejectionInput {
    /// At most 500 characters.
    reason: String,
}

/// A lesson, as the people who make the course see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedLesson {
    id: Uuid,
    title: String,
    /// From 1.
    position: i32,
    credits: String,
    video_id: Option<Uuid>,
    /// `uploading`, `processing`, `ready` or `failed`.
    video_status: Option<&'static str>,
    /// 0 to 100.
    video_progress: Option<i16>,
    failure: Option<Failure>,
    duration_seconds: Option<f64>,
}

impl ManagedLesson {
    fn new(lesson: courses::ManagedLesson, language: Language) -> Self {
        Self {
            id: lesson.id,
            title: lesson.title,
            position: lesson.position,
            credits: credits(lesson.credits),
            video_id: lesson.video_id,
            video_status: lesson.video_status.map(campus::videos::Status::as_str),
            video_progress: lesson.video_progress,
            failure: lesson.failure.map(|code| Failure::new(code, language)),
            duration_seconds: lesson.duration_ms.map(|duration| seconds(duration.into())),
        }
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
}

/// A course in the list of those one may run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedItem {
    id: Uuid,
    title: String,
    topic: String,
    /// `draft`, `declared`, `approved`, `rejected`, `published` or `archived`.
    status: &'static str,
    branch_id: Uuid,
    lesson_count: i64,
    credits: String,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

impl ManagedItem {
    fn new(course: &courses::Course, lesson_count: i64, state: &State) -> Self {
        Self {
            id: course.id,
            title: course.title.clone(),
            topic: course.topic.clone(),
            status: course.status.as_str(),
            branch_id: course.branch_id,
            lesson_count,
            credits: credits(course.credits),
            updated_at: state.campus.clock.local(course.updated_at),
        }
    }
}

/// Courses one may run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedList {
    items: Vec<ManagedItem>,
    next_cursor: Option<String>,
}

/// A course as the people who make and decide it see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedCourse {
    #[serde(flatten)]
    item: ManagedItem,
    summary: String,
    groups: Vec<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    published_at: Option<OffsetDateTime>,
    lessons: Vec<ManagedLesson>,
    /// Oldest first.
    steps: Vec<StepTaken>,
}

impl ManagedCourse {
    fn new(managed: courses::ManagedCourse, state: &State, language: Language) -> Self {
        let courses::ManagedCourse { course, lessons, steps } = managed;
        let clock = &state.campus.clock;
        let step = |step: courses::StepTaken| StepTaken {
            step: step.step,
            at: clock.local(step.at),
            by: step.by,
            reason: step.reason,
        };
        Self {
            item: ManagedItem::new(&course, i64::try_from(lessons.len()).unwrap_or(i64::MAX), state),
            summary: course.summary,
            groups: course.groups,
            published_at: course.published_at.map(|at| clock.local(at)),
            lessons: lessons.into_iter().map(|lesson| ManagedLesson::new(lesson, language)).collect(),
            steps: steps.into_iter().map(step).collect(),
        }
    }
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PageQuery {
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Courses one may run, the newest first.
#[utoipa::path(tag = "courses", params(PageQuery), responses((status = 200, body = ManagedList)))]
#[get("/managed-courses")]
pub async fn list(state: Data<State>, permit: Permit<MakeCourses>, query: Query<PageQuery>) -> Answer {
    let request = PageRequest { limit: query.0.limit, cursor: query.0.cursor };
    let connection = &mut *state.campus.database.connection().await?;
    let page = courses::managed_list(connection, &permit, &request).await?;
    let items = page.items.iter().map(|item| ManagedItem::new(&item.course, item.lesson_count, &state)).collect();
    Ok(HttpResponse::Ok().json(ManagedList { items, next_cursor: page.next_cursor }))
}

/// One course with its lessons and what happened to it.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), responses((status = 200, body = ManagedCourse)))]
#[get("/managed-courses/{id}")]
pub async fn single(state: Data<State>, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = courses::manageable(connection, &permit, id.0).await?;
    let course = courses::managed(connection, &proof).await?;
    Ok(HttpResponse::Ok().json(ManagedCourse::new(course, &state, permit.language)))
}

/// Begin a course.
#[utoipa::path(tag = "courses", request_body = CourseInput, responses((status = 201, body = ManagedCourse)))]
#[post("/courses")]
pub async fn create(state: Data<State>, permit: Permit<MakeCourses>, input: Input<CourseInput>) -> Answer {
    let Input(input) = input;
    let (branch_id, language) = (input.branch_id, permit.language);
    let new = NewCourse {
        title: input.title,
        summary: input.summary.unwrap_or_default(),
        topic: input.topic,
        groups: input.groups.unwrap_or_default(),
        credits: input.credits,
    };
    let campus = state.campus.clone();
    let course = detached(async move {
        let branch = branches::working_for(&mut *campus.database.connection().await?, &permit, branch_id).await?;
        courses::create(&campus, &permit, &branch, &new).await
    })
    .await?;
    Ok(HttpResponse::Created().json(ManagedCourse::new(course, &state, language)))
}

/// Change a course.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), request_body = CourseChangeInput, responses((status = 200, body = ManagedCourse)))]
#[patch("/courses/{id}")]
pub async fn change(
    state: Data<State>,
    permit: Permit<MakeCourses>,
    id: Id,
    input: Input<CourseChangeInput>,
) -> Answer {
    let Input(input) = input;
    let language = permit.language;
    let change = CourseChange {
        title: input.title,
        summary: input.summary,
        topic: input.topic,
        groups: input.groups,
        credits: input.credits,
    };
    let campus = state.campus.clone();
    let course = detached(async move {
        let proof = courses::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::change(&campus, &permit, &proof, &change).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(ManagedCourse::new(course, &state, language)))
}

/// Add a lesson at the end of a course.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), request_body = LessonInput, responses((status = 201, body = ManagedLesson)))]
#[post("/courses/{id}/lessons")]
pub async fn add_lesson(state: Data<State>, permit: Permit<MakeCourses>, id: Id, input: Input<LessonInput>) -> Answer {
    let Input(input) = input;
    let language = permit.language;
    let new = NewLesson { title: input.title, video_id: input.video_id, credits: input.credits };
    let campus = state.campus.clone();
    let lesson = detached(async move {
        let proof = courses::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::add_lesson(&campus, &permit, &proof, &new).await
    })
    .await?;
    Ok(HttpResponse::Created().json(ManagedLesson::new(lesson, language)))
}

/// Change a lesson, for instance give it another video.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), request_body = LessonChangeInput, responses((status = 200, body = ManagedLesson)))]
#[patch("/lessons/{id}")]
pub async fn change_lesson(
    state: Data<State>,
    permit: Permit<MakeCourses>,
    id: Id,
    input: Input<LessonChangeInput>,
) -> Answer {
    let Input(input) = input;
    let language = permit.language;
    let asked = LessonChange { title: input.title, video_id: input.video_id, credits: input.credits };
    let campus = state.campus.clone();
    let lesson = detached(async move {
        let proof = courses::manageable_by_lesson(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::change_lesson(&campus, &permit, &proof, id.0, &asked).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(ManagedLesson::new(lesson, language)))
}

/// Takes a step: 201 when it is taken now, 200 when it was taken before.
async fn step<A: Action>(state: &State, permit: Permit<A>, id: Id, step: Step) -> Answer {
    let language = permit.language;
    let actor: Actor = permit.into_actor();
    let campus = state.campus.clone();
    let (course, new) = detached(async move {
        let proof = courses::manageable(&mut *campus.database.connection().await?, &actor, id.0).await?;
        courses::take_step(&campus, &actor, &proof, &step).await
    })
    .await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(ManagedCourse::new(course, state, language)))
}

/// Declare a course to the street centre.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)),
    responses((status = 201, body = ManagedCourse), (status = 200, description = "Declared before", body = ManagedCourse)))]
#[post("/courses/{id}/submission")]
pub async fn submit(state: Data<State>, permit: Permit<MakeCourses>, id: Id) -> Answer {
    step(&state, permit, id, Step::Submission).await
}

/// Approve a course.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)),
    responses((status = 201, body = ManagedCourse), (status = 200, description = "Approved before", body = ManagedCourse)))]
#[post("/courses/{id}/approval")]
pub async fn approve(state: Data<State>, permit: Permit<DecideCourses>, id: Id) -> Answer {
    step(&state, permit, id, Step::Approval).await
}

/// Send a course back.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), request_body = RejectionInput,
    responses((status = 201, body = ManagedCourse), (status = 200, description = "Sent back before", body = ManagedCourse)))]
#[post("/courses/{id}/rejection")]
pub async fn reject(state: Data<State>, permit: Permit<DecideCourses>, id: Id, input: Input<RejectionInput>) -> Answer {
    step(&state, permit, id, Step::Rejection(input.0.reason)).await
}

/// Offer a course to residents.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)),
    responses((status = 201, body = ManagedCourse), (status = 200, description = "Published before", body = ManagedCourse)))]
#[post("/courses/{id}/publication")]
pub async fn publish(state: Data<State>, permit: Permit<DecideCourses>, id: Id) -> Answer {
    step(&state, permit, id, Step::Publication).await
}

/// Offer a course no longer.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)),
    responses((status = 201, body = ManagedCourse), (status = 200, description = "Archived before", body = ManagedCourse)))]
#[post("/courses/{id}/archival")]
pub async fn archive(state: Data<State>, permit: Permit<DecideCourses>, id: Id) -> Answer {
    step(&state, permit, id, Step::Archival).await
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(single).service(create).service(change).service(add_lesson).service(change_lesson);
    config.service(submit).service(approve).service(reject).service(publish).service(archive);
}
