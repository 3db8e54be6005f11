//! A thousand changes of signed rows by somebody who owns the database and makes the chain anew behind
//! each: all are found.

use campus::attestation::Halt;
use diesel_async::SimpleAsyncConnection;
use tests::TestApp;

use super::bank;

/// What is done to an account `$A` with at least two rows, at a row of it; `$O` is another account of the
/// same unit. `$N` is a number drawn anew each time.
const DEEDS: [&str; 20] = [
    // More, and everything behind it made to fit.
    "UPDATE credit_transfers SET amount = amount + 1 + $N % 500 WHERE id = $ROW; SELECT pg_temp.rechain($A)",
    // The same without a new chain.
    "UPDATE credit_transfers SET amount = amount + 1 WHERE id = $ROW",
    // Something else about a row.
    "UPDATE credit_transfers SET source_label = source_label || 'x' WHERE id = $ROW; SELECT pg_temp.rechain($A)",
    "UPDATE credit_transfers SET earned_on = earned_on - 1 WHERE id = $ROW; SELECT pg_temp.rechain($A)",
    "UPDATE credit_transfers SET evidence = 'scanned' WHERE id = $ROW; SELECT pg_temp.rechain($A)",
    "UPDATE credit_transfers SET actor_id = gen_random_uuid() WHERE id = $ROW; SELECT pg_temp.rechain($A)",
    // An award turned into its taking back.
    "UPDATE credit_transfers SET debit_account_id = credit_account_id, credit_account_id = debit_account_id
         WHERE id = $ROW; SELECT pg_temp.rechain($A)",
    // The tail removed: the last row, or several.
    "DELETE FROM credit_transfers t USING credit_accounts a WHERE t.account_id = $A AND a.id = $A
         AND t.account_version > a.version - 1 - $N % (a.version - 1); SELECT pg_temp.rechain($A)",
    // One taken from between.
    "DELETE FROM credit_transfers WHERE id = $ROW; SELECT pg_temp.rechain($A)",
    // A pair swapped.
    "UPDATE credit_transfers SET account_version = -account_version WHERE account_id = $A AND account_version < 3;
     UPDATE credit_transfers SET account_version = 3 + account_version WHERE account_id = $A AND account_version < 0;
     SELECT pg_temp.rechain($A)",
    // The account deleted, with its rows and without.
    "DELETE FROM credit_transfers WHERE account_id = $A; DELETE FROM credit_accounts WHERE id = $A",
    "DELETE FROM credit_accounts WHERE id = $A",
    // A balance changed alone.
    "UPDATE credit_accounts SET balance = balance + 1 + $N % 1000 WHERE id = $A",
    // The rows of two people exchanged.
    "UPDATE credit_accounts SET resident_id = gen_random_uuid() WHERE id = $A;
     UPDATE credit_transfers t SET resident_id = a.resident_id FROM credit_accounts a WHERE a.id = $A AND t.account_id = $A;
     SELECT pg_temp.rechain($A)",
    // An account added, with rows that claim to be older than the root.
    "INSERT INTO credit_accounts (id, unit, kind, resident_id, balance, version, head_hash)
         SELECT $NEW, unit, kind, $NEW, 0, 0, '' FROM credit_accounts WHERE id = $A;
     INSERT INTO credit_transfers SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(),
         'batch_id', gen_random_uuid(), 'source_id', gen_random_uuid(), 'reverses', NULL, 'recorded_at', t.recorded_at - interval '1 hour', 'account_id', $NEW,
         'resident_id', $NEW, 'debit_account_id', CASE t.debit_account_id WHEN $A THEN $NEW ELSE t.debit_account_id END,
         'credit_account_id', CASE t.credit_account_id WHEN $A THEN $NEW ELSE t.credit_account_id END))).*
         FROM credit_transfers t WHERE account_id = $A;
     SELECT pg_temp.rechain($NEW)",
    // A row added to a chain, dated back.
    "INSERT INTO credit_transfers SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(),
         'batch_id', gen_random_uuid(), 'source_id', gen_random_uuid(), 'reverses', NULL, 'recorded_at', t.recorded_at - interval '1 hour', 'account_version', 1000000))).*
         FROM credit_transfers t WHERE t.id = $ROW;
     SELECT pg_temp.rechain($A)",
    // A system account turned into one of another kind, of another branch, or of none.
    "UPDATE credit_accounts SET kind = 'recognition' WHERE kind = 'issuance'
         AND id IN (SELECT unnest(ARRAY[debit_account_id, credit_account_id]) FROM credit_transfers WHERE account_id = $A)",
    "UPDATE credit_accounts SET branch_id = NULL WHERE kind <> 'resident'
         AND id IN (SELECT unnest(ARRAY[debit_account_id, credit_account_id]) FROM credit_transfers WHERE id = $ROW)",
    // What is held taken for what is spent.
    "UPDATE credit_accounts SET kind = 'recognition' WHERE kind = 'held';
     UPDATE credit_accounts SET kind = 'held' WHERE kind = 'redemption';
     UPDATE credit_accounts SET kind = 'redemption' WHERE kind = 'recognition'",
    // What has expired taken for what is held.
    "UPDATE credit_accounts SET kind = 'recognition' WHERE kind = 'expiry';
     UPDATE credit_accounts SET kind = 'expiry' WHERE kind = 'held';
     UPDATE credit_accounts SET kind = 'held' WHERE kind = 'recognition'",
];

