//! Roster imports: handing in, looking, confirming.

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use campus::access::ImportRosters;
use campus::branches;
use campus::error::Code;
use campus::language::Language;
use campus::rosters::{self, Confirmation, NewRoster, Status};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::credits::PageQuery;
use crate::detach::detached;
use crate::input::{Id, Query};
use crate::limits::{self, UPLOAD_ACCOUNT};
use crate::permit::{Permit, language};
use crate::problem::{Answer, Problem};
use crate::state::State;
use crate::upload::{self, Expected};

/// What a roster may be.
const ROSTER: Expected =
    Expected { largest: rosters::LARGEST_FILE, missing: Code::RosterFileMissing, too_large: Code::RosterTooLarge };

/// The form that a roster comes in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; the file is streamed")]
pub(crate) struct RosterForm {
    /// xlsx, xls, or CSV or TXT in UTF-8, UTF-16 or GB18030; at most 20 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A roster that was handed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterImportSummary {
    id: Uuid,
    branch_id: Uuid,
    file_name: String,
    #[schema(schema_with = status_schema)]
    status: &'static str,
    /// How much of the file has been read, in percent.
    progress: i16,
    /// Data rows, without blank rows, titles and footers.
    rows: i32,
    /// Rows by what became of them: `ok`, or the code of the problem. Empty until it is read.
    #[schema(value_type = std::collections::BTreeMap<String, i64>)]
    counts: serde_json::Value,
    failure: Option<RosterFailure>,
    /// How many people the confirmation registered.
    registered: Option<i32>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// From then on it can no longer be confirmed.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    confirmed_at: Option<OffsetDateTime>,
}

/// Why a file that was read in the background is no roster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterFailure {
    /// Stable and machine-read.
    code: String,
    /// What is wrong and what to do, in the reader's language.
    detail: &'static str,
    /// Further members that depend on the code.
    #[serde(flatten)]
    #[schema(ignore)]
    extra: Option<serde_json::Value>,
}

/// A roster import with its problems.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterImport {
    #[serde(flatten)]
    summary: RosterImportSummary,
    /// The sheets that were read.
    #[schema(value_type = Vec<RosterSheet>)]
    sheets: serde_json::Value,
    /// Names of the sheets that were not: covers, notes, hidden sheets.
    #[schema(value_type = Vec<String>)]
    ignored_sheets: serde_json::Value,
    /// The rows that register nobody, in the order of the file, at most 2,000.
    problems: Vec<RosterProblem>,
    /// How many more there are; see `GET /roster-imports/{id}/problems`.
    further_problems: i64,
}

/// A sheet that was read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterSheet {
    /// `null` for text files, which have none.
    name: Option<String>,
    /// The line of its header, from 1.
    header_row: u32,
    rows: u32,
}

/// A row that registers nobody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterProblem {
    /// Counts the data rows of the file from 1.
    row: i32,
    /// The line in the sheet or text file, from 1.
    sheet_row: i32,
    /// `null` for text files.
    sheet: Option<String>,
    /// The name, where one could be read.
    name: Option<String>,
    /// Stable and machine-read.
    code: String,
    /// What is wrong, in the reader's language.
    detail: String,
    /// For a duplicate: the `row` with the same person.
    duplicate_of: Option<i32>,
}

/// Imports of a branch, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterImportList {
    items: Vec<RosterImportSummary>,
    next_cursor: Option<String>,
}

/// Problems of an import, in the order of the file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterProblemList {
    items: Vec<RosterProblem>,
    next_cursor: Option<String>,
}

fn status_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(Status::ALL.map(Status::as_str)))
        .build()
}

impl RosterImportSummary {
    fn new(state: &State, import: rosters::RosterImport, language: Language) -> Self {
        let clock = &state.campus.clock;
        let failure = import.failure_detail(language).zip(import.failure.clone()).map(|(detail, code)| RosterFailure {
            code,
            detail,
            extra: import.failure_extra.clone(),
        });
        Self {
            id: import.id,
            branch_id: import.branch_id,
            file_name: import.file_name,
            status: import.status.as_str(),
            progress: import.progress,
            rows: import.rows,
            counts: import.counts,
            failure,
            registered: import.registered,
            created_at: clock.local(import.created_at),
            expires_at: clock.local(import.expires_at),
            confirmed_at: import.confirmed_at.map(|at| clock.local(at)),
        }
    }
}

impl RosterProblem {
    fn new(problem: rosters::RosterProblem, language: Language) -> Self {
        let detail = problem.detail(language);
        Self {
            row: problem.row,
            sheet_row: problem.sheet_row,
            sheet: problem.sheet,
            name: problem.name,
            code: problem.code,
            detail,
            duplicate_of: problem.duplicate_row,
        }
    }
}

/// The import as it is answered, with the first of its problems.
async fn in_full(state: &State, mut import: rosters::RosterImport) -> Result<RosterImport, Problem> {
    let language = language();
    let problems = rosters::first_problems(&mut *state.campus.database.connection().await?, &import).await?;
    let shown = i64::try_from(problems.len()).unwrap_or(rosters::PROBLEMS_SHOWN);
    // What has expired has no rows any more.
    let of_all = if import.status == Status::Expired { shown } else { import.problem_count() };
    let mut taken = |name| import.sheets.get_mut(name).map_or_else(|| serde_json::json!([]), serde_json::Value::take);
    let (sheets, ignored_sheets) = (taken("read"), taken("ignored"));
    Ok(RosterImport {
        sheets,
        ignored_sheets,
        problems: problems.into_iter().map(|problem| RosterProblem::new(problem, language)).collect(),
        further_problems: (of_all - shown).max(0),
        summary: RosterImportSummary::new(state, import, language),
    })
}

