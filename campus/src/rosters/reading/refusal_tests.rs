//! Files that are no rosters, and files that mean harm.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use crate::rosters::samples::{
    archive, binary_stream, compound_file, judged, lines, record, refused, roster, shared_cell, verdicts, workbook,
};

#[test]
fn files_that_are_no_rosters_are_named() {
    for (bytes, code) in [
        (b"".to_vec(), "roster_empty"),
        (b"%PDF-1.7\n...".to_vec(), "roster_unsupported_format"),
        (b"\xFF\xD8\xFF\xE0\0\x10JFIF".to_vec(), "roster_unsupported_format"),
        (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "roster_unsupported_format"),
        (b"Rar!\x1a\x07\0".to_vec(), "roster_unsupported_format"),
        (b"<html><table><tr><td>x</td></tr></table>".to_vec(), "roster_unsupported_format"),
        ("\u{feff}<!DOCTYPE html>\n<html>".into(), "roster_unsupported_format"),
        (b"<?xml version=\"1.0\"?><Workbook/>".to_vec(), "roster_unsupported_format"),
        ((0..=255).cycle().take(5000).collect(), "roster_unsupported_format"),
        (b"hello, world\n".to_vec(), "roster_not_a_roster"),
        ("这是一封信。\n没有名册。\n".into(), "roster_not_a_roster"),
        (vec![0; 100], "roster_unsupported_format"),
        (b"PK\x03\x04 but not really".to_vec(), "roster_unreadable"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 but not really".to_vec(), "roster_unreadable"),
        (archive(&[("word/document.xml", b"<w/>")]), "roster_unsupported_format"),
        (archive(&[("xl/workbook.bin", b"x")]), "roster_unsupported_format"),
        (archive(&[("a.txt", b"x")]), "roster_unsupported_format"),
        (archive(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<oops")]), "roster_unreadable"),
        (compound_file(&[("/WordDocument", b"x")]), "roster_unsupported_format"),
        ("姓名,出生日期\n,\n合计,\n".into(), "roster_empty"),
    ] {
        let refusal = refused(&bytes);
        assert_eq!(refusal.code(), code, "{refusal}");
    }
}

#[test]
fn a_web_page_named_xls_is_told_so() {
    let page = "<meta charset=gbk>\n<TABLE><tr><td>姓名</td><td>出生日期</td></tr></TABLE>";
    assert!(refused(page.as_bytes()).to_string().contains("web page"));
}

#[test]
fn the_missing_columns_are_named() {
    let missing = |bytes: &[u8]| match refused(bytes) {
        Refusal::NotARoster { missing } => missing,
        other => panic!("{other}"),
    };
    assert_eq!(missing("姓名,电话\n王芳,13812345678\n".as_bytes()), [Field::BirthDate]);
    assert_eq!(missing("生日,电话,性别\n1956-03-02,,女\n".as_bytes()), [Field::Name]);
    let unrelated = workbook(&[("表", lines(&[&["品名", "数量"], &["椅子", "40"]]))]);
    assert_eq!(missing(&unrelated), [Field::Name, Field::BirthDate]);
}

#[test]
fn a_workbook_with_a_password_is_told_so() {
    let locked = compound_file(&[("/EncryptionInfo", b"x"), ("/EncryptedPackage", &[7; 9000])]);
    assert_eq!(refused(&locked), Refusal::PasswordProtected);
    let lock = record(0x002F, &[1, 0, 1, 0, 1, 0]);
    let stream = binary_stream(&[], &[("Sheet1", vec![])]);
    let locked = [stream[..20].to_vec(), lock, stream[20..].to_vec()].concat();
    assert_eq!(refused(&compound_file(&[("/Workbook", &locked)])), Refusal::PasswordProtected);
}

#[test]
fn too_many_bytes_are_not_looked_at() {
    let bytes = vec![b'a'; LARGEST_FILE + 1];
    assert_eq!(refused(&bytes), Refusal::TooLarge { limit: LARGEST_FILE });
}

#[test]
fn a_bomb_is_not_unpacked() {
    let zeros = vec![b' '; 100 * 1024 * 1024];
    let sheets: [(&str, &[u8]); 4] = [
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/worksheets/sheet1.xml", &zeros),
        ("xl/worksheets/sheet2.xml", &zeros),
        ("xl/worksheets/sheet3.xml", &zeros),
    ];
    let bytes = archive(&sheets);
    assert!(bytes.len() < 1024 * 1024, "{}", bytes.len());
    assert_eq!(refused(&bytes).code(), "roster_zip_bomb");
    let strings = archive(&[("[Content_Types].xml", b"<Types/>"), ("xl/sharedStrings.xml", &zeros)]);
    assert_eq!(refused(&strings).code(), "roster_zip_bomb");
    let claims = br#"<?xml version="1.0"?><sst uniqueCount="99999999999"></sst>"#;
    let claims = archive(&[("[Content_Types].xml", b"<Types/>"), ("xl/sharedStrings.xml", claims)]);
    assert_eq!(refused(&claims).code(), "roster_unreadable");
}

#[test]
fn a_sheet_that_claims_to_be_endless_costs_nothing() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    crate::rosters::samples::fill(sheet, &lines(&[&["姓名", "出生日期"], &["王芳", "1956-03-02"]]));
    sheet.write_string(1_048_575, 16_383, "远").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(verdicts(&judged(&bytes)), [(2, "ok")]);
}

#[test]
fn a_binary_workbook_is_read_within_bounds() {
    const STRINGS: [&str; 4] = ["姓名", "出生日期", "王芳", "1956.3.2"];
    let people = vec![
        record(0x0200, &[0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 0, 0]),
        shared_cell(0, 0, 0),
        shared_cell(0, 1, 1),
        shared_cell(1, 0, 2),
        shared_cell(1, 1, 3),
        shared_cell(65_535, 65_535, 0),
    ];
    let good = binary_stream(&STRINGS, &[("一班", people.clone()), ("空", vec![])]);
    let bytes = compound_file(&[("/Workbook", &good)]);
    assert_eq!(verdicts(&judged(&bytes)), [(2, "ok")]);
    assert_eq!(&*roster(&bytes).sheets[0].name, "一班");

    let mut wide = people.clone();
    wide.push(shared_cell(65_535, 63, 0));
    let sheets = [("一", wide.clone()), ("二", wide.clone()), ("三", wide)];
    let bytes = compound_file(&[("/Workbook", &binary_stream(&STRINGS, &sheets))]);
    assert_eq!(refused(&bytes).code(), "roster_zip_bomb");

    let long = "长".repeat(4000);
    let mut copies = people;
    copies.extend((2..20_000).map(|row| shared_cell(row, 2, 4)));
    let strings = [STRINGS.as_slice(), &[&long]].concat();
    let bytes = compound_file(&[("/Workbook", &binary_stream(&strings, &[("一", copies)]))]);
    assert_eq!(refused(&bytes).code(), "roster_zip_bomb");
}

#[test]
fn a_damaged_workbook_is_refused_and_not_a_crash() {
    let good = workbook(&[("表", lines(&[&["姓名", "出生日期"], &["王芳", "1956-03-02"]]))]);
    for end in (0..good.len()).step_by(97) {
        assert!(read(&good[..end]).is_err(), "{end}");
    }
    let good = binary_stream(&["姓名"], &[("表", vec![shared_cell(0, 0, 0)])]);
    for end in 0..good.len() {
        assert!(read(&compound_file(&[("/Workbook", &good[..end])])).is_err(), "{end}");
    }
}

#[test]
fn more_people_than_a_district_has_are_refused() {
    let mut text = String::from("姓名,出生日期\n");
    for _ in 0..=MOST_ROWS {
        text.push_str("王芳,19560302\n");
    }
    assert_eq!(refused(text.as_bytes()), Refusal::TooManyRows { limit: MOST_ROWS });
}

#[test]
fn a_text_written_once_and_shown_in_every_cell_is_not_kept_for_every_cell() {
    let long = "长".repeat(500);
    let header: &[&str] = &["姓名", "出生日期", "电话", "身份证号", "登记日期", "性别", "人群类别"];
    let row = [long.as_str(); 7];
    let table: Vec<&[&str]> = std::iter::once(header).chain(std::iter::repeat_n(row.as_slice(), 10_000)).collect();
    let bytes = workbook(&[("登记表", lines(&table))]);
    assert!(bytes.len() < 1_000_000, "{} bytes", bytes.len());
    assert_eq!(refused(&bytes).code(), "roster_zip_bomb");
}
