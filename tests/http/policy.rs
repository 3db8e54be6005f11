//! Every operation × every role × objects of one's own branch, of another, and absent ones,
//! against the table in `policy_cases.rs`.

mod belongings;
mod certificates;
mod discussion;
mod dossiers;
mod helping;
mod recognition;
mod rewards;
mod venues;

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Answer, Client, Person, TestApp, id_of};
use uuid::Uuid;

use self::certificates::certificate_code;
use crate::policy_cases::{Case, Object, cases};

/// Operations as the API describes itself, e.g. `GET /branches/{id}`.
fn described() -> BTreeSet<String> {
    let document = serde_json::to_value(api::document()).unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        for method in item.as_object().unwrap().keys() {
            if ["get", "put", "post", "patch", "delete", "head"].contains(&method.as_str()) {
                operations.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    operations
}

#[test]
fn every_operation_has_its_cases_and_every_case_its_operation() {
    let described = described();
    let covered: BTreeSet<String> = cases().map(|case| case.operation.to_owned()).collect();
    let missing: Vec<_> = described.difference(&covered).collect();
    let stale: Vec<_> = covered.difference(&described).collect();
    assert!(missing.is_empty(), "operations without a row in policy_cases.rs: {missing:#?}");
    assert!(stale.is_empty(), "rows in policy_cases.rs without an operation: {stale:#?}");
}

#[test]
fn every_case_says_all_it_must() {
    for case in cases() {
        let length = if case.object.is_some() { 3 } else { 1 };
        for answers in [case.anonymous, case.resident, case.branch_staff, case.admin] {
            assert_eq!(answers.len(), length, "{}", case.operation);
        }
    }
}

/// Where an object lies, seen from the one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Own,
    Other,
    Absent,
}

impl Place {
    const ALL: [Self; 3] = [Self::Own, Self::Other, Self::Absent];

    /// Absent ones have no branch; what goes with them is of one's own.
    const fn code(self) -> &'static str {
        match self {
            Self::Own | Self::Absent => "CX",
            Self::Other => "WT",
        }
    }
}

/// Somebody who asks for every operation in turn.
pub struct Walk {
    pub app: TestApp,
    admin: Client,
    asking: Client,
    draft: Uuid,
    /// What belongs to an object, by the object.
    parts: Mutex<HashMap<Uuid, Uuid>>,
    /// What must never be read by the one who asks.
    canaries: Vec<String>,
}

impl Walk {
    /// Asks as whom `who` makes, and compares with what `expected` says.
    async fn through(who: impl AsyncFnOnce(&TestApp) -> Client, expected: impl Fn(&Case) -> &'static [u16]) {
        let walk = Self::prepare(who).await;
        let mut wrong = Vec::new();
        for case in cases() {
            wrong.extend(walk.check(case, expected(case)).await);
        }
        assert!(wrong.is_empty(), "{} answers are not as they must be:\n{}", wrong.len(), wrong.join("\n"));
    }

    pub async fn prepare(who: impl AsyncFnOnce(&TestApp) -> Client) -> Self {
        let app = TestApp::street().await;
        let (admin, asking) = (app.admin().await, who(&app).await);
        let draft = app.draft_course("CX", 1, 60).await.id;
        let bounded = asking.account_id.is_some() && asking.get("/audit-entries").await.status == 403;
        let canaries = if bounded { canaries(&app, &admin).await } else { Vec::new() };
        Self { app, admin, asking, draft, parts: Mutex::default(), canaries }
    }

    async fn check(&self, case: &Case, expected: &[u16]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut absent = Vec::new();
        let places = if case.object.is_some() { &Place::ALL[..] } else { &[Place::Own] };
        for (place, expected) in places.iter().zip(expected) {
            let id = self.object(case.object, *place).await;
            let answer = self.ask(case, *place, id).await;
            if answer.status != *expected {
                let text = String::from_utf8_lossy(&answer.bytes).into_owned();
                wrong.push(format!("{} {place:?}: {} instead of {expected}: {text}", case.operation, answer.status));
            }
            wrong.extend(self.sung(case, &answer));
            if answer.status == 404 {
                absent.push(without_request_id(answer.body));
            }
        }
        if absent.windows(2).any(|pair| pair[0] != pair[1]) {
            wrong.push(format!("{}: what is absent and what is another's differ: {absent:#?}", case.operation));
        }
        wrong
    }

