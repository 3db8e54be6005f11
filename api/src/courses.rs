//! Courses for the people who make and decide them.

mod bodies;
mod content;
mod files;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, patch, post, put};
use campus::access::{Action, Actor, DecideCourses, MakeCourses};
use campus::branches;
use campus::courses::{self, Step};
use campus::paging::PageRequest;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::bodies::HandoutBody;
use self::bodies::{
    CourseChangeInput, CourseInput, LessonChangeInput, LessonInput, LessonOrderInput, ManagedCourse, ManagedLesson,
    ManagedList, RejectionInput,
};
use crate::detach::detached;
use crate::input::{Id, Input, Query};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

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
    Ok(HttpResponse::Ok().json(ManagedList::new(page, &state)))
}

/// One course with its lessons and what happened to it.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), responses((status = 200, body = ManagedCourse)))]
#[get("/managed-courses/{id}")]
pub async fn single(state: Data<State>, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = courses::manageable(connection, &permit, id.0).await?;
    let course = courses::managed(connection, &proof).await?;
    Ok(HttpResponse::Ok().json(ManagedCourse::new(course, &state, permit.language)?))
}

/// Begin a course.
#[utoipa::path(tag = "courses", request_body = CourseInput, responses((status = 201, body = ManagedCourse)))]
#[post("/courses")]
pub async fn create(state: Data<State>, permit: Permit<MakeCourses>, input: Input<CourseInput>) -> Answer {
    let Input(input) = input;
    let (branch_id, language) = (input.branch_id, permit.language);
    let new = input.into_new();
    let campus = state.campus.clone();
    let course = detached(async move {
        let branch = branches::working_for(&mut *campus.database.connection().await?, &permit, branch_id).await?;
        courses::create(&campus, &permit, &branch, &new).await
    })
    .await?;
    Ok(HttpResponse::Created().json(ManagedCourse::new(course, &state, language)?))
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
    let change = input.into_change();
    let campus = state.campus.clone();
    let course = detached(async move {
        let proof = courses::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::change(&campus, &permit, &proof, &change).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(ManagedCourse::new(course, &state, language)?))
}

/// Add a lesson at the end of a course.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), request_body = LessonInput, responses((status = 201, body = ManagedLesson)))]
#[post("/courses/{id}/lessons")]
pub async fn add_lesson(state: Data<State>, permit: Permit<MakeCourses>, id: Id, input: Input<LessonInput>) -> Answer {
    let Input(input) = input;
    let language = permit.language;
    let new = input.into_new()?;
    let campus = state.campus.clone();
    let lesson = detached(async move {
        let proof = courses::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::add_lesson(&campus, &permit, &proof, &new).await
    })
    .await?;
    Ok(HttpResponse::Created().json(ManagedLesson::new(lesson, language)?))
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
    let asked = input.into_change()?;
    let campus = state.campus.clone();
    let lesson = detached(async move {
        let proof = courses::manageable_by_lesson(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::change_lesson(&campus, &permit, &proof, id.0, &asked).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(ManagedLesson::new(lesson, language)?))
}

/// Put the lessons of a course into another order.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), request_body = LessonOrderInput, responses((status = 200, body = ManagedCourse)))]
#[put("/courses/{id}/lesson-order")]
pub async fn order_lessons(
    state: Data<State>,
    permit: Permit<MakeCourses>,
    id: Id,
    input: Input<LessonOrderInput>,
) -> Answer {
    let language = permit.language;
    let campus = state.campus.clone();
    let course = detached(async move {
        let proof = courses::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::order_lessons(&campus, &permit, &proof, &input.0.lessons).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(ManagedCourse::new(course, &state, language)?))
}

/// Take a lesson out of its course.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), responses((status = 200, body = ManagedCourse)))]
#[delete("/lessons/{id}")]
pub async fn remove_lesson(state: Data<State>, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let language = permit.language;
    let campus = state.campus.clone();
    let course = detached(async move {
        let proof = courses::manageable_by_lesson(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::remove_lesson(&campus, &permit, &proof, id.0).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(ManagedCourse::new(course, &state, language)?))
}

/// Give up the version that is worked on; what is offered stays as it is.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), responses((status = 200, body = ManagedCourse)))]
#[delete("/courses/{id}/draft")]
pub async fn discard(state: Data<State>, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let language = permit.language;
    let campus = state.campus.clone();
    let course = detached(async move {
        let proof = courses::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::discard_version(&campus, &permit, &proof).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(ManagedCourse::new(course, &state, language)?))
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
    Ok(HttpResponse::build(status).json(ManagedCourse::new(course, state, language)?))
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
    config.service(order_lessons).service(remove_lesson).service(discard);
    config
        .service(files::add_file)
        .service(files::list_files)
        .service(files::remove_file)
        .service(files::preview_article);
    config.service(submit).service(approve).service(reject).service(publish).service(archive);
}
