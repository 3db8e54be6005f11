//! Transfers on their way to the SQL functions that post them.

use std::io::Write;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Jsonb;
use serde::Serialize;
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::caps::caps;
use super::posting::{Note, Posted, Posting};
use super::rows::Rule;
use crate::ids::new_id;

/// The binary form of `jsonb` that PostgreSQL reads: this, then the text.
const JSONB_VERSION: u8 = 1;

/// Transfers, written straight as text: hundreds of them as trees of values first cost a tenth of posting them.
#[derive(Debug, AsExpression)]
#[diesel(sql_type = Jsonb)]
pub(super) struct PostingRows<'a>(Vec<PostingRow<'a>>);

#[derive(Debug, Serialize)]
struct PostingRow<'a> {
    index: usize,
    id: Uuid,
    resident_id: Uuid,
    unit: &'a str,
    amount: i64,
    kind: &'static str,
    source_kind: &'a str,
    source_id: Uuid,
    source_label: &'a str,
    rule_id: Uuid,
    rule_code: &'a str,
    evidence: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note_digest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_id: Option<Uuid>,
    batch_id: Uuid,
    place: usize,
    branch_id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    earned_at: OffsetDateTime,
    earned_on: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverses: Option<Uuid>,
    caps: Vec<CapRow>,
}

#[derive(Debug, Serialize)]
struct CapRow {
    period: &'static str,
    start: String,
    limit: i64,
}

/// The caps that a rule sets on a day, as the ledger's functions take them.
fn cap_rows(rule: &Rule, day: Date) -> Vec<CapRow> {
    let row = |cap: super::caps::Cap| CapRow { period: cap.period, start: cap.start.to_string(), limit: cap.limit };
    caps(rule, day).into_iter().map(row).collect()
}

/// The same for who asks what a cap leaves.
///
/// # Errors
/// None that can come of these values.
pub(super) fn caps_value(rule: &Rule, day: Date) -> crate::error::Result<Value> {
    Ok(serde_json::to_value(cap_rows(rule, day))?)
}

impl<'a> PostingRows<'a> {
    /// The rows of one batch, with the note that goes with it and its digest.
    pub(super) fn new(postings: &'a [Posting], batch_id: Uuid, note: Option<&'a Note>) -> Self {
        let row = |(index, posting): (usize, &'a Posting)| PostingRow {
            index,
            id: new_id(),
            resident_id: posting.resident_id,
            unit: &posting.rule.unit,
            amount: posting.amount,
            kind: posting.kind.as_str(),
            source_kind: &posting.source_kind,
            source_id: posting.source_id,
            source_label: &posting.source_label,
            rule_id: posting.rule.id,
            rule_code: &posting.rule.code,
            evidence: &posting.evidence,
            note_id: note.map(|note| note.id),
            note_digest: note.map(|note| note.digest.as_str()),
            actor_id: posting.actor_id,
            batch_id,
            place: index,
            branch_id: posting.branch_id,
            earned_at: posting.earned_at,
            earned_on: posting.earned_on.to_string(),
            reverses: posting.kind.settles(),
            caps: if posting.kind.is_capped() { cap_rows(&posting.rule, posting.earned_on) } else { Vec::new() },
        };
        Self(postings.iter().enumerate().map(row).collect())
    }
}

impl ToSql<Jsonb, Pg> for PostingRows<'_> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB_VERSION])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

/// What became of them, read straight from the answer's text.
#[derive(Debug, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
pub(super) struct PostedRows(pub(super) Vec<Posted>);

impl FromSql<Jsonb, Pg> for PostedRows {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            [JSONB_VERSION, text @ ..] => Ok(Self(serde_json::from_slice(text)?)),
            _ => Err("not a jsonb of the version that is known".into()),
        }
    }
}
