//! A course from draft to catalogue, by role; and the catalogue itself.

use std::time::{Duration, Instant};

use diesel_async::RunQueryDsl;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::site::Site;

fn codes(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_declares_and_the_street_centre_decides() {
    let site = Site::start().await;
    let new = json!({"title": "健康讲座", "summary": "怎样睡好觉", "topic": "health", "groups": ["elderly"], "credits": "2.5"});
    let (status, course) = site.post(&site.staff, "/courses", new).await;
    assert_eq!(status, 201);
    assert_eq!((&course["status"], &course["credits"]), (&json!("draft"), &json!("2.50")));
    let id = course["id"].as_str().unwrap();
    let problem = |answer: (StatusCode, Value)| (answer.0.as_u16(), answer.1["code"].as_str().unwrap_or("").to_owned());
    let expect = |status: u16, code: &str| (status, code.to_owned());

    assert_eq!(problem(site.step(&site.staff, id, "submission").await), expect(409, "course_without_lessons"));
    assert_eq!(problem(site.step(&site.admin, id, "publication").await), expect(409, "course_step_invalid"));
    assert_eq!(problem(site.step(&site.staff, id, "approval").await), expect(403, "forbidden"));
    assert_eq!(problem(site.step(&site.other_staff, id, "submission").await), expect(404, "not_found"));
    assert_eq!(site.get(&site.other_staff, &format!("/managed-courses/{id}")).await.0, 404);

    let video = site.ready_video("processing").await;
    let lessons = format!("/courses/{id}/lessons");
    let (status, refused) =
        site.post(&site.staff, &lessons, json!({"title": "", "video_id": site.branch, "credits": "-1"})).await;
    assert_eq!(status, 422);
    assert_eq!(codes(&refused), [("video_id", "video_unknown"), ("title", "required"), ("credits", "credits_invalid")]);
    let (status, lesson) = site.post(&site.staff, &lessons, json!({"title": "第一课", "video_id": video})).await;
    assert_eq!((status.as_u16(), &lesson["position"], &lesson["video_status"]), (201, &json!(1), &json!("processing")));

    let (status, declared) = site.step(&site.staff, id, "submission").await;
    assert_eq!((status.as_u16(), &declared["status"]), (201, &json!("declared")));
    assert_eq!(site.step(&site.staff, id, "submission").await, (StatusCode::OK, declared));
    let change = |title: &str| Some(json!({"title": title}));
    let path = format!("/courses/{id}");
    assert_eq!(problem(site.send(Method::PATCH, &site.staff, &path, change("改")).await), expect(409, "course_locked"));

    let (status, refused) = site.post(&site.admin, &format!("/courses/{id}/rejection"), json!({"reason": " "})).await;
    assert_eq!((status.as_u16(), codes(&refused)), (422, vec![("reason", "reason_required")]));
    let (status, _) = site.post(&site.admin, &format!("/courses/{id}/rejection"), json!({"reason": "标题太短"})).await;
    assert_eq!(status, 201);
    let (status, changed) = site.send(Method::PATCH, &site.staff, &path, change("健康讲座：睡眠")).await;
    assert_eq!((status.as_u16(), &changed["title"]), (200, &json!("健康讲座：睡眠")));
    assert_eq!(site.step(&site.staff, id, "submission").await.0, 201);
    assert_eq!(site.step(&site.admin, id, "approval").await.0, 201);
    assert_eq!(problem(site.step(&site.admin, id, "publication").await), expect(409, "course_not_ready"));
    assert_eq!(site.get("", &path).await.0, 404);
    diesel::sql_query(format!("UPDATE videos SET status = 'ready' WHERE id = '{video}'"))
        .execute(&mut site.campus.database.connection().await.unwrap())
        .await
        .unwrap();
    let (status, published) = site.step(&site.admin, id, "publication").await;
    assert_eq!((status.as_u16(), &published["status"]), (201, &json!("published")));
    assert_eq!(site.step(&site.admin, id, "publication").await, (StatusCode::OK, published.clone()));
    let steps: Vec<&str> =
        published["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["submission", "rejection", "submission", "approval", "publication"]);
    assert_eq!(published["steps"][1]["reason"], "标题太短");
    let (_, list) = site.get(&site.staff, "/managed-courses").await;
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["lesson_count"]), (&json!(id), &json!(1)));
    let (_, list) = site.get(&site.other_staff, "/managed-courses").await;
    assert_eq!(list["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_refused_all_at_once() {
    let site = Site::start().await;
    let new = json!({"title": "题".repeat(81), "summary": "a\u{0}b", "topic": "cooking", "groups": ["elderly", "x"], "credits": "1.234"});
    let (status, refused) = site.post(&site.staff, "/courses", new).await;
    assert_eq!(status, 422);
    let mut found = codes(&refused);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("credits", "credits_invalid"),
            ("groups", "group_unknown"),
            ("summary", "text_invalid"),
            ("title", "too_long"),
            ("topic", "topic_unknown")
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_equal_steps_at_once_one_is_taken() {
    let site = Site::start().await;
    let course = site.course("同时", site.ready_video("ready").await).await;
    assert_eq!(site.step(&site.staff, &course, "submission").await.0, 201);
    let answers = futures_util::future::join_all((0..12).map(|_| site.step(&site.admin, &course, "approval"))).await;
    let taken = answers.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(taken, 1);
    assert!(answers.iter().all(|(status, body)| status.is_success() && *body == answers[0].1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_searched_paged_and_shows_what_is_published() {
    let site = Site::start().await;
    for title in ["地震演练", "安全上网 WiFi", "100% 健康", "睡眠_一"] {
        let course = site.course(title, site.ready_video("ready").await).await;
        site.publish(&course).await;
    }
    let draft = site.course("草稿", site.ready_video("ready").await).await;
    let titles = async |query: &str| -> Vec<String> {
        let (status, list) = site.get("", &format!("/courses{query}")).await;
        assert_eq!(status, 200, "{list}");
        list["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles("").await, ["睡眠_一", "100% 健康", "安全上网 WiFi", "地震演练"]);
    assert_eq!(titles("?q=wifi").await, ["安全上网 WiFi"]);
    assert_eq!(titles("?q=%20WIFI%20").await, ["安全上网 WiFi"]);
    assert_eq!(titles("?q=%25").await, ["100% 健康"]);
    assert_eq!(titles("?q=_").await, ["睡眠_一"]);
    assert_eq!(titles("?q=%5C").await, Vec::<String>::new());
    assert_eq!(titles("?topic=culture").await, Vec::<String>::new());
    assert_eq!(titles("?group=elderly&topic=health").await.len(), 4);

    let (_, first) = site.get("", "/courses?limit=3").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, second) = site.get("", &format!("/courses?limit=3&cursor={cursor}")).await;
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (3, 1));
    assert_eq!(second["next_cursor"], Value::Null);
    for (bad, code) in [
        ("?limit=0", "limit_invalid"),
        ("?cursor=x", "cursor_invalid"),
        ("?q=%00", "text_invalid"),
        ("?limit=x", "value_invalid"),
    ] {
        let (status, problem) = site.get("", &format!("/courses{bad}")).await;
        assert_eq!((status.as_u16(), problem["errors"][0]["code"].as_str()), (422, Some(code)), "{bad}");
    }

    let item = &first["items"][0];
    assert_eq!((&item["lesson_count"], &item["duration_seconds"]), (&json!(1), &json!(61.5)));
    assert_eq!((&item["credits"], &item["total_credits"]), (&json!("2.00"), &json!("2.50")));
    let (status, single) = site.get("", &format!("/courses/{}", item["id"].as_str().unwrap())).await;
    assert_eq!(
        (status.as_u16(), &single["lessons"][0]["kind"], &single["lessons"][0]["credits"]),
        (200, &json!("video"), &json!("0.50"))
    );
    assert_eq!(site.get("", &format!("/courses/{draft}")).await.0, 404);
    assert_eq!(site.get("", "/courses/nonsense").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_shows_on_every_api_within_a_second_and_answers_come_from_memory() {
    let mut site = Site::start().await;
    let second = site.second_api().await;
    let (near, far) = (format!("{}/api/v1/courses", site.address), format!("{second}/api/v1/courses"));
    for round in 1..=3_usize {
        let course = site.course(&format!("第{round}门"), site.ready_video("ready").await).await;
        for step in [(&site.staff, "submission"), (&site.admin, "approval")] {
            assert_eq!(site.step(step.0, &course, step.1).await.0, 201);
        }
        let count = async |url: &str| {
            let list: Value = site.client.get(url).send().await.unwrap().json().await.unwrap();
            list["items"].as_array().unwrap().len()
        };
        // Both have an answer in memory from before.
        for url in [&near, &far] {
            assert_eq!((count(url).await, count(url).await), (round - 1, round - 1));
        }
        assert_eq!(site.step(&site.admin, &course, "publication").await.0, 201);
        let began = Instant::now();
        for url in [&near, &far] {
            while count(url).await != round {
                assert!(began.elapsed() < Duration::from_secs(1), "{url} still shows the old catalogue");
                tokio::task::yield_now().await;
            }
        }
    }
    let answer = site.client.get(&far).send().await.unwrap();
    let tag = answer.headers()[header::ETAG].clone();
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-cache");
    let known = site.client.get(&far).header(header::IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!(known.status(), 304);
    let metrics = site.running[1].state.metrics.render();
    let line = metrics.lines().find(|line| line.starts_with("catalogue_answers_from_memory")).unwrap();
    assert!(line.rsplit(' ').next().unwrap().parse::<u64>().unwrap() >= 4, "{line}");
}
