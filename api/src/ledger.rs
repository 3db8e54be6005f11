//! The proof of the ledger: its signed roots, and the checks of the whole of it.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use campus::access::AuditLedger;
use campus::attestation::{self, Acknowledgement, Finding};
use campus::credits::Unit;
use campus::paging::PageRequest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::credits::PageQuery;
use crate::detach::detached;
use crate::input::Query;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

type Fallible<T> = Result<T, campus::error::Error>;

/// How much there is of one unit, on the residents' side.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitCounts {
    /// `credit` or `point`.
    unit: String,
    accounts: i64,
    transfers: i64,
    /// The sum of all balances, as a decimal string.
    balance: String,
}

impl From<attestation::UnitCounts> for UnitCounts {
    fn from(counts: attestation::UnitCounts) -> Self {
        let balance = Unit::from_name(&counts.unit).unwrap_or(Unit::Credit).write(counts.balance);
        Self { unit: counts.unit, accounts: counts.accounts, transfers: counts.transfers, balance }
    }
}

/// A signed root.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerRoot {
    /// From 1, without a gap.
    sequence: i64,
    #[serde(with = "time::serde::rfc3339")]
    signed_at: OffsetDateTime,
    /// SHA-256 of `signed`, in hexadecimal digits; the next root names it.
    hash: String,
    units: Vec<UnitCounts>,
    /// Whether the heads stored with it are those of all accounts, or of those that had changed.
    is_checkpoint: bool,
    /// The root itself: a compact JWS, verified with the keys at `/.well-known/jwks.json`.
    signed: String,
    /// What did not fit and was answered for: this root begins anew with the ledger as it stood.
    acknowledges: Option<LedgerAcknowledgement>,
}

/// What somebody who holds the signing key answers for.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerAcknowledgement {
    finding: LedgerFinding,
    reason: String,
}

impl From<Acknowledgement> for LedgerAcknowledgement {
    fn from(acknowledgement: Acknowledgement) -> Self {
        Self { finding: acknowledgement.finding.into(), reason: acknowledgement.reason }
    }
}

impl LedgerRoot {
    fn new(state: &State, root: attestation::LedgerRoot) -> Fallible<Self> {
        let units: Vec<attestation::UnitCounts> = serde_json::from_value(root.units)?;
        let acknowledges: Option<Acknowledgement> = root.acknowledges.map(serde_json::from_value).transpose()?;
        Ok(Self {
            sequence: root.sequence,
            signed_at: state.campus.clock.local(root.signed_at),
            hash: root.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            units: units.into_iter().map(UnitCounts::from).collect(),
            is_checkpoint: root.is_checkpoint,
            signed: root.signed,
            acknowledges: acknowledges.map(LedgerAcknowledgement::from),
        })
    }
}

/// Roots, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerRootList {
    items: Vec<LedgerRoot>,
    next_cursor: Option<String>,
    /// How old the newest root is, in seconds; below zero where it is of a time still to come. `null` while there
    /// is nothing to sign.
    age_seconds: Option<i64>,
    /// Whether that is too old: the next should have been signed long ago.
    is_overdue: bool,
}

