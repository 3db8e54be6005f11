//! Statements of credit accounts: one's own, what months have brought, and checking anybody's.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use campus::access::SeeOwnCredits;
use campus::account_statements::{self, CheckedStatement, Format};
use campus::codes::printed_code;
use campus::credits::{self, Credits};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::detach::detached;
use crate::input::Query;
use crate::limits;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::residents::parse_date;
use crate::state::State;

/// Which period, and as what.
#[derive(Debug, Deserialize, IntoParams)]
pub struct StatementQuery {
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// `pdf` or `csv`.
    format: String,
}

/// One's own statement of a period, with a code by which whoever is given it can check it.
#[utoipa::path(tag = "credits", params(StatementQuery), responses((status = 200,
    content((Vec<u8> = "application/pdf"), (String = "text/csv")))))]
#[get("/me/credit-account/statement")]
pub async fn give_out(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<SeeOwnCredits>,
    query: Query<StatementQuery>,
) -> Answer {
    let Query(query) = query;
    let format = Format::parse(&query.format)?;
    let period = (parse_date("from", &query.from)?, parse_date("to", &query.to)?);
    let (campus, page) = (state.campus.clone(), format!("{}/check/", limits::site(&state, &request)));
    let file =
        detached(async move { account_statements::issue(&campus, &permit, period, format, &page).await }).await?;
    let name = format!("attachment; filename=\"statement-{}.{}\"", file.code, format.ending());
    Ok(HttpResponse::Ok()
        .content_type(format.content_type())
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(file.content))
}

/// What one month has brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonthCredits {
    /// `2026-11`.
    month: String,
    credits: String,
}

/// Credits by how they are known.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceCredits {
    /// `system`, `scanned`, `checked_in`, `listed` or `declared`.
    evidence: String,
    credits: String,
}

/// Twelve months, and all there is by evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditHistory {
    /// The last twelve, oldest first.
    months: Vec<MonthCredits>,
    /// The strongest first.
    by_evidence: Vec<EvidenceCredits>,
}

/// What the last twelve months have brought, and all credits by evidence.
#[utoipa::path(tag = "credits", responses((status = 200, body = CreditHistory)))]
#[get("/me/credit-account/history")]
pub async fn history(state: Data<State>, permit: Permit<SeeOwnCredits>) -> Answer {
    let sums = credits::history(&state.campus, permit.resident()?).await?;
    let months = sums.months.into_iter().map(|sum| MonthCredits {
        month: sum.month.to_string().chars().take(7).collect(),
        credits: Credits(sum.credits).to_string(),
    });
    let by_evidence = sums
        .by_evidence
        .into_iter()
        .map(|sum| EvidenceCredits { evidence: sum.evidence, credits: Credits(sum.credits).to_string() });
    Ok(HttpResponse::Ok().json(CreditHistory { months: months.collect(), by_evidence: by_evidence.collect() }))
}

/// What a statement said, and whether it still stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedStatementBody {
    code: String,
    /// Whether every row still stands in the chain as it did.
    stands: bool,
    /// But for the first sign masked; `null`: they have left and are named no more.
    holder: Option<String>,
    #[schema(value_type = String, format = Date)]
    from: String,
    #[schema(value_type = String, format = Date)]
    to: String,
    #[serde(with = "time::serde::rfc3339")]
    issued_at: OffsetDateTime,
    credits: String,
    points: i64,
    rows: i32,
    /// SHA-256 over what it says, as printed on it.
    digest: String,
}

impl CheckedStatementBody {
    fn new(checked: CheckedStatement, state: &State) -> Self {
        let CheckedStatement { statement, holder, stands } = checked;
        Self {
            code: printed_code(&statement.code),
            stands,
            holder,
            from: statement.from_on.to_string(),
            to: statement.to_on.to_string(),
            issued_at: state.campus.clock.local(statement.issued_at),
            credits: Credits(statement.credits).to_string(),
            points: statement.points,
            rows: statement.row_count,
            digest: statement.digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// Check a statement against the chain by its code, however it is typed.
#[utoipa::path(tag = "credits", security(()), params(("code" = String, Path,)),
    responses((status = 200, body = CheckedStatementBody)))]
#[get("/credit-statements/{code}")]
pub async fn check(state: Data<State>, request: HttpRequest) -> Answer {
    let code = request.match_info().get("code").unwrap_or_default();
    let checked = account_statements::check(&state.campus, code).await?;
    Ok(HttpResponse::Ok().json(CheckedStatementBody::new(checked, &state)))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(give_out).service(history).service(check);
}
