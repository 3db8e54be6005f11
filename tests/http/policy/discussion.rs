//! Questions and finished courses for the walk.

use serde_json::json;
use tests::database::execute;
use uuid::Uuid;

use super::{Place, Walk};
use crate::policy_cases::Object;

impl Walk {
    /// A question about a course of the branch. The one who asks is in that course, unless the
    /// question is to be their own and is another's.
    pub(super) async fn question(&self, object: Object, place: Place) -> Uuid {
        let (app, id) = (&self.app, Uuid::new_v4());
        let course = app.published_course(place.code(), 1, 60).await;
        let own = self.asking.resident_id.filter(|_| object == Object::OwnQuestion && place == Place::Own);
        if self.asking.resident_id.is_some() && (own.is_some() || object == Object::SeenQuestion) {
            let _ = self.asking.put(&format!("/courses/{}/enrollment", course.id), &json!({})).await.expect(201);
        }
        let asker = match own {
            Some(own) => own,
            None => app.on_record(place.code(), &tests::Person::default()).await.id,
        };
        let (lesson, course) = (course.lessons[0], course.id);
        let question = format!(
            "INSERT INTO lesson_questions (id, lesson_id, origin_id, course_id, resident_id, body, asked_at) \
             VALUES ('{id}', '{lesson}', '{lesson}', '{course}', '{asker}', '怎么放大字体？', now())"
        );
        execute(&app.owner_url(), &question).await;
        id
    }

    /// A course that the one who asks has finished, where they are a resident.
    pub(super) async fn finished(&self, code: &str) -> Uuid {
        let course = self.app.published_course(code, 1, 60).await.id;
        if let Some(resident) = self.asking.resident_id {
            let enrollment = format!(
                "INSERT INTO enrollments (resident_id, course_id, enrolled_at, completed_at, version) \
                 VALUES ('{resident}', '{course}', now(), now(), 1)"
            );
            execute(&self.app.owner_url(), &enrollment).await;
        }
        course
    }
}