    /// What an answer lets out of another branch.
    fn sung(&self, case: &Case, answer: &Answer) -> Vec<String> {
        let text = String::from_utf8_lossy(&answer.bytes);
        let heard = self.canaries.iter().filter(|canary| text.contains(canary.as_str()));
        heard.map(|canary| format!("{} lets out {canary}: {text}", case.operation)).collect()
    }

    async fn ask(&self, case: &Case, place: Place, id: Uuid) -> Answer {
        Answer::of(self.request(case, place, id).await).await
    }

    /// What asks for an operation about an object.
    pub async fn request(&self, case: &Case, place: Place, id: Uuid) -> RequestBuilder {
        let (method, pattern) = case.operation.split_once(' ').unwrap();
        let path = if case.path.is_empty() { pattern } else { case.path };
        let path = match pattern {
            "/reports/months/{month}/ranking" => format!("{path}?metric=credits"),
            "/reports/months/{month}/events" => format!("{path}?seconds=0"),
            "/reports/months/{month}/export" => format!("{path}?format=csv"),
            "/reports/months/{month}/branches/{id}/export" | "/reports/years/{year}/export" => {
                format!("{path}?format=pdf")
            }
            "/reports/years/{year}/targets" => "/reports/years/2026/targets?metric=trained".to_owned(),
            "/me/credit-account/statement" => format!("{path}?from=2026-01-01&to=2026-12-31&format=csv"),
            _ => path.to_owned(),
        };
        let path = self.fill(&path, place, id).await;
        // Logging out ends the session that asks: another one than that of the walk.
        let asking = match (case.operation, self.asking.account_id) {
            ("DELETE /session", Some(account)) => self.app.client_of(account),
            _ => self.asking.clone(),
        };
        let request = asking
            .request(method.parse::<Method>().unwrap(), &path)
            .header("idempotency-key", Uuid::new_v4().to_string());
        match case.body {
            "" => request,
            form if form.starts_with("--boundary") => {
                request.header("content-type", "multipart/form-data; boundary=boundary").body(form)
            }
            captions if captions.starts_with("WEBVTT") => request.header("content-type", "text/vtt").body(captions),
            json => request.header("content-type", "application/json").body(self.fill(json, place, id).await),
        }
    }

    async fn fill(&self, text: &str, place: Place, id: Uuid) -> String {
        let app = &self.app;
        let mut filled = text
            .replace("{year}", "2026")
            .replace("{id}", &id.to_string())
            .replace("{code}", &certificate_code(id))
            .replace("{month}", "2026-11")
            .replace("{language}", "zh-CN")
            .replace("$CX", &app.branch("CX").id.to_string())
            .replace("$WT", &app.branch("WT").id.to_string())
            .replace("$YX", &app.branch("YX").id.to_string())
            .replace("$DRAFT", &self.draft.to_string())
            .replace("$PART", &self.part_of(id).to_string())
            .replace("$UUID", &Uuid::new_v4().to_string())
            .replace("$NEW", &Person::default().name);
        if filled.contains("$CODE") {
            let code = Uuid::new_v4().simple().to_string().to_uppercase();
            filled = filled.replace("$CODE", &code[..12]);
        }
        if filled.contains("$RESIDENT") {
            let resident = app.on_record(place.code(), &Person::default()).await;
            filled = filled.replace("$RESIDENT", &resident.id.to_string());
        }
        if filled.contains("$PUBLISHED") {
            let course = app.published_course(place.code(), 1, 60).await.id;
            filled = filled.replace("$PUBLISHED", &course.to_string());
        }
        if filled.contains("$HELPER") {
            let helper = Person::default();
            let number = app.new_resident("CX", &helper).await.resident_id.unwrap();
            let number = app.learner_number(number).await;
            filled = filled.replace("$HELPER", &number).replace("$NAMED", &helper.name);
        }
        if filled.contains("$OUTCOME") {
            filled = filled.replace("$OUTCOME", &self.recognised_outcome().await.to_string());
        }
        if filled.contains("$DIGEST") {
            let drawn = self.admin.get(&format!("/honours?{}", recognition::NOBODY)).await.expect(200);
            filled = filled.replace("$DIGEST", drawn["digest"].as_str().unwrap());
        }
        if filled.contains("$VIDEO") {
            let video = app.ready_video(place.code(), &self.admin, 60).await;
            filled = filled.replace("$VIDEO", &video.to_string());
        }
        filled
    }

