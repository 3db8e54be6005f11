//! How helpers and who is helped look in JSON.

use campus::helping;
use campus::residents::mask_phone;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;
use crate::state::State;

/// Who helps one.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelperList {
    pub(super) items: Vec<Helper>,
    pub(super) next_cursor: Option<String>,
    /// A code that waits for its helper.
    pub(super) invitation: Option<WaitingInvitation>,
}

/// Somebody who helps.
#[derive(Debug, Serialize, ToSchema)]
pub struct Helper {
    /// The allowance.
    pub(super) id: Uuid,
    pub(super) name: String,
    /// `code` or `desk`.
    pub(super) channel: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) since: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) until: OffsetDateTime,
    /// The last day on which they looked or did something.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) last_used_on: Option<String>,
}

impl Helper {
    pub(super) fn new(state: &State, helper: helping::Helper) -> Self {
        let clock = &state.campus.clock;
        Self {
            id: helper.id,
            name: helper.name,
            channel: helper.channel,
            since: clock.local(helper.granted_at),
            until: clock.local(helper.expires_at),
            last_used_on: helper.last_used_on.map(|day| day.to_string()),
        }
    }
}

/// A code that waits for its helper. The code itself is not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingInvitation {
    pub(super) months: i16,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) expires_at: OffsetDateTime,
}

/// For how long.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HelperInvitationInput {
    /// 1, 3, 6 or 12.
    pub(super) months: u8,
}

/// A code to tell a helper. It is not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelperInvitation {
    /// Two groups of four digits.
    pub(super) code: String,
    pub(super) months: u8,
    /// Until when it can be typed in.
    #[serde(with = "time::serde::rfc3339")]
    pub(super) expires_at: OffsetDateTime,
}

/// What helpers did, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpActList {
    pub(super) items: Vec<HelpAct>,
    pub(super) next_cursor: Option<String>,
}

/// Something that a helper did, or how one came and went.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpAct {
    pub(super) id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) at: OffsetDateTime,
    /// `help.enrolled`, `help.filled_in`, `help.granted`, `help.ended`, `help.invited` or
    /// `help.invitation_withdrawn`.
    pub(super) action: String,
    /// Who did it.
    pub(super) by: Option<String>,
    /// The course, where it is about one.
    pub(super) course_title: Option<String>,
}

/// Whom one helps.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpedList {
    pub(super) items: Vec<Helped>,
    pub(super) next_cursor: Option<String>,
}

/// Somebody whom one helps.
#[derive(Debug, Serialize, ToSchema)]
pub struct Helped {
    /// The resident.
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) learner_number: String,
    pub(super) branch_id: Uuid,
    /// Masked.
    pub(super) phone: Option<String>,
    pub(super) groups: Vec<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) since: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) until: OffsetDateTime,
}

impl Helped {
    pub(super) fn new(state: &State, helped: helping::Helped) -> Result<Self, Problem> {
        let (clock, resident) = (&state.campus.clock, helped.resident);
        let phone = resident.contact(&state.campus.seal)?.phone;
        Ok(Self {
            id: resident.id,
            name: resident.name,
            learner_number: resident.learner_number,
            branch_id: resident.branch_id,
            phone: phone.as_deref().map(mask_phone),
            groups: resident.groups,
            since: clock.local(helped.granted_at),
            until: clock.local(helped.expires_at),
        })
    }
}

/// What one was told by the resident.
#[derive(Deserialize, ToSchema)]
pub struct AcceptanceInput {
    /// The resident's name.
    #[schema(max_length = 64)]
    pub(super) name: String,
    #[schema(max_length = 64)]
    pub(super) code: String,
}

/// A helper set up at the desk, with the resident present.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ArrangementInput {
    pub(super) helper_learner_number: String,
    /// The helper's name, as on their learner card.
    pub(super) helper_name: String,
    /// 1, 3, 6 or 12.
    pub(super) months: u8,
    /// Whether the resident, present, has agreed.
    pub(super) consent: bool,
}
