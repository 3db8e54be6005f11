//! Reading and judging away from the threads that answer requests, few files at a time.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use time::Date;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::task::JoinHandle;

use super::judging::{Group, JudgedRow, judgements};
use super::reading::{self, Refusal, Roster};
use crate::error::{Error, Result};
use crate::residents::identity::LONGEST_NAME;

/// How many rosters one process holds in memory at once. The longest takes some 150 MB.
static PLACES: Semaphore = Semaphore::const_new(2);
/// How many rows go into one statement.
pub(super) const CHUNK: usize = 2_000;
/// The longest text that is kept of a file, in characters: no name is longer.
const LONGEST_TEXT: usize = LONGEST_NAME;

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The file is at fault: no use in trying again.
    Refused(Refusal),
    /// The work went wrong: it may go better next time.
    Failed(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// A file that has been read. It holds one of the places until it has been judged.
pub(super) struct Reading {
    roster: Roster,
    place: SemaphorePermit<'static>,
}

/// Reads a file in a thread of its own.
pub(super) async fn read(content: Bytes) -> Result<Reading, Trouble> {
    let place = PLACES.acquire().await.map_err(Error::internal)?;
    let read = tokio::task::spawn_blocking(move || reading::read(&content)).await.map_err(Error::internal)?;
    match read {
        Ok(roster) => Ok(Reading { roster, place }),
        Err(refusal) => Err(Trouble::Refused(refusal)),
    }
}

/// Reads a list of people who are registered, in a thread of its own.
pub(super) async fn read_list(content: Bytes) -> Result<Roster, Trouble> {
    let _place = PLACES.acquire().await.map_err(Error::internal)?;
    let read = tokio::task::spawn_blocking(move || reading::read_list(&content)).await.map_err(Error::internal)?;
    read.map_err(Trouble::Refused)
}

impl Reading {
    /// How many data rows the file has.
    pub(super) fn row_count(&self) -> usize {
        self.roster.rows.len()
    }

    /// Which sheets were read and which were not, as the row of the import keeps it.
    pub(super) fn sheets(&self) -> Value {
        let read: Vec<Value> = self
            .roster
            .sheets
            .iter()
            .map(|sheet| json!({"name": plain(&sheet.name), "header_row": sheet.header_row, "rows": sheet.rows}))
            .collect();
        let ignored: Vec<Option<String>> = self.roster.ignored_sheets.iter().map(|name| plain(name)).collect();
        json!({"read": read, "ignored": ignored.into_iter().flatten().collect::<Vec<_>>()})
    }

    /// Judges the rows in a thread of its own, a few chunks ahead of whoever takes them.
    pub(super) fn judge(self, today: Date) -> Judging {
        let (sender, chunks) = mpsc::channel(2);
        let work = tokio::task::spawn_blocking(move || {
            let Self { place: _place, roster } = self;
            let mut rows = judgements(&roster, today).map(|row| StagedRow::of(&roster, row));
            loop {
                let chunk: Vec<StagedRow> = rows.by_ref().take(CHUNK).collect();
                if chunk.is_empty() || sender.blocking_send(chunk).is_err() {
                    break;
                }
            }
        });
        Judging { chunks, work }
    }
}

/// Rows on their way from judging to the database.
pub(super) struct Judging {
    chunks: mpsc::Receiver<Vec<StagedRow>>,
    work: JoinHandle<()>,
}

impl Judging {
    /// The next rows; `None` when all have come.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<StagedRow>>> {
        match self.chunks.recv().await {
            Some(chunk) => Ok(Some(chunk)),
            // The channel also closes when the work has come to grief.
            None => (&mut self.work).await.map(|()| None).map_err(Error::internal),
        }
    }
}

/// A judged row as it is staged.
#[derive(Debug, Clone)]
pub(super) struct StagedRow {
    pub(super) row: u32,
    pub(super) sheet: Option<String>,
    pub(super) sheet_row: u32,
    pub(super) verdict: &'static str,
    pub(super) name: Option<String>,
    pub(super) birth_date: Option<Date>,
    pub(super) gender: Option<&'static str>,
    pub(super) phone: Option<String>,
    pub(super) id_number: Option<String>,
    pub(super) groups: Vec<&'static str>,
    pub(super) registered_on: Option<Date>,
    pub(super) written: Option<String>,
    pub(super) duplicate_row: Option<u32>,
    pub(super) duplicate_sheet: Option<String>,
    pub(super) duplicate_sheet_row: Option<u32>,
}

