//! The dossier of a year for the walk through the table.

use serde_json::json;
use tests::id_of;
use uuid::Uuid;

use super::Walk;

impl Walk {
    /// One that is being made: nobody runs the jobs.
    pub(super) async fn dossier(&self, code: &str) -> Uuid {
        let branch = self.app.branch(code).id;
        id_of(&self.admin.post("/reports/years/2026/dossiers", &json!({"branch_id": branch})).await.body)
    }
}
