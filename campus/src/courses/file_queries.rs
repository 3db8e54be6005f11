//! What is asked of the database about the files of courses.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::rows::CourseFile;
use crate::db::Connection;
use crate::db::schema::course_files;
use crate::error::Result;

pub(super) async fn insert(connection: &mut Connection, file: &CourseFile) -> Result<()> {
    diesel::insert_into(course_files::table).values(file).execute(connection).await?;
    Ok(())
}

pub(super) async fn count(connection: &mut Connection, course: Uuid) -> Result<i64> {
    Ok(course_files::table.filter(course_files::course_id.eq(course)).select(count_star()).first(connection).await?)
}

pub(super) async fn one(connection: &mut Connection, id: Uuid) -> Result<Option<CourseFile>> {
    Ok(course_files::table.find(id).select(CourseFile::as_select()).first(connection).await.optional()?)
}

/// Those of these ids, in their order.
pub(super) async fn named(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<CourseFile>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<CourseFile> = course_files::table
        .filter(course_files::id.eq_any(ids))
        .select(CourseFile::as_select())
        .load(connection)
        .await?;
    found.sort_by_key(|file| ids.iter().position(|id| *id == file.id));
    Ok(found)
}
