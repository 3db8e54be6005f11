//! Object storage: S3-compatible, never inside a database transaction, every call bounded in time.

mod listing;
mod pictures;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use s3::creds::Credentials;
use s3::serde_types::Part;
use s3::{Bucket, Region};
use serde::Deserialize;
use tokio::io::AsyncWriteExt;

use crate::error::{Code, Error, Result};
pub use listing::{OpenUpload, StoredObject};
pub use pictures::{PICTURES, picture_type};

/// Where the store is and how to sign for it.
#[derive(Debug, Clone)]
pub struct StorageConfig {
    /// Its address as this process reaches it, e.g. `http://127.0.0.1:9000`.
    pub endpoint: String,
    /// Its address as browsers reach it; `None`: the site's own address, whatever name the
    /// browser used for it (the store then stands behind the site under `/<bucket>/`).
    pub public_endpoint: Option<String>,
    /// The bucket's name.
    pub bucket: String,
    /// What every key of this deployment begins with, where several share a bucket: `street/`. Nothing
    /// below another prefix is ever listed or touched; the database knows keys without it.
    pub prefix: String,
    /// The region's name.
    pub region: String,
    /// Access key.
    pub access_key: String,
    /// Secret key.
    pub secret_key: String,
}

/// One bucket of an S3-compatible store.
#[derive(Clone)]
pub struct Storage {
    bucket: Box<Bucket>,
    config: StorageConfig,
    client: reqwest::Client,
}

/// A part that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// From 1.
    pub number: u32,
    /// As the store gave it.
    pub etag: String,
    /// In bytes.
    pub size: u64,
}

/// How long a link to play or upload holds, in seconds.
pub const LINK_SECONDS: u32 = 6 * 60 * 60;

fn unavailable(error: impl std::fmt::Display) -> Error {
    tracing::warn!(%error, "object storage");
    Error::code(Code::StorageUnavailable)
}

