//! Asking: residents ask about a lesson, read what others ask, and take back what they asked.

use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rows::{OwnQuestion, Question, ShownQuestion};
use super::{MOST_A_DAY, about, note, queries};
use crate::Campus;
use crate::access::Actor;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::idempotency::{self, Request};
use crate::ids::new_id;
use crate::learning::{self, Attended};
use crate::paging::{Page, PageRequest, page};
use crate::residents;
use crate::writing;

/// The longest question, in characters.
const LONGEST: usize = 500;

impl ShownQuestion {
    /// The surname of who asks; `None` for one of these records: one's own.
    fn masked(mut self, records: &[Uuid]) -> (Question, Option<String>) {
        let own = records.contains(&self.question.resident_id);
        let asker = std::mem::take(&mut self.asker);
        (self.question, (!own).then(|| residents::surname(&asker)))
    }
}

/// What is kept for whoever asks again: the row tells the rest.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: Uuid,
}

/// Asks a question about a lesson, at most [`MOST_A_DAY`] in a day.
///
/// # Errors
/// On the field `text` what is wrong with it; [`Code::NotFound`], [`Code::NotEnrolled`];
/// [`Code::QuestionsToday`].
pub async fn ask(campus: &Campus, actor: &Actor, request: &Request, lesson_id: Uuid, text: &str) -> Result<Question> {
    let body = writing::lines(text, LONGEST).map_err(|flaw| flaw.refusal("text", Code::Required))?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if let Some(Kept { id }) = idempotency::claim(connection, request, campus.clock.now()).await? {
                return queries::find(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound));
            }
            let proof = learning::attended(connection, actor, lesson_id).await?;
            let question = write(campus, connection, actor, proof.object(), body).await?;
            idempotency::keep(connection, request, &Kept { id: question.id }).await?;
            Ok(question)
        })
        .await
}

async fn write(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    attended: &Attended,
    body: String,
) -> Result<Question> {
    let now = campus.clock.now();
    // Those of one person come one after another, and none comes after they have left.
    residents::lock(connection, &[attended.resident_id]).await?;
    residents::find(connection, attended.resident_id).await?;
    let today = campus.clock.start_of(campus.clock.today());
    if queries::asked_since(connection, &attended.records, today).await? >= MOST_A_DAY {
        return Err(Error::code(Code::QuestionsToday));
    }
    let question = Question {
        id: new_id(),
        lesson_id: attended.lesson.id,
        origin_id: attended.lesson.origin(),
        course_id: attended.lesson.course_id,
        resident_id: attended.resident_id,
        body: Some(body),
        asked_at: now,
        withdrawn_at: None,
        answer: None,
        answer_version: 0,
        answered_at: None,
        answer_edited_at: None,
        answered_by: None,
        pinned_at: None,
        pinned_by: None,
        reported_at: None,
        reviewed_at: None,
        reviewed_by: None,
        hidden_at: None,
        hidden_reason: None,
    };
    queries::insert(connection, &question).await?;
    note(connection, now, actor, "question.asked", (question.id, attended.lesson.branch_id), about(&question)).await?;
    Ok(question)
}

/// What is asked about a lesson, in all the forms it has had: first what is pinned, then the newest.
/// Each with the surname of who asks, `None` for one's own. What is hidden or reported, only who
/// asked sees.
///
/// # Errors
/// A bad page; [`Code::NotFound`], [`Code::NotEnrolled`].
pub async fn shown(
    campus: &Campus,
    actor: &Actor,
    lesson_id: Uuid,
    request: &PageRequest,
) -> Result<Page<(Question, Option<String>)>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let proof = learning::attended(connection, actor, lesson_id).await?;
    let Attended { lesson, records, .. } = proof.object();
    let found = queries::shown(connection, lesson.origin(), records, request.position()?, limit + 1).await?;
    let items = found.into_iter().map(|shown| shown.masked(records)).collect();
    page(items, limit, |(question, _)| (question.pinned_at.map(|at| at.unix_timestamp_nanos() / 1000), question.id))
}

/// One's own questions, the newest first; `answered`: only those that have an answer.
///
/// # Errors
/// A bad page; [`Code::Forbidden`] for accounts that are no resident's.
pub async fn own(campus: &Campus, actor: &Actor, answered: bool, request: &PageRequest) -> Result<Page<OwnQuestion>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let records = residents::records(connection, actor.resident()?).await?;
    let items = queries::own(connection, &records, answered, request.position()?, limit + 1).await?;
    page(items, limit, |item| item.question.id)
}

/// Takes back what one asked, while nobody has answered it. Its words are gone at once.
///
/// # Errors
/// [`Code::NotFound`] for what is not one's own; [`Code::QuestionAnswered`].
pub async fn withdraw(campus: &Campus, actor: &Actor, id: Uuid) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let records = residents::records(connection, actor.resident()?).await?;
            let mut question = queries::lock(connection, id)
                .await?
                .filter(|question| records.contains(&question.resident_id))
                .ok_or_else(|| Error::code(Code::NotFound))?;
            if question.withdrawn_at.is_some() {
                return Ok(());
            }
            if question.answer.is_some() {
                return Err(Error::code(Code::QuestionAnswered));
            }
            question.body = None;
            question.withdrawn_at = Some(now);
            (question.pinned_at, question.pinned_by, question.reported_at) = (None, None, None);
            queries::update(connection, &question).await?;
            let branch_id = queries::branch_of(connection, question.course_id).await?;
            note(connection, now, actor, "question.withdrawn", (id, branch_id), about(&question)).await
        })
        .await
}
