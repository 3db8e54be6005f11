//! The steps of a course: a branch declares, the street centre decides.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;

use super::fields::Fields;
use super::rows::{Course, CourseVersion, Status};
use super::{ManagedCourse, check_prerequisites, managed_by_id, note, queries, standing, texts, version_queries};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::jobs::{self, NewJob};

/// The job that is written when a next version is offered: enrolments stand on courses, which know
/// nothing of them but this name.
pub const ENROLLMENTS_BEHIND: &str = "catch_up_enrollments";

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The branch declares a draft, or one that was sent back.
    Submission,
    /// The street centre approves what was declared.
    Approval,
    /// The street centre sends it back and says why.
    Rejection(String),
    /// The street centre offers it to residents.
    Publication,
    /// The street centre offers it no longer.
    Archival,
}

impl Step {
    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::Approval => "approval",
            Self::Rejection(_) => "rejection",
            Self::Publication => "publication",
            Self::Archival => "archival",
        }
    }

    const fn action(&self) -> &'static str {
        match self {
            Self::Submission => "course.submitted",
            Self::Approval => "course.approved",
            Self::Rejection(_) => "course.rejected",
            Self::Publication => "course.published",
            Self::Archival => "course.archived",
        }
    }

    const fn leads_to(&self) -> Status {
        match self {
            Self::Submission => Status::Declared,
            Self::Approval => Status::Approved,
            Self::Rejection(_) => Status::Rejected,
            Self::Publication => Status::Published,
            Self::Archival => Status::Archived,
        }
    }

    const fn may_follow(&self, status: Status) -> bool {
        match self {
            Self::Submission => matches!(status, Status::Draft | Status::Rejected),
            Self::Approval | Self::Rejection(_) => matches!(status, Status::Declared),
            Self::Publication => matches!(status, Status::Approved),
            Self::Archival => matches!(status, Status::Published),
        }
    }
}

/// Takes a step. `false` beside the course: it had been taken already, and nothing happened.
/// Who may take which step at all is the policy table's word.
///
/// # Errors
/// [`Code::CourseStepInvalid`] from another state, [`Code::CourseWithoutLessons`],
/// [`Code::CourseNotReady`], a bad reason.
pub async fn take_step(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Course>,
    step: &Step,
) -> Result<(ManagedCourse, bool)> {
    let reason = check_reason(step)?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            // Held, so that of two at once the second sees what the first has done.
            let course = queries::lock(connection, proof.object().id).await?;
            let mut version = version_queries::one(connection, course.id, course.latest_version).await?;
            // What is offered can be withdrawn whatever is worked on.
            let withdrawn = *step == Step::Archival && course.status == Status::Published;
            let status = if withdrawn { course.status } else { standing(&course, &version) };
            if status == step.leads_to() {
                return Ok((managed_by_id(connection, course.id).await?, false));
            }
            if !step.may_follow(status) {
                return Err(Error::code(Code::CourseStepInvalid));
            }
            match step {
                Step::Archival => queries::move_on(connection, &course, Status::Archived, now).await?,
                _ => move_version_on(connection, &course, &mut version, step, now).await?,
            }
            queries::insert_step(connection, &version, step.as_str(), actor.account_id, reason.as_deref(), now).await?;
            texts::refresh(connection, course.id).await?;
            note(connection, now, Some(actor), step.action(), &version, course.branch_id).await?;
            Ok((managed_by_id(connection, course.id).await?, true))
        })
        .await
}

/// Takes the version a step on; when it is published, it is what residents see from now on.
async fn move_version_on(
    connection: &mut Connection,
    course: &Course,
    version: &mut CourseVersion,
    step: &Step,
    now: OffsetDateTime,
) -> Result<()> {
    if *step == Step::Submission && !queries::has_lessons(connection, version).await? {
        return Err(Error::code(Code::CourseWithoutLessons));
    }
    if *step == Step::Publication {
        if !queries::is_playable(connection, version).await? {
            return Err(Error::code(Code::CourseNotReady));
        }
        let mut fields = Fields::default();
        check_prerequisites(connection, course.id, &version.prerequisites, &mut fields).await?;
        fields.finish()?;
        version.published_at = Some(now);
        version_queries::supersede_before(connection, course.id, version.number).await?;
        version_queries::show(connection, version).await?;
        if version.number > 1 {
            let behind = NewJob::new(ENROLLMENTS_BEHIND, json!({"course_id": course.id}), now);
            jobs::enqueue(connection, &behind).await?;
        }
    }
    version.status = step.leads_to();
    version.updated_at = now;
    version_queries::update(connection, version).await?;
    // While a next version is worked on, the course goes on being offered.
    if course.published_at.is_none() || *step == Step::Publication {
        queries::move_on(connection, course, version.status, now).await?;
    }
    Ok(())
}

fn check_reason(step: &Step) -> Result<Option<String>> {
    let Step::Rejection(reason) = step else { return Ok(None) };
    let mut fields = Fields::default();
    let reason = fields.reason(reason);
    fields.finish()?;
    Ok(Some(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table, by hand: from each state the steps that may be taken.
    #[test]
    fn steps_follow_the_states_they_may() {
        let steps =
            [Step::Submission, Step::Approval, Step::Rejection(String::new()), Step::Publication, Step::Archival];
        let table: [(Status, &[&str]); 7] = [
            (Status::Draft, &["submission"]),
            (Status::Declared, &["approval", "rejection"]),
            (Status::Approved, &["publication"]),
            (Status::Rejected, &["submission"]),
            (Status::Published, &["archival"]),
            (Status::Archived, &[]),
            (Status::Superseded, &[]),
        ];
        for (status, allowed) in table {
            let found: Vec<&str> =
                steps.iter().filter(|step| step.may_follow(status)).map(|step| step.as_str()).collect();
            assert_eq!(found, allowed, "{status:?}");
        }
    }
}
