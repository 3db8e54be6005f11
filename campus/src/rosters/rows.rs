//! Rows of roster imports.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Text;
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::db::schema::{roster_imports, roster_rows};

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, FromSqlRow, AsExpression)]
#[diesel(sql_type = Text)]
pub enum Status {
    /// A long file waits to be read.
    Queued,
    /// A long file is being read.
    Reading,
    /// Read and judged; nobody is registered yet.
    Staged,
    /// Confirmed; a long list is being written.
    Confirming,
    /// The good rows are registered.
    Confirmed,
    /// The file is no roster, or could not be read.
    Failed,
    /// Not confirmed in time; what was staged is gone.
    Expired,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Reading, Self::Staged, Self::Confirming, Self::Confirmed, Self::Failed, Self::Expired];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Reading => "reading",
            Self::Staged => "staged",
            Self::Confirming => "confirming",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }
}

impl ToSql<Text, Pg> for Status {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(self.as_str(), out)
    }
}

impl diesel::deserialize::FromSql<Text, Pg> for Status {
    fn from_sql(value: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let name = <String as diesel::deserialize::FromSql<Text, Pg>>::from_sql(value)?;
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or_else(|| format!("no status of a roster import: {name}").into())
    }
}

/// One file that a branch has handed in.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = roster_imports)]
#[diesel(check_for_backend(Pg))]
pub struct RosterImport {
    /// The import.
    pub id: Uuid,
    /// The branch whose residents they are to be.
    pub branch_id: Uuid,
    /// Who handed it in.
    pub account_id: Uuid,
    /// The file's name, without folders.
    pub file_name: String,
    /// Where it stands.
    pub status: Status,
    /// How much of it has been read, in percent.
    pub progress: i16,
    /// The stable code of why it failed.
    pub failure: Option<String>,
    /// Further members for a program to read: missing columns, limits.
    pub failure_extra: Option<Value>,
    /// How many data rows it has.
    pub rows: i32,
    /// How many rows got each verdict, by its code; `ok` is always among them once it is read.
    pub counts: Value,
    /// The sheets that were read and those that were not (see the migration).
    pub sheets: Value,
    /// How many people the confirmation registered.
    pub registered: Option<i32>,
    /// When it was handed in.
    pub created_at: OffsetDateTime,
    /// From when on it can no longer be confirmed.
    pub expires_at: OffsetDateTime,
    /// When it was confirmed.
    pub confirmed_at: Option<OffsetDateTime>,
}

impl RosterImport {
    /// How many rows have this verdict.
    #[must_use]
    pub fn count(&self, verdict: &str) -> i64 {
        self.counts.get(verdict).and_then(Value::as_i64).unwrap_or(0)
    }

    /// How many rows register nobody.
    #[must_use]
    pub fn problem_count(&self) -> i64 {
        let all: i64 = self.counts.as_object().into_iter().flatten().filter_map(|(_, count)| count.as_i64()).sum();
        all - self.count("ok")
    }
}

/// A row that registers nobody, and why.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = roster_rows)]
#[diesel(check_for_backend(Pg))]
pub struct RosterProblem {
    /// Counts the data rows of the file from 1.
    pub row: i32,
    /// The sheet; `None` in text files.
    pub sheet: Option<String>,
    /// The line in the sheet or the text file, from 1.
    pub sheet_row: i32,
    /// The stable code of what is wrong.
    #[diesel(column_name = verdict)]
    pub code: String,
    /// The name, where one could be read.
    pub name: Option<String>,
    /// What stands in the column at fault.
    pub written: Option<String>,
    /// For a duplicate: the `row` that it repeats.
    pub duplicate_row: Option<i32>,
    /// Its sheet.
    pub duplicate_sheet: Option<String>,
    /// Its line there.
    pub duplicate_sheet_row: Option<i32>,
}

/// The person on a good row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = roster_rows)]
#[diesel(check_for_backend(Pg))]
pub(super) struct StagedPerson {
    pub(super) row: i32,
    pub(super) name: Option<String>,
    pub(super) birth_date: Option<Date>,
    pub(super) gender: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) id_number: Option<String>,
    pub(super) private_sealed: Option<Vec<u8>>,
    pub(super) groups: Vec<String>,
    pub(super) registered_on: Option<Date>,
}
