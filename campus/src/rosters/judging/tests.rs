//! The twelve rosters of the street, against what they are known to hold.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;
use time::macros::date;

use super::*;
use crate::rosters::reading::read;

fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/rosters");
    std::fs::read(folder.join(name)).unwrap()
}

#[test]
fn the_twelve_rosters_give_what_is_expected() {
    let expected: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    let files = expected["files"].as_object().unwrap();
    assert_eq!(files.len(), 12);
    let mut good = 0;
    for (file, expected) in files {
        let roster = read(&fixture(file)).unwrap();
        let rows = judge(&roster, date!(2026 - 10 - 31));
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut not_ok: BTreeMap<String, &str> = BTreeMap::new();
        for row in &rows {
            *counts.entry(row.code()).or_default() += 1;
            if row.person().is_none() {
                not_ok.insert(row.row.to_string(), row.code());
            }
        }
        assert_eq!(
            roster.header_row().map(u64::from),
            expected["header_row"].as_u64(),
            "{file}"
        );
        assert_eq!(
            u64::try_from(rows.len()).ok(),
            expected["rows"].as_u64(),
            "{file}"
        );
        assert_eq!(
            serde_json::to_value(&counts).unwrap(),
            expected["counts"],
            "{file}"
        );
        assert_eq!(
            serde_json::to_value(&not_ok).unwrap(),
            expected["rows_not_ok"],
            "{file}"
        );
        good += counts["ok"];
    }
    assert_eq!(good, 3264);
}
