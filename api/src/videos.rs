//! Videos: uploads straight into the store, and what became of them.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use campus::access::MakeCourses;
use campus::error::Code;
use campus::language::Language;
use campus::videos::{self, NewUpload, PartLink};
use campus::{branches, courses};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::catalogue::seconds;
use crate::detach::detached;
use crate::input::{Id, Input};
use crate::limits::{self, UPLOAD_ACCOUNT};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// A file that a browser wants to send.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UploadInput {
    filename: String,
    /// In bytes, at most 4 GB.
    size: i64,
    /// As the browser guesses it; may be empty.
    #[serde(default)]
    content_type: Option<String>,
    /// The branch it is for; nothing: one's own, for admins the street centre.
    branch_id: Option<Uuid>,
}

/// Where one part may be PUT.
#[derive(Debug, Serialize, ToSchema)]
pub struct Part {
    /// From 1.
    number: u32,
    url: String,
}

impl From<PartLink> for Part {
    fn from(link: PartLink) -> Self {
        Self { number: link.number, url: link.url }
    }
}

/// An upload that has been opened: PUT each part of exactly `part_size` bytes (the last is shorter,
/// and the store takes no other length) to its `url`, keep the `ETag` of each answer, then complete.
#[derive(Debug, Serialize, ToSchema)]
pub struct Upload {
    id: Uuid,
    part_size: i64,
    parts: Vec<Part>,
}

/// A part that has arrived (`etag`, `size`) or has not (`url`).
#[derive(Debug, Serialize, ToSchema)]
pub struct PartState {
    number: u32,
    /// Where it may be PUT; `null`: it has arrived.
    url: Option<String>,
    /// As the store gave it; `null`: it has not arrived.
    etag: Option<String>,
    /// In bytes.
    size: Option<u64>,
}

/// How far an upload is; once it is over there are no parts any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadParts {
    id: Uuid,
    /// `uploading`, `processing`, `ready` or `failed`.
    status: &'static str,
    /// The whole file, in bytes.
    size: i64,
    part_size: i64,
    /// In the order of their numbers.
    parts: Vec<PartState>,
}

/// What the browser has sent.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CompletionInput {
    parts: Vec<SentPart>,
}

/// One part that was sent.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SentPart {
    number: u32,
    /// The `ETag` of the store's answer.
    etag: String,
}

/// What went wrong with a video.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VideoFailure)]
pub struct Failure {
    code: String,
    /// What happened and what to do.
    detail: &'static str,
}

impl Failure {
    pub(crate) fn new(code: String, language: Language) -> Self {
        let known = Code::from_code(&code).unwrap_or(Code::VideoProcessingFailed);
        Self { detail: known.detail(language), code }
    }
}

/// Something made of a video.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rendition {
    /// `720p`, `480p`, `240p`, `audio`, `poster` or `preview`.
    rendition: String,
    content_type: String,
    /// In bytes.
    size: i64,
    /// In pixels; `null` for sound and the stills.
    width: Option<u32>,
    height: Option<u32>,
}

/// Where a video stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Video {
    id: Uuid,
    branch_id: Uuid,
    filename: String,
    /// In bytes.
    size: i64,
    /// `uploading`, `processing`, `ready` or `failed`.
    status: &'static str,
    /// 0 to 100.
    progress: i16,
    failure: Option<Failure>,
    duration_seconds: Option<f64>,
    renditions: Vec<Rendition>,
    /// The languages there are captions in.
    captions: Vec<String>,
    poster_url: Option<String>,
}

impl Video {
    fn new(status: videos::VideoStatus, language: Language) -> Self {
        let videos::VideoStatus { video, renditions, captions, poster_url } = status;
        let made = |rendition: videos::Rendition| {
            let picture = video.picture_of(&rendition.rendition);
            Rendition {
                rendition: rendition.rendition,
                content_type: rendition.content_type,
                size: rendition.size,
                width: picture.map(|(width, _)| width),
                height: picture.map(|(_, height)| height),
            }
        };
        Self {
            renditions: renditions.into_iter().map(made).collect(),
            id: video.id,
            branch_id: video.branch_id,
            filename: video.file_name,
            size: video.size,
            status: video.status.as_str(),
            progress: video.progress,
            failure: video.failure.map(|code| Failure::new(code, language)),
            duration_seconds: video.duration_ms.map(|duration| seconds(duration.into())),
            captions,
            poster_url,
        }
    }
}

