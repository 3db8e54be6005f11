//! The second factor of staff and admins, and fresh proofs for work that needs them.

use campus::accounts::second_factor::code_at;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, PASSWORD, TestApp, id_of};
use time::Duration;
use uuid::Uuid;

/// An admin with an authenticator.
struct Guarded {
    app: TestApp,
    admin: Client,
    login: String,
    secret: String,
    recovery_codes: Vec<String>,
}

impl Guarded {
    async fn prepare() -> Self {
        let app = TestApp::street().await;
        let admin = app.unguarded_admin().await;
        let setup = admin.post("/me/second-factor", &json!({})).await.expect(201);
        let secret = setup["secret"].as_str().unwrap().to_owned();
        assert!(setup["uri"].as_str().unwrap().contains(&secret), "{setup}");
        assert!(setup["picture"].as_str().unwrap().contains("<svg"), "{setup}");
        let wrong = admin.post("/me/second-factor/confirmation", &json!({"code": "000000"})).await;
        assert_eq!(wrong.expect_fields(), [("code".to_owned(), "second_factor_invalid".to_owned())]);
        assert_eq!(admin.get("/me").await.expect(200)["second_factor"], false);
        let code = code_at(&secret, u64::try_from(app.clock.now().unix_timestamp()).unwrap()).unwrap();
        let confirmed = admin.post("/me/second-factor/confirmation", &json!({"code": code})).await.expect(200);
        let recovery_codes: Vec<String> = serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap();
        assert_eq!(recovery_codes.len(), 10);
        assert_eq!(admin.get("/me").await.expect(200)["second_factor"], true);
        app.clock.advance(Duration::seconds(30));
        let connection = &mut *app.campus.database.connection().await.unwrap();
        let account = campus::accounts::find(connection, admin.account_id.unwrap()).await.unwrap();
        Self { app, admin, login: account.email.unwrap(), secret, recovery_codes }
    }

    fn code(&self) -> String {
        code_at(&self.secret, u64::try_from(self.app.clock.now().unix_timestamp()).unwrap()).unwrap()
    }

    async fn challenge(&self) -> String {
        let credentials = json!({"login": self.login, "password": PASSWORD});
        let answer = self.app.anonymous().post("/session", &credentials).await;
        answer.expect_problem(401, "second_factor_required")["challenge"].as_str().unwrap().to_owned()
    }

