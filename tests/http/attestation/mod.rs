//! The proof of the ledger: roots, checks, and what is told of them.

mod acknowledging;
mod archives;
pub mod bank;
mod clocks;
mod tampering;

use campus::Campus;
use campus::attestation::{self, Archive, Entry, FindingKind, Halt, Signing, TrustedKeys, verify_against};
use campus::db::schema::credit_transfers;
use diesel::{QueryDsl, SelectableHelper};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Value, json};
use tests::TestApp;
use time::Duration;

use crate::books::Books;

fn keys(app: &TestApp) -> TrustedKeys {
    TrustedKeys::of_folder(&app.campus.config.signing_keys).unwrap()
}

/// The same deployment, with an auditor.
fn audited(app: &TestApp) -> Campus {
    let config = campus::config::Config { auditor_email: Some("auditor@example.org".to_owned()), ..app.config() };
    Campus::new(config, app.clock.clone()).unwrap()
}

async fn sign(app: &TestApp) -> Signing {
    attestation::sign_next(&app.campus).await.unwrap()
}

async fn finding_of(app: &TestApp) -> attestation::Finding {
    match sign(app).await {
        Signing::Refused(finding) => finding,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_canonical_form_is_the_databases() {
    let app = TestApp::street().await;
    let people = bank::people(&app).await;
    bank::post(&app, &people, 120).await;
    let mut connection = app.campus.database.connection().await.unwrap();
    let entries: Vec<Entry> = credit_transfers::table
        .order(credit_transfers::id)
        .select(Entry::as_select())
        .load(&mut connection)
        .await
        .unwrap();
    let mut books = Books::of(&app).await;
    let forms = books.ask("SELECT canonical_transfer(t) FROM credit_transfers AS t ORDER BY t.id").await;
    assert!(forms.len() > 120 && forms.iter().any(|form| form.contains("\\|")));
    let mut buffer = Vec::new();
    for (entry, form) in entries.iter().zip(&forms) {
        entry.write_canonical(&mut buffer);
        assert_eq!(std::str::from_utf8(&buffer).unwrap(), form);
    }
    assert_eq!(entries.len(), forms.len());
}

#[tokio::test]
async fn what_is_held_spent_given_back_and_expired_fits() {
    let app = TestApp::street().await;
    for _ in 0..2 {
        bank::spend(&app).await;
        let Signing::Signed(_) = sign(&app).await else { panic!("nothing was signed") };
        app.clock.advance(Duration::hours(1));
    }
    let archive = Archive::Store(app.campus.storage.clone());
    let verified = verify_against(&app.campus.database, &archive, &keys(&app), None, &mut |_, _| {}).await.unwrap();
    assert_eq!((verified.verified.transfers, verified.verified.root), (14, Some(2)));
}

#[tokio::test]
async fn each_root_names_the_one_before_and_holds_what_changed() {
    let app = TestApp::street().await;
    assert_eq!(sign(&app).await, Signing::Nothing, "nobody has an account yet");
    let people = bank::people(&app).await;
    bank::post(&app, &people, 60).await;
    let Signing::Signed(first) = sign(&app).await else { panic!("nothing was signed") };
    app.clock.advance(Duration::hours(1));
    bank::post(&app, &people[..3], 3).await;
    let Signing::Signed(second) = sign(&app).await else { panic!("nothing was signed") };
    app.clock.advance(Duration::hours(1));
    let Signing::Signed(third) = sign(&app).await else { panic!("nothing was signed") };
    assert!(first.is_checkpoint() && !second.is_checkpoint());
    assert_eq!((first.previous.as_ref(), second.sequence, third.sequence), (None, 2, 3));
    assert!(second.heads.accounts <= 6 && third.heads.accounts == 0, "{second:?}");
    assert_eq!(third.all_heads_sha256, second.all_heads_sha256);
    let units: i64 = third.units.iter().map(|unit| unit.transfers).sum();
    let mut books = Books::of(&app).await;
    assert_eq!(units, books.number("SELECT count(*) FROM credit_transfers").await);

    let listed = app.admin().await.get("/ledger-roots").await.expect(200);
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|root| root["sequence"].as_i64().unwrap()).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(items[0]["hash"].as_str().unwrap().len(), 64);
    assert_eq!(second.previous.as_deref(), items[2]["hash"].as_str());
    books.refuses("DELETE FROM ledger_roots").await;
    books.refuses("UPDATE ledger_roots SET sequence = 9").await;
    let archive = Archive::Store(app.campus.storage.clone());
    let hash = items[1]["hash"].as_str();
    let verified = verify_against(&app.campus.database, &archive, &keys(&app), hash, &mut |_, _| {}).await.unwrap();
    assert_eq!((verified.verified.transfers, verified.verified.root), (units, Some(3)));
    let strange = "0".repeat(64);
    let unmet = verify_against(&app.campus.database, &archive, &keys(&app), Some(&strange), &mut |_, _| {}).await;
    assert!(matches!(unmet, Err(Halt::Finding(finding)) if finding.kind == FindingKind::MissingRoot));
}

#[tokio::test]
async fn a_day_of_roots_ends_in_a_checkpoint_and_a_check_by_night() {
    let app = TestApp::street().await;
    let people = bank::people(&app).await;
    let admin = app.admin().await;
    for hour in 0..26 {
        if hour % 5 == 0 {
            bank::post(&app, &people[hour..hour + 4], 8).await;
        }
        app.tick().await;
        app.clock.advance(Duration::hours(1));
    }
    let roots = admin.get("/ledger-roots?limit=100").await.expect(200);
    let checkpoints: Vec<i64> = roots["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|root| root["is_checkpoint"] == true)
        .map(|root| root["sequence"].as_i64().unwrap())
        .collect();
    assert_eq!((roots["items"].as_array().unwrap().len(), checkpoints), (26, vec![25, 1]));
    let audits = admin.get("/ledger-audits").await.expect(200);
    let passed: Vec<&Value> = audits["items"].as_array().unwrap().iter().collect();
    assert_eq!(passed.len(), 2, "one when there was a root, one the night after: {audits}");
    assert!(passed.iter().all(|audit| audit["status"] == "passed" && audit["scope"] == "full"), "{audits}");
}

#[tokio::test]
async fn a_check_that_finds_something_tells_everybody_who_must_know() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let (admin, campus) = (app.admin().await, audited(&app));
    let answer = admin.post("/ledger-audits", &Value::Null).await;
    assert_eq!(answer.header("location"), "/api/v1/ledger-audits");
    let id = answer.expect(202)["id"].clone();
    assert_eq!(admin.post("/ledger-audits", &Value::Null).await.expect(202)["id"], id, "one at a time");
    worker::run_available(&campus, &worker::handlers()).await.unwrap();
    let audit = admin.get("/ledger-audits").await.expect(200)["items"][0].clone();
    assert_eq!((&audit["id"], &audit["status"], &audit["root"]), (&id, &json!("passed"), &json!(2)));
    assert_eq!((&audit["finding"], &audit["expected"]), (&Value::Null, &audit["checked"]));
    assert!(app.mails().is_empty());

    let row = "(SELECT id FROM credit_transfers ORDER BY account_id, account_version LIMIT 1)";
    let mut connection = bank::superuser(&app).await;
    let change = format!("UPDATE credit_transfers SET amount = amount + 1 WHERE id = {row}");
    connection.batch_execute(&change).await.unwrap();
    admin.post("/ledger-audits", &Value::Null).await.expect(202);
    worker::run_available(&campus, &worker::handlers()).await.unwrap();
    let audit = admin.get("/ledger-audits").await.expect(200)["items"][0].clone();
    let mut books = Books::of(&app).await;
    let id = books.ask(&format!("SELECT {row}")).await.remove(0);
    assert_eq!((&audit["status"], &audit["finding"]["kind"]), (&json!("failed"), &json!("changed_row")));
    assert_eq!((&audit["finding"]["transfer_id"], &audit["finding"]["version"]), (&json!(id), &json!(1)));
    let mails = app.mails();
    assert!(mails.iter().any(|mail| mail.to == "auditor@example.org" && mail.text.contains(&id)), "{mails:?}");
    assert!(mails.len() >= 2, "the admins too");
}

#[tokio::test]
async fn no_root_is_signed_over_what_does_not_follow_from_the_last() {
    let app = TestApp::street().await;
    let people = bank::signed_ledger(&app).await;
    bank::post(&app, &people, 40).await;
    let mut connection = bank::superuser(&app).await;
    let account = "(SELECT id FROM credit_accounts WHERE kind = 'resident' AND version > 3 ORDER BY id LIMIT 1)";
    let signed_row = format!("account_id = {account} AND account_version = 2");
    // Made anew from a signed row on, so that head and balance fit their rows.
    let change = format!(
        "UPDATE credit_transfers SET amount = amount + 1 WHERE {signed_row}; SELECT pg_temp.rechain({account})"
    );
    connection.batch_execute(&change).await.unwrap();
    let finding = finding_of(&app).await;
    assert_eq!((finding.kind, finding.root.is_some()), (FindingKind::RewrittenChain, true), "{finding}");
    assert_eq!(finding_of(&app).await, finding);
    let admin = app.admin().await;
    let audits = admin.get("/ledger-audits").await.expect(200);
    assert_eq!(audits["items"].as_array().unwrap().len(), 1, "said once a day: {audits}");
    assert_eq!(audits["items"][0]["scope"], "signing");
    assert_eq!(admin.get("/ledger-roots").await.expect(200)["items"][0]["sequence"], 2);
    let back = format!(
        "UPDATE credit_transfers SET amount = amount - 1 WHERE {signed_row}; SELECT pg_temp.rechain({account})"
    );
    connection.batch_execute(&back).await.unwrap();
    assert!(matches!(sign(&app).await, Signing::Signed(_)));
}

#[tokio::test]
async fn roots_and_heads_that_are_gone_or_changed_are_missed() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let storage = &app.campus.storage;
    let keys_of = async |below: &str| {
        let (objects, _) = storage.objects(below, None).await.unwrap();
        objects.into_iter().map(|object| object.key).collect::<Vec<_>>()
    };
    let (roots, heads) = (keys_of("attestation/roots/").await, keys_of("attestation/heads/").await);
    let read = async |key: &str| {
        let path = app.folder().join("read");
        storage.fetch(key, &path).await.unwrap();
        std::fs::read(&path).unwrap()
    };
    let (root, head) = (read(&roots[1]).await, read(&heads[1]).await);
    storage.put(&heads[1], b"changed", "application/octet-stream").await.unwrap();
    assert_eq!(finding_of(&app).await.kind, FindingKind::DamagedHeads);
    storage.put(&heads[1], &head, "application/octet-stream").await.unwrap();
    storage.put(&roots[1], b"e30.e30.e30", "application/jose").await.unwrap();
    assert_eq!(finding_of(&app).await.kind, FindingKind::ForgedRoot);
    storage.put(&roots[1], &root, "application/jose").await.unwrap();
    // The database says that there was no second root.
    let mut connection = bank::superuser(&app).await;
    connection.batch_execute("DELETE FROM ledger_roots WHERE sequence = 2").await.unwrap();
    let finding = finding_of(&app).await;
    assert_eq!((finding.kind, finding.root), (FindingKind::MissingRoot, Some(2)));
}

