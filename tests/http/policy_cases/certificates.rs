//! Certificates: who has the code may check it; a revocation is the street centre's word.

use super::Object::{Certificate, Published, Resident};
use super::{
    ADMIN_201, ANY_200, Case, LOG_IN, NOT_YOURS, REASON, RESIDENT_READ, STAFF_200, STAFF_READ, about, at, open, plain,
};

pub(super) const CASES: &[Case] = &[
    plain("GET /me/certificates", "", RESIDENT_READ),
    plain("GET /certificates", "", STAFF_READ),
    at("GET /certificates", "/certificates?resident_id={id}", Resident, "", STAFF_200),
    at(
        "GET /certificates",
        "/certificates?course_id={id}",
        Published,
        "",
        [LOG_IN, NOT_YOURS, &[200, 200, 200], &[200, 200, 200]],
    ),
    about("GET /certificates/{code}", Certificate, "", open(ANY_200)),
    about("GET /certificates/{code}/document", Certificate, "", open(ANY_200)),
    about("GET /certificates/{code}/credential", Certificate, "", open(ANY_200)),
    about("POST /certificates/{code}/revocation", Certificate, REASON, ADMIN_201),
    plain("GET /certificate-issuer", "", open(&[200])),
    plain("GET /certificate-revocations", "", open(&[200])),
];
