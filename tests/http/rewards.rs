//! Rewards: points and stock are held together, handed over once, and never oversold.

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp, id_of};
use time::Duration;
use time::macros::datetime;
use uuid::Uuid;

use crate::books::Books;
use crate::spending::Spending;

async fn give(admin: &Client, resident: Uuid, points: i64) {
    let award = json!({"residents": [{"id": resident}], "unit": "point", "amount": points.to_string(),
        "reason": "清洁日", "earned_on": "2026-11-20"});
    let _ = admin.post("/credit-awards", &award).await.expect(201);
}

async fn offer(admin: &Client, price: i64, stock: i32, per_person: Option<i32>) -> Uuid {
    let reward =
        json!({"title": "毛巾", "description": "纯棉的", "price": price, "stock": stock, "per_person": per_person});
    id_of(&admin.post("/rewards", &reward).await.expect(201))
}

async fn choose(who: &Client, reward: Uuid) -> Answer {
    who.post(&format!("/rewards/{reward}/redemptions"), &json!({})).await
}

async fn points(who: &Client) -> i64 {
    who.get("/me/credit-account").await.expect(200)["points"].as_i64().unwrap()
}

async fn stock(app: &TestApp, reward: Uuid) -> i64 {
    let rewards = app.anonymous().get("/rewards").await.expect(200);
    let known = rewards["items"].as_array().unwrap().iter().find(|each| each["id"] == json!(reward)).unwrap().clone();
    known["stock"].as_i64().unwrap()
}

