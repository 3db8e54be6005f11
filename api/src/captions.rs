//! Captions of videos.

use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, put};
use campus::access::MakeCourses;
use campus::courses;
use campus::error::Code;
use campus::videos::{self, MAX_CAPTION_BYTES};
use futures_util::StreamExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::detach::detached;
use crate::input::Id;
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::state::State;

/// Types under which browsers send WebVTT and SubRip.
const CAPTION_TYPES: [&str; 4] = ["text/vtt", "application/x-subrip", "text/srt", "application/octet-stream"];

/// Give a video captions in a language, or replace them: WebVTT or SubRip, in any encoding; what is kept is
/// WebVTT with times and words alone. What is wrong is told at `cues.` and its place.
#[utoipa::path(tag = "videos", params(("id" = Uuid, Path,), ("language" = String, Path, description = "A BCP 47 tag: `zh-CN`")),
    request_body(content = String, content_type = "text/vtt"),
    responses((status = 201, description = "The first in this language"), (status = 204, description = "Replaced")))]
#[put("/videos/{id}/captions/{language}")]
pub async fn put_caption(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<MakeCourses>,
    id: Id,
    body: Payload,
) -> Answer {
    let language = language_of(&request);
    let body = read_captions(&request, body).await?;
    let campus = state.campus.clone();
    let new = detached(async move {
        let proof = videos::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        videos::put_caption(&campus, &permit, &proof, &language, &body).await
    })
    .await?;
    Ok(if new { HttpResponse::Created().finish() } else { HttpResponse::NoContent().finish() })
}

/// The language in the path, whatever stands there: the domain says whether it is one.
fn language_of(request: &HttpRequest) -> String {
    request.match_info().get("language").unwrap_or_default().to_owned()
}

async fn read_captions(request: &HttpRequest, mut body: Payload) -> Result<Bytes, Problem> {
    let given = actix_web::HttpMessage::content_type(request);
    if !CAPTION_TYPES.iter().any(|known| given.eq_ignore_ascii_case(known)) {
        return Err(Code::UnsupportedContentType.into());
    }
    let mut read = BytesMut::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| Problem::from(Code::Malformed))?;
        if read.len() + piece.len() > MAX_CAPTION_BYTES {
            return Err(Code::CaptionTooLarge.into());
        }
        read.extend_from_slice(&piece);
    }
    Ok(read.freeze())
}

/// A video's captions for those who make them.
#[utoipa::path(tag = "videos", params(("id" = Uuid, Path,), ("language" = String, Path, description = "A BCP 47 tag: `zh-CN`")),
    responses((status = 200, body = String, content_type = "text/vtt")))]
#[get("/managed-videos/{id}/captions/{language}")]
pub async fn managed_caption(state: Data<State>, request: HttpRequest, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let language = language_of(&request);
    let connection = &mut *state.campus.database.connection().await?;
    videos::manageable(connection, &permit, id.0).await?;
    let body = videos::caption(connection, id.0, &language).await?;
    Ok(HttpResponse::Ok().content_type("text/vtt; charset=utf-8").body(body))
}

/// Take a video's captions in a language away.
#[utoipa::path(tag = "videos", params(("id" = Uuid, Path,), ("language" = String, Path, description = "A BCP 47 tag: `zh-CN`")),
    responses((status = 204)))]
#[delete("/videos/{id}/captions/{language}")]
pub async fn remove_caption(state: Data<State>, request: HttpRequest, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let language = language_of(&request);
    let campus = state.campus.clone();
    detached(async move {
        let proof = videos::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        videos::remove_caption(&campus, &permit, &proof, &language).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The captions of a video that a published course shows.
#[utoipa::path(tag = "videos", security(()), params(("id" = Uuid, Path,), ("language" = String, Path, description = "A BCP 47 tag: `zh-CN`")),
    responses((status = 200, body = String, content_type = "text/vtt")))]
#[get("/videos/{id}/captions/{language}")]
pub async fn read_caption(state: Data<State>, request: HttpRequest, id: Id) -> Answer {
    let language = language_of(&request);
    let connection = &mut *state.campus.database.connection().await?;
    let body = courses::captions(connection, id.0, &language).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/vtt; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(body))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(put_caption).service(read_caption).service(managed_caption).service(remove_caption);
}
