//! One cell, whatever file it came from.

use std::borrow::Cow;

use time::Date;

use crate::residents::identity::{is_placeholder, plain_text};

/// The longest text that is kept of a cell, in characters.
const LONGEST_TEXT: usize = 500;

/// The value of one cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text as written, at most 500 characters of it.
    Text(Box<str>),
    /// A number without the format of a date.
    Number(f64),
    /// A date, from a cell with the format of a date.
    Date(Date),
    /// A formula that failed (`#N/A`, `#REF!`).
    Failed,
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::Empty;
        }
        match text.char_indices().nth(LONGEST_TEXT) {
            None => Self::Text(text.into()),
            Some((end, _)) => Self::Text(text.get(..end).unwrap_or_default().into()),
        }
    }

    /// How many bytes its text takes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            _ => 0,
        }
    }

    /// Whether nothing that can be seen is in the cell.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => !text.contains(char::is_alphanumeric) && plain_text(text).is_empty(),
            Self::Number(_) | Self::Date(_) | Self::Failed => false,
        }
    }

    /// Whether the cell says nothing: blank, or a dash or a word for "none".
    pub(super) fn says_nothing(&self) -> bool {
        /// No word for "none" has more characters, brackets included.
        const LONGEST_PLACEHOLDER: usize = 8;
        match self {
            Self::Text(text) => {
                let long = text.chars().nth(LONGEST_PLACEHOLDER).is_some();
                !(long && text.contains(char::is_alphanumeric)) && is_placeholder(&plain_text(text))
            }
            other => other.is_blank(),
        }
    }

    /// The value as text: whole numbers without a decimal point, dates as `YYYY-MM-DD`.
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty | Self::Failed => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) if number.fract() == 0.0 => Cow::Owned(format!("{number:.0}")),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Date(date) => Cow::Owned(date.to_string()),
        }
    }
}