/// Open an upload. 422 `storage_quota_exceeded`, with `left_bytes`, where the branch has no room for it.
#[utoipa::path(tag = "videos", request_body = UploadInput, responses((status = 201, body = Upload)))]
#[post("/videos")]
pub async fn start_upload(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<MakeCourses>,
    input: Input<UploadInput>,
) -> Answer {
    limits::admit(&state, "upload", &permit.account_id.to_string(), UPLOAD_ACCOUNT).await?;
    let Input(input) = input;
    let branch_id = input.branch_id;
    let new =
        NewUpload { file_name: input.filename, size: input.size, content_type: input.content_type.unwrap_or_default() };
    let (campus, site) = (state.campus.clone(), limits::site(&state, &request));
    let upload = detached(async move {
        let branch = branches::working_for(&mut *campus.database.connection().await?, &permit, branch_id).await?;
        videos::start_upload(&campus, &permit, &branch, &site, &new).await
    })
    .await?;
    Ok(HttpResponse::Created().json(Upload {
        id: upload.video.id,
        part_size: upload.video.part_size,
        parts: upload.parts.into_iter().map(Part::from).collect(),
    }))
}

/// What of an upload has arrived, and fresh links for what has not.
#[utoipa::path(tag = "videos", params(("id" = Uuid, Path,)), responses((status = 200, body = UploadParts)))]
#[get("/videos/{id}/parts")]
pub async fn upload_parts(state: Data<State>, request: HttpRequest, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let proof = {
        let connection = &mut *state.campus.database.connection().await?;
        videos::manageable(connection, &permit, id.0).await?
    };
    let found = videos::parts(&state.campus, &proof, &limits::site(&state, &request)).await?;
    let arrived = found.arrived.into_iter().map(|part| PartState {
        number: part.number,
        url: None,
        etag: Some(part.etag),
        size: Some(part.size),
    });
    let missing = found.missing.into_iter().map(|part| PartState {
        number: part.number,
        url: Some(part.url),
        etag: None,
        size: None,
    });
    let mut parts: Vec<PartState> = arrived.chain(missing).collect();
    parts.sort_by_key(|part| part.number);
    Ok(HttpResponse::Ok().json(UploadParts {
        id: found.video.id,
        status: found.video.status.as_str(),
        size: found.video.size,
        part_size: found.video.part_size,
        parts,
    }))
}

/// Say that every part has been sent; the worker takes over.
#[utoipa::path(tag = "videos", params(("id" = Uuid, Path,)), request_body = CompletionInput,
    responses((status = 202, body = Video, headers(("Location" = String, description = "Where to look")))))]
#[post("/videos/{id}/completion")]
pub async fn complete(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<MakeCourses>,
    id: Id,
    input: Input<CompletionInput>,
) -> Answer {
    let parts: Vec<(u32, String)> = input.0.parts.into_iter().map(|part| (part.number, part.etag)).collect();
    let (campus, site, language) = (state.campus.clone(), limits::site(&state, &request), permit.language);
    let status = detached(async move {
        let proof = videos::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        videos::complete(&campus, &permit, &proof, &parts).await?;
        videos::status(&campus, &proof, &site).await
    })
    .await?;
    Ok(accepted(Video::new(status, language)))
}

/// Have a failed video worked on again.
#[utoipa::path(tag = "videos", params(("id" = Uuid, Path,)),
    responses((status = 202, body = Video, headers(("Location" = String, description = "Where to look")))))]
#[post("/videos/{id}/processing")]
pub async fn process_again(state: Data<State>, request: HttpRequest, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let (campus, site, language) = (state.campus.clone(), limits::site(&state, &request), permit.language);
    let status = detached(async move {
        let proof = videos::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        videos::process_again(&campus, &permit, &proof).await?;
        videos::status(&campus, &proof, &site).await
    })
    .await?;
    Ok(accepted(Video::new(status, language)))
}

fn accepted(video: Video) -> HttpResponse {
    HttpResponse::Accepted().insert_header((header::LOCATION, format!("/api/v1/videos/{}", video.id))).json(video)
}

/// Where a video stands.
#[utoipa::path(tag = "videos", params(("id" = Uuid, Path,)), responses((status = 200, body = Video)))]
#[get("/videos/{id}")]
pub async fn single(state: Data<State>, request: HttpRequest, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let proof = {
        let connection = &mut *state.campus.database.connection().await?;
        videos::manageable(connection, &permit, id.0).await?
    };
    let status = videos::status(&state.campus, &proof, &limits::site(&state, &request)).await?;
    Ok(HttpResponse::Ok().json(Video::new(status, permit.language)))
}

/// Take away a video that no lesson shows; an upload that is under way is cancelled. 409 `video_in_use`,
/// and `video_state_invalid` while it is worked on.
#[utoipa::path(tag = "videos", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[delete("/videos/{id}")]
pub async fn remove(state: Data<State>, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let campus = state.campus.clone();
    detached(async move {
        let proof = videos::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        courses::remove_video(&campus, &permit, &proof).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(start_upload).service(upload_parts).service(complete).service(process_again).service(single);
    config.service(remove);
}
