//! Covers, handouts and pictures of courses.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp, id_of};

use crate::award_desk::archive;
use crate::making;

const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

async fn send(staff: &Client, course: &str, kind: &str, name: &str, content: &[u8]) -> Answer {
    let form = Form::new().part("file", Part::bytes(content.to_vec()).file_name(name.to_owned()));
    let path = format!("/courses/{course}/files?kind={kind}");
    Answer::of(staff.request(Method::POST, &path).multipart(form)).await
}

/// What lies behind a link of the site, followed to where it leads.
async fn fetch(app: &TestApp, path: &str) -> (String, Vec<u8>) {
    let location = app.anonymous().get(path).await.header("location").to_owned();
    let answer = reqwest::get(location).await.unwrap().error_for_status().unwrap();
    let content_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (content_type, answer.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn office_files_are_handouts_in_whatever_order_they_were_written() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let course = making::course(&staff, "讲义", making::video(&app, &staff, "ready").await).await;
    let properties = ["[Content_Types].xml", "docProps/app.xml", "docProps/core.xml", "docProps/custom.xml"];
    for (part, ending) in [("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("ppt/presentation.xml", "pptx")]
    {
        let content = archive(&[&properties[..], &["customXml/item1.xml", part]].concat());
        let sent = send(&staff, &course, "handout", "讲义.bin", &content).await.expect(201);
        assert_eq!(sent["name"], format!("讲义.{ending}"));
    }
    let refused = send(&staff, &course, "handout", "讲义.docx", &archive(&properties)).await.expect_fields();
    assert_eq!(refused, [("file".to_owned(), "handout_type_not_allowed".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_out_is_found_with_the_course() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let course = making::course(&staff, "讲义", making::video(&app, &staff, "ready").await).await;
    let handout = send(&staff, &course, "handout", "C:\\我的\\防震讲义.docx", PDF).await.expect(201);
    assert_eq!((&handout["name"], &handout["content_type"]), (&json!("防震讲义.pdf"), &json!("application/pdf")));
    let cover = send(&staff, &course, "cover", "封面.png", PNG).await.expect(201);
    let picture = send(&staff, &course, "picture", "图.png", PNG).await.expect(201);
    let text = format!("![图](file:{})", id_of(&picture));
    let lesson = staff.post(&format!("/courses/{course}/lessons"), &making::article(&text)).await.expect(201);
    let own = format!("/course-files/{}", id_of(&handout));
    app.anonymous().get(&own).await.expect_problem(404, "not_found");
    making::publish(&staff, &admin, &course).await;

    let seen = app.anonymous().get(&format!("/courses/{course}")).await.expect(200);
    assert_eq!(
        (&seen["handouts"][0]["name"], &seen["handouts"][0]["size"]),
        (&json!("防震讲义.pdf"), &json!(PDF.len()))
    );
    assert_eq!(seen["handouts"][0]["url"], format!("/api/v1{own}"));
    assert_eq!(fetch(&app, &own).await, ("application/pdf".to_owned(), PDF.to_vec()));
    assert_eq!(fetch(&app, &format!("/courses/{course}/cover")).await, ("image/png".to_owned(), PNG.to_vec()));
    let html = staff.get(&format!("/lessons/{}/article", id_of(&lesson))).await.expect(200)["html"].clone();
    let source = format!("/course-files/{}", id_of(&picture));
    assert!(html.as_str().unwrap().contains(&format!("src=\"/api/v1{source}\"")), "{html}");
    assert_eq!(fetch(&app, &source).await.1, PNG);

    // Taken out of the next version, what is offered keeps it until that is published.
    let path = format!("/courses/{course}/files/{}", id_of(&handout));
    let left = staff.delete(&path).await.expect(200);
    assert_eq!((&left["handouts"], &left["version"], &left["cover_id"]), (&json!([]), &json!(2), &cover["id"]));
    staff.delete(&path).await.expect_problem(404, "not_found");
    let handouts = app.anonymous().get(&format!("/courses/{course}")).await.expect(200)["handouts"].clone();
    assert_eq!(handouts.as_array().map(Vec::len), Some(1));
    making::publish(&staff, &admin, &course).await;
    let handouts = app.anonymous().get(&format!("/courses/{course}")).await.expect(200)["handouts"].clone();
    assert_eq!(handouts, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_make_a_course_see_its_files_before_residents_do() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let course = making::course(&staff, "草稿", making::video(&app, &staff, "ready").await).await;
    let cover = send(&staff, &course, "cover", "封面.png", PNG).await.expect(201);
    let handout = send(&staff, &course, "handout", "讲义.pdf", PDF).await.expect(201);
    let picture = send(&staff, &course, "picture", "图.png", PNG).await.expect(201);
    let files = staff.get(&format!("/courses/{course}/files")).await.expect(200);
    let ids: Vec<_> = files["items"].as_array().unwrap().iter().map(id_of).collect();
    assert_eq!(ids, [id_of(&cover), id_of(&handout)]);
    let url = files["items"][0]["url"].as_str().unwrap();
    assert_eq!(reqwest::get(url).await.unwrap().bytes().await.unwrap(), PNG);
    app.anonymous().get(&format!("/courses/{course}/cover")).await.expect_problem(404, "not_found");

    // An article that is being written shows the pictures of its course and no others.
    let other = making::course(&staff, "别的", making::video(&app, &staff, "ready").await).await;
    let foreign = send(&staff, &other, "picture", "图.png", PNG).await.expect(201);
    let path = format!("/courses/{course}/article-previews");
    let text =
        format!("# 防震\n\n<b>先</b>**护住头**\n\n![图](file:{})![别的](file:{})", id_of(&picture), id_of(&foreign));
    let shown = staff.post(&path, &json!({"text": text})).await.expect(200)["html"].as_str().unwrap().to_owned();
    assert!(shown.starts_with("<h2>防震</h2>\n<p>&lt;b&gt;先&lt;/b&gt;<strong>护住头</strong></p>"), "{shown}");
    assert_eq!(shown.matches("<img").count(), 1, "{shown}");
    let url = shown.split("src=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    assert_eq!(reqwest::get(url).await.unwrap().error_for_status().unwrap().bytes().await.unwrap(), PNG);
    let refused = staff.post(&path, &json!({"text": "长".repeat(50_001)})).await.expect_fields();
    assert_eq!(refused, [("article.text".to_owned(), "too_long".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_claims_to_be_does_not_count() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let course = making::course(&staff, "讲义", making::video(&app, &staff, "ready").await).await;
    let refused = async |kind: &str, name: &str, content: &[u8], code: &str| {
        let answer = send(&staff, &course, kind, name, content).await;
        assert_eq!(answer.expect_fields(), [("file".to_owned(), code.to_owned())], "{name}");
    };
    refused("handout", "讲义.pdf", b"MZ\x90\0\x03\0\0\0", "handout_type_not_allowed").await;
    refused("handout", "讲义.pdf", b"<script>alert(1)</script>", "handout_type_not_allowed").await;
    refused(
        "cover",
        "图.png",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        "picture_type_not_allowed",
    )
    .await;
    refused("cover", "图.png", PDF, "picture_type_not_allowed").await;
    let mut large = PNG.to_vec();
    large.resize(5 * 1024 * 1024 + 1, 0);
    assert_eq!(send(&staff, &course, "cover", "图.png", &large).await.status, 413);
    assert_eq!(send(&staff, &course, "other", "图.png", PNG).await.status, 422);
    let nothing =
        Answer::of(staff.request(Method::POST, &format!("/courses/{course}/files?kind=cover")).multipart(Form::new()));
    assert_eq!(nothing.await.status, 422);
    for _ in 0..20 {
        let _ = send(&staff, &course, "handout", "讲义.pdf", PDF).await.expect(201);
    }
    refused("handout", "讲义.pdf", PDF, "too_many").await;
    let managed: Value = staff.get(&format!("/managed-courses/{course}")).await.expect(200);
    assert_eq!(managed["handouts"].as_array().map(Vec::len), Some(20));
}
