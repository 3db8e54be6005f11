//! One request, one effect, however often it is sent.
//!
//! The key is claimed inside the transaction that does the work: an equal request
//! that comes meanwhile waits at the unique index until the first has committed,
//! and then finds its answer.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::db::schema::idempotency_keys;
use crate::error::{Code, Error, Result};

/// What identifies a request: who sent it, to which route, under which key, saying what.
#[derive(Debug, Clone)]
pub struct Request {
    /// The account, or a fixed id for requests without one.
    pub actor_id: Uuid,
    /// The route's name.
    pub route: &'static str,
    /// The client's key.
    pub key: Uuid,
    /// SHA-256 of the typed input, secrets left out.
    pub fingerprint: Vec<u8>,
}

impl Request {
    /// A request whose input is `input` (its JSON form is what is compared).
    ///
    /// # Errors
    /// When the input cannot be written as JSON.
    pub fn new(actor_id: Uuid, route: &'static str, key: Uuid, input: &impl Serialize) -> Result<Self> {
        let fingerprint = Sha256::digest(serde_json::to_vec(input)?).to_vec();
        Ok(Self { actor_id, route, key, fingerprint })
    }
}

/// Claims the key. `None`: it is ours, do the work and call [`keep`] before committing.
/// `Some`: the answer that was given the first time.
///
/// # Errors
/// [`Code::IdempotencyKeyReused`] when the key came with another input before.
pub async fn claim<Answer: DeserializeOwned>(
    connection: &mut Connection,
    request: &Request,
    at: OffsetDateTime,
) -> Result<Option<Answer>> {
    let claimed = diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::actor_id.eq(request.actor_id),
            idempotency_keys::route.eq(request.route),
            idempotency_keys::key.eq(request.key),
            idempotency_keys::fingerprint.eq(&request.fingerprint),
            idempotency_keys::created_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    if claimed == 1 {
        return Ok(None);
    }
    earlier(connection, request).await?.map(Some).ok_or_else(|| Error::internal("an idempotency key vanished"))
}

/// The answer that this request was given before, if it was.
///
/// # Errors
/// [`Code::IdempotencyKeyReused`] when the key came with another input before.
pub async fn earlier<Answer: DeserializeOwned>(
    connection: &mut Connection,
    request: &Request,
) -> Result<Option<Answer>> {
    let known: Option<(Vec<u8>, Option<serde_json::Value>)> = idempotency_keys::table
        .find((request.actor_id, request.route, request.key))
        .select((idempotency_keys::fingerprint, idempotency_keys::answer))
        .first(connection)
        .await
        .optional()?;
    let Some((fingerprint, answer)) = known else { return Ok(None) };
    if fingerprint != request.fingerprint {
        return Err(Error::code(Code::IdempotencyKeyReused));
    }
    let answer = answer.ok_or_else(|| Error::internal("an idempotency key was committed without its answer"))?;
    Ok(Some(serde_json::from_value(answer)?))
}

/// Keeps the answer for whoever asks again.
///
/// # Errors
/// What the database says.
pub async fn keep(connection: &mut Connection, request: &Request, answer: &impl Serialize) -> Result<()> {
    diesel::update(idempotency_keys::table.find((request.actor_id, request.route, request.key)))
        .set(idempotency_keys::answer.eq(serde_json::to_value(answer)?))
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets keys older than `before`: nobody retries for that long.
///
/// # Errors
/// What the database says.
pub async fn forget(connection: &mut Connection, before: OffsetDateTime) -> Result<usize> {
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before)))
        .execute(connection)
        .await?)
}
