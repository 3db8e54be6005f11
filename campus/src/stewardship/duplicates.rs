//! Records that are likely to be of one person, for staff to look at.

use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

use super::duplicate_queries::{self as queries, Pair};
use super::likeness::{Likeness, are_alike, sound_alike};
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::branches::{self, scope};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, PageRequest, cursor, page};
use crate::residents::{self, Resident};

/// How many residents one statement looks at.
const STRIDE: i64 = 5_000;
/// How many statements one request may take: a page may come out shorter, and the next goes on.
const MOST_STRIDES: usize = 10;

/// Two records that look alike.
#[derive(Debug, Clone)]
pub struct Duplicate {
    /// The older record.
    pub first: Resident,
    /// The newer one.
    pub second: Resident,
    /// Why.
    pub likenesses: Vec<Likeness>,
}

/// Pairs within the actor's branches that look alike and that nobody has told apart, by the older
/// record. A page may be shorter than was asked for, even empty, while there are more to come.
///
/// # Errors
/// A bad page; [`Code::NotFound`] for residents and for a branch that is not theirs.
pub async fn duplicates(
    connection: &mut Connection,
    actor: &Actor,
    branch_id: Option<Uuid>,
    request: &PageRequest,
) -> Result<Page<Duplicate>> {
    let limit = request.limit()?;
    let wanted = usize::try_from(limit).map_err(Error::internal)?;
    let scope = match branch_id {
        Some(id) => branches::Scope::Below(branches::manageable(connection, actor, id).await?.object().id),
        None => scope(actor)?,
    };
    let within = branches::ids_within(connection, &scope).await?;
    // The last pair that has been seen; pairs go by the older record, then by the newer.
    let mut position: (Uuid, Uuid) = request.position()?.unwrap_or_default();
    let mut found: Vec<(Pair, Vec<Likeness>)> = Vec::new();
    let mut exhausted = false;
    for _ in 0..MOST_STRIDES {
        let stride = queries::stride(connection, within.as_deref(), position.0, STRIDE).await?;
        let pairs = queries::pairs(connection, within.as_deref(), &stride).await?;
        let pairs = pairs.into_iter().filter(|pair| (pair.first_id, pair.second_id) > position);
        let alike = pairs.map(|pair| {
            let why = likenesses(&pair);
            (pair, why)
        });
        found.extend(alike.filter(|(_, why)| !why.is_empty()));
        exhausted = i64::try_from(stride.len()).is_ok_and(|length| length < STRIDE);
        if found.len() > wanted || exhausted {
            break;
        }
        if let Some(last) = stride.last() {
            position = (*last, Uuid::max());
        }
    }
    let more = found.len() <= wanted && !exhausted;
    let pairs = page(found, limit, |(pair, _)| (pair.first_id, pair.second_id))?;
    let next_cursor = if more { Some(cursor(&position)?) } else { pairs.next_cursor };
    let ids: Vec<Uuid> = pairs.items.iter().flat_map(|(pair, _)| [pair.first_id, pair.second_id]).collect();
    let people = residents::as_recorded(connection, &ids).await?;
    let of = |id: Uuid| people.iter().find(|person| person.id == id).cloned();
    let items = pairs.items.into_iter().filter_map(|(pair, likenesses)| {
        Some(Duplicate { first: of(pair.first_id)?, second: of(pair.second_id)?, likenesses })
    });
    Ok(Page { items: items.collect(), next_cursor })
}

fn likenesses(pair: &Pair) -> Vec<Likeness> {
    let mut why = Vec::new();
    if pair.same_id_number {
        why.push(Likeness::IdNumber);
    }
    if pair.first_name == pair.second_name && are_alike(pair.first_birth_date, pair.second_birth_date) {
        why.push(Likeness::BirthDate);
    }
    if pair.same_phone && sound_alike(&pair.first_name, &pair.second_name) {
        why.push(Likeness::Phone);
    }
    why
}

/// Remembers that two records which look alike are of two persons. Answers whether that is new.
///
/// # Errors
/// [`Code::NotFound`] for a resident who is not theirs; [`Code::SamePerson`].
pub async fn tell_apart(campus: &Campus, actor: &Actor, id: Uuid, other_id: Uuid) -> Result<bool> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let one = residents::manageable(connection, actor, id).await?;
            let other = residents::manageable(connection, actor, other_id).await?;
            let (one, other) = (one.object(), other.object());
            if one.id == other.id {
                return Err(Error::code(Code::SamePerson));
            }
            let (first, second) = (one.id.min(other.id), one.id.max(other.id));
            let new = queries::insert_distinction(connection, first, second, actor.account_id, now).await?;
            if new {
                let entry = audit::Entry {
                    action: "resident.told_apart",
                    object_kind: "resident",
                    object_id: Some(one.id),
                    branch_id: Some(one.branch_id),
                    detail: json!({"other": other.id}),
                    actor: Some(actor),
                };
                audit::record(connection, now, &entry).await?;
            }
            Ok(new)
        })
        .await
}
