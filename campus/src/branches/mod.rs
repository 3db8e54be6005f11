//! Branch schools: the street centre and what lies below it, and their venues.

mod populations;
mod queries;
mod rows;
mod venue_queries;
pub mod venues;

use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub use populations::{Populations, group_populations, set_group_populations};
pub use rows::{Branch, NamedCode, Venue};

use crate::Campus;
use crate::access::{Actor, CanManage, CanView, Proof, Role};
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::ids::new_id;
use crate::language::Language;
use crate::writing;

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

/// A branch to be set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewBranch {
    /// 1 to 12 capital letters or digits, unique.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// The branch above it; `None` for the street centre.
    pub parent_id: Option<Uuid>,
    /// The people who live there.
    pub population: Option<i32>,
}

/// What may be changed about a branch; `None` leaves it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BranchChange {
    /// A new name.
    pub name: Option<String>,
    /// A new population.
    pub population: Option<i32>,
}

/// Every branch, the street centre first, then by code.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &mut Connection) -> Result<Vec<Branch>> {
    queries::all(connection).await
}

/// Sets up a branch.
///
/// # Errors
/// The fields that are wrong; [`Code::CodeTaken`].
pub async fn create(campus: &Campus, actor: &Actor, new: &NewBranch) -> Result<Branch> {
    let mut fields = Vec::new();
    if new.code.is_empty()
        || new.code.len() > 12
        || !new.code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        fields.push(FieldError { field: "code".to_owned(), code: Code::BranchCodeInvalid });
    }
    let name = read_name(&new.name, &mut fields);
    check_population(new.population, &mut fields);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let branch =
        Branch { id: new_id(), code: new.code.clone(), name, parent_id: new.parent_id, population: new.population };
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if let Some(parent) = branch.parent_id {
                queries::find(connection, parent)
                    .await?
                    .ok_or_else(|| Error::field("parent_id", Code::BranchUnknown))?;
            }
            if !queries::insert(connection, &branch, campus.clock.now()).await? {
                return Err(Error::code(Code::CodeTaken));
            }
            note(campus, connection, actor, "branch.created", &branch).await
        })
        .await?;
    Ok(branch)
}

/// Changes a branch's name or population.
///
/// # Errors
/// The fields that are wrong.
pub async fn change(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Branch>,
    change: &BranchChange,
) -> Result<Branch> {
    let mut fields = Vec::new();
    let name = change.name.as_ref().map(|name| read_name(name, &mut fields));
    check_population(change.population, &mut fields);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let mut branch = proof.object().clone();
    branch.name = name.unwrap_or(branch.name);
    branch.population = change.population.or(branch.population);
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::update(connection, &branch).await?;
            note(campus, connection, actor, "branch.changed", &branch).await
        })
        .await?;
    Ok(branch)
}

async fn note(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    action: &'static str,
    branch: &Branch,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "branch",
        object_id: Some(branch.id),
        branch_id: Some(branch.id),
        detail: json!({"code": branch.code, "population": branch.population}),
        actor: Some(actor),
    };
    audit::record(connection, campus.clock.now(), &entry).await
}

fn read_name(raw: &str, fields: &mut Vec<FieldError>) -> String {
    writing::or_refused(writing::line(raw, LONGEST_NAME), "name", Code::Required, fields)
}

fn check_population(population: Option<i32>, fields: &mut Vec<FieldError>) {
    if population.is_some_and(|people| people <= 0) {
        fields.push(FieldError { field: "population".to_owned(), code: Code::PopulationInvalid });
    }
}

/// Proof that the actor may run this branch: staff their own and those below, admins all.
///
/// # Errors
/// [`Code::NotFound`] for a branch that is absent or not theirs.
pub async fn manageable(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<CanManage<Branch>> {
    queries::within(connection, &scope(actor)?, id).await?.map(Proof::issue).ok_or_else(|| Error::code(Code::NotFound))
}

/// Proof for the branch that something new is made for: the one that is asked for, or else
/// the staff's own, and for admins the street centre.
///
/// # Errors
/// [`Code::BranchUnknown`] for `branch_id`: absent, not theirs, or no street centre yet.
pub async fn working_for(connection: &mut Connection, actor: &Actor, asked: Option<Uuid>) -> Result<CanManage<Branch>> {
    let branch = match asked.or(actor.branch_id) {
        Some(id) => queries::within(connection, &scope(actor)?, id).await?,
        None if actor.is_admin() => queries::street_centre(connection).await?,
        None => None,
    };
    branch.map(Proof::issue).ok_or_else(|| Error::field("branch_id", Code::BranchUnknown))
}

/// Proof that the actor may see this branch's figures in full: all staff may.
///
/// # Errors
/// [`Code::NotFound`] for a branch that is absent, or for residents.
pub async fn viewable(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<CanView<Branch>> {
    scope(actor)?;
    queries::find(connection, id).await?.map(Proof::issue).ok_or_else(|| Error::code(Code::NotFound))
}

/// The branches an actor's queries are limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    Everywhere,
    /// This one and those below it.
    Below(Uuid),
}

/// The scope of a staff account.
///
/// # Errors
/// [`Code::NotFound`] for residents: for them there is nothing here.
pub fn scope(actor: &Actor) -> Result<Scope> {
    match (actor.role, actor.branch_id) {
        (Role::Admin, _) => Ok(Scope::Everywhere),
        (Role::BranchStaff, Some(branch)) => Ok(Scope::Below(branch)),
        _ => Err(Error::code(Code::NotFound)),
    }
}

/// The ids of the branches within a scope; `None` for everywhere.
///
/// # Errors
/// What the database says.
pub async fn ids_within(connection: &mut Connection, scope: &Scope) -> Result<Option<Vec<Uuid>>> {
    match scope {
        Scope::Everywhere => Ok(None),
        Scope::Below(branch) => queries::ids_below(connection, *branch).await.map(Some),
    }
}

/// What the branch is called; nothing where it is absent.
///
/// # Errors
/// What the database says.
pub async fn name(connection: &mut Connection, id: Uuid) -> Result<String> {
    Ok(find(connection, id).await?.map(|branch| branch.name).unwrap_or_default())
}

/// What the street centre is called, where there is one.
///
/// # Errors
/// What the database says.
pub async fn street_name(connection: &mut Connection) -> Result<Option<String>> {
    Ok(list(connection).await?.into_iter().find(|branch| branch.parent_id.is_none()).map(|branch| branch.name))
}

/// Whether there is a branch of this id.
///
/// # Errors
/// What the database says.
pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Branch>> {
    queries::find(connection, id).await
}

/// The course topics, in their order, named in `language`.
///
/// # Errors
/// What the database says.
pub async fn topics(connection: &mut Connection, language: Language) -> Result<Vec<NamedCode>> {
    queries::topics(connection, language).await
}

/// The target groups, in their order, named in `language`.
///
/// # Errors
/// What the database says.
pub async fn groups(connection: &mut Connection, language: Language) -> Result<Vec<NamedCode>> {
    queries::groups(connection, language).await
}
