//! The ledger as an auditor reads it: as the owner, with every sum and every hash worked
//! out anew from the rows, by code that the application does not share.

use std::collections::HashMap;

use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tests::TestApp;
use tests::database::connect;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

/// A row of `credit_transfers`, every column of it.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    pub id: Uuid,
    pub unit: String,
    pub debit_account_id: Uuid,
    pub credit_account_id: Uuid,
    pub resident_id: Uuid,
    pub amount: i64,
    pub capped: i64,
    pub kind: String,
    pub source_kind: String,
    pub source_id: Uuid,
    pub source_label: String,
    pub rule_id: Uuid,
    pub evidence: String,
    pub note_id: Option<Uuid>,
    pub note_digest: Option<String>,
    pub actor_id: Option<Uuid>,
    pub batch_id: Uuid,
    pub place: i32,
    pub branch_id: Uuid,
    pub earned_at: String,
    pub earned_on: String,
    pub recorded_at: String,
    pub counted_month: String,
    pub reverses: Option<Uuid>,
    pub account_id: Uuid,
    pub account_version: i64,
    pub balance_after: i64,
    pub chain_hash: String,
}

#[derive(Debug, Deserialize)]
struct Account {
    id: Uuid,
    unit: String,
    kind: String,
    resident_id: Option<Uuid>,
    branch_id: Option<Uuid>,
    balance: Option<i64>,
    version: Option<i64>,
    head_hash: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Note {
    id: Uuid,
    salt: String,
    /// None: forgotten.
    body: Option<String>,
}

/// A connection as the owner.
pub struct Books {
    connection: AsyncPgConnection,
}

impl Books {
    pub async fn of(app: &TestApp) -> Self {
        Self { connection: connect(&app.owner_url()).await }
    }

    /// The only column of a query, each value as text.
    pub async fn ask(&mut self, query: &str) -> Vec<String> {
        let query = format!("SELECT value::text AS value FROM ({query}) AS asked(value)");
        let lines: Vec<Line> = diesel::sql_query(&query)
            .load(&mut self.connection)
            .await
            .unwrap_or_else(|error| panic!("{query}: {error}"));
        lines.into_iter().map(|line| line.value).collect()
    }

    /// The number that a query answers.
    pub async fn number(&mut self, query: &str) -> i64 {
        self.ask(query).await[0].parse().unwrap()
    }

    /// What the owner does behind the application's back.
    pub async fn execute(&mut self, statement: &str) {
        let done = diesel::sql_query(statement).execute(&mut self.connection).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// What even the owner may not do.
    pub async fn refuses(&mut self, statement: &str) {
        let done = diesel::sql_query(statement).execute(&mut self.connection).await;
        assert!(done.is_err(), "{statement} was done");
    }

    async fn table<T: DeserializeOwned>(&mut self, query: &str) -> Vec<T> {
        let rows = self.ask(query).await;
        rows.iter().map(|row| serde_json::from_str(row).unwrap_or_else(|error| panic!("{row}: {error}"))).collect()
    }

    /// A resident's transfers, in the order in which their accounts took them.
    pub async fn rows_of(&mut self, resident_id: Uuid) -> Vec<Row> {
        self.table(&format!(
            "SELECT to_jsonb(row) FROM credit_transfers AS row WHERE resident_id = '{resident_id}' \
             ORDER BY unit, account_version"
        ))
        .await
    }

    /// One of them, by its place.
    pub async fn row_at(&mut self, resident_id: Uuid, unit: &str, version: usize) -> Row {
        let query = format!(
            "SELECT to_jsonb(row) FROM credit_transfers AS row WHERE resident_id = '{resident_id}' AND unit = '{unit}' \
             AND account_version = {version}"
        );
        self.table(&query).await.remove(0)
    }

    /// Hundredths of a credit on a resident's account, 0 without one.
    pub async fn credits_of(&mut self, resident_id: Uuid) -> i64 {
        self.number(&format!(
            "SELECT coalesce(sum(balance), 0) FROM credit_accounts WHERE resident_id = '{resident_id}' AND unit = 'credit'"
        ))
        .await
    }

    /// Proves the whole ledger: every account's versions, balances and chain, and that all
    /// accounts together hold nothing.
    pub async fn prove(&mut self) {
        let accounts: Vec<Account> = self.table("SELECT to_jsonb(row) FROM credit_accounts AS row").await;
        let notes: Vec<Note> = self.table("SELECT to_jsonb(row) FROM credit_notes AS row").await;
        let rows: Vec<Row> =
            self.table("SELECT to_jsonb(row) FROM credit_transfers AS row ORDER BY account_id, account_version").await;
        let accounts: HashMap<Uuid, Account> = accounts.into_iter().map(|account| (account.id, account)).collect();
        let digests: HashMap<Uuid, Option<String>> = notes.iter().map(|note| (note.id, note.digest())).collect();
        let mut moved: HashMap<Uuid, i64> = HashMap::new();
        let mut of_account: HashMap<Uuid, Vec<&Row>> = HashMap::new();
        for row in &rows {
            assert!(row.amount > 0 && row.capped >= 0, "{row:?}");
            *moved.entry(row.credit_account_id).or_default() += row.amount;
            *moved.entry(row.debit_account_id).or_default() -= row.amount;
            of_account.entry(row.account_id).or_default().push(row);
            row.prove_sides(&accounts);
            assert_eq!(row.note_digest.is_some(), row.note_id.is_some(), "{row:?}");
            if let Some(digest) = row.note_id.and_then(|id| digests[&id].as_deref()) {
                assert_eq!(row.note_digest.as_deref().map(hexadecimal), Some(digest), "{row:?}");
            }
        }
        let mut total: HashMap<&str, i64> = HashMap::new();
        for account in accounts.values() {
            let sum = moved.get(&account.id).copied().unwrap_or(0);
            // A resident counts with the balance carried, the system with its transfers.
            *total.entry(&account.unit).or_default() += account.balance.unwrap_or(sum);
            if account.kind == "resident" {
                account.prove_chain(of_account.get(&account.id).map_or(&[], Vec::as_slice), sum);
            }
        }
        assert!(total.values().all(|sum| *sum == 0), "the accounts do not sum to zero: {total:?}");
    }
}

impl Account {
    fn prove_chain(&self, rows: &[&Row], sum: i64) {
        let resident = self.resident_id.unwrap();
        let mut head: [u8; 32] = Sha256::digest(format!("changqing|{}|{resident}", self.unit)).into();
        let (mut balance, mut spent) = (0, false);
        for (place, row) in rows.iter().enumerate() {
            assert_eq!(row.account_version, place as i64 + 1, "a gap in the versions of {resident}");
            balance += row.effect();
            assert_eq!(row.balance_after, balance, "{row:?}");
            let spends = ["hold", "expiry"].contains(&&*row.kind);
            spent |= spends;
            // Another record of the same person may have had what was spent.
            assert!(balance >= 0 || spent, "nothing was spent, yet the balance is below zero: {row:?}");
            head = Sha256::new().chain_update(head).chain_update(row.canonical()).finalize().into();
            assert_eq!(hexadecimal(&row.chain_hash), hex::encode(head), "{row:?}");
        }
        assert_eq!(self.version, Some(rows.len() as i64), "{self:?}");
        assert_eq!(self.balance, Some(balance), "{self:?}");
        assert_eq!(balance, sum, "{self:?}");
        assert_eq!(self.head_hash.as_deref().map(hexadecimal), Some(&*hex::encode(head)), "{self:?}");
    }
}

impl Note {
    fn digest(&self) -> Option<String> {
        let salt = hex::decode(hexadecimal(&self.salt)).unwrap();
        let body = self.body.as_ref()?;
        Some(hex::encode(Sha256::new().chain_update(salt).chain_update(body).finalize()))
    }
}

impl Row {
    /// What it changes about the resident's balance, as its kind says.
    fn effect(&self) -> i64 {
        match &*self.kind {
            // Of a reward that was taken back.
            "reversal" if self.credit_account_id == self.account_id => self.amount,
            "earning" | "award" | "recognition" | "release" => self.amount,
            "reversal" | "hold" | "expiry" => -self.amount,
            "redemption" => 0,
            other => panic!("a transfer of an unknown kind: {other}"),
        }
    }

