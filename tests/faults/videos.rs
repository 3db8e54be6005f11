//! The worker killed at each step of its work on a video, and the API at each step of an upload. Each
//! step is one that can be seen from outside, and the process is killed when it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use campus::Campus;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::Answer;
use uuid::Uuid;

use crate::stand::{ADMIN, PASSWORD, PATIENCE, Stand};

/// Something that takes the worker a few seconds, and two parts to send.
fn film(folder: &Path) -> Vec<u8> {
    let path = folder.join("film.mp4");
    let picture = "testsrc=size=640x480:rate=25:duration=4,noise=alls=100:allf=t";
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", picture])
        .args(["-f", "lavfi", "-i", "sine=frequency=440:duration=4", "-c:v", "mpeg4", "-q:v", "1", "-c:a", "aac"])
        .arg(&path)
        .status()
        .unwrap();
    assert!(made.success());
    std::fs::read(path).unwrap()
}

async fn until<T>(stand: &Stand, what: &str, mut seen: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = seen().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what} is not seen: {} {}", stand.log("worker"), stand.log("api"));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// One who uploads.
struct Uploader {
    site: String,
    token: String,
    branch: Uuid,
    film: Vec<u8>,
}

impl Uploader {
    async fn new(stand: &Stand) -> Self {
        let site = stand.sites[0].clone();
        let mut uploader = Self { site, token: String::new(), branch: Uuid::nil(), film: film(stand.path()) };
        let login = json!({"login": ADMIN, "password": PASSWORD});
        let session = Answer::of(uploader.request(Method::POST, "/session").json(&login)).await.expect(201);
        session["access_token"].as_str().unwrap().clone_into(&mut uploader.token);
        let branch = json!({"code": "CX", "name": "春晓社区市民学校", "population": 263});
        let branch = Answer::of(uploader.request(Method::POST, "/branches").json(&branch)).await.expect(201);
        uploader.branch = branch["id"].as_str().unwrap().parse().unwrap();
        uploader
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        let request = http.request(method, format!("{}/api/v1{path}", self.site)).bearer_auth(&self.token);
        request.header("idempotency-key", Uuid::new_v4().to_string())
    }

    async fn open(&self) -> Uuid {
        let file = json!({"filename": "a.mp4", "size": self.film.len(), "branch_id": self.branch});
        let opened = Answer::of(self.request(Method::POST, "/videos").json(&file)).await.expect(201);
        opened["id"].as_str().unwrap().parse().unwrap()
    }

    /// Sends up to `most` of the parts that have not arrived, and answers what has.
    async fn send(&self, video: Uuid, most: usize) -> Vec<Value> {
        let parts = async || Answer::of(self.request(Method::GET, &format!("/videos/{video}/parts"))).await.expect(200);
        let known = parts().await;
        let size = known["part_size"].as_u64().unwrap() as usize;
        let chunks: Vec<&[u8]> = self.film.chunks(size).collect();
        let missing = known["parts"].as_array().unwrap().iter().filter(|part| part["url"].is_string());
        for part in missing.take(most) {
            let chunk = chunks[part["number"].as_u64().unwrap() as usize - 1];
            let browser = reqwest::Client::builder().no_proxy().build().unwrap();
            let sent = browser.put(part["url"].as_str().unwrap()).body(chunk.to_vec()).send().await.unwrap();
            assert_eq!(sent.status(), 200);
        }
        let arrived = parts().await;
        let arrived = arrived["parts"].as_array().unwrap().iter().filter(|part| part["etag"].is_string());
        arrived.map(|part| json!({"number": part["number"], "etag": part["etag"]})).collect()
    }

    fn completion(&self, video: Uuid, parts: &[Value]) -> RequestBuilder {
        self.request(Method::POST, &format!("/videos/{video}/completion")).json(&json!({"parts": parts}))
    }

    async fn upload(&self) -> Uuid {
        let video = self.open().await;
        let parts = self.send(video, usize::MAX).await;
        let _ = Answer::of(self.completion(video, &parts)).await.expect(202);
        video
    }
}

/// A file in one of the worker's temporary folders.
fn temporary(folder: &Path, name: &str) -> Option<()> {
    let entries = std::fs::read_dir(folder).ok()?;
    let mut folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    folders.find(|folder| folder.join(name).exists()).map(|_| ())
}

async fn keys(campus: &Campus) -> BTreeSet<String> {
    let (objects, more) = campus.storage.objects("", None).await.unwrap();
    assert!(!more);
    objects.into_iter().map(|object| object.key).collect()
}

