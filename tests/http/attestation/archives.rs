//! What an archive must have, so that nobody is told that all fits where nothing was compared.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use campus::Campus;
use campus::attestation::{self, Archive, FindingKind, Halt, Signing, verify_against};
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};
use tests::TestApp;
use time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{audited, bank, finding_of, keys, sign};
use crate::books::Books;

async fn verify_with(app: &TestApp, archive: &Archive) -> Result<Option<i64>, Halt> {
    let audited = verify_against(&app.campus.database, archive, &keys(app), None, &mut |_, _| {}).await?;
    Ok(audited.verified.root)
}

fn is_kind(found: &Result<Option<i64>, Halt>, kind: FindingKind) -> bool {
    matches!(found, Err(Halt::Finding(finding)) if finding.kind == kind)
}

fn remove(path: &Path, name: &str) {
    std::fs::remove_file(path.join("attestation/roots").join(name)).unwrap();
}

#[tokio::test]
async fn a_copy_that_is_not_there_or_empty_vouches_for_nothing() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let nowhere = Archive::Folder(app.folder().join("mistyped"));
    assert!(matches!(verify_with(&app, &nowhere).await, Err(Halt::Error(_))), "it could not look");
    let copy = bank::copy(&app).await;
    let archive = Archive::Folder(copy.clone());
    assert_eq!(verify_with(&app, &archive).await.unwrap(), Some(2));
    remove(&copy, "0000000002.jws");
    assert_eq!(verify_with(&app, &archive).await.unwrap(), Some(1), "an older copy");
    let mut connection = bank::superuser(&app).await;
    let change = "UPDATE ledger_roots SET hash = sha256(hash) WHERE sequence = 1";
    connection.batch_execute(change).await.unwrap();
    assert!(is_kind(&verify_with(&app, &archive).await, FindingKind::ForgedRoot));
    connection.batch_execute("DELETE FROM ledger_roots WHERE sequence = 1").await.unwrap();
    assert!(is_kind(&verify_with(&app, &archive).await, FindingKind::MissingRoot));
    remove(&copy, "0000000001.jws");
    assert!(is_kind(&verify_with(&app, &archive).await, FindingKind::MissingRoot));
}

#[tokio::test]
async fn a_store_without_the_newest_roots_is_found() {
    let app = TestApp::street().await;
    let people = bank::people(&app).await;
    bank::post(&app, &people, 40).await;
    let archive = Archive::Store(app.campus.storage.clone());
    assert!(is_kind(&verify_with(&app, &archive).await, FindingKind::MissingRoot), "nobody has signed anything");
    sign(&app).await;
    app.clock.advance(Duration::hours(1));
    sign(&app).await;
    assert_eq!(verify_with(&app, &archive).await.unwrap(), Some(2));
    for name in ["0000000002", "0000000001"] {
        app.campus.storage.delete(&format!("attestation/roots/{name}.jws")).await.unwrap();
        assert!(is_kind(&verify_with(&app, &archive).await, FindingKind::MissingRoot));
    }
}

#[tokio::test]
async fn a_row_cannot_have_the_worker_write_elsewhere_in_the_store() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let mut connection = bank::superuser(&app).await;
    let poisoned = "attestation/roots/0000000009.jws";
    let size = async || app.campus.storage.size(poisoned).await.unwrap();
    let change = format!("UPDATE ledger_roots SET object_key = '{poisoned}' WHERE sequence = 2");
    connection.batch_execute(&change).await.unwrap();
    sign(&app).await;
    assert_eq!(size().await, None);
    // An old root as if it were the newest.
    let change = format!(
        "UPDATE ledger_roots SET object_key = sequence::text WHERE sequence < 9;
         INSERT INTO ledger_roots SELECT 9, signed_at, sha256(hash), signed, units, true, '{poisoned}', 'heads'
             FROM ledger_roots WHERE sequence = 1"
    );
    connection.batch_execute(&change).await.unwrap();
    finding_of(&app).await;
    assert_eq!(size().await, None);
}

