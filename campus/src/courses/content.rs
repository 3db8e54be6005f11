//! What lessons are made of beside videos: articles to be read, quizzes to be answered.

use std::collections::HashSet;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::fields::Fields;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;

/// The longest article, in characters.
const ARTICLE: usize = 50_000;
/// The most questions of one quiz.
const QUESTIONS: usize = 200;
/// The longest question, explanation or option, in characters.
const QUESTION: usize = 500;
/// The most options of one question.
const OPTIONS: usize = 10;

/// What a lesson is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, FromSqlRow, AsExpression)]
#[diesel(sql_type = Text)]
pub enum LessonKind {
    /// Watched.
    Video,
    /// Read.
    Article,
    /// Answered.
    Quiz,
}

impl LessonKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Video, Self::Article, Self::Quiz];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Article => "article",
            Self::Quiz => "quiz",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl ToSql<Text, Pg> for LessonKind {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(self.as_str(), out)
    }
}

impl diesel::deserialize::FromSql<Text, Pg> for LessonKind {
    fn from_sql(value: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let name = <String as diesel::deserialize::FromSql<Text, Pg>>::from_sql(value)?;
        Self::from_name(&name).ok_or_else(|| format!("no kind of a lesson: {name}").into())
    }
}

/// What an article says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// In Markdown (CommonMark), at most 50,000 characters.
    pub text: String,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// One option is right.
    Single,
    /// Every right option must be chosen and no other.
    Multiple,
    /// The sentence is right or wrong: two options.
    TrueFalse,
}

/// One of the answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerOption {
    /// Its id.
    pub id: Uuid,
    /// At most 500 characters.
    pub text: String,
    /// Whether it is a right one.
    pub right: bool,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its id.
    pub id: Uuid,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What is asked, at most 500 characters.
    pub text: String,
    /// Two to ten.
    pub options: Vec<AnswerOption>,
    /// Why the right answer is right: said when it has been answered.
    pub explanation: String,
}

/// What a quiz asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiz {
    /// The pool.
    pub questions: Vec<Question>,
    /// How many of the pool each attempt draws; `None`: all of them.
    pub draw: Option<u16>,
    /// Whether questions and options come in another order each time.
    pub shuffle: bool,
}

/// What a lesson that is not a video is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// To be read.
    Article(Article),
    /// To be answered.
    Quiz(Quiz),
}

impl Content {
    /// What is kept in the database of a lesson of this kind; `None` for a video.
    ///
    /// # Errors
    /// An internal one when it cannot be read.
    pub fn read(kind: LessonKind, content: Option<&Value>) -> Result<Option<Self>> {
        let content = || content.cloned().ok_or_else(|| Error::internal("a lesson without its content"));
        Ok(match kind {
            LessonKind::Video => None,
            LessonKind::Article => Some(Self::Article(serde_json::from_value(content()?)?)),
            LessonKind::Quiz => Some(Self::Quiz(serde_json::from_value(content()?)?)),
        })
    }

    pub(super) const fn kind(&self) -> LessonKind {
        match self {
            Self::Article(_) => LessonKind::Article,
            Self::Quiz(_) => LessonKind::Quiz,
        }
    }

    pub(super) fn to_value(&self) -> Result<Value> {
        Ok(match self {
            Self::Article(article) => serde_json::to_value(article)?,
            Self::Quiz(quiz) => serde_json::to_value(quiz)?,
        })
    }

    /// The same, tidied, with what is wrong said by field; `quiz.questions.3` is the fourth question.
    pub(super) fn checked(self, fields: &mut Fields) -> Self {
        match self {
            Self::Article(article) => Self::Article(article.checked(fields)),
            Self::Quiz(quiz) => Self::Quiz(quiz.checked(fields)),
        }
    }
}

impl Article {
    pub(super) fn checked(self, fields: &mut Fields) -> Self {
        Self { text: fields.lines("article.text", &self.text, ARTICLE) }
    }
}

