//! The composite rank: several metrics together, each weighing what admins have said.

use std::collections::BTreeMap;

use diesel::sql_types::{Jsonb, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::metrics::Metric;
use super::ranking::{RankedBranch, Ranking, Status};
use super::standings::{Standing, standings};
use super::value::Hundredths;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::branches::Branch;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;

/// What all weights together are.
const WHOLE: i64 = 100;

/// What each metric weighs, in hundredths of the whole; those that weigh nothing are left out.
pub type Weights = BTreeMap<Metric, i64>;

/// What is weighed where nobody has said anything yet: how many were reached, how much they learned, and what of
/// it is proved.
fn shipped() -> Weights {
    [(Metric::RegistrationsPer1000, 40), (Metric::TrainingRate, 30), (Metric::CreditsPer1000, 30)].into()
}

/// A branch school in the composite ranking.
#[derive(Debug, Clone)]
pub struct WeighedBranch {
    /// The branch.
    pub branch: Branch,
    /// Its points, at most 100.
    pub points: Hundredths,
    /// Where it stands.
    pub standing: Option<Standing>,
    /// How they come about, a part for each metric that weighs something.
    pub parts: Vec<WeighedPart>,
}

/// What a metric adds to a branch's points: value ÷ best × weight.
#[derive(Debug, Clone, Copy)]
pub struct WeighedPart {
    /// The metric.
    pub metric: Metric,
    /// The branch's figure; `None`: not known, which adds nothing.
    pub value: Option<Hundredths>,
    /// The best figure of any school.
    pub best: Hundredths,
    /// What the metric weighs.
    pub weight: i64,
    /// What that adds.
    pub points: Hundredths,
}

/// The branch schools by several metrics together.
#[derive(Debug, Clone)]
pub struct CompositeRanking {
    /// Whether the month is closed.
    pub status: Status,
    /// What each metric weighs.
    pub weights: Weights,
    /// The branch schools, best first.
    pub items: Vec<WeighedBranch>,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Jsonb)]
    weights: Value,
}

/// What metrics weigh, as it stood at `at`; `None`: now.
pub(super) async fn standing_weights(connection: &mut Connection, at: Option<OffsetDateTime>) -> Result<Weights> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT weights FROM composite_weights WHERE $1 IS NULL OR set_at <= $1 ORDER BY set_at DESC, id DESC LIMIT 1",
    )
    .bind::<Nullable<Timestamptz>, _>(at)
    .load(connection)
    .await?;
    let Some(row) = rows.into_iter().next() else { return Ok(shipped()) };
    let named: BTreeMap<String, i64> = serde_json::from_value(row.weights)?;
    Ok(named.into_iter().filter_map(|(name, weight)| Some((Metric::from_name(&name)?, weight))).collect())
}

/// What metrics weigh now.
///
/// # Errors
/// What the database says.
pub async fn weights(campus: &Campus) -> Result<Weights> {
    standing_weights(&mut *campus.database.connection().await?, None).await
}

/// Says what metrics weigh from now on. Closed months keep what they were closed with.
///
/// # Errors
/// [`Code::MetricUnknown`] and [`Code::WeightsInvalid`] on `weights`.
pub async fn set_weights(campus: &Campus, actor: &Actor, named: &BTreeMap<String, i64>) -> Result<Weights> {
    let mut weights = Weights::new();
    for (name, weight) in named {
        let metric = Metric::from_name(name).ok_or_else(|| Error::field("weights", Code::MetricUnknown))?;
        if !(0..=WHOLE).contains(weight) {
            return Err(Error::field("weights", Code::WeightsInvalid));
        }
        if *weight > 0 {
            weights.insert(metric, *weight);
        }
    }
    if weights.values().sum::<i64>() != WHOLE {
        return Err(Error::field("weights", Code::WeightsInvalid));
    }
    let now = campus.clock.now();
    let said: BTreeMap<&str, i64> = weights.iter().map(|(metric, weight)| (metric.as_str(), *weight)).collect();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            diesel::sql_query("INSERT INTO composite_weights (id, weights, set_at, set_by) VALUES ($1, $2, $3, $4)")
                .bind::<SqlUuid, _>(new_id())
                .bind::<Jsonb, _>(json!(said))
                .bind::<Timestamptz, _>(now)
                .bind::<SqlUuid, _>(actor.account_id)
                .execute(connection)
                .await?;
            let entry = audit::Entry {
                action: "composite_weights.set",
                object_kind: "reports",
                object_id: None,
                branch_id: None,
                detail: json!({"weights": said}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await
        })
        .await?;
    Ok(weights)
}

/// Weighs rankings of one month, one for each metric that weighs something.
pub(super) fn weigh(status: Status, weights: Weights, rankings: &[Ranking]) -> CompositeRanking {
    let schools: Vec<&Branch> =
        rankings.first().map(|ranking| ranking.items.iter().map(|item| &item.branch).collect()).unwrap_or_default();
    let mut items: Vec<WeighedBranch> = schools.into_iter().map(|school| weighed(school, &weights, rankings)).collect();
    items.sort_by(|one, other| one.branch.code.cmp(&other.branch.code));
    let points: Vec<Option<Hundredths>> = items.iter().map(|item| Some(item.points)).collect();
    for (item, standing) in items.iter_mut().zip(standings(&points)) {
        item.standing = standing;
    }
    items.sort_by_key(|item| item.standing.map_or(u32::MAX, |standing| standing.rank));
    CompositeRanking { status, weights, items }
}

fn weighed(school: &Branch, weights: &Weights, rankings: &[Ranking]) -> WeighedBranch {
    let mut parts = Vec::with_capacity(rankings.len());
    let mut points = 0_i64;
    for ranking in rankings {
        let value_of = |item: &RankedBranch| item.figure.map(|figure| figure.value);
        let best = ranking.items.iter().filter_map(value_of).max().unwrap_or_default();
        let value = ranking.items.iter().find(|item| item.branch.id == school.id).and_then(value_of);
        let weight = weights.get(&ranking.metric).copied().unwrap_or(0);
        let part = part_points(value, best, weight);
        points = points.saturating_add(part.hundredths());
        parts.push(WeighedPart { metric: ranking.metric, value, best, weight, points: part });
    }
    WeighedBranch { branch: school.clone(), points: Hundredths::new(points), standing: None, parts }
}

/// Value ÷ best × weight in hundredths of a point, half up; nothing for less than nothing.
fn part_points(value: Option<Hundredths>, best: Hundredths, weight: i64) -> Hundredths {
    let value = value.map_or(0, |value| value.hundredths().max(0));
    Hundredths::ratio(value, weight.saturating_mul(100), best.hundredths()).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_best_has_the_whole_weight_and_others_their_share() {
        let points = |value: Option<i64>, best, weight| {
            part_points(value.map(Hundredths::new), Hundredths::new(best), weight).to_string()
        };
        assert_eq!(points(Some(8000), 8000, 40), "40.00");
        assert_eq!(points(Some(1000), 3000, 40), "13.33");
        assert_eq!(points(Some(-500), 3000, 40), "0.00");
        assert_eq!(points(None, 3000, 40), "0.00");
        assert_eq!(points(Some(0), 0, 40), "0.00");
    }

    #[test]
    fn what_is_shipped_is_whole() {
        assert_eq!(shipped().values().sum::<i64>(), WHOLE);
    }
}
