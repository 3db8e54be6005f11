//! Discussion: what residents ask about lessons, what staff answer, and what learners got out of a
//! course.

mod answers;
mod queries;
mod questions;
mod ratings;
mod reports;
mod review;
mod rows;
mod staff_queries;

use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

pub use answers::{answer, pin, unpin};
pub use questions::{ask, own, shown, withdraw};
pub use ratings::{VersionRatings, own_rating, rate, ratings};
pub use reports::{Report, report};
pub use review::{Decision, Waiting, Which, list, manageable, managed, review, waiting};
pub use rows::{ManagedQuestion, OwnQuestion, Question, Rating, ShownQuestion};

use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::Result;

/// Why a question is reported or hidden. Words of one's own would be about somebody else, and stay
/// in the audit for good.
pub const REASONS: [&str; 5] = ["personal_details", "rude", "advertising", "off_topic", "other"];

/// How many questions somebody asks, and how many they report, in one day at most.
pub const MOST_A_DAY: i64 = 10;

/// The audit keeps what was done to which question, never its words.
async fn note(
    connection: &mut Connection,
    at: OffsetDateTime,
    actor: &Actor,
    action: &'static str,
    (question_id, branch_id): (Uuid, Uuid),
    detail: Value,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "lesson_question",
        object_id: Some(question_id),
        branch_id: Some(branch_id),
        detail,
        actor: Some(actor),
    };
    audit::record(connection, at, &entry).await
}

fn about(question: &Question) -> Value {
    json!({"course_id": question.course_id, "lesson_id": question.lesson_id})
}
