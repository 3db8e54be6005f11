//! What each operation must answer to whom, about what: written by hand, from what the
//! product promises, never derived from the policy it tests. A new operation needs its rows
//! here; `policy.rs` fails without them.
//!
//! In paths and bodies `{id}` is the object; `$CX`, `$WT`, `$YX` are branches, `$RESIDENT` is a resident
//! of the object's branch, `$VIDEO` a video of it, `$DRAFT` a draft course of CX, `$NEW` a name
//! that nobody has, `$PUBLISHED` a course that is offered, `$HELPER` the learner number and `$NAMED`
//! the name of a resident with an account, `$CODE` an unused branch code, `$OUTCOME` something recognised, `$DIGEST`
//! that of honours of nobody, `$PART` the id of what belongs to the object, `$UUID` an id of nothing.

mod anomalies;
mod awards;
mod bank;
mod certificates;
mod discussion;
mod helping;
mod honours;
mod learning;
mod ledger;
mod operations;
mod recognition;
mod venues;

use Object::{
    Approved, Branch, Captions, Carded, Declared, Device, Draft, DraftLesson, Filled, Handout, Merge, NextVersion,
    Published, ReadyVideo, Resident, Roster, StaffAccount, Upload,
};

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// A branch.
    Branch,
    /// An open venue of a branch.
    Venue,
    /// A resident; for residents, their own record.
    Resident,
    /// Two records that were joined.
    Merge,
    /// The account of a member of staff.
    StaffAccount,
    /// A course that is being made.
    Draft,
    /// A course that waits for a decision.
    Declared,
    /// A course that may be published.
    Approved,
    /// A course that is offered.
    Published,
    /// A lesson of a course that is offered.
    Lesson,
    /// A viewing of such a lesson, which is its part; for residents, their own.
    Viewing,
    /// A quiz that was begun, with a question for its part; for residents, their own.
    Attempt,
    /// A resident with a learner card.
    Carded,
    /// A remembered device; one's own, or somebody else's.
    Device,
    /// A course that is being made, with a file for its part.
    Filled,
    /// A lesson of a course that is being made.
    DraftLesson,
    /// A lesson to be read, of a course that is offered; for residents, one that they are enrolled in.
    Article,
    /// A lesson to be answered, of a course that is offered; for residents, one that they are enrolled in.
    Quiz,
    /// A certificate of a resident; in paths its code is the id's.
    Certificate,
    /// A reward that is offered, of no branch.
    Reward,
    /// What a resident has chosen; for residents, what they have.
    Redemption,
    /// A handout of a course that is offered.
    Handout,
    /// A course that is offered, with a next version in the making.
    NextVersion,
    /// A video that is being uploaded.
    Upload,
    /// A video that is ready.
    ReadyVideo,
    /// A video with captions, shown by a course that is offered.
    Captions,
    /// A roster that was handed in.
    Roster,
    /// A batch of awards.
    Award,
    /// One transfer.
    Transfer,
    /// An allowance by which somebody helps; for residents, one that they gave.
    Help,
    /// A resident; for residents, one whom they help.
    Helped,
    /// A question about a lesson of a course that is offered; for residents, one that they asked.
    OwnQuestion,
    /// A question that somebody else asked; for residents, about a lesson that they learn.
    SeenQuestion,
    /// A course that is offered; for residents, one that they have finished.
    Finished,
    /// An entry of the catalogue of what is recognised.
    RecognisedOutcome,
    /// Something to be recognised, not handed in; for residents, their own.
    Drafted,
    /// Something handed in; for residents, their own.
    Filed,
    /// Something that the branch has checked.
    CheckedClaim,
    /// An award that waits for a second admin.
    Proposed,
    /// Something out of the ordinary that is open.
    Anomaly,
    /// A frozen list of honours.
    Honours,
    /// The dossier of a year that is being made.
    Dossier,
}

