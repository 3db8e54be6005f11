//! Lessons that are not watched: articles to be read, quizzes to be answered.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post, put};
use campus::access::{Learn, PlayLessons};
use campus::courses;
use campus::error::{Code, Error};
use campus::learning::{self, AskedQuestion};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, Input};
use crate::learning::EarnedBody;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// An article to be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleText {
    title: String,
    course_id: Uuid,
    course_title: String,
    /// Safe to be shown: without scripts, styles and pictures from elsewhere.
    html: String,
    /// How long it must have been open before it can be finished.
    required_seconds: u32,
}

/// Opened, or read to the end.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReadingInput {
    /// `false` when it is opened, `true` when one has read it.
    finished: bool,
}

/// How far one is with an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingBody {
    required_seconds: u32,
    remaining_seconds: u32,
    completed: bool,
    earned: Vec<EarnedBody>,
}

/// An answer to one question.
#[derive(Debug, Deserialize, ToSchema)]
pub struct QuizAnswerInput {
    question_id: Uuid,
    /// The ids of the options chosen.
    chosen: Vec<Uuid>,
}

/// Answers to questions of the attempt; nothing: it is only begun.
#[derive(Debug, Deserialize, ToSchema)]
pub struct QuizAttemptInput {
    #[serde(default)]
    answers: Option<Vec<QuizAnswerInput>>,
}

/// What is chosen.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChoiceInput {
    /// The ids of the options chosen.
    chosen: Vec<Uuid>,
}

/// An attempt at a quiz.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuizAttempt {
    id: Uuid,
    lesson_id: Uuid,
    /// From 1.
    number: i32,
    /// In the order in which they are asked.
    questions: Vec<QuizQuestion>,
    /// How many are answered.
    answered: usize,
    /// How many of those rightly.
    right: usize,
    total: usize,
    /// In percent; `null` until every question is answered.
    score: Option<i16>,
    /// What passes, in percent.
    required_percent: i16,
    passed: bool,
    /// Whether the lesson is finished, by this attempt or another.
    completed: bool,
    earned: Vec<EarnedBody>,
    #[serde(with = "time::serde::rfc3339")]
    started_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    finished_at: Option<OffsetDateTime>,
}

/// One's attempts.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuizAttemptList {
    /// The newest first.
    items: Vec<QuizAttempt>,
}

/// A question of an attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuizQuestion {
    id: Uuid,
    /// `single`, `multiple` or `true_false`.
    kind: &'static str,
    text: String,
    options: Vec<QuizOption>,
    /// `null` until it is answered.
    feedback: Option<QuizFeedback>,
}

/// An answer to choose from.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuizOption {
    id: Uuid,
    text: String,
}

/// What was answered, and what is right.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuizFeedback {
    chosen: Vec<Uuid>,
    is_right: bool,
    /// The options that are right.
    right: Vec<Uuid>,
    explanation: String,
}

impl QuizQuestion {
    fn new(asked: AskedQuestion) -> Self {
        let is_right = asked.is_right();
        let question = asked.question;
        let right: Vec<Uuid> = question.options.iter().filter(|option| option.right).map(|option| option.id).collect();
        let feedback = asked.chosen.zip(is_right).map(|(chosen, is_right)| QuizFeedback {
            chosen,
            is_right,
            right,
            explanation: question.explanation,
        });
        let kind = match question.kind {
            courses::QuestionKind::Single => "single",
            courses::QuestionKind::Multiple => "multiple",
            courses::QuestionKind::TrueFalse => "true_false",
        };
        let option = |option: courses::AnswerOption| QuizOption { id: option.id, text: option.text };
        let options = question.options.into_iter().map(option).collect();
        Self { id: question.id, kind, text: question.text, options, feedback }
    }
}

impl QuizAttempt {
    fn new(attempt: learning::Attempt, state: &State) -> Self {
        let clock = &state.campus.clock;
        let results: Vec<Option<bool>> = attempt.questions.iter().map(AskedQuestion::is_right).collect();
        Self {
            id: attempt.id,
            lesson_id: attempt.lesson_id,
            number: attempt.number,
            answered: results.iter().flatten().count(),
            right: results.iter().flatten().filter(|right| **right).count(),
            total: results.len(),
            questions: attempt.questions.into_iter().map(QuizQuestion::new).collect(),
            score: attempt.score,
            required_percent: attempt.required_percent,
            passed: attempt.passed,
            completed: attempt.completed,
            earned: EarnedBody::list(&attempt.earned),
            started_at: clock.local(attempt.started_at),
            finished_at: attempt.finished_at.map(|at| clock.local(at)),
        }
    }
}