impl StagedRow {
    fn of(roster: &Roster, judged: JudgedRow) -> Self {
        let first = judged
            .duplicate_of
            .and_then(|row| usize::try_from(row).ok()?.checked_sub(1))
            .and_then(|place| roster.rows.get(place));
        let first_sheet = first.and_then(|row| roster.sheets.get(row.sheet)).map(|sheet| Arc::clone(&sheet.name));
        let person = judged.person();
        Self {
            row: judged.row,
            sheet: plain(&judged.sheet),
            sheet_row: judged.sheet_row,
            verdict: judged.code(),
            birth_date: person.map(|person| person.birth_date),
            gender: person.and_then(|person| person.gender).map(|gender| gender.code()),
            phone: person.and_then(|person| person.phone.clone()),
            id_number: person.and_then(|person| person.id_number.clone()),
            groups: person
                .map(|person| person.groups.iter().map(|group| target_group(*group)).collect())
                .unwrap_or_default(),
            registered_on: person.and_then(|person| person.registered_on),
            name: judged.name.as_deref().and_then(plain),
            written: judged.written.as_deref().and_then(plain),
            duplicate_row: judged.duplicate_of,
            duplicate_sheet: first_sheet.as_deref().and_then(plain),
            duplicate_sheet_row: first.map(|row| row.sheet_row),
        }
    }

    /// The person on a good row, by what tells them apart.
    pub(super) fn person(&self) -> Option<(&str, Date)> {
        self.name.as_deref().zip(self.birth_date).filter(|_| self.verdict == "ok")
    }
}

/// The code in `target_groups` of a group that a roster names.
fn target_group(group: Group) -> &'static str {
    match group {
        Group::Unemployed => "laid_off",
        Group::MigrantWorker => "migrant",
        Group::Elderly | Group::Youth | Group::Employed | Group::Disabled | Group::Veteran => group.code(),
    }
}

/// A text as the database can keep it: without control characters, and not too long.
fn plain(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .filter(|character| !character.is_control())
        .take(LONGEST_TEXT)
        .collect();
    Some(plain).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::rosters::samples::TODAY;

    async fn staged(text: &str) -> Vec<StagedRow> {
        let Ok(reading) = read(Bytes::copy_from_slice(text.as_bytes())).await else { panic!("refused") };
        let mut judging = reading.judge(TODAY);
        let mut rows = Vec::new();
        while let Some(chunk) = judging.next().await.unwrap() {
            rows.extend(chunk);
        }
        rows
    }

    #[tokio::test]
    async fn a_duplicate_tells_the_line_of_the_first() {
        let rows = staged("名册\n姓名,出生日期,人群\n王芳,1956-03-02,下岗失业人员\n\n王　芳,1956.3.2,\n").await;
        let seen: Vec<_> = rows.iter().map(|row| (row.verdict, row.duplicate_row, row.duplicate_sheet_row)).collect();
        assert_eq!(seen, [("ok", None, None), ("duplicate", Some(1), Some(3))]);
        let groups: Vec<_> = rows.iter().map(|row| row.groups.as_slice()).collect();
        assert_eq!(groups, [["laid_off"].as_slice(), &[]]);
    }

    #[tokio::test]
    async fn rows_come_in_chunks_and_all_of_them() {
        let mut text = String::from("姓名,出生日期\n");
        (0..2 * CHUNK + 1).for_each(|_| text.push_str("王芳,1956-03-02\n"));
        let rows = staged(&text).await;
        assert_eq!(rows.len(), 2 * CHUNK + 1);
        assert_eq!(rows.iter().filter(|row| row.person().is_some()).count(), 1);
    }

    #[test]
    fn what_the_database_cannot_keep_is_left_out() {
        assert_eq!(plain("一\u{0}班\n"), Some("一班 ".to_owned()));
        assert_eq!(plain("\u{0}"), None);
        assert_eq!(plain(&"长".repeat(500)).map(|text| text.chars().count()), Some(64));
    }
}
