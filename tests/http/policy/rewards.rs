//! Rewards for the walk, and what somebody has chosen.

use serde_json::json;
use tests::id_of;
use uuid::Uuid;

use super::{Place, Walk};

impl Walk {
    /// A reward that is offered.
    pub(super) async fn reward(&self) -> Uuid {
        let reward = json!({"title": "毛巾", "price": 30, "stock": 10});
        id_of(&self.admin.post("/rewards", &reward).await.expect(201))
    }

    /// What somebody of the branch has chosen: the one who asks, where it is to be their own.
    pub(super) async fn redemption(&self, place: Place) -> Uuid {
        let who = match self.asking.resident_id {
            Some(_) if place == Place::Own => self.asking.clone(),
            _ => self.app.resident(place.code()).await,
        };
        let award = json!({"residents": [{"id": who.resident_id.unwrap()}], "unit": "point", "amount": "30",
            "reason": Uuid::new_v4().to_string(), "earned_on": "2026-11-20"});
        let _ = self.admin.post("/credit-awards", &award).await.expect(201);
        let path = format!("/rewards/{}/redemptions", self.reward().await);
        id_of(&who.post(&path, &json!({})).await.expect(201))
    }
}
