//! Awards that wait for a second person, their files, sheets that lists are read from: admins alone.

use super::Object::{Award, Proposed};
use super::{ADMIN_201, ANY_200, Answers, Case, HANDOUT, LOG_IN, NOT_YOURS, REASON, about, plain};

const ADMIN_READ: [Answers; 4] = [&[401], &[403], &[403], &[200]];
const ADMIN_200: [Answers; 4] = [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200];
const SHEET: &str = "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
    姓名,电话\r\n王芳,13800000000\r\n\r\n--boundary--\r\n";

pub(super) const CASES: &[Case] = &[
    plain("POST /credit-award-lists", SHEET, ADMIN_READ),
    plain("POST /residents/by-card", r#"{"card": "nobody's"}"#, [&[401], &[403], &[422], &[422]]),
    plain("GET /credit-award-proposals", "", ADMIN_READ),
    about("GET /credit-award-proposals/{id}", Proposed, "", ADMIN_200),
    about("GET /credit-award-proposals/{id}/residents", Proposed, "", ADMIN_200),
    about("POST /credit-award-proposals/{id}/approval", Proposed, "", ADMIN_200),
    about("POST /credit-award-proposals/{id}/rejection", Proposed, REASON, ADMIN_200),
    plain("GET /credit-awards", "", ADMIN_READ),
    about("POST /credit-awards/{id}/files", Award, HANDOUT, ADMIN_201),
    about("GET /credit-awards/{id}/files", Award, "", ADMIN_200),
];
