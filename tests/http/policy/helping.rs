//! Allowances for the walk.

use tests::database::execute;
use uuid::Uuid;

use super::{Place, Walk};
use crate::policy_cases::Object;

impl Walk {
    /// An allowance, between the one who asks and somebody else where it is theirs.
    pub(super) async fn help(&self, object: Object, place: Place) -> Uuid {
        let (app, id) = (&self.app, Uuid::new_v4());
        let (resident, helper) = (app.resident(place.code()).await, app.resident(place.code()).await);
        let own = self.asking.resident_id.filter(|_| place == Place::Own);
        let (resident, helper) = match (own, object) {
            (Some(own), Object::Help) => (own, helper.account_id),
            (Some(_), _) => (resident.resident_id.unwrap(), self.asking.account_id),
            (None, _) => (resident.resident_id.unwrap(), helper.account_id),
        };
        let allowance = format!(
            "INSERT INTO help_allowances (id, resident_id, helper_account_id, channel, granted_at, expires_at) \
             VALUES ('{id}', '{resident}', '{}', 'code', '2026-11-22T00:00+08', '2026-12-22T00:00+08')",
            helper.unwrap(),
        );
        execute(&app.owner_url(), &allowance).await;
        if object == Object::Help { id } else { resident }
    }
}
