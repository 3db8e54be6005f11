//! The caps of a rule: at most so much in a day, a month, a year; and what they leave somebody.

use std::collections::HashMap;

use time::Date;
use uuid::Uuid;

use super::queries;
use super::rows::Rule;
use crate::clock::Month;
use crate::db::Connection;
use crate::error::Result;

/// A limit for one period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cap {
    /// `day`, `month` or `year`.
    pub(super) period: &'static str,
    /// Its first day.
    pub(super) start: Date,
    /// Hundredths of a credit, or points.
    pub(super) limit: i64,
}

/// The caps that a rule sets on a day.
pub(super) fn caps(rule: &Rule, day: Date) -> Vec<Cap> {
    let month = Month::of(day).first_day();
    let year = month.replace_month(time::Month::January).unwrap_or(month);
    [("day", day, rule.day_cap), ("month", month, rule.month_cap), ("year", year, rule.year_cap)]
        .into_iter()
        .filter_map(|(period, start, limit)| limit.map(|limit| Cap { period, start, limit }))
        .collect()
}

/// What a rule may still give a person on a day, under all their records; `None`: it has no cap.
pub(super) async fn left(
    connection: &mut Connection,
    rule: &Rule,
    (person, records): (Uuid, &[Uuid]),
    day: Date,
) -> Result<Option<i64>> {
    let of_one: HashMap<Uuid, Uuid> = records.iter().map(|record| (*record, person)).collect();
    let mut least: Option<i64> = None;
    for Cap { period, start, limit } in caps(rule, day) {
        let used = queries::cap_used(connection, &of_one, rule, period, start).await?;
        let left = (limit - used.get(&person).copied().unwrap_or(0)).max(0);
        least = Some(least.map_or(left, |least| least.min(left)));
    }
    Ok(least)
}
