//! What somebody asks to be recognised, for the walk.

use tests::database::execute;
use tests::{Person, id_of};
use uuid::Uuid;

use super::{Place, Walk};
use crate::policy_cases::Object;

/// A year in which nobody has done anything.
pub(super) const NOBODY: &str = "from=2025-01-01&to=2025-12-31";

impl Walk {
    pub(super) async fn recognised_outcome(&self) -> Uuid {
        let entry = serde_json::json!({
            "kind": "certificate", "name": "急救证", "requirement": "证书原件", "basis": "each", "credits": "5.00",
        });
        id_of(&self.admin.post("/recognised-outcomes", &entry).await.expect(201))
    }

    /// A frozen list of nobody: one empty of people says no more of a branch than another.
    pub(super) async fn honours(&self) -> Uuid {
        let criteria = serde_json::json!({"from": "2025-01-01", "to": "2025-12-31"});
        let digest = self.admin.get(&format!("/honours?{NOBODY}")).await.expect(200)["digest"].clone();
        let list = serde_json::json!({"title": "年度表彰", "criteria": criteria, "digest": digest});
        id_of(&self.admin.post("/honour-lists", &list).await.expect(201)["summary"])
    }

    /// Something out of the ordinary about somebody of the branch, open.
    pub(super) async fn anomaly(&self, code: &str) -> Uuid {
        let (app, id) = (&self.app, Uuid::new_v4());
        let resident = app.on_record(code, &Person::default()).await.id;
        let anomaly = format!(
            "INSERT INTO anomalies (id, kind, subject, mark, period, evidence, figures, found_at) \
             VALUES ('{id}', 'shared_telephone', '{resident}', '', '2026-01-01', '{{{resident}}}', \
                 '{{\"kind\": \"shared_telephone\", \"people\": 9}}', now())"
        );
        execute(&app.owner_url(), &anomaly).await;
        id
    }

    /// An award to somebody of the branch that waits for another admin.
    pub(super) async fn proposal(&self, code: &str) -> Uuid {
        let (app, id) = (&self.app, Uuid::new_v4());
        let resident = app.on_record(code, &Person::default()).await.id;
        let proposal = format!(
            "INSERT INTO award_proposals (id, account_id, resident_ids, unit, amount, reason, earned_on, evidence, state, \
                 proposed_at) \
             VALUES ('{id}', '{}', '{{{resident}}}', 'credit', 200000, '志愿服务', '2026-11-20', 'listed', 'waiting', now())",
            self.admin.account_id.unwrap(),
        );
        execute(&app.owner_url(), &proposal).await;
        id
    }

    /// Something filed, by the one who asks where it is to be their own.
    pub(super) async fn claim(&self, object: Object, place: Place) -> Uuid {
        let (app, id, outcome) = (&self.app, Uuid::new_v4(), self.recognised_outcome().await);
        let photo = self.part_of(id);
        let resident = match self.asking.resident_id.filter(|_| place == Place::Own) {
            Some(own) => own,
            None => app.on_record(place.code(), &Person::default()).await.id,
        };
        let state = match object {
            Object::Drafted => "draft",
            Object::CheckedClaim => "checked",
            _ => "filed",
        };
        let filed = format!(
            "INSERT INTO recognitions (id, resident_id, branch_id, outcome_id, title, issuer, issued_on, state, \
                 rule_id, credits, notice_days, created_at) \
             SELECT '{id}', '{resident}', '{}', '{outcome}', '急救员', '红十字会', '2026-11-20', '{state}', \
                 CASE '{state}' WHEN 'draft' THEN NULL ELSE rule_id END, \
                 CASE '{state}' WHEN 'draft' THEN NULL ELSE credits END, notice_days, now() \
             FROM recognised_outcomes WHERE id = '{outcome}'; \
             INSERT INTO recognition_photos (id, recognition_id, content_type, size, object_key, created_at) \
             VALUES ('{photo}', '{id}', 'image/png', 1, 'recognitions/{id}/a.png', now())",
            app.branch(place.code()).id,
        );
        execute(&app.owner_url(), &filed).await;
        id
    }
}
