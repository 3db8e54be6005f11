//! The rules by which credits and points are earned.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use campus::access::{SeeCreditRules, WriteCreditRules};
use campus::credits::{self, ListedRule, NewRule, Rule, Unit};
use campus::idempotency::Request;
use campus::reports::{self, RuleTrial, TrialFigures};
use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{IdempotencyKey, Input};
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::residents::parse_date;
use crate::state::State;

/// A version of a rule. Amounts are decimal strings, of points whole numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleBody {
    id: Uuid,
    /// What all its versions share.
    code: String,
    version: i32,
    name_zh: String,
    name_en: String,
    /// `lesson_completed`, `course_completed`, `quiz_passed`, `minutes`, `attendance`, `daily_log_in`, `award` or
    /// `recognition`.
    earns: String,
    /// `credit` or `point`.
    unit: String,
    /// A fixed worth; `null`: what the source itself is worth, of points a hundredth of its credits.
    amount: Option<String>,
    /// Worth that for each of so many verified minutes of a day.
    per_minutes: Option<i32>,
    /// Percent of that: 200 doubles it, 0: it gives nothing any more.
    multiplier: i32,
    day_cap: Option<String>,
    month_cap: Option<String>,
    year_cap: Option<String>,
    source_cap: Option<String>,
    /// For this target group alone.
    target_group: Option<String>,
    /// For this branch and those below it alone.
    branch_id: Option<Uuid>,
    #[schema(value_type = String, format = Date)]
    valid_from: String,
    /// The day from which it does not hold any more; the version before it goes on then.
    #[schema(value_type = Option<String>, format = Date)]
    valid_to: Option<String>,
    /// It decides today.
    in_force: bool,
}

impl RuleBody {
    fn new(rule: Rule, in_force: bool) -> Self {
        let unit = Unit::from_name(&rule.unit).unwrap_or(Unit::Credit);
        let amount = |amount: Option<i64>| amount.map(|amount| unit.write(amount));
        Self {
            id: rule.id,
            code: rule.code,
            version: rule.version,
            name_zh: rule.name_zh,
            name_en: rule.name_en,
            earns: rule.earns,
            unit: rule.unit,
            amount: amount(rule.amount),
            per_minutes: rule.per_minutes,
            multiplier: rule.multiplier,
            day_cap: amount(rule.day_cap),
            month_cap: amount(rule.month_cap),
            year_cap: amount(rule.year_cap),
            source_cap: amount(rule.source_cap),
            target_group: rule.target_group,
            branch_id: rule.branch_id,
            valid_from: rule.valid_from.to_string(),
            valid_to: rule.valid_to.map(|day| day.to_string()),
            in_force,
        }
    }
}

/// All versions of all rules: by what earns, the newest version of a rule first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleList {
    items: Vec<RuleBody>,
}

/// A rule, or the next version of one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleInput {
    /// The rule whose next version it is; nothing: a new rule.
    code: Option<String>,
    name_zh: String,
    name_en: String,
    earns: String,
    unit: String,
    amount: Option<String>,
    per_minutes: Option<i32>,
    /// 100 where nothing is said; 0 stops the rule.
    multiplier: Option<i32>,
    day_cap: Option<String>,
    month_cap: Option<String>,
    year_cap: Option<String>,
    source_cap: Option<String>,
    target_group: Option<String>,
    branch_id: Option<Uuid>,
    #[schema(value_type = String, format = Date)]
    valid_from: String,
    #[schema(value_type = Option<String>, format = Date)]
    valid_to: Option<String>,
}

impl RuleInput {
    fn read(self) -> Result<NewRule, Problem> {
        let valid_to: Option<Date> = self.valid_to.as_deref().map(|text| parse_date("valid_to", text)).transpose()?;
        Ok(NewRule {
            code: self.code,
            name_zh: self.name_zh,
            name_en: self.name_en,
            earns: self.earns,
            unit: self.unit,
            amount: self.amount,
            per_minutes: self.per_minutes,
            multiplier: self.multiplier.unwrap_or(100),
            day_cap: self.day_cap,
            month_cap: self.month_cap,
            year_cap: self.year_cap,
            source_cap: self.source_cap,
            target_group: self.target_group,
            branch_id: self.branch_id,
            valid_from: parse_date("valid_from", &self.valid_from)?,
            valid_to,
        })
    }
}

