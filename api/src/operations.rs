//! For those who run the deployment: what it is, its mail, its dead jobs.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use campus::access::OperateDeployment;
use campus::paging::PageRequest;
use campus::{jobs, mail};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::credits::PageQuery;
use crate::input::{Id, Query};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// What everybody may know of this deployment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deployment {
    site_name: &'static str,
    /// The street's telephone for help.
    help_telephone: String,
    /// The civil time zone of its days and months.
    time_zone: String,
    /// The civil date there.
    #[schema(value_type = String, format = Date)]
    today: String,
}

/// A mail that was sent or waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailItem {
    id: Uuid,
    recipient: String,
    subject: String,
    /// What it is about: `month_report`.
    kind: String,
    #[serde(with = "time::serde::rfc3339")]
    queued_at: OffsetDateTime,
    /// `null` while it waits.
    #[serde(with = "time::serde::rfc3339::option")]
    sent_at: Option<OffsetDateTime>,
}

impl MailItem {
    fn new(state: &State, delivery: mail::Delivery) -> Self {
        let clock = &state.campus.clock;
        Self {
            id: delivery.id,
            recipient: delivery.recipient,
            subject: delivery.subject,
            kind: delivery.kind,
            queued_at: clock.local(delivery.queued_at),
            sent_at: delivery.sent_at.map(|at| clock.local(at)),
        }
    }
}

/// Mails, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailList {
    items: Vec<MailItem>,
    next_cursor: Option<String>,
}

/// A mail with its content.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailBody {
    #[serde(flatten)]
    item: MailItem,
    html: String,
    text: String,
}

/// A job that used up its attempts.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadJob {
    id: Uuid,
    kind: String,
    /// What went wrong at each attempt.
    #[schema(value_type = Vec<Object>)]
    errors: serde_json::Value,
    #[serde(with = "time::serde::rfc3339::option")]
    finished_at: Option<OffsetDateTime>,
}

/// Dead jobs, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadJobList {
    items: Vec<DeadJob>,
    next_cursor: Option<String>,
}

/// What this deployment is.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, body = Deployment)))]
#[get("/deployment")]
pub async fn deployment(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(Deployment {
        site_name: "常青学堂",
        help_telephone: state.campus.config.help_telephone.clone(),
        time_zone: state.campus.clock.zone_name().to_owned(),
        today: state.campus.clock.today().to_string(),
    })
}

/// The mails of this deployment, newest first.
#[utoipa::path(tag = "operations", params(PageQuery), responses((status = 200, body = MailList)))]
#[get("/mailbox")]
pub async fn mailbox(state: Data<State>, _permit: Permit<OperateDeployment>, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest::from(query);
    let page = mail::deliveries(&mut *state.campus.database.connection().await?, &request).await?;
    let items = page.items.into_iter().map(|delivery| MailItem::new(&state, delivery)).collect();
    Ok(HttpResponse::Ok().json(MailList { items, next_cursor: page.next_cursor }))
}

/// One mail with its content.
#[utoipa::path(tag = "operations", params(("id" = Uuid, Path,)), responses((status = 200, body = MailBody)))]
#[get("/mailbox/{id}")]
pub async fn mail_content(state: Data<State>, _permit: Permit<OperateDeployment>, id: Id) -> Answer {
    let (delivery, mail) = mail::delivery(&mut *state.campus.database.connection().await?, id.0).await?;
    let body = MailBody { item: MailItem::new(&state, delivery), html: mail.html, text: mail.text };
    Ok(HttpResponse::Ok().json(body))
}

/// Jobs that used up their attempts, newest first, at most 100.
#[utoipa::path(tag = "operations", responses((status = 200, body = DeadJobList)))]
#[get("/dead-jobs")]
pub async fn dead_jobs(state: Data<State>, _permit: Permit<OperateDeployment>) -> Answer {
    let dead = jobs::dead(&mut *state.campus.database.connection().await?).await?;
    let items = dead.into_iter().map(|job| DeadJob {
        id: job.id,
        kind: job.kind,
        errors: job.errors,
        finished_at: job.finished_at.map(|at| state.campus.clock.local(at)),
    });
    Ok(HttpResponse::Ok().json(DeadJobList { items: items.collect(), next_cursor: None }))
}

/// Have a dead job tried again.
#[utoipa::path(tag = "operations", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[post("/dead-jobs/{id}/replay")]
pub async fn replay(state: Data<State>, _permit: Permit<OperateDeployment>, id: Id) -> Answer {
    let campus = &state.campus;
    jobs::replay(&mut *campus.database.connection().await?, id.0, campus.clock.now()).await?;
    campus.signals.wake_workers().await;
    Ok(HttpResponse::NoContent().finish())
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(deployment).service(mailbox).service(mail_content).service(dead_jobs).service(replay);
}
