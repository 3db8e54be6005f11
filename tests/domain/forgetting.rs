<<<<<<< HEAD

=======
//! What nobody asks for again is forgotten, and nothing else.

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use serde_json::json;
use tests::database::connect;
use tests::{PASSWORD, Person, TestApp};
use time::Duration;
use uuid::Uuid;

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(app: &TestApp, of: &str) -> i64 {
    let mut connection = connect(&app.owner_url()).await;
    let query = format!("SELECT count(*) AS count FROM {of}");
    diesel::sql_query(query).get_result::<Count>(&mut connection).await.unwrap().count
}

#[tokio::test]
async fn sessions_keys_and_finished_jobs_go_after_a_week() {
    let app = TestApp::street().await;
    let person = Person { phone: Some("13800000001".to_owned()), ..Person::default() };
    app.new_resident("CX", &person).await;
    let credentials = json!({"login": "13800000001", "password": PASSWORD});
    app.anonymous().post("/session", &credentials).await.expect(201);
    let registration = json!({
        "name": "陈秀英", "phone": "13900000001", "password": "a good password", "branch_id": app.branch("CX").id,
        "birth_date": "1956-03-02", "consent": {"version": "2026-11"},
    });
    let key = Uuid::new_v4();
    let first = app.anonymous().post_with_key("/residents", key, &registration).await.expect(201);
    app.tick().await;
    let jobs_before = count(&app, "jobs WHERE state = 'done'").await;
    assert!(jobs_before > 0);

    app.clock.advance(Duration::days(6));
    app.tick().await;
    assert_eq!(count(&app, "idempotency_keys").await, 1);
    let again = app.anonymous().post_with_key("/residents", key, &registration).await.expect(201);
    assert_eq!(first, again);

    app.clock.advance(Duration::days(2));
    app.tick().await;
    assert_eq!(count(&app, "idempotency_keys").await, 0);
    let week_old = "jobs WHERE state = 'done' AND finished_at < '2026-11-23T00:00:00+08:00'";
    assert_eq!(count(&app, week_old).await, 0);
    assert_eq!(count(&app, "session_families").await, 1, "it holds for sixty days");

    app.clock.advance(Duration::days(58));
    app.tick().await;
    assert_eq!(count(&app, "session_families").await, 1, "kept for a week after its end");
    app.clock.advance(Duration::days(3));
    app.tick().await;
    assert_eq!((count(&app, "session_families").await, count(&app, "session_tokens").await), (0, 0));
}
>>>>>>> refs/heads/support
