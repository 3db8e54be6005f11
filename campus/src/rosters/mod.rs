//! Rosters: what branch schools hand in, read and judged row by row, staged, and registered
//! when the branch confirms.

mod confirmation;
mod intake;
pub mod jobs;
pub mod judging;
mod lists;
mod private;
mod queries;
pub mod reading;
mod rows;
#[cfg(test)]
mod samples;
mod staging;
mod wording;

use bytes::Bytes;
use diesel_async::AsyncConnection;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use confirmation::{Confirmation, confirm};
pub use lists::{LONGEST_LIST, Listed, listed};
pub use rows::{RosterImport, RosterProblem, Status};

use self::intake::{Reading, Trouble};
use crate::Campus;
use crate::access::{Actor, CanManage, Proof};
use crate::audit;
use crate::branches::{self, Branch};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};

/// The largest file that is taken, in bytes.
pub const LARGEST_FILE: usize = reading::LARGEST_FILE;
/// The most rows that are judged while somebody waits; longer files are left to the worker.
pub const MOST_ROWS_AT_ONCE: usize = 20_000;
/// How long a staged import can be confirmed.
pub const PATIENCE: Duration = Duration::hours(24);
/// The most problems that come with an import; the others are in [`problems`].
pub const PROBLEMS_SHOWN: i64 = 2_000;

/// A file that was handed in.
#[derive(Debug, Clone)]
pub struct NewRoster {
    /// Its name on the computer it came from.
    pub file_name: String,
    /// Its bytes, at most [`LARGEST_FILE`].
    pub content: Bytes,
}

/// Reads a file and stages its rows; nobody is registered. A long file is put by for the
/// worker: its import comes back as [`Status::Queued`].
///
/// # Errors
/// The refusal of a file that is no roster (`roster_…` codes).
pub async fn import(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Branch>,
    roster: NewRoster,
) -> Result<RosterImport> {
    let reading = intake::read(roster.content.clone()).await.map_err(|trouble| match trouble {
        Trouble::Refused(refusal) => {
            tracing::info!(%refusal, "the roster was refused");
            wording::refused(&refusal)
        }
        Trouble::Failed(error) => error,
    })?;
    let now = campus.clock.now();
    let import = RosterImport {
        id: new_id(),
        branch_id: proof.object().id,
        account_id: actor.account_id,
        file_name: file_name(&roster.file_name),
        status: Status::Queued,
        progress: 0,
        failure: None,
        failure_extra: None,
        rows: 0,
        counts: json!({}),
        sheets: json!({"read": [], "ignored": []}),
        registered: None,
        created_at: now,
        expires_at: now + PATIENCE,
        confirmed_at: None,
    };
    if reading.row_count() > MOST_ROWS_AT_ONCE {
        drop(reading);
        put_by(campus, actor, import, &roster.content).await
    } else {
        drop(roster);
        stage(campus, actor, import, reading).await
    }
}

async fn stage(campus: &Campus, actor: &Actor, import: RosterImport, reading: Reading) -> Result<RosterImport> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::insert(connection, &import).await?;
            let content = staging::stage(campus, connection, import.id, reading, &mut staging::Nobody).await?;
            queries::mark_staged(connection, import.id, &content).await?;
            let import = queries::lock(connection, import.id).await?;
            note(connection, import.created_at, Some(actor), "roster.staged", &import).await?;
            Ok(import)
        })
        .await
}

async fn put_by(campus: &Campus, actor: &Actor, import: RosterImport, content: &[u8]) -> Result<RosterImport> {
    let sealed = private::seal_file(&campus.seal, import.id, content)?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::insert(connection, &import).await?;
            queries::keep_file(connection, import.id, &sealed).await?;
            jobs::enqueue_reading(connection, import.id, import.created_at).await?;
            note(connection, import.created_at, Some(actor), "roster.queued", &import).await
        })
        .await?;
    campus.signals.wake_workers().await;
    Ok(import)
}

/// Proof that the actor may see and confirm this import: staff those of their own branch
/// and below, admins all.
///
/// # Errors
/// [`Code::NotFound`] for an import that is absent or not theirs.
pub async fn manageable(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<CanManage<RosterImport>> {
    let branches = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let import = queries::within(connection, branches.as_deref(), id).await?;
    import.map(Proof::issue).ok_or_else(|| Error::code(Code::NotFound))
}

/// The imports of a branch, the newest first.
///
/// # Errors
/// A bad page.
pub async fn list(
    connection: &mut Connection,
    proof: &CanManage<Branch>,
    request: &PageRequest,
) -> Result<Page<RosterImport>> {
    let limit = request.limit()?;
    let items = queries::of_branch(connection, proof.object().id, request.position()?, limit + 1).await?;
    page(items, limit, |import| import.id)
}

/// The first problems of an import, at most [`PROBLEMS_SHOWN`], in the order of the file.
///
/// # Errors
/// What the database says.
pub async fn first_problems(connection: &mut Connection, import: &RosterImport) -> Result<Vec<RosterProblem>> {
    queries::problems(connection, import.id, None, PROBLEMS_SHOWN).await
}

/// All problems of an import, page by page, in the order of the file.
///
/// # Errors
/// A bad page.
pub async fn problems(
    connection: &mut Connection,
    proof: &CanManage<RosterImport>,
    request: &PageRequest,
) -> Result<Page<RosterProblem>> {
    let limit = request.limit()?;
    let items = queries::problems(connection, proof.object().id, request.position()?, limit + 1).await?;
    page(items, limit, |problem| problem.row)
}

/// The name of a file without its folders and without what cannot be shown.
fn file_name(raw: &str) -> String {
    const LONGEST: usize = 120;
    let name = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|character| !character.is_control()).take(LONGEST).collect();
    let name = name.trim();
    if name.is_empty() { "名册".to_owned() } else { name.to_owned() }
}

/// Writes what happened to an import into the audit.
async fn note(
    connection: &mut Connection,
    at: OffsetDateTime,
    actor: Option<&Actor>,
    action: &'static str,
    import: &RosterImport,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "roster_import",
        object_id: Some(import.id),
        branch_id: Some(import.branch_id),
        detail: json!({
            "rows": import.rows, "counts": import.counts, "registered": import.registered, "failure": import.failure,
        }),
        actor,
    };
    audit::record(connection, at, &entry).await
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn file_names_lose_their_folders() {
        assert_eq!(file_name("C:\\名册\\春晓.xlsx"), "春晓.xlsx");
        assert_eq!(file_name("../../etc/春晓\u{0}.csv"), "春晓.csv");
        assert_eq!(file_name(" "), "名册");
        assert_eq!(file_name(&"长".repeat(500)).chars().count(), 120);
    }
}
