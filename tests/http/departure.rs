//! Leaving: the person is forgotten everywhere, the numbers stay.

use diesel_async::SimpleAsyncConnection;
use reqwest::Method;
use serde_json::{Value, json};
use tests::database::connect;
use tests::{Answer, Client, PASSWORD, Person, TestApp};
use time::Duration;
use time::macros::date;
use uuid::Uuid;

use crate::books::Books;
use crate::catching_up::until_waiting;
use crate::privacy::everything;
use crate::reports::METRICS;
use crate::rosters::{confirm, staged};

const NAME: &str = "钟离悦";
const EMAIL: &str = "zhongli@canary.example";
const PHONE: &str = "13812345678";
const EARLIER_PHONE: &str = "13712345671";
const ID_NUMBER: &str = "510102195603020029";
const NEIGHBOUR: &str = "欧阳静";

/// What may stand nowhere once she has left.
const CANARIES: [&str; 8] = [NAME, EMAIL, PHONE, EARLIER_PHONE, ID_NUMBER, "1956-03-02", "\"zly\"", "陪护过三位老人"];

struct Street {
    app: TestApp,
    leaver: Client,
    neighbour: Client,
}

async fn award(app: &TestApp, residents: &[Uuid], reason: &str, day: &str) {
    let residents: Vec<Value> = residents.iter().map(|id| json!({"id": id})).collect();
    let award = json!({"residents": residents, "unit": "credit", "amount": "2.50", "reason": reason, "earned_on": day});
    let _ = app.admin().await.post("/credit-awards", &award).await.expect(201);
}

impl Street {
    /// Somebody of whom something lies everywhere, and a neighbour with the same telephone.
    async fn prepare() -> Self {
        let app = TestApp::street().await;
        let registration = json!({
            "name": NAME, "phone": EARLIER_PHONE, "email": EMAIL, "password": PASSWORD, "birth_date": "1956-03-02",
            "branch_id": app.branch("CX").id, "groups": ["elderly"], "consent": {"version": "2026-11"},
        });
        let made = app.anonymous().post("/residents", &registration).await.expect(201);
        let id: Uuid = made["resident"]["id"].as_str().unwrap().parse().unwrap();
        let account = Books::of(&app).await.ask(&format!("SELECT id FROM accounts WHERE resident_id = '{id}'")).await;
        let mut leaver = app.client_of(account[0].parse().unwrap());
        leaver.resident_id = Some(id);
        let shared = Person {
            name: NEIGHBOUR.to_owned(),
            phone: Some(PHONE.to_owned()),
            birth_date: date!(1960 - 01 - 05),
            ..Person::default()
        };
        let neighbour = app.new_resident("CX", &shared).await;
        let street = Self { app, leaver, neighbour };
        street.live().await;
        street
    }

    fn id(&self) -> Uuid {
        self.leaver.resident_id.unwrap()
    }

