//! Quizzes: attempts are drawn, answered question by question, scored, and kept.

use std::collections::HashMap;

use diesel_async::AsyncConnection;
use rand::seq::SliceRandom;
use time::OffsetDateTime;
use uuid::Uuid;

use super::completion::{LessonEarned, complete_within};
use super::quiz_queries::{self, AttemptRow, Drawn};
use super::telling::{self, Who};
use super::{queries, quiz_queries::Answers};
use crate::Campus;
use crate::access::Actor;
use crate::courses::{self, Content, Question, Quiz, StudiedLesson};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::residents;

/// One attempt at a quiz.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Its id.
    pub id: Uuid,
    /// From 1.
    pub number: i32,
    /// The lesson.
    pub lesson_id: Uuid,
    /// The share of the questions that passes, 1 to 100.
    pub required_percent: i16,
    /// In the order in which they are asked.
    pub questions: Vec<AskedQuestion>,
    /// The share of the questions answered rightly; `None`: it is not finished.
    pub score: Option<i16>,
    /// Whether that is enough.
    pub passed: bool,
    /// When it was begun.
    pub started_at: OffsetDateTime,
    /// When the last question was answered.
    pub finished_at: Option<OffsetDateTime>,
    /// Whether the lesson is finished.
    pub completed: bool,
    /// What that has earned just now.
    pub earned: Vec<LessonEarned>,
}

/// A question of an attempt.
#[derive(Debug, Clone)]
pub struct AskedQuestion {
    /// The question, with its options in the order in which they are shown. What is right about
    /// them is for the reader only once it is answered.
    pub question: Question,
    /// What was chosen, once it is answered: that stands.
    pub chosen: Option<Vec<Uuid>>,
}

impl AskedQuestion {
    /// Whether it was answered rightly; `None`: not answered.
    #[must_use]
    pub fn is_right(&self) -> Option<bool> {
        self.chosen.as_deref().map(|chosen| self.question.is_right(chosen))
    }
}

/// An answer to a question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The question.
    pub question_id: Uuid,
    /// The options that are chosen.
    pub chosen: Vec<Uuid>,
}

/// Begins an attempt at a quiz, or goes on with the one that is open. With `answers` those are
/// given as well (see [`answer`]). Answers whether the attempt is new.
///
/// # Errors
/// [`Code::NotFound`] for what is no quiz that residents may answer; [`Code::NotEnrolled`];
/// [`Code::AnswersInvalid`] for a question or an option that the attempt does not have.
pub async fn attempt(
    campus: &Campus,
    actor: &Actor,
    lesson_id: Uuid,
    answers: Option<&[Answer]>,
) -> Result<(Attempt, bool)> {
    let resident_id = actor.resident()?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let sitting = Sitting::of(connection, resident_id, lesson_id).await?;
            let (row, new) = sitting.open(connection, now).await?;
            let attempt = match answers {
                Some(answers) => sitting.give(connection, campus, row, answers, now).await?,
                None => sitting.shown(connection, row, Vec::new()).await?,
            };
            Ok((attempt, new))
        })
        .await
}

/// Gives the answer to one question of an open attempt. The first answer to a question stands;
/// with the last one the attempt is scored, and if that is enough, the lesson is finished.
///
/// # Errors
/// [`Code::NotFound`] for an attempt that is not theirs; [`Code::AnswersInvalid`].
pub async fn answer(campus: &Campus, actor: &Actor, attempt_id: Uuid, answer: Answer) -> Result<Attempt> {
    let resident_id = actor.resident()?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let records = residents::records(connection, resident_id).await?;
            let row = quiz_queries::lock(connection, &records, attempt_id).await?;
            let row = row.ok_or_else(|| Error::code(Code::NotFound))?;
            let sitting = Sitting::of(connection, resident_id, row.lesson_id).await?;
            sitting.give(connection, campus, row, &[answer], now).await
        })
        .await
}

/// The attempts of a resident at a quiz, the newest first, at most fifty.
///
/// # Errors
/// As [`attempt`].
pub async fn attempts(campus: &Campus, actor: &Actor, lesson_id: Uuid) -> Result<Vec<Attempt>> {
    let resident_id = actor.resident()?;
    let connection = &mut *campus.database.connection().await?;
    let sitting = Sitting::of(connection, resident_id, lesson_id).await?;
    let mut found = Vec::new();
    for row in quiz_queries::attempts(connection, &sitting.records, lesson_id).await? {
        found.push(sitting.shown(connection, row, Vec::new()).await?);
    }
    Ok(found)
}

/// Somebody before a quiz.
struct Sitting {
    resident_id: Uuid,
    records: Vec<Uuid>,
    lesson: StudiedLesson,
    quiz: Quiz,
}

impl Sitting {
    async fn of(connection: &mut Connection, resident_id: Uuid, lesson_id: Uuid) -> Result<Self> {
        let proof = courses::studyable(connection, lesson_id).await?;
        let lesson = proof.object().clone();
        let Some(Content::Quiz(quiz)) = lesson.content()? else {
            return Err(Error::code(Code::NotFound));
        };
        let records = residents::records(connection, resident_id).await?;
        if !queries::learns(connection, &records, lesson_id).await? {
            return Err(Error::code(Code::NotEnrolled));
        }
        Ok(Self { resident_id, records, lesson, quiz })
    }

