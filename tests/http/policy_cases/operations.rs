//! Operations and reports.

use super::Object::{Branch, Dossier};
use super::{ANY_200, Case, LOG_IN, NOT_YOURS, STAFF_200, STAFF_READ, about, open, plain};

pub(super) const CASES: &[Case] = &[
    // Operations
    plain("GET /deployment", "", open(&[200])),
    plain("GET /mailbox", "", [&[401], &[403], &[403], &[200]]),
    plain("GET /mailbox/{id}", "", [&[401], &[403], &[403], &[404]]),
    plain("GET /storage-reports", "", [&[401], &[403], &[403], &[200]]),
    plain("POST /storage-reports", "", [&[401], &[403], &[403], &[202]]),
    plain("GET /dead-jobs", "", [&[401], &[403], &[403], &[200]]),
    plain("POST /dead-jobs/{id}/replay", "", [&[401], &[403], &[403], &[404]]),
    // Reports, and what they are taken from
    about("GET /branches/{id}/group-populations", Branch, "", [LOG_IN, NOT_YOURS, ANY_200, ANY_200]),
    about(
        "PUT /branches/{id}/group-populations",
        Branch,
        r#"{"populations": {"elderly": 90}}"#,
        [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200],
    ),
    plain("GET /reports/months/{month}/ranking", "", STAFF_READ),
    plain("GET /reports/months/{month}/events", "", STAFF_READ),
    about("GET /reports/months/{month}/branches/{id}", Branch, "", [LOG_IN, NOT_YOURS, ANY_200, ANY_200]),
    plain("GET /reports/months/{month}/export", "", STAFF_READ),
    plain("GET /reports/months/{month}/composite-ranking", "", STAFF_READ),
    about("GET /reports/months/{month}/branches/{id}/unreached", Branch, "", STAFF_200),
    plain("GET /reports/composite-weights", "", STAFF_READ),
    plain("PUT /reports/composite-weights", r#"{"weights": {"credits": 100}}"#, [&[401], &[403], &[403], &[200]]),
    plain("GET /reports/years/{year}/targets", "", STAFF_READ),
    plain("PUT /reports/years/{year}/targets", r#"{"targets": {}}"#, [&[401], &[403], &[403], &[200]]),
    plain("GET /reports/years/{year}", "", STAFF_READ),
    plain("GET /reports/years/{year}/export", "", STAFF_READ),
    plain("GET /reports/years/{year}/dossiers", "", STAFF_READ),
    plain("POST /reports/years/{year}/dossiers", "{}", [&[401], &[403], &[202], &[202]]),
    about("GET /dossiers/{id}", Dossier, "", STAFF_200),
    about("POST /dossiers/{id}/links", Dossier, "", [LOG_IN, NOT_YOURS, &[409, 404, 404], &[409, 409, 404]]),
    about("GET /reports/months/{month}/branches/{id}/export", Branch, "", [LOG_IN, NOT_YOURS, ANY_200, ANY_200]),
    plain("GET /reports/months/{month}/mails", "", [&[401], &[403], &[403], &[200]]),
    plain("POST /reports/months/{month}/mails", r#"{"only_missed": true}"#, [&[401], &[403], &[403], &[409]]),
    // The month that is running cannot be closed by anybody.
    plain("POST /reports/months/{month}/closing", "", [&[401], &[403], &[403], &[409]]),
];
