//! The year's dossier (台账): figures, lists, documents and pictures of a year as one archive with an index,
//! made in the background and taken away by a link that ends.

mod files;
mod jobs;
mod lists;
mod making;
mod package;
mod queries;
mod rows;

use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

pub use jobs::{handlers, schedules};
pub use rows::{Dossier, State};

use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::audit;
use crate::branches::{self, Branch};
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::reports;

/// For how many days it can be taken away.
pub const KEPT_DAYS: i64 = 7;

/// Has the dossier of a year made, of a branch and those below it or, without one, of the whole street. While
/// one is being made that one is the answer; `true`: it was begun by this.
///
/// # Errors
/// [`Code::YearInvalid`]; [`Code::NotFound`] for the whole street to those who do not look after it.
pub async fn request(
    campus: &Campus,
    actor: &Actor,
    proof: Option<&CanManage<Branch>>,
    year: i32,
) -> Result<(Dossier, bool)> {
    reports::begun(campus, year)?;
    if proof.is_none() && !actor.is_admin() {
        return Err(Error::code(Code::NotFound));
    }
    let now = campus.clock.now();
    let branch = proof.map(|proof| proof.object().id);
    let dossier = Dossier {
        id: new_id(),
        year,
        branch_id: branch,
        state: State::Making.as_str().to_owned(),
        done: 0,
        parts: making::PARTS,
        object_key: None,
        files: None,
        size: None,
        sha256: None,
        requested_by: actor.account_id,
        requested_at: now,
        finished_at: None,
    };
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if !queries::insert(connection, &dossier).await? {
                return Ok((queries::in_the_making(connection, year, branch).await?, false));
            }
            jobs::enqueue_making(connection, &dossier).await?;
            note(connection, actor, "dossier.requested", &dossier, now).await?;
            Ok((dossier, true))
        })
        .await
}

/// The dossiers of a year that the actor may take away, the newest first.
///
/// # Errors
/// What the database says.
pub async fn dossiers(campus: &Campus, actor: &Actor, year: i32) -> Result<Vec<Dossier>> {
    let connection = &mut *campus.database.connection().await?;
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    queries::of_year(connection, year, within.as_deref()).await
}

/// One dossier.
///
/// # Errors
/// [`Code::NotFound`] for one that is absent or not theirs.
pub async fn dossier(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Dossier> {
    let connection = &mut *campus.database.connection().await?;
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    queries::within(connection, id, within.as_deref()).await?.ok_or_else(|| Error::code(Code::NotFound))
}

/// A link under which the archive can be taken away; that it was given is written down.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::DossierNotReady`] for one that is not made yet, failed, or was removed.
pub async fn link(campus: &Campus, actor: &Actor, site: &str, id: Uuid) -> Result<String> {
    let dossier = dossier(campus, actor, id).await?;
    let ready = dossier.object_key.as_deref().filter(|_| dossier.state() == State::Ready);
    let key = ready.ok_or_else(|| Error::code(Code::DossierNotReady))?;
    let connection = &mut *campus.database.connection().await?;
    let whose = match dossier.branch_id {
        Some(branch) => branches::name(connection, branch).await?,
        None => "全街道".to_owned(),
    };
    let name = format!("{}-{}-台账.zip", dossier.year, whose.replace(['/', '\\'], "-"));
    let link = campus.storage.named_link(site, key, &name).await?;
    note(connection, actor, "dossier.taken_away", &dossier, campus.clock.now()).await?;
    Ok(link)
}

async fn note(
    connection: &mut crate::db::Connection,
    actor: &Actor,
    action: &'static str,
    dossier: &Dossier,
    now: time::OffsetDateTime,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "dossier",
        object_id: Some(dossier.id),
        branch_id: dossier.branch_id,
        detail: json!({"year": dossier.year}),
        actor: Some(actor),
    };
    audit::record(connection, now, &entry).await
}
