//! What is filled in, checked; all that is wrong is said at once.

use crate::error::{Code, Error, FieldError, Result};

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
        self.text(field, raw, LINE, char::is_control)
    }

    /// Some lines that must be there.
    pub(super) fn lines(&mut self, field: &str, raw: &str) -> String {
        self.text(field, raw, LINES, |sign| sign.is_control() && sign != '\n')
    }

    fn text(&mut self, field: &str, raw: &str, longest: usize, is_refused: impl Fn(char) -> bool) -> String {
        let text = raw.replace("\r\n", "\n").trim().to_owned();
        if text.is_empty() {
            self.refuse(field, Code::Required);
        } else if text.chars().count() > longest {
            self.refuse(field, Code::TooLong);
        } else if text.chars().any(is_refused) {
            self.refuse(field, Code::TextInvalid);
        }
        text
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
    if raw.trim().is_empty() {
        return Err(Error::field("reason", Code::ReasonRequired));
    }
    let mut fields = Fields::default();
    let reason = fields.lines("reason", raw);
    fields.finish()?;
    Ok(reason)
}
