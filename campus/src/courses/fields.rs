//! What is filled in about courses and lessons, checked.

use crate::branches;
use crate::credits::Credits;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::language::Language;
use crate::writing::{self, or_refused};

/// The longest title, in characters.
const TITLE: usize = 80;
/// The longest summary, in characters.
const SUMMARY: usize = 2000;
/// The longest reason, in characters.
const REASON: usize = 500;

/// The most one course or lesson may be worth, in hundredths of a credit.
const LARGEST: i64 = 100_000;

/// Collects what is wrong, so that it is all said at once.
#[derive(Default)]
pub(super) struct Fields(Vec<FieldError>);

impl Fields {
    pub(super) fn refuse(&mut self, field: &str, code: Code) {
        self.0.push(FieldError { field: field.to_owned(), code });
    }

    /// A single line that must be there.
    pub(super) fn title(&mut self, title: &str) -> String {
        or_refused(writing::line(title, TITLE), "title", Code::Required, &mut self.0)
    }

    /// Some lines, or none.
    pub(super) fn summary(&mut self, summary: &str) -> String {
        self.optional_lines("summary", summary, SUMMARY)
    }

    /// Some lines that must be there.
    pub(super) fn reason(&mut self, reason: &str) -> String {
        or_refused(writing::lines(reason, REASON), "reason", Code::ReasonRequired, &mut self.0)
    }

    /// Some lines that must be there, in a field of this name.
    pub(super) fn lines(&mut self, field: &str, text: &str, longest: usize) -> String {
        or_refused(writing::lines(text, longest), field, Code::Required, &mut self.0)
    }

    /// Some lines, or none, in a field of this name.
    pub(super) fn optional_lines(&mut self, field: &str, text: &str, longest: usize) -> String {
        or_refused(writing::optional_lines(text, longest), field, Code::Required, &mut self.0)
    }

    /// An amount in credits; hundredths come back, nothing said means none.
    pub(super) fn credits(&mut self, credits: Option<&str>) -> i64 {
        credits.map_or(0, |text| match text.parse::<Credits>() {
            Ok(Credits(hundredths)) if hundredths <= LARGEST => hundredths,
            _ => {
                self.refuse("credits", Code::CreditsInvalid);
                0
            }
        })
    }

    /// A share in percent, from 1 to 100.
    pub(super) fn percent(&mut self, percent: i16) -> i16 {
        if !(1..=100).contains(&percent) {
            self.refuse("completion_percent", Code::ValueInvalid);
        }
        percent
    }

    /// A topic that there is.
    pub(super) async fn topic(&mut self, connection: &mut Connection, topic: &str) -> Result<()> {
        let known = branches::topics(connection, Language::default()).await?;
        if !known.iter().any(|known| known.code == topic) {
            self.refuse("topic", Code::TopicUnknown);
        }
        Ok(())
    }

    /// Groups that there are, each once.
    pub(super) async fn groups(&mut self, connection: &mut Connection, groups: &[String]) -> Result<Vec<String>> {
        let known = branches::groups(connection, Language::default()).await?;
        if groups.iter().any(|group| !known.iter().any(|known| known.code == *group)) {
            self.refuse("groups", Code::GroupUnknown);
        }
        Ok(known.into_iter().map(|known| known.code).filter(|code| groups.contains(code)).collect())
    }

    /// Nothing was wrong, or all that was.
    pub(super) fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::fields(self.0)) }
    }
}
