//! Answering for what does not fit, so that signing goes on and everybody sees it for good.

use campus::accounts;
use campus::attestation::{Acknowledging, Finding, acknowledge};
use diesel_async::SimpleAsyncConnection;

use super::*;

/// Acknowledges what keeps roots from being signed, which must go on then, with nothing else found.
async fn answer_for(app: &TestApp, finding: &Finding, reason: &str) -> i64 {
    let (campus, admin) = (audited(app), app.admin().await);
    let wrong = acknowledge(&campus, "backdated", reason).await.unwrap();
    assert!(matches!(&wrong, Acknowledging::NotFound(found) if found.contains(finding)), "{wrong:?}");
    let root = match acknowledge(&campus, &finding.to_string(), reason).await.unwrap() {
        Acknowledging::Signed(root) => root,
        other => panic!("{other:?}"),
    };
    assert!(root.is_checkpoint());
    app.clock.advance(Duration::hours(1));
    assert!(matches!(sign(app).await, Signing::Signed(next) if next.sequence == root.sequence + 1));
    let archive = Archive::Store(app.campus.storage.clone());
    let audited = verify_against(&app.campus.database, &archive, &keys(app), None, &mut |_, _| {}).await.unwrap();
    let seen = audited.acknowledged.last().unwrap();
    assert_eq!((seen.root, &seen.acknowledgement.finding), (root.sequence, finding));
    assert_eq!(seen.acknowledgement.reason, reason);
    let listed = admin.get("/ledger-roots?acknowledging=true").await.expect(200);
    assert_eq!(
        (&listed["items"][0]["sequence"], listed["items"].as_array().unwrap().len()),
        (&json!(root.sequence), 1)
    );
    assert_eq!(listed["items"][0]["acknowledges"]["reason"], reason);
    assert_eq!(listed["items"][0]["acknowledges"]["finding"]["kind"], finding.kind.as_str());
    let again = acknowledge(&campus, &finding.to_string(), reason).await.unwrap();
    assert_eq!(again, Acknowledging::NotFound(Vec::new()), "nothing is left to answer for");
    root.sequence
}

#[tokio::test]
async fn what_a_clock_that_was_ahead_has_signed_is_answered_for() {
    let app = TestApp::street().await;
    let people = bank::signed_ledger(&app).await;
    let archive = Archive::Store(app.campus.storage.clone());
    // Booted a day ahead, a root is signed, the clock is put right, and people go on learning.
    app.clock.advance(Duration::days(1));
    sign(&app).await;
    app.clock.advance(-Duration::hours(23));
    bank::post(&app, &people, 40).await;
    let ahead = Finding { root: Some(3), ..overdue() };
    let found = acknowledge(&app.campus, "nothing", "x").await.unwrap();
    assert!(matches!(found, Acknowledging::NotFound(found) if found.contains(&ahead)), "it need not wait for a day");
    app.clock.advance(Duration::days(1));
    let finding = finding_of(&app).await;
    assert_eq!(finding.kind, FindingKind::Backdated);
    assert_eq!(answer_for(&app, &finding, "机器的时钟快了一天").await, 4);
    worker::run_available(&audited(&app), &worker::handlers()).await.unwrap();
    let mails = app.mails();
    let told: Vec<_> = mails.iter().filter(|mail| mail.text.contains("机器的时钟快了一天")).collect();
    assert!(told.len() > 1 && told.iter().any(|mail| mail.to == "auditor@example.org"), "{mails:?}");
    let entries = app.admin().await.get("/audit-entries?action=ledger.acknowledged").await.expect(200);
    assert_eq!(entries["items"][0]["detail"]["root"], 4);
    // Whatever is changed after that is found as before.
    let mut connection = bank::superuser(&app).await;
    let change = "UPDATE credit_transfers SET evidence = 'scanned' WHERE account_version = 1;
        SELECT pg_temp.rechain(id) FROM credit_accounts WHERE kind = 'resident'";
    connection.batch_execute(change).await.unwrap();
    let found = verify_against(&app.campus.database, &archive, &keys(&app), None, &mut |_, _| {}).await;
    assert!(matches!(found, Err(Halt::Finding(finding)) if finding.kind == FindingKind::RewrittenChain));
}

fn overdue() -> Finding {
    serde_json::from_value(json!({"kind": "overdue_root"})).unwrap()
}

#[tokio::test]
async fn a_restored_database_goes_on_behind_the_roots_that_it_does_not_know() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let mut connection = bank::superuser(&app).await;
    connection.batch_execute("DELETE FROM ledger_roots WHERE sequence = 2").await.unwrap();
    let finding = finding_of(&app).await;
    assert_eq!((finding.kind, finding.root), (FindingKind::MissingRoot, Some(2)));
    assert_eq!(answer_for(&app, &finding, "从备份恢复").await, 3);
    assert_eq!(Books::of(&app).await.number("SELECT count(*) FROM ledger_roots").await, 4);
}

#[tokio::test]
async fn a_store_that_has_lost_roots_is_given_them_back() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    app.campus.storage.delete("attestation/roots/0000000001.jws").await.unwrap();
    let finding = finding_of(&app).await;
    assert_eq!((finding.kind, finding.root), (FindingKind::MissingRoot, Some(1)));
    answer_for(&app, &finding, "存储换过一次").await;
    // Something else in the place of the newest.
    app.campus.storage.put("attestation/roots/0000000004.jws", b"e30.e30.e30", "application/jose").await.unwrap();
    let finding = finding_of(&app).await;
    assert_eq!((finding.kind, finding.root), (FindingKind::ForgedRoot, Some(4)));
    let campus = audited(&app);
    let done = acknowledge(&campus, &finding.to_string(), "存储里的文件被换过").await.unwrap();
    assert!(matches!(done, Acknowledging::Signed(root) if root.sequence == 5));
    let archive = Archive::Store(app.campus.storage.clone());
    let audited = verify_against(&app.campus.database, &archive, &keys(&app), None, &mut |_, _| {}).await.unwrap();
    assert_eq!(audited.acknowledged.len(), 2, "each stays for good");
}

#[tokio::test]
async fn a_root_of_a_key_that_was_taken_away_names_it_and_is_answered_for() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let folder = app.config().signing_keys;
    let (old, _) = accounts::newest_signing_key(&folder).unwrap();
    std::fs::remove_file(folder.join("0001.pem")).unwrap();
    accounts::make_key(&folder).unwrap();
    let finding = finding_of(&app).await;
    assert_eq!((finding.kind, finding.root, finding.key.as_ref()), (FindingKind::ForgedRoot, Some(2), Some(&old)));
    answer_for(&app, &finding, "旧密钥被偷，已经停用").await;
}

#[tokio::test]
async fn rows_that_are_at_odds_with_themselves_are_mended_by_no_signature() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let mut connection = bank::superuser(&app).await;
    connection.batch_execute("DELETE FROM ledger_roots WHERE sequence = 2").await.unwrap();
    let change = "UPDATE credit_transfers SET amount = amount + 1 WHERE account_version = 1";
    connection.batch_execute(change).await.unwrap();
    let refused = acknowledge(&app.campus, "missing_root root=2", "从备份恢复").await;
    assert!(matches!(refused, Err(Halt::Finding(finding)) if finding.kind == FindingKind::ChangedRow));
    let empty = acknowledge(&app.campus, "missing_root root=2", "  ").await;
    assert!(matches!(empty, Err(Halt::Error(_))));
    assert_eq!(Books::of(&app).await.number("SELECT max(sequence) FROM ledger_roots").await, 1);
}