fn path(redemption: &Value, what: &str) -> String {
    format!("/redemptions/{}/{what}", redemption["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reward_is_chosen_and_handed_over_to_whoever_shows_the_code() {
    let app = TestApp::street().await;
    let (admin, staff, who) = (app.admin().await, app.staff("CX").await, app.resident("CX").await);
    give(&admin, who.resident_id.unwrap(), 80).await;
    let reward = offer(&admin, 30, 5, None).await;
    let chosen = choose(&who, reward).await.expect(201);
    assert_eq!((&chosen["status"], &chosen["held_until"]), (&json!("held"), &json!("2026-12-06")));
    assert_eq!((points(&who).await, stock(&app, reward).await), (50, 4));
    // Staff see who waits, and not the code.
    let waiting = staff.get("/redemptions?status=held").await.expect(200);
    assert_eq!((&waiting["items"][0]["id"], &waiting["items"][0]["code"]), (&chosen["id"], &Value::Null));
    assert_eq!(waiting["items"][0]["holder"]["id"], json!(who.resident_id.unwrap()));
    assert_eq!(app.staff("WT").await.get("/redemptions").await.expect(200)["items"], json!([]));
    let hand_over = path(&chosen, "hand-over");
    for wrong in [json!({"code": "12345"}), json!({}), json!({"code": null})] {
        let fields = staff.post(&hand_over, &wrong).await.expect_fields();
        assert_eq!(fields, [("code".to_owned(), "hand_over_code_wrong".to_owned())], "{wrong}");
    }
    let code = json!({"code": chosen["code"]});
    let handed = staff.post(&hand_over, &code).await.expect(200);
    assert_eq!((&handed["status"], &handed["code"]), (&json!("handed_over"), &Value::Null));
    let cancelled = format!("/me{}", path(&chosen, "cancellation"));
    who.post(&cancelled, &json!({})).await.expect_problem(409, "redemption_settled");
    assert_eq!((points(&who).await, stock(&app, reward).await), (50, 4));
    let rows = who.get("/me/credit-account/transfers").await.expect(200);
    let words: Vec<&str> =
        rows["items"].as_array().unwrap().iter().map(|row| row["explanation"].as_str().unwrap()).collect();
    assert_eq!(words[..2], ["11月22日 已领取《毛巾》，用去 30 积分", "11月22日 兑换《毛巾》 −30 积分（等待领取）"]);
    let exported = who.get("/me/export").await.expect(200);
    assert_eq!(exported["redemptions"][0]["status"], "handed_over");
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_card_says_whose_a_reward_is() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let (who, other) = (app.resident("CX").await, app.resident("CX").await);
    give(&admin, who.resident_id.unwrap(), 30).await;
    let chosen = choose(&who, offer(&admin, 30, 5, None).await).await.expect(201);
    let card = async |of: &Client| {
        let issued = admin.post(&format!("/residents/{}/learner-cards", of.resident_id.unwrap()), &json!({})).await;
        issued.expect(201)["code"].as_str().unwrap().to_owned()
    };
    let (own, others) = (card(&who).await, card(&other).await);
    let found = staff.post("/redemptions/by-card", &json!({"card": own})).await.expect(200);
    assert_eq!(found["items"][0]["id"], chosen["id"]);
    assert_eq!(staff.post("/redemptions/by-card", &json!({"card": others})).await.expect(200)["items"], json!([]));
    let hand_over = path(&chosen, "hand-over");
    let refused = [("card".to_owned(), "hand_over_card_wrong".to_owned())];
    assert_eq!(staff.post(&hand_over, &json!({"card": others})).await.expect_fields(), refused);
    assert_eq!(staff.post("/redemptions/by-card", &json!({"card": "nothing"})).await.expect_fields(), refused);
    let _ = staff.post(&hand_over, &json!({"card": own})).await.expect(200);
    let evidence = "SELECT evidence FROM credit_transfers WHERE kind = 'redemption'";
    assert_eq!(Books::of(&app).await.ask(evidence).await, ["scanned"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_or_not_picked_up_goes_back() {
    let app = TestApp::street().await;
    let (admin, who) = (app.admin().await, app.resident("CX").await);
    give(&admin, who.resident_id.unwrap(), 90).await;
    let reward = offer(&admin, 30, 3, Some(2)).await;
    let (first, second) = (choose(&who, reward).await.expect(201), choose(&who, reward).await.expect(201));
    choose(&who, reward).await.expect_problem(409, "reward_limit_reached");
    let cancelled = who.post(&format!("/me{}", path(&first, "cancellation")), &json!({})).await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!((points(&who).await, stock(&app, reward).await), (60, 2));
    // What was cancelled does not count against the limit.
    let third = choose(&who, reward).await.expect(201);
    let staff = app.staff("CX").await;
    let _ = staff.post(&path(&third, "cancellation"), &json!({})).await.expect(200);
    app.clock.set(datetime!(2026-12-06 23:50 +8));
    app.tick().await;
    assert_eq!(stock(&app, reward).await, 2);
    app.clock.advance(Duration::hours(1));
    app.tick().await;
    app.tick().await;
    let who = app.client_of(who.account_id.unwrap());
    let own = who.get("/me/redemptions").await.expect(200);
    let expired = own["items"].as_array().unwrap().iter().find(|each| each["id"] == second["id"]).unwrap().clone();
    assert_eq!(expired["status"], "expired");
    assert_eq!((points(&who).await, stock(&app, reward).await), (90, 3));
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_do_not_oversell() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let reward = offer(&admin, 10, 20, Some(1)).await;
    let mut people = Vec::new();
    for number in 0..100 {
        people.push(app.resident(["CX", "WT", "YX"][number % 3]).await);
    }
    let named: Vec<Value> = people.iter().map(|who| json!({"id": who.resident_id.unwrap()})).collect();
    // No more on a day than one person may award.
    for some in named.chunks(40) {
        let admin = app.admin().await;
        let award =
            json!({"residents": some, "unit": "point", "amount": "25", "reason": "清洁日", "earned_on": "2026-11-20"});
        let _ = admin.post("/credit-awards", &award).await.expect(201);
    }
    // Everybody twice, each time as a request of its own.
    let asked = stream::iter((0..200).map(|number| choose(&people[number % 100], reward)));
    // As many at a time as find a connection before their patience ends.
    let answers: Vec<Answer> = asked.buffer_unordered(50).collect().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 20);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        let code = answer.body["code"].as_str().unwrap().to_owned();
        assert!(answer.status == 409 && ["reward_gone", "reward_limit_reached"].contains(&&*code), "{code}");
    }
    assert_eq!(stock(&app, reward).await, 0);
    let mut books = Books::of(&app).await;
    assert_eq!(books.number("SELECT count(*) FROM credit_transfers WHERE kind = 'hold'").await, 20);
    assert_eq!(books.number("SELECT count(DISTINCT resident_id) FROM redemptions").await, 20);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn points_are_not_spent_twice_and_a_request_is_done_once() {
    let app = TestApp::street().await;
    let (admin, who) = (app.admin().await, app.resident("CX").await);
    give(&admin, who.resident_id.unwrap(), 25).await;
    let (first, second) = (offer(&admin, 10, 100, None).await, offer(&admin, 10, 100, None).await);
    let key = Uuid::new_v4();
    let path = format!("/rewards/{first}/redemptions");
    let none = json!({});
    let equal = join_all((0..10).map(|_| who.post_with_key(&path, key, &none))).await;
    let ids: Vec<Value> = equal.into_iter().map(|answer| answer.expect(201)["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(points(&who).await, 15);
    let keyless = Answer::of(who.request(Method::POST, &path).json(&json!({}))).await;
    keyless.expect_problem(400, "idempotency_key_required");
    let different = join_all((0..30).map(|number| choose(&who, if number % 2 == 0 { first } else { second }))).await;
    assert_eq!(different.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in different.into_iter().filter(|answer| answer.status != 201) {
        answer.expect_problem(409, "points_insufficient");
    }
    assert_eq!(points(&who).await, 5);
    // Refused, and the stock is as if nobody had asked.
    assert_eq!(stock(&app, first).await + stock(&app, second).await, 198);
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_ends_once_however_many_end_it() {
    let app = TestApp::street().await;
    let (admin, who) = (app.admin().await, app.resident("CX").await);
    give(&admin, who.resident_id.unwrap(), 100).await;
    let reward = offer(&admin, 10, 10, None).await;
    for _ in 0..5 {
        let chosen = choose(&who, reward).await.expect(201);
        app.clock.advance(Duration::days(15));
        let who = app.client_of(who.account_id.unwrap());
        let staff = app.staff("CX").await;
        let code = json!({"code": chosen["code"]});
        let (hand_over, cancel) = (path(&chosen, "hand-over"), path(&chosen, "cancellation"));
        let cancel_own = format!("/me{cancel}");
        let none = json!({});
        let handing = join_all((0..6).map(|_| staff.post(&hand_over, &code)));
        let cancelling = join_all((0..6).map(|_| staff.post(&cancel, &none)));
        let own = join_all((0..6).map(|_| who.post(&cancel_own, &none)));
        let spending = Spending::of(&app);
        let giving_up = join_all((0..2).map(|_| spending.give_up()));
        let (handed, cancelled, own, ()) = tokio::join!(handing, cancelling, own, async { drop(giving_up.await) });
        let after = app.client_of(who.account_id.unwrap()).get("/me/redemptions").await.expect(200);
        let status = after["items"][0]["status"].clone();
        // Whoever asks for what has come of it is told so, the others that they are late.
        for (asked, answers) in [("handed_over", handed), ("cancelled", cancelled), ("cancelled", own)] {
            for answer in answers {
                if status == asked {
                    assert_eq!(answer.expect(200)["status"], status);
                } else {
                    answer.expect_problem(409, "redemption_settled");
                }
            }
        }
    }
    let mut books = Books::of(&app).await;
    let handed = books.number("SELECT count(*) FROM redemptions WHERE status = 'handed_over'").await;
    let who = app.client_of(who.account_id.unwrap());
    assert_eq!((points(&who).await, stock(&app, reward).await), (100 - 10 * handed, 10 - handed));
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_offer_change_and_withdraw() {
    let app = TestApp::street().await;
    let (admin, who) = (app.admin().await, app.resident("CX").await);
    give(&admin, who.resident_id.unwrap(), 30).await;
    let reward = offer(&admin, 10, 1, Some(1)).await;
    let path = format!("/rewards/{reward}");
    for (change, field) in [
        (json!({"price": 0}), "price"),
        (json!({"title": "  "}), "title"),
        (json!({"added_stock": -2}), "stock"),
        (json!({"per_person": 0}), "per_person"),
        (json!({"hold_days": 91}), "hold_days"),
        (json!({"status": "lost"}), "status"),
    ] {
        let fields = admin.patch(&path, &change).await.expect_fields();
        assert_eq!(fields[0].0, field);
    }
    let changed = admin.patch(&path, &json!({"added_stock": 3, "per_person": null, "price": 20})).await.expect(200);
    let shown = ["stock", "per_person", "price", "title"].map(|name| changed[name].clone());
    assert_eq!(shown, [json!(4), Value::Null, json!(20), json!("毛巾")]);
    let _ = admin.patch(&path, &json!({"status": "withdrawn"})).await.expect(200);
    assert_eq!(app.anonymous().get("/rewards").await.expect(200)["items"], json!([]));
    assert_eq!(admin.get("/managed-rewards").await.expect(200)["items"][0]["id"], json!(reward));
    choose(&who, reward).await.expect_problem(404, "not_found");
}
