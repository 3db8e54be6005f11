//! What is filed, with all that belongs to it, whatever the number in a few statements.

use std::collections::HashMap;

use uuid::Uuid;

use super::queries;
use super::rows::{Claim, PostedCredits, Recognition};
use crate::credits;
use crate::db::Connection;
use crate::error::{Code, Error, Result};

pub(super) async fn one(connection: &mut Connection, id: Uuid) -> Result<Claim> {
    let found = queries::find(connection, id).await?.into_iter().collect();
    all(connection, found).await?.pop().ok_or_else(|| Error::code(Code::NotFound))
}

pub(super) async fn all(connection: &mut Connection, found: Vec<Recognition>) -> Result<Vec<Claim>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = found.iter().map(|recognition| recognition.id).collect();
    let transfers: Vec<Uuid> = found.iter().filter_map(|recognition| recognition.transfer_id).collect();
    let outcomes: HashMap<Uuid, _> =
        queries::outcomes(connection).await?.into_iter().map(|outcome| (outcome.id, outcome)).collect();
    let names = queries::names(connection, &ids).await?;
    let mut steps = queries::steps(connection, &ids).await?;
    let mut photos: HashMap<Uuid, Vec<_>> = HashMap::new();
    for photo in queries::photos(connection, &ids).await? {
        photos.entry(photo.recognition_id).or_default().push(photo);
    }
    let mut posted = credits::transfers_with_ids(connection, &transfers).await?;
    found
        .into_iter()
        .map(|recognition| {
            let transfer = recognition.transfer_id.and_then(|id| posted.remove(&id));
            Ok(Claim {
                resident_name: names.get(&recognition.id).cloned().unwrap_or_default(),
                outcome: outcomes
                    .get(&recognition.outcome_id)
                    .cloned()
                    .ok_or_else(|| Error::internal("an outcome is gone from the catalogue"))?,
                steps: steps.remove(&recognition.id).unwrap_or_default(),
                photos: photos.remove(&recognition.id).unwrap_or_default(),
                posted: transfer.map(|(transfer, reversed_at)| PostedCredits { transfer, reversed_at }),
                recognition,
            })
        })
        .collect()
}