/// What one operation must answer: to each role, about an object of their own branch, of
/// another, and one that is absent (or just once, where it is about none).
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Method and path as they stand in the API's description.
    pub operation: &'static str,
    /// The path to ask, where it is more than the operation's.
    pub path: &'static str,
    /// What it is about.
    pub object: Option<Object>,
    /// What is sent: JSON, captions, or nothing.
    pub body: &'static str,
    /// Nobody in particular.
    pub anonymous: &'static [u16],
    /// A resident of the branch CX.
    pub resident: &'static [u16],
    /// Staff of the branch CX.
    pub branch_staff: &'static [u16],
    /// An admin.
    pub admin: &'static [u16],
}

type Answers = &'static [u16];

const fn plain(operation: &'static str, body: &'static str, by_role: [Answers; 4]) -> Case {
    let [anonymous, resident, branch_staff, admin] = by_role;
    Case { operation, path: "", object: None, body, anonymous, resident, branch_staff, admin }
}

const fn about(operation: &'static str, object: Object, body: &'static str, by_role: [Answers; 4]) -> Case {
    Case { object: Some(object), ..plain(operation, body, by_role) }
}

const fn at(
    operation: &'static str,
    path: &'static str,
    object: Object,
    body: &'static str,
    by_role: [Answers; 4],
) -> Case {
    Case { path, ..about(operation, object, body, by_role) }
}

/// Everybody gets the same.
const fn open(answers: Answers) -> [Answers; 4] {
    [answers; 4]
}

const LOG_IN: Answers = &[401, 401, 401];
const NOT_YOURS: Answers = &[403, 403, 403];
const NOWHERE: Answers = &[404, 404, 404];
const OWN_200: Answers = &[200, 404, 404];
const OWN_201: Answers = &[201, 404, 404];
const ANY_200: Answers = &[200, 200, 404];
const ANY_201: Answers = &[201, 201, 404];

/// Staff and admins, each within their bounds.
const STAFF_200: [Answers; 4] = [LOG_IN, NOT_YOURS, OWN_200, ANY_200];
const STAFF_201: [Answers; 4] = [LOG_IN, NOT_YOURS, OWN_201, ANY_201];
const ADMIN_201: [Answers; 4] = [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_201];
/// Lists and figures that all staff read.
const STAFF_READ: [Answers; 4] = [&[401], &[403], &[200], &[200]];
const RESIDENT_READ: [Answers; 4] = [&[401], &[200], &[403], &[403]];
/// Helpers, about those who allow it.
const HELPER_200: [Answers; 4] = [LOG_IN, OWN_200, NOT_YOURS, NOT_YOURS];

const ROSTER: &str = "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
    姓名,出生日期\r\n王芳,1956-03-02\r\n\r\n--boundary--\r\n";
const HANDOUT: &str = "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n\
    %PDF-1.7\r\n--boundary--\r\n";
const REGISTRATION: &str = r#"{"name": "$NEW", "phone": "13700000000", "password": "a good password", "branch_id": "$CX",
    "birth_date": "1956-03-02", "consent": {"version": "2026-11"}}"#;
const AT_DESK: &str =
    r#"{"name": "$NEW", "birth_date": "19560302", "consent": {"version": "2026-11", "read_aloud": true}}"#;
const INVITATION: &str =
    r#"{"role": "branch_staff", "name": "李老师", "email": "$UUID@example.org", "branch_id": "$CX"}"#;
const COURSE: &str = r#"{"title": "太极拳", "topic": "health"}"#;
const COURSE_FOR: &str = r#"{"title": "太极拳", "topic": "health", "branch_id": "{id}"}"#;
const UPLOAD: &str = r#"{"filename": "a.mp4", "size": 1000, "content_type": "video/mp4"}"#;
const UPLOAD_FOR: &str = r#"{"filename": "a.mp4", "size": 1000, "content_type": "video/mp4", "branch_id": "{id}"}"#;
const REASON: &str = r#"{"reason": "弄错了"}"#;

const PHOTOGRAPHS: &str = r#"{"version": "activity_photographs-2026-11"}"#;