/// 202 with where to look.
async fn goes_on(state: &State, import: rosters::RosterImport) -> Answer {
    let place = format!("/api/v1/roster-imports/{}", import.id);
    let body = in_full(state, import).await?;
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, place)).json(body))
}

/// Hand in a roster. Nobody is registered until it is confirmed. More than 20,000 rows are
/// read in the background.
#[utoipa::path(tag = "rosters", params(("id" = Uuid, Path, description = "The branch")),
    request_body(content = RosterForm, content_type = "multipart/form-data"),
    responses((status = 201, body = RosterImport), (status = 202, body = RosterImport)))]
#[post("/branches/{id}/roster-imports")]
pub async fn import_roster(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<ImportRosters>,
    id: Id,
    payload: Payload,
) -> Answer {
    let proof = branches::manageable(&mut *state.campus.database.connection().await?, &permit, id.0).await?;
    limits::admit(&state, "upload_account", &permit.account_id.to_string(), UPLOAD_ACCOUNT).await?;
    let place = upload::place().await?;
    let file = upload::receive(&request, payload, ROSTER).await?;
    let roster = NewRoster { file_name: file.name, content: file.content };
    let campus = state.campus.clone();
    let import = detached(async move {
        let _place = place;
        rosters::import(&campus, &permit, &proof, roster).await
    })
    .await?;
    if import.status == Status::Queued {
        return goes_on(&state, import).await;
    }
    Ok(HttpResponse::Created().json(in_full(&state, import).await?))
}

/// The imports of a branch, the newest first.
#[utoipa::path(tag = "rosters", params(("id" = Uuid, Path, description = "The branch"), PageQuery),
    responses((status = 200, body = RosterImportList)))]
#[get("/branches/{id}/roster-imports")]
pub async fn list_roster_imports(
    state: Data<State>,
    permit: Permit<ImportRosters>,
    id: Id,
    query: Query<PageQuery>,
) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = branches::manageable(connection, &permit, id.0).await?;
    let page = rosters::list(connection, &proof, &query.0.into()).await?;
    let items = page.items.into_iter().map(|import| RosterImportSummary::new(&state, import, language())).collect();
    Ok(HttpResponse::Ok().json(RosterImportList { items, next_cursor: page.next_cursor }))
}

/// One import, how far it is, and what is wrong with its rows.
#[utoipa::path(tag = "rosters", params(("id" = Uuid, Path,)), responses((status = 200, body = RosterImport)))]
#[get("/roster-imports/{id}")]
pub async fn roster_import(state: Data<State>, permit: Permit<ImportRosters>, id: Id) -> Answer {
    let import = {
        let connection = &mut *state.campus.database.connection().await?;
        rosters::manageable(connection, &permit, id.0).await?.object().clone()
    };
    Ok(HttpResponse::Ok().json(in_full(&state, import).await?))
}

/// All rows of an import that register nobody, page by page.
#[utoipa::path(tag = "rosters", params(("id" = Uuid, Path,), PageQuery),
    responses((status = 200, body = RosterProblemList)))]
#[get("/roster-imports/{id}/problems")]
pub async fn roster_problems(
    state: Data<State>,
    permit: Permit<ImportRosters>,
    id: Id,
    query: Query<PageQuery>,
) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = rosters::manageable(connection, &permit, id.0).await?;
    let page = rosters::problems(connection, &proof, &query.0.into()).await?;
    let items = page.items.into_iter().map(|problem| RosterProblem::new(problem, language())).collect();
    Ok(HttpResponse::Ok().json(RosterProblemList { items, next_cursor: page.next_cursor }))
}

/// Register the good rows, once: whoever asks again gets the same answer. No
/// `Idempotency-Key` is needed. More than 50,000 people are registered in the background.
#[utoipa::path(tag = "rosters", params(("id" = Uuid, Path,), ("Idempotency-Key" = Option<Uuid>, Header,)),
    responses((status = 200, description = "Confirmed before", body = RosterImport),
        (status = 201, body = RosterImport), (status = 202, body = RosterImport)))]
#[post("/roster-imports/{id}/confirmation")]
pub async fn confirm_roster_import(state: Data<State>, permit: Permit<ImportRosters>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let confirmation = detached(async move {
        let proof = rosters::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        rosters::confirm(&campus, &permit, &proof).await
    })
    .await?;
    match confirmation {
        Confirmation::Written(import) => Ok(HttpResponse::Created().json(in_full(&state, import).await?)),
        Confirmation::Before(import) => Ok(HttpResponse::Ok().json(in_full(&state, import).await?)),
        Confirmation::GoesOn(import) => goes_on(&state, import).await,
    }
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(import_roster)
        .service(list_roster_imports)
        .service(roster_import)
        .service(roster_problems)
        .service(confirm_roster_import);
}
