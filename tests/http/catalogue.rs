//! The public catalogue: what is found in it, and how soon a publication shows.

use std::time::{Duration, Instant};

use reqwest::{Method, header};
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp};

use crate::making;

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(&format!("/courses{query}")).await.expect(200);
    list["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_catalogue_is_searched_and_paged() {
    let app = TestApp::street().await;
    let (staff, admin, anyone) = (app.staff("CX").await, app.admin().await, app.anonymous());
    for title in ["地震演练", "安全上网 WiFi", "100% 健康", "睡眠_一"] {
        app.clock.advance(time::Duration::minutes(1));
        making::published(&app, &staff, &admin, title).await;
    }
    let draft = making::course(&staff, "草稿", making::video(&app, &staff, "ready").await).await;
    assert_eq!(titles(&anyone, "").await, ["睡眠_一", "100% 健康", "安全上网 WiFi", "地震演练"]);
    assert_eq!(titles(&anyone, "?q=wifi").await, ["安全上网 WiFi"]);
    assert_eq!(titles(&anyone, "?q=%20WIFI%20").await, ["安全上网 WiFi"]);
    assert_eq!(titles(&anyone, "?q=%25").await, ["100% 健康"]);
    assert_eq!(titles(&anyone, "?q=_").await, ["睡眠_一"]);
    assert_eq!(titles(&anyone, "?q=%5C").await, Vec::<String>::new());
    assert_eq!(titles(&anyone, "?topic=culture").await, Vec::<String>::new());
    assert_eq!(titles(&anyone, "?group=elderly&topic=health").await.len(), 4);

    let first = anyone.get("/courses?limit=3").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = anyone.get(&format!("/courses?limit=3&cursor={cursor}")).await.expect(200);
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (3, 1));
    assert_eq!(second["next_cursor"], Value::Null);
    let bad = [
        ("?limit=0", "limit_invalid"),
        ("?cursor=x", "cursor_invalid"),
        ("?q=%00", "text_invalid"),
        ("?limit=x", "value_invalid"),
    ];
    for (query, code) in bad {
        assert_eq!(anyone.get(&format!("/courses{query}")).await.expect_fields()[0].1, code, "{query}");
    }

    let item = &first["items"][0];
    assert_eq!((&item["lesson_count"], &item["duration_seconds"]), (&json!(1), &json!(61.5)));
    assert_eq!((&item["credits"], &item["total_credits"]), (&json!("2.00"), &json!("2.50")));
    let single = anyone.get(&format!("/courses/{}", item["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&single["lessons"][0]["kind"], &single["lessons"][0]["credits"]), (&json!("video"), &json!("0.50")));
    anyone.get(&format!("/courses/{draft}")).await.expect_problem(404, "not_found");
    anyone.get("/courses/nonsense").await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_publication_shows_on_every_api_within_a_second_and_answers_come_from_memory() {
    let app = TestApp::street().await;
    let another = app.another();
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let readers = [app.anonymous(), another.anonymous()];
    for round in 1..=3 {
        let course = making::course(&staff, &format!("第{round}门"), making::video(&app, &staff, "ready").await).await;
        for (client, step) in [(&staff, "submission"), (&admin, "approval")] {
            let _ = client.post(&format!("/courses/{course}/{step}"), &Value::Null).await.expect(201);
        }
        for reader in &readers {
            // Twice, so that the answer of before is in memory.
            assert_eq!((titles(reader, "").await.len(), titles(reader, "").await.len()), (round - 1, round - 1));
        }
        let _ = admin.post(&format!("/courses/{course}/publication"), &Value::Null).await.expect(201);
        let began = Instant::now();
        for reader in &readers {
            while titles(reader, "").await.len() != round {
                assert!(began.elapsed() < Duration::from_secs(10), "the old catalogue still shows");
            }
        }
        let course = another.anonymous().get(&format!("/courses/{course}")).await.expect(200);
        assert_eq!(course["title"], format!("第{round}门"));
    }
    let answer = readers[1].get("/courses").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-cache"));
    let known = readers[1].request(Method::GET, "/courses").header(header::IF_NONE_MATCH, answer.header("etag"));
    let known = Answer::of(known).await;
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    let metrics = Answer::of(readers[1].request_at_root(Method::GET, "/metrics")).await;
    let metrics = String::from_utf8(metrics.bytes).unwrap();
    let line = metrics.lines().find(|line| line.starts_with("catalogue_answers_from_memory")).unwrap();
    assert!(line.rsplit(' ').next().unwrap().parse::<u64>().unwrap() >= 4, "{line}");
}

/// What is found by these words, each with where.
async fn found(client: &Client, query: &str) -> Vec<(String, String)> {
    let list = client.get(&format!("/courses?{query}")).await.expect(200);
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or("-").to_owned();
    list["items"].as_array().unwrap().iter().map(|item| (text(item, "title"), text(item, "found_in"))).collect()
}

/// Four published courses, a minute apart; what the first's video says is in its transcript alone.
async fn four_courses(app: &TestApp, staff: &Client, admin: &Client) {
    let mut videos = Vec::new();
    for (title, summary) in [
        ("防震减灾", "学会保护自己。"),
        ("社区安全课", "火灾、地震来了怎么办。"),
        ("抗地震演练", "每年一次。"),
        ("养生", "睡个好觉。"),
    ] {
        app.clock.advance(time::Duration::minutes(1));
        let video = making::video(app, staff, "ready").await;
        let course = making::course(staff, title, video).await;
        let _ = staff.patch(&format!("/courses/{course}"), &json!({"summary": summary})).await.expect(200);
        making::publish(staff, admin, &course).await;
        videos.push(video);
    }
    let captions = "WEBVTT\n\n00:00.000 --> 00:05.000\n<v 老师>地震的时候，先护住头\n";
    let address = format!("/videos/{}/captions/zh-CN", videos[0]);
    let put = staff.request(Method::PUT, &address).header(header::CONTENT_TYPE, "text/vtt").body(captions);
    assert_eq!(Answer::of(put).await.status, 201);
}

#[tokio::test]
async fn courses_are_found_by_what_they_say_and_how_they_are_read() {
    let app = TestApp::street().await;
    let (staff, admin, anyone) = (app.staff("CX").await, app.admin().await, app.anonymous());
    four_courses(&app, &staff, &admin).await;
    assert_eq!(found(&anyone, "q=护住头").await, []);
    app.clock.advance(time::Duration::minutes(2));
    let _ = app.tick().await;

    let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(title, place)| ((*title).to_owned(), (*place).to_owned())).collect()
    };
    let earthquake = pairs(&[("抗地震演练", "title"), ("社区安全课", "contents"), ("防震减灾", "transcript")]);
    assert_eq!(found(&anyone, "q=地震").await, earthquake);
    // Page by page the same.
    let (mut cursor, mut paged) = (String::new(), Vec::new());
    for _ in 0..3 {
        let page = anyone.get(&format!("/courses?q=地震&limit=1{cursor}")).await.expect(200);
        paged.push(page["items"][0]["title"].as_str().unwrap().to_owned());
        cursor = page["next_cursor"].as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
    }
    let titles: Vec<String> = earthquake.iter().map(|(title, _)| title.clone()).collect();
    assert_eq!((paged, cursor), (titles, String::new()));

    for (query, expected) in [
        ("q=dizhen", pairs(&[("抗地震演练", "reading")])),
        ("q=FZJZ", pairs(&[("防震减灾", "reading")])),
        ("q=kd", pairs(&[("抗地震演练", "reading")])),
        ("q=护住头", pairs(&[("防震减灾", "transcript")])),
        ("q=先护住头", pairs(&[("防震减灾", "transcript")])),
        ("q=防震 护住", pairs(&[("防震减灾", "transcript")])),
        ("q=地震 睡觉", vec![]),
        // The signs are there, but not one after the other.
        ("q=保护住头", vec![]),
        ("q=震地", vec![]),
        ("q=老师", vec![]),
        ("q=00:05", vec![]),
        ("q=地震&topic=culture", vec![]),
        ("q=养&length=short", pairs(&[("养生", "title")])),
        ("q=养&length=long", vec![]),
        ("length=medium", vec![]),
    ] {
        assert_eq!(found(&anyone, query).await, expected, "{query}");
    }
    let (own, other) = (staff.branch_id.unwrap(), app.staff("ST").await.branch_id.unwrap());
    assert_eq!(found(&anyone, &format!("length=short&branch_id={own}")).await.len(), 4);
    assert_eq!(found(&anyone, &format!("q=地震&branch_id={other}")).await, []);
    assert_eq!(
        anyone.get("/courses?length=endless").await.expect_fields(),
        [("length".to_owned(), "value_invalid".to_owned())]
    );

    // What is renamed is found at once by its new name, and what is offered no more not at all.
    let course = anyone.get("/courses?q=养生").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let _ = admin.patch(&format!("/courses/{course}"), &json!({"title": "睡眠"})).await.expect(200);
    assert_eq!(found(&anyone, "q=睡眠").await, []);
    making::publish(&staff, &admin, &course).await;
    assert_eq!(found(&anyone, "q=养生").await, []);
    assert_eq!(found(&anyone, "q=sm").await, pairs(&[("睡眠", "reading")]));
    let _ = admin.post(&format!("/courses/{course}/archival"), &Value::Null).await.expect(201);
    assert_eq!(found(&anyone, "q=睡眠").await, []);
}
