//! What must not be readable of a roster while it is staged: telephones, ID numbers, the file.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::intake::StagedRow;
use super::rows::StagedPerson;
use crate::error::Result;
use crate::seal::Seal;

/// The numbers on one row.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Private {
    #[serde(skip)]
    row: i64,
    pub(super) phone: Option<String>,
    pub(super) id_number: Option<String>,
}

fn row_context(import_id: Uuid, row: i64) -> String {
    format!("roster_row:{import_id}:{row}")
}

impl Private {
    pub(super) fn of(row: &StagedRow) -> Self {
        Self { row: i64::from(row.row), phone: row.phone.clone(), id_number: row.id_number.clone() }
    }

    /// As JSON takes bytes for PostgreSQL; `None` where there is nothing to hide.
    pub(super) fn seal(&self, seal: &Seal, import_id: Uuid) -> Result<Option<String>> {
        if self.phone.is_none() && self.id_number.is_none() {
            return Ok(None);
        }
        let sealed = seal.seal(&row_context(import_id, self.row), &serde_json::to_vec(self)?)?;
        Ok(Some(format!("\\x{}", hex::encode(sealed))))
    }

    /// The numbers of a staged person; in plain where an older program staged them.
    pub(super) fn open(seal: &Seal, import_id: Uuid, staged: &StagedPerson) -> Result<Self> {
        let row = i64::from(staged.row);
        let Some(sealed) = &staged.private_sealed else {
            return Ok(Self { row, phone: staged.phone.clone(), id_number: staged.id_number.clone() });
        };
        let plain = seal.open(&row_context(import_id, row), sealed)?;
        Ok(Self { row, ..serde_json::from_slice(&plain)? })
    }
}

fn file_context(import_id: Uuid) -> String {
    format!("roster_file:{import_id}")
}

pub(super) fn seal_file(seal: &Seal, import_id: Uuid, content: &[u8]) -> Result<Vec<u8>> {
    seal.seal(&file_context(import_id), content)
}

pub(super) fn open_file(seal: &Seal, import_id: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
    seal.open(&file_context(import_id), sealed)
}
