//! Where s3s-fs keeps what belongs to an object or an upload. The names are those of the pinned
//! version; the tests of the multipart upload fail when an update changes them.

use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::{S3Result, s3_error};
use uuid::Uuid;

/// Paths below the storage's root folder.
#[derive(Debug)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The file of an object. A key that would leave its bucket is refused.
    pub(crate) fn object(&self, bucket: &str, key: &str) -> S3Result<PathBuf> {
        let relative = Path::new(key);
        let plain = relative.components().all(|component| matches!(component, Component::Normal(_)));
        if !plain || key.is_empty() {
            return Err(s3_error!(InvalidArgument, "The key is not a plain path"));
        }
        Ok(self.root.join(bucket).join(relative))
    }

    /// The headers kept for an object.
    pub(crate) fn metadata(&self, bucket: &str, key: &str) -> PathBuf {
        self.root.join(format!("{}.metadata.json", stem(bucket, key)))
    }

    /// The headers kept for an object whose upload has not been completed.
    pub(crate) fn upload_metadata(&self, bucket: &str, key: &str, upload: Uuid) -> PathBuf {
        let stem = stem(bucket, key);
        self.root.join(format!("{stem}.upload-{upload}.metadata.json"))
    }

    /// Bucket, key and upload in the name of [`Self::upload_metadata`].
    pub(crate) fn upload_of_metadata(name: &str) -> Option<(String, String, Uuid)> {
        let (stem, upload) = name.strip_suffix(".metadata.json")?.rsplit_once(".upload-")?;
        let (bucket, key) = stem.strip_prefix(".bucket-")?.split_once(".object-")?;
        let text = |coded: &str| URL_SAFE_NO_PAD.decode(coded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        Some((text(bucket)?, text(key)?, Uuid::parse_str(upload).ok()?))
    }

    /// The `ETag` kept for an object.
    pub(crate) fn internal(&self, bucket: &str, key: &str) -> PathBuf {
        self.root.join(format!("{}.internal.json", stem(bucket, key)))
    }

    /// Exists as long as an upload is open.
    pub(crate) fn upload(&self, upload: Uuid) -> PathBuf {
        self.root.join(format!(".upload-{upload}.json"))
    }

    /// The bytes of a part.
    pub(crate) fn part(&self, upload: Uuid, number: i32) -> PathBuf {
        self.root.join(format!(".upload_id-{upload}.part-{number}"))
    }

    /// What this program notes about a part that arrived whole. Beginning like the part's own
    /// file, it is removed with it when an upload is aborted.
    pub(crate) fn receipt(&self, upload: Uuid, number: i32) -> PathBuf {
        self.root.join(format!("{}{number}", receipt_prefix(upload)))
    }

    /// The number in a receipt's file name.
    pub(crate) fn receipt_number(name: &str, upload: Uuid) -> Option<i32> {
        name.strip_prefix(&receipt_prefix(upload))?.parse().ok()
    }

    /// Where an object is put together; left-overs of this form are cleared at the next start.
    pub(crate) fn unfinished(&self, upload: Uuid) -> PathBuf {
        self.root.join(format!(".tmp.{upload}.internal.part"))
    }
}

fn receipt_prefix(upload: Uuid) -> String {
    format!(".upload_id-{upload}.receipt-")
}

fn stem(bucket: &str, key: &str) -> String {
    format!(".bucket-{}.object-{}", URL_SAFE_NO_PAD.encode(bucket), URL_SAFE_NO_PAD.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_leave_its_bucket() {
        let layout = Layout::new(PathBuf::from("/objects"));
        for key in ["", "/etc/passwd", "../keys", "a/../../b"] {
            assert!(layout.object("storage", key).is_err(), "{key}");
        }
        assert_eq!(
            layout.object("storage", "videos/1/original.mp4").ok(),
            Some(PathBuf::from("/objects/storage/videos/1/original.mp4"))
        );
    }
}
