//! Files in forms (`multipart/form-data`), bounded while they stream in.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::web::{Bytes, BytesMut, Payload};
use campus::error::Code;
use futures_util::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::problem::Problem;

/// What arrives beyond the limit is thrown away up to here, in bytes, so that a client
/// which is still sending gets to read the answer; then the connection is closed on it.
const MOST_DRAINED: usize = 512 * 1024 * 1024;

/// How many such files one process receives and works on at once; who comes later waits before sending.
static PLACES: Semaphore = Semaphore::const_new(16);

/// A place for one file of those that are read whole in memory, as rosters are: to be had before it is received
/// and kept until it has been worked on, so that their number is bounded whoever sends how many. Photographs are
/// small and come over slow lines, which would hold the places: they need none.
///
/// # Errors
/// None but when the process ends.
pub async fn place() -> Result<SemaphorePermit<'static>, Problem> {
    Ok(PLACES.acquire().await.map_err(campus::error::Error::internal)?)
}

/// A file that somebody sent.
#[derive(Debug)]
pub struct UploadedFile {
    /// Its name, as the client gives it; may be empty.
    pub name: String,
    /// What is in it.
    pub content: Bytes,
}

/// What an upload may be, and what is said where it is not.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// The most bytes of the file.
    pub largest: usize,
    /// Said where there is no file in the field `file`.
    pub missing: Code,
    /// Said where it has more bytes.
    pub too_large: Code,
}

/// Takes the file out of the form's field `file`. No more than the limit is ever held.
///
/// # Errors
/// 415 for what is no form, 400 for one that breaks off, and the codes in `expected`.
pub async fn receive(request: &HttpRequest, payload: Payload, expected: Expected) -> Result<UploadedFile, Problem> {
    let mut form = Multipart::new(request.headers(), payload);
    let mut arrived = 0;
    let mut file = None;
    while let Some(field) = form.next().await {
        let mut field = match field {
            Ok(field) => field,
            // A form without any field has no end that the parser would know.
            Err(MultipartError::Incomplete) if arrived == 0 => return Err(expected.missing.into()),
            Err(error) => return Err(unreadable(&error)),
        };
        let limit = if field.name() == Some("file") && file.is_none() { Some(expected.largest) } else { None };
        let content = take(&mut field, limit, &mut arrived, expected).await?;
        if limit.is_some() {
            file = Some(UploadedFile { name: name_of(&field), content });
        }
    }
    let file = file.ok_or(expected.missing)?;
    // A form whose file was not chosen sends a field without name and content.
    if file.name.is_empty() && file.content.is_empty() { Err(expected.missing.into()) } else { Ok(file) }
}

/// Reads one field to its end; keeps its content where there is a `limit`.
async fn take(
    field: &mut Field,
    limit: Option<usize>,
    arrived: &mut usize,
    expected: Expected,
) -> Result<Bytes, Problem> {
    let mut content = BytesMut::new();
    let mut too_large = false;
    while let Some(piece) = field.next().await {
        let piece = piece.map_err(|error| unreadable(&error))?;
        *arrived += piece.len();
        if *arrived > MOST_DRAINED {
            return Err(expected.too_large.into());
        }
        let Some(limit) = limit else { continue };
        if content.len() + piece.len() > limit {
            too_large = true;
            content = BytesMut::new();
        }
        if !too_large {
            content.extend_from_slice(&piece);
        }
    }
    if too_large { Err(expected.too_large.into()) } else { Ok(content.freeze()) }
}

fn name_of(field: &Field) -> String {
    let disposition = field.content_disposition();
    let extended = disposition
        .and_then(|disposition| disposition.get_filename_ext())
        .and_then(|name| String::from_utf8(name.value.clone()).ok());
    extended
        .or_else(|| disposition.and_then(|disposition| disposition.get_filename()).map(str::to_owned))
        .unwrap_or_default()
}

fn unreadable(error: &MultipartError) -> Problem {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => Code::UnsupportedContentType.into(),
        error => {
            tracing::info!(%error, "a form could not be read");
            Code::Malformed.into()
        }
    }
}
