//! Venues over HTTP: opened, changed and closed, and by whom.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Client, TestApp, id_of};

use crate::books::Books;

/// Opens a venue at a branch.
pub(crate) async fn venue(app: &TestApp, who: &Client, code: &str, name: &str, seats: i64) -> Value {
    who.post(&of_branch(app, code), &json!({"name": name, "seats": seats})).await.expect(201)
}

fn of_branch(app: &TestApp, code: &str) -> String {
    format!("/branches/{}/venues", app.branch(code).id)
}

fn path(venue: &Value) -> String {
    format!("/venues/{}", id_of(venue))
}

pub(crate) async fn close(who: &Client, venue: &Value) -> Value {
    who.post(&format!("{}/closure", path(venue)), &json!({})).await.expect(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_is_opened_changed_and_closed() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let hall = venue(&app, &staff, "CX", " 三楼报告厅 ", 40).await;
    let expected = json!({
        "id": hall["id"], "branch_id": app.branch("CX").id, "name": "三楼报告厅", "seats": 40, "closed_at": null,
    });
    assert_eq!(hall, expected);
    let room = venue(&app, &staff, "CX", "一楼棋牌室", 12).await;
    let listed = staff.get(&of_branch(&app, "CX")).await.expect(200);
    assert_eq!(listed, json!({"items": [room, hall], "next_cursor": null}), "by name");

    let changed = staff.patch(&path(&hall), &json!({"seats": 60})).await.expect(200);
    assert_eq!((&changed["name"], &changed["seats"]), (&json!("三楼报告厅"), &json!(60)));
    let renamed = staff.patch(&path(&hall), &json!({"name": "大报告厅"})).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["seats"]), (&json!("大报告厅"), &json!(60)));

    let closed = close(&staff, &hall).await;
    assert_eq!(closed["closed_at"], "2026-11-22T10:00:00+08:00");
    let again = staff.post(&format!("{}/closure", path(&hall)), &json!({})).await.expect(200);
    assert_eq!(again, closed, "closed before");
    staff.patch(&path(&hall), &json!({"seats": 61})).await.expect_problem(409, "venue_closed");
    assert_eq!(staff.get(&of_branch(&app, "CX")).await.expect(200)["items"], json!([room]));
    let written =
        "SELECT action || ' ' || (detail ->> 'seats') FROM audit_entries WHERE object_kind = 'venue' ORDER BY id";
    let expected =
        ["opened 40", "opened 12", "changed 60", "changed 60", "closed 60"].map(|each| format!("venue.{each}"));
    assert_eq!(Books::of(&app).await.ask(written).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_fields_of_a_venue_are_named() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let hall = venue(&app, &staff, "CX", "长".repeat(60).as_str(), 10_000).await;
    for (field, value, code) in [
        ("name", json!(""), "required"),
        ("name", json!(" \u{3000}\n"), "required"),
        ("name", json!("\u{200b}\u{feff}"), "required"),
        ("name", json!("长".repeat(61)), "too_long"),
        ("name", json!("报告\u{7}厅"), "text_invalid"),
        ("name", json!("报告\n厅"), "text_invalid"),
        ("name", json!("报告\0厅"), "text_invalid"),
        ("name", json!(7), "value_invalid"),
        ("seats", json!(0), "seats_invalid"),
        ("seats", json!(-40), "seats_invalid"),
        ("seats", json!(10_001), "seats_invalid"),
        ("seats", json!(3_000_000_000_i64), "seats_invalid"),
        ("seats", json!(1.5), "value_invalid"),
        ("seats", json!("40"), "value_invalid"),
    ] {
        let mut body = json!({"name": "报告厅", "seats": 40});
        body[field] = value.clone();
        let expected = [(field.to_owned(), code.to_owned())];
        assert_eq!(staff.post(&of_branch(&app, "CX"), &body).await.expect_fields(), expected, "{value}");
        let change = json!({field: value});
        assert_eq!(staff.patch(&path(&hall), &change).await.expect_fields(), expected, "{value}");
    }
    let both = staff.post(&of_branch(&app, "CX"), &json!({"name": " ", "seats": 0})).await.expect_fields();
    assert_eq!(both.len(), 2, "{both:?}");
    let english = staff.clone().reading("en").patch(&path(&hall), &json!({"seats": 0})).await;
    let refused = english.expect_problem(422, "fields_invalid");
    assert_eq!(refused["errors"][0]["detail"], "The seats must be a whole number from 1 to 10,000.");
    let items = staff.get("/venues").await.expect(200)["items"].clone();
    assert_eq!(items, json!([hall]), "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_name_stands_once_in_a_branch() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let hall = venue(&app, &staff, "CX", "报告厅", 40).await;
    let taken = [("name".to_owned(), "venue_name_taken".to_owned())];
    let same = json!({"name": "报告厅 ", "seats": 50});
    assert_eq!(staff.post(&of_branch(&app, "CX"), &same).await.expect_fields(), taken);
    // Nor one that nobody can tell from it.
    let alike = json!({"name": "报\u{200b}告厅", "seats": 50});
    assert_eq!(staff.post(&of_branch(&app, "CX"), &alike).await.expect_fields(), taken);
    let room = venue(&app, &staff, "CX", "棋牌室", 12).await;
    assert_eq!(staff.patch(&path(&room), &json!({"name": "报告厅"})).await.expect_fields(), taken);
    // Its own name is its own; another branch may have it too, and so may the next one here.
    staff.patch(&path(&hall), &json!({"name": "报告厅"})).await.expect(200);
    venue(&app, &admin, "WT", "报告厅", 30).await;
    close(&staff, &hall).await;
    let address = of_branch(&app, "CX");
    let sent = join_all((0..4).map(|_| staff.post(&address, &same))).await;
    let mut statuses: Vec<u16> = sent.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422, 422, 422], "of several at once one is opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_keep_those_of_their_branches_and_residents_none() {
    let app = TestApp::street().await;
    let (admin, centre) = (app.admin().await, app.staff("CQJD").await);
    let (own, other) = (app.staff("CX").await, app.staff("WT").await);
    let hall = venue(&app, &own, "CX", "报告厅", 40).await;
    let room = venue(&app, &admin, "WT", "棋牌室", 12).await;
    let seen = async |who: &Client| who.get("/venues").await.expect(200)["items"].clone();
    assert_eq!(seen(&own).await, json!([hall]));
    assert_eq!(seen(&other).await, json!([room]));
    for above in [&admin, &centre] {
        assert_eq!(seen(above).await.as_array().unwrap().len(), 2);
        above.patch(&path(&hall), &json!({"seats": 41})).await.expect(200);
    }
    other.patch(&path(&hall), &json!({"seats": 1})).await.expect_problem(404, "not_found");
    other.post(&format!("{}/closure", path(&hall)), &json!({})).await.expect_problem(404, "not_found");
    other.post(&of_branch(&app, "CX"), &json!({"name": "x", "seats": 1})).await.expect_problem(404, "not_found");
    let resident = app.resident("CX").await;
    resident.get("/venues").await.expect_problem(403, "forbidden");
    resident.get(&of_branch(&app, "CX")).await.expect_problem(403, "forbidden");
    assert_eq!(seen(&own).await[0]["seats"], 41);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_has_a_hundred_open_venues_and_no_more() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let first = venue(&app, &staff, "CX", "教室 0", 30).await;
    for number in 1..98 {
        venue(&app, &staff, "CX", &format!("教室 {number}"), 30).await;
    }
    // Two places are left for four who come at once.
    let address = of_branch(&app, "CX");
    let bodies: Vec<Value> = (98..102).map(|number| json!({"name": format!("教室 {number}"), "seats": 30})).collect();
    let sent = join_all(bodies.iter().map(|body| staff.post(&address, body))).await;
    let mut statuses: Vec<u16> = sent.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 409, 409]);
    let more = json!({"name": "再来一间", "seats": 30});
    staff.post(&address, &more).await.expect_problem(409, "venues_full");
    close(&staff, &first).await;
    staff.post(&address, &more).await.expect(201);
    // Another branch has its own.
    venue(&app, &app.admin().await, "WT", "教室 1", 30).await;
}