    async fn answer(&self, challenge: &str, code: &str) -> Answer {
        self.app.anonymous().post("/session/second-factor", &json!({"challenge": challenge, "code": code})).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_alone_opens_nothing_and_each_code_serves_once() {
    let guarded = Guarded::prepare().await;
    let challenge = guarded.challenge().await;
    guarded.answer(&challenge, "000000").await.expect_problem(401, "second_factor_invalid");
    guarded.answer("no such challenge", &guarded.code()).await.expect_problem(401, "challenge_invalid");
    let opened = guarded.answer(&challenge, &guarded.code()).await;
    assert!(opened.header("set-cookie").contains("HttpOnly"));
    let session = opened.expect(201);
    assert_eq!(session["account"]["role"], "admin");
    // The challenge is answered, and the code is spent: for another log-in too.
    guarded.answer(&challenge, &guarded.code()).await.expect_problem(401, "challenge_invalid");
    let next = guarded.challenge().await;
    guarded.answer(&next, &guarded.code()).await.expect_problem(401, "second_factor_invalid");
    guarded.app.clock.advance(Duration::seconds(30));
    let _ = guarded.answer(&next, &guarded.code()).await.expect(201);
    // At one moment, one of them.
    guarded.app.clock.advance(Duration::seconds(30));
    let challenges = [guarded.challenge().await, guarded.challenge().await, guarded.challenge().await];
    let code = guarded.code();
    let answers = futures_util::future::join_all(challenges.iter().map(|each| guarded.answer(each, &code))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401, 401]);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_cannot_be_found_by_trying_nor_used_late() {
    let guarded = Guarded::prepare().await;
    let challenge = guarded.challenge().await;
    for _ in 0..5 {
        guarded.answer(&challenge, "000000").await.expect_problem(401, "second_factor_invalid");
    }
    guarded.answer(&challenge, &guarded.code()).await.expect_problem(401, "challenge_invalid");
    let late = guarded.challenge().await;
    guarded.app.clock.advance(Duration::minutes(5));
    guarded.answer(&late, &guarded.code()).await.expect_problem(401, "challenge_invalid");
    // Over all log-ins of the account, too.
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let challenge = guarded.challenge().await;
        for _ in 0..5 {
            statuses.push(guarded.answer(&challenge, "000000").await.status);
        }
    }
    assert!(statuses.ends_with(&[429, 429]), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_stands_in_once_and_setting_up_anew_voids_the_others() {
    let guarded = Guarded::prepare().await;
    let typed = guarded.recovery_codes[0].to_uppercase().replace('-', " ");
    let _ = guarded.answer(&guarded.challenge().await, &typed).await.expect(201);
    guarded.answer(&guarded.challenge().await, &typed).await.expect_problem(401, "second_factor_invalid");
    // Another authenticator: the one in force stays so until the new one has shown a code.
    let setup = guarded.admin.post("/me/second-factor", &json!({})).await.expect(201);
    let _ = guarded.answer(&guarded.challenge().await, &guarded.code()).await.expect(201);
    guarded.app.clock.advance(Duration::seconds(60));
    let at = u64::try_from(guarded.app.clock.now().unix_timestamp()).unwrap();
    let code = code_at(setup["secret"].as_str().unwrap(), at).unwrap();
    let _ = guarded.admin.post("/me/second-factor/confirmation", &json!({"code": code})).await.expect(200);
    guarded
        .admin
        .post("/me/second-factor/confirmation", &json!({"code": code}))
        .await
        .expect_problem(409, "second_factor_not_begun");
    let challenge = guarded.challenge().await;
    for old in [&guarded.code(), &guarded.recovery_codes[1]] {
        guarded.answer(&challenge, old).await.expect_problem(401, "second_factor_invalid");
    }
    let sealed = format!("SELECT count(*) FROM second_factors WHERE sealed_secret LIKE '%{}%'", guarded.secret);
    assert_eq!(crate::books::Books::of(&guarded.app).await.number(&sealed).await, 0);
}

async fn award(app: &TestApp, token: &str, resident: Uuid) -> Answer {
    let body = json!({"residents": [{"id": resident}], "unit": "credit", "amount": "1.00", "reason": "志愿服务",
        "earned_on": "2026-11-20", "evidence": "listed", "dry_run": true});
    let request = app.anonymous().request(Method::POST, "/credit-awards").bearer_auth(token).json(&body);
    Answer::of(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn awards_and_exports_need_a_proof_of_the_last_fifteen_minutes() {
    let guarded = Guarded::prepare().await;
    let app = &guarded.app;
    let resident = app.resident("CX").await.resident_id.unwrap();
    let opened = guarded.answer(&guarded.challenge().await, &guarded.code()).await;
    let cookie = opened.cookie();
    let token = |body: &Value| body["access_token"].as_str().unwrap().to_owned();
    let first = token(&opened.expect(201));
    let _ = award(app, &first, resident).await.expect(200);
    app.clock.advance(Duration::minutes(9));
    let refreshed =
        Answer::of(app.anonymous().request(Method::POST, "/session/refreshment").header("cookie", &cookie)).await;
    let second = token(&refreshed.expect(200));
    let _ = award(app, &second, resident).await.expect(200);
    app.clock.advance(Duration::minutes(7));
    award(app, &second, resident).await.expect_problem(403, "reauthentication_required");
    let export =
        || app.anonymous().request(Method::GET, "/reports/months/2026-11/export?format=csv").bearer_auth(&second);
    Answer::of(export()).await.expect_problem(403, "reauthentication_required");
    // Other work goes on.
    let _ = Answer::of(app.anonymous().request(Method::GET, "/residents").bearer_auth(&second)).await.expect(200);

    let prove = async |body: Value| {
        Answer::of(app.anonymous().request(Method::POST, "/session/proof").bearer_auth(&second).json(&body)).await
    };
    prove(json!({"password": "somebody else's"})).await.expect_problem(401, "credentials_invalid");
    prove(json!({"password": PASSWORD})).await.expect_problem(401, "second_factor_invalid");
    let proved = token(&prove(json!({"password": PASSWORD, "code": guarded.code()})).await.expect(200));
    let _ = award(app, &proved, resident).await.expect(200);
    // A refreshed token of the same session carries the proof; another session's does not.
    app.clock.advance(Duration::minutes(14));
    let other = guarded.answer(&guarded.challenge().await, &guarded.code()).await.expect(201);
    assert_ne!(id_of(&other["account"]), Uuid::nil());
    app.clock.advance(Duration::minutes(1));
    award(app, &token(&other), resident).await.expect(200).as_object().unwrap();
}

/// 14 days without a second factor are given; then there is nothing else to do before it is set.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_can_be_put_off_for_a_fortnight() {
    let app = TestApp::street().await;
    let late = app.unguarded_admin().await;
    let due = late.get("/me").await.expect(200)["second_factor_due"].as_str().unwrap().to_owned();
    let due = time::OffsetDateTime::parse(&due, &time::format_description::well_known::Rfc3339).unwrap();
    assert_eq!(due - app.clock.now(), Duration::days(14));
    app.clock.advance(Duration::days(14) - Duration::seconds(1));
    let logged_in = |client: &Client| app.client_of(client.account_id.unwrap());
    let _ = logged_in(&late).get("/residents").await.expect(200);
    app.clock.advance(Duration::seconds(1));
    let admin = logged_in(&late);
    admin.get("/residents").await.expect_problem(403, "second_factor_unset");
    admin.get("/accounts").await.expect_problem(403, "second_factor_unset");
    // Other roles' work stays what it was.
    admin.get("/me/credit-account").await.expect_problem(403, "forbidden");
    let me = admin.get("/me").await.expect(200);
    assert_eq!(me["permissions"], json!(["see_oneself", "set_second_factor"]));

    let setup = admin.post("/me/second-factor", &json!({})).await.expect(201);
    let at = u64::try_from(app.clock.now().unix_timestamp()).unwrap();
    let code = code_at(setup["secret"].as_str().unwrap(), at).unwrap();
    let _ = admin.post("/me/second-factor/confirmation", &json!({"code": code})).await.expect(200);
    let _ = admin.get("/residents").await.expect(200);
    assert_eq!(admin.get("/me").await.expect(200)["second_factor_due"], Value::Null);

    // Taken away by another admin, it is due at once.
    let other = app.admin().await;
    other.delete(&format!("/accounts/{}/second-factor", admin.account_id.unwrap())).await.expect(204);
    logged_in(&late).get("/residents").await.expect_problem(403, "second_factor_unset");
    // Residents are never asked.
    let resident = app.resident("CX").await;
    app.clock.advance(Duration::days(400));
    assert_eq!(logged_in(&resident).get("/me").await.expect(200)["second_factor_due"], Value::Null);
}
