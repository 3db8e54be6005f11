//! Helpers: how an allowance comes about, what it allows, what it does not, and how it ends.

use campus::accounts;
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Answer, Client, Person, TestApp, id_of};
use time::Duration;
use time::macros::datetime;
use uuid::Uuid;

/// A resident with their name.
async fn named(app: &TestApp, code: &str) -> (Client, String) {
    let person = Person::default();
    (app.new_resident(code, &person).await, person.name)
}

async fn code_of(resident: &Client, months: u8) -> String {
    let made = resident.post("/me/helper-invitation", &json!({"months": months})).await.expect(201);
    made["code"].as_str().unwrap().to_owned()
}

async fn accept(helper: &Client, name: &str, code: &str) -> Answer {
    helper.post("/me/helped", &json!({"name": name, "code": code})).await
}

/// Lets `helper` help a new resident of the branch.
async fn helped_by(app: &TestApp, helper: &Client, code: &str) -> (Client, String) {
    let (resident, name) = named(app, code).await;
    let digits = code_of(&resident, 3).await;
    let _ = accept(helper, &name, &digits).await.expect(201);
    (resident, name)
}

fn path(resident: &Client) -> String {
    format!("/me/helped/{}", resident.resident_id.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_sees_enrols_and_fills_in_and_the_resident_sees_it_all() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 2, 60).await;
    let ((mother, her_name), (son, his_name)) = (named(&app, "CX").await, named(&app, "WT").await);
    let made = mother.post("/me/helper-invitation", &json!({"months": 3})).await.expect(201);
    assert_eq!((&made["months"], &made["expires_at"]), (&json!(3), &json!("2026-11-23T10:00:00+08:00")));
    let code = made["code"].as_str().unwrap();
    assert!(code.len() == 9 && code.chars().filter(char::is_ascii_digit).count() == 8, "{code}");
    let waiting = mother.get("/me/helpers").await.expect(200);
    assert_eq!((&waiting["invitation"]["months"], waiting["invitation"].get("code")), (&json!(3), None));

    // As people type it.
    let typed = format!(" {} ", code.replace('-', " "));
    let helped = accept(&son, &format!(" {her_name}　"), &typed).await.expect(201);
    let id = mother.resident_id.unwrap();
    assert_eq!((id_of(&helped), &helped["name"]), (id, &json!(her_name)));
    assert_eq!(helped["until"], "2027-02-22T00:00:00+08:00");
    assert_eq!(son.get("/me/helped").await.expect(200)["items"], json!([helped]));
    assert_eq!(son.get(&path(&mother)).await.expect(200), helped);

    let enroll = format!("{}/courses/{}/enrollment", path(&mother), course.id);
    let first = son.put(&enroll, &Value::Null).await.expect(201);
    assert_eq!(son.put(&enroll, &Value::Null).await.expect(200), first);
    let absent = format!("{}/courses/{}/enrollment", path(&mother), Uuid::new_v4());
    son.put(&absent, &Value::Null).await.expect_problem(404, "not_found");
    for client in [&mother, &son] {
        let list = if client.resident_id == Some(id) {
            "/me/enrollments".to_owned()
        } else {
            format!("{}/enrollments", path(&mother))
        };
        let items = client.get(&list).await.expect(200)["items"].clone();
        assert_eq!((items.as_array().unwrap().len(), &items[0]["helped_by"]), (1, &json!(his_name)));
    }
    assert_eq!(son.get("/me/enrollments").await.expect(200)["items"], json!([]));
    let account = son.get(&format!("{}/credit-account", path(&mother))).await.expect(200);
    assert_eq!(account, mother.get("/me/credit-account").await.expect(200));
    let transfers = son.get(&format!("{}/credit-account/transfers", path(&mother))).await.expect(200);
    assert_eq!(transfers["items"], json!([]));

    let filled = son.patch(&path(&mother), &json!({"phone": "13900000001", "groups": ["elderly"]})).await.expect(200);
    assert_eq!((&filled["phone"], &filled["groups"]), (&json!("139****0001"), &json!(["elderly"])));
    let bad = son.patch(&path(&mother), &json!({"phone": "12"})).await;
    assert_eq!(bad.expect_fields(), [("phone".to_owned(), "phone_invalid".to_owned())]);
    // Mass assignment: what the form does not name is not heard.
    let more = json!({"name": "别人", "branch_id": app.branch("WT").id, "learner_number": "1"});
    assert_eq!(son.patch(&path(&mother), &more).await.expect(200)["name"], json!(her_name));

    let mine = mother.get("/me/helpers").await.expect(200);
    assert_eq!(
        (&mine["items"][0]["name"], &mine["items"][0]["last_used_on"]),
        (&json!(his_name), &json!("2026-11-22"))
    );
    assert_eq!((mine["items"].as_array().unwrap().len(), &mine["invitation"]), (1, &Value::Null));
    let acts = mother.get("/me/helper-acts").await.expect(200);
    let acts: Vec<_> = acts["items"].as_array().unwrap().iter().map(|act| (&act["action"], &act["by"])).collect();
    let (his, hers) = (json!(his_name), json!(her_name));
    let wanted =
        ["help.filled_in", "help.filled_in", "help.enrolled", "help.granted"].map(|action| (json!(action), &his));
    assert_eq!(acts[..4], wanted.each_ref().map(|(action, by)| (action, *by)));
    assert_eq!(acts[4], (&json!("help.invited"), &hers));
    // Who helped stands in the audit.
    let admin = app.admin().await;
    let found = admin.get(&format!("/audit-entries?object_id={id}&action=help.enrolled")).await.expect(200);
    assert_eq!(found["items"][0]["account"]["id"], json!(son.account_id));
    assert_eq!(found["items"][0]["branch_id"], json!(app.branch("CX").id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_earns_nothing_for_them_and_opens_no_further_doors() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (helper, stranger) = (app.resident("CX").await, app.resident("CX").await);
    let (resident, _) = helped_by(&app, &helper, "CX").await;
    let enroll = format!("{}/courses/{}/enrollment", path(&resident), course.id);
    let _ = helper.put(&enroll, &Value::Null).await.expect(201);
    let lesson = course.lessons[0];
    let viewing = resident.get(&format!("/lessons/{lesson}/playback")).await.expect(200)["viewing_id"].clone();
    let report = json!({"viewing_id": viewing, "position": 10.0, "watched": [[0.0, 10.0]]});
    let progress = helper.put(&format!("/lessons/{lesson}/progress"), &report).await;
    assert_eq!(progress.expect_fields(), [("viewing_id".to_owned(), "viewing_unknown".to_owned())]);
    // Whom they help, a helper's helper does not see.
    let name = helper.get("/me").await.expect(200)["resident"]["name"].as_str().unwrap().to_owned();
    let code = code_of(&helper, 1).await;
    let _ = accept(&stranger, &name, &code).await.expect(201);
    stranger.get(&path(&resident)).await.expect_problem(404, "not_found");
    // What there is no address for cannot be done.
    for (method, rest) in [
        ("POST", "helpers"),
        ("POST", "helper-invitation"),
        ("POST", "one-time-code"),
        ("PUT", "password"),
        ("POST", "redemptions"),
        ("GET", "export"),
        ("GET", "consents"),
    ] {
        let request = helper.request(method.parse().unwrap(), &format!("{}/{rest}", path(&resident)));
        Answer::of(request.json(&json!({"months": 3}))).await.expect_problem(404, "not_found");
    }
    // Everybody else gets what is absent.
    for rest in ["", "/enrollments", "/credit-account", "/credit-account/transfers"] {
        let refused = stranger.get(&format!("{}{rest}", path(&resident))).await.expect_problem(404, "not_found");
        let absent =
            stranger.get(&format!("/me/helped/{}{rest}", Uuid::new_v4())).await.expect_problem(404, "not_found");
        assert_eq!(refused["detail"], absent["detail"]);
    }
    stranger.put(&enroll, &Value::Null).await.expect_problem(404, "not_found");
    stranger.patch(&path(&resident), &json!({"groups": []})).await.expect_problem(404, "not_found");
    stranger.delete(&path(&resident)).await.expect_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_serves_once_for_a_day_with_the_right_name() {
    let app = TestApp::street().await;
    let (resident, name) = named(&app, "CX").await;
    let refused = |answer: Answer, code: &str| {
        assert_eq!(answer.expect_fields(), [("code".to_owned(), code.to_owned())]);
    };
    let code = code_of(&resident, 1).await;
    let helper = app.resident("CX").await;
    refused(accept(&helper, "王小明", &code).await, "help_code_invalid");
    refused(accept(&helper, &name, "0000-000").await, "help_code_invalid");
    refused(accept(&resident, &name, &code).await, "help_oneself");
    for months in [0, 2, 13] {
        let answer = resident.post("/me/helper-invitation", &json!({"months": months})).await;
        assert_eq!(answer.expect_fields(), [("months".to_owned(), "value_invalid".to_owned())]);
    }
    // Another code, and one that is taken back.
    let next = code_of(&resident, 1).await;
    refused(accept(&helper, &name, &code).await, "help_code_invalid");
    assert_eq!(resident.delete("/me/helper-invitation").await.status, 204);
    refused(accept(&helper, &name, &next).await, "help_code_invalid");
    // A day later.
    let code = code_of(&resident, 1).await;
    app.clock.advance(Duration::hours(24));
    refused(accept(&helper, &name, &code).await, "help_code_invalid");
    assert_eq!(resident.get("/me/helpers").await.expect(200)["invitation"], Value::Null);
    // Five at once with one code: one of them, and nobody after.
    let code = code_of(&resident, 1).await;
    let helpers: Vec<Client> = futures_util::future::join_all((0..5).map(|_| app.resident("CX"))).await;
    let tries = helpers.iter().map(|helper| accept(helper, &name, &code));
    let won = futures_util::future::join_all(tries).await.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(won, 1);
    assert_eq!(resident.get("/me/helpers").await.expect(200)["items"].as_array().unwrap().len(), 1);
    // Guessing gives out.
    let guesses: Vec<u16> = {
        let guesses = (0..12).map(|round| format!("{round:08}"));
        let answers = guesses.map(async |guess| accept(&helper, &name, &guess).await.status);
        futures_util::future::join_all(answers).await
    };
    assert!(guesses.contains(&429), "{guesses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_helps_five_also_when_two_allow_it_at_once() {
    let app = TestApp::street().await;
    let elsewhere = app.another();
    for round in 0..3 {
        let helper = app.resident("CX").await;
        let there = elsewhere.client_of(helper.account_id.unwrap());
        for _ in 0..4 {
            helped_by(&app, &helper, "CX").await;
        }
        let ((one, her), (two, his)) = (named(&app, "CX").await, named(&app, "CX").await);
        let (hers, theirs) = (code_of(&one, 12).await, code_of(&two, 12).await);
        let (first, second) = tokio::join!(accept(&helper, &her, &hers), accept(&there, &his, &theirs));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "round {round}");
        let refused = if first.status == 409 { first } else { second };
        refused.expect_problem(409, "helped_too_many");
        assert_eq!(helper.get("/me/helped").await.expect(200)["items"].as_array().unwrap().len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sixth_waits_until_one_has_ended_and_a_renewal_counts_once() {
    let app = TestApp::street().await;
    let helper = app.resident("CX").await;
    let mut residents = Vec::new();
    for _ in 0..5 {
        residents.push(helped_by(&app, &helper, "CX").await);
    }
    let (sixth, name) = named(&app, "CX").await;
    let code = code_of(&sixth, 1).await;
    accept(&helper, &name, &code).await.expect_problem(409, "helped_too_many");
    // Somebody whom they help already may allow it anew, longer.
    let (known, known_name) = &residents[0];
    let longer = code_of(known, 12).await;
    let renewed = accept(&helper, known_name, &longer).await.expect(201);
    assert_eq!(renewed["until"], "2027-11-22T00:00:00+08:00");
    assert_eq!(known.get("/me/helpers").await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(helper.delete(&path(&residents[1].0)).await.status, 204);
    // What was refused has not spent the code.
    let _ = accept(&helper, &name, &code).await.expect(201);
    // A person has five helpers at most.
    let (popular, name) = named(&app, "CX").await;
    for round in 0..6 {
        let code = code_of(&popular, 1).await;
        let answer = accept(&app.resident("CX").await, &name, &code).await;
        if round < 5 { drop(answer.expect(201)) } else { drop(answer.expect_problem(409, "helpers_full")) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_by_either_side_by_time_and_with_the_helpers_account() {
    let app = TestApp::street().await;
    let helper = app.resident("CX").await;
    let (by_resident, _) = helped_by(&app, &helper, "CX").await;
    let (by_helper, _) = helped_by(&app, &helper, "WT").await;
    let (by_time, _) = helped_by(&app, &helper, "CX").await;
    let own = by_resident.get("/me/helpers").await.expect(200)["items"][0].clone();
    let allowance = format!("/me/helpers/{}", id_of(&own));
    by_helper.delete(&allowance).await.expect_problem(404, "not_found");
    helper.delete(&allowance).await.expect_problem(404, "not_found");
    assert_eq!(by_resident.delete(&allowance).await.status, 204);
    by_resident.delete(&allowance).await.expect_problem(404, "not_found");
    helper.get(&path(&by_resident)).await.expect_problem(404, "not_found");
    assert_eq!(helper.delete(&path(&by_helper)).await.status, 204);
    helper.get(&path(&by_helper)).await.expect_problem(404, "not_found");
    assert_eq!(by_helper.get("/me/helpers").await.expect(200)["items"], json!([]));
    let ended = by_helper.get("/me/helper-acts?limit=1").await.expect(200);
    assert_eq!(ended["items"][0]["action"], "help.ended");

    app.clock.set(datetime!(2027-02-21 23:59:59 +8));
    let _ = helper.get(&path(&by_time)).await.expect(200);
    app.clock.set(datetime!(2027-02-22 00:00 +8));
    helper.get(&path(&by_time)).await.expect_problem(404, "not_found");
    assert_eq!(helper.get("/me/helped").await.expect(200)["items"], json!([]));
    assert_eq!(by_time.get("/me/helpers").await.expect(200)["items"], json!([]));

    let (resident, _) = helped_by(&app, &helper, "CX").await;
    accounts::disable(&app.campus, None, helper.account_id.unwrap()).await.unwrap();
    // The very next request; a token that is still remembered as good does not help.
    let refused = helper.get(&path(&resident)).await.status;
    assert!([401, 404].contains(&refused), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_set_a_helper_up_at_the_desk_with_the_resident_present() {
    let app = TestApp::street().await;
    let (staff, elsewhere) = (app.staff("CX").await, app.staff("WT").await);
    let (helper, name) = named(&app, "WT").await;
    let number = app.learner_number(helper.resident_id.unwrap()).await;
    let person = app.on_record("CX", &Person::default()).await;
    let desk = format!("/residents/{}/helpers", person.id);
    let with = |change: Value| {
        let mut form = json!({"helper_learner_number": number, "helper_name": name, "months": 6, "consent": true});
        form.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        form
    };
    for (change, field, code) in [
        (json!({"consent": false}), "consent", "consent_not_noted"),
        (json!({"months": 24}), "months", "value_invalid"),
        // Neither a number nor a name alone tells staff who somebody elsewhere is.
        (json!({"helper_name": "王小明"}), "helper_learner_number", "helper_unknown"),
        (json!({"helper_learner_number": "10000000"}), "helper_learner_number", "helper_unknown"),
    ] {
        assert_eq!(staff.post(&desk, &with(change)).await.expect_fields(), [(field.to_owned(), code.to_owned())]);
    }
    elsewhere.post(&desk, &with(json!({}))).await.expect_problem(404, "not_found");
    let arranged = staff.post(&desk, &with(json!({}))).await.expect(201);
    assert_eq!((&arranged["channel"], &arranged["until"]), (&json!("desk"), &json!("2027-05-22T00:00:00+08:00")));
    let _ = helper.get(&format!("/me/helped/{}", person.id)).await.expect(200);
    let admin = app.admin().await;
    let entry = &admin.get(&format!("/audit-entries?object_id={}", person.id)).await.expect(200)["items"][0];
    assert_eq!((&entry["action"], &entry["detail"]["consent_noted"]), (&json!("help.granted"), &json!(true)));
    assert_eq!(entry["account"]["id"], json!(staff.account_id));
    // Who has no account cannot help.
    let (other, unable) = (app.on_record("CX", &Person::default()).await, Person::default());
    let without = app.on_record("CX", &unable).await;
    let number = app.learner_number(without.id).await;
    let form = with(json!({"helper_learner_number": number, "helper_name": unable.name}));
    let answer = staff.post(&format!("/residents/{}/helpers", other.id), &form).await;
    assert_eq!(answer.expect_fields(), [("helper_learner_number".to_owned(), "helper_unknown".to_owned())]);
    elsewhere.delete(&desk).await.expect_problem(404, "not_found");
    assert_eq!(staff.delete(&desk).await.status, 204);
    helper.get(&format!("/me/helped/{}", person.id)).await.expect_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_allowance_is_longer_than_a_year() {
    let app = TestApp::street().await;
    let (resident, helper) = (app.resident("CX").await, app.resident("CX").await);
    let row = |until: &str| {
        format!(
            "INSERT INTO help_allowances (id, resident_id, helper_account_id, channel, granted_at, expires_at) \
             VALUES (gen_random_uuid(), '{}', '{}', 'code', '2026-11-22T00:00+08', '{until}')",
            resident.resident_id.unwrap(),
            helper.account_id.unwrap(),
        )
    };
    let mut owner = tests::database::connect(&app.owner_url()).await;
    let refused = diesel_async::RunQueryDsl::execute(diesel::sql_query(row("2027-12-22T00:00+08")), &mut owner).await;
    assert!(refused.unwrap_err().to_string().contains("check constraint"));
    execute(&app.owner_url(), &row("2027-11-22T00:00+08")).await;
}
