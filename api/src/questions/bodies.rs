//! What is said and answered about questions.

use campus::discussion::{self, Decision, ManagedQuestion, OwnQuestion, Question, Report};
use campus::error::{Code, Error, Result};
use campus::paging::Page;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::state::State;

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
pub struct QuestionInput {
    /// Plain text, 1 to 500 characters.
    pub text: String,
}

/// Why a question is reported.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReportInput {
    /// `personal_details`, `rude`, `advertising`, `off_topic` or `other`.
    pub reason: String,
}

/// What is answered.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AnswerInput {
    /// Plain text, 1 to 2,000 characters.
    pub text: String,
    /// The `answer_version` that one has read; 0 for a first answer.
    pub version: i32,
}

/// What is decided about a question.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReviewInput {
    /// `show` or `hide`.
    pub decision: String,
    /// Why it is hidden: `personal_details`, `rude`, `advertising`, `off_topic` or `other`.
    #[serde(default)]
    pub reason: Option<String>,
}

impl ReviewInput {
    pub(super) fn decision(self) -> Result<Decision> {
        match (self.decision.as_str(), self.reason) {
            ("show", _) => Ok(Decision::Show),
            ("hide", Some(reason)) => Ok(Decision::Hide(reason)),
            ("hide", None) => Err(Error::field("reason", Code::ReasonRequired)),
            _ => Err(Error::field("decision", Code::ValueInvalid)),
        }
    }
}

/// Which of one's own questions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnQuestionQuery {
    /// Only those that have been answered.
    pub answered: Option<bool>,
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// Which questions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ManagedQuestionQuery {
    /// `unanswered`, `reported` or `all`.
    pub status: Option<String>,
    pub course_id: Option<Uuid>,
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionAnswer {
    text: String,
    #[serde(with = "time::serde::rfc3339::option")]
    answered_at: Option<OffsetDateTime>,
    /// When it was last changed; `null`: it stands as it was given.
    #[serde(with = "time::serde::rfc3339::option")]
    edited_at: Option<OffsetDateTime>,
}

impl QuestionAnswer {
    fn of(state: &State, question: &mut Question) -> Option<Self> {
        let clock = &state.campus.clock;
        Some(Self {
            text: question.answer.take()?,
            answered_at: question.answered_at.map(|at| clock.local(at)),
            edited_at: question.answer_edited_at.map(|at| clock.local(at)),
        })
    }
}

/// `shown`; `waiting`: reported, and only who asked and staff see it until staff have looked;
/// `hidden`: only who asked and staff see it.
const fn status(question: &Question) -> &'static str {
    if question.hidden_at.is_some() {
        "hidden"
    } else if question.reported_at.is_some() {
        "waiting"
    } else {
        "shown"
    }
}

/// A question as those see it who learn the lesson.
#[derive(Debug, Serialize, ToSchema)]
pub struct LessonQuestion {
    id: Uuid,
    text: String,
    #[serde(with = "time::serde::rfc3339")]
    asked_at: OffsetDateTime,
    /// Whether it is one's own.
    own: bool,
    /// Of who asks; `null` for one's own.
    surname: Option<String>,
    pinned: bool,
    answer: Option<QuestionAnswer>,
    /// `shown`, and for one's own also `waiting` (reported, and staff have not looked yet) and
    /// `hidden`: then nobody else sees it.
    status: &'static str,
    /// Why it is hidden.
    hidden_reason: Option<String>,
}

impl LessonQuestion {
    pub(super) fn new(state: &State, mut question: Question, surname: Option<String>) -> Self {
        Self {
            id: question.id,
            status: status(&question),
            asked_at: state.campus.clock.local(question.asked_at),
            own: surname.is_none(),
            surname,
            pinned: question.pinned_at.is_some(),
            answer: QuestionAnswer::of(state, &mut question),
            hidden_reason: question.hidden_reason,
            text: question.body.unwrap_or_default(),
        }
    }
}

/// Questions about a lesson.
#[derive(Debug, Serialize, ToSchema)]
pub struct LessonQuestionList {
    items: Vec<LessonQuestion>,
    next_cursor: Option<String>,
}

impl LessonQuestionList {
    pub(super) fn new(state: &State, page: Page<(Question, Option<String>)>) -> Self {
        let items = page.items.into_iter().map(|(question, surname)| LessonQuestion::new(state, question, surname));
        Self { items: items.collect(), next_cursor: page.next_cursor }
    }
}

