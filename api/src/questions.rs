//! Questions about lessons: asked by residents, answered, pinned and hidden by staff.

mod bodies;

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post, put};
use campus::access::{Actor, AnswerQuestions, CanManage, Discuss};
use campus::discussion::{self, ManagedQuestion, Question, Which};
use campus::error::{Code, Error, Result};
use campus::idempotency::Request;
use campus::paging::PageRequest;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use self::bodies::{
    AnswerInput, LessonQuestion, LessonQuestionList, ManagedLessonQuestion, ManagedLessonQuestionList,
    ManagedQuestionQuery, OwnQuestionList, OwnQuestionQuery, QuestionInput, QuestionReport, ReportInput, ReviewInput,
    WaitingQuestions,
};
use crate::credits::PageQuery;
use crate::detach::detached;
use crate::input::{Id, IdempotencyKey, Input, Query};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// Ask a question about a lesson of a course one is enrolled in.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path,), ("Idempotency-Key" = Uuid, Header,)),
    request_body = QuestionInput, responses((status = 201, body = LessonQuestion)))]
#[post("/lessons/{id}/questions")]
pub async fn ask(
    state: Data<State>,
    permit: Permit<Discuss>,
    id: Id,
    key: IdempotencyKey,
    input: Input<QuestionInput>,
) -> Answer {
    let text = input.0.text;
    let request = Request::new(permit.account_id, "lesson-questions", key.required()?, &(id.0, &text))?;
    let campus = state.campus.clone();
    let asked = detached(async move { discussion::ask(&campus, &permit, &request, id.0, &text).await }).await?;
    Ok(HttpResponse::Created().json(LessonQuestion::new(&state, asked, None)))
}

/// What is asked about a lesson of a course one is enrolled in: what is pinned first, then the newest.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path,), PageQuery), responses((status = 200, body = LessonQuestionList)))]
#[get("/lessons/{id}/questions")]
pub async fn shown(state: Data<State>, permit: Permit<Discuss>, id: Id, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let page = discussion::shown(&state.campus, &permit, id.0, &query.into()).await?;
    Ok(HttpResponse::Ok().json(LessonQuestionList::new(&state, page)))
}

/// One's own questions, the newest first.
#[utoipa::path(tag = "questions", params(OwnQuestionQuery), responses((status = 200, body = OwnQuestionList)))]
#[get("/me/questions")]
pub async fn own(state: Data<State>, permit: Permit<Discuss>, query: Query<OwnQuestionQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let page = discussion::own(&state.campus, &permit, query.answered.unwrap_or(false), &request).await?;
    Ok(HttpResponse::Ok().json(OwnQuestionList::new(&state, page)))
}

/// Take back what one asked, while nobody has answered it.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[delete("/lesson-questions/{id}")]
pub async fn withdraw(state: Data<State>, permit: Permit<Discuss>, id: Id) -> Answer {
    let campus = state.campus.clone();
    detached(async move { discussion::withdraw(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Report what somebody else asks; until staff have looked at it, others do not see it.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path,)), request_body = ReportInput,
    responses((status = 201, body = QuestionReport), (status = 200, description = "Reported before", body = QuestionReport)))]
#[post("/lesson-questions/{id}/reports")]
pub async fn report(state: Data<State>, permit: Permit<Discuss>, id: Id, input: Input<ReportInput>) -> Answer {
    let campus = state.campus.clone();
    let (report, new) =
        detached(async move { discussion::report(&campus, &permit, id.0, &input.0.reason).await }).await?;
    let mut response = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(QuestionReport::new(&state, report)))
}

/// Questions about courses of one's branches: those that wait, the oldest first; all, the newest first.
#[utoipa::path(tag = "questions", params(ManagedQuestionQuery), responses((status = 200, body = ManagedLessonQuestionList)))]
#[get("/lesson-questions")]
pub async fn list(state: Data<State>, permit: Permit<AnswerQuestions>, query: Query<ManagedQuestionQuery>) -> Answer {
    let Query(query) = query;
    let which = match query.status.as_deref() {
        None => Which::All,
        Some(name) => Which::from_name(name).ok_or_else(|| Error::field("status", Code::ValueInvalid))?,
    };
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let connection = &mut *state.campus.database.connection().await?;
    let page = discussion::list(connection, &permit, which, query.course_id, &request).await?;
    Ok(HttpResponse::Ok().json(ManagedLessonQuestionList::new(&state, page)))
}