impl Storage {
    /// Connects to nothing yet: the first call does.
    ///
    /// # Errors
    /// When the configuration makes no bucket.
    pub fn new(config: StorageConfig) -> anyhow::Result<Self> {
        let prefix = &config.prefix;
        anyhow::ensure!(
            prefix.is_empty() || (prefix.ends_with('/') && !prefix.starts_with('/')),
            "STORAGE_PREFIX must look like street/, not {prefix}"
        );
        let bucket = Self::bucket(&config, &config.endpoint)?.with_request_timeout(Duration::from_secs(30))?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(3))
            .read_timeout(Duration::from_secs(30))
            .build()?;
        Ok(Self { bucket, config, client })
    }

    /// A key as the store knows it.
    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.config.prefix)
    }

    fn bucket(config: &StorageConfig, endpoint: &str) -> anyhow::Result<Box<Bucket>> {
        let region = Region::Custom { region: config.region.clone(), endpoint: endpoint.to_owned() };
        let credentials = Credentials::new(Some(&config.access_key), Some(&config.secret_key), None, None, None)?;
        Ok(Bucket::new(&config.bucket, region, credentials)?.with_path_style())
    }

    /// The bucket as a browser at `site` (scheme and host, e.g. `http://192.168.1.5:8080`) reaches it.
    fn public(&self, site: &str) -> Result<Box<Bucket>> {
        let endpoint = self.config.public_endpoint.as_deref().unwrap_or(site);
        // A bucket built anew brings its own HTTP client along, which costs milliseconds a link.
        let mut bucket = self.bucket.clone();
        bucket.region = Region::Custom { region: self.config.region.clone(), endpoint: endpoint.to_owned() };
        Ok(bucket)
    }

    /// Whether the store answers within 2 seconds.
    pub async fn is_up(&self) -> bool {
        let listing = self.bucket.list_page(self.full("health/"), None, None, None, Some(1));
        matches!(tokio::time::timeout(Duration::from_secs(2), listing).await, Ok(Ok(_)))
    }

    /// Opens a multipart upload and answers its id.
    ///
    /// # Errors
    /// [`Code::StorageUnavailable`].
    pub async fn open_upload(&self, key: &str, content_type: &str) -> Result<String> {
        let opened = self.bucket.initiate_multipart_upload(&self.full(key), content_type).await.map_err(unavailable)?;
        Ok(opened.upload_id)
    }

    /// A link to which a browser may PUT one part of exactly `size` bytes: the length is signed, so that
    /// the store itself refuses any other.
    ///
    /// # Errors
    /// When the link cannot be signed.
    pub async fn part_link(&self, site: &str, key: &str, upload_id: &str, number: u32, size: u64) -> Result<String> {
        let query = HashMap::from([
            ("partNumber".to_owned(), number.to_string()),
            ("uploadId".to_owned(), upload_id.to_owned()),
        ]);
        let length = HeaderMap::from_iter([(CONTENT_LENGTH, HeaderValue::from(size))]);
        let bucket = self.public(site)?;
        bucket.presign_put(self.full(key), LINK_SECONDS, Some(length), Some(query)).await.map_err(Error::internal)
    }

    /// The parts of an open upload that have arrived, in order.
    ///
    /// # Errors
    /// [`Code::NotFound`] when there is no such upload, [`Code::StorageUnavailable`].
    pub async fn parts(&self, key: &str, upload_id: &str) -> Result<Vec<StoredPart>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Listing {
            #[serde(default)]
            part: Vec<Listed>,
            #[serde(default)]
            is_truncated: bool,
            next_part_number_marker: Option<String>,
        }
        #[derive(Deserialize)]
        struct Listed {
            #[serde(rename = "PartNumber")]
            number: u32,
            #[serde(rename = "ETag")]
            etag: String,
            #[serde(rename = "Size")]
            size: u64,
        }
        let mut parts = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let mut query = HashMap::from([("uploadId".to_owned(), upload_id.to_owned())]);
            if let Some(marker) = &marker {
                query.insert("part-number-marker".to_owned(), marker.clone());
            }
            let link = self.bucket.presign_get(self.full(key), 60, Some(query)).await.map_err(Error::internal)?;
            let answer = self.client.get(link).send().await.map_err(unavailable)?;
            if answer.status() == reqwest::StatusCode::NOT_FOUND {
                return Err(Error::code(Code::NotFound));
            }
            let text = answer.error_for_status().map_err(unavailable)?.text().await.map_err(unavailable)?;
            let listing: Listing = quick_xml::de::from_str(&text).map_err(unavailable)?;
            parts.extend(listing.part.into_iter().map(|part| StoredPart {
                number: part.number,
                etag: part.etag,
                size: part.size,
            }));
            match listing.next_part_number_marker {
                Some(next) if listing.is_truncated && Some(&next) != marker.as_ref() => marker = Some(next),
                _ => return Ok(parts),
            }
        }
    }

    /// Puts the parts together. `false`: the store says that they do not fit.
    ///
    /// # Errors
    /// [`Code::StorageUnavailable`].
    pub async fn complete_upload(&self, key: &str, upload_id: &str, parts: &[StoredPart]) -> Result<bool> {
        let parts = parts.iter().map(|part| Part { part_number: part.number, etag: part.etag.clone() }).collect();
        match self.bucket.complete_multipart_upload(&self.full(key), upload_id, parts).await {
            Ok(answer) => Ok(answer.status_code() < 300),
            Err(s3::error::S3Error::HttpFailWithBody(status, _)) if (400..500).contains(&status) => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Drops an open upload and its parts; one that is gone already is no fault.
    ///
    /// # Errors
    /// [`Code::StorageUnavailable`].
    pub async fn abort_upload(&self, key: &str, upload_id: &str) -> Result<()> {
        match self.bucket.abort_upload(&self.full(key), upload_id).await {
            Ok(()) | Err(s3::error::S3Error::HttpFailWithBody(404, _)) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// A link from which a browser may read an object, with range requests.
    ///
    /// # Errors
    /// When the link cannot be signed.
    pub async fn read_link(&self, site: &str, key: &str) -> Result<String> {
        self.public(site)?.presign_get(self.full(key), LINK_SECONDS, None).await.map_err(Error::internal)
    }

    /// The object's size in bytes, `None` when there is none.
    ///
    /// # Errors
    /// [`Code::StorageUnavailable`].
    pub async fn size(&self, key: &str) -> Result<Option<u64>> {
        match self.bucket.head_object(self.full(key)).await {
            Ok((head, 200)) => Ok(head.content_length.and_then(|length| u64::try_from(length).ok())),
            Ok((_, 404)) | Err(s3::error::S3Error::HttpFailWithBody(404, _)) => Ok(None),
            Ok((_, status)) => Err(unavailable(format!("HEAD answered {status}"))),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Copies an object into a local file, piece by piece.
    ///
    /// # Errors
    /// [`Code::NotFound`] when there is no such object; [`Code::StorageUnavailable`]; what the file system says.
    pub async fn fetch(&self, key: &str, path: &Path) -> Result<()> {
        let link = self.bucket.presign_get(self.full(key), 3600, None).await.map_err(Error::internal)?;
        let answer = self.client.get(link).send().await.map_err(unavailable)?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return Err(Error::code(Code::NotFound));
        }
        let mut answer = answer.error_for_status().map_err(unavailable)?;
        let mut file = tokio::fs::File::create(path).await.map_err(Error::internal)?;
        while let Some(piece) = answer.chunk().await.map_err(unavailable)? {
            file.write_all(&piece).await.map_err(Error::internal)?;
        }
        file.flush().await.map_err(Error::internal)
    }

    /// Stores a local file under `key`, replacing what was there.
    ///
    /// # Errors
    /// [`Code::StorageUnavailable`]; what the file system says.
    pub async fn store(&self, path: &Path, key: &str, content_type: &str) -> Result<()> {
        let mut file = tokio::fs::File::open(path).await.map_err(Error::internal)?;
        let key = self.full(key);
        self.bucket.put_object_stream_with_content_type(&mut file, key, content_type).await.map_err(unavailable)?;
        Ok(())
    }

    /// Stores what is in memory.
    ///
    /// # Errors
    /// [`Code::StorageUnavailable`].
    pub async fn put(&self, key: &str, content: &[u8], content_type: &str) -> Result<()> {
        self.bucket.put_object_with_content_type(self.full(key), content, content_type).await.map_err(unavailable)?;
        Ok(())
    }

    /// A link like [`Self::read_link`] under which a browser keeps the file as `name`, where the store can say so.
    ///
    /// # Errors
    /// As there.
    pub async fn named_link(&self, site: &str, key: &str, name: &str) -> Result<String> {
        let encoded: String = url_encoded(name);
        let disposition = format!("inline; filename*=UTF-8''{encoded}");
        let query = HashMap::from([("response-content-disposition".to_owned(), disposition)]);
        self.public(site)?.presign_get(self.full(key), LINK_SECONDS, Some(query)).await.map_err(Error::internal)
    }

    /// Deletes an object; one that is gone already is no fault.
    ///
    /// # Errors
    /// [`Code::StorageUnavailable`].
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.bucket.delete_object(self.full(key)).await {
            Ok(_) | Err(s3::error::S3Error::HttpFailWithBody(404, _)) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }
}

/// Every byte but letters and digits as `%XX`, as RFC 8187 has names of files in headers.
fn url_encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
