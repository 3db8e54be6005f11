//! Covers, handouts and pictures: what they are is read from their first bytes, never from their name.

use bytes::Bytes;
use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::rows::{Course, CourseFile};
use super::versions::lock_for_change;
use super::{ManagedCourse, file_queries, managed_by_id, study};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::ids::new_id;
use crate::quotas;
use crate::storage::PICTURES;

/// The largest picture, in bytes.
pub const LARGEST_PICTURE: usize = 5 * 1024 * 1024;
/// The largest handout, in bytes.
pub const LARGEST_HANDOUT: usize = 20 * 1024 * 1024;
/// The most handouts of one version.
const HANDOUTS: usize = 20;
/// The most files that one course may ever have: articles' pictures are kept with the versions they are in.
const FILES: i64 = 500;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// The picture on the course's card.
    Cover,
    /// To be taken home.
    Handout,
    /// Shown in an article.
    Picture,
}

impl FileKind {
    /// The one of this name: `cover`, `handout`, `picture`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Cover, Self::Handout, Self::Picture].into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cover => "cover",
            Self::Handout => "handout",
            Self::Picture => "picture",
        }
    }

    const fn largest(self) -> usize {
        match self {
            Self::Handout => LARGEST_HANDOUT,
            Self::Cover | Self::Picture => LARGEST_PICTURE,
        }
    }
}

/// What offices hand out beside pictures.
const DOCUMENTS: [(&str, &str); 7] = [
    ("application/pdf", "pdf"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/msword", "doc"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-powerpoint", "ppt"),
];

/// What the file is by its content: its type, and how names of such files end.
fn recognise(kind: FileKind, content: &[u8]) -> Result<(&'static str, &'static str)> {
    let documents: &[_] = if kind == FileKind::Handout { &DOCUMENTS } else { &[] };
    let refused = if kind == FileKind::Handout { Code::HandoutTypeNotAllowed } else { Code::PictureTypeNotAllowed };
    files::one_of(&[&PICTURES[..], documents].concat(), content).ok_or_else(|| Error::field("file", refused))
}

/// Takes a file for a course that may be changed. A cover takes the place of the one before, a
/// handout comes behind the others, a picture waits to be named in an article.
///
/// # Errors
/// [`Code::FileTooLarge`], [`Code::HandoutTypeNotAllowed`], [`Code::PictureTypeNotAllowed`],
/// [`Code::TooMany`], [`Code::CourseLocked`], [`Code::StorageQuotaExceeded`]; then nothing is kept.
pub async fn add_file(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Course>,
    kind: FileKind,
    name: &str,
    content: Bytes,
) -> Result<CourseFile> {
    if content.len() > kind.largest() {
        return Err(Error::code(Code::FileTooLarge));
    }
    let (content_type, ending) = recognise(kind, &content)?;
    let now = campus.clock.now();
    let (id, course_id) = (new_id(), proof.object().id);
    let file = CourseFile {
        id,
        course_id,
        account_id: actor.account_id,
        kind: kind.as_str().to_owned(),
        name: files::tidy_name(name, ending),
        content_type: content_type.to_owned(),
        size: i64::try_from(content.len()).unwrap_or(i64::MAX),
        object_key: format!("courses/{course_id}/{id}.{ending}"),
        created_at: now,
    };
    quotas::check(&mut *campus.database.connection().await?, proof.object().branch_id, file.size).await?;
    // First the file, then the row that names it: a file without a row is found and removed by the
    // reconciler, a row without a file would be seen.
    campus.storage.put(&file.object_key, &content, content_type).await?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut working = lock_for_change(connection, actor, proof, now).await?;
            if file_queries::count(connection, course_id).await? >= FILES {
                return Err(Error::field("file", Code::TooMany));
            }
            quotas::reserve(connection, working.course.branch_id, file.size).await?;
            file_queries::insert(connection, &file).await?;
            match kind {
                FileKind::Cover => working.version.cover_id = Some(file.id),
                FileKind::Handout if working.version.handouts.len() >= HANDOUTS => {
                    return Err(Error::field("file", Code::TooMany));
                }
                FileKind::Handout => working.version.handouts.push(file.id),
                FileKind::Picture => {}
            }
            working.save(connection, actor, "course.file_added", now).await?;
            Ok(file)
        })
        .await
}

/// Takes a cover or a handout out of a course that may be changed.
///
/// # Errors
/// [`Code::NotFound`] for a file that the version does not show; [`Code::CourseLocked`].
pub async fn remove_file(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Course>,
    file: Uuid,
) -> Result<ManagedCourse> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut working = lock_for_change(connection, actor, proof, now).await?;
            let shown = working.version.handouts.len();
            working.version.handouts.retain(|handout| *handout != file);
            if working.version.cover_id == Some(file) {
                working.version.cover_id = None;
            } else if working.version.handouts.len() == shown {
                return Err(Error::code(Code::NotFound));
            }
            working.save(connection, actor, "course.file_removed", now).await?;
            managed_by_id(connection, working.course.id).await
        })
        .await
}

/// A link to a file of a published course. `site` is scheme and host as the browser sees them.
///
/// # Errors
/// [`Code::NotFound`] when there is none, or its course is not published.
pub async fn file_link(campus: &Campus, site: &str, id: Uuid) -> Result<String> {
    let connection = &mut *campus.database.connection().await?;
    let file = file_queries::one(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    study::offered(connection, file.course_id).await?;
    link(campus, site, &file).await
}

/// A link to a file for those who make its course.
///
/// # Errors
/// What the store says.
pub async fn link(campus: &Campus, site: &str, file: &CourseFile) -> Result<String> {
    campus.storage.named_link(site, &file.object_key, &file.name).await
}

#[cfg(test)]
mod tests {
    use super::{FileKind, recognise};

    #[test]
    fn what_a_file_is_stands_in_its_first_bytes() {
        let pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert!(recognise(FileKind::Handout, pdf).is_ok());
        assert!(recognise(FileKind::Handout, png).is_ok());
        assert!(recognise(FileKind::Cover, png).is_ok());
        assert!(recognise(FileKind::Cover, pdf).is_err());
        let hostile: [&[u8]; 5] =
            [b"MZ\x90\0", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", b"<html>", b"#!/bin/sh\n", b""];
        for content in hostile {
            assert!(recognise(FileKind::Handout, content).is_err(), "{content:?}");
        }
    }
}
