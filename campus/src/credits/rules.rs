//! Rules: what earns how much for whom. Admins write them; a version is never edited, the next one takes
//! over from a day on, and one with an end (a week in which everything counts double) hands back to the
//! one before it. A version that multiplies by nothing stops the rule.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::Date;
use uuid::Uuid;

use super::amount::Unit;
use super::rows::Rule;
use super::{Earns, queries, rule_queries};
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::branches;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::idempotency::{self, Request};
use crate::ids::new_id;
use crate::residents;
use crate::writing;

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;
/// Rules by minutes look at a day.
const MOST_MINUTES: i32 = 600;

/// A rule, or the next version of one, as an admin writes it. Amounts as in the API.
#[derive(Debug, Clone)]
pub struct NewRule {
    /// The rule whose next version it is; `None`: a new one.
    pub code: Option<String>,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// What earns.
    pub earns: String,
    /// `credit` or `point`.
    pub unit: String,
    /// A fixed worth; `None`: what the source itself is worth.
    pub amount: Option<String>,
    /// Worth that for each of so many minutes of a day.
    pub per_minutes: Option<i32>,
    /// Percent of that: 200 doubles it, 0 stops the rule.
    pub multiplier: i32,
    /// At most so much on a day.
    pub day_cap: Option<String>,
    /// At most so much in a month.
    pub month_cap: Option<String>,
    /// At most so much in a year.
    pub year_cap: Option<String>,
    /// At most so much from one source.
    pub source_cap: Option<String>,
    /// For this target group alone.
    pub target_group: Option<String>,
    /// For this branch and those below it alone.
    pub branch_id: Option<Uuid>,
    /// The first day on which it holds: today or later.
    pub valid_from: Date,
    /// The day from which it does not hold any more.
    pub valid_to: Option<Date>,
}

/// A version of a rule in the list.
#[derive(Debug, Clone)]
pub struct ListedRule {
    /// The version.
    pub rule: Rule,
    /// It decides today.
    pub in_force: bool,
}

/// All versions of all rules that earn, by what earns and code, the newest version first.
///
/// # Errors
/// What the database says.
pub async fn list_rules(campus: &Campus) -> Result<Vec<ListedRule>> {
    let today = campus.clock.today();
    let rules = rule_queries::all(&mut *campus.database.connection().await?).await?;
    let mut decided = std::collections::HashSet::new();
    let listed = rules.into_iter().map(|rule| {
        let holds = rule.holds_on(today) && decided.insert(rule.code.clone());
        ListedRule { rule, in_force: holds }
    });
    Ok(listed.collect())
}

/// Writes a rule down, or the next version of one. The same request again gets the first answer.
///
/// # Errors
/// The fields that are wrong.
pub async fn add_rule(campus: &Campus, actor: &Actor, request: &Request, new: &NewRule) -> Result<Rule> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if let Some(id) = idempotency::claim::<Uuid>(connection, request, now).await? {
                return super::rule_of(connection, id).await;
            }
            rule_queries::take_turns(connection).await?;
            let rule = check_rule(campus, connection, new).await?;
            rule_queries::insert(connection, &rule, actor.account_id, now).await?;
            let detail = json!({"code": rule.code, "version": rule.version, "valid_from": rule.valid_from.to_string()});
            let entry = audit::Entry {
                action: "credit_rule.added",
                object_kind: "credit_rule",
                object_id: Some(rule.id),
                branch_id: rule.branch_id,
                detail,
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await?;
            idempotency::keep(connection, request, &rule.id).await?;
            Ok(rule)
        })
        .await
}

/// What a rule gave on the days from `from` to `to`, by branch: what was taken back is not in it.
///
/// # Errors
/// What the database says.
pub async fn given_under(connection: &mut Connection, code: &str, from: Date, to: Date) -> Result<Vec<(Uuid, i64)>> {
    rule_queries::given(connection, code, from, to).await
}

/// The rule that what is spent on rewards names.
///
/// # Errors
/// What the database says.
pub async fn rule_of_redemptions(connection: &mut Connection) -> Result<Rule> {
    queries::newest_rule(connection, "redemption").await
}

/// The version that this would become.
///
/// # Errors
/// The fields that are wrong.
pub async fn check_rule(campus: &Campus, connection: &mut Connection, new: &NewRule) -> Result<Rule> {
    let mut reading = Reading { fields: Vec::new() };
    let before = match &new.code {
        None => None,
        Some(code) => rule_queries::versions(connection, code).await?.into_iter().next(),
    };
    reading.check(new.code.is_none() || before.is_some(), "code", Code::ValueInvalid);
    let unit = Unit::from_name(&new.unit);
    reading.check(unit.is_some(), "unit", Code::ValueInvalid);
    reading.what(new, before.as_ref());
    reading.when(new, campus.clock.today());
    reading.whom(connection, new).await?;
    let unit = unit.unwrap_or(Unit::Credit);
    let rule = Rule {
        id: new_id(),
        code: before.as_ref().map_or_else(new_code, |rule| rule.code.clone()),
        version: before.as_ref().map_or(1, |rule| rule.version + 1),
        name_zh: reading.name("name_zh", &new.name_zh),
        name_en: reading.name("name_en", &new.name_en),
        earns: new.earns.clone(),
        unit: unit.as_str().to_owned(),
        amount: reading.amount("amount", unit, new.amount.as_deref()),
        per_minutes: new.per_minutes,
        multiplier: new.multiplier,
        day_cap: reading.amount("day_cap", unit, new.day_cap.as_deref()),
        month_cap: reading.amount("month_cap", unit, new.month_cap.as_deref()),
        year_cap: reading.amount("year_cap", unit, new.year_cap.as_deref()),
        source_cap: reading.amount("source_cap", unit, new.source_cap.as_deref()),
        target_group: new.target_group.clone(),
        branch_id: new.branch_id,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
    };
    if reading.fields.is_empty() { Ok(rule) } else { Err(Error::fields(reading.fields)) }
}

