//! Articles and quizzes as they are sent and answered to those who make them.

use campus::courses::{AnswerOption, Article, Content, LessonContent, Question, QuestionKind, Quiz};
use campus::error::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What an article says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ArticleBody {
    /// In Markdown (CommonMark), at most 50,000 characters.
    text: String,
}

/// What a quiz asks.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct QuizBody {
    /// The pool, at most 200.
    questions: Vec<QuestionBody>,
    /// How many of them each attempt draws; nothing: all.
    draw: Option<u16>,
    /// Whether questions and options come in another order each time.
    #[serde(default)]
    shuffle: bool,
}

/// A question.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct QuestionBody {
    /// Nothing for a new one.
    id: Option<Uuid>,
    kind: QuestionKindBody,
    /// At most 500 characters.
    text: String,
    /// Two to ten; two for `true_false`.
    options: Vec<OptionBody>,
    /// Why the right answer is right, said when it has been answered. At most 500 characters.
    #[serde(default)]
    explanation: String,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKindBody {
    /// One option is right.
    Single,
    /// Every right option must be chosen and no other.
    Multiple,
    /// Right or wrong.
    TrueFalse,
}

/// An answer to choose from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OptionBody {
    /// Nothing for a new one.
    id: Option<Uuid>,
    /// At most 500 characters.
    text: String,
    #[serde(default)]
    right: bool,
}

impl From<QuestionKind> for QuestionKindBody {
    fn from(kind: QuestionKind) -> Self {
        match kind {
            QuestionKind::Single => Self::Single,
            QuestionKind::Multiple => Self::Multiple,
            QuestionKind::TrueFalse => Self::TrueFalse,
        }
    }
}

impl From<QuestionKindBody> for QuestionKind {
    fn from(kind: QuestionKindBody) -> Self {
        match kind {
            QuestionKindBody::Single => Self::Single,
            QuestionKindBody::Multiple => Self::Multiple,
            QuestionKindBody::TrueFalse => Self::TrueFalse,
        }
    }
}

impl From<Article> for ArticleBody {
    fn from(article: Article) -> Self {
        Self { text: article.text }
    }
}

impl From<ArticleBody> for Article {
    fn from(article: ArticleBody) -> Self {
        Self { text: article.text }
    }
}

impl From<Quiz> for QuizBody {
    fn from(quiz: Quiz) -> Self {
        let option = |option: AnswerOption| OptionBody { id: Some(option.id), text: option.text, right: option.right };
        let question = |question: Question| QuestionBody {
            id: Some(question.id),
            kind: question.kind.into(),
            text: question.text,
            options: question.options.into_iter().map(option).collect(),
            explanation: question.explanation,
        };
        Self { questions: quiz.questions.into_iter().map(question).collect(), draw: quiz.draw, shuffle: quiz.shuffle }
    }
}

impl From<QuizBody> for Quiz {
    fn from(quiz: QuizBody) -> Self {
        let option = |option: OptionBody| AnswerOption {
            id: option.id.unwrap_or_default(),
            text: option.text,
            right: option.right,
        };
        let question = |question: QuestionBody| Question {
            id: question.id.unwrap_or_default(),
            kind: question.kind.into(),
            text: question.text,
            options: question.options.into_iter().map(option).collect(),
            explanation: question.explanation,
        };
        Self { questions: quiz.questions.into_iter().map(question).collect(), draw: quiz.draw, shuffle: quiz.shuffle }
    }
}

/// The one thing that a lesson is made of; `None` where nothing is said of it.
pub(super) fn content_of(
    video: Option<Uuid>,
    article: Option<ArticleBody>,
    quiz: Option<QuizBody>,
) -> Result<Option<LessonContent>> {
    match (video, article, quiz) {
        (None, None, None) => Ok(None),
        (Some(video), None, None) => Ok(Some(LessonContent::Video(video))),
        (None, Some(article), None) => Ok(Some(LessonContent::Written(Content::Article(article.into())))),
        (None, None, Some(quiz)) => Ok(Some(LessonContent::Written(Content::Quiz(quiz.into())))),
        _ => Err(Error::field("kind", Code::LessonKindInvalid)),
    }
}
