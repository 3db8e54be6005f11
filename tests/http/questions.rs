//! Questions under a lesson, as residents ask, read, take back and report them.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Client, Course, Person, TestApp, id_of};
use time::Duration;
use uuid::Uuid;

use crate::making;

/// Somebody of this name who is enrolled in the course.
pub(crate) async fn learner(app: &TestApp, course: &Course, name: &str) -> Client {
    let resident = app.new_resident("CX", &Person { name: name.to_owned(), ..Person::default() }).await;
    let _ = resident.put(&format!("/courses/{}/enrollment", course.id), &json!({})).await.expect(201);
    resident
}

pub(crate) async fn ask(resident: &Client, lesson: Uuid, text: &str) -> Answer {
    resident.post(&format!("/lessons/{lesson}/questions"), &json!({"text": text})).await
}

pub(crate) async fn asked(resident: &Client, lesson: Uuid, text: &str) -> Uuid {
    id_of(&ask(resident, lesson, text).await.expect(201))
}

pub(crate) async fn report(resident: &Client, question: Uuid) -> Answer {
    resident.post(&format!("/lesson-questions/{question}/reports"), &json!({"reason": "rude"})).await
}

/// What somebody reads under a lesson.
pub(crate) async fn read(resident: &Client, lesson: Uuid) -> Vec<Value> {
    let page = resident.get(&format!("/lessons/{lesson}/questions")).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

pub(crate) async fn texts(resident: &Client, lesson: Uuid) -> Vec<String> {
    read(resident, lesson).await.iter().map(|question| question["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn who_learns_a_lesson_asks_and_the_others_read_it_under_a_surname() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 2, 60).await;
    let (lesson, other_lesson) = (course.lessons[0], course.lessons[1]);
    let asker = learner(&app, &course, "欧阳海超").await;
    let reader = learner(&app, &course, "王芳").await;
    let made = ask(&asker, lesson, "　怎么放大字体？\r\n我的是<b>华为</b>。 ").await.expect(201);
    assert_eq!((&made["own"], &made["surname"], &made["status"]), (&json!(true), &Value::Null, &json!("shown")));
    assert_eq!((&made["answer"], &made["pinned"]), (&Value::Null, &json!(false)));
    assert_eq!(made["asked_at"], "2026-11-22T10:00:00+08:00");

    let answer = reader.get(&format!("/lessons/{lesson}/questions")).await;
    let whole = String::from_utf8(answer.bytes.clone()).unwrap();
    let seen = answer.expect(200)["items"][0].clone();
    // Text, not markup: it is kept and given out as it was typed.
    assert_eq!(seen["text"], "怎么放大字体？\n我的是<b>华为</b>。");
    assert_eq!((&seen["own"], &seen["surname"]), (&json!(false), &json!("欧阳")));
    assert!(!whole.contains("海超") && !whole.contains(&asker.resident_id.unwrap().to_string()), "{whole}");
    assert_eq!(read(&reader, other_lesson).await, Vec::<Value>::new());

    let own = asker.get("/me/questions").await.expect(200)["items"][0].clone();
    assert_eq!((&own["lesson_title"], &own["course_title"]), (&json!("第1课"), &json!("地震演练")));
    assert_eq!(own["text"], seen["text"]);
    assert_eq!(asker.get("/me/questions?answered=true").await.expect(200)["items"], json!([]));

    let stranger = app.resident("CX").await;
    ask(&stranger, lesson, "我也想问").await.expect_problem(409, "not_enrolled");
    stranger.get(&format!("/lessons/{lesson}/questions")).await.expect_problem(409, "not_enrolled");
    ask(&asker, Uuid::new_v4(), "哪一课？").await.expect_problem(404, "not_found");
    asker.post("/lessons/nothing/questions", &json!({"text": "？"})).await.expect_problem(404, "not_found");
    let draft = app.draft_course("CX", 1, 60).await;
    ask(&asker, draft.lessons[0], "还没开？").await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn what_cannot_be_a_question_is_refused_and_nothing_is_kept() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, asker) = (course.lessons[0], learner(&app, &course, "王芳").await);
    for (text, code) in [
        ("", "required"),
        (" \n　\u{200b}", "required"),
        (&"长".repeat(501), "too_long"),
        (&"长".repeat(10_000), "too_long"),
        ("响\u{7}铃", "text_invalid"),
        ("零\u{0}号", "text_invalid"),
    ] {
        let refused = ask(&asker, lesson, text).await.expect_fields();
        assert_eq!(refused, [("text".to_owned(), code.to_owned())], "{text:?}");
    }
    let path = format!("/lessons/{lesson}/questions");
    for body in [json!({}), json!({"text": null}), json!({"text": 5})] {
        assert_eq!(asker.post(&path, &body).await.status, 422, "{body}");
    }
    let without_key = asker.request(reqwest::Method::POST, &path).json(&json!({"text": "怎么放大？"}));
    Answer::of(without_key).await.expect_problem(400, "idempotency_key_required");
    assert_eq!(read(&asker, lesson).await, Vec::<Value>::new());
    // As long as it may be, and markup is only text.
    let _ = ask(&asker, lesson, &"长".repeat(500)).await.expect(201);
    let script = "<script>alert('一')</script>";
    assert_eq!(ask(&asker, lesson, script).await.expect(201)["text"], script);
    // Nothing can be made to read other than it is.
    let turned = ask(&asker, lesson, "打\u{202e}0008 0013\u{202c}找我").await.expect(201);
    assert_eq!(turned["text"], "打0008 0013找我");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_sent_twice_is_asked_once_and_ten_a_day_are_enough() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, asker) = (course.lessons[0], learner(&app, &course, "王芳").await);
    let (path, key, body) = (format!("/lessons/{lesson}/questions"), Uuid::new_v4(), json!({"text": "怎么放大？"}));
    let sent = join_all((0..4).map(|_| asker.post_with_key(&path, key, &body))).await;
    let ids: Vec<Uuid> = sent.into_iter().map(|answer| id_of(&answer.expect(201))).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    asker.post_with_key(&path, key, &json!({"text": "另一个"})).await.expect_problem(409, "idempotency_key_reused");
    assert_eq!(read(&asker, lesson).await.len(), 1);

    // What is taken back counts too: else there were no limit.
    assert_eq!(asker.delete(&format!("/lesson-questions/{}", ids[0])).await.status, 204);
    let more: Vec<Value> = (0..12).map(|number| json!({"text": format!("第 {number} 问")})).collect();
    let answers = join_all(more.iter().map(|body| asker.post(&path, body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 9);
    ask(&asker, lesson, "再问一个").await.expect_problem(422, "questions_today");
    app.clock.advance(Duration::hours(14));
    let _ = ask(&asker, lesson, "第二天再问").await.expect(201);
}

#[tokio::test]
async fn questions_come_in_pages_the_pinned_ones_first() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, asker) = (course.lessons[0], learner(&app, &course, "王芳").await);
    let staff = app.staff("CX").await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(asked(&asker, lesson, &number.to_string()).await);
    }
    for id in [ids[1], ids[3]] {
        app.clock.advance(Duration::minutes(1));
        let _ = staff.put(&format!("/lesson-questions/{id}/pin"), &json!({})).await.expect(200);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = asker.get(&format!("/lessons/{lesson}/questions?limit=1{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["text"].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["3", "1", "4", "2", "0"]);
    assert_eq!(asker.get(&format!("/lessons/{lesson}/questions?limit=0")).await.status, 422);
    assert_eq!(asker.get(&format!("/lessons/{lesson}/questions?cursor=x")).await.status, 422);
}

#[tokio::test]
async fn what_nobody_has_answered_can_be_taken_back() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, asker) = (course.lessons[0], learner(&app, &course, "王芳").await);
    let (reader, staff) = (learner(&app, &course, "李明").await, app.staff("CX").await);
    let question = asked(&asker, lesson, "写错了").await;
    let path = format!("/lesson-questions/{question}");
    reader.delete(&path).await.expect_problem(404, "not_found");
    for _ in 0..2 {
        assert_eq!(asker.delete(&path).await.status, 204);
    }
    assert_eq!(read(&asker, lesson).await, Vec::<Value>::new());
    assert_eq!(asker.get("/me/questions").await.expect(200)["items"], json!([]));
    staff.get(&path).await.expect_problem(404, "not_found");
    let answer = json!({"text": "好的", "version": 0});
    staff.put(&format!("{path}/answer"), &answer).await.expect_problem(409, "question_withdrawn");
    staff.put(&format!("{path}/pin"), &json!({})).await.expect_problem(409, "question_withdrawn");
    let hide = json!({"decision": "hide", "reason": "rude"});
    staff.put(&format!("{path}/review"), &hide).await.expect_problem(409, "question_withdrawn");
    report(&reader, question).await.expect_problem(404, "not_found");
    let kept = crate::privacy::everything(&app).await;
    assert!(!kept.iter().any(|(_, row)| row.contains("写错了")), "its words are gone");

    let question = asked(&asker, lesson, "怎么放大？").await;
    let _ = staff.put(&format!("/lesson-questions/{question}/answer"), &answer).await.expect(201);
    asker.delete(&format!("/lesson-questions/{question}")).await.expect_problem(409, "question_answered");
}

#[tokio::test]
async fn a_reported_question_is_hidden_until_staff_have_looked_at_it() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, asker) = (course.lessons[0], learner(&app, &course, "王芳").await);
    let (first, second) = (learner(&app, &course, "李明").await, learner(&app, &course, "赵强").await);
    let staff = app.staff("CX").await;
    let question = asked(&asker, lesson, "有人卖药吗").await;
    report(&asker, question).await.expect_problem(409, "own_question");
    report(&app.resident("CX").await, question).await.expect_problem(404, "not_found");
    let path = format!("/lesson-questions/{question}/reports");
    let refused = first.post(&path, &json!({"reason": "不喜欢"})).await.expect_fields();
    assert_eq!(refused, [("reason".to_owned(), "value_invalid".to_owned())]);
    assert_eq!(texts(&second, lesson).await, ["有人卖药吗"], "nothing has been reported");

    let reported = report(&first, question).await.expect(201);
    assert_eq!(report(&first, question).await.expect(200), reported);
    for reader in [&first, &second] {
        assert_eq!(texts(reader, lesson).await, Vec::<String>::new());
    }
    assert_eq!(read(&asker, lesson).await[0]["status"], "waiting");
    let waiting = staff.get("/lesson-questions?status=reported").await.expect(200)["items"][0].clone();
    assert_eq!(waiting["reports"], json!([{"reason": "rude", "count": 1}]));
    assert_eq!((&waiting["status"], &waiting["asker"]), (&json!("waiting"), &json!("王芳")));
    assert!(!waiting.to_string().contains("李明"), "who reported is told to nobody: {waiting}");

    // Looked at and shown again: the same person's report changes nothing any more.
    app.clock.advance(Duration::minutes(1));
    let show = json!({"decision": "show"});
    let shown = staff.put(&format!("/lesson-questions/{question}/review"), &show).await.expect(200);
    assert_eq!((&shown["status"], &shown["reports"]), (&json!("shown"), &json!([])));
    assert_eq!(report(&first, question).await.expect(200), reported);
    assert_eq!(texts(&second, lesson).await, ["有人卖药吗"]);
    // Another person's does.
    let _ = report(&second, question).await.expect(201);
    assert_eq!(texts(&first, lesson).await, Vec::<String>::new());
    assert_eq!(staff.get("/waiting-questions").await.expect(200), json!({"unanswered": 1, "reported": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reports_more_than_ten_a_day() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let lesson = course.lessons[0];
    let reporter = learner(&app, &course, "李明").await;
    let mut questions = Vec::new();
    for name in ["王芳", "赵强"] {
        let asker = learner(&app, &course, name).await;
        for number in 0..7 {
            questions.push(asked(&asker, lesson, &number.to_string()).await);
        }
    }
    let answers = join_all(questions[..13].iter().map(|question| report(&reporter, *question))).await;
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((taken, texts(&reporter, lesson).await.len()), (10, 4));
    report(&reporter, questions[13]).await.expect_problem(422, "reports_today");
    app.clock.advance(Duration::days(1));
    let _ = report(&reporter, questions[13]).await.expect(201);
}

#[tokio::test]
async fn a_lesson_that_is_changed_keeps_what_was_asked_about_it() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let course = app.published_course("CX", 1, 60).await;
    let (lesson, before) = (course.lessons[0], learner(&app, &course, "王芳").await);
    let question = asked(&before, lesson, "怎么放大？").await;
    // Twice: the second copy is one of a copy.
    let mut newest = lesson;
    for title in ["第一课（新）", "第一课（更新）"] {
        let copy = id_of(&staff.patch(&format!("/lessons/{newest}"), &json!({"title": title})).await.expect(200));
        assert_ne!(copy, newest);
        making::publish(&staff, &admin, &course.id.to_string()).await;
        newest = copy;
    }
    let last = learner(&app, &course, "赵强").await;
    let later = asked(&last, newest, "新课里在哪？").await;
    for (reader, form) in [(&before, lesson), (&last, newest)] {
        let ids: Vec<Uuid> = read(reader, form).await.iter().map(id_of).collect();
        assert_eq!(ids, [later, question]);
    }
}
