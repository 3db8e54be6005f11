//! What learners got out of a course.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use campus::access::{AnswerQuestions, Discuss};
use campus::courses;
use campus::discussion::{self, Rating};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::detach::detached;
use crate::input::{Id, Input};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// What one got out of a course.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RatingInput {
    /// `good`, `fair` or `poor`.
    value: String,
}

/// What one said about a course.
#[derive(Debug, Serialize, ToSchema)]
pub struct CourseRating {
    /// `good`, `fair` or `poor`; `null`: nothing yet.
    value: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    rated_at: Option<OffsetDateTime>,
}

impl CourseRating {
    fn new(state: &State, rating: Option<Rating>) -> Self {
        let rated_at = rating.as_ref().map(|rating| state.campus.clock.local(rating.rated_at));
        Self { value: rating.map(|rating| rating.value), rated_at }
    }
}

/// How many people said what, each counted once.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionRatings {
    /// The version that they finished.
    version: i32,
    good: i64,
    fair: i64,
    poor: i64,
}

/// What people said about a course.
#[derive(Debug, Serialize, ToSchema)]
pub struct CourseRatings {
    good: i64,
    fair: i64,
    poor: i64,
    /// The earliest first; none where nobody has said anything.
    versions: Vec<VersionRatings>,
}

/// What one said about a course.
#[utoipa::path(tag = "ratings", params(("id" = Uuid, Path,)), responses((status = 200, body = CourseRating)))]
#[get("/courses/{id}/rating")]
pub async fn own(state: Data<State>, permit: Permit<Discuss>, id: Id) -> Answer {
    let rating = discussion::own_rating(&state.campus, &permit, id.0).await?;
    Ok(HttpResponse::Ok().json(CourseRating::new(&state, rating)))
}

/// Say what one got out of a course that one has finished, or say it anew.
#[utoipa::path(tag = "ratings", params(("id" = Uuid, Path,)), request_body = RatingInput,
    responses((status = 201, body = CourseRating), (status = 200, description = "Changed", body = CourseRating)))]
#[put("/courses/{id}/rating")]
pub async fn rate(state: Data<State>, permit: Permit<Discuss>, id: Id, input: Input<RatingInput>) -> Answer {
    let campus = state.campus.clone();
    let (rating, new) = detached(async move { discussion::rate(&campus, &permit, id.0, &input.0.value).await }).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(CourseRating::new(&state, Some(rating))))
}

/// What people said about a course that one may run.
#[utoipa::path(tag = "ratings", params(("id" = Uuid, Path,)), responses((status = 200, body = CourseRatings)))]
#[get("/managed-courses/{id}/ratings")]
pub async fn counted(state: Data<State>, permit: Permit<AnswerQuestions>, id: Id) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = courses::manageable(connection, &permit, id.0).await?;
    let found = discussion::ratings(connection, &proof).await?;
    let sum = |of: fn(&discussion::VersionRatings) -> i64| found.iter().map(of).sum();
    let body = CourseRatings {
        good: sum(|each| each.good),
        fair: sum(|each| each.fair),
        poor: sum(|each| each.poor),
        versions: found
            .iter()
            .map(|each| VersionRatings { version: each.version, good: each.good, fair: each.fair, poor: each.poor })
            .collect(),
    };
    Ok(HttpResponse::Ok().json(body))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(own).service(rate).service(counted);
}
