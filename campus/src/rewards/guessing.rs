//! Six digits must not be found by trying: of one account so many wrong codes are admitted in a while, and
//! right ones are not counted.

use serde_json::json;
use uuid::Uuid;

use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::error::{Error, Result};
use crate::signals::Limit;

/// Wrong codes of one account.
const WRONG_CODES: Limit = Limit { count: 10, seconds: 900 };

/// A code that was let through and counted as a wrong one, until it turns out right.
pub(super) struct Guess<'a> {
    campus: &'a Campus,
    actor: &'a Actor,
}

impl<'a> Guess<'a> {
    /// Lets a code through.
    ///
    /// # Errors
    /// Too many wrong ones.
    pub(super) async fn admit(campus: &'a Campus, actor: &'a Actor) -> Result<Self> {
        let guess = Self { campus, actor };
        let admitted = campus.signals.admit(&guess.key(), WRONG_CODES).await;
        admitted.map_err(|retry_after_seconds| Error::TooMany { retry_after_seconds })?;
        Ok(guess)
    }

    fn key(&self) -> String {
        format!("reward_code:{}", self.actor.account_id)
    }

    /// It was right.
    pub(super) async fn right(self) {
        self.campus.signals.give_back(&self.key()).await;
    }

    /// It was wrong, for this redemption or for any.
    pub(super) async fn wrong(self, redemption: Option<Uuid>) -> Result<()> {
        let entry = audit::Entry {
            action: "redemption.code_wrong",
            object_kind: "redemption",
            object_id: redemption,
            branch_id: self.actor.branch_id,
            detail: json!({}),
            actor: Some(self.actor),
        };
        let connection = &mut *self.campus.database.connection().await?;
        audit::record(connection, self.campus.clock.now(), &entry).await
    }
}
