//! Helpers: residents about those whom they allow or help, staff at the desk.

use super::Object::{Help, Helped, Resident};
use super::{Case, HELPER_200, LOG_IN, NOT_YOURS, OWN_201, RESIDENT_READ, STAFF_201, about, at, plain};

const HELPER: &str = r#"{"helper_learner_number": "$HELPER", "helper_name": "$NAMED", "months": 3, "consent": true}"#;

pub(super) const CASES: &[Case] = &[
    plain("GET /me/helpers", "", RESIDENT_READ),
    plain("POST /me/helper-invitation", r#"{"months": 3}"#, [&[401], &[201], &[403], &[403]]),
    plain("DELETE /me/helper-invitation", "", [&[401], &[204], &[403], &[403]]),
    about("DELETE /me/helpers/{id}", Help, "", [LOG_IN, &[204, 404, 404], NOT_YOURS, NOT_YOURS]),
    plain("GET /me/helper-acts", "", RESIDENT_READ),
    plain("GET /me/helped", "", RESIDENT_READ),
    plain("POST /me/helped", r#"{"name": "$NEW", "code": "0000-0000"}"#, [&[401], &[422], &[403], &[403]]),
    about("GET /me/helped/{id}", Helped, "", HELPER_200),
    about("PATCH /me/helped/{id}", Helped, r#"{"groups": ["elderly"]}"#, HELPER_200),
    about("DELETE /me/helped/{id}", Helped, "", [LOG_IN, &[204, 404, 404], NOT_YOURS, NOT_YOURS]),
    about("GET /me/helped/{id}/enrollments", Helped, "", HELPER_200),
    at(
        "PUT /me/helped/{id}/courses/{course_id}/enrollment",
        "/me/helped/{id}/courses/$PUBLISHED/enrollment",
        Helped,
        "",
        [LOG_IN, OWN_201, NOT_YOURS, NOT_YOURS],
    ),
    about("GET /me/helped/{id}/credit-account", Helped, "", HELPER_200),
    about("GET /me/helped/{id}/credit-account/transfers", Helped, "", HELPER_200),
    about("POST /residents/{id}/helpers", Resident, HELPER, STAFF_201),
    about("DELETE /residents/{id}/helpers", Resident, "", [LOG_IN, NOT_YOURS, &[204, 404, 404], &[204, 204, 404]]),
];
