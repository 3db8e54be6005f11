//! What goes out of a month: a branch's page, and the mails.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use campus::access::{CloseMonths, ExportReports};
use campus::branches;
use campus::error::{Code, Error};
use campus::mail::DeliveryState;
use campus::reports::{self, Format};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::bodies::BranchExportQuery;
use super::{month, required};
use crate::detach::detached;
use crate::download::download;
use crate::input::{Input, Query};
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::state::State;

/// One page about a branch, in Chinese, to be printed.
#[utoipa::path(tag = "reports",
    params(("month" = String, Path, example = "2026-11"), ("id" = Uuid, Path,), BranchExportQuery),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/pdf")))]
#[get("/reports/months/{month}/branches/{id}/export")]
pub(crate) async fn branch_page(
    state: Data<State>,
    permit: Permit<ExportReports>,
    path: Path<(String, String)>,
    query: Query<BranchExportQuery>,
) -> Answer {
    let (month_text, id) = path.into_inner();
    let id = Uuid::try_parse(&id).map_err(|_| Problem::from(Code::NotFound))?;
    if Format::parse(required("format", query.0.format.as_ref())?)? != Format::Pdf {
        return Err(Error::field("format", Code::FormatUnknown).into());
    }
    let proof = branches::viewable(&mut *state.campus.database.connection().await?, &permit, id).await?;
    let file = reports::branch_page(&state.campus, month(&month_text)?, proof.object().id).await?;
    Ok(download(file))
}

/// A mail of a month, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonthMail {
    id: Uuid,
    recipient: String,
    subject: String,
    #[serde(with = "time::serde::rfc3339")]
    queued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    sent_at: Option<OffsetDateTime>,
    /// `sent`, `waiting` or `failed`.
    status: &'static str,
}

impl MonthMail {
    fn shown(state: &State, mail: DeliveryState) -> Self {
        let status = match (mail.sent_at, mail.failed) {
            (Some(_), _) => "sent",
            (None, true) => "failed",
            (None, false) => "waiting",
        };
        Self {
            id: mail.id,
            recipient: mail.recipient,
            subject: mail.subject,
            queued_at: state.campus.clock.local(mail.queued_at),
            sent_at: mail.sent_at.map(|at| state.campus.clock.local(at)),
            status,
        }
    }
}

/// The mails of a month, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonthMailList {
    items: Vec<MonthMail>,
}

/// To whom a closed month was mailed, and what became of it.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11")),
    responses((status = 200, body = MonthMailList)))]
#[get("/reports/months/{month}/mails")]
pub(crate) async fn mails(state: Data<State>, _permit: Permit<CloseMonths>, path: Path<String>) -> Answer {
    let found = reports::month_mails(&state.campus, month(&path)?).await?;
    let items = found.into_iter().map(|mail| MonthMail::shown(&state, mail)).collect();
    Ok(HttpResponse::Ok().json(MonthMailList { items }))
}

/// To whom it is to be sent again.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ResendInput {
    /// Only to those whom no mail has reached, or is on its way to.
    only_missed: bool,
}

/// How many were sent again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Resent {
    queued: usize,
}

/// Send the mails of a closed month again.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11")), request_body = ResendInput,
    responses((status = 202, body = Resent)))]
#[post("/reports/months/{month}/mails")]
pub(crate) async fn resend(
    state: Data<State>,
    permit: Permit<CloseMonths>,
    path: Path<String>,
    input: Input<ResendInput>,
) -> Answer {
    let month = month(&path)?;
    let campus = state.campus.clone();
    let queued = detached(async move { reports::resend(&campus, &permit, month, input.0.only_missed).await }).await?;
    Ok(HttpResponse::Accepted().json(Resent { queued }))
}
