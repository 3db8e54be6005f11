//! Questions as staff look after them: answering, pinning, hiding.

use futures_util::future::join;
use serde_json::{Value, json};
use tests::{Answer, Client, Person, TestApp};
use time::Duration;
use uuid::Uuid;

use crate::questions::{asked, learner, read, report, texts};

async fn answer(staff: &Client, question: Uuid, text: &str, version: i32) -> Answer {
    staff.put(&format!("/lesson-questions/{question}/answer"), &json!({"text": text, "version": version})).await
}

async fn review(staff: &Client, question: Uuid, decision: &Value) -> Answer {
    staff.put(&format!("/lesson-questions/{question}/review"), decision).await
}

async fn listed(staff: &Client, query: &str) -> Vec<String> {
    let page = staff.get(&format!("/lesson-questions{query}")).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_answer_stands_under_its_question_and_says_when_it_was_changed() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, asker) = (course.lessons[0], learner(&app, &course, "王芳").await);
    let (reader, staff) = (learner(&app, &course, "李明").await, app.staff("CX").await);
    let question = asked(&asker, lesson, "怎么放大字体？").await;
    let path = format!("/lesson-questions/{question}/answer");
    for (text, code) in [
        ("", "required"),
        (&"长".repeat(2001), "too_long"),
        (&"长".repeat(10_000), "too_long"),
        ("\u{0}", "text_invalid"),
    ] {
        let refused = answer(&staff, question, text, 0).await.expect_fields();
        assert_eq!(refused, [("text".to_owned(), code.to_owned())], "{text:?}");
    }
    assert_eq!(staff.put(&path, &json!({"text": "好"})).await.status, 422);
    answer(&app.staff("WT").await, question, "外校的", 0).await.expect_problem(404, "not_found");

    app.clock.advance(Duration::hours(1));
    let given = answer(&staff, question, " 在“设置”里。<script>alert(1)</script>\n", 0).await.expect(201);
    assert_eq!((&given["answer_version"], &given["answered_by"]), (&json!(1), &json!("王老师")));
    let wanted = json!({
        "text": "在“设置”里。<script>alert(1)</script>", "answered_at": "2026-11-22T11:00:00+08:00", "edited_at": null,
    });
    assert_eq!(read(&reader, lesson).await[0]["answer"], wanted);
    assert_eq!(asker.get("/me/questions?answered=true").await.expect(200)["items"][0]["answer"], wanted);
    // Sent again, as the answer was not heard: the same, once.
    assert_eq!(answer(&staff, question, "在“设置”里。<script>alert(1)</script>", 0).await.expect(200), given);

    app.clock.advance(Duration::hours(1));
    let admin = app.admin().await;
    let changed = answer(&admin, question, "在“设置—显示”里。", 1).await.expect(200);
    assert_eq!(changed["answer_version"], 2);
    let wanted = json!({
        "text": "在“设置—显示”里。", "answered_at": "2026-11-22T11:00:00+08:00", "edited_at": "2026-11-22T12:00:00+08:00",
    });
    assert_eq!(read(&reader, lesson).await[0]["answer"], wanted);
    // The audit has each step, and no words.
    let entries = admin.get("/audit-entries?action=question").await.expect(200);
    let actions: Vec<&Value> = entries["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["question.answer_changed", "question.answered", "question.asked"]);
    assert!(!entries.to_string().contains("设置") && !entries.to_string().contains("字体"), "{entries}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_answer_at_once_the_second_is_told() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, asker) = (course.lessons[0], learner(&app, &course, "王芳").await);
    let (one, two) = (app.staff("CX").await, app.staff("CX").await);
    let question = asked(&asker, lesson, "怎么放大字体？").await;
    for version in 0..4 {
        let (first, second) = (format!("甲 {version}"), format!("乙 {version}"));
        let (first, second) =
            join(answer(&one, question, &first, version), answer(&two, question, &second, version)).await;
        let done = if version == 0 { 201 } else { 200 };
        let (won, lost) = if first.status == done { (first, second) } else { (second, first) };
        let won = won.expect(done);
        lost.expect_problem(409, "answer_changed");
        let stands = one.get(&format!("/lesson-questions/{question}")).await.expect(200);
        assert_eq!((&stands["answer"], &stands["answer_version"]), (&won["answer"], &json!(version + 1)));
    }
    answer(&one, question, "迟到的", 0).await.expect_problem(409, "answer_changed");
}

#[tokio::test]
async fn staff_hide_a_question_for_a_reason_and_show_it_again() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, asker) = (course.lessons[0], learner(&app, &course, "王芳").await);
    let (reader, staff) = (learner(&app, &course, "李明").await, app.staff("CX").await);
    let question = asked(&asker, lesson, "我的电话是……").await;
    let path = format!("/lesson-questions/{question}");
    for (decision, field, code) in [
        (json!({"decision": "hide"}), "reason", "reason_required"),
        (json!({"decision": "hide", "reason": "看着不顺眼"}), "reason", "value_invalid"),
        (json!({"decision": "delete"}), "decision", "value_invalid"),
    ] {
        let refused = review(&staff, question, &decision).await.expect_fields();
        assert_eq!(refused, [(field.to_owned(), code.to_owned())]);
    }
    assert_eq!(staff.put(&format!("{path}/pin"), &json!({})).await.expect(200)["pinned"], true);
    let hide = json!({"decision": "hide", "reason": "personal_details"});
    let hidden = review(&staff, question, &hide).await.expect(200);
    assert_eq!(
        (&hidden["status"], &hidden["hidden_reason"], &hidden["pinned"]),
        (&json!("hidden"), &json!("personal_details"), &json!(false))
    );
    assert_eq!(texts(&reader, lesson).await, Vec::<String>::new());
    report(&reader, question).await.expect_problem(404, "not_found");
    let own = &read(&asker, lesson).await[0];
    assert_eq!((&own["status"], &own["hidden_reason"]), (&json!("hidden"), &json!("personal_details")));
    staff.put(&format!("{path}/pin"), &json!({})).await.expect_problem(409, "question_hidden");
    assert_eq!(listed(&staff, "?status=unanswered").await, Vec::<String>::new());

    let shown = review(&staff, question, &json!({"decision": "show"})).await.expect(200);
    assert_eq!((&shown["status"], &shown["hidden_reason"]), (&json!("shown"), &Value::Null));
    assert_eq!(texts(&reader, lesson).await, ["我的电话是……"]);
    for _ in 0..2 {
        assert_eq!(staff.delete(&format!("{path}/pin")).await.expect(200)["pinned"], false);
    }
}

