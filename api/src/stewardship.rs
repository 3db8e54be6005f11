//! Everything held about oneself, and leaving.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use campus::access::{EndRegistrations, ExportOneself, LeaveOneself};
use campus::error::Error;
use campus::{residents, stewardship};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, Input};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

macro_rules! bodies {
    ($($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$about])*
            #[derive(Debug, Serialize, Deserialize, ToSchema)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$note])* $field: $type,)* }
        )*
    };
}

// What the domain collected is read into these once more on its way out, so that the API's
// description of it cannot be wrong.
bodies! {
    /// Everything held about a person. Times are RFC 3339.
    PersonalExport {
        made_at: String,
        person: ExportedPerson,
        accounts: Vec<ExportedAccount>,
        sessions: Vec<ExportedSession>,
        one_time_codes: Vec<ExportedOneTimeCode>,
        cards: Vec<ExportedCard>,
        devices: Vec<ExportedDevice>,
        consents: Vec<ExportedConsent>,
        enrollments: Vec<ExportedEnrollment>,
        lessons: Vec<ExportedLesson>,
        viewings: Vec<ExportedViewing>,
        readings: Vec<ExportedReading>,
        quiz_attempts: Vec<ExportedQuizAttempt>,
        questions: Vec<ExportedQuestion>,
        /// What somebody else asked, is not one's own to take away.
        question_reports: Vec<ExportedQuestionReport>,
        ratings: Vec<ExportedRating>,
        recognitions: Vec<ExportedRecognition>,
        learning_days: Vec<ExportedLearningDay>,
        credit_accounts: Vec<ExportedCreditAccount>,
        transfers: Vec<ExportedTransfer>,
        redemptions: Vec<ExportedRedemption>,
        account_statements: Vec<ExportedAccountStatement>,
        helpers: Vec<ExportedHelper>,
        /// When one helped others; whom, is not one's own to take away.
        helping: Vec<ExportedHelping>,
        mails: Vec<ExportedMail>,
        /// By which a learning record store knows one.
        record_store_names: Vec<ExportedRecordStoreName>,
        anomalies: Vec<ExportedAnomaly>,
        acts: Vec<ExportedAct>,
    }
    /// Something that looked out of the ordinary about one and others, and was asked about.
    ExportedAnomaly {
        kind: String,
        found_at: String,
        settled_at: Option<String>,
    }
    /// What one asked about a lesson.
    ExportedQuestion {
        lesson_id: Uuid,
        title: String,
        /// `null` once it is taken back.
        text: Option<String>,
        asked_at: String,
        withdrawn_at: Option<String>,
        answer: Option<String>,
        answered_at: Option<String>,
        answer_edited_at: Option<String>,
        hidden_at: Option<String>,
        hidden_reason: Option<String>,
    }
    /// When and why one reported what somebody else asked.
    ExportedQuestionReport { reason: String, reported_at: String, }
    /// What one has chosen for one's points: `held`, `handed_over`, `cancelled` or `expired`.
    ExportedRedemption {
        title: String,
        price: i64,
        status: String,
        redeemed_at: String,
        held_until: String,
        settled_at: Option<String>,
    }
    /// A statement of one's account that was given out, with the code by which it is checked.
    ExportedAccountStatement {
        code: String,
        from_on: String,
        to_on: String,
        issued_at: String,
        credits: String,
        points: i64,
        rows: i32,
    }
    /// What one said about a course: `good`, `fair` or `poor`.
    ExportedRating { course_id: Uuid, title: String, version: i32, value: String, rated_at: String, }
    /// What one asked to be recognised.
    ExportedRecognition {
        outcome: String,
        title: Option<String>,
        issuer: Option<String>,
        issued_on: String,
        hours: Option<i32>,
        state: String,
        credits: Option<String>,
        original_seen: bool,
        created_at: String,
        notice_until: Option<String>,
        photos: i64,
        steps: Vec<ExportedRecognitionStep>,
    }
    /// A step towards it.
    ExportedRecognitionStep { step: String, at: String, reason: Option<String>, }
    /// Who it is about, nothing masked.
    ExportedPerson {
        id: Uuid,
        learner_number: String,
        name: String,
        birth_date: String,
        gender: Option<String>,
        phone: Option<String>,
        id_number: Option<String>,
        groups: Vec<String>,
        /// Who agreed for one, where one came on record under 14.
        guardian: Option<ExportedGuardian>,
        registrations: Vec<ExportedRegistration>,
    }
    /// A guardian, nothing masked.
    ExportedGuardian { name: String, phone: String, relation: String, }
    /// How one came on record.
    ExportedRegistration {
        registered_on: String,
        recorded_at: String,
        /// `roster`, `self`, `desk` or `demo`.
        origin: String,
        learner_number: String,
        branch: String,
        registered_at: String,
    }
    /// How one logs in.
    ExportedAccount {
        id: Uuid,
        name: String,
        email: Option<String>,
        has_password: bool,
        has_pin: bool,
        created_at: String,
        disabled_at: Option<String>,
    }
    /// A session on a device.
    ExportedSession {
        created_at: String,
        proved_at: String,
        expires_at: String,
        ended_at: Option<String>,
        ended_because: Option<String>,
    }
    /// A one-time code, without the code.
    ExportedOneTimeCode { expires_at: String, used_at: Option<String>, attempts: i32, }
    /// A learner card, without what opens it.
    ExportedCard { issued_at: String, revoked_at: Option<String>, revoked_because: Option<String>, }
    /// A device that remembers one.
    ExportedDevice {
        label: Option<String>,
        created_at: String,
        last_seen_at: String,
        expires_at: String,
        revoked_at: Option<String>,
        /// Whether it opens with one press, after card and PIN.
        opens: bool,
    }
    /// One time that one agreed.
    ExportedConsent {
        purpose: String,
        version: String,
        title: String,
        given_at: String,
        channel: String,
        withdrawn_at: Option<String>,
    }
    /// A course.
    ExportedEnrollment {
        course_id: Uuid,
        title: String,
        enrolled_at: String,
        completed_at: Option<String>,
        helped_by: Option<String>,
    }
    /// A lesson, with what was watched of it.
    ExportedLesson {
        lesson_id: Uuid,
        title: String,
        course: String,
        watched_seconds: f64,
        position_seconds: f64,
        completed_at: Option<String>,
        updated_at: String,
        /// Half-open ranges, in seconds.
        #[schema(value_type = Vec<Vec<f64>>)]
        watched: Vec<(f64, f64)>,
    }
    /// One time that a lesson was opened.
    ExportedViewing { lesson_id: Uuid, started_at: String, }
    /// When an article was first opened.
    ExportedReading { lesson_id: Uuid, opened_at: String, }
    /// One attempt at a quiz.
    ExportedQuizAttempt {
        lesson_id: Uuid,
        title: String,
        number: i32,
        /// By question: the options that were chosen.
        answers: HashMap<Uuid, Vec<Uuid>>,
        /// In percent.
        score: Option<i16>,
        passed: Option<bool>,
        started_at: String,
        finished_at: Option<String>,
    }
    /// A day of learning.
    ExportedLearningDay { day: String, watched_seconds: f64, }
    /// A balance.
    ExportedCreditAccount { unit: String, balance: String, }
    /// One transfer.
    ExportedTransfer {
        id: Uuid,
        unit: String,
        kind: String,
        source_kind: String,
        source: String,
        evidence: String,
        amount: String,
        balance_after: String,
        reason: Option<String>,
        /// The venue, of an award that says where it was.
        held_at: Option<String>,
        earned_at: String,
        recorded_at: String,
        counted_month: String,
        reverses: Option<Uuid>,
    }
    /// Somebody who helped or helps.
    ExportedHelper {
        name: String,
        channel: String,
        granted_at: String,
        expires_at: String,
        ended_at: Option<String>,
        ended_by: Option<String>,
        last_used_on: Option<String>,
    }
    /// When one helped somebody.
    ExportedHelping {
        channel: String,
        granted_at: String,
        expires_at: String,
        ended_at: Option<String>,
        ended_by: Option<String>,
        last_used_on: Option<String>,
    }
    /// A mail that was sent.
    ExportedMail { subject: String, queued_at: String, sent_at: Option<String>, }
    /// A name that a learning record store knows one by, and nothing else of one.
    ExportedRecordStoreName {
        name: Uuid,
        /// What is still to be told under it.
        waiting: i64,
    }
    /// Something that was done by one or about one.
    ExportedAct {
        at: String,
        action: String,
        /// `self`, `helper`, `staff` or `system`.
        by: String,
        /// Done to another person, whose details are not here.
        about_another: bool,
        #[schema(value_type = Object)]
        detail: serde_json::Value,
    }
}

