//! Honours: the street's alone.

use super::Object::Honours;
use super::{ANY_200, Answers, Case, LOG_IN, NOT_YOURS, about, at, plain};

const ADMIN_READ: [Answers; 4] = [&[401], &[403], &[403], &[200]];
const ADMIN_200: [Answers; 4] = [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200];
const LIST: &str =
    r#"{"title": "年度表彰", "criteria": {"from": "2025-01-01", "to": "2025-12-31"}, "digest": "$DIGEST"}"#;

pub(super) const CASES: &[Case] = &[
    Case { path: "/honours?from=2026-01-01&to=2026-12-31", ..plain("GET /honours", "", ADMIN_READ) },
    plain("POST /honour-lists", LIST, [&[401], &[403], &[403], &[201]]),
    plain("GET /honour-lists", "", ADMIN_READ),
    about("GET /honour-lists/{id}", Honours, "", ADMIN_200),
    at("GET /honour-lists/{id}/export", "/honour-lists/{id}/export?format=csv", Honours, "", ADMIN_200),
];
