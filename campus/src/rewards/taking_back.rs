//! Taking back what was handed over by mistake: the points and the reward return.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::queries;
use super::redeeming::note;
use super::rows::Redemption;
use super::settling::of_staff;
use crate::Campus;
use crate::access::Actor;
use crate::credits;
use crate::error::{Code, Error, Result};
use crate::idempotency::Request;

/// Takes back what was handed over, for a reason that stands in the resident's account. Taken back already: that
/// is the answer again.
///
/// # Errors
/// [`Code::NotFound`] for one of another branch; [`Code::RedemptionNotHandedOver`]; the field `reason`.
pub async fn take_back(
    campus: &Campus,
    actor: &Actor,
    request: &Request,
    id: Uuid,
    reason: &str,
) -> Result<Redemption> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut redemption = of_staff(connection, actor, id).await?;
            match redemption.status.as_str() {
                "taken_back" => return Ok(redemption),
                "handed_over" => {}
                _ => return Err(Error::code(Code::RedemptionNotHandedOver)),
            }
            // A reward is locked before an account, here as when it is chosen.
            queries::put_back(connection, redemption.reward_id).await?;
            credits::reverse_redemption(campus, connection, actor, request, redemption.hold_id, reason).await?;
            "taken_back".clone_into(&mut redemption.status);
            redemption.settled_at = Some(campus.clock.now());
            redemption.settled_by = Some(actor.account_id);
            queries::settle(connection, &redemption).await?;
            note(connection, campus, Some(actor), "redemption.taken_back", &redemption).await?;
            Ok(redemption)
        })
        .await
}
