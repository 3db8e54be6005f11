//! The canonical form of a transfer, as it enters the chain, made here and not by the database: whoever
//! owns that could have it say anything. The function `canonical_transfer` says the same, which a test
//! holds.

use std::io::Write;

use diesel::prelude::*;
use sha2::{Digest, Sha256};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::db::schema::credit_transfers;

/// The hash of a chain.
pub(super) type Hash = [u8; 32];

/// A row of the ledger with all that its hash covers.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = credit_transfers)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Entry {
    pub(super) id: Uuid,
    pub(super) unit: String,
    pub(super) debit_account_id: Uuid,
    pub(super) credit_account_id: Uuid,
    pub(super) resident_id: Uuid,
    pub(super) amount: i64,
    capped: i64,
    pub(super) kind: String,
    source_kind: String,
    source_id: Uuid,
    source_label: String,
    rule_id: Uuid,
    evidence: String,
    note_id: Option<Uuid>,
    note_digest: Option<Vec<u8>>,
    actor_id: Option<Uuid>,
    batch_id: Uuid,
    place: i32,
    pub(super) branch_id: Uuid,
    earned_at: OffsetDateTime,
    earned_on: Date,
    pub(super) recorded_at: OffsetDateTime,
    counted_month: Date,
    reverses: Option<Uuid>,
    pub(super) account_id: Uuid,
    pub(super) account_version: i64,
    pub(super) balance_after: i64,
    pub(super) chain_hash: Vec<u8>,
}

/// Writes fields one after another, each but the first behind a bar.
struct Fields<'a>(&'a mut Vec<u8>);

impl Fields<'_> {
    fn text(&mut self, text: &[u8]) {
        if !self.0.is_empty() {
            self.0.push(b'|');
        }
        self.0.extend_from_slice(text);
    }

    fn uuid(&mut self, id: Uuid) {
        self.text(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
    }

    fn optional_uuid(&mut self, id: Option<Uuid>) {
        match id {
            Some(id) => self.uuid(id),
            None => self.text(b"-"),
        }
    }

    fn number(&mut self, number: i128) {
        self.text(b"");
        // A vector takes whatever is written.
        drop(write!(self.0, "{number}"));
    }

    fn escaped(&mut self, text: &str) {
        self.text(b"");
        for byte in text.bytes() {
            if matches!(byte, b'\\' | b'|') {
                self.0.push(b'\\');
            }
            self.0.push(byte);
        }
    }

    /// In microseconds since 1970.
    fn moment(&mut self, at: OffsetDateTime) {
        self.number(at.unix_timestamp_nanos().div_euclid(1000));
    }

    fn month(&mut self, date: Date) {
        self.text(b"");
        drop(write!(self.0, "{:04}-{:02}", date.year(), u8::from(date.month())));
    }

    fn day(&mut self, date: Date) {
        self.month(date);
        drop(write!(self.0, "-{:02}", date.day()));
    }
}

impl Entry {
    /// The canonical form, written over what `buffer` held: every column but the hash, in a fixed order,
    /// absent ones as `-`.
    pub fn write_canonical(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        let mut fields = Fields(buffer);
        fields.uuid(self.id);
        fields.text(self.unit.as_bytes());
        fields.uuid(self.debit_account_id);
        fields.uuid(self.credit_account_id);
        fields.uuid(self.resident_id);
        fields.number(self.amount.into());
        fields.number(self.capped.into());
        fields.text(self.kind.as_bytes());
        fields.text(self.source_kind.as_bytes());
        fields.uuid(self.source_id);
        fields.escaped(&self.source_label);
        fields.uuid(self.rule_id);
        fields.text(self.evidence.as_bytes());
        fields.optional_uuid(self.note_id);
        match &self.note_digest {
            Some(digest) => fields.text(hex::encode(digest).as_bytes()),
            None => fields.text(b"-"),
        }
        fields.optional_uuid(self.actor_id);
        fields.uuid(self.batch_id);
        fields.number(self.place.into());
        fields.uuid(self.branch_id);
        fields.moment(self.earned_at);
        fields.day(self.earned_on);
        fields.moment(self.recorded_at);
        fields.month(self.counted_month);
        fields.optional_uuid(self.reverses);
        fields.uuid(self.account_id);
        fields.number(self.account_version.into());
        fields.number(self.balance_after.into());
    }

    /// The hash that this row must have behind `previous`.
    pub(super) fn hash_behind(&self, previous: &Hash, buffer: &mut Vec<u8>) -> Hash {
        self.write_canonical(buffer);
        Sha256::new().chain_update(previous).chain_update(buffer).finalize().into()
    }
}

/// Where the chain of an account begins.
pub(super) fn beginning(unit: &str, resident_id: Uuid) -> Hash {
    Sha256::digest(format!("changqing|{unit}|{resident_id}")).into()
}
