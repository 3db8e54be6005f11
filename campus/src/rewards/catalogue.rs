//! What there is to be had for points.

use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

use super::queries;
use super::rows::Reward;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::ids::new_id;
use crate::writing::{self, or_refused};

const LONGEST_TITLE: usize = 60;
const LONGEST_DESCRIPTION: usize = 500;
const HIGHEST_PRICE: i64 = 1_000_000;
const LARGEST_STOCK: i32 = 1_000_000;
const MOST_EACH: i32 = 1_000;
const LONGEST_HOLD: i32 = 90;

/// For how many days a reward is kept where nothing else is said.
pub const HOLD_DAYS: i32 = 14;

/// A reward to be offered.
#[derive(Debug, Clone)]
pub struct NewReward {
    /// What it is.
    pub title: String,
    /// What there is to say about it.
    pub description: String,
    /// In points.
    pub price: i64,
    /// How many there are.
    pub stock: i32,
    /// How many one person may have.
    pub per_person: Option<i32>,
    /// For how many days it is kept for whoever has chosen it.
    pub hold_days: i32,
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct RewardChange {
    /// What it is.
    pub title: Option<String>,
    /// What there is to say about it.
    pub description: Option<String>,
    /// In points: for those who choose it from now on.
    pub price: Option<i64>,
    /// How many more there are: what has been chosen meanwhile is not counted again.
    pub added_stock: Option<i32>,
    /// How many one person may have; `Some(None)`: as many as there are.
    pub per_person: Option<Option<i32>>,
    /// For how many days it is kept.
    pub hold_days: Option<i32>,
    /// `offered` or `withdrawn`.
    pub status: Option<String>,
}

/// What is offered, the cheapest first; for those who run it, all there is.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &mut Connection, offered_alone: bool) -> Result<Vec<Reward>> {
    queries::list(connection, offered_alone).await
}

/// Offers a reward.
///
/// # Errors
/// The fields that are wrong.
pub async fn add(campus: &Campus, actor: &Actor, new: &NewReward) -> Result<Reward> {
    let mut fields = Vec::new();
    let reward = Reward {
        id: new_id(),
        title: title(&new.title, &mut fields),
        description: description(&new.description, &mut fields),
        price: new.price,
        stock: new.stock,
        per_person: new.per_person,
        hold_days: new.hold_days,
        status: "offered".to_owned(),
        picture_key: None,
    };
    check(&reward, fields)?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::insert(connection, &reward, actor.account_id, now).await?;
            note(connection, campus, actor, "reward.added", &reward).await
        })
        .await?;
    Ok(reward)
}

/// Changes a reward. What somebody has chosen already stays as it was.
///
/// # Errors
/// [`Code::NotFound`]; the fields that are wrong.
pub async fn change(campus: &Campus, actor: &Actor, id: Uuid, change: &RewardChange) -> Result<Reward> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let known = queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            let added = change.added_stock.unwrap_or(0);
            let mut fields = Vec::new();
            let reward = Reward {
                id,
                title: change.title.as_ref().map_or(known.title, |raw| title(raw, &mut fields)),
                description: change.description.as_ref().map_or(known.description, |raw| description(raw, &mut fields)),
                price: change.price.unwrap_or(known.price),
                stock: known.stock.saturating_add(added),
                per_person: change.per_person.unwrap_or(known.per_person),
                hold_days: change.hold_days.unwrap_or(known.hold_days),
                status: change.status.clone().unwrap_or(known.status),
                picture_key: known.picture_key,
            };
            check(&reward, fields)?;
            queries::update(connection, &reward).await?;
            note(connection, campus, actor, "reward.changed", &reward).await?;
            Ok(reward)
        })
        .await
}

fn title(raw: &str, fields: &mut Vec<FieldError>) -> String {
    or_refused(writing::line(raw, LONGEST_TITLE), "title", Code::Required, fields)
}

fn description(raw: &str, fields: &mut Vec<FieldError>) -> String {
    or_refused(writing::optional_lines(raw, LONGEST_DESCRIPTION), "description", Code::Required, fields)
}

/// What is wrong with the rest of a reward, told with what is wrong with its words.
fn check(reward: &Reward, mut fields: Vec<FieldError>) -> Result<()> {
    let mut check = |holds: bool, field: &str, code| {
        if !holds {
            fields.push(FieldError { field: field.to_owned(), code });
        }
    };
    check((1..=HIGHEST_PRICE).contains(&reward.price), "price", Code::ValueInvalid);
    check((0..=LARGEST_STOCK).contains(&reward.stock), "stock", Code::ValueInvalid);
    check(reward.per_person.is_none_or(|most| (1..=MOST_EACH).contains(&most)), "per_person", Code::ValueInvalid);
    check((1..=LONGEST_HOLD).contains(&reward.hold_days), "hold_days", Code::ValueInvalid);
    check(matches!(reward.status.as_str(), "offered" | "withdrawn"), "status", Code::ValueInvalid);
    if fields.is_empty() { Ok(()) } else { Err(Error::fields(fields)) }
}

pub(super) async fn note(
    connection: &mut Connection,
    campus: &Campus,
    actor: &Actor,
    action: &'static str,
    reward: &Reward,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "reward",
        object_id: Some(reward.id),
        branch_id: None,
        detail: json!({"price": reward.price, "stock": reward.stock, "status": reward.status}),
        actor: Some(actor),
    };
    audit::record(connection, campus.clock.now(), &entry).await
}
