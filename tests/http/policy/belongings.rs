//! What belongs to something or somebody, for the walk: files, viewings, attempts, cards, devices.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Answer, Client, Person, id_of};
use uuid::Uuid;

use super::{Place, Walk};
use crate::making;

fn handout() -> Form {
    Form::new().part("file", Part::bytes(b"%PDF-1.7\n".as_slice()).file_name("讲义.pdf"))
}

fn question() -> Value {
    making::quiz(&[("single", &["对", "错"], &[0])])
}

impl Walk {
    /// The id of what belongs to an object: chosen here, where nobody has yet.
    pub(super) fn part_of(&self, object: Uuid) -> Uuid {
        *self.parts.lock().unwrap().entry(object).or_insert_with(Uuid::new_v4)
    }

    fn belongs(&self, part: Uuid, object: Uuid) {
        self.parts.lock().unwrap().insert(object, part);
    }

    /// The one who asks, where it is to be a resident's own; else a resident of the branch.
    async fn learner(&self, place: Place) -> Client {
        match self.asking.resident_id {
            Some(_) if place == Place::Own => self.asking.clone(),
            _ => self.app.resident(place.code()).await,
        }
    }

    /// A course that is being made, with a handout.
    pub(super) async fn filled(&self, code: &str) -> Uuid {
        let course = self.app.draft_course(code, 1, 60).await.id;
        let path = format!("/courses/{course}/files?kind=handout");
        let sent = self.admin.request(Method::POST, &path).multipart(handout());
        self.belongs(id_of(&Answer::of(sent).await.expect(201)), course);
        course
    }

    pub(super) async fn handout(&self, code: &str) -> Uuid {
        let course = self.filled(code).await;
        self.app.take_steps(course, &["submission", "approval", "publication"]).await;
        self.part_of(course)
    }

    pub(super) async fn article(&self, code: &str) -> Uuid {
        self.written(code, &making::article("地震来了"), &self.asking).await
    }

    pub(super) async fn quiz(&self, code: &str) -> Uuid {
        self.written(code, &question(), &self.asking).await
    }

    /// A written lesson of a published course, which `learner` is enrolled in where that can be.
    async fn written(&self, code: &str, lesson: &Value, learner: &Client) -> Uuid {
        let course = self.app.draft_course(code, 1, 60).await.id;
        let lesson = id_of(&self.admin.post(&format!("/courses/{course}/lessons"), lesson).await.expect(201));
        self.app.take_steps(course, &["submission", "approval", "publication"]).await;
        if learner.resident_id.is_some() {
            let _ = learner.put(&format!("/courses/{course}/enrollment"), &json!({})).await.expect(201);
        }
        lesson
    }

    pub(super) async fn viewing(&self, place: Place) -> Uuid {
        let (learner, course) = (self.learner(place).await, self.app.published_course(place.code(), 1, 60).await);
        let _ = learner.put(&format!("/courses/{}/enrollment", course.id), &json!({})).await.expect(201);
        let lesson = course.lessons[0];
        let playback = learner.get(&format!("/lessons/{lesson}/playback")).await.expect(200);
        let viewing = playback["viewing_id"].as_str().unwrap().parse().unwrap();
        self.belongs(lesson, viewing);
        viewing
    }

    pub(super) async fn attempt(&self, place: Place) -> Uuid {
        let learner = self.learner(place).await;
        let quiz = self.written(place.code(), &question(), &learner).await;
        let begun = learner.post(&format!("/lessons/{quiz}/quiz-attempts"), &json!({})).await.expect(201);
        let attempt = id_of(&begun);
        self.belongs(id_of(&begun["questions"][0]), attempt);
        attempt
    }

    pub(super) async fn carded(&self, code: &str) -> Uuid {
        let resident = self.app.on_record(code, &Person::default()).await.id;
        let _ = self.admin.post(&format!("/residents/{resident}/learner-cards"), &json!({})).await.expect(201);
        resident
    }

    /// A device that somebody has logged in on; nobody in particular has none of their own.
    pub(super) async fn device(&self, place: Place) -> Uuid {
        let account = match self.asking.account_id {
            Some(own) if place == Place::Own => own,
            _ => self.app.resident(place.code()).await.account_id.unwrap(),
        };
        let id = Uuid::new_v4();
        let device = format!(
            "INSERT INTO known_devices (id, account_id, token_hash, created_at, last_seen_at, expires_at) \
             VALUES ('{id}', '{account}', decode(md5('{id}'), 'hex'), now(), now(), now() + interval '1 year')"
        );
        execute(&self.app.owner_url(), &device).await;
        id
    }
}
