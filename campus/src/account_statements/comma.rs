//! A statement as comma-separated values that Excel opens as they are meant.

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::Written;
use super::words::Words;
use crate::codes::printed_code;
use crate::credits::Credits;
use crate::error::{Error, Result};
use crate::language::Language;
use crate::spreadsheets::harmless;

pub(super) fn table(written: &Written, language: Language) -> Result<Vec<u8>> {
    let (words, kept) = (Words::of(language), &written.kept);
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .flexible(true)
        // The byte order mark: without it Excel takes UTF-8 for the machine's code page.
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut write = |record: &[&str]| writer.write_record(record).map_err(Error::internal);
    write(&[words.code, &printed_code(&kept.code)])?;
    write(&[words.holder, &harmless(&written.holder)])?;
    write(&[words.number, &written.learner_number])?;
    write(&[words.period, &kept.from_on.to_string(), &kept.to_on.to_string()])?;
    write(&[words.credits_in_all, &Credits(kept.credits).to_string()])?;
    write(&[words.points_in_all, &kept.points.to_string()])?;
    write(&words.columns)?;
    for row in &written.rows {
        let transfer = &row.transfer;
        write(&[
            &transfer.earned_on.to_string(),
            &harmless(&row.explanation),
            words.unit(&transfer.unit),
            &row.signed_amount(),
            words.evidence(&transfer.evidence),
            &transfer.id.to_string(),
        ])?;
    }
    writer.into_inner().map_err(Error::internal)
}
