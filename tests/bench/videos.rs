//! What videos cost: the work on one against bare ffmpeg, and the memory that a large upload takes.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use campus::Campus;
use campus::config::Config;
use campus::storage::StorageConfig;
use campus::videos::media;
use serde_json::{Value, json};
use standalone::storage::{BUCKET, ObjectStorage, REGION, proxy};
use tokio::process::Command;

use crate::Line;
use crate::ground::Ground;

/// What one large upload sends, in bytes.
const UPLOAD: u64 = 2 * 1024 * 1024 * 1024;

async fn ffmpeg(arguments: &str, folder: &Path) {
    let arguments = arguments.replace("{folder}", &folder.display().to_string());
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y"]).args(arguments.split_whitespace());
    assert!(command.status().await.expect("ffmpeg runs").success(), "ffmpeg failed: {arguments}");
}

/// The same outputs by bare commands: three pictures and the sound of one decoding, then both stills.
async fn bare(folder: &Path) {
    let picture = |rate: &str, buffer: &str, quality: &str, profile: &str| {
        format!(
            "-c:v libx264 -preset veryfast -profile:v {profile} -crf {quality} -maxrate {rate} -bufsize {buffer} \
             -force_key_frames expr:gte(t,n_forced*2) -threads 2"
        )
    };
    let graph = "[0:v]fps=30,format=yuv420p,scale=1280:720,split=2[l][a];[a]scale=852:480,split=2[m][b];\
                 [b]scale=426:240[s];[0:a]aresample=44100,asplit=4[ls][ms][ss][as]";
    let transcode = format!(
        "-threads 2 -i {{folder}}/film.mp4 -filter_complex {graph} \
         -map [l] {} -map [ls] -c:a aac -b:a 128k -movflags +faststart {{folder}}/bare-720p.mp4 \
         -map [m] {} -map [ms] -c:a aac -b:a 96k -movflags +faststart {{folder}}/bare-480p.mp4 \
         -map [s] {} -map [ss] -c:a aac -b:a 48k -ac 1 -movflags +faststart {{folder}}/bare-240p.mp4 \
         -map [as] -c:a aac -b:a 64k -ac 1 -movflags +faststart {{folder}}/bare-audio.m4a",
        picture("2000k", "4000k", "23", "main"),
        picture("1000k", "2000k", "23", "main"),
        picture("320k", "640k", "26", "baseline"),
    );
    ffmpeg(&transcode, folder).await;
    let poster =
        "-ss 6 -i {folder}/bare-480p.mp4 -vf thumbnail=12,scale=640:-2 -frames:v 1 -q:v 4 {folder}/bare-poster.jpg";
    ffmpeg(poster, folder).await;
    let preview = "-skip_frame nokey -i {folder}/bare-240p.mp4 -vf fps=1/10:round=up,scale=192:108,tile=6x1 \
                   -frames:v 1 -q:v 5 {folder}/bare-preview.jpg";
    ffmpeg(preview, folder).await;
}

/// Seconds for a minute of 720p, against bare commands that make the same.
pub async fn transcoding(ground: &Ground) -> Line {
    let folder = tempfile::tempdir_in(ground.folder.path()).expect("a folder can be made");
    let film = "-f lavfi -i testsrc2=s=1280x720:r=30 -f lavfi -i sine=f=440 -t 60 -c:v libx264 -preset ultrafast \
                -c:a aac {folder}/film.mp4";
    ffmpeg(film, folder.path()).await;
    let (original, out) = (folder.path().join("film.mp4"), folder.path().join("out"));
    std::fs::create_dir(&out).expect("a folder can be made");
    let began = Instant::now();
    let probe = media::probe(&original).await.expect("the film is one");
    media::transcode(&original, &probe, &out, |_| {}).await.expect("the film can be transcoded");
    let ours = began.elapsed().as_secs_f64();
    let began = Instant::now();
    bare(folder.path()).await;
    let baseline = began.elapsed().as_secs_f64();
    Line { name: "a minute of 720p, seconds, vs ffmpeg", ours, baseline, goal: 1.1, at_most: true }
}

/// A figure of this process in MB: `VmRSS` or `VmHWM`.
pub fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process knows its memory");
    let line = status.lines().find(|line| line.starts_with(name)).expect("the figure is there");
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).expect("a number") / 1024.0
}

/// How a store is reached.
pub fn config_of(storage: &ObjectStorage) -> StorageConfig {
    StorageConfig {
        endpoint: storage.endpoint(),
        public_endpoint: None,
        bucket: BUCKET.to_owned(),
        prefix: String::new(),
        region: REGION.to_owned(),
        access_key: storage.keys().access_key.clone(),
        secret_key: storage.keys().secret_key.clone(),
    }
}

/// An API of its own over a store of its own, which stands behind it as on one machine.
async fn site(ground: &Ground, data: &Path) -> (ObjectStorage, api::Running, String) {
    let storage = ObjectStorage::start(data, 0).await.expect("the store starts");
    let target = storage.address();
    let config = Config { storage: config_of(&storage), ..(*ground.campus.config).clone() };
    let campus = Campus::new(config, ground.campus.clock.clone()).expect("a campus");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let site = format!("http://{}", listener.local_addr().expect("an address"));
    let settings = api::Settings::default();
    let extra: api::Extra = Arc::new(move |config| proxy::configure(config, target));
    let server = api::start(&campus, listener, api::ServerConfig { workers: 2, settings, extra: Some(extra) });
    (storage, server.expect("the API starts"), site)
}

/// The most memory while 2 GB pass API and store, against what both took before.
pub async fn upload_memory(ground: &Ground) -> Line {
    let data = tempfile::tempdir_in(ground.folder.path()).expect("a folder can be made");
    let (storage, server, site) = site(ground, data.path()).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let new = json!({"filename": "large.mp4", "size": UPLOAD, "content_type": "video/mp4"});
    let open = client.post(format!("{site}/api/v1/videos")).bearer_auth(ground.token(ground.admin)).json(&new);
    let opened: Value = open.send().await.expect("an answer").json().await.expect("an upload");
    let part = Bytes::from(vec![b'x'; opened["part_size"].as_u64().expect("a size") as usize]);
    let send = async |number: usize| {
        let link = opened["parts"][number]["url"].as_str().expect("a link");
        let sent = client.put(link).body(part.clone()).send().await.expect("an answer");
        assert!(sent.status().is_success(), "{}", sent.status());
    };
    // The first one fills what is kept from then on.
    send(0).await;
    let baseline = memory("VmRSS");
    std::fs::write("/proc/self/clear_refs", "5").expect("the peak can be forgotten");
    for number in 1..opened["parts"].as_array().expect("parts").len() {
        send(number).await;
    }
    let ours = memory("VmHWM");
    server.stop().await.expect("the API ends well");
    storage.stop().await;
    Line { name: "MB while 2 GB are uploaded, vs before", ours, baseline, goal: 1.2, at_most: true }
}