fn new_code() -> String {
    format!("rule_{}", new_id().simple())
}

/// What is wrong so far.
struct Reading {
    fields: Vec<FieldError>,
}

impl Reading {
    fn check(&mut self, holds: bool, field: &str, code: Code) {
        if !holds {
            self.fields.push(FieldError { field: field.to_owned(), code });
        }
    }

    fn name(&mut self, field: &str, raw: &str) -> String {
        writing::or_refused(writing::line(raw, LONGEST_NAME), field, Code::Required, &mut self.fields)
    }

    fn amount(&mut self, field: &str, unit: Unit, raw: Option<&str>) -> Option<i64> {
        let amount = unit.read(raw?);
        self.check(amount.is_ok(), field, Code::AmountInvalid);
        amount.ok()
    }

    /// What earns cannot change from version to version: a source would earn again.
    fn what(&mut self, new: &NewRule, before: Option<&Rule>) {
        let by_itself = Earns::ALL.iter().find(|earns| earns.as_str() == new.earns);
        let by_hand = new.earns == "award";
        // The catalogue of what is recognised writes its rules itself: what is filed names their versions.
        let of_catalogue = new.earns == "recognition" && before.is_some();
        self.check(!of_catalogue, "earns", Code::RuleOfCatalogue);
        let known = by_itself.is_some() || of_catalogue || (by_hand && before.is_some());
        self.check(known, "earns", Code::ValueInvalid);
        if let Some(before) = before {
            self.check(before.earns == new.earns, "earns", Code::ValueInvalid);
            self.check(before.unit == new.unit, "unit", Code::ValueInvalid);
        }
        let by_minutes = by_itself == Some(&Earns::Minutes);
        self.check(new.per_minutes.is_some() == by_minutes, "per_minutes", Code::ValueInvalid);
        let minutes = new.per_minutes.is_none_or(|minutes| (1..=MOST_MINUTES).contains(&minutes));
        self.check(minutes, "per_minutes", Code::ValueInvalid);
        let fixed = matches!(by_itself, Some(Earns::Minutes | Earns::Attendance | Earns::DailyLogIn));
        self.check(!fixed || new.amount.is_some(), "amount", Code::AmountInvalid);
        self.check((0..=1000).contains(&new.multiplier), "multiplier", Code::ValueInvalid);
        // How much is awarded, and to whom, is said each time.
        let said = new.amount.is_none() && new.multiplier == 100 && new.source_cap.is_none();
        self.check(!by_hand || said, "amount", Code::ValueInvalid);
        self.check(!by_hand || new.target_group.is_none(), "target_group", Code::ValueInvalid);
        self.check(!by_hand || new.branch_id.is_none(), "branch_id", Code::ValueInvalid);
    }

    fn when(&mut self, new: &NewRule, today: Date) {
        self.check(new.valid_from >= today, "valid_from", Code::DateInPast);
        self.check(new.valid_to.is_none_or(|end| end > new.valid_from), "valid_to", Code::DateInvalid);
    }

    async fn whom(&mut self, connection: &mut Connection, new: &NewRule) -> Result<()> {
        if let Some(group) = &new.target_group {
            let known = residents::are_groups(connection, std::slice::from_ref(group)).await?;
            self.check(known, "target_group", Code::ValueInvalid);
        }
        if let Some(branch) = new.branch_id {
            self.check(branches::find(connection, branch).await?.is_some(), "branch_id", Code::ValueInvalid);
        }
        Ok(())
    }
}

impl Rule {
    /// Whether it holds on this day, where no later version does.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day < end)
    }

    /// What a source is worth under it, `source` being its own worth in hundredths of a credit: points
    /// are rounded down.
    #[must_use]
    pub fn worth(&self, source: i64) -> i64 {
        let multiplied = |amount: i64| amount.saturating_mul(i64::from(self.multiplier)) / 100;
        let worth = match self.amount {
            Some(amount) => multiplied(amount),
            None if self.unit == Unit::Point.as_str() => multiplied(source) / 100,
            None => multiplied(source),
        };
        self.source_cap.map_or(worth, |cap| worth.min(cap))
    }
}

/// Who is about to earn, as far as the rules ask.
pub(super) struct Audience {
    groups: Vec<String>,
    /// Their branch and those above it.
    branches: Vec<Uuid>,
}

impl Audience {
    pub(super) async fn of(
        connection: &mut Connection,
        rules: &[Rule],
        resident_id: Uuid,
        branch_id: Uuid,
    ) -> Result<Self> {
        let by_group = rules.iter().any(|rule| rule.target_group.is_some());
        let by_branch = rules.iter().any(|rule| rule.branch_id.is_some());
        Ok(Self {
            groups: if by_group { rule_queries::groups_of(connection, resident_id).await? } else { Vec::new() },
            branches: if by_branch { rule_queries::branches_above(connection, branch_id).await? } else { Vec::new() },
        })
    }

    pub(super) fn is_meant_by(&self, rule: &Rule) -> bool {
        rule.target_group.as_ref().is_none_or(|group| self.groups.contains(group))
            && rule.branch_id.is_none_or(|branch| self.branches.contains(&branch))
    }
}