    /// A new object, so that no case stands on what another has done.
    pub async fn object(&self, object: Option<Object>, place: Place) -> Uuid {
        let (app, code) = (&self.app, place.code());
        let Some(object) = object.filter(|_| place != Place::Absent) else { return Uuid::new_v4() };
        match object {
            Object::Branch => app.branch(code).id,
            Object::Venue => self.venue(code).await,
            Object::Resident => match (place, self.asking.resident_id) {
                (Place::Own, Some(own)) => own,
                _ => app.on_record(code, &Person::default()).await.id,
            },
            Object::Merge => {
                let kept = app.on_record(code, &Person::default()).await.id;
                let merged = app.on_record(code, &Person::default()).await.id;
                let path = format!("/residents/{kept}/merges");
                id_of(&self.admin.post(&path, &json!({"other_id": merged})).await.expect(201))
            }
            Object::StaffAccount => app.staff(code).await.account_id.unwrap(),
            Object::Draft => app.draft_course(code, 1, 60).await.id,
            Object::Declared => self.course(code, &["submission"]).await,
            Object::Approved => self.course(code, &["submission", "approval"]).await,
            Object::Published => app.published_course(code, 1, 60).await.id,
            Object::Lesson => app.published_course(code, 1, 60).await.lessons[0],
            Object::DraftLesson => app.draft_course(code, 1, 60).await.lessons[0],
            Object::Article => self.article(code).await,
            Object::Quiz => self.quiz(code).await,
            Object::Certificate => self.certificate(code).await,
            Object::Handout => self.handout(code).await,
            Object::Filled => self.filled(code).await,
            Object::Viewing => self.viewing(place).await,
            Object::Attempt => self.attempt(place).await,
            Object::Carded => self.carded(code).await,
            Object::Device => self.device(place).await,
            Object::NextVersion => {
                let course = app.published_course(code, 1, 60).await.id;
                let _ = self.admin.patch(&format!("/courses/{course}"), &json!({"title": "新版"})).await.expect(200);
                course
            }
            Object::Upload => {
                let video = json!({"filename": "a.mp4", "size": 1000, "branch_id": app.branch(code).id});
                id_of(&self.admin.post("/videos", &video).await.expect(201))
            }
            Object::ReadyVideo => app.ready_video(code, &self.admin, 60).await,
            Object::Captions => self.captioned_video(code).await,
            Object::Roster => self.roster(code).await,
            Object::Award => self.award(code).await,
            Object::Transfer => self.transfer(code).await,
            Object::Reward => self.reward().await,
            Object::Redemption => self.redemption(place).await,
            Object::Help | Object::Helped => self.help(object, place).await,
            Object::OwnQuestion | Object::SeenQuestion => self.question(object, place).await,
            Object::Finished => self.finished(code).await,
            Object::Honours => self.honours().await,
            Object::Dossier => self.dossier(code).await,
            Object::Anomaly => self.anomaly(code).await,
            Object::Proposed => self.proposal(code).await,
            Object::RecognisedOutcome => self.recognised_outcome().await,
            Object::Drafted | Object::Filed | Object::CheckedClaim => self.claim(object, place).await,
        }
    }

