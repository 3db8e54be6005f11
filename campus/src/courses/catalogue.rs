//! The public catalogue: what residents can learn from.

use uuid::Uuid;

pub use super::catalogue_queries::{CatalogueCourse, FoundIn};
use super::rows::CourseFile;
use super::{catalogue_queries, file_queries, files, study};
use crate::Campus;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, PageRequest, page};
use crate::videos;

/// The longest words that are searched for, in characters.
const WORDS: usize = 100;

/// How long a course is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Less than a quarter of an hour.
    Short,
    /// Less than an hour.
    Medium,
    /// An hour and more.
    Long,
}

impl Length {
    /// The one of this name: `short`, `medium`, `long`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "short" => Some(Self::Short),
            "medium" => Some(Self::Medium),
            "long" => Some(Self::Long),
            _ => None,
        }
    }

    /// From how long on, and up to what it stays below, in milliseconds.
    pub(super) const fn bounds(self) -> (i64, i64) {
        const MINUTE: i64 = 60_000;
        match self {
            Self::Short => (0, 15 * MINUTE),
            Self::Medium => (15 * MINUTE, 60 * MINUTE),
            Self::Long => (60 * MINUTE, i64::MAX),
        }
    }
}

/// What is looked for; `None` means anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueQuery {
    /// Words in titles, summary or what is said, or how a title is read in pinyin; all must be found.
    pub words: Option<String>,
    /// A topic's code.
    pub topic: Option<String>,
    /// A group's code.
    pub group: Option<String>,
    /// The branch that made it.
    pub branch_id: Option<Uuid>,
    /// How long it is.
    pub length: Option<Length>,
    /// Which page.
    pub page: PageRequest,
}

impl CatalogueQuery {
    /// The same query in one form: without spaces around, and with nothing said left out.
    #[must_use]
    pub fn normalised(self) -> Self {
        let tidy = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self {
            words: tidy(self.words).map(|words| words.to_lowercase()),
            topic: tidy(self.topic),
            group: tidy(self.group),
            ..self
        }
    }
}

/// The published courses that fit: what is looked for in the title first, then where it is read so,
/// then in what the course is about, then in what is said; of each, those published last first.
///
/// # Errors
/// A bad page or query.
pub async fn catalogue(connection: &mut Connection, query: &CatalogueQuery) -> Result<Page<CatalogueCourse>> {
    let limit = query.page.limit()?;
    let after = query.page.position::<(i16, i64, Uuid)>()?;
    // A time that no cursor of ours names may be one that the database cannot hold.
    if after.is_some_and(|(_, microseconds, _)| microseconds < 0) {
        return Err(Error::field("cursor", Code::CursorInvalid));
    }
    for (field, text) in [("q", &query.words), ("topic", &query.topic), ("group", &query.group)] {
        let Some(text) = text else { continue };
        if text.chars().count() > WORDS {
            return Err(Error::field(field, Code::TooLong));
        }
        if text.chars().any(char::is_control) {
            return Err(Error::field(field, Code::TextInvalid));
        }
    }
    let items = catalogue_queries::published(connection, query, after, limit + 1).await?;
    page(items, limit, CatalogueCourse::position)
}

/// A published course with what belongs to it.
#[derive(Debug, Clone)]
pub struct PublishedCourse {
    /// The course.
    pub course: CatalogueCourse,
    /// Its lessons, in their order.
    pub lessons: Vec<study::CourseLesson>,
    /// The courses to be finished before it.
    pub prerequisites: Vec<study::Prerequisite>,
    /// Files to be taken home.
    pub handouts: Vec<CourseFile>,
}

/// One published course.
///
/// # Errors
/// [`Code::NotFound`] when it is absent or not published.
pub async fn published(connection: &mut Connection, id: Uuid) -> Result<PublishedCourse> {
    let course = catalogue_queries::one(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    let offered = study::offered(connection, id).await?;
    Ok(PublishedCourse {
        lessons: study::lessons_of(connection, id, offered.object().version).await?,
        prerequisites: study::prerequisites(connection, offered.object()).await?,
        handouts: file_queries::named(connection, &offered.object().handouts).await?,
        course,
    })
}

/// A link to a published course's cover: its own, else the still picture of its first lesson. `site` is
/// scheme and host as the browser sees them.
///
/// # Errors
/// [`Code::NotFound`] when there is none.
pub async fn cover(campus: &Campus, site: &str, id: Uuid) -> Result<String> {
    let connection = &mut *campus.database.connection().await?;
    let course = study::offered(connection, id).await?;
    if let Some(cover) = file_queries::named(connection, course.object().cover_id.as_slice()).await?.pop() {
        return files::link(campus, site, &cover).await;
    }
    for video in study::videos_of(connection, id, course.object().version).await? {
        if let Some(link) = videos::poster_link(connection, campus, site, video).await? {
            return Ok(link);
        }
    }
    Err(Error::code(Code::NotFound))
}

/// The captions of a video that a published course shows.
///
/// # Errors
/// [`Code::NotFound`] when there are none, or no published course shows the video.
pub async fn captions(connection: &mut Connection, video: Uuid, language: &str) -> Result<String> {
    if !catalogue_queries::is_shown(connection, video).await? {
        return Err(Error::code(Code::NotFound));
    }
    videos::caption(connection, video, language).await
}
