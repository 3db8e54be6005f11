//! Venues, for the walk.

use serde_json::json;
use tests::{Person, id_of};
use uuid::Uuid;

use super::Walk;

impl Walk {
    /// An open venue of the branch.
    pub(super) async fn venue(&self, code: &str) -> Uuid {
        let path = format!("/branches/{}/venues", self.app.branch(code).id);
        id_of(&self.admin.post(&path, &json!({"name": Person::default().name, "seats": 40})).await.expect(201))
    }
}