    async fn course(&self, code: &str, steps: &[&str]) -> Uuid {
        let course = self.app.draft_course(code, 1, 60).await.id;
        self.app.take_steps(course, steps).await;
        course
    }

    async fn captioned_video(&self, code: &str) -> Uuid {
        let course = self.app.published_course(code, 1, 60).await;
        let managed = self.admin.get(&format!("/managed-courses/{}", course.id)).await.expect(200);
        let video = managed["lessons"][0]["video_id"].as_str().unwrap().parse().unwrap();
        let captions = format!("INSERT INTO video_captions VALUES ('{video}', 'zh-CN', 'WEBVTT', now())");
        execute(&self.app.owner_url(), &captions).await;
        video
    }

    async fn roster(&self, code: &str) -> Uuid {
        let roster = format!("姓名,出生日期\n{},1956-03-02\n", Person::default().name);
        let form = Form::new().part("file", Part::text(roster).file_name("名册.csv"));
        let path = format!("/branches/{}/roster-imports", self.app.branch(code).id);
        id_of(&Answer::of(self.admin.request(Method::POST, &path).multipart(form)).await.expect(201))
    }

    async fn award(&self, code: &str) -> Uuid {
        let resident = self.app.on_record(code, &Person::default()).await.id;
        let award = json!({
            "residents": [{"id": resident}], "unit": "credit", "amount": "1.00", "reason": "志愿服务",
            "earned_on": "2026-11-20",
        });
        let answer = self.admin.post("/credit-awards", &award).await.expect(201);
        answer["batch_id"].as_str().unwrap().parse().unwrap()
    }

    async fn transfer(&self, code: &str) -> Uuid {
        let batch = self.award(code).await;
        let transfers = self.admin.get(&format!("/credit-transfers?batch_id={batch}")).await.expect(200);
        id_of(&transfers["items"][0])
    }
}

/// In every branch but CX: a person, why they were awarded something, a course that is being made,
/// a roster with a mistake in it. Each has a name of its own that appears nowhere else.
async fn canaries(app: &TestApp, admin: &Client) -> Vec<String> {
    let mut names = Vec::new();
    for code in app.branches.keys().filter(|code| *code != "CX") {
        let called = |what: &str| format!("{what}金丝雀{code}");
        let person = Person { name: called("人"), ..Person::default() };
        let resident = app.on_record(code, &person).await;
        let award = json!({
            "residents": [{"id": resident.id}], "unit": "credit", "amount": "1.00", "reason": called("因"),
            "earned_on": "2026-11-20",
        });
        admin.post("/credit-awards", &award).await.expect(201);
        let course = app.draft_course(code, 1, 60).await.id;
        admin.patch(&format!("/courses/{course}"), &json!({"title": called("课")})).await.expect(200);
        let roster = format!("姓名,出生日期\n{},1956-13-02\n", called("册"));
        let form = Form::new().part("file", Part::text(roster).file_name(format!("{}.csv", called("档"))));
        let path = format!("/branches/{}/roster-imports", app.branch(code).id);
        Answer::of(admin.request(Method::POST, &path).multipart(form)).await.expect(201);
        names.extend(["人", "因", "课", "册", "档"].map(called));
    }
    assert_eq!(names.len(), 12 * 5);
    names
}

fn without_request_id(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.remove("request_id");
    }
    body
}

#[tokio::test]
async fn nobody_in_particular_gets_what_the_table_says() {
    Walk::through(async |app| app.anonymous(), |case| case.anonymous).await;
}

#[tokio::test]
async fn a_resident_gets_what_the_table_says() {
    Walk::through(async |app| app.resident("CX").await, |case| case.resident).await;
}

#[tokio::test]
async fn branch_staff_get_what_the_table_says() {
    Walk::through(async |app| app.staff("CX").await, |case| case.branch_staff).await;
}

#[tokio::test]
async fn an_admin_gets_what_the_table_says() {
    Walk::through(async |app| app.admin().await, |case| case.admin).await;
}
