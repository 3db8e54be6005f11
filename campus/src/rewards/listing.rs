//! What has been chosen, for those who hand it over.

use uuid::Uuid;

use super::guessing::Guess;
use super::queries::{self, Wanted};
use super::rows::Redemption;
use crate::Campus;
use crate::access::Actor;
use crate::accounts;
use crate::branches;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, PageRequest, page};
use crate::residents::{self, Resident};

/// Which redemptions are looked for; each part that is said narrows it down.
#[derive(Debug, Clone, Default)]
pub struct RedemptionFilter {
    /// `held`, `handed_over`, `cancelled`, `expired` or `taken_back`.
    pub status: Option<String>,
    /// With these six digits.
    pub code: Option<String>,
    /// Of whoever has this card, scanned or typed.
    pub card: Option<String>,
}

/// A redemption in the list.
#[derive(Debug, Clone)]
pub struct RedemptionItem {
    /// The redemption.
    pub redemption: Redemption,
    /// Whose it is; `None`: they have left.
    pub holder: Option<Resident>,
}

/// What residents of the actor's branches have chosen, the newest first.
///
/// # Errors
/// A bad page; [`Code::NotFound`] for residents; [`Code::HandOverCardWrong`] for a card that is none; too many wrong
/// codes.
pub async fn list(
    campus: &Campus,
    actor: &Actor,
    filter: &RedemptionFilter,
    request: &PageRequest,
) -> Result<Page<RedemptionItem>> {
    let code = filter.code.as_deref().map(str::trim).filter(|code| !code.is_empty());
    let Some(code) = code else { return found(campus, actor, filter, None, request).await };
    let guess = Guess::admit(campus, actor).await?;
    let page = found(campus, actor, filter, Some(code.to_owned()), request).await?;
    if page.items.is_empty() {
        guess.wrong(None).await?;
    } else {
        guess.right().await;
    }
    Ok(page)
}

async fn found(
    campus: &Campus,
    actor: &Actor,
    filter: &RedemptionFilter,
    code: Option<String>,
    request: &PageRequest,
) -> Result<Page<RedemptionItem>> {
    let connection = &mut *campus.database.connection().await?;
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let records = match &filter.card {
        Some(card) => {
            let holder = accounts::card_holder(connection, card).await?;
            let holder = holder.ok_or_else(|| Error::field("card", Code::HandOverCardWrong))?;
            Some(residents::records(connection, holder).await?)
        }
        None => None,
    };
    let wanted = Wanted { records, within, status: filter.status.clone(), code };
    let limit = request.limit()?;
    let found = queries::redemptions(connection, &wanted, request.position()?, limit + 1).await?;
    let found = page(found, limit, |redemption| redemption.id)?;
    let ids: Vec<Uuid> = found.items.iter().map(|redemption| redemption.resident_id).collect();
    let holders = residents::with_ids(connection, &ids).await?;
    let items = found.items.into_iter().map(|redemption| {
        let holder = holders.iter().find(|holder| holder.record.id == redemption.resident_id);
        RedemptionItem { holder: holder.map(|holder| holder.person.clone()), redemption }
    });
    Ok(Page { items: items.collect(), next_cursor: found.next_cursor })
}
