//! The mails of a closed month: what became of them, and sending them again.

use std::collections::HashSet;

use diesel_async::AsyncConnection;
use serde_json::json;

use super::figures::{self, Wanted};
use super::letters;
use super::measures::Measure;
use super::queries;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::branches;
use crate::clock::Month;
use crate::error::{Code, Error, Result};
use crate::mail::{self, DeliveryState};

/// The mails of `month`, newest first; none where it is open.
///
/// # Errors
/// What the database says.
pub async fn month_mails(campus: &Campus, month: Month) -> Result<Vec<DeliveryState>> {
    mail::deliveries_about(&mut *campus.database.connection().await?, &letters::about(month)).await
}

/// Sends the mails of a closed month again: to everybody, or only to those whom none has reached. Answers how
/// many were queued.
///
/// # Errors
/// [`Code::MonthNotClosed`].
pub async fn resend(campus: &Campus, actor: &Actor, month: Month, only_missed: bool) -> Result<usize> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            // Two who press at once come one after the other: the second finds what the first has queued.
            queries::hold(connection, month).await?;
            if queries::closed(connection, &[month]).await?.is_empty() {
                return Err(Error::code(Code::MonthNotClosed));
            }
            let sent: HashSet<String> = mail::deliveries_about(connection, &letters::about(month))
                .await?
                .into_iter()
                .filter(|delivery| !delivery.failed)
                .map(|delivery| delivery.recipient)
                .collect();
            let branches = branches::list(connection).await?;
            let months = [month.previous(), month];
            let wanted = Wanted { months: &months, measures: Measure::ALL, reported: Some(month) };
            let mut kept = figures::load(connection, &campus.clock, branches, &wanted, Default::default()).await?;
            figures::with_december(connection, &campus.clock, &mut kept, month).await?;
            let to = |address: &str| !only_missed || !sent.contains(address);
            let queued = letters::queue(connection, &kept, month, to, now).await?;
            let entry = audit::Entry {
                action: "month.mails_resent",
                object_kind: "month",
                object_id: None,
                branch_id: None,
                detail: json!({"month": month.to_string(), "only_missed": only_missed, "mails": queued}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await?;
            Ok(queued)
        })
        .await
}
