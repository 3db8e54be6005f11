//! What those who make a course see of it before residents do.

use std::collections::HashMap;

use uuid::Uuid;

use super::content::Article;
use super::fields::Fields;
use super::rows::{Course, CourseFile};
use super::{file_queries, link, version_queries};
use crate::Campus;
use crate::access::CanManage;
use crate::error::Result;

/// An article that is being written as residents will see it, with the pictures of the course,
/// published or not. `site` is scheme and host as the browser sees them.
///
/// # Errors
/// Of a text that cannot be kept what is wrong with it; what the store says.
pub async fn preview_article(
    campus: &Campus,
    site: &str,
    proof: &CanManage<Course>,
    article: Article,
) -> Result<String> {
    let mut fields = Fields::default();
    let article = article.checked(&mut fields);
    fields.finish()?;
    let pictures = {
        let connection = &mut *campus.database.connection().await?;
        file_queries::named(connection, &article.pictures()).await?
    };
    let mut addresses: HashMap<Uuid, String> = HashMap::new();
    for picture in pictures.iter().filter(|picture| picture.course_id == proof.object().id) {
        addresses.insert(picture.id, link(campus, site, picture).await?);
    }
    Ok(article.html_showing(&|picture| addresses.get(&picture).cloned()))
}

/// The cover and the handouts of the newest version of a course, published or not.
///
/// # Errors
/// What the database says.
pub async fn shown_files(campus: &Campus, proof: &CanManage<Course>) -> Result<Vec<CourseFile>> {
    let course = proof.object();
    let connection = &mut *campus.database.connection().await?;
    let version = version_queries::one(connection, course.id, course.latest_version).await?;
    let named: Vec<Uuid> = version.cover_id.into_iter().chain(version.handouts).collect();
    file_queries::named(connection, &named).await
}
