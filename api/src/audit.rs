//! The audit: who did what to what, when, under which request.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use campus::access::SeeAudit;
use campus::audit::{self, Recorded, Search};
use campus::error::{Code, Error};
use campus::paging::PageRequest;
use campus::residents;
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Iso8601;
use time::{Date, Duration, OffsetDateTime};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::input::Query;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::residents::YEARS;
use crate::state::State;

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// One action (`course.published`), or all of one kind (`course`).
    #[param(max_length = 64)]
    action: Option<String>,
    /// What this account did.
    account_id: Option<Uuid>,
    /// What was done to this thing.
    object_id: Option<Uuid>,
    /// In this branch.
    branch_id: Option<Uuid>,
    /// Under this request.
    #[param(max_length = 64)]
    request_id: Option<String>,
    /// From this day on.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// To this day, it included.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// One thing that was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// By whom; `null`: by the system itself.
    account: Option<AuditAccount>,
    /// What was done: `course.published`.
    action: String,
    /// To what kind of thing.
    object_kind: String,
    /// To which one.
    object_id: Option<Uuid>,
    branch_id: Option<Uuid>,
    request_id: Option<String>,
    /// Figures and codes.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditAccount {
    id: Uuid,
    name: Option<String>,
    role: Option<String>,
}

/// Entries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditList {
    items: Vec<AuditEntry>,
    next_cursor: Option<String>,
}

impl AuditEntry {
    fn new(state: &State, entry: Recorded) -> Self {
        let Recorded { account_name: name, account_role: role, .. } = entry;
        Self {
            id: entry.id,
            at: state.campus.clock.local(entry.at),
            account: entry.account_id.map(|id| AuditAccount { id, name, role }),
            action: entry.action,
            object_kind: entry.object_kind,
            object_id: entry.object_id,
            branch_id: entry.branch_id,
            request_id: entry.request_id,
            detail: entry.detail,
        }
    }
}

fn day(field: &str, text: Option<&String>) -> Result<Option<Date>, Error> {
    let parse = |text: &String| Date::parse(text, &Iso8601::DATE).ok().filter(|date| YEARS.contains(&date.year()));
    text.map(|text| parse(text).ok_or_else(|| Error::field(field, Code::DateInvalid))).transpose()
}

/// Who did what, newest first.
#[utoipa::path(tag = "operations", params(AuditQuery), responses((status = 200, body = AuditList)))]
#[get("/audit-entries")]
pub async fn audit_entries(state: Data<State>, _permit: Permit<SeeAudit>, query: Query<AuditQuery>) -> Answer {
    let Query(query) = query;
    let clock = &state.campus.clock;
    let from = day("from", query.from.as_ref())?.map(|day| clock.start_of(day));
    let until = day("to", query.to.as_ref())?;
    let until = until.map(|day| clock.start_of(day.saturating_add(Duration::DAY)));
    let connection = &mut *state.campus.database.connection().await?;
    // Whoever has several records is one person in the audit too.
    let object_ids = match query.object_id {
        Some(id) => Some(residents::same_person(connection, id).await?),
        None => None,
    };
    let search = Search {
        action: query.action.filter(|text| !text.is_empty()),
        account_id: query.account_id,
        object_ids,
        about: None,
        branch_id: query.branch_id,
        request_id: query.request_id,
        from,
        until,
    };
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let page = audit::search(connection, &search, &request).await?;
    let items = page.items.into_iter().map(|entry| AuditEntry::new(&state, entry)).collect();
    Ok(HttpResponse::Ok().json(AuditList { items, next_cursor: page.next_cursor }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(audit_entries);
}
