//! Learner cards: printed by staff, they say who somebody is. A card and a PIN open a session; a
//! card alone opens nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::card_queries::{self as queries, NewCard};
use super::session::{hash, hash_typed};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::{new_id, readable_secret};
use crate::residents::{self, Resident};

/// The most cards that are issued at once, each printed on a sheet of ten.
pub const MOST_CARDS: usize = 200;

/// A card as it is printed, once: what opens it is kept as digests alone.
#[derive(Debug, Clone)]
pub struct IssuedCard {
    /// The card.
    pub id: Uuid,
    /// Whose it is.
    pub resident_id: Uuid,
    /// Their name.
    pub name: String,
    /// Their learner number.
    pub learner_number: String,
    /// 128 random bits, base64url: for the QR.
    pub token: String,
    /// Three groups of four, to type where there is no camera.
    pub code: String,
}

/// What staff see of somebody's card.
#[derive(Debug, Clone)]
pub struct CardState {
    /// When the standing card was issued; none: there is none.
    pub issued_at: Option<OffsetDateTime>,
    /// Whether its holder has set a PIN.
    pub has_pin: bool,
}

/// Issues a card for each of these residents. Whatever card they had is void.
///
/// # Errors
/// [`Code::CardListEmpty`], [`Code::CardListTooLong`].
pub async fn issue_cards(campus: &Campus, actor: &Actor, proofs: &[CanManage<Resident>]) -> Result<Vec<IssuedCard>> {
    if proofs.is_empty() {
        return Err(Error::field("resident_ids", Code::CardListEmpty));
    }
    if proofs.len() > MOST_CARDS {
        return Err(Error::field("resident_ids", Code::CardListTooLong));
    }
    let issued: Vec<IssuedCard> = proofs.iter().map(|proof| new_card(proof.object())).collect();
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut people: Vec<Uuid> = issued.iter().map(|card| card.resident_id).collect();
            people.sort_unstable();
            people.dedup();
            if people.len() < issued.len() {
                return Err(Error::field("resident_ids", Code::CardListRepeats));
            }
            residents::lock(connection, &people).await?;
            let records = records_of(connection, &people).await?;
            queries::revoke(connection, &records, "reissued", now).await?;
            let kept: Vec<NewCard> = issued.iter().map(|card| as_kept(card, actor, now)).collect();
            queries::insert(connection, &kept).await?;
            for proof in proofs {
                note(connection, actor, "card.issued", proof.object(), now).await?;
            }
            Ok(())
        })
        .await?;
    Ok(issued)
}

fn new_card(resident: &Resident) -> IssuedCard {
    let bits: [u8; 16] = rand::random();
    IssuedCard {
        id: new_id(),
        resident_id: resident.id,
        name: resident.name.clone(),
        learner_number: resident.learner_number.clone(),
        token: URL_SAFE_NO_PAD.encode(bits),
        code: readable_secret(3),
    }
}

fn as_kept(card: &IssuedCard, actor: &Actor, now: OffsetDateTime) -> NewCard {
    NewCard {
        id: card.id,
        resident_id: card.resident_id,
        token_hash: hash(&card.token),
        code_hash: hash_typed(&card.code),
        issued_at: now,
        issued_by: actor.account_id,
    }
}

/// Makes a resident's card void, for whoever has lost it and wants none.
///
/// # Errors
/// [`Code::NotFound`] when there is none.
pub async fn revoke_card(campus: &Campus, actor: &Actor, proof: &CanManage<Resident>) -> Result<()> {
    let (now, resident) = (campus.clock.now(), proof.object());
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let records = records_of(connection, &[resident.id]).await?;
            if queries::revoke(connection, &records, "revoked", now).await? == 0 {
                return Err(Error::code(Code::NotFound));
            }
            note(connection, actor, "card.revoked", resident, now).await
        })
        .await
}

/// The records of these persons: a card may have been issued for one that was merged since.
async fn records_of(connection: &mut Connection, persons: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(residents::records_of(connection, persons).await?.into_keys().collect())
}

/// How it stands with a resident's card.
///
/// # Errors
/// What the database says.
pub async fn card_state(connection: &mut Connection, proof: &CanManage<Resident>) -> Result<CardState> {
    let records = records_of(connection, &[proof.object().id]).await?;
    let issued_at = queries::issued_at(connection, &records).await?;
    let has_pin = match queries::accounts_of(connection, &records).await?.first() {
        Some(account) => queries::pin_hash(connection, *account).await?.is_some(),
        None => false,
    };
    Ok(CardState { issued_at, has_pin })
}

/// The person whose standing card this is, by what was scanned from it or typed.
///
/// # Errors
/// What the database says.
pub async fn card_holder(connection: &mut Connection, card: &str) -> Result<Option<Uuid>> {
    let (token, code) = (hash(card.trim()), hash_typed(card));
    match queries::holder(connection, &token, &code).await? {
        Some(record) => Ok(Some(residents::find(connection, record).await?.id)),
        None => Ok(None),
    }
}

/// The person whose standing card this is, where the actor looks after them.
///
/// # Errors
/// [`Code::CardUnknown`] for a card that is none; [`Code::NotFound`] for one of somebody else's resident.
pub async fn managed_by_card(connection: &mut Connection, actor: &Actor, card: &str) -> Result<CanManage<Resident>> {
    let holder = card_holder(connection, card).await?;
    let holder = holder.ok_or_else(|| Error::field("card", Code::CardUnknown))?;
    residents::manageable(connection, actor, holder).await
}

/// The account behind what was scanned from a card, or typed.
pub(super) async fn account_behind(connection: &mut Connection, card: &str) -> Result<Option<Uuid>> {
    Ok(accounts_behind(connection, card).await?.first().copied())
}

/// All accounts of the person whose card this is, the one that it logs in to first.
pub(super) async fn accounts_behind(connection: &mut Connection, card: &str) -> Result<Vec<Uuid>> {
    match card_holder(connection, card).await? {
        Some(person) => {
            let records = records_of(connection, &[person]).await?;
            queries::accounts_of(connection, &records).await
        }
        None => Ok(Vec::new()),
    }
}

async fn note(
    connection: &mut Connection,
    actor: &Actor,
    action: &'static str,
    resident: &Resident,
    at: OffsetDateTime,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "resident",
        object_id: Some(resident.id),
        branch_id: Some(resident.branch_id),
        detail: json!({}),
        actor: Some(actor),
    };
    audit::record(connection, at, &entry).await
}
