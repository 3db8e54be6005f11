//! The credit bank: one's own account, awards, and the rules by which is earned, which are an admin's.

use super::Object::{Award, Redemption, Reward, Transfer};
use super::{
    ADMIN_201, ANY_200, Answers, Case, LOG_IN, NOT_YOURS, NOWHERE, OWN_200, REASON, RESIDENT_READ, STAFF_200,
    STAFF_READ, about, open, plain,
};

const AWARD: &str = r#"{"residents": [{"id": "$RESIDENT"}], "unit": "credit", "amount": "1.00", "reason": "志愿服务",
    "earned_on": "2026-11-20"}"#;
const RULE: &str = r#"{"name_zh": "每天登录", "name_en": "Daily log-in", "earns": "daily_log_in", "unit": "point",
    "amount": "1", "valid_from": "2026-12-01"}"#;
const REWARD: &str = r#"{"title": "毛巾", "price": 30, "stock": 10}"#;
const PICTURE: &str = "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.gif\"\r\n\r\n\
    GIF89a\r\n--boundary--\r\n";
const ADMIN_READ: [Answers; 4] = [&[401], &[403], &[403], &[200]];
const ADMIN_MAKES: [Answers; 4] = [&[401], &[403], &[403], &[201]];

pub(super) const CASES: &[Case] = &[
    plain("GET /me/credit-account", "", RESIDENT_READ),
    plain("GET /me/credit-account/transfers", "", RESIDENT_READ),
    plain("GET /credit-transfers", "", STAFF_READ),
    plain("POST /credit-awards", AWARD, ADMIN_MAKES),
    about("POST /credit-awards/{id}/reversal", Award, REASON, ADMIN_201),
    about("POST /credit-transfers/{id}/reversal", Transfer, REASON, ADMIN_201),
    plain("GET /credit-rules", "", ADMIN_READ),
    plain("POST /credit-rules/trial", RULE, ADMIN_READ),
    plain("POST /credit-rules", RULE, ADMIN_MAKES),
    // Rewards are the street centre's; whoever looks after the resident hands them over.
    plain("GET /rewards", "", open(&[200])),
    plain("GET /managed-rewards", "", ADMIN_READ),
    plain("POST /rewards", REWARD, ADMIN_MAKES),
    about("PATCH /rewards/{id}", Reward, r#"{"added_stock": 1}"#, [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200]),
    // Without points nothing can be chosen.
    about("POST /rewards/{id}/redemptions", Reward, "", [LOG_IN, &[409, 409, 404], NOT_YOURS, NOT_YOURS]),
    plain("GET /me/redemptions", "", RESIDENT_READ),
    about("POST /me/redemptions/{id}/cancellation", Redemption, "", [LOG_IN, OWN_200, NOT_YOURS, NOT_YOURS]),
    plain("GET /redemptions", "", STAFF_READ),
    plain("POST /redemptions/by-card", r#"{"card": "nobody's"}"#, [&[401], &[403], &[422], &[422]]),
    about(
        "POST /redemptions/{id}/hand-over",
        Redemption,
        r#"{"code": "no"}"#,
        [LOG_IN, NOT_YOURS, &[422, 404, 404], &[422, 422, 404]],
    ),
    about("POST /redemptions/{id}/cancellation", Redemption, "", STAFF_200),
    // It has not been handed over yet.
    about(
        "POST /redemptions/{id}/reversal",
        Redemption,
        REASON,
        [LOG_IN, NOT_YOURS, &[409, 404, 404], &[409, 409, 404]],
    ),
    about("GET /rewards/{id}/picture", Reward, "", open(NOWHERE)),
    about("PUT /rewards/{id}/picture", Reward, PICTURE, [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200]),
    about("DELETE /rewards/{id}/picture", Reward, "", [LOG_IN, NOT_YOURS, NOT_YOURS, ANY_200]),
];
