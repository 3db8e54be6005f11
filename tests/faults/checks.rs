//! What must hold when all is over.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use uuid::Uuid;

use crate::load::Written;
use crate::stand::{PATIENCE, Stand};

/// What was acknowledged is there, once; nothing else is; and the ledger adds up.
pub async fn everything_adds_up(stand: &Stand, written: &Written) {
    let counted = async |what: &str| usize::try_from(stand.count(what).await).unwrap();
    // Eight were registered before.
    assert_eq!(counted("residents").await, written.residents.len() + 8, "residents");
    assert_eq!(counted("accounts WHERE role = 'resident'").await, written.residents.len() + 8, "accounts");
    for (id, number) in &written.residents {
        let known = format!("residents WHERE id = '{id}' AND learner_number = '{number}'");
        assert_eq!(counted(&known).await, 1, "resident {number}");
    }
    let distinct: HashSet<Uuid> = written.batches.iter().map(|(batch, _)| *batch).collect();
    assert_eq!(distinct.len(), written.batches.len(), "two awards were answered with one batch");
    let batches = "(SELECT DISTINCT batch_id FROM credit_transfers WHERE kind = 'award') AS batches";
    assert_eq!(counted(batches).await, written.batches.len(), "batches");
    for (batch, people) in &written.batches {
        let rows = format!("credit_transfers WHERE kind = 'award' AND batch_id = '{batch}'");
        assert_eq!(counted(&rows).await, *people, "batch {batch}");
    }
    let reversals = counted("credit_transfers WHERE kind = 'reversal'").await;
    assert_eq!(reversals, written.reversed.len() * 3, "reversals");
    for batch in &written.reversed {
        let left = format!(
            "credit_transfers AS award WHERE batch_id = '{batch}' \
             AND NOT EXISTS (SELECT FROM credit_transfers AS back WHERE back.reverses = award.id)"
        );
        assert_eq!(counted(&left).await, 0, "batch {batch} is not wholly taken back");
    }
    balances_are_sums(stand).await;
    chains_hold(stand).await;
    watching_adds_up(stand, written).await;
}

async fn balances_are_sums(stand: &Stand) {
    let wrong = stand
        .count(
            "credit_accounts AS account, LATERAL ( \
                SELECT coalesce(sum(CASE WHEN credit_account_id = account.id THEN amount ELSE -amount END), 0) AS total, \
                    count(*) AS rows FROM credit_transfers WHERE account_id = account.id) AS sums \
             WHERE kind = 'resident' AND (balance <> total OR version <> rows)",
        )
        .await;
    assert_eq!(wrong, 0, "balances that are not the sum of their transfers");
    let gaps = stand
        .count(
            "(SELECT account_version, row_number() OVER (PARTITION BY account_id ORDER BY account_version) AS place \
              FROM credit_transfers) AS numbered WHERE account_version <> place",
        )
        .await;
    assert_eq!(gaps, 0, "gaps in an account's versions");
}

async fn chains_hold(stand: &Stand) {
    let wrong = stand
        .count(
            "(SELECT chain_hash, sha256(coalesce( \
                  lag(chain_hash) OVER (PARTITION BY account_id ORDER BY account_version), \
                  sha256(convert_to('changqing|' || unit || '|' || resident_id, 'UTF8'))) \
                  || convert_to(canonical_transfer(credit_transfers), 'UTF8')) AS expected \
              FROM credit_transfers) AS chain WHERE chain_hash <> expected",
        )
        .await;
    assert_eq!(wrong, 0, "broken chains");
    let heads = stand
        .count(
            "credit_accounts AS account JOIN credit_transfers AS last \
                ON last.account_id = account.id AND last.account_version = account.version \
             WHERE account.head_hash <> last.chain_hash",
        )
        .await;
    assert_eq!(heads, 0, "accounts whose head is not that of their chain");
}

async fn watching_adds_up(stand: &Stand, written: &Written) {
    for (resident, seconds) in &written.watched {
        let lost =
            format!("lesson_progress WHERE resident_id = '{resident}' AND watched_ms < {} - 1", seconds * 1000.0);
        assert_eq!(stand.count(&lost).await, 0, "acknowledged seconds are lost");
    }
    let wrong = stand
        .count(
            "lesson_progress AS progress WHERE watched_ms <> ( \
                SELECT coalesce(sum(upper(range) - lower(range)), 0) FROM unnest(watched) AS range) \
             OR watched_ms IS DISTINCT FROM (SELECT sum(watched_ms) FROM learning_days WHERE resident_id = progress.resident_id)",
        )
        .await;
    assert_eq!(wrong, 0, "watched time that is not the sum of its ranges, or not that of its days");
}

/// Every queued mail is sent, none is given up; one that a crash made come twice carries the
/// same Message-ID, by which mail programs show it once.
pub async fn every_mail_arrives(stand: &Stand, mails: &[Uuid]) -> usize {
    let began = Instant::now();
    while stand.count("jobs WHERE state <> 'done'").await > 0 {
        assert_eq!(stand.count("jobs WHERE state = 'dead'").await, 0, "a job died");
        assert!(began.elapsed() < PATIENCE * 2, "jobs are left: {}", stand.log("worker"));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stand.count("mail_deliveries WHERE sent_at IS NULL").await, 0, "mails noted as unsent");
    let mut arrived: HashMap<String, u32> = HashMap::new();
    let entries = std::fs::read_dir(&stand.mailbox).unwrap().map(|entry| entry.unwrap().path());
    for path in entries.filter(|path| path.extension().is_some_and(|extension| extension == "eml")) {
        // What a kill cut off has not come into the mailbox.
        let mail = std::fs::read(&path).unwrap();
        let mail = MessageParser::default().parse(&mail).expect("a mail is whole");
        *arrived.entry(mail.message_id().expect("a mail has an id").to_owned()).or_default() += 1;
    }
    let wanted: HashSet<String> = mails.iter().map(|id| format!("{id}@changqing.example")).collect();
    let found: HashSet<String> = arrived.keys().cloned().collect();
    assert_eq!(found, wanted);
    let twice = arrived.values().filter(|count| **count > 1).count();
    println!("{} mails arrived, {twice} of them twice with the same Message-ID", wanted.len());
    twice
}
