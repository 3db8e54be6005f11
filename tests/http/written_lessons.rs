//! Lessons that are not watched: articles and quizzes.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Client, TestApp, id_of};
use time::Duration;
use uuid::Uuid;

use crate::making;

/// A question, the first of whose two options is right.
const TRUE: (&str, &[&str], &[usize]) = ("true_false", &["对", "错"], &[0]);

/// A published course of one written lesson, and a resident who is enrolled in it.
async fn enrolled(app: &TestApp, lesson: &Value) -> (Client, Uuid) {
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let new = json!({"title": "学一学", "topic": "health"});
    let course = id_of(&staff.post("/courses", &new).await.expect(201)).to_string();
    let lesson = id_of(&staff.post(&format!("/courses/{course}/lessons"), lesson).await.expect(201));
    making::publish(&staff, &admin, &course).await;
    let resident = app.resident("CX").await;
    let _ = resident.put(&format!("/courses/{course}/enrollment"), &json!({})).await.expect(201);
    (resident, lesson)
}

#[tokio::test]
async fn an_article_is_finished_when_there_was_time_to_read_it() {
    let app = TestApp::street().await;
    let text = format!("# 防震\n\n{}<script>alert(1)</script>", "先护住头。".repeat(60));
    let (resident, lesson) = enrolled(&app, &making::article(&text)).await;
    let shown = resident.get(&format!("/lessons/{lesson}/article")).await.expect(200);
    assert!(shown["html"].as_str().unwrap().starts_with("<h2>防震</h2>"), "{shown}");
    assert!(!shown["html"].as_str().unwrap().contains("<script"), "{shown}");
    assert_eq!(shown["required_seconds"], 21);

    let path = format!("/lessons/{lesson}/reading");
    resident.put(&path, &json!({"finished": true})).await.expect_problem(409, "read_too_fast");
    let opened = resident.put(&path, &json!({"finished": false})).await.expect(200);
    assert_eq!((&opened["remaining_seconds"], &opened["completed"]), (&json!(21), &json!(false)));
    app.clock.advance(Duration::seconds(20));
    // Opened again it does not begin anew.
    assert_eq!(resident.put(&path, &json!({"finished": false})).await.expect(200)["remaining_seconds"], 1);
    resident.put(&path, &json!({"finished": true})).await.expect_problem(409, "read_too_fast");
    app.clock.advance(Duration::seconds(1));
    let finished = json!({"finished": true});
    let answers = join_all((0..6).map(|_| resident.put(&path, &finished))).await;
    let mut earned = 0;
    for answer in answers {
        let answer = answer.expect(200);
        assert_eq!(answer["completed"], true);
        earned += answer["earned"].as_array().unwrap().len();
    }
    assert_eq!(earned, 1);
    assert_eq!(resident.get("/me/credit-account").await.expect(200)["credits"], "0.50");
}

#[tokio::test]
async fn an_article_of_a_course_one_is_not_in_is_read_but_not_counted() {
    let app = TestApp::street().await;
    let (_, lesson) = enrolled(&app, &making::article("好")).await;
    let stranger = app.resident("DH").await;
    let _ = stranger.get(&format!("/lessons/{lesson}/article")).await.expect(200);
    let path = format!("/lessons/{lesson}/reading");
    stranger.put(&path, &json!({"finished": true})).await.expect_problem(409, "not_enrolled");
    stranger.post(&format!("/lessons/{lesson}/quiz-attempts"), &json!({})).await.expect_problem(404, "not_found");
}

fn options(question: &Value) -> Vec<Value> {
    question["options"].as_array().unwrap().iter().map(|option| option["id"].clone()).collect()
}

/// Answers each question of an attempt: rightly, where `right` says so of its place.
async fn go_through(resident: &Client, attempt: &Value, right: impl Fn(usize) -> bool) -> Value {
    let mut last = attempt.clone();
    for (place, question) in attempt["questions"].as_array().unwrap().iter().enumerate() {
        let path = format!("/quiz-attempts/{}/answers/{}", id_of(attempt), id_of(question));
        let texts = question["options"].as_array().unwrap();
        let chosen: Vec<&Value> = texts
            .iter()
            .filter(|option| (option["text"] == "对") == right(place))
            .map(|option| &option["id"])
            .collect();
        last = resident.put(&path, &json!({"chosen": chosen})).await.expect(200);
    }
    last
}

