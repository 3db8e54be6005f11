//! What lies in the bucket, in the order of keys, page by page: a page is walked to and no further, and
//! no more than a page of it is held, however much there is.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use s3s::dto::{
    ListMultipartUploadsInput, ListMultipartUploadsOutput, ListObjectsV2Input, ListObjectsV2Output, MultipartUpload,
    Object, Timestamp,
};
use s3s::{S3Result, s3_error};

use super::layout::Layout;
use super::store::failed;

/// The most that one answer names.
const PAGE: usize = 1000;

struct Found {
    key: String,
    size: u64,
    modified: SystemTime,
}

/// What is looked for, and how much of it.
struct Search<'a> {
    prefix: &'a str,
    /// Keys up to this one were named before.
    after: &'a str,
    most: usize,
}

impl Search<'_> {
    fn wants(&self, key: &str) -> bool {
        key.starts_with(self.prefix) && key > self.after
    }

    /// Whether keys below this folder, whose name ends in `/`, may be wanted.
    fn may_lie_below(&self, folder: &str) -> bool {
        let in_prefix = folder.starts_with(self.prefix) || self.prefix.starts_with(folder);
        in_prefix && (folder > self.after || self.after.starts_with(folder))
    }
}

/// One page of the objects of a bucket.
pub(crate) async fn list_objects(layout: &Layout, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    let folder = layout.root().join(&input.bucket);
    if !tokio::fs::try_exists(&folder).await.map_err(failed)? {
        return Err(s3_error!(NoSuchBucket));
    }
    let most = input.max_keys.and_then(|most| usize::try_from(most).ok()).unwrap_or(PAGE).min(PAGE);
    let prefix = input.prefix.clone().unwrap_or_default();
    let after = input.continuation_token.clone().max(input.start_after.clone()).unwrap_or_default();
    let walked = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        let search = Search { prefix: &prefix, after: &after, most };
        let ended = walk(&folder, "", &search, &mut found)?;
        Ok::<_, io::Error>((found, !ended))
    });
    let (found, is_truncated) = walked.await.map_err(|error| s3_error!(error, InternalError))?.map_err(failed)?;
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: input.prefix,
        start_after: input.start_after,
        max_keys: i32::try_from(most).ok(),
        key_count: i32::try_from(found.len()).ok(),
        is_truncated: Some(is_truncated),
        next_continuation_token: found.last().filter(|_| is_truncated).map(|last| last.key.clone()),
        contents: Some(found.into_iter().map(object).collect()),
        ..Default::default()
    })
}

fn object(found: Found) -> Object {
    Object {
        key: Some(found.key),
        size: i64::try_from(found.size).ok(),
        last_modified: Some(Timestamp::from(found.modified)),
        ..Default::default()
    }
}

/// Goes through a folder in the order of keys. `false`: the page is full, and there is more.
fn walk(folder: &Path, above: &str, search: &Search<'_>, found: &mut Vec<Found>) -> io::Result<bool> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A key that is no text was not made here.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_folder = entry.file_type()?.is_dir();
        // The slash takes part in the order: `a-b` comes before what lies below `a`.
        names.push(if is_folder { format!("{above}{name}/") } else { format!("{above}{name}") });
    }
    names.sort_unstable();
    for name in names {
        if name.ends_with('/') {
            let below = folder.join(name.strip_prefix(above).unwrap_or(&name));
            if search.may_lie_below(&name) && !walk(&below, &name, search, found)? {
                return Ok(false);
            }
        } else if search.wants(&name) {
            if found.len() == search.most {
                return Ok(false);
            }
            // One that has just been deleted is not there any more.
            match fs::metadata(folder.join(name.strip_prefix(above).unwrap_or(&name))) {
                Ok(data) => found.push(Found { key: name, size: data.len(), modified: data.modified()? }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(true)
}

/// One page of the uploads that are neither completed nor aborted.
pub(crate) async fn list_uploads(
    layout: &Layout,
    input: ListMultipartUploadsInput,
) -> S3Result<ListMultipartUploadsOutput> {
    let prefix = input.prefix.clone().unwrap_or_default();
    let marker = (input.key_marker.clone().unwrap_or_default(), input.upload_id_marker.clone());
    let is_behind = |key: &str, upload: &str| match &marker.1 {
        Some(after) => (key, upload) > (marker.0.as_str(), after.as_str()),
        None => marker.0.is_empty() || key > marker.0.as_str(),
    };
    let mut open = Vec::new();
    let mut entries = tokio::fs::read_dir(layout.root()).await.map_err(failed)?;
    while let Some(entry) = entries.next_entry().await.map_err(failed)? {
        let Some((bucket, key, upload)) = entry.file_name().to_str().and_then(Layout::upload_of_metadata) else {
            continue;
        };
        let known = tokio::fs::try_exists(layout.upload(upload)).await.map_err(failed)?;
        let upload = upload.to_string();
        if known && bucket == input.bucket && key.starts_with(&prefix) && is_behind(&key, &upload) {
            open.push((key, upload));
        }
    }
    open.sort_unstable();
    let is_truncated = open.len() > PAGE;
    open.truncate(PAGE);
    let last = open.last().filter(|_| is_truncated).cloned();
    let upload = |(key, upload)| MultipartUpload { key: Some(key), upload_id: Some(upload), ..Default::default() };
    Ok(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: input.prefix,
        is_truncated: Some(is_truncated),
        next_key_marker: last.as_ref().map(|(key, _)| key.clone()),
        next_upload_id_marker: last.map(|(_, upload)| upload),
        uploads: Some(open.into_iter().map(upload).collect()),
        ..Default::default()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pages(folder: &Path, prefix: &str, most: usize) -> Vec<String> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let mut found = Vec::new();
            let ended = walk(folder, "", &Search { prefix, after: &after, most }, &mut found).unwrap();
            assert!(found.len() <= most);
            all.extend(found.into_iter().map(|one| one.key));
            after = all.last().cloned().unwrap_or_default();
            if ended {
                return all;
            }
        }
    }

    #[test]
    fn pages_of_any_size_make_the_same_list_in_the_order_of_keys() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = ["a", "a-b", "a.c", "b/1", "b/1/2x", "b-2", "b/10", "c/d/e/f", "c/d/e.f", "课/一", "z"];
        // `b/1` cannot be a file and a folder.
        keys[4] = "b/1.2x";
        for key in keys {
            let path = folder.path().join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        let mut expected: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        expected.sort_unstable();
        for most in 1..=12 {
            assert_eq!(pages(folder.path(), "", most), expected, "{most}");
            assert_eq!(pages(folder.path(), "b/", most), ["b/1", "b/1.2x", "b/10"], "{most}");
            assert_eq!(pages(folder.path(), "c/d/e", most), ["c/d/e.f", "c/d/e/f"], "{most}");
        }
        assert!(pages(folder.path(), "nothing/", 3).is_empty());
    }
}
