//! Answering: staff answer what is asked about their courses, and pin what helps others too.

use diesel_async::AsyncConnection;
use serde_json::json;

use super::rows::{ManagedQuestion, Question};
use super::{note, queries, review};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::writing;

/// The longest answer, in characters.
const LONGEST: usize = 2000;

/// The question, held until the transaction ends.
///
/// # Errors
/// [`Code::QuestionWithdrawn`].
pub(super) async fn lock_standing(connection: &mut Connection, proof: &CanManage<Question>) -> Result<Question> {
    let question = queries::lock(connection, proof.object().id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    if question.withdrawn_at.is_some() { Err(Error::code(Code::QuestionWithdrawn)) } else { Ok(question) }
}

/// Writes the answer to a question, or changes it. `version` is that of the answer which the writer
/// has read (0: there was none): of two at once, the second is told. Answers whether there was none.
///
/// # Errors
/// On the field `text` what is wrong with it; [`Code::AnswerChanged`], [`Code::QuestionWithdrawn`].
pub async fn answer(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Question>,
    text: &str,
    version: i32,
) -> Result<(ManagedQuestion, bool)> {
    let text = writing::lines(text, LONGEST).map_err(|flaw| flaw.refusal("text", Code::Required))?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut question = lock_standing(connection, proof).await?;
            let new = question.answer.is_none();
            // Whoever sends the same again has not heard that it arrived.
            if question.answer.as_ref() != Some(&text) {
                if question.answer_version != version {
                    return Err(Error::code(Code::AnswerChanged));
                }
                if new {
                    question.answered_at = Some(now);
                } else {
                    question.answer_edited_at = Some(now);
                }
                question.answer = Some(text);
                question.answer_version += 1;
                question.answered_by = Some(actor.account_id);
                queries::update(connection, &question).await?;
                let action = if new { "question.answered" } else { "question.answer_changed" };
                let branch_id = queries::branch_of(connection, question.course_id).await?;
                let detail = json!({"version": question.answer_version});
                note(connection, now, actor, action, (question.id, branch_id), detail).await?;
            }
            Ok((review::managed(connection, proof).await?, new))
        })
        .await
}

/// Puts a question at the top of its lesson's.
///
/// # Errors
/// [`Code::QuestionHidden`], [`Code::QuestionWithdrawn`].
pub async fn pin(campus: &Campus, actor: &Actor, proof: &CanManage<Question>) -> Result<ManagedQuestion> {
    set_pin(campus, actor, proof, true).await
}

/// Takes a question from the top of its lesson's.
///
/// # Errors
/// [`Code::QuestionWithdrawn`].
pub async fn unpin(campus: &Campus, actor: &Actor, proof: &CanManage<Question>) -> Result<ManagedQuestion> {
    set_pin(campus, actor, proof, false).await
}

async fn set_pin(campus: &Campus, actor: &Actor, proof: &CanManage<Question>, pinned: bool) -> Result<ManagedQuestion> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut question = lock_standing(connection, proof).await?;
            if pinned && question.hidden_at.is_some() {
                return Err(Error::code(Code::QuestionHidden));
            }
            if question.pinned_at.is_some() != pinned {
                question.pinned_at = pinned.then_some(now);
                question.pinned_by = pinned.then_some(actor.account_id);
                queries::update(connection, &question).await?;
                let action = if pinned { "question.pinned" } else { "question.unpinned" };
                let branch_id = queries::branch_of(connection, question.course_id).await?;
                note(connection, now, actor, action, (question.id, branch_id), json!({})).await?;
            }
            review::managed(connection, proof).await
        })
        .await
}
