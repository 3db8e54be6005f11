//! Files that are no rosters, and files that mean harm.

use std::io::{Cursor, Write};

use bytes::Bytes;
use futures_util::stream;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method};
use serde_json::Value;
use tests::Answer;

use super::{SMALL, hand_in, people, street};

fn bomb() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let spaces = vec![b' '; 1024 * 1024];
    for name in ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        (0..if name.contains("sheet1") { 300 } else { 1 }).for_each(|_| writer.write_all(&spaces).unwrap());
    }
    writer.finish().unwrap().into_inner()
}

fn locked() -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for name in ["/EncryptionInfo", "/EncryptedPackage"] {
        file.create_stream(name).unwrap().write_all(&[7; 9000]).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_roster_is_refused_and_leaves_nothing() {
    let app = street().await;
    let staff = app.staff("CX").await;
    let branch = app.branch("CX").id;
    for (content, status, code) in [
        (b"".to_vec(), 422, "roster_empty"),
        (b"%PDF-1.7\n...".to_vec(), 415, "roster_unsupported_format"),
        (b"hello, world\n".to_vec(), 422, "roster_not_a_roster"),
        ("姓名,电话\n王芳,13812345678\n".into(), 422, "roster_not_a_roster"),
        ("姓名,出生日期\n".into(), 422, "roster_empty"),
        (b"PK\x03\x04 but not really".to_vec(), 422, "roster_unreadable"),
        (locked(), 422, "roster_password_protected"),
        (bomb(), 413, "roster_zip_bomb"),
        (vec![b'a'; 20 * 1024 * 1024 + 1], 413, "roster_too_large"),
    ] {
        let problem = hand_in(&staff, branch, "名册.xlsx", content).await.expect_problem(status, code);
        if code == "roster_not_a_roster" {
            let missing = problem["missing_columns"].as_array().unwrap();
            assert!(missing.iter().any(|column| column["field"] == "birth_date"), "{problem}");
        }
    }
    let list = staff.get(&format!("/branches/{branch}/roster-imports")).await.expect(200);
    assert_eq!(list["items"], Value::Array(Vec::new()));
    assert_eq!(people(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_a_file_is_told_so() {
    let app = street().await;
    let staff = app.staff("CX").await;
    let path = format!("/branches/{}/roster-imports", app.branch("CX").id);
    let send = async |form: Form| Answer::of(staff.request(Method::POST, &path).multipart(form)).await;
    send(Form::new().text("note", "你好")).await.expect_problem(400, "roster_file_missing");
    let unchosen = Part::bytes(Vec::new()).file_name("");
    send(Form::new().part("file", unchosen)).await.expect_problem(400, "roster_file_missing");
    send(Form::new().text("note", "你好").part("file", Part::text(SMALL).file_name("一.csv"))).await.expect(201);
    staff.post(&path, &serde_json::json!({})).await.expect_problem(415, "unsupported_content_type");
    let broken = staff.request(Method::POST, &path).header("content-type", "multipart/form-data; boundary=x");
    let half = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"一.csv\"\r\n\r\n姓名,出生";
    Answer::of(broken.body(half)).await.expect_problem(400, "malformed_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_200_megabytes_is_refused_within_bounds() {
    const PIECE: usize = 1024 * 1024;
    let app = street().await;
    let staff = app.staff("CX").await;
    let path = format!("/branches/{}/roster-imports", app.branch("CX").id);
    let piece = Bytes::from(vec![b'a'; PIECE]);
    let before = peak_memory();
    let pieces = stream::iter((0..200).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    let part = Part::stream(Body::wrap_stream(pieces)).file_name("巨大.csv");
    let answer = Answer::of(staff.request(Method::POST, &path).multipart(Form::new().part("file", part))).await;
    answer.expect_problem(413, "roster_too_large");
    let grown = peak_memory() - before;
    assert!(grown < 100 * 1024, "the process grew by {grown} kB");
}

/// The most memory this process has had, in kB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_uploads_a_minute_are_admitted_and_no_more() {
    let app = street().await;
    let staff = app.staff("CX").await;
    let branch = app.branch("CX").id;
    for _ in 0..60 {
        hand_in(&staff, branch, "x.txt", b"hello".to_vec()).await.expect_problem(422, "roster_not_a_roster");
    }
    let refused = hand_in(&staff, branch, "x.txt", b"hello".to_vec()).await;
    assert!(refused.header("retry-after").parse::<u64>().is_ok());
    refused.expect_problem(429, "too_many_requests");
    hand_in(&app.staff("CX").await, branch, "一.csv", SMALL).await.expect(201);
}
