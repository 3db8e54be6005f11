//! Looking after questions: what waits for staff, and whether a question is shown or hidden.

use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

use super::answers::lock_standing;
use super::rows::{ManagedQuestion, Question};
use super::{REASONS, note, queries, staff_queries};
use crate::Campus;
use crate::access::{Actor, CanManage, Proof};
use crate::branches;
use crate::courses;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, PageRequest, page};

/// Which questions are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// That nobody has answered, the oldest first.
    Unanswered,
    /// That somebody has reported and nobody has looked at since, the oldest first.
    Reported,
    /// All, the newest first.
    All,
}

impl Which {
    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "unanswered" => Some(Self::Unanswered),
            "reported" => Some(Self::Reported),
            "all" => Some(Self::All),
            _ => None,
        }
    }
}

/// How many questions wait for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// That nobody has answered.
    pub unanswered: i64,
    /// That somebody has reported.
    pub reported: i64,
}

/// What staff decide who have looked at a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Everybody who learns the lesson sees it.
    Show,
    /// Only who asked sees it, and is told why: one of [`REASONS`].
    Hide(String),
}

/// Proof that the actor may answer, pin and hide this question: staff about courses of their own
/// branch and below, admins all.
///
/// # Errors
/// [`Code::NotFound`] for a question that is absent or not theirs.
pub async fn manageable(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<CanManage<Question>> {
    branches::scope(actor)?;
    let question = queries::find(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    courses::manageable(connection, actor, question.course_id).await?;
    Ok(Proof::issue(question))
}

/// A question as staff see it.
///
/// # Errors
/// [`Code::NotFound`] once it is taken back.
pub async fn managed(connection: &mut Connection, proof: &CanManage<Question>) -> Result<ManagedQuestion> {
    let found = staff_queries::one(connection, proof.object().id).await?;
    found.ok_or_else(|| Error::code(Code::NotFound))
}

/// Questions about courses of the actor's branches, or about one course.
///
/// # Errors
/// A bad page; [`Code::NotFound`] for residents, and for a course that is not theirs.
pub async fn list(
    connection: &mut Connection,
    actor: &Actor,
    which: Which,
    course_id: Option<Uuid>,
    request: &PageRequest,
) -> Result<Page<ManagedQuestion>> {
    let limit = request.limit()?;
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    if let Some(course_id) = course_id {
        courses::manageable(connection, actor, course_id).await?;
    }
    let from = request.position()?;
    let items = staff_queries::list(connection, within.as_deref(), which, course_id, from, limit + 1).await?;
    page(items, limit, |item| item.question.id)
}

/// How many questions about courses of the actor's branches wait for staff.
///
/// # Errors
/// [`Code::NotFound`] for residents.
pub async fn waiting(connection: &mut Connection, actor: &Actor) -> Result<Waiting> {
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    staff_queries::waiting(connection, within.as_deref()).await
}

/// Shows a question to everybody who learns the lesson, or hides it. Either way its reports are done
/// with.
///
/// # Errors
/// [`Code::ValueInvalid`] on the field `reason`; [`Code::QuestionWithdrawn`].
pub async fn review(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Question>,
    decision: &Decision,
) -> Result<ManagedQuestion> {
    let reason = match decision {
        Decision::Show => None,
        Decision::Hide(reason) if REASONS.contains(&reason.as_str()) => Some(reason.clone()),
        Decision::Hide(_) => return Err(Error::field("reason", Code::ValueInvalid)),
    };
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut question = lock_standing(connection, proof).await?;
            if question.reported_at.is_some() || question.hidden_reason != reason {
                let hidden = reason.is_some();
                if hidden {
                    (question.pinned_at, question.pinned_by) = (None, None);
                }
                question.hidden_at = hidden.then(|| question.hidden_at.unwrap_or(now));
                question.hidden_reason.clone_from(&reason);
                (question.reviewed_at, question.reviewed_by) = (Some(now), Some(actor.account_id));
                question.reported_at = None;
                queries::update(connection, &question).await?;
                let action = if hidden { "question.hidden" } else { "question.shown" };
                let branch_id = queries::branch_of(connection, question.course_id).await?;
                note(connection, now, actor, action, (question.id, branch_id), json!({"reason": reason})).await?;
            }
            managed(connection, proof).await
        })
        .await
}
