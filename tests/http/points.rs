//! Points: earned beside credits, spent once, and gone when their time has come.

use campus::credits::{self, Outcome, PostingKind};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Client, TestApp, id_of};
use time::macros::datetime;
use uuid::Uuid;

use crate::books::Books;
use crate::spending::Spending;

async fn award(admin: &Client, resident: Uuid, points: i64, reason: &str, day: &str) -> Value {
    let award = json!({"residents": [{"id": resident}], "unit": "point", "amount": points.to_string(),
        "reason": reason, "earned_on": day});
    admin.post("/credit-awards", &award).await.expect(201)
}

async fn account(app: &TestApp, who: &Client) -> (i64, Vec<(String, i64)>) {
    let account = app.client_of(who.account_id.unwrap()).get("/me/credit-account").await.expect(200);
    let lots = account["expiring"].as_array().unwrap().iter();
    let lots = lots.map(|lot| (lot["last_day"].as_str().unwrap().to_owned(), lot["points"].as_i64().unwrap()));
    (account["points"].as_i64().unwrap(), lots.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn points_expire_month_by_month_the_oldest_spent_first() {
    let app = TestApp::street().await;
    let (who, spending) = (app.resident("CX").await, Spending::of(&app));
    let (id, branch) = (who.resident_id.unwrap(), who.branch_id.unwrap());
    let _ = award(&app.admin().await, id, 10, "清洁日", "2026-11-20").await;
    app.clock.set(datetime!(2026-12-10 10:00 +8));
    let _ = award(&app.admin().await, id, 5, "合唱", "2026-12-10").await;
    assert_eq!(spending.post(id, branch, 4, PostingKind::Hold).await, Outcome::Posted);
    // Shown with the months that the site is configured with: 24.
    let lots = |november, december| vec![("2028-11-30".to_owned(), november), ("2028-12-31".to_owned(), december)];
    assert_eq!(account(&app, &who).await, (11, lots(6, 5)));
    // With one month, November's last until the end of December.
    app.clock.set(datetime!(2026-12-31 23:59 +8));
    spending.expire().await;
    assert_eq!(account(&app, &who).await.0, 11);
    app.clock.set(datetime!(2027-01-01 00:00 +8));
    join_all((0..8).map(|_| spending.expire())).await;
    spending.expire().await;
    assert_eq!(account(&app, &who).await.0, 5);
    let rows = app.client_of(who.account_id.unwrap()).get("/me/credit-account/transfers").await.expect(200);
    assert_eq!(rows["items"][0]["explanation"], "1月1日 2026年11月及以前得到的积分到期 −6 积分");
    assert_eq!((&rows["items"][0]["amount"], &rows["items"][0]["kind"]), (&json!("-6"), &json!("expiry")));
    // Two months missed are made up for by one run.
    app.clock.set(datetime!(2027-04-20 10:00 +8));
    spending.expire().await;
    assert_eq!(account(&app, &who).await, (0, Vec::new()));
    let mut books = Books::of(&app).await;
    assert_eq!(books.number("SELECT count(*) FROM credit_transfers WHERE kind = 'expiry'").await, 2);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_back_after_its_month_goes_with_the_month_that_runs() {
    let app = TestApp::street().await;
    let (who, spending) = (app.resident("CX").await, Spending::of(&app));
    let (id, branch) = (who.resident_id.unwrap(), who.branch_id.unwrap());
    let _ = award(&app.admin().await, id, 10, "清洁日", "2026-11-20").await;
    assert_eq!(spending.post(id, branch, 4, PostingKind::Hold).await, Outcome::Posted);
    app.clock.set(datetime!(2027-01-02 10:00 +8));
    spending.expire().await;
    let mut books = Books::of(&app).await;
    let hold = books.rows_of(id).await[1].clone();
    assert_eq!(spending.post(id, branch, 4, PostingKind::Release(hold.id)).await, Outcome::Posted);
    spending.expire().await;
    assert_eq!(account(&app, &who).await.0, 4);
    app.clock.set(datetime!(2027-02-01 00:00 +8));
    spending.expire().await;
    assert_eq!(account(&app, &who).await.0, 0);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_spends_what_they_do_not_have() {
    let app = TestApp::street().await;
    let (who, spending) = (app.resident("CX").await, Spending::of(&app));
    let (id, branch) = (who.resident_id.unwrap(), who.branch_id.unwrap());
    let admin = app.admin().await;
    let batch = award(&admin, id, 100, "清洁日", "2026-11-20").await["batch_id"].as_str().unwrap().to_owned();
    let holds = (0..64).map(|_| {
        let spending = spending.clone();
        tokio::spawn(async move { spending.post(id, branch, 3, PostingKind::Hold).await })
    });
    let outcomes: Vec<Outcome> = join_all(holds).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Posted).count(), 33);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Insufficient).count(), 31);
    assert_eq!(account(&app, &who).await.0, 1);
    // Below zero only by taking back what was spent, and then nothing more is spent.
    let reversal = format!("/credit-awards/{batch}/reversal");
    let _ = admin.post(&reversal, &json!({"reason": "名单有误"})).await.expect(201);
    assert_eq!(account(&app, &who).await, (-99, Vec::new()));
    assert_eq!(spending.post(id, branch, 1, PostingKind::Hold).await, Outcome::Insufficient);
    let _ = award(&admin, id, 100, "合唱", "2026-11-20").await;
    assert_eq!(spending.post(id, branch, 1, PostingKind::Hold).await, Outcome::Posted);
    let hold = Books::of(&app).await.rows_of(id).await[1].id;
    // What was spent is not reversed as if it had been earned.
    let refused = admin.post(&format!("/credit-transfers/{hold}/reversal"), &json!({"reason": "弄错了"})).await;
    refused.expect_problem(409, "cannot_reverse_spending");
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_settled_once_whoever_comes_first() {
    let app = TestApp::street().await;
    let (who, spending) = (app.resident("CX").await, Spending::of(&app));
    let (id, branch) = (who.resident_id.unwrap(), who.branch_id.unwrap());
    let _ = award(&app.admin().await, id, 50, "清洁日", "2026-11-20").await;
    assert_eq!(spending.post(id, branch, 30, PostingKind::Hold).await, Outcome::Posted);
    let mut books = Books::of(&app).await;
    let hold = books.rows_of(id).await[1].id;
    let settlements = (0..40).map(|number| {
        let spending = spending.clone();
        let kind = if number % 2 == 0 { PostingKind::Release(hold) } else { PostingKind::Redemption(hold) };
        tokio::spawn(async move { spending.post(id, branch, 30, kind).await })
    });
    let outcomes: Vec<Outcome> = join_all(settlements).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Posted).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::AlreadyReversed).count(), 39);
    let settled = &books.rows_of(id).await[2];
    assert_eq!(account(&app, &who).await.0, if settled.kind == "release" { 50 } else { 20 });
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_merge_settles_stays_with_whose_it_was() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let (kept, other) = (app.resident("CX").await, app.resident("CX").await);
    let (kept_id, other_id) = (kept.resident_id.unwrap(), other.resident_id.unwrap());
    let _ = award(&admin, other_id, 100, "清洁日", "2026-11-20").await;
    let reward = json!({"title": "毛巾", "price": 60, "stock": 5});
    let reward = id_of(&admin.post("/rewards", &reward).await.expect(201));
    let chosen = other.post(&format!("/rewards/{reward}/redemptions"), &json!({})).await.expect(201);
    let merges = format!("/residents/{kept_id}/merges");
    let merge = id_of(&staff.post(&merges, &json!({"other_id": other_id})).await.expect(201));
    let cancellation = format!("/redemptions/{}/cancellation", chosen["id"].as_str().unwrap());
    let _ = staff.post(&cancellation, &json!({})).await.expect(200);
    assert_eq!(account(&app, &kept).await.0, 100);
    assert_eq!(staff.delete(&format!("/resident-merges/{merge}")).await.status, 204);
    assert_eq!((account(&app, &kept).await.0, account(&app, &other).await.0), (0, 100));
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_waits_for_nobody_who_is_earning_credits() {
    let app = TestApp::street().await;
    let (who, other, spending) = (app.resident("CX").await, app.resident("CX").await, Spending::of(&app));
    let admin = app.admin().await;
    for resident in [&who, &other] {
        let _ = award(&admin, resident.resident_id.unwrap(), 10, "清洁日", "2026-11-20").await;
    }
    let credits = json!({"residents": [{"id": who.resident_id.unwrap()}], "unit": "credit", "amount": "1.00",
        "reason": "讲座", "earned_on": "2026-11-20"});
    let _ = admin.post("/credit-awards", &credits).await.expect(201);
    // The other's are of a month that has not expired.
    app.clock.set(datetime!(2027-01-01 00:00 +8));
    let late = "UPDATE credit_transfers SET recorded_at = '2026-12-20' WHERE resident_id = ";
    let mut books = Books::of(&app).await;
    books.execute("ALTER TABLE credit_transfers DISABLE TRIGGER USER").await;
    books.execute(&format!("{late} '{}'", other.resident_id.unwrap())).await;
    // A lesson has earned credits and is about to earn points, in one transaction.
    let accounts = books.number("SELECT count(*) FROM credit_accounts WHERE kind = 'resident'").await;
    books.execute("BEGIN").await;
    let held = format!(
        "SELECT id FROM credit_accounts WHERE (unit = 'credit' AND resident_id = '{}') OR resident_id = '{}' FOR UPDATE",
        who.resident_id.unwrap(),
        other.resident_id.unwrap()
    );
    books.execute(&held).await;
    let expiring = tokio::time::timeout(std::time::Duration::from_secs(20), spending.expire()).await;
    assert!(expiring.is_ok(), "expiry waits for accounts that it has nothing to take from");
    books.execute("ROLLBACK").await;
    assert_eq!((account(&app, &who).await.0, account(&app, &other).await.0), (0, 10));
    assert_eq!(books.number("SELECT count(*) FROM credit_accounts WHERE kind = 'resident'").await, accounts);
}

#[test]
fn expiry_comes_round_by_itself() {
    assert!(credits::schedules().iter().any(|schedule| schedule.kind == "expire_points"));
}