/// One's own consent to photographs.
const fn photographs(operation: &'static str, body: &'static str, by_role: [Answers; 4]) -> Case {
    Case { path: "/me/consents/activity_photographs", ..plain(operation, body, by_role) }
}

/// Every operation.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    let rooms = [
        anomalies::CASES,
        awards::CASES,
        bank::CASES,
        certificates::CASES,
        discussion::CASES,
        helping::CASES,
        honours::CASES,
        learning::CASES,
        ledger::CASES,
        operations::CASES,
        recognition::CASES,
        venues::CASES,
    ];
    CASES.iter().chain(rooms.into_iter().flatten())
}

const CASES: &[Case] = &[
    // Branches and words
    plain("GET /branches", "", open(&[200])),
    plain("POST /branches", r#"{"code": "$CODE", "name": "新村"}"#, [&[401], &[403], &[403], &[201]]),
    about("PATCH /branches/{id}", Branch, r#"{"population": 300}"#, [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200]),
    about("GET /branches/{id}/storage-quota", Branch, "", STAFF_200),
    about(
        "PUT /branches/{id}/storage-quota",
        Branch,
        r#"{"quota_bytes": 53687091200}"#,
        [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200],
    ),
    plain("GET /topics", "", open(&[200])),
    plain("GET /groups", "", open(&[200])),
    plain("GET /consents/current", "", open(&[200])),
    // Residents
    plain("POST /residents", REGISTRATION, open(&[201])),
    plain("GET /residents", "", STAFF_READ),
    at("GET /residents", "/residents?branch_id={id}", Branch, "", STAFF_200),
    about("GET /residents/{id}/learner-card", Resident, "", STAFF_200),
    about("POST /residents/{id}/learner-cards", Resident, "", STAFF_201),
    about("POST /learner-card-sheets", Resident, r#"{"resident_ids": ["{id}"]}"#, STAFF_201),
    about("DELETE /residents/{id}/learner-card", Carded, "", [LOG_IN, NOT_YOURS, &[204, 404, 404], &[204, 204, 404]]),
    plain("POST /session/card", r#"{"card": "x", "pin": "582047"}"#, open(&[401])),
    plain("POST /session/pin", r#"{"card": "x", "code": "x", "pin": "582047"}"#, open(&[401])),
    plain("PUT /me/pin", r#"{"pin": "582047"}"#, [&[401], &[204], &[403], &[403]]),
    plain("GET /session/people", "", open(&[200])),
    at("POST /session/people/{id}", "/session/people/$UUID", Resident, "{}", open(&[401, 401, 401])),
    about("POST /residents/{id}/disclosures", Resident, r#"{"field": "phone", "reason": "回访"}"#, STAFF_201),
    about("GET /residents/{id}", Resident, "", STAFF_200),
    about("PATCH /residents/{id}", Resident, r#"{"groups": ["elderly"]}"#, STAFF_200),
    about("POST /branches/{id}/residents", Branch, AT_DESK, STAFF_201),
    about(
        "POST /residents/{id}/moves",
        Resident,
        r#"{"branch_id": "$YX", "moved_on": "2026-11-22"}"#,
        [LOG_IN, NOT_YOURS, &[201, 404, 404], &[201, 201, 404]],
    ),
    about("GET /residents/{id}/moves", Resident, "", STAFF_200),
    about("POST /residents/{id}/merges", Resident, r#"{"other_id": "$RESIDENT"}"#, STAFF_201),
    plain("GET /resident-merges", "", STAFF_READ),
    about("DELETE /resident-merges/{id}", Merge, "", [LOG_IN, NOT_YOURS, &[204, 404, 404], &[204, 204, 404]]),
    plain("GET /resident-duplicates", "", STAFF_READ),
    at("GET /resident-duplicates", "/resident-duplicates?branch_id={id}", Branch, "", STAFF_200),
    about("POST /residents/{id}/distinctions", Resident, r#"{"other_id": "$RESIDENT"}"#, STAFF_201),
    // Sessions
    plain("POST /session", r#"{"login": "nobody@example.org", "password": "nothing"}"#, open(&[401])),
    plain("POST /session/refreshment", "", open(&[401])),
    plain("DELETE /session", "", open(&[204])),
    plain("POST /session/second-factor", r#"{"challenge": "$UUID", "code": "123456"}"#, open(&[401])),
    // 401 as the password is wrong, whoever asks.
    plain("POST /session/proof", r#"{"password": "not mine"}"#, open(&[401])),
    plain("POST /me/second-factor/confirmation", r#"{"code": "12345"}"#, [&[401], &[403], &[409], &[409]]),
    plain("POST /me/second-factor", "", [&[401], &[403], &[201], &[201]]),
    plain("GET /me", "", [&[401], &[200], &[200], &[200]]),
    plain("GET /me/devices", "", [&[401], &[200], &[200], &[200]]),
    about("DELETE /me/devices/{id}", Device, "", [LOG_IN, &[204, 404, 404], &[204, 404, 404], &[204, 404, 404]]),
    plain("POST /session/password-reset", r#"{"login": "nobody@example.org"}"#, open(&[202])),
    plain(
        "POST /session/password-reset/confirmation",
        r#"{"token": "of nobody", "password": "a password of nobody"}"#,
        open(&[401]),
    ),
    // Accounts
    plain(
        "POST /session/one-time-code",
        r#"{"login": "nobody@example.org", "code": "abcd-efgh-jkmn", "password": "a password of nobody"}"#,
        open(&[401]),
    ),
    plain("GET /accounts", "", [&[401], &[403], &[403], &[200]]),
    plain("POST /accounts", INVITATION, [&[401], &[403], &[403], &[201]]),
    about("PATCH /accounts/{id}", StaffAccount, r#"{"name": "李老师"}"#, [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200]),
    about("POST /accounts/{id}/one-time-code", StaffAccount, "", ADMIN_201),
    about("DELETE /accounts/{id}/second-factor", StaffAccount, "", [LOG_IN, NOT_YOURS, NOT_YOURS, &[204, 204, 404]]),
    about("POST /residents/{id}/one-time-code", Resident, "", STAFF_201),
    plain("GET /audit-entries", "", [&[401], &[403], &[403], &[200]]),
    // Consents, and what is held about oneself
    plain("GET /me/consents", "", RESIDENT_READ),
    photographs("PUT /me/consents/{purpose}", PHOTOGRAPHS, [&[401], &[201], &[403], &[403]]),
    photographs("DELETE /me/consents/{purpose}", "", [&[401], &[204], &[403], &[403]]),
    plain("GET /me/export", "", RESIDENT_READ),
    // The one who asks goes on: leaving has tests of its own.
    plain("POST /me/departure", r#"{"confirmation": false}"#, [&[401], &[422], &[403], &[403]]),
    about("POST /residents/{id}/departure", Resident, r#"{"reason": "asked"}"#, STAFF_201),
    // The catalogue
    plain("GET /courses", "", open(&[200])),
    about("GET /courses/{id}", Published, "", open(ANY_200)),
    about("GET /courses/{id}", Draft, "", open(NOWHERE)),
    about("GET /courses/{id}/cover", Published, "", open(&[302, 302, 404])),
    about("GET /courses/{id}/cover", Draft, "", open(NOWHERE)),
    // Courses in the making
    plain("GET /managed-courses", "", STAFF_READ),
    about("GET /managed-courses/{id}", Draft, "", STAFF_200),
    plain("POST /courses", COURSE, [&[401], &[403], &[201], &[201]]),
    about("POST /courses", Branch, COURSE_FOR, [LOG_IN, NOT_YOURS, &[201, 422, 422], &[201, 201, 422]]),
    about("PATCH /courses/{id}", Draft, r#"{"title": "八段锦"}"#, STAFF_200),
    about("POST /courses/{id}/lessons", Draft, r#"{"title": "第一课", "video_id": "$VIDEO"}"#, STAFF_201),
    at(
        "POST /courses/{id}/lessons",
        "/courses/$DRAFT/lessons",
        ReadyVideo,
        r#"{"title": "第一课", "video_id": "{id}"}"#,
        [LOG_IN, NOT_YOURS, &[201, 422, 422], &[201, 201, 422]],
    ),
    // The one lesson of the course is not named: nobody's order fits.
    about(
        "PUT /courses/{id}/lesson-order",
        Draft,
        r#"{"lessons": []}"#,
        [LOG_IN, NOT_YOURS, &[422, 404, 404], &[422, 422, 404]],
    ),
    at("POST /courses/{id}/files", "/courses/{id}/files?kind=handout", Draft, HANDOUT, STAFF_201),
    about("GET /courses/{id}/files", Draft, "", STAFF_200),
    about("POST /courses/{id}/article-previews", Draft, r#"{"text": "地震来了"}"#, STAFF_200),
    at("DELETE /courses/{id}/files/{file_id}", "/courses/{id}/files/$PART", Filled, "", STAFF_200),
    about("GET /course-files/{id}", Handout, "", open(&[302, 302, 404])),
    about("DELETE /lessons/{id}", DraftLesson, "", STAFF_200),
    about("DELETE /courses/{id}/draft", NextVersion, "", STAFF_200),
    about("POST /courses/{id}/submission", Draft, "", STAFF_201),
    about("POST /courses/{id}/approval", Declared, "", ADMIN_201),
    about("POST /courses/{id}/rejection", Declared, REASON, ADMIN_201),
    about("POST /courses/{id}/publication", Approved, "", ADMIN_201),
    about("POST /courses/{id}/archival", Published, "", ADMIN_201),
    // Videos
    plain("POST /videos", UPLOAD, [&[401], &[403], &[201], &[201]]),
    about("POST /videos", Branch, UPLOAD_FOR, [LOG_IN, NOT_YOURS, &[201, 422, 422], &[201, 201, 422]]),
    about("GET /videos/{id}", Upload, "", STAFF_200),
    about("GET /videos/{id}/parts", Upload, "", STAFF_200),
    about(
        "POST /videos/{id}/completion",
        Upload,
        r#"{"parts": []}"#,
        [LOG_IN, NOT_YOURS, &[422, 404, 404], &[422, 422, 404]],
    ),
    about("POST /videos/{id}/processing", ReadyVideo, "", [LOG_IN, NOT_YOURS, &[202, 404, 404], &[202, 202, 404]]),
    about("DELETE /videos/{id}", Upload, "", [LOG_IN, NOT_YOURS, &[204, 404, 404], &[204, 204, 404]]),
    about("DELETE /videos/{id}", ReadyVideo, "", [LOG_IN, NOT_YOURS, &[204, 404, 404], &[204, 204, 404]]),
    about("DELETE /videos/{id}", Captions, "", [LOG_IN, NOT_YOURS, &[409, 404, 404], &[409, 409, 404]]),
    about("PUT /videos/{id}/captions/{language}", ReadyVideo, "WEBVTT\n\n00:00.000 --> 00:01.000\n好\n", STAFF_201),
    about("GET /videos/{id}/captions/{language}", Captions, "", open(ANY_200)),
    about("GET /videos/{id}/captions/{language}", ReadyVideo, "", open(NOWHERE)),
    about("GET /managed-videos/{id}/captions/{language}", Captions, "", STAFF_200),
    about(
        "DELETE /videos/{id}/captions/{language}",
        Captions,
        "",
        [LOG_IN, NOT_YOURS, &[204, 404, 404], &[204, 204, 404]],
    ),
    about("PATCH /lessons/{id}", DraftLesson, r#"{"title": "第二课"}"#, STAFF_200),
    // Rosters
    about("GET /branches/{id}/roster-imports", Branch, "", STAFF_200),
    about("POST /branches/{id}/roster-imports", Branch, ROSTER, STAFF_201),
    about("GET /roster-imports/{id}", Roster, "", STAFF_200),
    about("GET /roster-imports/{id}/problems", Roster, "", STAFF_200),
    about("POST /roster-imports/{id}/confirmation", Roster, "", STAFF_201),
];