/// Which roots.
#[derive(Debug, Deserialize, IntoParams)]
pub struct LedgerRootQuery {
    /// Those alone that answer for something.
    acknowledging: Option<bool>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The signed roots of the ledger, newest first.
#[utoipa::path(tag = "operations", params(LedgerRootQuery), responses((status = 200, body = LedgerRootList)))]
#[get("/ledger-roots")]
pub async fn roots(state: Data<State>, _permit: Permit<AuditLedger>, query: Query<LedgerRootQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let connection = &mut *state.campus.database.connection().await?;
    let page = attestation::roots(connection, query.acknowledging.unwrap_or(false), &request).await?;
    let age = attestation::age(&state.campus, connection).await?;
    let items = page.items.into_iter().map(|root| LedgerRoot::new(&state, root)).collect::<Fallible<_>>()?;
    Ok(HttpResponse::Ok().json(LedgerRootList {
        items,
        next_cursor: page.next_cursor,
        age_seconds: age.map(|age| age.age.whole_seconds()),
        is_overdue: age.is_some_and(|age| age.is_overdue),
    }))
}

/// The first thing that does not fit.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerFinding {
    /// `changed_row`, `missing_row`, `rewritten_chain`, `removed_tail`, `missing_account`,
    /// `unknown_account`, `wrong_balance`, `wrong_head`, `wrong_counterpart`, `backdated`,
    /// `unbalanced_sum`, `missing_root`, `forged_root`, `damaged_heads` or `overdue_root`.
    kind: &'static str,
    /// The account whose chain it is.
    account_id: Option<Uuid>,
    /// The place in that chain.
    version: Option<i64>,
    /// The row at that place.
    transfer_id: Option<Uuid>,
    /// The root that says otherwise.
    root: Option<i64>,
    /// The key that a root names and that is not trusted.
    key: Option<String>,
}

impl From<Finding> for LedgerFinding {
    fn from(finding: Finding) -> Self {
        Self {
            kind: finding.kind.as_str(),
            account_id: finding.account_id,
            version: finding.version,
            transfer_id: finding.transfer_id,
            root: finding.root,
            key: finding.key,
        }
    }
}

/// One check.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerAudit {
    id: Uuid,
    /// `full`, or `signing`: of what was new, when a root was to be signed and was not.
    scope: String,
    /// `running`, `passed`, `failed` or `given_up`.
    status: String,
    #[serde(with = "time::serde::rfc3339")]
    started_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    finished_at: Option<OffsetDateTime>,
    /// How many transfers there are to check.
    expected: i64,
    /// How many have been.
    checked: i64,
    accounts: i64,
    /// The newest root it was compared with.
    root: Option<i64>,
    finding: Option<LedgerFinding>,
}

impl LedgerAudit {
    fn new(state: &State, audit: attestation::LedgerAudit) -> Fallible<Self> {
        let clock = &state.campus.clock;
        let finding: Option<Finding> = audit.finding.map(serde_json::from_value).transpose()?;
        Ok(Self {
            id: audit.id,
            scope: audit.scope,
            status: audit.status,
            started_at: clock.local(audit.started_at),
            finished_at: audit.finished_at.map(|at| clock.local(at)),
            expected: audit.expected,
            checked: audit.checked,
            accounts: audit.accounts,
            root: audit.root_sequence,
            finding: finding.map(LedgerFinding::from),
        })
    }
}

/// Checks, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerAuditList {
    items: Vec<LedgerAudit>,
    next_cursor: Option<String>,
}

/// The checks of the ledger, newest first, with how far one that runs has come.
#[utoipa::path(tag = "operations", params(PageQuery), responses((status = 200, body = LedgerAuditList)))]
#[get("/ledger-audits")]
pub async fn audits(state: Data<State>, _permit: Permit<AuditLedger>, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest::from(query);
    let page = attestation::audits(&mut *state.campus.database.connection().await?, &request).await?;
    let items = page.items.into_iter().map(|audit| LedgerAudit::new(&state, audit)).collect::<Fallible<_>>()?;
    Ok(HttpResponse::Ok().json(LedgerAuditList { items, next_cursor: page.next_cursor }))
}

/// The check that has begun, or was running.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerAuditBegun {
    id: Uuid,
}

/// Have every chain and balance recomputed now and compared with what is signed; the worker does it.
#[utoipa::path(tag = "operations", responses((status = 202, body = LedgerAuditBegun,
    headers(("Location" = String, description = "Where to look")))))]
#[post("/ledger-audits")]
pub async fn check(state: Data<State>, permit: Permit<AuditLedger>) -> Answer {
    let campus = state.campus.clone();
    let id = detached(async move { attestation::request(&campus, &permit).await }).await?;
    let place = (header::LOCATION, "/api/v1/ledger-audits");
    Ok(HttpResponse::Accepted().insert_header(place).json(LedgerAuditBegun { id }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(roots).service(audits).service(check);
}
