//! Versions: a course that residents learn from is changed by making its next version.

use diesel_async::AsyncConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{Course, CourseVersion, Status};
use super::{ManagedCourse, managed_by_id, note, queries, version_queries};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::error::{Code, Error, Result};

/// A course and the version of it that is worked on, held until the transaction ends.
pub(super) struct Working {
    pub(super) course: Course,
    pub(super) version: CourseVersion,
}

/// The version that the actor may change. When the newest is offered already, the next one is begun
/// with the same content.
///
/// # Errors
/// [`Code::CourseLocked`] once it is declared, but for admins, and for a course no longer offered.
pub(super) async fn lock_for_change(
    connection: &mut Connection,
    actor: &Actor,
    proof: &CanManage<Course>,
    now: OffsetDateTime,
) -> Result<Working> {
    let course = queries::lock(connection, proof.object().id).await?;
    let version = version_queries::one(connection, course.id, course.latest_version).await?;
    let open = course.status != Status::Archived
        && match version.status {
            Status::Draft | Status::Rejected | Status::Published => true,
            Status::Declared | Status::Approved => actor.is_admin(),
            Status::Archived | Status::Superseded => false,
        };
    if !open {
        return Err(Error::code(Code::CourseLocked));
    }
    if version.status != Status::Published {
        return Ok(Working { course, version });
    }
    let number = version.number + 1;
    let next = CourseVersion {
        number,
        status: Status::Draft,
        created_at: now,
        updated_at: now,
        published_at: None,
        ..version
    };
    version_queries::begin(connection, &next).await?;
    note(connection, now, Some(actor), "course.version_begun", &next, course.branch_id).await?;
    Ok(Working { course: Course { latest_version: number, ..course }, version: next })
}

impl Working {
    /// Writes the version; a course that was never offered shows it at once.
    pub(super) async fn save(
        &mut self,
        connection: &mut Connection,
        actor: &Actor,
        action: &'static str,
        now: OffsetDateTime,
    ) -> Result<()> {
        self.version.updated_at = now;
        version_queries::update(connection, &self.version).await?;
        if self.course.published_at.is_none() {
            version_queries::show(connection, &self.version).await?;
        }
        note(connection, now, Some(actor), action, &self.version, self.course.branch_id).await
    }
}

/// Gives up the version that is worked on; the one that is offered stays as it is.
///
/// # Errors
/// [`Code::CourseWithoutDraft`] when there is none beside what is offered; [`Code::CourseLocked`]
/// once it is declared, but for admins.
pub async fn discard_version(campus: &Campus, actor: &Actor, proof: &CanManage<Course>) -> Result<ManagedCourse> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let course = queries::lock(connection, proof.object().id).await?;
            if course.latest_version == course.version {
                return Err(Error::code(Code::CourseWithoutDraft));
            }
            let Working { version, .. } = lock_for_change(connection, actor, proof, now).await?;
            version_queries::discard(connection, course.id, version.number).await?;
            note(connection, now, Some(actor), "course.version_discarded", &version, course.branch_id).await?;
            managed_by_id(connection, course.id).await
        })
        .await
}

/// The lesson in a form that the version alone has: a lesson that residents have learned from is
/// copied, and the copy takes its place. Answers the lesson to change.
pub(super) async fn own_lesson(
    connection: &mut Connection,
    version: &CourseVersion,
    lesson: Uuid,
    now: OffsetDateTime,
) -> Result<super::rows::LessonRow> {
    let row = queries::lesson(connection, lesson).await?;
    if !version_queries::is_shared(connection, lesson).await? {
        return Ok(row);
    }
    let origin_id = row.origin_id.or(Some(row.id));
    let copy = super::rows::LessonRow { id: crate::ids::new_id(), origin_id, created_at: now, ..row };
    version_queries::replace_lesson(connection, version, lesson, &copy).await?;
    Ok(copy)
}