/// One of one's own questions, and where it was asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnLessonQuestion {
    #[serde(flatten)]
    question: LessonQuestion,
    lesson_id: Uuid,
    lesson_title: String,
    /// `video`, `article` or `quiz`.
    lesson_kind: String,
    course_id: Uuid,
    course_title: String,
}

/// One's own questions.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnQuestionList {
    items: Vec<OwnLessonQuestion>,
    next_cursor: Option<String>,
}

impl OwnQuestionList {
    pub(super) fn new(state: &State, page: Page<OwnQuestion>) -> Self {
        let items = page.items.into_iter().map(|own| OwnLessonQuestion {
            lesson_id: own.question.lesson_id,
            lesson_title: own.lesson_title,
            lesson_kind: own.lesson_kind,
            course_id: own.question.course_id,
            course_title: own.course_title,
            question: LessonQuestion::new(state, own.question, None),
        });
        Self { items: items.collect(), next_cursor: page.next_cursor }
    }
}

/// What one has reported.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionReport {
    question_id: Uuid,
    reason: String,
    #[serde(with = "time::serde::rfc3339")]
    reported_at: OffsetDateTime,
}

impl QuestionReport {
    pub(super) fn new(state: &State, report: Report) -> Self {
        let reported_at = state.campus.clock.local(report.reported_at);
        Self { question_id: report.question_id, reason: report.reason, reported_at }
    }
}

/// How often a question was reported since staff last looked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportCount {
    reason: &'static str,
    count: i64,
}

/// A question as staff see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedLessonQuestion {
    id: Uuid,
    text: String,
    #[serde(with = "time::serde::rfc3339")]
    asked_at: OffsetDateTime,
    /// The name of who asks.
    asker: String,
    lesson_id: Uuid,
    lesson_title: String,
    course_id: Uuid,
    course_title: String,
    branch_id: Uuid,
    answer: Option<QuestionAnswer>,
    /// To be sent along with a change of the answer.
    answer_version: i32,
    /// The name of who answered, or changed the answer last.
    answered_by: Option<String>,
    pinned: bool,
    /// `shown`, `waiting` (reported, and nobody has looked yet) or `hidden`.
    status: &'static str,
    hidden_reason: Option<String>,
    /// Since staff last looked.
    reports: Vec<ReportCount>,
    #[serde(with = "time::serde::rfc3339::option")]
    reviewed_at: Option<OffsetDateTime>,
}

impl ManagedLessonQuestion {
    pub(super) fn new(state: &State, managed: ManagedQuestion) -> Self {
        let clock = &state.campus.clock;
        let mut question = managed.question;
        let count = |reason: &'static str| ReportCount {
            reason,
            count: managed.reports.get(reason).and_then(serde_json::Value::as_i64).unwrap_or(0),
        };
        let reports = discussion::REASONS.into_iter().map(count).filter(|counted| counted.count > 0).collect();
        Self {
            id: question.id,
            status: status(&question),
            asked_at: clock.local(question.asked_at),
            asker: managed.asker,
            lesson_id: question.lesson_id,
            lesson_title: managed.lesson_title,
            course_id: question.course_id,
            course_title: managed.course_title,
            branch_id: managed.branch_id,
            answer: QuestionAnswer::of(state, &mut question),
            answer_version: question.answer_version,
            answered_by: managed.answered_by_name,
            pinned: question.pinned_at.is_some(),
            hidden_reason: question.hidden_reason,
            reports,
            reviewed_at: question.reviewed_at.map(|at| clock.local(at)),
            text: question.body.unwrap_or_default(),
        }
    }
}

/// Questions about courses of one's branches.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedLessonQuestionList {
    items: Vec<ManagedLessonQuestion>,
    next_cursor: Option<String>,
}

impl ManagedLessonQuestionList {
    pub(super) fn new(state: &State, page: Page<ManagedQuestion>) -> Self {
        let items = page.items.into_iter().map(|question| ManagedLessonQuestion::new(state, question));
        Self { items: items.collect(), next_cursor: page.next_cursor }
    }
}

/// How many questions wait for staff.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingQuestions {
    /// That nobody has answered.
    pub unanswered: i64,
    /// That somebody has reported.
    pub reported: i64,
}