/// Every video is ready once, and the store holds what rows name and nothing else.
async fn all_is_there_once(stand: &Stand, videos: &[Uuid]) {
    let (campus, count) = (stand.campus(), i64::try_from(videos.len()).unwrap());
    until(stand, "every video ready", async || {
        assert_eq!(stand.count("videos WHERE status = 'failed'").await, 0, "{}", stand.log("worker"));
        (stand.count("videos WHERE status = 'ready'").await == count).then_some(())
    })
    .await;
    until(stand, "every job's end", async || (stand.count("jobs WHERE state <> 'done'").await == 0).then_some(()))
        .await;
    assert_eq!(stand.count("jobs WHERE kind = 'transcode_video'").await, count, "each was handed over once");
    assert_eq!(stand.count("audit_entries WHERE action = 'video.ready'").await, count, "each got ready once");
    let mut wanted = BTreeSet::new();
    for video in videos {
        for name in ["original", "480p.mp4", "240p.mp4", "audio.m4a", "poster.jpg", "preview.jpg"] {
            wanted.insert(format!("videos/{video}/{name}"));
        }
    }
    assert_eq!(keys(&campus).await, wanted);
    assert_eq!(stand.count("video_renditions").await, count * 5);
    assert!(campus.storage.open_uploads("").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_is_killed_at_each_step_of_a_video() {
    let stand = Stand::new().await;
    let api = stand.start_api().await;
    let uploader = Uploader::new(&stand).await;
    let (campus, folder) = (stand.campus(), stand.temporary());
    let mut videos = Vec::new();
    for (life, step) in ["fetch", "transcode", "stills", "store", "finish"].into_iter().enumerate() {
        let life = i64::try_from(life).unwrap();
        let video = uploader.upload().await;
        videos.push(video);
        // The one before is finished first: then what is seen is of this one.
        let mut worker = stand.start_worker(life * 2);
        let others = i64::try_from(videos.len()).unwrap() - 1;
        let in_store = async |name: &str| keys(&campus).await.contains(&format!("videos/{video}/{name}")).then_some(());
        let is_ready = async || {
            let ready = format!("videos WHERE id = '{video}' AND status = 'ready'");
            (stand.count(&ready).await == 1).then_some(())
        };
        until(&stand, step, async || match step {
            "fetch" => temporary(&folder, "original"),
            "transcode" => temporary(&folder, "renditions/480p.mp4"),
            "stills" => temporary(&folder, "renditions/poster.jpg"),
            "store" => in_store("240p.mp4").await,
            _ => is_ready().await,
        })
        .await;
        worker.kill();
        let worker = stand.start_worker(life * 2 + 1);
        until(&stand, "the video's end", async || {
            let ready = stand.count("videos WHERE status = 'ready'").await;
            // The job's end too: else the next kill may hit this job again, until it is given up.
            let at_work = stand.count("jobs WHERE kind = 'transcode_video' AND state <> 'done'").await;
            (ready == others + 1 && at_work == 0).then_some(())
        })
        .await;
        drop(worker);
        // A killed worker's ffmpeg dies with its pipe; its folder is swept by whoever comes next.
    }
    let worker = stand.start_worker(20);
    all_is_there_once(&stand, &videos).await;
    let left = until(&stand, "an empty folder", async || {
        let left: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        left.is_empty().then_some(left)
    })
    .await;
    assert!(left.is_empty());
    worker.end();
    api.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_is_killed_at_each_step_of_an_upload() {
    let stand = Stand::new().await;
    let mut api = stand.start_api().await;
    let uploader = Uploader::new(&stand).await;
    let campus = stand.campus();
    let mut videos = Vec::new();
    for seen in ["nothing", "the object"] {
        let video = uploader.open().await;
        videos.push(video);
        api.kill();
        api = stand.start_api().await;
        assert_eq!(uploader.send(video, 1).await.len(), 1);
        api.kill();
        api = stand.start_api().await;
        let parts = uploader.send(video, usize::MAX).await;
        assert!(parts.len() >= 2, "the film must need more than one part");
        let asked = tokio::spawn(uploader.completion(video, &parts).send());
        if seen == "the object" {
            let key = format!("videos/{video}/original");
            until(&stand, seen, async || campus.storage.size(&key).await.unwrap().map(|_| ())).await;
        }
        api.kill();
        // Whatever became of it: nobody heard.
        drop(asked.await);
        api = stand.start_api().await;
        for _ in 0..2 {
            let _ = Answer::of(uploader.completion(video, &parts)).await.expect(202);
        }
    }
    let worker = stand.start_worker(0);
    all_is_there_once(&stand, &videos).await;
    worker.end();
    api.end();
}
