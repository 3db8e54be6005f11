//! Statements of credit accounts on paper and as a table, each with a code by which whoever was given one
//! has it checked against the chain.

mod comma;
mod paper;
mod queries;
mod rows;
mod words;

use serde_json::json;
use sha2::{Digest, Sha256};
use time::Date;

pub use rows::{AccountStatement, ChainHead};

use crate::Campus;
use crate::access::Actor;
use crate::attestation;
use crate::audit;
use crate::codes::{new_code, read_code};
use crate::credits::{self, StatementRow};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::residents;

/// The most rows that a statement may have.
const ROWS: i64 = 2000;

/// What a statement comes as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Paper.
    Pdf,
    /// A table.
    Csv,
}

impl Format {
    /// `pdf` or `csv`.
    ///
    /// # Errors
    /// [`Code::FormatUnknown`].
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "pdf" => Ok(Self::Pdf),
            "csv" => Ok(Self::Csv),
            _ => Err(Error::field("format", Code::FormatUnknown)),
        }
    }

    /// The content type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// How a file's name ends.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Csv => "csv",
        }
    }
}

/// A statement with what is written on it.
pub(crate) struct Written {
    pub(crate) kept: AccountStatement,
    pub(crate) holder: String,
    pub(crate) learner_number: String,
    pub(crate) rows: Vec<StatementRow>,
}

/// A statement as a file.
pub struct File {
    /// By which it is checked.
    pub code: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// The actor's statement of a period. The same period without a change since has the same code. `page` is
/// where codes are checked.
///
/// # Errors
/// [`Code::DateInvalid`] for a period that ends before it begins, [`Code::StatementTooLong`];
/// [`Code::Forbidden`] for accounts that are no resident's; when the machine has no Chinese font.
pub async fn issue(campus: &Campus, actor: &Actor, period: (Date, Date), format: Format, page: &str) -> Result<File> {
    if period.1 < period.0 {
        return Err(Error::field("to", Code::DateInvalid));
    }
    let written = match at_one_moment(campus, actor, period).await {
        // Of two that are asked for at once (on paper and as a table) one is kept; the other finds it the next time.
        Err(Error::DatabaseUnavailable(_)) => at_one_moment(campus, actor, period).await?,
        written => written?,
    };
    let content = match format {
        Format::Pdf => paper::document(campus, &written, page, actor.language)?,
        Format::Csv => comma::table(&written, actor.language)?,
    };
    Ok(File { code: written.kept.code, content })
}

/// As the ledger stands at one moment.
async fn at_one_moment(campus: &Campus, actor: &Actor, period: (Date, Date)) -> Result<Written> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .build_transaction()
        .repeatable_read()
        .run(async |connection| write(campus, connection, actor, period).await)
        .await
}

async fn write(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    (from, to): (Date, Date),
) -> Result<Written> {
    let now = campus.clock.now();
    let resident = residents::find(connection, actor.resident()?).await?;
    let records = residents::records(connection, resident.id).await?;
    let rows = credits::transfers_between(connection, &records, (from, to), ROWS + 1, actor.language).await?;
    if i64::try_from(rows.len()).is_ok_and(|count| count > ROWS) {
        return Err(Error::field("from", Code::StatementTooLong));
    }
    let heads = queries::heads(connection, &records).await?;
    let sums = queries::sums(connection, &heads, (from, to)).await?;
    let mut statement = AccountStatement {
        id: new_id(),
        code: new_code(),
        resident_id: resident.id,
        from_on: from,
        to_on: to,
        issued_at: now,
        credits: sums.credits,
        points: sums.points,
        row_count: sums.count,
        heads: serde_json::to_value(&heads)?,
        rows_hash: sums.hash,
        digest: Vec::new(),
    };
    statement.digest = digest(&statement, &heads);
    let (kept, is_new) = queries::keep(connection, &statement).await?;
    if is_new {
        let entry = audit::Entry {
            action: "statement.issued",
            object_kind: "account_statement",
            object_id: Some(kept.id),
            branch_id: Some(resident.branch_id),
            detail: json!({"resident_id": resident.id}),
            actor: Some(actor),
        };
        audit::record(connection, now, &entry).await?;
    }
    Ok(Written { kept, holder: resident.name, learner_number: resident.learner_number, rows })
}

/// What a statement says, as one digest: the period, the sums, and where the chains stood.
fn digest(statement: &AccountStatement, heads: &[ChainHead]) -> Vec<u8> {
    let AccountStatement { from_on, to_on, credits, points, row_count, .. } = statement;
    let rows = hex::encode(&statement.rows_hash);
    let mut text = format!("{from_on}|{to_on}|{credits}|{points}|{row_count}|{rows}");
    for ChainHead { account_id, version, hash } in heads {
        text.push_str(&format!("|{account_id}|{version}|{hash}"));
    }
    Sha256::digest(text).to_vec()
}

/// What whoever has a statement's code may know.
#[derive(Debug, Clone)]
pub struct CheckedStatement {
    /// What it said.
    pub statement: AccountStatement,
    /// Whose it is, but for the first sign masked; `None`: they have left and are named no more.
    pub holder: Option<String>,
    /// Whether every row still stands in the chain as it did.
    pub stands: bool,
}

/// Checks a statement against the chain, by its code however it is typed.
///
/// # Errors
/// [`Code::NotFound`] when there is none.
pub async fn check(campus: &Campus, code: &str) -> Result<CheckedStatement> {
    let code = read_code(code).ok_or_else(|| Error::code(Code::NotFound))?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .build_transaction()
        .repeatable_read()
        .read_only()
        .run(async |connection| {
            let statement = queries::by_code(connection, &code).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            let holder = match residents::find(connection, statement.resident_id).await {
                Ok(resident) => Some(masked(&resident.name)),
                Err(error) if error.stable_code() == Code::NotFound => None,
                Err(error) => return Err(error),
            };
            let stands = stands(connection, &statement).await?;
            Ok(CheckedStatement { statement, holder, stands })
        })
        .await
}

async fn stands(connection: &mut Connection, statement: &AccountStatement) -> Result<bool> {
    let heads: Vec<ChainHead> = serde_json::from_value(statement.heads.clone())?;
    let sums = queries::sums(connection, &heads, (statement.from_on, statement.to_on)).await?;
    let said = (statement.credits, statement.points, statement.row_count, &statement.rows_hash);
    if (sums.credits, sums.points, sums.count, &sums.hash) != said || digest(statement, &heads) != statement.digest {
        return Ok(false);
    }
    for head in &heads {
        let hash = hex::decode(&head.hash).unwrap_or_default();
        if !attestation::stands(connection, head.account_id, head.version, &hash).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A name that tells its holder and few others: 陈秀英 becomes 陈**.
fn masked(name: &str) -> String {
    let mut signs = name.chars();
    let first = signs.next().map(String::from).unwrap_or_default();
    first + &"*".repeat(signs.count().min(3))
}