/// One question.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path,)), responses((status = 200, body = ManagedLessonQuestion)))]
#[get("/lesson-questions/{id}")]
pub async fn single(state: Data<State>, permit: Permit<AnswerQuestions>, id: Id) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = discussion::manageable(connection, &permit, id.0).await?;
    let question = discussion::managed(connection, &proof).await?;
    Ok(HttpResponse::Ok().json(ManagedLessonQuestion::new(&state, question)))
}

/// How many questions about courses of one's branches wait.
#[utoipa::path(tag = "questions", responses((status = 200, body = WaitingQuestions)))]
#[get("/waiting-questions")]
pub async fn waiting(state: Data<State>, permit: Permit<AnswerQuestions>) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let found = discussion::waiting(connection, &permit).await?;
    Ok(HttpResponse::Ok().json(WaitingQuestions { unanswered: found.unanswered, reported: found.reported }))
}

/// Does something to a question that the actor may manage.
async fn managing<T, Done>(
    state: &State,
    actor: Actor,
    id: Uuid,
    work: impl FnOnce(campus::Campus, Actor, CanManage<Question>) -> Done + Send + 'static,
) -> std::result::Result<T, crate::problem::Problem>
where
    T: Send + 'static,
    Done: Future<Output = Result<T>> + Send,
{
    let campus = state.campus.clone();
    detached(async move {
        let proof = discussion::manageable(&mut *campus.database.connection().await?, &actor, id).await?;
        work(campus, actor, proof).await
    })
    .await
}

fn shown_to_staff(state: &State, question: ManagedQuestion) -> Answer {
    Ok(HttpResponse::Ok().json(ManagedLessonQuestion::new(state, question)))
}

/// Answer a question, or change the answer that one has read.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path,)), request_body = AnswerInput,
    responses((status = 201, body = ManagedLessonQuestion), (status = 200, description = "Changed", body = ManagedLessonQuestion)))]
#[put("/lesson-questions/{id}/answer")]
pub async fn answer(state: Data<State>, permit: Permit<AnswerQuestions>, id: Id, input: Input<AnswerInput>) -> Answer {
    let Input(AnswerInput { text, version }) = input;
    let (question, new) = managing(&state, permit.into_actor(), id.0, async move |campus, actor, proof| {
        discussion::answer(&campus, &actor, &proof, &text, version).await
    })
    .await?;
    let mut response = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(ManagedLessonQuestion::new(&state, question)))
}

/// Put a question at the top of its lesson's.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path,)), responses((status = 200, body = ManagedLessonQuestion)))]
#[put("/lesson-questions/{id}/pin")]
pub async fn pin(state: Data<State>, permit: Permit<AnswerQuestions>, id: Id) -> Answer {
    let question = managing(&state, permit.into_actor(), id.0, async move |campus, actor, proof| {
        discussion::pin(&campus, &actor, &proof).await
    })
    .await?;
    shown_to_staff(&state, question)
}

/// Take a question from the top of its lesson's.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path,)), responses((status = 200, body = ManagedLessonQuestion)))]
#[delete("/lesson-questions/{id}/pin")]
pub async fn unpin(state: Data<State>, permit: Permit<AnswerQuestions>, id: Id) -> Answer {
    let question = managing(&state, permit.into_actor(), id.0, async move |campus, actor, proof| {
        discussion::unpin(&campus, &actor, &proof).await
    })
    .await?;
    shown_to_staff(&state, question)
}

/// Say that one has looked at a question: it is shown to everybody, or hidden for a reason.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path,)), request_body = ReviewInput,
    responses((status = 200, body = ManagedLessonQuestion)))]
#[put("/lesson-questions/{id}/review")]
pub async fn review(state: Data<State>, permit: Permit<AnswerQuestions>, id: Id, input: Input<ReviewInput>) -> Answer {
    let decision = input.0.decision()?;
    let question = managing(&state, permit.into_actor(), id.0, async move |campus, actor, proof| {
        discussion::review(&campus, &actor, &proof, &decision).await
    })
    .await?;
    shown_to_staff(&state, question)
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(ask).service(shown).service(own).service(withdraw).service(report);
    config.service(list).service(waiting).service(single).service(answer).service(pin).service(unpin).service(review);
}