#[tokio::test]
async fn a_quiz_is_answered_question_by_question() {
    let app = TestApp::street().await;
    let quiz = making::quiz(&[
        ("single", &["对", "错", "也错"], &[0]),
        ("multiple", &["对", "错", "对"], &[0, 2]),
        ("true_false", &["错", "对"], &[1]),
    ]);
    let (resident, lesson) = enrolled(&app, &quiz).await;
    let path = format!("/lessons/{lesson}/quiz-attempts");
    let nothing = json!({});
    let begun = join_all((0..4).map(|_| resident.post(&path, &nothing))).await;
    assert_eq!(begun.iter().filter(|answer| answer.status == 201).count(), 1);
    let attempt = begun[0].body.clone();
    assert!(begun.iter().all(|answer| answer.body["id"] == attempt["id"]));
    assert!(!attempt.to_string().contains("right\":["), "what is right is not said beforehand: {attempt}");
    assert!(!attempt.to_string().contains("书上有"), "{attempt}");
    let first = &attempt["questions"][0];
    let answer = |chosen: Value| {
        let path = format!("/quiz-attempts/{}/answers/{}", id_of(&attempt), id_of(first));
        let resident = &resident;
        async move { resident.put(&path, &json!({"chosen": chosen})).await }
    };
    for wrong in [json!([]), json!([Uuid::new_v4()]), json!([options(&attempt["questions"][1])[0]])] {
        let refused = answer(wrong).await.expect_fields();
        assert_eq!(refused, [("answers".to_owned(), "answers_invalid".to_owned())]);
    }
    let told = answer(json!([options(first)[1]])).await.expect(200)["questions"][0]["feedback"].clone();
    assert_eq!((&told["is_right"], &told["explanation"]), (&json!(false), &json!("书上有。")));
    assert_eq!(told["right"], json!([options(first)[0]]));
    // Who has seen what is right cannot choose again.
    let again = answer(json!([options(first)[0]])).await.expect(200);
    assert_eq!(again["questions"][0]["feedback"], told);
    let gone_on = resident.post(&path, &json!({})).await.expect(200);
    assert_eq!((&gone_on["answered"], &gone_on["score"]), (&json!(1), &json!(null)));

    let finished = go_through(&resident, &attempt, |_| true).await;
    assert_eq!((&finished["score"], &finished["passed"]), (&json!(66), &json!(true)));
    assert_eq!((&finished["completed"], &finished["earned"][0]["amount"]), (&json!(true), &json!("0.50")));
    app.resident("CX")
        .await
        .put(
            &format!("/quiz-attempts/{}/answers/{}", id_of(&attempt), id_of(first)),
            &json!({"chosen": [options(first)[0]]}),
        )
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn whoever_fails_tries_again_and_every_attempt_is_kept() {
    let app = TestApp::street().await;
    let mut quiz = making::quiz(&[TRUE; 5]);
    quiz["quiz"]["draw"] = json!(2);
    quiz["quiz"]["shuffle"] = json!(true);
    let (resident, lesson) = enrolled(&app, &quiz).await;
    let path = format!("/lessons/{lesson}/quiz-attempts");
    let first = resident.post(&path, &json!({})).await.expect(201);
    assert_eq!(first["questions"].as_array().unwrap().len(), 2);
    let failed = go_through(&resident, &first, |place| place == 0).await;
    assert_eq!((&failed["score"], &failed["passed"], &failed["completed"]), (&json!(50), &json!(false), &json!(false)));
    assert_eq!(failed["earned"], json!([]));
    let second = resident.post(&path, &json!({})).await.expect(201);
    assert_eq!(second["number"], 2);
    let passed = go_through(&resident, &second, |_| true).await;
    assert_eq!((&passed["score"], passed["earned"].as_array().unwrap().len()), (&json!(100), 1));
    // A third one may be tried, and earns nothing more; failing it takes nothing away.
    let third = resident.post(&path, &json!({})).await.expect(201);
    let worse = go_through(&resident, &third, |_| false).await;
    assert_eq!((&worse["passed"], &worse["completed"], &worse["earned"]), (&json!(false), &json!(true), &json!([])));
    let kept = resident.get(&path).await.expect(200);
    let scores: Vec<&Value> = kept["items"].as_array().unwrap().iter().map(|each| &each["score"]).collect();
    assert_eq!(scores, [0, 100, 50]);
}

#[tokio::test]
async fn all_answers_may_be_given_at_once() {
    let app = TestApp::street().await;
    let (resident, lesson) = enrolled(&app, &making::quiz(&[TRUE; 2])).await;
    let path = format!("/lessons/{lesson}/quiz-attempts");
    let attempt = resident.post(&path, &json!({})).await.expect(201);
    let answers: Vec<Value> = attempt["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|question| json!({"question_id": question["id"], "chosen": [options(question)[0]]}))
        .collect();
    let finished = resident.post(&path, &json!({"answers": answers})).await.expect(200);
    assert_eq!((&finished["score"], &finished["id"]), (&json!(100), &attempt["id"]));
}

#[tokio::test]
async fn a_lesson_is_one_thing_and_what_is_wrong_with_it_is_said() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let course = id_of(&staff.post("/courses", &json!({"title": "题", "topic": "health"})).await.expect(201));
    let path = format!("/courses/{course}/lessons");
    let mut both = making::article("好");
    both["quiz"] = making::quiz(&[("single", &["对", "错"], &[0])])["quiz"].clone();
    for (lesson, field, code) in [
        (json!({"title": "空"}), "video_id", "required"),
        (both, "kind", "lesson_kind_invalid"),
        (making::article(" "), "article.text", "required"),
        (making::article(&"长".repeat(50_001)), "article.text", "too_long"),
        (making::article("a\u{0}b"), "article.text", "text_invalid"),
        (making::quiz(&[]), "quiz.questions", "required"),
        (making::quiz(&[("single", &["对", "错"], &[0, 1])]), "quiz.questions.0.options", "options_invalid"),
        (making::quiz(&[("true_false", &["对"], &[0])]), "quiz.questions.0.options", "options_invalid"),
        (making::quiz(&[("multiple", &["对", " "], &[0])]), "quiz.questions.0.options", "required"),
        (making::quiz(&vec![("single", &["对", "错"][..], &[0][..]); 201]), "quiz.questions", "too_many"),
    ] {
        assert_eq!(staff.post(&path, &lesson).await.expect_fields(), [(field.to_owned(), code.to_owned())], "{field}");
    }
    let article = id_of(&staff.post(&path, &making::article("好")).await.expect(201));
    let refused = staff.patch(&format!("/lessons/{article}"), &making::quiz(&[("single", &["对", "错"], &[0])])).await;
    assert_eq!(refused.expect_fields(), [("kind".to_owned(), "lesson_kind_invalid".to_owned())]);
    let share = staff.patch(&format!("/lessons/{article}"), &json!({"completion_percent": 0})).await;
    assert_eq!(share.expect_fields(), [("completion_percent".to_owned(), "value_invalid".to_owned())]);
}