impl Quiz {
    fn checked(self, fields: &mut Fields) -> Self {
        let count = self.questions.len();
        if count == 0 {
            fields.refuse("quiz.questions", Code::Required);
        }
        if count > QUESTIONS {
            fields.refuse("quiz.questions", Code::TooMany);
        }
        if self.draw.is_some_and(|draw| draw == 0 || usize::from(draw) > count) {
            fields.refuse("quiz.draw", Code::ValueInvalid);
        }
        let mut seen = HashSet::new();
        let questions = self
            .questions
            .into_iter()
            .take(QUESTIONS)
            .enumerate()
            .map(|(place, question)| question.checked(&format!("quiz.questions.{place}"), &mut seen, fields))
            .collect();
        Self { questions, ..self }
    }
}

impl Question {
    /// `seen`: the ids there have been. One that comes again, as after copying a question, gets its own.
    fn checked(mut self, at: &str, seen: &mut HashSet<Uuid>, fields: &mut Fields) -> Self {
        self.text = fields.lines(&format!("{at}.text"), &self.text, QUESTION);
        self.explanation = fields.optional_lines(&format!("{at}.explanation"), &self.explanation, QUESTION);
        for option in &mut self.options {
            option.text = fields.lines(&format!("{at}.options"), &option.text, QUESTION);
        }
        let right = self.options.iter().filter(|option| option.right).count();
        let fits = match self.kind {
            QuestionKind::Single => right == 1 && (2..=OPTIONS).contains(&self.options.len()),
            QuestionKind::Multiple => right >= 1 && (2..=OPTIONS).contains(&self.options.len()),
            QuestionKind::TrueFalse => right == 1 && self.options.len() == 2,
        };
        if !fits {
            fields.refuse(&format!("{at}.options"), Code::OptionsInvalid);
        }
        for id in std::iter::once(&mut self.id).chain(self.options.iter_mut().map(|option| &mut option.id)) {
            if id.is_nil() || !seen.insert(*id) {
                *id = new_id();
                seen.insert(*id);
            }
        }
        self
    }

    /// Whether exactly the right options were chosen.
    #[must_use]
    pub fn is_right(&self, chosen: &[Uuid]) -> bool {
        self.options.iter().all(|option| option.right == chosen.contains(&option.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: QuestionKind, right: &[bool]) -> Question {
        let option = |(id, right): (u128, &bool)| AnswerOption {
            id: Uuid::from_u128(id),
            text: format!("答案{id}"),
            right: *right,
        };
        Question {
            id: Uuid::nil(),
            kind,
            text: "地震来了先做什么？".to_owned(),
            options: (1..).zip(right).map(option).collect(),
            explanation: String::new(),
        }
    }

    #[test]
    fn every_right_option_and_no_other() {
        let asked = question(QuestionKind::Multiple, &[true, false, true]);
        let [one, two, three] = [1, 2, 3].map(Uuid::from_u128);
        assert!(asked.is_right(&[three, one]));
        assert!(!asked.is_right(&[one]));
        assert!(!asked.is_right(&[one, two, three]));
        assert!(!asked.is_right(&[]));
    }

    #[test]
    fn options_fit_the_kind_of_question() {
        for (kind, right, fits) in [
            (QuestionKind::Single, vec![true, false], true),
            (QuestionKind::Single, vec![true, true], false),
            (QuestionKind::Single, vec![false, false], false),
            (QuestionKind::Single, vec![true], false),
            (QuestionKind::Multiple, vec![true, true], true),
            (QuestionKind::Multiple, vec![false, false], false),
            (QuestionKind::TrueFalse, vec![false, true], true),
            (QuestionKind::TrueFalse, vec![true, false, false], false),
            (QuestionKind::Single, vec![true; 11], false),
        ] {
            let mut fields = Fields::default();
            let quiz = Quiz { questions: vec![question(kind, &right)], draw: None, shuffle: false };
            let checked = quiz.checked(&mut fields);
            assert_eq!(fields.finish().is_ok(), fits, "{kind:?} {right:?}");
            assert!(checked.questions.iter().all(|question| !question.id.is_nil()));
        }
    }
}
