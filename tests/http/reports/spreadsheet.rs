//! What offices open our workbooks with.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use calamine::{Data, Reader, Xlsx};
use serde_json::json;
use tests::{Client, TestApp};
use time::macros::datetime;

use super::register_as_expected;

/// Every sheet of a workbook as LibreOffice reads it, in the order of their names.
///
/// A file that it would have to mend is not loaded without somebody who says yes, and then there is no answer.
fn as_libreoffice_reads(folder: &Path, bytes: &[u8]) -> Vec<(String, Vec<Vec<String>>)> {
    let book = folder.join("book.xlsx");
    fs::write(&book, bytes).unwrap();
    let ran = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()))
        // Comma, quotes, UTF-8, from the first row, numbers as they are kept, every sheet to a file of its own.
        .args([
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1",
        ])
        .arg("--outdir")
        .arg(folder.join("sheets"))
        .arg(&book)
        .output()
        .expect("LibreOffice is installed (scripts/install.sh test)");
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success() && !said.contains("Error"), "{said}");
    let mut sheets = Vec::new();
    for file in fs::read_dir(folder.join("sheets")).expect("LibreOffice loaded the workbook") {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().trim_start_matches("book-").to_owned();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(&path).unwrap();
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        sheets.push((name, rows));
    }
    sheets.sort();
    sheets
}

/// What is written in the workbook, in the same form.
fn as_written(bytes: &[u8]) -> Vec<(String, Vec<Vec<String>>)> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let mut sheets: Vec<_> = book
        .worksheets()
        .into_iter()
        .map(|(name, range)| {
            let cell = |cell: &Data| match cell {
                Data::Empty => String::new(),
                other => other.to_string(),
            };
            (name, range.rows().map(|row| row.iter().map(cell).collect()).collect())
        })
        .collect();
    sheets.sort();
    sheets
}

async fn expect_equal(client: &Client, path: &str) {
    let bytes = client.get(path).await.bytes;
    let folder = tempfile::tempdir().unwrap();
    let read = as_libreoffice_reads(folder.path(), &bytes);
    let written = as_written(&bytes);
    assert!(written.iter().any(|(_, rows)| rows.len() > 10), "{path}");
    assert_eq!(read, written, "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn workbooks_open_in_libreoffice_as_they_were_written() {
    let app = TestApp::street().await;
    let _ = register_as_expected(&app).await;
    let admin = app.admin().await;
    app.clock.set(datetime!(2026-12-06 09:00 +8));
    let _ = admin.post("/reports/months/2026-11/closing", &json!({})).await.expect(201);
    for path in ["/reports/months/2026-11/export?format=xlsx", "/reports/years/2026/export?format=xlsx"] {
        expect_equal(&admin, path).await;
    }
}
