//! Drawing lists up, freezing them, and reading what was frozen.

use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::criteria::{self, Criteria};
use super::names;
use super::queries::{self, Ranked};
use super::rows::{Content, Drawn, Entry, Frozen, FrozenSummary, HonourList};
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::branches::{self, Scope};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::idempotency::{self, Request};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};
use crate::writing;

/// The longest title, in characters.
const TITLE: usize = 80;

/// Draws up who would be honoured; nothing is kept.
///
/// # Errors
/// The fields that are wrong.
pub async fn draw_up(campus: &Campus, criteria: &Criteria) -> Result<Drawn> {
    let connection = &mut *campus.database.connection().await?;
    let content = content(campus, connection, String::new(), criteria).await?;
    let digest = hash(&serde_json::to_string(&content)?);
    Ok(Drawn { digest, honours: names::named(connection, content).await? })
}

/// All three lists as of one moment.
async fn content(campus: &Campus, connection: &mut Connection, title: String, criteria: &Criteria) -> Result<Content> {
    connection
        .build_transaction()
        .read_only()
        .repeatable_read()
        .run(async |connection| lists(campus, connection, title, criteria).await)
        .await
}

async fn lists(campus: &Campus, connection: &mut Connection, title: String, criteria: &Criteria) -> Result<Content> {
    criteria::check(campus, connection, criteria).await?;
    let within = match criteria.branch_id {
        Some(branch) => branches::ids_within(connection, &Scope::Below(branch)).await?,
        None => None,
    };
    let within = within.as_deref();
    let individuals = queries::individuals(connection, criteria, within).await?;
    let families = queries::families(connection, criteria, within).await?;
    let units = queries::units(connection, criteria, within).await?;
    Ok(Content {
        title,
        criteria: criteria.clone(),
        individuals: entries(individuals, criteria.individuals),
        families: entries(families, criteria.families),
        units: entries(units, criteria.units),
    })
}

/// Where more come in than there are places, those who share the last one are marked.
fn entries(ranked: Vec<Ranked>, places: u16) -> Vec<Entry> {
    let last = ranked.last().map(|last| last.rank).filter(|_| ranked.len() > usize::from(places));
    ranked
        .into_iter()
        .map(|found| Entry {
            rank: u32::try_from(found.rank).unwrap_or(u32::MAX),
            tied: last == Some(found.rank),
            id: found.id,
            members: found.members,
            value: found.value,
        })
        .collect()
}

fn hash(content: &str) -> String {
    hex::encode(Sha256::digest(content.as_bytes()))
}

/// Freezes who is honoured, for good: those who were drawn up under this digest, and nobody else.
///
/// # Errors
/// The fields that are wrong; [`Code::HonoursChanged`] where others would be by now.
pub async fn freeze(
    campus: &Campus,
    actor: &Actor,
    request: &Request,
    title: &str,
    criteria: &Criteria,
    digest: &str,
) -> Result<Frozen> {
    let title = writing::line(title, TITLE).map_err(|flaw| flaw.refusal("title", Code::Required))?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    let drawn = content(campus, connection, String::new(), criteria).await?;
    let unchanged = hash(&serde_json::to_string(&drawn)?) == digest;
    let id = connection
        .build_transaction()
        .run(async |connection| {
            if let Some(id) = idempotency::claim::<Uuid>(connection, request, now).await? {
                return Ok::<_, Error>(id);
            }
            if !unchanged {
                return Err(Error::code(Code::HonoursChanged));
            }
            let content = Content { title: title.clone(), ..drawn };
            let text = serde_json::to_string(&content)?;
            let id = new_id();
            let list =
                HonourList { id, title, hash: hash(&text), content: text, frozen_at: now, frozen_by: actor.account_id };
            queries::insert(connection, &list).await?;
            let entry = audit::Entry {
                action: "honours.frozen",
                object_kind: "honour_list",
                object_id: Some(id),
                branch_id: None,
                detail: json!({
                    "hash": list.hash, "individuals": content.individuals.len(), "families": content.families.len(),
                    "units": content.units.len(),
                }),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await?;
            idempotency::keep(connection, request, &id).await?;
            Ok(id)
        })
        .await?;
    read(connection, id).await
}

/// A frozen list, with names as they stand now.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn frozen(campus: &Campus, id: Uuid) -> Result<Frozen> {
    read(&mut *campus.database.connection().await?, id).await
}

async fn read(connection: &mut Connection, id: Uuid) -> Result<Frozen> {
    let (list, by) = queries::find(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    let content: Content = serde_json::from_str(&list.content)?;
    let intact = hash(&list.content) == list.hash;
    Ok(Frozen { summary: summary(list, by), intact, honours: names::named(connection, content).await? })
}

fn summary(list: HonourList, frozen_by: String) -> FrozenSummary {
    FrozenSummary { id: list.id, title: list.title, hash: list.hash, frozen_at: list.frozen_at, frozen_by }
}

/// What was frozen, the newest first.
///
/// # Errors
/// A bad page; what the database says.
pub async fn frozen_lists(campus: &Campus, request: &PageRequest) -> Result<Page<FrozenSummary>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let found = queries::list(connection, request.position()?, limit + 1).await?;
    let items = found.into_iter().map(|(list, by)| summary(list, by)).collect();
    page(items, limit, |summary: &FrozenSummary| summary.id)
}
