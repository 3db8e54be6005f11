//! Certificates for the walk through the table.

use tests::Person;
use tests::database::execute;
use uuid::Uuid;

use super::Walk;

impl Walk {
    /// One of a resident of the branch.
    pub(super) async fn certificate(&self, code: &str) -> Uuid {
        let (app, id) = (&self.app, Uuid::new_v4());
        let course = app.published_course(code, 1, 60).await.id;
        let resident = app.on_record(code, &Person::default()).await.id;
        let certificate = format!(
            "INSERT INTO certificates (id, code, resident_id, course_id, version, branch_id, course_title, credits, \
                 completed_at, issued_at) \
             VALUES ('{id}', '{}', '{resident}', '{course}', 1, '{}', '地震演练', 250, now(), now())",
            certificate_code(id),
            app.branch(code).id,
        );
        execute(&app.owner_url(), &certificate).await;
        id
    }
}

/// The code of the certificate with this id, in these tests.
pub(super) fn certificate_code(id: Uuid) -> String {
    id.simple().to_string().to_uppercase()[16..].to_owned()
}