    async fn live(&self) {
        let Self { app, leaver, neighbour } = self;
        let (staff, id, other) = (app.staff("CX").await, self.id(), neighbour.resident_id.unwrap());
        staff.patch(&format!("/residents/{id}"), &json!({"phone": PHONE})).await.expect(200);
        // Staged elsewhere and never confirmed; refused in one that was.
        let roster =
            format!("姓名,出生日期,电话,身份证号\n{NAME},1956-03-02,{PHONE},{ID_NUMBER}\n{NEIGHBOUR}二,1957-01-01,,\n");
        staged(&app.staff("WT").await, app.branch("WT").id, "一.csv", roster.clone()).await;
        let import = staged(&staff, app.branch("CX").id, "二.csv", roster).await;
        confirm(&staff, &import).await.expect(201);
        for (helped, name, helper) in [(leaver, NAME, neighbour), (neighbour, NEIGHBOUR, leaver)] {
            let code = helped.post("/me/helper-invitation", &json!({"months": 1})).await.expect(201)["code"].clone();
            helper.post("/me/helped", &json!({"name": name, "code": code})).await.expect(201);
        }
        leaver.post("/me/helper-invitation", &json!({"months": 1})).await.expect(201);
        let consent = json!({"version": "telephone_messages-2026-11"});
        leaver.put("/me/consents/telephone_messages", &consent).await.expect(201);
        let course = app.published_course("CX", 1, 60).await;
        leaver.put(&format!("/courses/{}/enrollment", course.id), &Value::Null).await.expect(201);
        let lesson = course.lessons[0];
        let viewing = leaver.get(&format!("/lessons/{lesson}/playback")).await.expect(200)["viewing_id"].clone();
        app.clock.advance(Duration::seconds(60));
        let report = json!({"viewing_id": viewing, "position": 60.0, "watched": [[0.0, 60.0]]});
        leaver.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200);
        award(app, &[id], "陪护过三位老人", "2026-11-20").await;
        award(app, &[id, other], "志愿服务", "2026-11-20").await;
        award(app, &[id, other], &format!("和{NAME}一起的活动"), "2026-11-19").await;
        staff
            .post(&format!("/residents/{id}/disclosures"), &json!({"field": "phone", "reason": "回访"}))
            .await
            .expect(201);
        let login = json!({"login": EMAIL, "password": PASSWORD});
        app.anonymous().post("/session", &login).await.expect(201);
        staff.post(&format!("/residents/{id}/one-time-code"), &json!({})).await.expect(201);
    }

    async fn rankings(&self) -> Vec<Value> {
        let admin = self.app.admin().await;
        let mut found = Vec::new();
        for month in ["2026-11", "2026-12"] {
            for metric in METRICS {
                found.push(admin.get(&format!("/reports/months/{month}/ranking?metric={metric}")).await.expect(200));
            }
        }
        found
    }

    /// Who among the canaries still stands where.
    async fn found(&self) -> Vec<(String, &'static str)> {
        let rows = everything(&self.app).await;
        let here = |text: &str| CANARIES.into_iter().filter(|canary| text.contains(canary)).collect::<Vec<_>>();
        rows.iter().flat_map(|(table, text)| here(text).into_iter().map(|canary| (table.clone(), canary))).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_found_nowhere_and_the_figures_stay() {
    let street = Street::prepare().await;
    let app = &street.app;
    // November is closed, and December has something of hers too.
    app.clock.advance(Duration::days(18));
    app.tick().await;
    award(app, &[street.id()], "陪护过三位老人", "2026-12-05").await;
    let before = street.rankings().await;
    assert_eq!((&before[0]["status"], &before[METRICS.len()]["status"]), (&json!("closed"), &json!("open")));
    let leaver = app.client_of(street.leaver.account_id.unwrap());
    let unconfirmed = leaver.post("/me/departure", &json!({"confirmation": false})).await.expect_fields();
    assert_eq!(unconfirmed, [("confirmation".to_owned(), "confirmation_required".to_owned())]);
    let held = street.found().await;
    for canary in [NAME, EMAIL, "1956-03-02", "\"zly\"", "陪护过三位老人"] {
        assert!(held.iter().any(|(_, found)| *found == canary), "{canary} is not there to be forgotten: {held:?}");
    }

    let left = leaver.post("/me/departure", &json!({"confirmation": true})).await.expect(201);
    assert!(left["left_at"].as_str().unwrap().starts_with("2026-12-10T"), "{left}");
    assert_eq!(street.found().await, []);
    assert_eq!(street.rankings().await, before);
    let mut books = Books::of(app).await;
    books.prove().await;
    let id = street.id();
    let kept = format!(
        "SELECT concat_ws(' ', name = learner_number, birth_date, personal_key IS NULL, cardinality(groups)) \
         FROM residents WHERE id = '{id}'"
    );
    assert_eq!(books.ask(&kept).await, ["t 1956-01-01 t 0"]);
    // The reason of an award that others have too stays, as it does not name her.
    let reasons = "SELECT count(*) FROM credit_notes WHERE body = '志愿服务'";
    assert_eq!(books.ask(reasons).await, ["1"]);
    let standing = format!("SELECT count(*) FROM consents WHERE resident_id = '{id}' AND withdrawn_at IS NULL");
    assert_eq!(books.ask(&standing).await, ["0"]);
    let ended = "SELECT ended_by FROM help_allowances WHERE ended_at IS NOT NULL ORDER BY 1";
    assert_eq!(books.ask(ended).await, ["helper", "resident"]);
    // The neighbour is as they were.
    let login = json!({"login": PHONE, "password": PASSWORD});
    assert_eq!(app.anonymous().post("/session", &login).await.expect(201)["account"]["name"], NEIGHBOUR);
    let neighbour = app.client_of(street.neighbour.account_id.unwrap());
    assert_eq!(neighbour.get("/me/credit-account").await.expect(200)["credits"], "5.00");
    assert_eq!(neighbour.get("/me/helped").await.expect(200)["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_is_nobody_to_anybody() {
    let street = Street::prepare().await;
    let (app, id) = (&street.app, street.id());
    let number = app.learner_number(id).await;
    let opened = app.anonymous().post("/session", &json!({"login": EMAIL, "password": PASSWORD})).await;
    let cookie = opened.cookie();
    let token = opened.expect(201)["access_token"].as_str().unwrap().to_owned();
    let staff = app.staff("CX").await;
    let path = format!("/residents/{id}");
    staff.post(&format!("{path}/departure"), &json!({"reason": "asked"})).await.expect(201);

    let me = app.anonymous().request(Method::GET, "/me").bearer_auth(&token);
    assert_eq!(Answer::of(me).await.status, 401);
    let refresh = app.anonymous().request(Method::POST, "/session/refreshment").header("cookie", &cookie);
    Answer::of(refresh).await.expect_problem(401, "refresh_invalid");
    for login in [EMAIL, number.as_str()] {
        let login = json!({"login": login, "password": PASSWORD});
        app.anonymous().post("/session", &login).await.expect_problem(401, "credentials_invalid");
    }
    for query in [NAME, "zly", number.as_str()] {
        assert_eq!(staff.get(&format!("/residents?q={query}")).await.expect(200)["items"], json!([]), "{query}");
    }
    let listed = staff.get("/residents?limit=100").await.expect(200);
    assert!(!listed.to_string().contains(&id.to_string()));
    staff.get(&path).await.expect_problem(404, "not_found");
    staff.patch(&path, &json!({"phone": PHONE})).await.expect_problem(404, "not_found");
    staff.post(&format!("{path}/one-time-code"), &json!({})).await.expect_problem(404, "not_found");
    staff.post(&format!("{path}/departure"), &json!({"reason": "asked"})).await.expect_problem(404, "not_found");
    let award = json!({"residents": [{"id": id}], "unit": "credit", "amount": "1.00", "reason": "晚了", "earned_on": "2026-11-20"});
    assert_eq!(app.admin().await.post("/credit-awards", &award).await.status, 422);
    // What runs at night finds nothing to mend.
    app.clock.advance(Duration::days(1));
    app.tick().await;
    let audit = app.admin().await.get(&format!("/audit-entries?object_id={id}&action=resident.left")).await.expect(200);
    assert_eq!(audit["items"][0]["detail"]["reason"], "asked");

    // Who comes again is somebody new.
    let staff = app.staff("CX").await;
    let roster = format!("姓名,出生日期\n{NAME},1956-03-02\n");
    let import = staged(&staff, app.branch("CX").id, "三.csv", roster).await;
    confirm(&staff, &import).await.expect(201);
    let found = staff.get(&format!("/residents?q={NAME}")).await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_ne!(found["items"][0]["id"], id.to_string());
    assert_ne!(found["items"][0]["learner_number"], number);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_needs_a_fresh_proof_and_a_reason_that_says_nothing_of_the_person() {
    let app = TestApp::street().await;
    let person = Person { phone: Some(PHONE.to_owned()), ..Person::default() };
    let id = app.new_resident("CX", &person).await.resident_id.unwrap();
    let opened = app.anonymous().post("/session", &json!({"login": PHONE, "password": PASSWORD})).await;
    let cookie = opened.cookie();
    app.clock.advance(Duration::minutes(16));
    let refresh = app.anonymous().request(Method::POST, "/session/refreshment").header("cookie", &cookie);
    let token = Answer::of(refresh).await.expect(200)["access_token"].as_str().unwrap().to_owned();
    let send = async |path: &str, token: &str, body: Value| {
        Answer::of(app.anonymous().request(Method::POST, path).bearer_auth(token).json(&body)).await
    };
    let confirmed = json!({"confirmation": true});
    send("/me/departure", &token, confirmed.clone()).await.expect_problem(403, "reauthentication_required");
    let proof = send("/session/proof", &token, json!({"password": PASSWORD})).await.expect(200);
    let staff = app.staff("CX").await;
    let path = format!("/residents/{id}/departure");
    for reason in ["", "他儿子叫陈建国"] {
        let fields = staff.post(&path, &json!({"reason": reason})).await.expect_fields();
        assert_eq!(fields, [("reason".to_owned(), "value_invalid".to_owned())]);
    }
    send("/me/departure", proof["access_token"].as_str().unwrap(), confirmed).await.expect(201);
    staff.post(&path, &json!({"reason": "asked"})).await.expect_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_takes_the_guardian_along() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let body = json!({
        "name": "钟小离", "birth_date": "2016-05-01", "consent": {"version": "2026-11", "read_aloud": true},
        "guardian": {"name": "钟大离", "phone": PHONE, "relation": "parent",
            "consent": {"version": "guardian_registration-2026-11", "read_aloud": true}},
    });
    let path = format!("/branches/{}/residents", app.branch("CX").id);
    let id = staff.post(&path, &body).await.expect(201)["resident"]["id"].as_str().unwrap().to_owned();
    let other = Person { name: "王芳".to_owned(), birth_date: date!(2016 - 05 - 01), ..Person::default() };
    app.on_record("CX", &other).await;
    staff.post(&format!("/residents/{id}/departure"), &json!({"reason": "guardian_asked"})).await.expect(201);
    let mut books = Books::of(&app).await;
    assert_eq!(books.ask("SELECT count(*) FROM guardians").await, ["0"]);
    assert_eq!(books.ask("SELECT count(*) FROM residents WHERE birth_date = '2016-05-01'").await, ["1"]);
    for (table, row) in everything(&app).await {
        for canary in ["钟小离", "钟大离", PHONE] {
            assert!(!row.contains(canary), "{canary} in {table}: {row}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_who_leaves_is_given_up_and_says_no_name() {
    let street = Street::prepare().await;
    let (app, admin) = (&street.app, street.app.admin().await);
    let award = json!({"residents": [{"id": street.id()}], "unit": "point", "amount": "30", "reason": "清洁日",
        "earned_on": "2026-11-20"});
    let _ = admin.post("/credit-awards", &award).await.expect(201);
    let reward = json!({"title": "毛巾", "price": 30, "stock": 1, "hold_days": 30});
    let reward = admin.post("/rewards", &reward).await.expect(201)["id"].as_str().unwrap().to_owned();
    let _ = street.leaver.post(&format!("/rewards/{reward}/redemptions"), &json!({})).await.expect(201);
    let credits = |amount: &str, reason: &str| {
        json!({"residents": [{"id": street.id()}], "unit": "credit", "amount": amount, "reason": reason,
            "earned_on": "2026-11-20"})
    };
    // Together more than one admin awards alone in a day: the second waits.
    let _ = admin.post("/credit-awards", &credits("1.00", "早上")).await.expect(201);
    let waiting = admin.post("/credit-awards", &credits("1000.00", "晚上")).await.expect(202);
    let proposal = waiting["proposal_id"].as_str().unwrap();
    let rejection = json!({"reason": format!("{NAME}没有参加")});
    let path = format!("/credit-award-proposals/{proposal}/rejection");
    let _ = app.admin().await.post(&path, &rejection).await.expect(200);
    let staff = app.staff("CX").await;
    let path = format!("/residents/{}/departure", street.id());
    let _ = staff.post(&path, &json!({"reason": "asked"})).await.expect(201);
    app.tick().await;
    assert_eq!(admin.get("/rewards").await.expect(200)["items"][0]["stock"], json!(1));
    assert!(!street.found().await.iter().any(|(_, canary)| *canary == NAME), "{:?}", street.found().await);
    Books::of(app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_joined_meanwhile_is_forgotten_too() {
    let app = TestApp::street().await;
    let (staff, leaver) = (app.staff("CX").await, app.on_record("CX", &Person::default()).await.id);
    let joined = app.on_record("CX", &Person { name: NEIGHBOUR.to_owned(), ..Person::default() }).await.id;
    let (mut merging, mut watching) = (connect(&app.owner_url()).await, connect(&app.owner_url()).await);
    let join = format!(
        "BEGIN; SELECT FROM residents WHERE id IN ('{leaver}', '{joined}') FOR NO KEY UPDATE; \
         UPDATE residents SET merged_into = '{leaver}' WHERE id = '{joined}'"
    );
    merging.batch_execute(&join).await.unwrap();
    let path = format!("/residents/{leaver}/departure");
    let leaving = tokio::spawn(async move { staff.post(&path, &json!({"reason": "asked"})).await });
    until_waiting(&mut watching, 1).await;
    merging.batch_execute("COMMIT").await.unwrap();
    let _ = leaving.await.unwrap().expect(201);
    let names = Books::of(&app).await.ask(&format!("SELECT name FROM residents WHERE id = '{joined}'")).await;
    assert!(names[0].starts_with("left-"), "{names:?}");
}
