//! Published courses without waiting for ffmpeg: what the worker would have noted about a
//! video is written as the owner; everything else goes through the API.

use serde_json::json;
use uuid::Uuid;

use crate::app::TestApp;
use crate::client::Client;
use crate::database::execute;

/// A published course.
#[derive(Debug, Clone)]
pub struct Course {
    /// The course.
    pub id: Uuid,
    /// Its lessons, in order.
    pub lessons: Vec<Uuid>,
    /// How long each lesson is, in seconds.
    pub seconds: u32,
}

impl TestApp {
    /// One admin who makes everything here: a new one each time is a password hashed each time.
    async fn maker(&self) -> &Client {
        self.maker.get_or_init(|| self.admin()).await
    }

    /// A video that is ready, of a branch, made by `maker`. Its files are named but not there.
    pub async fn ready_video(&self, code: &str, maker: &Client, seconds: u32) -> Uuid {
        let account = maker.account_id.expect("the maker has an account");
        insert_ready_video(&self.owner_url(), self.branch(code).id, account, seconds).await
    }

    /// A course of a branch in the state `draft`, with one lesson for each of `lessons`.
    pub async fn draft_course(&self, code: &str, lessons: usize, seconds: u32) -> Course {
        let admin = self.maker().await;
        let course = json!({
            "title": "地震演练", "summary": "地震来了怎么办", "topic": "earthquake_drill", "groups": ["resident"],
            "credits": "2.00", "branch_id": self.branch(code).id,
        });
        let course = admin.post("/courses", &course).await.expect(201);
        let id = id_of(&course);
        let mut made = Vec::new();
        for number in 1..=lessons {
            let video = self.ready_video(code, admin, seconds).await;
            let lesson = json!({"title": format!("第{number}课"), "video_id": video, "credits": "0.50"});
            let lesson = admin.post(&format!("/courses/{id}/lessons"), &lesson).await.expect(201);
            made.push(id_of(&lesson));
        }
        Course { id, lessons: made, seconds }
    }

    /// A published course of a branch, worth 2.00 credits and 0.50 for each lesson.
    pub async fn published_course(&self, code: &str, lessons: usize, seconds: u32) -> Course {
        let course = self.draft_course(code, lessons, seconds).await;
        self.take_steps(course.id, &["submission", "approval", "publication"]).await;
        course
    }

    /// Takes a course on: `submission`, `approval`, `publication`, `archival`.
    pub async fn take_steps(&self, course: Uuid, steps: &[&str]) {
        let admin = self.maker().await;
        for step in steps {
            let answer = admin.post(&format!("/courses/{course}/{step}"), &json!({})).await;
            assert!((200..300).contains(&answer.status), "{step}: {}", answer.body);
        }
    }
}

/// Writes a video that is ready as the owner of the database.
pub async fn insert_ready_video(owner_url: &str, branch: Uuid, account: Uuid, seconds: u32) -> Uuid {
    let id = campus::ids::new_id();
    let milliseconds = seconds * 1000;
    execute(
        owner_url,
        &format!(
            "INSERT INTO videos (id, branch_id, account_id, file_name, size, content_type, object_key, part_size, \
                 status, progress, duration_ms, width, height, created_at, ready_at) \
             VALUES ('{id}', '{branch}', '{account}', 'lesson.mp4', 1000, 'video/mp4', 'uploads/{id}', 5242880, \
                 'ready', 100, {milliseconds}, 1280, 720, '2026-11-01T08:00:00+08:00', '2026-11-01T08:00:00+08:00'); \
             INSERT INTO video_renditions (video_id, rendition, object_key, content_type, size) \
             SELECT '{id}', rendition, 'videos/{id}/' || rendition, content_type, 1000 \
             FROM (VALUES ('480p', 'video/mp4'), ('240p', 'video/mp4'), ('audio', 'audio/mp4'), ('poster', 'image/jpeg')) \
                 AS files(rendition, content_type)"
        ),
    )
    .await;
    id
}

/// The `id` of an answer.
///
/// # Panics
/// When it has none.
#[must_use]
pub fn id_of(body: &serde_json::Value) -> Uuid {
    body["id"].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no id in {body}"))
}
