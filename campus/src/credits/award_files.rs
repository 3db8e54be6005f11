//! What an award stands on: photos and sheets, kept with its batch.

use bytes::Bytes;
use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

use super::proposal_queries as queries;
use super::rows::AwardFile;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::ids::new_id;
use crate::pictures;

/// The largest file, in bytes.
pub const LARGEST_AWARD_FILE: usize = 20 * 1024 * 1024;
/// How many files go with one award at most.
pub const MOST_AWARD_FILES: i64 = 20;

/// Photos, and what sheets come as.
const TYPES: [(&str, &str); 7] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("application/pdf", "pdf"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
];

/// Adds a file to an award, posted or waiting. What it is is read from its content; of a photo where and when it
/// was taken is not kept.
///
/// # Errors
/// [`Code::FileTooLarge`], [`Code::AwardFileTypeNotAllowed`], [`Code::TooMany`]; [`Code::NotFound`].
pub async fn add_award_file(
    campus: &Campus,
    actor: &Actor,
    batch_id: Uuid,
    name: &str,
    content: Bytes,
) -> Result<AwardFile> {
    if content.len() > LARGEST_AWARD_FILE {
        return Err(Error::code(Code::FileTooLarge));
    }
    let refused = || Error::field("file", Code::AwardFileTypeNotAllowed);
    let (content_type, ending) = files::one_of(&TYPES, &content).ok_or_else(refused)?;
    let is_picture = content_type.starts_with("image/");
    let content = if is_picture { pictures::without_metadata(&content).ok_or_else(refused)? } else { content };
    known(&mut *campus.database.connection().await?, batch_id).await?;
    let (id, now) = (new_id(), campus.clock.now());
    let file = AwardFile {
        id,
        batch_id,
        account_id: actor.account_id,
        name: files::tidy_name(name, ending),
        content_type: content_type.to_owned(),
        size: i64::try_from(content.len()).unwrap_or(i64::MAX),
        object_key: format!("awards/{batch_id}/{id}.{ending}"),
        created_at: now,
    };
    // First the object, then the row that names it: an object without a row is found and removed.
    campus.storage.put(&file.object_key, &content, content_type).await?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::lock_files(connection, batch_id).await?;
            if queries::count_files(connection, batch_id).await? >= MOST_AWARD_FILES {
                return Err(Error::field("file", Code::TooMany));
            }
            queries::insert_file(connection, &file).await?;
            let entry = audit::Entry {
                action: "credits.award_file_added",
                object_kind: "credit_batch",
                object_id: Some(batch_id),
                branch_id: actor.branch_id,
                detail: json!({"file_id": id, "size": file.size, "content_type": content_type}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await?;
            Ok(file)
        })
        .await
}

/// The files of an award, the earliest first.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn award_files(campus: &Campus, batch_id: Uuid) -> Result<Vec<AwardFile>> {
    let connection = &mut *campus.database.connection().await?;
    known(connection, batch_id).await?;
    queries::files(connection, batch_id).await
}

async fn known(connection: &mut Connection, batch_id: Uuid) -> Result<()> {
    if queries::is_award(connection, batch_id).await? { Ok(()) } else { Err(Error::code(Code::NotFound)) }
}

/// A link to a file, for those who have been given it.
///
/// # Errors
/// When it cannot be signed.
pub async fn award_file_link(campus: &Campus, site: &str, file: &AwardFile) -> Result<String> {
    campus.storage.named_link(site, &file.object_key, &file.name).await
}
