//! Object storage as a browser uses it: through the site's port, with presigned URLs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::HashMap;
use std::net::TcpListener;

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::Compress};
use reqwest::{Client, StatusCode};
use s3::creds::Credentials;
use s3::{Bucket, Region};
use standalone::storage::{BUCKET, ObjectStorage, REGION, proxy};

const MIB: usize = 1024 * 1024;

struct Site {
    data: tempfile::TempDir,
    storage: ObjectStorage,
    port: u16,
    handle: ServerHandle,
    client: Client,
}

impl Site {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let storage = ObjectStorage::start(data.path(), 0).await.unwrap();
        let target = storage.address();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = HttpServer::new(move || {
            App::new().wrap(Compress::default()).configure(|config| proxy::configure(config, target))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { data, storage, port, handle, client: Client::new() }
    }

    /// The bucket as seen under another address than its own.
    fn bucket_at(&self, endpoint: String) -> Bucket {
        let keys = self.storage.keys();
        let credentials = Credentials::new(Some(&keys.access_key), Some(&keys.secret_key), None, None, None).unwrap();
        let region = Region::Custom { region: REGION.to_owned(), endpoint };
        *Bucket::new(BUCKET, region, credentials).unwrap().with_path_style()
    }

    fn inside(&self) -> Bucket {
        self.bucket_at(self.storage.endpoint())
    }

    fn outside(&self) -> Bucket {
        self.bucket_at(format!("http://127.0.0.1:{}", self.port))
    }

    async fn stop(self) {
        self.handle.stop(true).await;
        self.storage.stop().await;
    }
}

fn part_query(upload: &str, number: usize) -> Option<HashMap<String, String>> {
    Some(HashMap::from([("partNumber".to_owned(), number.to_string()), ("uploadId".to_owned(), upload.to_owned())]))
}

/// Bytes that differ all along, so that a mixed-up order shows.
fn film(length: usize) -> Vec<u8> {
    (0..length).map(|index| u8::try_from((index * 31 + index / 251) % 251).unwrap()).collect()
}

async fn put_part(site: &Site, key: &str, upload: &str, number: usize, bytes: &[u8]) -> String {
    let url = site.outside().presign_put(key, 600, None, part_query(upload, number)).await.unwrap();
    let response = site.client.put(url).body(bytes.to_vec()).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.headers()["etag"].to_str().unwrap().to_owned()
}

fn completion(parts: &[(usize, &str)]) -> Vec<s3::serde_types::Part> {
    parts
        .iter()
        .map(|(number, etag)| s3::serde_types::Part {
            part_number: u32::try_from(*number).unwrap(),
            etag: (*etag).to_owned(),
        })
        .collect()
}

#[tokio::test]
async fn a_video_goes_in_by_parts_and_comes_out_by_ranges() {
    let site = Site::start().await;
    let key = "videos/0192/original.mp4";
    let film = film(11 * MIB + 7);
    let upload = site.inside().initiate_multipart_upload(key, "video/mp4").await.unwrap().upload_id;
    let parts: Vec<&[u8]> = film.chunks(5 * MIB).collect();
    let mut tags = vec![String::new(); parts.len()];
    for number in [3, 1, 2] {
        tags[number - 1] = put_part(&site, key, &upload, number, parts[number - 1]).await;
    }
    let list = site
        .inside()
        .presign_get(key, 60, Some(HashMap::from([("uploadId".to_owned(), upload.clone())])))
        .await
        .unwrap();
    let listed = site.client.get(list).send().await.unwrap().text().await.unwrap();
    let places: Vec<usize> =
        tags.iter().map(|tag| listed.find(tag.trim_matches('"')).expect("every part has its ETag")).collect();
    assert!(places.is_sorted(), "{listed}");

    let wanted: Vec<(usize, &str)> =
        tags.iter().enumerate().map(|(index, tag)| (index + 1, tag.trim_matches('"'))).collect();
    let completed = site.inside().complete_multipart_upload(key, &upload, completion(&wanted)).await.unwrap();
    assert_eq!(completed.status_code(), 200);

    let url = site.outside().presign_get(key, 600, None).await.unwrap();
    let whole = site.client.get(&url).send().await.unwrap();
    assert_eq!(whole.status(), StatusCode::OK);
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    assert_eq!(whole.headers()["content-type"], "video/mp4");
    assert_eq!(whole.headers()["x-content-type-options"], "nosniff");
    assert!(whole.headers()["etag"].to_str().unwrap().ends_with("-3\""));
    assert!(whole.bytes().await.unwrap() == film, "the film is whole");

    let range = site
        .client
        .get(&url)
        .header("range", "bytes=5242870-5242889")
        .header("accept-encoding", "gzip, br")
        .send()
        .await
        .unwrap();
    assert_eq!(range.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(range.headers()["content-range"].to_str().unwrap(), format!("bytes 5242870-5242889/{}", film.len()));
    assert_eq!(range.bytes().await.unwrap(), film[5_242_870..=5_242_889]);

    let root = std::fs::read_dir(site.data.path().join("objects")).unwrap();
    let left: Vec<String> = root
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("upload"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    site.stop().await;
}

#[tokio::test]
async fn an_interrupted_completion_can_be_repeated() {
    let site = Site::start().await;
    let key = "videos/0193/original.mp4";
    let bytes = film(MIB);
    let bucket = site.inside();
    let upload = bucket.initiate_multipart_upload(key, "video/mp4").await.unwrap().upload_id;
    let tag = put_part(&site, key, &upload, 1, &bytes).await;
    let wrong = completion(&[(1, "00000000000000000000000000000000")]);
    assert!(bucket.complete_multipart_upload(key, &upload, wrong).await.is_err());
    let absent = completion(&[(2, tag.trim_matches('"'))]);
    assert!(bucket.complete_multipart_upload(key, &upload, absent).await.is_err());
    let right = || completion(&[(1, tag.trim_matches('"'))]);
    bucket.complete_multipart_upload(key, &upload, right()).await.unwrap();
    assert!(bucket.complete_multipart_upload(key, &upload, right()).await.is_err());
    assert!(bucket.get_object(key).await.unwrap().to_vec() == bytes);
    bucket.delete_object(key).await.unwrap();
    assert!(bucket.get_object(key).await.is_err());
    let root = std::fs::read_dir(site.data.path().join("objects")).unwrap();
    assert_eq!(root.count(), 1, "only the bucket is left");
    site.stop().await;
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let site = Site::start().await;
    let key = "videos/0194/original.mp4";
    let bucket = site.inside();
    let upload = bucket.initiate_multipart_upload(key, "video/mp4").await.unwrap().upload_id;
    put_part(&site, key, &upload, 1, b"beginning").await;
    bucket.abort_upload(key, &upload).await.unwrap();
    let url = site.outside().presign_put(key, 600, None, part_query(&upload, 2)).await.unwrap();
    let late = site.client.put(url).body("late").send().await.unwrap();
    assert_eq!(late.status(), StatusCode::NOT_FOUND);
    let root = std::fs::read_dir(site.data.path().join("objects")).unwrap();
    assert_eq!(root.count(), 1, "only the bucket is left");
    site.stop().await;
}

#[tokio::test]
async fn a_url_works_for_the_host_it_was_signed_for() {
    let site = Site::start().await;
    site.inside().put_object("cover.jpg", b"picture").await.unwrap();
    let local = site.bucket_at(format!("http://localhost:{}", site.port));
    let url = local.presign_get("cover.jpg", 600, None).await.unwrap();
    let answer = site.client.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let other = url.replace("localhost", "127.0.0.1");
    let answer = site.client.get(other).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);

    let head = site.outside();
    let url = head.presign_get("cover.jpg", 600, None).await.unwrap();
    let refused = site.client.head(&url).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "the method is signed");
    site.stop().await;
}

#[tokio::test]
async fn what_is_not_signed_does_not_pass() {
    let site = Site::start().await;
    site.inside().put_object("secret.txt", b"secret").await.unwrap();
    let base = format!("http://127.0.0.1:{}/storage/", site.port);
    for path in ["", "secret.txt", "?list-type=2", "?X-Amz-Signature=00"] {
        let answer = site.client.get(format!("{base}{path}")).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{path}: {}", answer.status());
        assert!(!answer.text().await.unwrap().contains("<Contents>"), "{path}");
    }
    let url = site.outside().presign_get("secret.txt", 1, None).await.unwrap();
    let forged = format!("{}0", &url[..url.len() - 1]);
    let forged = if forged == url { format!("{}1", &url[..url.len() - 1]) } else { forged };
    let answer = site.client.get(forged).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let posted = site.client.post(&url).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    // Valid for one second; polled until it has passed.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let answer = site.client.get(&url).send().await.unwrap();
        if answer.status() == StatusCode::FORBIDDEN {
            break;
        }
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(std::time::Instant::now() < deadline, "it never expires");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    site.stop().await;
}

#[tokio::test]
async fn a_refused_upload_is_answered_though_nobody_reads_it() {
    let site = Site::start().await;
    let url = site.outside().presign_put("a.bin", 600, None, None).await.unwrap().replace("a.bin", "b.bin");
    let answer = site.client.put(url).body(film(16 * MIB)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let url = site.outside().presign_put("a.bin", 600, None, None).await.unwrap();
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(vec![0_u8; MIB])]);
    let body = reqwest::Body::wrap_stream(chunks);
    let answer = site.client.put(&url).body(body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::LENGTH_REQUIRED);
    let answer = site.client.put(&url).body(vec![0; 129 * MIB]).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(site.inside().get_object("a.bin").await.is_err());
    site.stop().await;
}

#[tokio::test]
async fn the_site_says_when_storage_is_down_and_finds_it_again() {
    let site = Site::start().await;
    site.inside().put_object("cover.jpg", b"picture").await.unwrap();
    let url = site.outside().presign_get("cover.jpg", 600, None).await.unwrap();
    let address = site.storage.address();
    site.storage.stop().await;
    let answer = site.client.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(answer.headers()["retry-after"], "5");
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "storage_unavailable");

    let storage = ObjectStorage::start(site.data.path(), address.port()).await.unwrap();
    let answer = site.client.get(&url).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "picture");
    site.handle.stop(true).await;
    storage.stop().await;
}

#[tokio::test]
async fn another_origin_may_read_the_etag() {
    let site = Site::start().await;
    let url = site.outside().presign_put("a.bin", 600, None, None).await.unwrap();
    let preflight = site
        .client
        .request(reqwest::Method::OPTIONS, &url)
        .header("origin", "http://192.168.1.5:8080")
        .header("access-control-request-method", "PUT")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    let put = site.client.put(&url).header("origin", "http://192.168.1.5:8080").body("part").send().await.unwrap();
    assert!(put.headers()["access-control-expose-headers"].to_str().unwrap().contains("ETag"));
    site.stop().await;
}
