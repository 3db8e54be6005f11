//! A small ledger with a history, and hands that change it behind everybody's back.

use std::path::PathBuf;

use campus::attestation::{Archive, Halt, Signed, TrustedKeys, Verified, verify};
use campus::credits::{self, Outcome, Posting, PostingKind};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tests::database::connect;
use tests::{Person, TestApp};
use time::Duration;
use uuid::Uuid;

/// How many people have an account.
pub const PEOPLE: usize = 40;

/// People of two branches, by their ids.
pub async fn people(app: &TestApp) -> Vec<Uuid> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let person = Person { name: format!("学员{number}"), ..Person::default() };
        people.push(app.on_record(if number % 2 == 0 { "CX" } else { "WT" }, &person).await.id);
    }
    people
}

/// Posts `rows` transfers to these people in turn, of both units, awards and earnings, and takes one of
/// ten back.
pub async fn post(app: &TestApp, people: &[Uuid], rows: usize) {
    let people: Vec<String> = people.iter().map(|id| format!("'{id}'")).collect();
    let at = app.clock.now().unix_timestamp();
    let sql = format!(
        "SELECT post_transfers(jsonb_agg(jsonb_build_object('index', n, 'id', gen_random_uuid(), 'resident_id', r.id,
            'unit', CASE WHEN n / 40 % 3 = 0 THEN 'point' ELSE 'credit' END, 'amount', 50 + n,
            'kind', CASE WHEN n % 3 = 0 THEN 'award' ELSE 'earning' END, 'source_kind', 'course',
            'source_id', gen_random_uuid(), 'source_label', '书法|第\\' || n || '课',
            'rule_id', '019a3c00-0000-7000-8000-000000000002', 'rule_code', 'course', 'evidence', 'listed',
            'actor_id', CASE WHEN n % 2 = 0 THEN gen_random_uuid() END,
            'note_digest', CASE WHEN n % 3 = 0 THEN repeat('ab', 32) END,
            'batch_id', gen_random_uuid(), 'place', n, 'branch_id', r.branch_id, 'earned_at', to_timestamp({at}),
            'earned_on', '2026-11-20', 'caps', '[]'::jsonb) ORDER BY n), to_timestamp({at}), '2026-11-22')
         FROM generate_series(0, {rows} - 1) n
         JOIN residents r ON r.id = (ARRAY[{}]::uuid[])[1 + (n * 7) % {}];
         SELECT post_transfers(jsonb_agg(jsonb_build_object('index', 0, 'id', gen_random_uuid(), 'resident_id', resident_id,
            'unit', unit, 'amount', amount, 'kind', 'reversal', 'source_kind', source_kind, 'source_id', source_id,
            'source_label', source_label, 'rule_id', rule_id, 'rule_code', 'course', 'evidence', evidence,
            'batch_id', gen_random_uuid(), 'place', 0, 'branch_id', branch_id, 'earned_at', earned_at,
            'earned_on', earned_on, 'reverses', id, 'caps', '[]'::jsonb)), to_timestamp({at}), '2026-11-22')
         FROM credit_transfers WHERE kind <> 'reversal' AND amount % 10 = 3 AND recorded_at = to_timestamp({at});",
        people.join(", "),
        people.len()
    );
    connect(&app.owner_url()).await.batch_execute(&sql).await.unwrap();
}

/// A ledger that two roots have signed, an hour apart; the last was an hour ago.
pub async fn signed_ledger(app: &TestApp) -> Vec<Uuid> {
    let people = people(app).await;
    for rows in [200, 100] {
        post(app, &people, rows).await;
        campus::attestation::sign_next(&app.campus).await.unwrap();
        app.clock.advance(Duration::hours(1));
    }
    people
}

/// One holds points twice: the first time they are given back, the second time the reward is handed over,
/// and that is taken back. What is left then expires.
pub async fn spend(app: &TestApp) {
    let person = app.on_record("CX", &Person::default()).await.id;
    spend_as(app, person).await;
}