    /// The kind says which accounts the amount moves between: the resident's and one of the branch's, or,
    /// of what was held and is handed over, two of the branch's.
    fn prove_sides(&self, accounts: &HashMap<Uuid, Account>) {
        let sides = [self.debit_account_id, self.credit_account_id].map(|id| &accounts[&id]);
        let kinds = match &*self.kind {
            "earning" | "award" => ["issuance", "resident"],
            "recognition" => ["recognition", "resident"],
            "reversal" if self.credit_account_id == self.account_id => ["redemption", "resident"],
            "reversal" => ["resident", "issuance"],
            "hold" => ["resident", "held"],
            "release" => ["held", "resident"],
            "redemption" => ["held", "redemption"],
            "expiry" => ["resident", "expiry"],
            other => panic!("a transfer of an unknown kind: {other}"),
        };
        assert_eq!(sides.map(|side| &*side.kind), kinds, "{self:?}");
        for side in sides.iter().filter(|side| side.kind == "resident") {
            assert_eq!((side.id, side.resident_id), (self.account_id, Some(self.resident_id)), "{self:?}");
        }
        for side in sides {
            assert_eq!(side.unit, self.unit, "{self:?}");
            assert!(side.kind == "resident" || side.branch_id == Some(self.branch_id), "{self:?}");
        }
        let settles = ["reversal", "release", "redemption"].contains(&&*self.kind);
        assert_eq!(settles, self.reverses.is_some(), "{self:?}");
    }

    /// What enters the chain: every column but the hash, absent ones as `-`.
    fn canonical(&self) -> String {
        let or_dash = |id: Option<Uuid>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let digest = self.note_digest.as_deref().map_or("-", hexadecimal).to_owned();
        let columns = [
            self.id.to_string(),
            self.unit.clone(),
            self.debit_account_id.to_string(),
            self.credit_account_id.to_string(),
            self.resident_id.to_string(),
            self.amount.to_string(),
            self.capped.to_string(),
            self.kind.clone(),
            self.source_kind.clone(),
            self.source_id.to_string(),
            self.source_label.replace('\\', "\\\\").replace('|', "\\|"),
            self.rule_id.to_string(),
            self.evidence.clone(),
            or_dash(self.note_id),
            digest,
            or_dash(self.actor_id),
            self.batch_id.to_string(),
            self.place.to_string(),
            self.branch_id.to_string(),
            microseconds(&self.earned_at),
            self.earned_on.clone(),
            microseconds(&self.recorded_at),
            self.counted_month[..7].to_owned(),
            or_dash(self.reverses),
            self.account_id.to_string(),
            self.account_version.to_string(),
            self.balance_after.to_string(),
        ];
        columns.join("|")
    }
}

fn microseconds(text: &str) -> String {
    (OffsetDateTime::parse(text, &Rfc3339).unwrap().unix_timestamp_nanos() / 1000).to_string()
}

/// PostgreSQL writes bytes as `\x…`.
fn hexadecimal(bytes: &str) -> &str {
    bytes.strip_prefix("\\x").unwrap()
}
