//! Whoever has begun nothing yet learns the version that is offered, though they enrolled before it was.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::enrollment_queries;
use crate::Campus;
use crate::audit;
use crate::courses::{self, Offered};
use crate::db::Connection;
use crate::error::{Code, Result};

/// Enrolments that one transaction moves: whoever begins meanwhile waits no longer than that takes.
const AT_ONCE: i64 = 500;

/// Moves every enrolment of a course under which nothing has been begun to the version that is
/// offered. Whoever has watched, read or answered anything of the course stays with the version
/// they began.
///
/// # Errors
/// What the database says.
pub(super) async fn catch_up(campus: &Campus, course_id: Uuid) -> Result<()> {
    let connection = &mut *campus.database.connection().await?;
    let course = match courses::offered(connection, course_id).await {
        // Taken away in the meantime: nobody learns from it.
        Err(error) if error.stable_code() == Code::NotFound => return Ok(()),
        found => found?,
    };
    let course = course.object();
    loop {
        let now = campus.clock.now();
        let more = connection.transaction(async |connection| move_some(connection, course, now).await).await?;
        if !more {
            return Ok(());
        }
    }
}

/// Answers whether there may be more.
async fn move_some(connection: &mut Connection, course: &Offered, now: OffsetDateTime) -> Result<bool> {
    // First the locks, which wait for those who are just beginning, then a look at who has begun.
    let held = enrollment_queries::hold_unbegun(connection, course, AT_ONCE).await?;
    if held.is_empty() {
        return Ok(false);
    }
    let moved = enrollment_queries::move_unbegun(connection, course, &held).await?;
    if moved > 0 {
        let entry = audit::Entry {
            action: "course.enrollments_moved",
            object_kind: "course",
            object_id: Some(course.id),
            branch_id: Some(course.branch_id),
            detail: json!({"version": course.version, "enrollments": moved}),
            actor: None,
        };
        audit::record(connection, now, &entry).await?;
    }
    Ok(true)
}
