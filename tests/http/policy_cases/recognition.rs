//! Recognition: residents and helpers about what is theirs, the branch checks, the street approves.

use super::Object::{CheckedClaim, Drafted, Filed, Helped, RecognisedOutcome};
use super::{
    ANY_200, Answers, Case, HELPER_200, LOG_IN, NOT_YOURS, OWN_200, OWN_201, REASON, RESIDENT_READ, STAFF_200,
    STAFF_READ, about, at, open, plain,
};

const OUTCOME: &str = r#"{"kind": "certificate", "name": "急救证", "requirement": "证书原件", "basis": "each",
    "credits": "5.00", "notice_days": 0}"#;
const CLAIM: &str = r#"{"outcome_id": "$OUTCOME", "title": "急救员", "issuer": "红十字会", "issued_on": "2026-11-20"}"#;
const PHOTO: &str = "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.gif\"\r\n\r\n\
    GIF89a\r\n--boundary--\r\n";

/// For residents alone.
const fn residents(answers: Answers) -> [Answers; 4] {
    [LOG_IN, answers, NOT_YOURS, NOT_YOURS]
}

/// For admins alone.
const ADMIN_200: [Answers; 4] = [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200];

pub(super) const CASES: &[Case] = &[
    plain("GET /recognised-outcomes", "", open(&[200])),
    plain("POST /recognised-outcomes", OUTCOME, [&[401], &[403], &[403], &[201]]),
    about("PUT /recognised-outcomes/{id}", RecognisedOutcome, OUTCOME, ADMIN_200),
    plain("GET /recognition-notices", "", open(&[200])),
    plain("GET /me/recognitions", "", RESIDENT_READ),
    plain("POST /me/recognitions", CLAIM, [&[401], &[201], &[403], &[403]]),
    about("GET /me/helped/{id}/recognitions", Helped, "", HELPER_200),
    about("POST /me/helped/{id}/recognitions", Helped, CLAIM, residents(OWN_201)),
    about("GET /me/recognitions/{id}", Filed, "", residents(OWN_200)),
    about("PUT /me/recognitions/{id}", Drafted, CLAIM, residents(OWN_200)),
    // A moving picture is none of those that are taken.
    about("POST /me/recognitions/{id}/photos", Drafted, PHOTO, residents(&[422, 404, 404])),
    at(
        "DELETE /me/recognitions/{id}/photos/{photo_id}",
        "/me/recognitions/{id}/photos/$PART",
        Drafted,
        "",
        residents(OWN_200),
    ),
    about("POST /me/recognitions/{id}/submission", Drafted, "", residents(OWN_200)),
    about("POST /me/recognitions/{id}/withdrawal", Filed, "", residents(OWN_200)),
    plain("GET /recognitions", "", STAFF_READ),
    about("GET /recognitions/{id}", Filed, "", STAFF_200),
    about("POST /recognitions/{id}/check", Filed, r#"{"original_seen": true}"#, STAFF_200),
    about("POST /recognitions/{id}/approval", CheckedClaim, "", ADMIN_200),
    about("POST /recognitions/{id}/refusal", Filed, REASON, STAFF_200),
];