    async fn open(&self, connection: &mut Connection, now: OffsetDateTime) -> Result<(AttemptRow, bool)> {
        // Of two at once the second waits here, and goes on with what the first has begun.
        quiz_queries::take_turns(connection, self.resident_id, self.lesson.id).await?;
        if let Some(row) = quiz_queries::open_attempt(connection, &self.records, self.lesson.id).await? {
            return Ok((row, false));
        }
        let row = AttemptRow {
            id: new_id(),
            resident_id: self.resident_id,
            lesson_id: self.lesson.id,
            number: quiz_queries::next_number(connection, &self.records, self.lesson.id).await?,
            questions: serde_json::to_value(draw(&self.quiz))?,
            answers: serde_json::json!({}),
            score: None,
            passed: None,
            started_at: now,
            finished_at: None,
        };
        quiz_queries::insert(connection, &row).await?;
        Ok((row, true))
    }

    async fn give(
        &self,
        connection: &mut Connection,
        campus: &Campus,
        mut row: AttemptRow,
        given: &[Answer],
        now: OffsetDateTime,
    ) -> Result<Attempt> {
        let mut asked = self.asked(&row)?;
        for answer in given {
            take(&mut asked, answer)?;
        }
        let mut earned = Vec::new();
        if row.finished_at.is_none() {
            let answers: Answers =
                asked.iter().filter_map(|each| each.chosen.clone().map(|chosen| (each.question.id, chosen))).collect();
            row.answers = serde_json::to_value(&answers)?;
            if answers.len() == asked.len() {
                let score = score(&asked);
                row.score = Some(score);
                row.passed = Some(score >= self.lesson.completion_percent);
                row.finished_at = Some(now);
            }
            quiz_queries::update(connection, &row).await?;
            if row.finished_at.is_some() {
                let who = Who { person_id: self.resident_id, records: &self.records };
                telling::attempt_scored(connection, campus, who, &self.lesson, &row).await?;
            }
            if row.passed == Some(true) {
                queries::open_progress(connection, self.resident_id, self.lesson.id, now).await?;
                earned = complete_within(connection, campus, self.resident_id, self.lesson.id).await?;
            }
        }
        self.shown(connection, row, earned).await
    }

    /// The questions of an attempt in its order, each with what was chosen.
    fn asked(&self, row: &AttemptRow) -> Result<Vec<AskedQuestion>> {
        let drawn: Vec<Drawn> = serde_json::from_value(row.questions.clone())?;
        let mut answers: Answers = serde_json::from_value(row.answers.clone())?;
        let known: HashMap<Uuid, &Question> = self.quiz.questions.iter().map(|each| (each.id, each)).collect();
        let asked = drawn.into_iter().filter_map(|drawn| {
            let mut question = (*known.get(&drawn.question)?).clone();
            question.options.sort_by_key(|option| drawn.options.iter().position(|id| *id == option.id));
            Some(AskedQuestion { chosen: answers.remove(&question.id), question })
        });
        Ok(asked.collect())
    }

    async fn shown(&self, connection: &mut Connection, row: AttemptRow, earned: Vec<LessonEarned>) -> Result<Attempt> {
        let progress = queries::progress(connection, &self.records, &[self.lesson.id]).await?;
        Ok(Attempt {
            id: row.id,
            number: row.number,
            lesson_id: row.lesson_id,
            required_percent: self.lesson.completion_percent,
            questions: self.asked(&row)?,
            score: row.score,
            passed: row.passed.unwrap_or(false),
            started_at: row.started_at,
            finished_at: row.finished_at,
            completed: progress.get(&self.lesson.id).is_some_and(|known| known.completed_at.is_some()),
            earned,
        })
    }
}

/// What an attempt asks, out of the pool.
fn draw(quiz: &Quiz) -> Vec<Drawn> {
    let mut random = rand::rng();
    let mut drawn: Vec<Drawn> = quiz
        .questions
        .iter()
        .map(|question| Drawn {
            question: question.id,
            options: question.options.iter().map(|option| option.id).collect(),
        })
        .collect();
    let count = quiz.draw.map_or(drawn.len(), usize::from);
    if quiz.shuffle || count < drawn.len() {
        drawn.shuffle(&mut random);
    }
    drawn.truncate(count);
    if quiz.shuffle {
        for each in &mut drawn {
            each.options.shuffle(&mut random);
        }
    }
    drawn
}

/// Takes an answer, unless there is one: whoever has seen what is right cannot choose again.
fn take(asked: &mut [AskedQuestion], answer: &Answer) -> Result<()> {
    let invalid = || Error::field("answers", Code::AnswersInvalid);
    let asked = asked.iter_mut().find(|each| each.question.id == answer.question_id).ok_or_else(invalid)?;
    let known = |id: &Uuid| asked.question.options.iter().any(|option| option.id == *id);
    if answer.chosen.is_empty() || !answer.chosen.iter().all(known) {
        return Err(invalid());
    }
    asked.chosen.get_or_insert_with(|| answer.chosen.clone());
    Ok(())
}

/// The share of the questions answered rightly, in percent, rounded down: 59.9 does not pass at 60.
fn score(asked: &[AskedQuestion]) -> i16 {
    let right = asked.iter().filter(|each| each.is_right() == Some(true)).count();
    i16::try_from(right * 100 / asked.len().max(1)).unwrap_or(0)
}