#[tokio::test]
async fn staff_see_what_waits_in_their_own_branches() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, asker) = (course.lessons[0], learner(&app, &course, "王芳").await);
    let elsewhere = app.published_course("WT", 1, 60).await;
    let other = learner(&app, &elsewhere, "赵强").await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let first = asked(&asker, lesson, "一").await;
    asked(&asker, lesson, "二").await;
    asked(&asker, lesson, "三").await;
    asked(&other, elsewhere.lessons[0], "外校").await;
    let _ = answer(&staff, first, "好", 0).await.expect(201);
    assert_eq!(listed(&staff, "?status=unanswered").await, ["二", "三"]);
    assert_eq!(listed(&staff, "").await, ["三", "二", "一"]);
    assert_eq!(listed(&staff, &format!("?course_id={}", course.id)).await, ["三", "二", "一"]);
    assert_eq!(listed(&admin, "?status=unanswered").await, ["二", "三", "外校"]);
    assert_eq!(listed(&admin, &format!("?course_id={}", elsewhere.id)).await, ["外校"]);
    staff.get(&format!("/lesson-questions?course_id={}", elsewhere.id)).await.expect_problem(404, "not_found");
    assert_eq!(staff.get("/lesson-questions?status=new").await.status, 422);
    assert_eq!(staff.get("/waiting-questions").await.expect(200), json!({"unanswered": 2, "reported": 0}));
    assert_eq!(admin.get("/waiting-questions").await.expect(200), json!({"unanswered": 3, "reported": 0}));
    let page = staff.get("/lesson-questions?status=unanswered&limit=1").await.expect(200);
    let next = page["next_cursor"].as_str().unwrap();
    assert_eq!(listed(&staff, &format!("?status=unanswered&limit=1&cursor={next}")).await, ["三"]);
}

#[tokio::test]
async fn who_leaves_takes_their_words_along_and_a_merged_person_is_one() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let lesson = course.lessons[0];
    let (staff, reader) = (app.staff("CX").await, learner(&app, &course, "李明").await);
    let leaver = learner(&app, &course, "钟离悦").await;
    let question = asked(&leaver, lesson, "我是钟离悦，怎么放大？").await;
    let _ = answer(&staff, question, "钟离悦您好，在设置里。", 0).await.expect(201);
    let _ = staff.put(&format!("/lesson-questions/{question}/pin"), &json!({})).await.expect(200);
    let theirs = asked(&reader, lesson, "还有谁？").await;
    let _ = report(&leaver, theirs).await.expect(201);
    let export = leaver.get("/me/export").await.expect(200);
    assert_eq!(
        (&export["questions"][0]["text"], &export["questions"][0]["answer"]),
        (&json!("我是钟离悦，怎么放大？"), &json!("钟离悦您好，在设置里。"))
    );
    assert_eq!(export["question_reports"][0]["reason"], "rude");
    assert!(!export.to_string().contains("还有谁"), "{export}");
    let _ = leaver.post("/me/departure", &json!({"confirmation": true})).await.expect(201);
    assert_eq!(texts(&reader, lesson).await, ["还有谁？"]);
    let rows = crate::privacy::everything(&app).await;
    let held: Vec<_> = rows.iter().filter(|(_, row)| row.contains("钟离悦") || row.contains("怎么放大")).collect();
    assert!(held.is_empty(), "{held:?}");

    // Two records of one person: both see the question as their own.
    let second = app.new_resident("CX", &Person { name: "李鸣".to_owned(), ..Person::default() }).await;
    let merge = json!({"other_id": reader.resident_id.unwrap()});
    let path = format!("/residents/{}/merges", second.resident_id.unwrap());
    let _ = staff.post(&path, &merge).await.expect(201);
    let own = &read(&second, lesson).await[0];
    assert_eq!((&own["own"], &own["status"]), (&json!(true), &json!("waiting")));
    report(&second, theirs).await.expect_problem(409, "own_question");
    assert_eq!(second.delete(&format!("/lesson-questions/{theirs}")).await.status, 204);
}