/// The same for somebody of the branch CX.
pub async fn spend_as(app: &TestApp, person: Uuid) {
    let branch = app.branch("CX").id;
    let connection = &mut *app.campus.database.connection().await.unwrap();
    let rule = credits::rule_of_redemptions(connection).await.unwrap();
    let posting = |kind, source_kind: &str, amount| Posting {
        resident_id: person,
        branch_id: branch,
        amount,
        kind,
        source_kind: source_kind.to_owned(),
        source_id: Uuid::new_v4(),
        source_label: "毛巾".to_owned(),
        rule: rule.clone(),
        evidence: "system".to_owned(),
        actor_id: None,
        earned_at: app.clock.now(),
        earned_on: app.clock.today(),
    };
    let mut put = async |posting: Posting| {
        let posted = credits::post(&mut *connection, &app.clock, &[posting]).await.unwrap().remove(0);
        assert_eq!(posted.outcome, Outcome::Posted);
        posted.id
    };
    put(posting(PostingKind::Earning, "course", 100)).await;
    let hold = put(posting(PostingKind::Hold, "reward", 30)).await;
    put(posting(PostingKind::Release(hold), "reward", 30)).await;
    let hold = put(posting(PostingKind::Hold, "reward", 30)).await;
    let handed_over = put(posting(PostingKind::Redemption(hold), "reward", 30)).await;
    put(posting(PostingKind::Reversal(handed_over), "reward", 30)).await;
    put(posting(PostingKind::Expiry, "month", 20)).await;
}

/// What is signed, read from the object store.
pub async fn signed(app: &TestApp) -> Signed {
    let keys = TrustedKeys::of_folder(&app.campus.config.signing_keys).unwrap();
    Archive::Store(app.campus.storage.clone()).signed(None, &keys).await.unwrap()
}

/// A copy of what the store has of roots and heads, as an auditor takes one.
pub async fn copy(app: &TestApp) -> PathBuf {
    let copy = app.folder().join("copy");
    for below in ["attestation/roots/", "attestation/heads/"] {
        std::fs::create_dir_all(copy.join(below)).unwrap();
        for object in app.campus.storage.objects(below, None).await.unwrap().0 {
            app.campus.storage.fetch(&object.key, &copy.join(&object.key)).await.unwrap();
        }
    }
    copy
}

/// A connection that no trigger and no foreign key holds back, with `rechain(account)`: versions,
/// balances, hashes and the account's head made anew, so that they fit what stands there.
pub async fn superuser(app: &TestApp) -> AsyncPgConnection {
    let mut connection = connect(&app.owner_url()).await;
    connection
        .batch_execute(
            "SET session_replication_role = replica;
             CREATE FUNCTION pg_temp.rechain(target uuid) RETURNS void LANGUAGE plpgsql AS $$
             DECLARE t credit_transfers; account credit_accounts; n bigint := 0; total bigint := 0; head bytea;
             BEGIN
                 SELECT * INTO account FROM credit_accounts WHERE id = target;
                 head := sha256(convert_to('changqing|' || account.unit || '|' || account.resident_id, 'UTF8'));
                 FOR t IN SELECT * FROM credit_transfers WHERE account_id = target ORDER BY account_version LOOP
                     n := n + 1;
                     total := total + CASE target WHEN t.credit_account_id THEN t.amount WHEN t.debit_account_id THEN -t.amount ELSE 0 END;
                     t.account_version := n;
                     t.balance_after := total;
                     head := sha256(head || convert_to(canonical_transfer(t), 'UTF8'));
                     UPDATE credit_transfers SET account_version = n, balance_after = total, chain_hash = head
                         WHERE id = t.id;
                 END LOOP;
                 UPDATE credit_accounts SET version = n, balance = total, head_hash = head WHERE id = target;
             END $$;",
        )
        .await
        .unwrap();
    connection
}

/// The whole ledger checked on this connection.
pub async fn check(connection: &mut AsyncPgConnection, signed: &Signed) -> Result<Verified, Halt> {
    verify(connection, signed, &mut |_, _| {}).await
}
