//! A long batch of awards while the API is killed in the middle of it.

use std::time::Duration;

use campus::branches::{self, NewBranch};
use campus::clock::Clock;
use campus::ids::new_id;
use campus::residents::{self, NewResident};
use rand::RngExt;
use serde_json::{Value, json};
use time::macros::date;
use uuid::Uuid;

use crate::Dice;
use crate::stand::{ADMIN, PASSWORD, Stand};

const PEOPLE: usize = 500;
const ROUNDS: usize = 12;

/// People without accounts, of a branch of their own.
async fn people(stand: &Stand) -> Vec<Uuid> {
    let campus = stand.campus();
    let connection = &mut *campus.database.connection().await.unwrap();
    let branch = branches::list(connection).await.unwrap()[0].id;
    let new = (0..PEOPLE).map(|number| NewResident {
        id: new_id(),
        name: format!("赵{}", char::from_u32(u32::try_from(0x4E00 + number).unwrap()).unwrap()),
        birth_date: date!(1956 - 03 - 02),
        gender: None,
        phone: None,
        id_number: None,
        groups: Vec::new(),
        branch_id: branch,
        registered_on: campus.clock.today(),
        origin: "roster",
    });
    let new: Vec<NewResident> = new.collect();
    assert_eq!(residents::record(&campus, connection, &new).await.unwrap().len(), PEOPLE);
    new.into_iter().map(|person| person.id).collect()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).pool_max_idle_per_host(0).build().unwrap()
}

async fn log_in(site: &str) -> String {
    let session = json!({"login": ADMIN, "password": PASSWORD});
    let answer = http().post(format!("{site}/api/v1/session")).json(&session).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    body["access_token"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

fn send(site: &str, token: &str, key: Uuid, body: &Value) -> reqwest::RequestBuilder {
    http()
        .post(format!("{site}/api/v1/credit-awards"))
        .bearer_auth(token)
        .header("idempotency-key", key.to_string())
        .json(body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_500_is_posted_whole_or_not_at_all() {
    let (stand, mut dice) = (Stand::new().await, Dice::new());
    let mut api = stand.start_api().await;
    let site = stand.sites[0].clone();
    let token = log_in(&site).await;
    let branch = NewBranch { code: "CX".to_owned(), name: "春晓".to_owned(), parent_id: None, population: None };
    let made = http().post(format!("{site}/api/v1/branches")).bearer_auth(&token).json(&branch).send().await.unwrap();
    assert!(made.status().is_success());
    let residents: Vec<Value> = people(&stand).await.into_iter().map(|id| json!({"id": id})).collect();
    let today = Clock::live("Asia/Shanghai").unwrap().today().to_string();
    let (mut whole, mut none) = (0, 0);
    for round in 0..ROUNDS {
        let reason = format!("第{round}次");
        let body = json!({
            "residents": residents, "unit": "credit", "amount": "1.00", "reason": reason, "earned_on": today,
        });
        let key = Uuid::new_v4();
        let asked = tokio::spawn(send(&site, &token, key, &body).send());
        tokio::time::sleep(Duration::from_millis(dice.0.random_range(5..250))).await;
        api.kill();
        // An answer, a broken line: either is fine, as long as the ledger has all of it or nothing.
        drop(asked.await.unwrap());
        api = stand.start_api().await;
        let rows = format!(
            "credit_transfers JOIN credit_notes ON credit_notes.id = credit_transfers.note_id WHERE body = '{reason}'"
        );
        match stand.count(&rows).await {
            0 => none += 1,
            500 => whole += 1,
            count => panic!("{count} of {PEOPLE} were posted in round {round}"),
        }
        // Sent again with its key, it is there once.
        let again = send(&site, &token, key, &body).send().await.unwrap();
        assert!(again.status().is_success(), "{}", again.text().await.unwrap());
        assert_eq!(stand.count(&rows).await, 500, "round {round}");
    }
    println!("killed in the middle of {ROUNDS} batches: {whole} were whole, {none} were not there");
    api.end();
}