impl From<QuizAnswerInput> for learning::Answer {
    fn from(input: QuizAnswerInput) -> Self {
        Self { question_id: input.question_id, chosen: input.chosen }
    }
}

/// An article.
#[utoipa::path(tag = "learning", params(("id" = Uuid, Path,)), responses((status = 200, body = ArticleText)))]
#[get("/lessons/{id}/article")]
pub async fn show_article(state: Data<State>, permit: Permit<PlayLessons>, id: Id) -> Answer {
    let proof = courses::viewable(&mut *state.campus.database.connection().await?, &permit, id.0).await?;
    let lesson = proof.object();
    let article = lesson.article()?;
    Ok(HttpResponse::Ok().json(ArticleText {
        title: lesson.title.clone(),
        course_id: lesson.course_id,
        course_title: lesson.course_title.clone(),
        html: article.html(),
        required_seconds: learning::reading_seconds(&article),
    }))
}

/// Open an article, or say that one has read it. 409 `read_too_fast` before the time that reading takes.
#[utoipa::path(tag = "learning", params(("id" = Uuid, Path,)), request_body = ReadingInput, responses((status = 200, body = ReadingBody)))]
#[put("/lessons/{id}/reading")]
pub async fn read(state: Data<State>, permit: Permit<Learn>, id: Id, input: Input<ReadingInput>) -> Answer {
    let campus = state.campus.clone();
    let finished = input.0.finished;
    let reading = detached(async move { learning::read(&campus, &permit, id.0, finished).await }).await?;
    Ok(HttpResponse::Ok().json(ReadingBody {
        required_seconds: reading.required_seconds,
        remaining_seconds: reading.remaining_seconds,
        completed: reading.completed,
        earned: EarnedBody::list(&reading.earned),
    }))
}

/// Begin an attempt at a quiz, or go on with the one that is open, and answer questions of it. The
/// first answer to a question stands; with the last one the attempt is scored.
#[utoipa::path(tag = "learning", params(("id" = Uuid, Path,)), request_body = QuizAttemptInput,
    responses((status = 201, body = QuizAttempt), (status = 200, description = "Gone on with", body = QuizAttempt)))]
#[post("/lessons/{id}/quiz-attempts")]
pub async fn begin_attempt(
    state: Data<State>,
    permit: Permit<Learn>,
    id: Id,
    input: Input<QuizAttemptInput>,
) -> Answer {
    let campus = state.campus.clone();
    let answers: Option<Vec<learning::Answer>> =
        input.0.answers.map(|answers| answers.into_iter().map(learning::Answer::from).collect());
    let (attempt, new) =
        detached(async move { learning::attempt(&campus, &permit, id.0, answers.as_deref()).await }).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(QuizAttempt::new(attempt, &state)))
}

/// One's attempts at a quiz, at most fifty.
#[utoipa::path(tag = "learning", params(("id" = Uuid, Path,)), responses((status = 200, body = QuizAttemptList)))]
#[get("/lessons/{id}/quiz-attempts")]
pub async fn list_attempts(state: Data<State>, permit: Permit<Learn>, id: Id) -> Answer {
    let found = learning::attempts(&state.campus, &permit, id.0).await?;
    let items = found.into_iter().map(|attempt| QuizAttempt::new(attempt, &state)).collect();
    Ok(HttpResponse::Ok().json(QuizAttemptList { items }))
}

/// Answer one question of an attempt. The first answer stands.
#[utoipa::path(tag = "learning", params(("id" = Uuid, Path,), ("question_id" = Uuid, Path,)), request_body = ChoiceInput,
    responses((status = 200, body = QuizAttempt)))]
#[put("/quiz-attempts/{id}/answers/{question_id}")]
pub async fn answer_question(
    state: Data<State>,
    permit: Permit<Learn>,
    path: Path<(String, String)>,
    input: Input<ChoiceInput>,
) -> Answer {
    let (attempt_id, question_id) = path.into_inner();
    let id = |text: String| text.parse::<Uuid>().map_err(|_| Error::code(Code::NotFound));
    let (attempt_id, question_id) = (id(attempt_id)?, id(question_id)?);
    let given = learning::Answer { question_id, chosen: input.0.chosen };
    let campus = state.campus.clone();
    let attempt = detached(async move { learning::answer(&campus, &permit, attempt_id, given).await }).await?;
    Ok(HttpResponse::Ok().json(QuizAttempt::new(attempt, &state)))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show_article).service(read).service(begin_attempt).service(list_attempts).service(answer_question);
}
