//! What is said about files and rows, in the reader's language.

use serde_json::{Value, json};

use super::reading::Refusal;
use super::rows::{RosterImport, RosterProblem};
use crate::error::{Code, Error};
use crate::language::Language;

/// A refused file as an error, with what a program may want to know besides.
pub(super) fn refused(refusal: &Refusal) -> Error {
    let code = Code::from_code(refusal.code()).unwrap_or(Code::RosterUnreadable);
    specifics(refusal).map_or_else(|| Error::code(code), |extra| Error::with(code, extra))
}

/// Members of the problem document that depend on the refusal.
pub(super) fn specifics(refusal: &Refusal) -> Option<Value> {
    match refusal {
        Refusal::TooLarge { limit } => Some(json!({"limit_bytes": limit})),
        Refusal::ZipBomb { limit } => Some(json!({"limit_bytes": limit})),
        Refusal::TooManyRows { limit } => Some(json!({"limit_rows": limit})),
        Refusal::UnsupportedFormat { kind } => Some(json!({"found": {"zh-CN": kind.chinese(), "en": kind.english()}})),
        Refusal::NotARoster { missing } => {
            let columns: Vec<Value> =
                missing.iter().map(|field| json!({"field": field.code(), "label": field.label()})).collect();
            Some(json!({"missing_columns": columns}))
        }
        Refusal::Empty | Refusal::PasswordProtected | Refusal::Unreadable { .. } => None,
    }
}

impl RosterImport {
    /// Why the import failed, and what to do.
    #[must_use]
    pub fn failure_detail(&self, language: Language) -> Option<&'static str> {
        let failure = self.failure.as_deref()?;
        Some(Code::from_code(failure).unwrap_or(Code::RosterUnreadable).detail(language))
    }
}

impl RosterProblem {
    /// What is wrong with the row, and where to look.
    #[must_use]
    pub fn detail(&self, language: Language) -> String {
        if let Some(detail) = self.repeats(language) {
            return detail;
        }
        let detail = match Code::from_code(&self.code) {
            // In a roster a name is refused for nothing else.
            Some(Code::NameInvalid) => language.pick(
                "姓名太长，或者有没显示出来的字，请核对。",
                "The name is too long, or has characters that were lost. Check it.",
            ),
            Some(code) => code.detail(language),
            None => language.pick("这一行有问题，请核对。", "Something is wrong with this row. Check it."),
        };
        match &self.written {
            Some(written) => match language {
                Language::Chinese => format!("{detail}表里写的是“{}”。", written.trim()),
                Language::English => format!("{detail} The file says \"{}\".", written.trim()),
            },
            None => detail.to_owned(),
        }
    }

    fn repeats(&self, language: Language) -> Option<String> {
        let (row, line) = self.duplicate_row.zip(self.duplicate_sheet_row)?;
        let elsewhere = self.duplicate_sheet.as_deref().filter(|_| self.duplicate_sheet != self.sheet);
        Some(match (language, elsewhere) {
            (Language::Chinese, None) => format!("与第 {row} 个人（表中第 {line} 行）重复，是同一个人。"),
            (Language::Chinese, Some(sheet)) => {
                format!("与第 {row} 个人（工作表“{sheet}”第 {line} 行）重复，是同一个人。")
            }
            (Language::English, None) => format!("The same person as in row {row} (line {line} of the sheet)."),
            (Language::English, Some(sheet)) => {
                format!("The same person as in row {row} (line {line} of the sheet \"{sheet}\").")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rosters::judging::Problem;
    use crate::rosters::reading::{Field, FileKind};

    fn problem(code: &str) -> RosterProblem {
        RosterProblem {
            row: 9,
            sheet: Some("一班".to_owned()),
            sheet_row: 12,
            code: code.to_owned(),
            name: None,
            written: None,
            duplicate_row: None,
            duplicate_sheet: None,
            duplicate_sheet_row: None,
        }
    }

    #[test]
    fn every_refusal_and_every_problem_has_words() {
        let refusals = [
            Refusal::TooLarge { limit: 1 },
            Refusal::Empty,
            Refusal::UnsupportedFormat { kind: FileKind::Pdf },
            Refusal::PasswordProtected,
            Refusal::Unreadable { reason: String::new() },
            Refusal::ZipBomb { limit: 1 },
            Refusal::NotARoster { missing: vec![Field::Name] },
            Refusal::TooManyRows { limit: 1 },
        ];
        for refusal in refusals {
            assert_eq!(refused(&refusal).stable_code().as_str(), refusal.code());
        }
        for problem in [
            Problem::NameMissing,
            Problem::NameInvalid,
            Problem::BirthDateMissing,
            Problem::BirthDateInvalid,
            Problem::BirthDateInFuture,
            Problem::Duplicate,
            Problem::PhoneInvalid,
            Problem::IdNumberInvalid,
            Problem::RegisteredOnInvalid,
            Problem::RegisteredOnInFuture,
        ] {
            assert!(Code::from_code(problem.code()).is_some(), "{}", problem.code());
        }
    }

    #[test]
    fn details_say_what_is_written_and_where_the_first_one_is() {
        let phone = RosterProblem { written: Some("12345 ".to_owned()), ..problem("phone_invalid") };
        assert!(phone.detail(Language::Chinese).ends_with("表里写的是“12345”。"));
        assert!(phone.detail(Language::English).ends_with("The file says \"12345\"."));
        let mut twice = problem("duplicate");
        twice.duplicate_row = Some(3);
        twice.duplicate_sheet = Some("一班".to_owned());
        twice.duplicate_sheet_row = Some(6);
        assert_eq!(twice.detail(Language::Chinese), "与第 3 个人（表中第 6 行）重复，是同一个人。");
        twice.duplicate_sheet = Some("二班".to_owned());
        assert_eq!(twice.detail(Language::English), "The same person as in row 3 (line 6 of the sheet \"二班\").");
    }
}