#[tokio::test]
async fn a_copy_of_the_store_is_enough_for_an_auditor() {
    let app = TestApp::street().await;
    let campus = audited(&app);
    let people = bank::people(&app).await;
    bank::post(&app, &people, 30).await;
    attestation::sign_next(&campus).await.unwrap();
    worker::run_available(&campus, &worker::handlers()).await.unwrap();
    let mail = app.mails().into_iter().find(|mail| mail.to == "auditor@example.org").unwrap();
    let copy = bank::copy(&app).await;
    let published = reqwest::get(format!("{}/.well-known/jwks.json", app.site())).await.unwrap().text().await.unwrap();
    let trusted = TrustedKeys::of_key_set(&published).unwrap();
    let archive = Archive::Folder(copy.clone());
    let expected = mail.text.split("--expect").nth(1).unwrap().trim().to_owned();
    let verified = verify_against(&campus.database, &archive, &trusted, Some(&expected), &mut |_, _| {}).await.unwrap();
    assert_eq!((verified.verified.root, verified.acknowledged), (Some(1), Vec::new()));
    std::fs::remove_dir_all(copy.join("attestation/heads")).unwrap();
    let missing = verify_against(&campus.database, &archive, &trusted, None, &mut |_, _| {}).await;
    assert!(matches!(missing, Err(Halt::Finding(finding)) if finding.kind == FindingKind::DamagedHeads));
}
