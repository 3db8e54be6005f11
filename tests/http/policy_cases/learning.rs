//! Learning: everybody's own, of courses of any branch.

use super::Object::{Article, Attempt, Draft, DraftLesson, Lesson, Published, Quiz, Viewing};
use super::{ANY_200, ANY_201, Case, LOG_IN, NOT_YOURS, NOWHERE, OWN_200, RESIDENT_READ, about, at, plain};

pub(super) const CASES: &[Case] = &[
    about("PUT /courses/{id}/enrollment", Published, "", [LOG_IN, ANY_201, NOT_YOURS, NOT_YOURS]),
    about("PUT /courses/{id}/enrollment", Draft, "", [LOG_IN, NOWHERE, NOT_YOURS, NOT_YOURS]),
    about("GET /me/courses/{id}", Published, "", [LOG_IN, ANY_200, NOT_YOURS, NOT_YOURS]),
    about("GET /me/courses/{id}", Draft, "", [LOG_IN, NOWHERE, NOT_YOURS, NOT_YOURS]),
    plain("GET /me/enrollments", "", RESIDENT_READ),
    about("GET /lessons/{id}/playback", Lesson, "", [LOG_IN, ANY_200, ANY_200, ANY_200]),
    about("GET /lessons/{id}/playback", DraftLesson, "", [LOG_IN, NOWHERE, OWN_200, ANY_200]),
    // Somebody else's viewing is none at all.
    at(
        "PUT /lessons/{id}/progress",
        "/lessons/$PART/progress",
        Viewing,
        r#"{"viewing_id": "{id}", "position": 1.0, "watched": [[0.0, 1.0]]}"#,
        [LOG_IN, &[200, 422, 422], NOT_YOURS, NOT_YOURS],
    ),
    about("GET /lessons/{id}/article", Article, "", [LOG_IN, ANY_200, ANY_200, ANY_200]),
    about("GET /lessons/{id}/article", Lesson, "", [LOG_IN, NOWHERE, NOWHERE, NOWHERE]),
    about("PUT /lessons/{id}/reading", Article, r#"{"finished": false}"#, [LOG_IN, ANY_200, NOT_YOURS, NOT_YOURS]),
    about("POST /lessons/{id}/quiz-attempts", Quiz, "{}", [LOG_IN, ANY_201, NOT_YOURS, NOT_YOURS]),
    about("GET /lessons/{id}/quiz-attempts", Quiz, "", [LOG_IN, ANY_200, NOT_YOURS, NOT_YOURS]),
    at(
        "PUT /quiz-attempts/{id}/answers/{question_id}",
        "/quiz-attempts/{id}/answers/$PART",
        Attempt,
        r#"{"chosen": []}"#,
        [LOG_IN, &[422, 404, 404], NOT_YOURS, NOT_YOURS],
    ),
];
