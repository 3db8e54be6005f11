//! A clock that cannot be trusted signs nothing; and when nothing is signed for hours, somebody is told.

use campus::Campus;
use campus::clock::Clock;
use campus::config::Config;
use campus::error::Kind;
use campus::jobs;
use diesel_async::SimpleAsyncConnection;
use tests::database::connect;
use worker::Outcome;

use super::*;

#[tokio::test]
async fn a_clock_before_the_newest_root_waits_and_accuses_nobody() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    app.clock.advance(-Duration::days(1));
    let error = attestation::sign_next(&app.campus).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "it is tried again: {error}");
    assert_eq!(app.admin().await.get("/ledger-audits").await.expect(200)["items"], json!([]));
    app.clock.advance(Duration::days(1));
    assert!(matches!(sign(&app).await, Signing::Signed(root) if root.sequence == 3));
}

#[tokio::test]
async fn a_machine_whose_clock_is_not_the_databases_signs_nothing() {
    let app = TestApp::street().await;
    let people = bank::people(&app).await;
    bank::post(&app, &people, 40).await;
    let live = || Campus::new(app.config(), Clock::live("Asia/Shanghai").unwrap()).unwrap();
    // The database's clock, an hour away, for whoever connects from now on.
    let away = "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS \
        $$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$;
        DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$";
    connect(&app.owner_url()).await.batch_execute(away).await.unwrap();
    let error = attestation::sign_next(&live()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    let right = "DROP FUNCTION public.clock_timestamp()";
    connect(&app.owner_url()).await.batch_execute(right).await.unwrap();
    assert!(matches!(attestation::sign_next(&live()).await.unwrap(), Signing::Signed(_)));
}

#[tokio::test]
async fn when_the_store_is_away_for_hours_somebody_is_told_once_a_day_and_the_nights_check_begins() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let admin = app.admin().await;
    let listed = admin.get("/ledger-roots").await.expect(200);
    assert_eq!((&listed["age_seconds"], &listed["is_overdue"]), (&json!(3600), &json!(false)));
    let mut config = Config { auditor_email: Some("auditor@example.org".to_owned()), ..app.config() };
    config.storage.endpoint = "http://127.0.0.1:1".to_owned();
    let campus = Campus::new(config, app.clock.clone()).unwrap();
    let handlers = worker::handlers();
    let hour = async || {
        app.clock.advance(Duration::hours(1));
        jobs::tick(&campus, &attestation::schedules(), app.clock.now()).await.unwrap();
        let ran = worker::run_available(&campus, &handlers).await.unwrap();
        let signing = ran.iter().find(|job| job.kind == "sign_ledger").unwrap();
        assert_eq!(signing.outcome, Outcome::Snoozed, "{:?}", signing.error);
        app.mails().iter().filter(|mail| mail.to == "auditor@example.org" && mail.text.contains("overdue_root")).count()
    };
    assert_eq!([hour().await, hour().await, hour().await, hour().await], [0, 0, 1, 1]);
    let listed = admin.get("/ledger-roots").await.expect(200);
    assert_eq!((&listed["age_seconds"], &listed["is_overdue"]), (&json!(5 * 3600), &json!(true)));
    let audits = admin.get("/ledger-audits").await.expect(200);
    let of = |status: &str| audits["items"].as_array().unwrap().iter().find(|audit| audit["status"] == status).unwrap();
    assert_eq!(
        of("failed")["finding"],
        json!({"kind": "overdue_root", "root": 2, "account_id": null,
        "version": null, "transfer_id": null, "key": null})
    );
    assert_eq!(of("running")["scope"], "full", "the night's check waits for the store too");
    app.clock.advance(Duration::days(1));
    assert_eq!(hour().await, 2, "once a day");
}
