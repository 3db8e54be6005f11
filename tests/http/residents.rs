//! What staff see of residents.

use serde_json::{Value, json};
use tests::{Client, Person, TestApp};

async fn names(client: &Client, path: &str) -> Vec<String> {
    let body = client.get(path).await.expect(200);
    body["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

fn named(name: &str) -> Person {
    Person { name: name.to_owned(), ..Person::default() }
}

#[tokio::test]
async fn staff_see_their_own_branch_and_the_centre_sees_all() {
    let app = TestApp::street().await;
    app.on_record("CX", &named("甲一")).await;
    app.on_record("WT", &named("乙一")).await;
    app.on_record("CQJD", &named("丙一")).await;
    assert_eq!(names(&app.staff("CX").await, "/residents").await, ["甲一"]);
    assert_eq!(names(&app.staff("WT").await, "/residents").await, ["乙一"]);
    // The street centre lies above the branch schools.
    assert_eq!(names(&app.staff("CQJD").await, "/residents").await, ["甲一", "乙一", "丙一"]);
    assert_eq!(names(&app.admin().await, "/residents").await, ["甲一", "乙一", "丙一"]);
    let wutong = app.branch("WT").id;
    app.staff("CX").await.get(&format!("/residents?branch_id={wutong}")).await.expect_problem(404, "not_found");
    assert_eq!(names(&app.admin().await, &format!("/residents?branch_id={wutong}")).await, ["乙一"]);
}

#[tokio::test]
async fn personal_numbers_are_masked_everywhere() {
    let app = TestApp::street().await;
    let person = Person {
        phone: Some("13812345678".to_owned()),
        id_number: Some("510102195603020022".to_owned()),
        ..named("甲一")
    };
    let id = app.on_record("CX", &person).await.id;
    let staff = app.staff("CX").await;
    let single = staff.get(&format!("/residents/{id}")).await;
    let changed = staff.patch(&format!("/residents/{id}"), &json!({"groups": ["elderly"]})).await;
    let listed = staff.get("/residents").await;
    for answer in [single, changed, listed] {
        let text = String::from_utf8(answer.bytes.clone()).unwrap();
        assert!(!text.contains("13812345678") && !text.contains("510102195603020022"), "{text}");
        assert!(text.contains("138****5678") && text.contains("510***********0022"), "{text}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn residents_are_found_by_name_number_and_the_end_of_a_telephone() {
    let app = TestApp::street().await;
    let person = Person { phone: Some("13812345678".to_owned()), ..named("甲一") };
    let resident = app.on_record("CX", &person).await;
    app.on_record("CX", &named("乙%二")).await;
    let number = app.learner_number(resident.id).await;
    let staff = app.staff("CX").await;
    for query in ["甲", number.as_str(), "5678"] {
        assert_eq!(names(&staff, &format!("/residents?q={query}")).await, ["甲一"], "{query}");
    }
    // Signs that mean something to the database mean nothing here.
    assert_eq!(names(&staff, "/residents?q=%25").await, ["乙%二"]);
    assert!(names(&staff, "/residents?q=_").await.is_empty());
    assert!(names(&app.staff("WT").await, &format!("/residents?q={number}")).await.is_empty());
}

#[tokio::test]
async fn people_are_found_by_any_part_of_the_name_and_by_its_initials() {
    let app = TestApp::street().await;
    let phone = Some("13812345678".to_owned());
    app.on_record("CX", &Person { phone, ..named("陈秀英") }).await;
    app.on_record("CX", &named("王莉莉")).await;
    app.on_record("WT", &named("曾秀兰")).await;
    app.on_record("CQJD", &named("John Smith")).await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    for (query, expected) in [
        ("秀", vec!["曾秀兰", "陈秀英"]),
        ("英", vec!["陈秀英"]),
        ("陈 秀", vec!["陈秀英"]),
        ("莉", vec!["王莉莉"]),
        ("cxy", vec!["陈秀英"]),
        ("ZXL", vec!["曾秀兰"]),
        ("xl", vec!["曾秀兰"]),
        ("john s", vec!["John Smith"]),
        ("smith", vec!["John Smith"]),
        ("5678", vec!["陈秀英"]),
        ("345678", vec!["陈秀英"]),
        ("138 1234 5678", vec!["陈秀英"]),
        ("45679", vec![]),
        ("678", vec![]),
        ("秀秀", vec![]),
    ] {
        let mut found = names(&admin, &format!("/residents?q={query}")).await;
        found.sort();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
    assert_eq!(names(&staff, "/residents?q=秀").await, ["陈秀英"]);
    assert!(names(&app.staff("WT").await, "/residents?q=5678").await.is_empty());
    // What is found comes page by page, each person once.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/residents?q=s&limit=1{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            None => break,
            Some(next) => cursor = format!("&cursor={next}"),
        }
    }
    assert_eq!(seen, ["John Smith"]);
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let app = TestApp::street().await;
    let mut expected = Vec::new();
    for number in 0..45 {
        let name = format!("丁{}", char::from_u32(0x4E00 + number).unwrap());
        app.on_record("CX", &named(&name)).await;
        expected.push(name);
    }
    let staff = app.staff("CX").await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = staff.get(&format!("/residents?limit=20{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        match &page["next_cursor"] {
            Value::Null => break,
            next => cursor = format!("&cursor={}", next.as_str().unwrap()),
        }
    }
    assert_eq!(seen, expected);
    assert_eq!(staff.get("/residents").await.expect(200)["items"].as_array().unwrap().len(), 20);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("cursor=x", "cursor"),
        ("limit=x", "query"),
    ] {
        let fields = staff.get(&format!("/residents?{query}")).await.expect_fields();
        assert_eq!(fields[0].0, field, "{query}");
    }
}

#[tokio::test]
async fn staff_correct_a_telephone_and_the_old_one_no_longer_logs_in() {
    let app = TestApp::street().await;
    let person = Person { phone: Some("13800000001".to_owned()), ..Person::default() };
    let resident = app.new_resident("CX", &person).await;
    let path = format!("/residents/{}", resident.resident_id.unwrap());
    let staff = app.staff("CX").await;
    let body = staff.patch(&path, &json!({"phone": "139 0000 0002"})).await.expect(200);
    assert_eq!(body["phone"], "139****0002");
    let credentials = |login: &str| json!({"login": login, "password": tests::PASSWORD});
    app.anonymous().post("/session", &credentials("13900000002")).await.expect(201);
    let old = app.anonymous().post("/session", &credentials("13800000001")).await;
    old.expect_problem(401, "credentials_invalid");
    assert_eq!(staff.patch(&path, &json!({"phone": ""})).await.expect(200)["phone"], Value::Null);
    let fields = staff.patch(&path, &json!({"phone": "12"})).await.expect_fields();
    assert_eq!(fields, [("phone".to_owned(), "phone_invalid".to_owned())]);
}
