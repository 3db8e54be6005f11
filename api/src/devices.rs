//! The devices that an account is remembered on.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get};
use campus::access::SeeOneself;
use campus::accounts::{self, RememberedDevice};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::Id;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// A device that one has logged in from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Device)]
pub struct DeviceBody {
    id: Uuid,
    /// What kind of browser on what kind of machine, e.g. `WeChat, Android`, where it says so.
    label: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    last_seen_at: OffsetDateTime,
    /// Until when it is remembered.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    /// Whether it is the one that asks.
    current: bool,
}

impl DeviceBody {
    fn new(state: &State, remembered: RememberedDevice) -> Self {
        let (clock, device) = (&state.campus.clock, remembered.device);
        Self {
            id: device.id,
            label: device.label,
            created_at: clock.local(device.created_at),
            last_seen_at: clock.local(device.last_seen_at),
            expires_at: clock.local(device.expires_at),
            current: remembered.current,
        }
    }
}

/// The devices, the one seen last first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceList {
    items: Vec<DeviceBody>,
    /// Always null: there are never many.
    next_cursor: Option<String>,
}

/// The devices that one is remembered on.
#[utoipa::path(tag = "session", responses((status = 200, body = DeviceList)))]
#[get("/me/devices")]
pub async fn list(state: Data<State>, permit: Permit<SeeOneself>) -> Answer {
    let devices = accounts::devices(&state.campus, &permit).await?;
    let items = devices.into_iter().map(|device| DeviceBody::new(&state, device)).collect();
    Ok(HttpResponse::Ok().json(DeviceList { items, next_cursor: None }))
}

/// Forget a device and log out whoever is logged in on it.
#[utoipa::path(tag = "session", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[delete("/me/devices/{id}")]
pub async fn revoke(state: Data<State>, permit: Permit<SeeOneself>, id: Id) -> Answer {
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    detached(async move { accounts::revoke_device(&campus, &sessions, &permit, id.0).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(revoke);
}
