//! Questions and ratings: learners among themselves, and staff about courses of their own.

use super::Object::{Article, Finished, Lesson, OwnQuestion, Published, SeenQuestion};
use super::{
    ANY_200, ANY_201, Answers, Case, LOG_IN, NOT_YOURS, RESIDENT_READ, STAFF_200, STAFF_201, STAFF_READ, about, at,
    plain,
};

const QUESTION: &str = r#"{"text": "怎么放大字体？"}"#;
const RUDE: &str = r#"{"reason": "rude"}"#;
const HIDE: &str = r#"{"decision": "hide", "reason": "rude"}"#;
const GOOD: &str = r#"{"value": "good"}"#;

/// For residents alone.
const fn learners(answers: Answers) -> [Answers; 4] {
    [LOG_IN, answers, NOT_YOURS, NOT_YOURS]
}

pub(super) const CASES: &[Case] = &[
    about("GET /lessons/{id}/questions", Article, "", learners(ANY_200)),
    about("GET /lessons/{id}/questions", Lesson, "", learners(&[409, 409, 404])),
    about("POST /lessons/{id}/questions", Article, QUESTION, learners(ANY_201)),
    about("POST /lessons/{id}/questions", Lesson, QUESTION, learners(&[409, 409, 404])),
    plain("GET /me/questions", "", RESIDENT_READ),
    about("DELETE /lesson-questions/{id}", OwnQuestion, "", learners(&[204, 404, 404])),
    about("POST /lesson-questions/{id}/reports", SeenQuestion, RUDE, learners(ANY_201)),
    about("POST /lesson-questions/{id}/reports", OwnQuestion, RUDE, learners(&[409, 404, 404])),
    plain("GET /lesson-questions", "", STAFF_READ),
    at("GET /lesson-questions", "/lesson-questions?course_id={id}", Published, "", STAFF_200),
    about("GET /lesson-questions/{id}", SeenQuestion, "", STAFF_200),
    plain("GET /waiting-questions", "", STAFF_READ),
    about("PUT /lesson-questions/{id}/answer", SeenQuestion, r#"{"text": "在设置里。", "version": 0}"#, STAFF_201),
    about("PUT /lesson-questions/{id}/pin", SeenQuestion, "", STAFF_200),
    about("DELETE /lesson-questions/{id}/pin", SeenQuestion, "", STAFF_200),
    about("PUT /lesson-questions/{id}/review", SeenQuestion, HIDE, STAFF_200),
    about("GET /courses/{id}/rating", Published, "", learners(ANY_200)),
    about("PUT /courses/{id}/rating", Published, GOOD, learners(&[409, 409, 404])),
    about("PUT /courses/{id}/rating", Finished, GOOD, learners(ANY_201)),
    about("GET /managed-courses/{id}/ratings", Published, "", STAFF_200),
];