/// A way to the store on which another process signs a root just before the first listing gets there.
async fn overtaken(app: &TestApp) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (store, other) = (app.config().storage.endpoint.replace("http://", ""), app.campus.clone());
    let is_signed = Arc::new(AtomicBool::new(false));
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(&store).await.unwrap();
            let (other, is_signed) = (other.clone(), Arc::clone(&is_signed));
            let ((mut asked, mut answered), (mut answers, mut asks)) = (near.into_split(), far.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut answers, &mut answered).await });
            tokio::spawn(async move {
                let mut piece = [0; 16384];
                while let Ok(length @ 1..) = asked.read(&mut piece).await {
                    let is_listing = piece[..length].windows(9).any(|part| part == b"list-type");
                    if is_listing && !is_signed.swap(true, Ordering::SeqCst) {
                        assert!(matches!(attestation::sign_next(&other).await.unwrap(), Signing::Signed(_)));
                    }
                    asks.write_all(&piece[..length]).await.unwrap();
                }
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn a_root_that_another_signs_meanwhile_is_no_finding() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let mut config = app.config();
    config.storage.endpoint = overtaken(&app).await;
    let campus = Campus::new(config, app.clock.clone()).unwrap();
    let signing = attestation::sign_next(&campus).await.unwrap();
    assert!(matches!(&signing, Signing::Signed(root) if root.sequence == 4), "{signing:?}");
}

#[tokio::test]
async fn what_is_found_after_a_check_was_given_up_is_told_all_the_same() {
    let app = TestApp::street().await;
    bank::signed_ledger(&app).await;
    let (admin, campus) = (app.admin().await, audited(&app));
    let id = admin.post("/ledger-audits", &Value::Null).await.expect(202)["id"].clone();
    let audit = worker::handlers().find("audit_ledger").unwrap();
    audit.gave_up(&campus, &json!({"audit_id": id})).await.unwrap();
    let told = |word: &str| {
        app.mails().iter().filter(|mail| mail.to == "auditor@example.org" && mail.text.contains(word)).count()
    };
    let send = async || drop(worker::run_available(&campus, &worker::handlers()).await.unwrap());
    let mut connection = bank::superuser(&app).await;
    connection
        .batch_execute("UPDATE credit_transfers SET amount = amount + 1 WHERE account_version = 1")
        .await
        .unwrap();
    send().await;
    assert_eq!((told("没有做完"), told("changed_row")), (1, 1));
    let listed = admin.get("/ledger-audits").await.expect(200);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["status"]), (&id, &json!("failed")));
    audit.run(&campus, &json!({"audit_id": id})).await.unwrap();
    audit.gave_up(&campus, &json!({"audit_id": id})).await.unwrap();
    send().await;
    assert_eq!((told("没有做完"), told("changed_row")), (1, 1), "nothing takes it back, and it is told once");
}

#[tokio::test]
async fn what_is_new_is_looked_up_and_the_ledger_not_gone_through() {
    let app = TestApp::street().await;
    let people = bank::people(&app).await;
    for _ in 0..20 {
        bank::post(&app, &people, 200).await;
    }
    sign(&app).await;
    app.clock.advance(Duration::hours(1));
    bank::post(&app, &people[..3], 3).await;
    let mut books = Books::of(&app).await;
    books.execute("ANALYZE").await;
    let mut scans = async |column: &str| {
        books.execute("SELECT pg_stat_force_next_flush()").await;
        let counter = format!("SELECT {column} FROM pg_stat_user_tables WHERE relname = 'credit_transfers'");
        books.number(&counter).await
    };
    let (whole, by_place) = (scans("seq_scan").await, scans("idx_scan").await);
    let campus = Campus::new(app.config(), app.clock.clone()).unwrap();
    assert!(matches!(attestation::sign_next(&campus).await.unwrap(), Signing::Signed(_)));
    // What a connection has counted is told when it ends.
    drop(campus);
    let told = async { while scans("idx_scan").await == by_place && scans("seq_scan").await == whole {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), told).await.unwrap();
    assert_eq!(scans("seq_scan").await, whole);
}
