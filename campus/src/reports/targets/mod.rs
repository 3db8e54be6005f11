//! What branches are to reach by the end of a year, and how far they are on the way.

mod progress;
mod queries;

use std::collections::{BTreeMap, HashMap};

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use progress::Progress;
pub(super) use progress::progress;

use super::asked::Asked;
use super::measures::Group;
use super::metrics::Metric;
use super::value::Hundredths;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::branches;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};

/// The highest target, in hundredths: a hundred million.
const HIGHEST: i64 = 10_000_000_000;

/// The targets of a year by branch, for one metric (of one group).
pub type Targets = BTreeMap<Uuid, Hundredths>;

/// What targets can be set for: figures that grow over the year.
#[must_use]
pub const fn can_have_targets(metric: Metric) -> bool {
    matches!(metric, Metric::Trained | Metric::TrainingRate | Metric::TotalRegistrations | Metric::RegistrationsPer1000)
}

/// Checks a year and what is asked for.
///
/// # Errors
/// [`Code::YearInvalid`] on `year`; [`Code::MetricHasNoTarget`] on `metric`.
pub fn target_of(year: i32, metric: &str, group: Option<&str>) -> Result<(i32, Asked)> {
    if !(2000..=2999).contains(&year) {
        return Err(Error::field("year", Code::YearInvalid));
    }
    let asked = Asked::parse(metric, None, group)?;
    if !can_have_targets(asked.metric) {
        return Err(Error::field("metric", Code::MetricHasNoTarget));
    }
    Ok((year, asked))
}

/// The targets of a year that hold now.
///
/// # Errors
/// What the database says.
pub async fn targets(campus: &Campus, year: i32, asked: Asked) -> Result<Targets> {
    let connection = &mut *campus.database.connection().await?;
    Ok(standing(connection, year, asked, None).await?.into_iter().collect())
}

/// The targets of a year as they stood at `at`; `None`: now.
pub(super) async fn standing(
    connection: &mut Connection,
    year: i32,
    asked: Asked,
    at: Option<OffsetDateTime>,
) -> Result<HashMap<Uuid, Hundredths>> {
    if !can_have_targets(asked.metric) {
        return Ok(HashMap::new());
    }
    queries::standing(connection, year, asked, at).await
}

/// Sets targets of a year, all of them or none; a branch without a value has none any more, one that is not
/// named keeps what it has. What stood when a month was closed goes on standing in that month's reports.
///
/// # Errors
/// [`Code::BranchUnknown`] and [`Code::TargetInvalid`] (not above 0, or above a hundred million; a rate above
/// 100) on `targets.<branch>`.
pub async fn set_targets(
    campus: &Campus,
    actor: &Actor,
    year: i32,
    asked: Asked,
    wanted: &BTreeMap<Uuid, Option<Hundredths>>,
) -> Result<Targets> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            check(connection, asked, wanted).await?;
            let before = queries::standing(connection, year, asked, None).await?;
            let changed: BTreeMap<Uuid, Option<Hundredths>> = wanted
                .iter()
                .filter(|(branch, value)| before.get(branch).copied() != **value)
                .map(|(branch, value)| (*branch, *value))
                .collect();
            if !changed.is_empty() {
                queries::insert(connection, year, asked, &changed, now, actor.account_id).await?;
                let said: BTreeMap<Uuid, Option<String>> =
                    changed.iter().map(|(branch, value)| (*branch, value.map(|it| it.to_string()))).collect();
                let entry = audit::Entry {
                    action: "targets.set",
                    object_kind: "year",
                    object_id: None,
                    branch_id: None,
                    detail: json!({"year": year, "metric": asked.metric.as_str(),
                        "group": asked.group.map(Group::as_str), "targets": said}),
                    actor: Some(actor),
                };
                audit::record(connection, now, &entry).await?;
            }
            Ok(queries::standing(connection, year, asked, None).await?.into_iter().collect())
        })
        .await
}

async fn check(connection: &mut Connection, asked: Asked, wanted: &BTreeMap<Uuid, Option<Hundredths>>) -> Result<()> {
    let known = branches::list(connection).await?;
    let highest = if asked.metric == Metric::TrainingRate { 100 * 100 } else { HIGHEST };
    let wrong: Vec<FieldError> = wanted
        .iter()
        .filter_map(|(branch, value)| {
            let code = if !known.iter().any(|one| one.id == *branch) {
                Code::BranchUnknown
            } else if value.is_some_and(|value| !(1..=highest).contains(&value.hundredths())) {
                Code::TargetInvalid
            } else {
                return None;
            };
            Some(FieldError { field: format!("targets.{branch}"), code })
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}