/// Everything held about oneself, as it stands at this moment.
#[utoipa::path(tag = "me", responses((status = 200, body = PersonalExport)))]
#[get("/me/export")]
pub async fn export(state: Data<State>, permit: Permit<ExportOneself>) -> Answer {
    let campus = state.campus.clone();
    let found = detached(async move { stewardship::export(&campus, &permit).await }).await?;
    let found = serde_json::to_value(found).map_err(Error::internal)?;
    let body: PersonalExport = serde_json::from_value(found).map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .insert_header(("content-disposition", "attachment; filename=\"changqing.json\""))
        .json(body))
}

/// That one knows what one does.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DepartureInput {
    /// Leaving cannot be undone.
    confirmation: bool,
}

/// Why a registration ends.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RegistrationEndInput {
    /// `asked`, `guardian_asked`, `deceased` or `registered_by_mistake`.
    reason: String,
}

/// The person is forgotten.
#[derive(Debug, Serialize, ToSchema)]
pub struct Departure {
    #[serde(with = "time::serde::rfc3339")]
    left_at: OffsetDateTime,
}

/// Leave: who one was is forgotten and cannot be brought back; what was counted stays, without a name.
#[utoipa::path(tag = "me", request_body = DepartureInput, responses((status = 201, body = Departure)))]
#[post("/me/departure")]
pub async fn leave(state: Data<State>, permit: Permit<LeaveOneself>, input: Input<DepartureInput>) -> Answer {
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    let confirmed = input.0.confirmation;
    let left_at = detached(async move { stewardship::leave(&campus, &sessions, &permit, confirmed).await }).await?;
    Ok(HttpResponse::Created().json(Departure { left_at: state.campus.clock.local(left_at) }))
}

/// End the registration of somebody who asks for it at the desk, or has died.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,)), request_body = RegistrationEndInput,
    responses((status = 201, body = Departure)))]
#[post("/residents/{id}/departure")]
pub async fn end_registration(
    state: Data<State>,
    permit: Permit<EndRegistrations>,
    id: Id,
    input: Input<RegistrationEndInput>,
) -> Answer {
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    let left_at = detached(async move {
        let proof = residents::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        stewardship::end_registration(&campus, &sessions, &permit, &proof, &input.0.reason).await
    })
    .await?;
    Ok(HttpResponse::Created().json(Departure { left_at: state.campus.clock.local(left_at) }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(export).service(leave).service(end_registration);
}