/// A deed with a number of its own, as a block that chooses account and row by it.
fn statement(deed: &str, seed: usize) -> String {
    let deed = deed
        .replace("$NEW", "newcomer")
        .replace("$ROW", "chosen_row")
        .replace("$A", "chosen")
        .replace("$N", &(seed / DEEDS.len()).to_string())
        .replace("SELECT pg_temp", "PERFORM pg_temp");
    format!(
        "DO $do$ DECLARE chosen uuid; chosen_row uuid; newcomer uuid := gen_random_uuid(); BEGIN
             SELECT id INTO chosen FROM credit_accounts WHERE kind = 'resident' AND version > 1
                 ORDER BY md5(id::text || {seed}) LIMIT 1;
             SELECT id INTO chosen_row FROM credit_transfers WHERE account_id = chosen
                 ORDER BY md5(id::text || {seed}) LIMIT 1;
             {deed};
         END $do$"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_changes_of_signed_rows_are_found() {
    let app = TestApp::street().await;
    bank::spend(&app).await;
    bank::signed_ledger(&app).await;
    let signed = bank::signed(&app).await;
    let mut connection = bank::superuser(&app).await;
    let whole = bank::check(&mut connection, &signed).await.unwrap();
    assert!(whole.transfers > 300 && whole.accounts > 60 && whole.root == Some(2), "{whole:?}");
    let (mut found, mut kinds) = (0, std::collections::BTreeMap::new());
    for seed in 0..1000 {
        connection.batch_execute("BEGIN").await.unwrap();
        let deed = DEEDS[seed % DEEDS.len()];
        let statement = statement(deed, seed);
        connection.batch_execute(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
        match bank::check(&mut connection, &signed).await {
            Err(Halt::Finding(finding)) => {
                assert!(finding.account_id.is_some(), "{deed}: {finding}");
                *kinds.entry(finding.kind.as_str()).or_insert(0) += 1;
                found += 1;
            }
            other => panic!("not found: {other:?} after {statement}"),
        }
        connection.batch_execute("ROLLBACK").await.unwrap();
    }
    assert_eq!(found, 1000);
    for kind in ["changed_row", "rewritten_chain", "removed_tail", "missing_account", "backdated"] {
        assert!(kinds.contains_key(kind), "{kinds:?}");
    }
    bank::check(&mut connection, &signed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_younger_than_the_last_root_is_known_by_its_chain_alone() {
    let app = TestApp::street().await;
    let people = bank::signed_ledger(&app).await;
    bank::post(&app, &people, 50).await;
    let signed = bank::signed(&app).await;
    let mut connection = bank::superuser(&app).await;
    bank::check(&mut connection, &signed).await.unwrap();
    let newest = "(SELECT id FROM credit_transfers ORDER BY recorded_at DESC, id LIMIT 1)";
    let change = format!("BEGIN; UPDATE credit_transfers SET amount = amount + 1 WHERE id = {newest}");
    connection.batch_execute(&change).await.unwrap();
    assert!(matches!(bank::check(&mut connection, &signed).await, Err(Halt::Finding(_))));
    // With its chain made anew nobody can tell, until a root is signed over it: the README says so.
    let rechain = format!("SELECT pg_temp.rechain((SELECT account_id FROM credit_transfers WHERE id = {newest}))");
    connection.batch_execute(&rechain).await.unwrap();
    bank::check(&mut connection, &signed).await.unwrap();
    connection.batch_execute("ROLLBACK").await.unwrap();
}
