//! Rows as they are kept and read.

use diesel::prelude::*;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::root::{Root, hash_of};
use crate::db::schema::{credit_accounts, ledger_audits, ledger_roots};
use crate::error::Result;

/// A root as the database lists it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_roots)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct LedgerRoot {
    /// From 1, without a gap.
    pub sequence: i64,
    /// When the ledger stood so.
    pub signed_at: OffsetDateTime,
    /// SHA-256 of the signed root.
    pub hash: Vec<u8>,
    /// The root as it was signed: a compact JWS.
    pub signed: String,
    /// What there was of each unit: [`super::UnitCounts`].
    pub units: Value,
    /// Whether its heads are those of all accounts.
    pub is_checkpoint: bool,
    /// Where it lies in the object store.
    pub object_key: String,
    /// Where its heads lie.
    pub heads_key: String,
    /// What it answers for: a [`super::Acknowledgement`].
    pub acknowledges: Option<Value>,
}

impl LedgerRoot {
    /// The row of a root that was signed.
    pub(super) fn of(root: &Root, signed: &str) -> Result<Self> {
        Ok(Self {
            sequence: root.sequence,
            signed_at: root.at,
            hash: hash_of(signed).to_vec(),
            signed: signed.to_owned(),
            units: serde_json::to_value(&root.units)?,
            is_checkpoint: root.is_checkpoint(),
            object_key: root.key(),
            heads_key: root.heads.key.clone(),
            acknowledges: root.acknowledges.as_ref().map(serde_json::to_value).transpose()?,
        })
    }
}

/// One check of the ledger.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = ledger_audits)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct LedgerAudit {
    /// Its id.
    pub id: Uuid,
    /// `full`, or `signing`: of what was new, before a root was to be signed.
    pub scope: String,
    /// `running`, `passed`, `failed` or `given_up`.
    pub status: String,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it ended.
    pub finished_at: Option<OffsetDateTime>,
    /// How many transfers there were.
    pub expected: i64,
    /// How many have been checked.
    pub checked: i64,
    /// How many accounts.
    pub accounts: i64,
    /// The root it was compared with.
    pub root_sequence: Option<i64>,
    /// The first thing that does not fit: a [`super::Finding`].
    pub finding: Option<Value>,
}

/// A resident's account.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = credit_accounts)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Account {
    pub(super) id: Uuid,
    pub(super) unit: String,
    #[diesel(select_expression = credit_accounts::resident_id.assume_not_null())]
    #[diesel(select_expression_type = diesel::dsl::AssumeNotNull<credit_accounts::resident_id>)]
    pub(super) resident_id: Uuid,
    #[diesel(select_expression = credit_accounts::balance.assume_not_null())]
    #[diesel(select_expression_type = diesel::dsl::AssumeNotNull<credit_accounts::balance>)]
    pub(super) balance: i64,
    #[diesel(select_expression = credit_accounts::version.assume_not_null())]
    #[diesel(select_expression_type = diesel::dsl::AssumeNotNull<credit_accounts::version>)]
    pub(super) version: i64,
    #[diesel(select_expression = credit_accounts::head_hash.assume_not_null())]
    #[diesel(select_expression_type = diesel::dsl::AssumeNotNull<credit_accounts::head_hash>)]
    pub(super) head_hash: Vec<u8>,
}

/// An account that is nobody's.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = credit_accounts)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct SystemAccount {
    pub(super) id: Uuid,
    pub(super) unit: String,
    pub(super) kind: String,
    pub(super) branch_id: Option<Uuid>,
}
