//! Comma-separated values that Excel opens as they are meant.

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::{COLUMNS, Cell, code_heading, metric_name, name_heading, whole_street};
use crate::error::{Error, Result};
use crate::language::Language;
use crate::reports::ranking::Ranking;
use crate::spreadsheets::harmless;

/// One row a branch, in the order of the first metric; the whole street last.
pub(super) fn write(rankings: &[Ranking], language: Language) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        // The byte order mark: without it Excel takes UTF-8 for the machine's code page.
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut head = vec![code_heading(language).to_owned(), name_heading(language).to_owned()];
    for ranking in rankings {
        let name = metric_name(ranking.metric, language);
        head.extend(COLUMNS.iter().map(|column| format!("{name} {}", column.heading(language))));
    }
    writer.write_record(&head).map_err(Error::internal)?;

    for school in rankings.first().map(|ranking| ranking.items.as_slice()).unwrap_or_default() {
        let mut row = vec![harmless(&school.branch.code), harmless(&school.branch.name)];
        for ranking in rankings {
            let item = ranking.items.iter().find(|item| item.branch.id == school.branch.id);
            let definition = ranking.metric.definition();
            row.extend(
                COLUMNS
                    .iter()
                    .map(|column| item.and_then(column.read).map_or_else(String::new, |cell| cell.text(&definition))),
            );
        }
        writer.write_record(&row).map_err(Error::internal)?;
    }

    let mut street = vec![String::new(), whole_street(language).to_owned()];
    for ranking in rankings {
        let definition = ranking.metric.definition();
        let (this, before) = (ranking.street, ranking.previous_street);
        let show = |value| Cell::Figure(value).text(&definition);
        street.extend([
            this.map_or_else(String::new, |figure| show(figure.value)),
            String::new(),
            before.map_or_else(String::new, |figure| show(figure.value)),
            String::new(),
            this.zip(before).map_or_else(String::new, |(this, before)| show(this.value - before.value)),
            String::new(),
            String::new(),
            // The street has no target of its own.
            String::new(),
            String::new(),
            this.map_or_else(String::new, |figure| show(figure.late)),
        ]);
    }
    writer.write_record(&street).map_err(Error::internal)?;
    writer.into_inner().map_err(Error::internal)
}
