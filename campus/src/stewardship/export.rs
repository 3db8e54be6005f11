//! Everything held about a person, for that person.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::queries;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::Result;
use crate::residents::{self, Contact, Resident};

/// Who the person is, nothing masked.
#[derive(Debug, Clone, Serialize)]
pub struct Person {
    /// The record's id.
    pub id: Uuid,
    /// Their learner number.
    pub learner_number: String,
    /// Their name.
    pub name: String,
    /// `YYYY-MM-DD`.
    pub birth_date: String,
    /// `female` or `male`.
    pub gender: Option<String>,
    /// In full.
    pub phone: Option<String>,
    /// In full.
    pub id_number: Option<String>,
    /// Codes of target groups.
    pub groups: Vec<String>,
    /// Who agreed for them, where they came on record under 14.
    pub guardian: Option<Value>,
    /// When and where they were registered and how; a list, as two records may have been joined.
    pub registrations: Value,
}

/// Everything held about a person. Lists are JSON arrays of objects, the earliest first; times
/// carry the deployment's offset.
#[derive(Debug, Clone, Serialize)]
pub struct Export {
    /// When it was made (RFC 3339).
    pub made_at: Value,
    /// Who it is about.
    pub person: Person,
    /// How they log in; never a secret.
    pub accounts: Value,
    /// Sessions on their devices.
    pub sessions: Value,
    /// One-time codes that were made for them, without the codes.
    pub one_time_codes: Value,
    /// Learner cards that were printed for them, without what opens them.
    pub cards: Value,
    /// Devices that remember them.
    pub devices: Value,
    /// What they agreed to and withdrew.
    pub consents: Value,
    /// Courses.
    pub enrollments: Value,
    /// Lessons with the stretches that were watched.
    pub lessons: Value,
    /// Each time a lesson was opened.
    pub viewings: Value,
    /// When they first opened an article.
    pub readings: Value,
    /// Their attempts at quizzes.
    pub quiz_attempts: Value,
    /// What they asked about lessons, and what was answered.
    pub questions: Value,
    /// When and why they reported what others asked.
    pub question_reports: Value,
    /// What they said about courses.
    pub ratings: Value,
    /// What they asked to be recognised, with each step; of photos how many there are.
    pub recognitions: Value,
    /// How long was learned on each day.
    pub learning_days: Value,
    /// Balances.
    pub credit_accounts: Value,
    /// Every transfer.
    pub transfers: Value,
    /// What they have chosen for their points.
    pub redemptions: Value,
    /// Statements of their account that were given out to them, each with the code by which it is checked.
    pub account_statements: Value,
    /// Who helped them, and who may now.
    pub helpers: Value,
    /// When they helped others; whom, is not theirs to take away.
    pub helping: Value,
    /// Mail that was sent to them.
    pub mails: Value,
    /// The names that a learning record store knows them by, each with how much is still to be told.
    pub record_store_names: Value,
    /// What looked out of the ordinary about them and others.
    pub anomalies: Value,
    /// What was done by them and about them.
    pub acts: Value,
}

/// Everything held about the actor, as it stood at one moment. Audited.
///
/// # Errors
/// [`crate::error::Code::Forbidden`] for accounts that are no resident's; what the database says.
pub async fn export(campus: &Campus, actor: &Actor) -> Result<Export> {
    let resident_id = actor.resident()?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .build_transaction()
        .repeatable_read()
        .run(async |connection| {
            queries::use_zone(connection, campus.clock.zone_name()).await?;
            let resident = residents::find(connection, resident_id).await?;
            let found = collect(connection, campus, &resident).await?;
            let entry = audit::Entry {
                action: "resident.exported",
                object_kind: "resident",
                object_id: Some(resident_id),
                branch_id: Some(resident.branch_id),
                detail: json!({}),
                actor: Some(actor),
            };
            audit::record(connection, campus.clock.now(), &entry).await?;
            Ok(found)
        })
        .await
}

async fn collect(connection: &mut Connection, campus: &Campus, resident: &Resident) -> Result<Export> {
    let ids = residents::records(connection, resident.id).await?;
    let Contact { phone, id_number } = resident.contact(&campus.seal)?;
    let guardian = residents::guardian(campus, connection, resident).await?;
    let mut section = async |query: &str| queries::section(connection, query, &ids).await;
    Ok(Export {
        person: Person {
            id: resident.id,
            learner_number: resident.learner_number.clone(),
            name: resident.name.clone(),
            birth_date: resident.birth_date.to_string(),
            gender: resident.gender.clone(),
            phone,
            id_number,
            groups: resident.groups.clone(),
            guardian: guardian
                .map(|known| json!({"name": known.name, "phone": known.phone, "relation": known.relation})),
            registrations: section(queries::REGISTRATIONS).await?,
        },
        accounts: section(queries::ACCOUNTS).await?,
        sessions: section(queries::SESSIONS).await?,
        one_time_codes: section(queries::ONE_TIME_CODES).await?,
        cards: section(queries::CARDS).await?,
        devices: section(queries::DEVICES).await?,
        consents: section(queries::CONSENTS).await?,
        enrollments: section(queries::ENROLLMENTS).await?,
        lessons: section(queries::LESSONS).await?,
        viewings: section(queries::VIEWINGS).await?,
        readings: section(queries::READINGS).await?,
        quiz_attempts: section(queries::QUIZ_ATTEMPTS).await?,
        questions: section(queries::QUESTIONS).await?,
        question_reports: section(queries::QUESTION_REPORTS).await?,
        ratings: section(queries::RATINGS).await?,
        recognitions: section(queries::RECOGNITIONS).await?,
        learning_days: section(queries::LEARNING_DAYS).await?,
        credit_accounts: section(queries::CREDIT_ACCOUNTS).await?,
        transfers: section(queries::TRANSFERS).await?,
        redemptions: section(queries::REDEMPTIONS).await?,
        account_statements: section(queries::ACCOUNT_STATEMENTS).await?,
        helpers: section(queries::HELPERS).await?,
        helping: section(queries::HELPING).await?,
        mails: section(queries::MAILS).await?,
        record_store_names: section(queries::RECORD_STORE_NAMES).await?,
        anomalies: section(queries::ANOMALIES).await?,
        acts: section(queries::ACTS).await?,
        made_at: queries::moment(connection, campus.clock.now()).await?,
    })
}
