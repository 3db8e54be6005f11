//! Covers, handouts and pictures of courses, and articles with pictures before they are published.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use campus::access::MakeCourses;
use campus::courses::{self, FileKind, LARGEST_HANDOUT};
use campus::error::{Code, Error};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bodies::{CourseFileBody, ManagedCourse};
use super::content::ArticleBody;
use crate::detach::detached;
use crate::input::{Id, Input, Query};
use crate::limits;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;
use crate::upload::{Expected, receive};

const EXPECTED: Expected =
    Expected { largest: LARGEST_HANDOUT, missing: Code::FileMissing, too_large: Code::FileTooLarge };

/// What the file is for.
#[derive(Debug, Deserialize, IntoParams)]
pub struct FileQuery {
    /// `cover`, `handout` or `picture`.
    kind: String,
}

/// Add a cover (up to 5 MB), a handout (20 MB) or a picture for articles (5 MB) to a course. What it is
/// is read from its content.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,), FileQuery),
    request_body(content_type = "multipart/form-data", description = "The file in the field `file`"),
    responses((status = 201, body = CourseFileBody)))]
#[post("/courses/{id}/files")]
pub async fn add_file(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<MakeCourses>,
    id: Id,
    query: Query<FileQuery>,
    payload: Payload,
) -> Answer {
    let kind = FileKind::from_name(&query.0.kind).ok_or_else(|| Error::field("kind", Code::ValueInvalid))?;
    // Before anything is taken in: is the course theirs?
    let proof = courses::manageable(&mut *state.campus.database.connection().await?, &permit, id.0).await?;
    let file = receive(&request, payload, EXPECTED).await?;
    let site = limits::site(&state, &request);
    let campus = state.campus.clone();
    let file = detached(async move {
        let file = courses::add_file(&campus, &permit, &proof, kind, &file.name, file.content).await?;
        CourseFileBody::new(file, &campus, &site).await
    })
    .await?;
    Ok(HttpResponse::Created().json(file))
}

/// Take a cover or a handout out of a course.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,), ("file_id" = Uuid, Path,)), responses((status = 200, body = ManagedCourse)))]
#[delete("/courses/{id}/files/{file_id}")]
pub async fn remove_file(state: Data<State>, permit: Permit<MakeCourses>, path: Path<(String, String)>) -> Answer {
    let (course, file) = path.into_inner();
    let id = |text: String| text.parse::<Uuid>().map_err(|_| Error::code(Code::NotFound));
    let (course, file) = (id(course)?, id(file)?);
    let language = permit.language;
    let campus = state.campus.clone();
    let course = detached(async move {
        let proof = courses::manageable(&mut *campus.database.connection().await?, &permit, course).await?;
        courses::remove_file(&campus, &permit, &proof, file).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(ManagedCourse::new(course, &state, language)?))
}

/// Files of a course.
#[derive(Debug, Serialize, ToSchema)]
pub struct CourseFileList {
    items: Vec<CourseFileBody>,
}

/// The cover and the handouts of the newest version of a course, published or not.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), responses((status = 200, body = CourseFileList)))]
#[get("/courses/{id}/files")]
pub async fn list_files(state: Data<State>, request: HttpRequest, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let proof = courses::manageable(&mut *state.campus.database.connection().await?, &permit, id.0).await?;
    let site = limits::site(&state, &request);
    let mut items = Vec::new();
    for file in courses::shown_files(&state.campus, &proof).await? {
        items.push(CourseFileBody::new(file, &state.campus, &site).await?);
    }
    Ok(HttpResponse::Ok().json(CourseFileList { items }))
}

/// An article as residents will see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticlePreview {
    /// Safe to be shown as it is; pictures are good for an hour.
    html: String,
}

/// See an article that is being written as residents will see it. Nothing is kept.
#[utoipa::path(tag = "courses", params(("id" = Uuid, Path,)), request_body = ArticleBody, responses((status = 200, body = ArticlePreview)))]
#[post("/courses/{id}/article-previews")]
pub async fn preview_article(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<MakeCourses>,
    id: Id,
    input: Input<ArticleBody>,
) -> Answer {
    let proof = courses::manageable(&mut *state.campus.database.connection().await?, &permit, id.0).await?;
    let site = limits::site(&state, &request);
    let html = courses::preview_article(&state.campus, &site, &proof, input.0.into()).await?;
    Ok(HttpResponse::Ok().json(ArticlePreview { html }))
}
