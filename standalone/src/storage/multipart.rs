//! Multipart uploads: which parts have arrived, and putting them together.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::Arc;

use md5::{Digest, Md5};
use s3s::dto::{
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart, ETag, ListPartsInput, ListPartsOutput,
    Part, Timestamp,
};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::layout::Layout;
use super::store::failed;

/// Every part but the last has at least this many bytes, as with every S3.
const LEAST_PART: u64 = 5 * 1024 * 1024;

/// What is noted about a part once its bytes are on the disk.
#[derive(Debug, Serialize, Deserialize)]
struct Receipt {
    /// MD5 of the part, in hex.
    e_tag: String,
    /// Bytes.
    size: u64,
}

/// The id of an upload that is open for this very key.
pub(crate) async fn open_upload(layout: &Layout, bucket: &str, key: &str, upload: &str) -> S3Result<Uuid> {
    let id = Uuid::parse_str(upload).map_err(|_| s3_error!(NoSuchUpload))?;
    let known = exists(layout.upload(id)).await? && exists(layout.upload_metadata(bucket, key, id)).await?;
    if known { Ok(id) } else { Err(s3_error!(NoSuchUpload, "The upload was completed or aborted, or never began")) }
}

async fn exists(path: PathBuf) -> S3Result<bool> {
    tokio::fs::try_exists(path).await.map_err(failed)
}

/// Notes that a part has arrived.
pub(crate) async fn write_receipt(layout: &Layout, upload: Uuid, number: i32, e_tag: &str) -> S3Result<()> {
    let write = async {
        let size = tokio::fs::metadata(layout.part(upload, number)).await?.len();
        let receipt = Receipt { e_tag: e_tag.to_owned(), size };
        tokio::fs::write(layout.receipt(upload, number), serde_json::to_vec(&receipt)?).await
    };
    write.await.map_err(failed)
}

/// The parts that arrived whole, in order.
pub(crate) async fn list_parts(layout: &Layout, input: ListPartsInput) -> S3Result<ListPartsOutput> {
    let upload = open_upload(layout, &input.bucket, &input.key, &input.upload_id).await?;
    let mut parts = Vec::new();
    let mut entries = tokio::fs::read_dir(layout.root()).await.map_err(failed)?;
    while let Some(entry) = entries.next_entry().await.map_err(failed)? {
        let name = entry.file_name();
        let Some(number) = name.to_str().and_then(|name| Layout::receipt_number(name, upload)) else {
            continue;
        };
        parts.extend(read_part(layout, upload, number).map_err(failed)?);
    }
    parts.sort_by_key(|part| part.part_number);
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        is_truncated: Some(false),
        parts: Some(parts),
        ..Default::default()
    })
}

/// `None` for a part whose receipt or bytes did not survive a crash: it has to come again.
fn read_part(layout: &Layout, upload: Uuid, number: i32) -> io::Result<Option<Part>> {
    let Some((receipt, metadata)) = read_receipt(layout, upload, number)? else {
        return Ok(None);
    };
    Ok(Some(Part {
        part_number: Some(number),
        e_tag: Some(ETag::Strong(receipt.e_tag)),
        size: i64::try_from(receipt.size).ok(),
        last_modified: Some(Timestamp::from(metadata.modified()?)),
        ..Default::default()
    }))
}

fn read_receipt(layout: &Layout, upload: Uuid, number: i32) -> io::Result<Option<(Receipt, fs::Metadata)>> {
    let found = fs::read(layout.receipt(upload, number))
        .and_then(|text| Ok((text, fs::metadata(layout.part(upload, number))?)));
    match found {
        Ok((text, metadata)) => Ok(serde_json::from_slice::<Receipt>(&text)
            .ok()
            .filter(|receipt| receipt.size == metadata.len())
            .map(|receipt| (receipt, metadata))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts the object together from its parts. The parts and the upload are given up only when the
/// object stands, so a completion that was interrupted can simply be repeated.
pub(crate) async fn complete(
    layout: Arc<Layout>,
    input: CompleteMultipartUploadInput,
) -> S3Result<CompleteMultipartUploadOutput> {
    let upload = open_upload(&layout, &input.bucket, &input.key, &input.upload_id).await?;
    let wanted = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    let (bucket, key) = (input.bucket.clone(), input.key.clone());
    let joined = tokio::task::spawn_blocking(move || {
        let parts = check_parts(&layout, upload, &wanted)?;
        join(&layout, &bucket, &key, upload, &parts)
    })
    .await;
    let e_tag = match joined {
        Ok(e_tag) => e_tag?,
        Err(error) => return Err(s3_error!(error, InternalError)),
    };
    Ok(CompleteMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(ETag::Strong(e_tag)),
        ..Default::default()
    })
}

/// Holds what the client lists against what has arrived.
fn check_parts(layout: &Layout, upload: Uuid, wanted: &[CompletedPart]) -> S3Result<Vec<(i32, Receipt)>> {
    let mut parts: Vec<(i32, Receipt)> = Vec::with_capacity(wanted.len());
    for part in wanted {
        let number = part.part_number.ok_or_else(|| s3_error!(InvalidPart, "A part has no number"))?;
        if parts.last().is_some_and(|(last, _)| *last >= number) {
            return Err(s3_error!(InvalidPartOrder));
        }
        if parts.last().is_some_and(|(_, receipt)| receipt.size < LEAST_PART) {
            return Err(s3_error!(EntityTooSmall));
        }
        let (receipt, _) = read_receipt(layout, upload, number)
            .map_err(failed)?
            .ok_or_else(|| s3_error!(InvalidPart, "Part {} has not arrived", number))?;
        if part.e_tag.as_ref().is_some_and(|tag| tag.value() != receipt.e_tag) {
            return Err(s3_error!(InvalidPart, "Part {} has another ETag", number));
        }
        parts.push((number, receipt));
    }
    if parts.is_empty() {
        return Err(s3_error!(InvalidPart, "At least one part is needed"));
    }
    Ok(parts)
}

fn join(layout: &Layout, bucket: &str, key: &str, upload: Uuid, parts: &[(i32, Receipt)]) -> S3Result<String> {
    let object = layout.object(bucket, key)?;
    let mut digest = Md5::new();
    for (_, receipt) in parts {
        digest.update(hex::decode(&receipt.e_tag).map_err(|error| s3_error!(error, InternalError))?);
    }
    let e_tag = format!("{}-{}", hex::encode(digest.finalize()), parts.len());
    let write = || -> io::Result<()> {
        let unfinished = layout.unfinished(upload);
        let mut target = File::create(&unfinished)?;
        for (number, _) in parts {
            io::copy(&mut File::open(layout.part(upload, *number))?, &mut target)?;
        }
        target.flush()?;
        target.sync_all()?;
        let internal = serde_json::json!({ "e_tag": e_tag });
        fs::write(layout.internal(bucket, key), serde_json::to_vec(&internal)?)?;
        fs::copy(layout.upload_metadata(bucket, key, upload), layout.metadata(bucket, key))?;
        if let Some(folder) = object.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::rename(&unfinished, &object)?;
        forget(layout, bucket, key, upload)
    };
    write().map_err(failed)?;
    Ok(e_tag)
}

/// Removes an upload's files; first the one without which the upload counts as closed.
fn forget(layout: &Layout, bucket: &str, key: &str, upload: Uuid) -> io::Result<()> {
    fs::remove_file(layout.upload(upload))?;
    fs::remove_file(layout.upload_metadata(bucket, key, upload))?;
    let prefix = format!(".upload_id-{upload}.");
    for entry in fs::read_dir(layout.root())? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
