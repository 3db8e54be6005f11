//! Lists of people who are registered, read out of what offices keep them in.

use bytes::Bytes;

use super::intake::{self, Trouble};
use super::reading::{Field, RawRow};
use super::wording;
use crate::error::{Code, Error, Result};

/// The most people on one list.
pub const LONGEST_LIST: usize = 10_000;

/// Somebody on a list, as it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The line in the sheet, counted from 1.
    pub sheet_row: u32,
    /// The name.
    pub name: String,
    /// The first telephone; empty where there is none.
    pub phone: String,
}

impl Listed {
    fn of(row: &RawRow) -> Self {
        let text = |field| row.value(field).as_text().trim().to_owned();
        let phone = text(Field::Phone).lines().next().unwrap_or_default().trim().to_owned();
        Self { sheet_row: row.sheet_row, name: text(Field::Name), phone }
    }
}

/// Reads a list with names and telephones: xlsx, xls, or text in whatever encoding. Nothing is kept.
///
/// # Errors
/// The refusal of a file that is no list; [`Code::AwardListTooLong`].
pub async fn listed(content: Bytes) -> Result<Vec<Listed>> {
    let rows = intake::read_list(content).await.map_err(|trouble| match trouble {
        Trouble::Refused(super::reading::Refusal::NotARoster { .. }) => {
            Error::field("file", Code::AwardSheetUnreadable)
        }
        Trouble::Refused(refusal) => wording::refused(&refusal),
        Trouble::Failed(error) => error,
    })?;
    if rows.rows.len() > LONGEST_LIST {
        return Err(Error::field("file", Code::AwardListTooLong));
    }
    Ok(rows.rows.iter().map(Listed::of).collect())
}
