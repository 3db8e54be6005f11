//! Lists come in pages: a limit and an opaque cursor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Code, Error, Result};

/// How many a page holds where nothing is said.
pub(crate) const DEFAULT_LIMIT: i64 = 20;

/// One page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Page<Item> {
    /// What is on it.
    pub items: Vec<Item>,
    /// Where the next one starts; `None` on the last.
    pub next_cursor: Option<String>,
}

/// Which page is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// How many at most (1 to 100; 20 where nothing is said).
    pub limit: Option<i64>,
    /// Where it starts: a cursor that an earlier page gave.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// The limit, checked.
    ///
    /// # Errors
    /// [`Code::LimitInvalid`] outside 1 to 100.
    pub fn limit(&self) -> Result<i64> {
        match self.limit {
            None => Ok(DEFAULT_LIMIT),
            Some(limit) if (1..=100).contains(&limit) => Ok(limit),
            Some(_) => Err(Error::field("limit", Code::LimitInvalid)),
        }
    }

    /// The position that the cursor names.
    ///
    /// # Errors
    /// [`Code::CursorInvalid`] when it is none of ours.
    pub fn position<Position: DeserializeOwned>(&self) -> Result<Option<Position>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let invalid = || Error::field("cursor", Code::CursorInvalid);
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        // No position of ours holds a NUL, which PostgreSQL cannot take.
        if bytes.windows(6).any(|part| part == br"\u0000") {
            return Err(invalid());
        }
        serde_json::from_slice(&bytes).map(Some).map_err(|_| invalid())
    }
}

/// The cursor that names a position.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn cursor(position: &impl Serialize) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(position)?))
}

/// Makes a page of what was loaded with `limit + 1`; `position` says where an item stands.
///
/// # Errors
/// When a position cannot be written as JSON.
pub fn page<Item, Position: Serialize>(
    mut items: Vec<Item>,
    limit: i64,
    position: impl Fn(&Item) -> Position,
) -> Result<Page<Item>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = match items.last() {
        Some(last) if more => Some(cursor(&position(last))?),
        _ => None,
    };
    Ok(Page { items, next_cursor })
}
