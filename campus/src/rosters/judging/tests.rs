//! The twelve rosters of the street, against what they are known to hold.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;

use super::*;
use crate::rosters::samples::{TODAY, judged, roster, separated};

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
        let roster = roster(&fixture(file));
        let rows = judge(&roster, TODAY);
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut not_ok: BTreeMap<String, &str> = BTreeMap::new();
        for row in &rows {
            *counts.entry(row.code()).or_default() += 1;
            if row.person().is_none() {
                not_ok.insert(row.row.to_string(), row.code());
            }
        }
        assert_eq!(roster.header_row().map(u64::from), expected["header_row"].as_u64(), "{file}");
        assert_eq!(u64::try_from(rows.len()).ok(), expected["rows"].as_u64(), "{file}");
        assert_eq!(serde_json::to_value(&counts).unwrap(), expected["counts"], "{file}");
        assert_eq!(serde_json::to_value(&not_ok).unwrap(), expected["rows_not_ok"], "{file}");
        good += counts["ok"];
    }
    assert_eq!(good, 3264);
}

/// Judges the rows below a header that has all columns.
fn codes(rows: &[[&str; 5]]) -> Vec<&'static str> {
    let header: [&str; 5] = ["姓名", "出生日期", "电话", "身份证号", "登记日期"];
    let mut table: Vec<&[&str]> = vec![&header];
    table.extend(rows.iter().map(<[&str; 5]>::as_slice));
    let rows = judged(separated(&table, b',').as_bytes());
    rows.iter().map(JudgedRow::code).collect()
}

#[test]
fn the_birth_date_may_come_from_the_id_number() {
    const ID: &str = "99000019781125556X";
    assert_eq!(
        codes(&[
            ["王芳", "", "", ID, ""],
            ["王芳", "1978-11-25", "", "", ""],
            ["李强", "1978", "", ID, ""],
            ["张伟", "1978年11月", "", ID, ""],
            ["赵敏", "1978.10", "", ID, ""],
            ["周杰", "", "", "99000019781125556", ""],
            ["吴刚", "", "", "", ""],
            ["郑爽", "/", "13812345678", "无", ""],
            ["冯巩", "1956-13-40", "", ID, ""],
            ["陈强", "2099-01-01", "", ID, ""],
            ["褚健", "1890-01-01", "", "", ""],
        ]),
        [
            "ok",
            "duplicate",
            "ok",
            "ok",
            "birth_date_invalid",
            "id_number_invalid",
            "birth_date_missing",
            "birth_date_missing",
            "birth_date_invalid",
            "birth_date_in_future",
            "birth_date_invalid",
        ]
    );
}

#[test]
fn a_duplicate_is_one_of_a_good_row_only() {
    let table: [&[&str]; 6] = [
        &["姓名", "出生日期", "电话"],
        &["王芳", "1956-03-02", "1390000"],
        &["王　芳", "1956.3.2", "13812345678"],
        &["王芳", "1956年3月2日", "1390000"],
        &["王芳", "1956-03-03", "13812345678"],
        &["王芳", "19560302", ""],
    ];
    let rows = judged(separated(&table, b',').as_bytes());
    let seen: Vec<_> = rows.iter().map(|row| (row.code(), row.duplicate_of)).collect();
    assert_eq!(
        seen,
        [("phone_invalid", None), ("ok", None), ("duplicate", Some(2)), ("ok", None), ("duplicate", Some(2)),]
    );
}

#[test]
fn the_rest_of_a_row_is_judged_last() {
    assert_eq!(
        codes(&[
            ["", "1956-03-02", "13812345678", "", ""],
            ["王芳", "1956-03-02", "13812345678（女儿）", "", "2026-10-31"],
            ["李强", "1956-03-02", "13812345678 儿子", "", "2026-11-01"],
            ["张伟", "1956-03-02", "无", "", "去年"],
            ["赵敏", "1956-03-02", "028-86654321", "", ""],
            ["周杰", "1956-03-02", "12345", "", ""],
            ["吴刚", "1956-03-02", "", "990000197811255561", ""],
        ]),
        [
            "name_missing",
            "ok",
            "registered_on_in_future",
            "registered_on_invalid",
            "ok",
            "phone_invalid",
            "id_number_invalid",
        ]
    );
}

#[test]
fn what_a_roster_may_hold_beside_chinese_papers() {
    let rows = codes(&[
        ["王芳", "1956-03-02", "", "H12345678", ""],
        ["李强", "1956-03-02", "", "EA1234567", ""],
        ["张伟", "", "", "H12345678", ""],
        ["赵敏", "1956-03-02", "", "X90000197811255561", ""],
        ["周杰", "1956-03-02", "", "无（婴儿）", ""],
        ["吴刚", "", "", "=\"99000019781125556X\"", ""],
    ]);
    assert_eq!(rows, ["ok", "ok", "birth_date_missing", "id_number_invalid", "ok", "ok"]);
}

#[test]
fn lost_characters_and_impossible_days_are_told() {
    let rows = codes(&[
        ["李?", "1956-03-02", "", "", ""],
        ["王□花", "1956-03-02", "", "", ""],
        ["张\u{FFFD}", "1956-03-02", "", "", ""],
        ["赵敏", "1905-05-09", "", "", ""],
        ["周杰", "1990-01-01", "", "", "1949-10-01"],
        ["吴刚", "1990-01-01", "", "", "1990-01-01"],
    ]);
    let expected =
        ["name_invalid", "name_invalid", "name_invalid", "birth_date_invalid", "registered_on_invalid", "ok"];
    assert_eq!(rows, expected);
}