/// What a month was and would have been.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialFiguresBody {
    /// What the rule gave as it was; nothing for a new one.
    before: String,
    after: String,
    /// What limits would have taken off.
    capped: String,
}

impl TrialFiguresBody {
    fn new(unit: Unit, figures: TrialFigures) -> Self {
        Self {
            before: unit.write(figures.before),
            after: unit.write(figures.after),
            capped: unit.write(figures.capped),
        }
    }
}

/// One branch in a trial.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialRowBody {
    branch_id: Uuid,
    code: String,
    name: String,
    #[serde(flatten)]
    figures: TrialFiguresBody,
}

/// What last month would have been under a rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialBody {
    /// `YYYY-MM`.
    month: String,
    unit: &'static str,
    /// Branches in which there is anything to say.
    rows: Vec<TrialRowBody>,
    total: TrialFiguresBody,
    /// Some of what happened is not known any more, so that there would have been more: log-ins are forgotten with
    /// the session that they belong to.
    is_partial: bool,
}

impl From<RuleTrial> for TrialBody {
    fn from(trial: RuleTrial) -> Self {
        let rows = trial.rows.into_iter().map(|row| TrialRowBody {
            branch_id: row.branch.id,
            code: row.branch.code,
            name: row.branch.name,
            figures: TrialFiguresBody::new(trial.unit, row.figures),
        });
        Self {
            month: trial.month.to_string(),
            rows: rows.collect(),
            total: TrialFiguresBody::new(trial.unit, trial.total),
            unit: trial.unit.as_str(),
            is_partial: trial.is_partial,
        }
    }
}

/// All rules with their versions.
#[utoipa::path(tag = "credits", responses((status = 200, body = RuleList)))]
#[get("/credit-rules")]
pub async fn rules(state: Data<State>, _permit: Permit<SeeCreditRules>) -> Answer {
    let rules = credits::list_rules(&state.campus).await?;
    let items = rules.into_iter().map(|ListedRule { rule, in_force }| RuleBody::new(rule, in_force)).collect();
    Ok(HttpResponse::Ok().json(RuleList { items }))
}

/// Write a rule, or the next version of one: from a day on, never for what is past.
#[utoipa::path(tag = "credits", params(("Idempotency-Key" = Uuid, Header,)), request_body = RuleInput,
    responses((status = 201, body = RuleBody)))]
#[post("/credit-rules")]
pub async fn add_rule(
    state: Data<State>,
    permit: Permit<WriteCreditRules>,
    key: IdempotencyKey,
    input: Input<RuleInput>,
) -> Answer {
    let Input(input) = input;
    let request = Request::new(permit.account_id, "credit_rule", key.required()?, &input)?;
    let new = input.read()?;
    let campus = state.campus.clone();
    let today = campus.clock.today();
    let rule = detached(async move { credits::add_rule(&campus, &permit, &request, &new).await }).await?;
    let in_force = rule.holds_on(today);
    Ok(HttpResponse::Created().json(RuleBody::new(rule, in_force)))
}

/// What last month would have been under a rule; nothing is written.
#[utoipa::path(tag = "credits", request_body = RuleInput, responses((status = 200, body = TrialBody)))]
#[post("/credit-rules/trial")]
pub async fn try_rule(state: Data<State>, _permit: Permit<SeeCreditRules>, input: Input<RuleInput>) -> Answer {
    let Input(input) = input;
    let trial = reports::try_rule(&state.campus, &input.read()?).await?;
    Ok(HttpResponse::Ok().json(TrialBody::from(trial)))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(rules).service(try_rule).service(add_rule);
}
