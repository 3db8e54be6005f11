//! What is out of the ordinary: the street's alone.

use super::Object::Anomaly;
use super::{ADMIN_201, ANY_200, Answers, Case, LOG_IN, NOT_YOURS, about, plain};

const ADMIN_READ: [Answers; 4] = [&[401], &[403], &[403], &[200]];

pub(super) const CASES: &[Case] = &[
    plain("GET /anomalies", "", ADMIN_READ),
    plain("GET /anomaly-overview", "", ADMIN_READ),
    plain("POST /anomaly-searches", "", [&[401], &[403], &[403], &[202]]),
    about("POST /anomalies/{id}/settlement", Anomaly, r#"{"note": "看过了"}"#, ADMIN_201),
    about("DELETE /anomalies/{id}/settlement", Anomaly, "", [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200]),
];
