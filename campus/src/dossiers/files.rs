//! The documents and pictures of a year: what awards and recognitions stand on, and what courses came with.

use diesel::sql_types::{Array, Date as DateType, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::making::Making;
use super::package::file_name;
use crate::Campus;
use crate::error::Result;

/// A file in the object store that goes into the archive.
#[derive(diesel::QueryableByName)]
pub(super) struct Kept {
    #[diesel(sql_type = Text)]
    pub(super) object_key: String,
    #[diesel(sql_type = Text)]
    folder: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    pub(super) about: String,
}

impl Kept {
    /// Where it lies in the archive, below `part`; numbered, so that two of one name are two.
    pub(super) fn path(&self, part: &str, number: usize) -> String {
        format!("{part}/{}/{number:03} {}", file_name(&self.folder), file_name(&self.name))
    }
}

/// Where a kind of files is found and what its part of the archive is called. `$1` are the branches (`NULL`: all),
/// `$2` the first day of the year, `$3` the first day after what is covered, `$4` the time zone.
pub(super) struct Source {
    pub(super) part: &'static str,
    statement: &'static str,
}

pub(super) const SOURCES: &[Source] = &[
    // Sheets name everybody of an award: into a branch's archive go those alone whose people are all its own.
    Source {
        part: "05 授予材料",
        statement: "SELECT object_key, min(earned_on)::text || ' ' || coalesce(min(body), '') AS folder, files.name,
    '授予：' || coalesce(min(body), '') AS about
FROM award_files AS files JOIN credit_transfers AS transfers ON transfers.batch_id = files.batch_id
LEFT JOIN credit_notes AS notes ON notes.id = note_id
WHERE $4::text IS NOT NULL
GROUP BY files.id, object_key, files.name
HAVING bool_and(transfers.counted_month >= $2 AND transfers.counted_month < $3)
    AND ($1::uuid[] IS NULL OR bool_and(transfers.branch_id = ANY($1)))
ORDER BY files.id",
    },
    Source {
        part: "06 成果认定",
        statement: "SELECT object_key, learner_number || ' ' || residents.name AS folder,
    outcomes.name || '.' || split_part(object_key, '.', 2) AS name, '成果认定：' || outcomes.name AS about
FROM recognition_photos AS photos JOIN recognitions ON recognitions.id = recognition_id
JOIN residents ON residents.id = recognitions.resident_id
JOIN recognised_outcomes AS outcomes ON outcomes.id = outcome_id
JOIN credit_transfers AS transfers ON transfers.id = transfer_id
WHERE $4::text IS NOT NULL AND photos.removed_at IS NULL AND residents.left_at IS NULL
    AND ($1::uuid[] IS NULL OR recognitions.branch_id = ANY($1))
    AND transfers.counted_month >= $2 AND transfers.counted_month < $3
ORDER BY photos.id",
    },
    Source {
        part: "08 课程",
        statement: "SELECT object_key, courses.title AS folder, files.name,
    CASE files.kind WHEN 'handout' THEN '课程讲义：' ELSE '课程图片：' END || courses.title AS about
FROM course_files AS files JOIN courses ON courses.id = files.course_id
WHERE (files.id = courses.cover_id OR files.id = ANY(courses.handouts))
    AND ($1::uuid[] IS NULL OR courses.branch_id = ANY($1))
    AND (published_at AT TIME ZONE $4)::date >= $2 AND (published_at AT TIME ZONE $4)::date < $3
ORDER BY files.id",
    },
];

pub(super) async fn of(campus: &Campus, making: &Making, source: &Source) -> Result<Vec<Kept>> {
    Ok(diesel::sql_query(source.statement)
        .bind::<Nullable<Array<SqlUuid>>, _>(making.branches.as_deref())
        .bind::<DateType, _>(making.from)
        .bind::<DateType, _>(making.until)
        .bind::<Text, _>(campus.clock.zone_name())
        .load(&mut *campus.database.connection().await?)
        .await?)
}

#[derive(diesel::QueryableByName)]
struct Frozen {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The lists of honours that were frozen in the year.
pub(super) async fn honours(campus: &Campus, making: &Making) -> Result<Vec<Uuid>> {
    let found: Vec<Frozen> = diesel::sql_query(
        "SELECT id FROM honour_lists WHERE (frozen_at AT TIME ZONE $3)::date >= $1 \
         AND (frozen_at AT TIME ZONE $3)::date < $2 ORDER BY id",
    )
    .bind::<DateType, _>(making.from)
    .bind::<DateType, _>(making.until)
    .bind::<Text, _>(campus.clock.zone_name())
    .load(&mut *campus.database.connection().await?)
    .await?;
    Ok(found.into_iter().map(|row| row.id).collect())
}
