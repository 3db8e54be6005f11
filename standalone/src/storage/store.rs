//! The S3 operations that the site uses, served from files by s3s-fs and mended where it falls
//! short: objects are listed page by page, open uploads and parts are listed with their `ETag`, an upload whose completion was interrupted can be
//! completed again, what was acknowledged is on the disk, and deletion leaves nothing behind.
//! Every other operation answers 501.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CopyObjectInput, CopyObjectOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput,
    DeleteObjectOutput, GetBucketLocationInput, GetBucketLocationOutput, GetObjectInput, GetObjectOutput,
    HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output,
    ListPartsInput, ListPartsOutput, PutObjectInput, PutObjectOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

use super::layout::Layout;
use super::{listing, multipart};

/// s3s-fs with its gaps closed.
pub(crate) struct Store {
    files: FileSystem,
    layout: Arc<Layout>,
}

impl Store {
    pub(crate) fn new(files: FileSystem, layout: Arc<Layout>) -> Self {
        Self { files, layout }
    }
}

#[async_trait::async_trait]
impl S3 for Store {
    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.files.head_bucket(request).await
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.files.get_bucket_location(request).await
    }

    async fn list_objects(&self, request: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        self.files.list_objects(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        if request.input.delimiter.is_some() {
            return self.files.list_objects_v2(request).await;
        }
        listing::list_objects(&self.layout, request.input).await.map(S3Response::new)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        listing::list_uploads(&self.layout, request.input).await.map(S3Response::new)
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let path = self.layout.object(&request.input.bucket, &request.input.key)?;
        refuse_folder(&path).await?;
        self.files.get_object(request).await
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let path = self.layout.object(&request.input.bucket, &request.input.key)?;
        refuse_folder(&path).await?;
        self.files.head_object(request).await
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let path = self.layout.object(&request.input.bucket, &request.input.key)?;
        let response = self.files.put_object(request).await?;
        sync(&path).await?;
        Ok(response)
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let path = self.layout.object(&request.input.bucket, &request.input.key)?;
        let response = self.files.copy_object(request).await?;
        sync(&path).await?;
        Ok(response)
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        self.layout.object(&bucket, &key)?;
        let response = self.files.delete_object(request).await?;
        remove(&self.layout.metadata(&bucket, &key)).await?;
        remove(&self.layout.internal(&bucket, &key)).await?;
        Ok(response)
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.layout.object(&request.input.bucket, &request.input.key)?;
        self.files.create_multipart_upload(request).await
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let number = request.input.part_number;
        let upload =
            multipart::open_upload(&self.layout, &request.input.bucket, &request.input.key, &request.input.upload_id)
                .await?;
        // Gone while the part is replaced, so that a receipt never vouches for other bytes.
        remove(&self.layout.receipt(upload, number)).await?;
        let response = self.files.upload_part(request).await?;
        sync(&self.layout.part(upload, number)).await?;
        if let Some(tag) = &response.output.e_tag {
            multipart::write_receipt(&self.layout, upload, number, tag.value()).await?;
        }
        Ok(response)
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        multipart::list_parts(&self.layout, request.input).await.map(S3Response::new)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        multipart::complete(Arc::clone(&self.layout), request.input).await.map(S3Response::new)
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        multipart::open_upload(&self.layout, &request.input.bucket, &request.input.key, &request.input.upload_id)
            .await?;
        self.files.abort_multipart_upload(request).await
    }
}

/// A folder on the way to objects is no object.
async fn refuse_folder(path: &Path) -> S3Result<()> {
    match tokio::fs::metadata(path).await {
        Ok(metadata) if metadata.is_dir() => Err(s3_error!(NoSuchKey)),
        _ => Ok(()),
    }
}

/// Waits until a file's bytes are on the disk.
async fn sync(path: &Path) -> S3Result<()> {
    let write = async { tokio::fs::File::open(path).await?.sync_all().await };
    write.await.map_err(failed)
}

/// Removes a file that may be absent.
async fn remove(path: &Path) -> S3Result<()> {
    match tokio::fs::remove_file(path).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// A file operation that failed for a reason of this machine.
pub(crate) fn failed(error: std::io::Error) -> s3s::S3Error {
    tracing::error!(%error, "object storage cannot use its folder");
    s3_error!(error, InternalError)
}
