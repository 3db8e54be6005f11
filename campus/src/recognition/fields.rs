//! What is filled in, checked; all that is wrong is said at once.

use crate::error::{Code, Error, FieldError, Result};
use crate::writing::{self, or_refused};

/// The longest name or title, in characters.
pub(super) const LINE: usize = 80;
/// The longest requirement or reason, in characters.
pub(super) const LINES: usize = 500;

#[derive(Default)]
pub(super) struct Fields(Vec<FieldError>);

impl Fields {
    pub(super) fn refuse(&mut self, field: &str, code: Code) {
        self.0.push(FieldError { field: field.to_owned(), code });
    }

    /// A single line that must be there.
    pub(super) fn line(&mut self, field: &str, raw: &str) -> String {
        or_refused(writing::line(raw, LINE), field, Code::Required, &mut self.0)
    }

    /// Some lines that must be there.
    pub(super) fn lines(&mut self, field: &str, raw: &str) -> String {
        or_refused(writing::lines(raw, LINES), field, Code::Required, &mut self.0)
    }

    pub(super) fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::fields(self.0)) }
    }
}

/// Why something is refused or taken back.
///
/// # Errors
/// On the field `reason` what is wrong with it.
pub(super) fn reason(raw: &str) -> Result<String> {
    writing::lines(raw, LINES).map_err(|flaw| flaw.refusal("reason", Code::ReasonRequired))
}
