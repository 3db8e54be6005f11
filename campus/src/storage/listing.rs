//! What lies in the store, page by page in the order of keys.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Storage, unavailable};
use crate::error::{Error, Result};

/// How many are asked for at once; the most that any S3 answers.
const PAGE: usize = 1000;

/// An object as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its key, without the deployment's prefix.
    pub key: String,
    /// In bytes.
    pub size: u64,
    /// Tells it from another under the same key: when it was written, and its content's tag.
    pub mark: String,
}

/// A multipart upload that is neither completed nor aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpload {
    /// The key it is for, without the deployment's prefix.
    pub key: String,
    /// The store's id of it.
    pub upload_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Objects {
    #[serde(default)]
    contents: Vec<Listed>,
    #[serde(default)]
    is_truncated: bool,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Size")]
    size: u64,
    #[serde(rename = "LastModified", default)]
    last_modified: String,
    #[serde(rename = "ETag", default)]
    etag: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Uploads {
    #[serde(default)]
    upload: Vec<ListedUpload>,
    #[serde(default)]
    is_truncated: bool,
    next_key_marker: Option<String>,
    next_upload_id_marker: Option<String>,
}

#[derive(Deserialize)]
struct ListedUpload {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "UploadId")]
    upload_id: String,
}

impl Storage {
    /// Up to a thousand objects whose keys begin with `below`, in the order of keys (by bytes), behind
    /// `after`; and whether there are more. Only this deployment's own are seen.
    ///
    /// # Errors
    /// [`crate::error::Code::StorageUnavailable`].
    pub async fn objects(&self, below: &str, after: Option<&str>) -> Result<(Vec<StoredObject>, bool)> {
        let mut query = HashMap::from([
            ("list-type".to_owned(), "2".to_owned()),
            ("prefix".to_owned(), self.full(below)),
            ("max-keys".to_owned(), PAGE.to_string()),
        ]);
        if let Some(after) = after {
            query.insert("start-after".to_owned(), self.full(after));
        }
        let page: Objects = self.list(query).await?;
        let object = |listed: Listed| StoredObject {
            key: self.own(listed.key),
            size: listed.size,
            mark: format!("{} {}", listed.last_modified, listed.etag),
        };
        Ok((page.contents.into_iter().map(object).collect(), page.is_truncated))
    }

    /// Every upload of this deployment that is open, under keys that begin with `below`.
    ///
    /// # Errors
    /// [`crate::error::Code::StorageUnavailable`].
    pub async fn open_uploads(&self, below: &str) -> Result<Vec<OpenUpload>> {
        let mut found = Vec::new();
        let mut markers: Option<(String, Option<String>)> = None;
        loop {
            let mut query =
                HashMap::from([("uploads".to_owned(), String::new()), ("prefix".to_owned(), self.full(below))]);
            if let Some((key, upload_id)) = &markers {
                query.insert("key-marker".to_owned(), key.clone());
                if let Some(upload_id) = upload_id {
                    query.insert("upload-id-marker".to_owned(), upload_id.clone());
                }
            }
            let page: Uploads = self.list(query).await?;
            let upload = |listed: ListedUpload| OpenUpload { key: self.own(listed.key), upload_id: listed.upload_id };
            found.extend(page.upload.into_iter().map(upload));
            let next = page.next_key_marker.map(|key| (key, page.next_upload_id_marker));
            if !page.is_truncated || next.is_none() || next == markers {
                return Ok(found);
            }
            markers = next;
        }
    }

    async fn list<T: for<'de> Deserialize<'de>>(&self, query: HashMap<String, String>) -> Result<T> {
        let link = self.bucket.presign_get("/", 60, Some(query)).await.map_err(Error::internal)?;
        let answer = self.client.get(link).send().await.and_then(reqwest::Response::error_for_status);
        let text = answer.map_err(unavailable)?.text().await.map_err(unavailable)?;
        quick_xml::de::from_str(&text).map_err(unavailable)
    }

    /// A key of the store as this deployment knows it.
    fn own(&self, full: String) -> String {
        full.strip_prefix(&self.config.prefix).map_or(full.clone(), str::to_owned)
    }
}
