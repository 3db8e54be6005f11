//! What a reward looks like. A picture that another one has taken the place of is named by no row, and goes
//! with the comparison of the store.

use bytes::Bytes;
use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::catalogue::note;
use super::queries;
use super::rows::Reward;
use crate::Campus;
use crate::access::Actor;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::storage;

/// The largest picture of a reward, in bytes.
pub const LARGEST_REWARD_PICTURE: usize = 5 * 1024 * 1024;

/// Shows a reward by this picture. What it is is read from its first bytes.
///
/// # Errors
/// [`Code::FileTooLarge`], [`Code::PictureTypeNotAllowed`]; [`Code::NotFound`]; then the one before stays.
pub async fn set_picture(campus: &Campus, actor: &Actor, id: Uuid, content: Bytes) -> Result<Reward> {
    if content.len() > LARGEST_REWARD_PICTURE {
        return Err(Error::code(Code::FileTooLarge));
    }
    let kind = storage::picture_type(&content);
    let (content_type, ending) = kind.ok_or_else(|| Error::field("file", Code::PictureTypeNotAllowed))?;
    let known = queries::find(&mut *campus.database.connection().await?, id).await?;
    known.ok_or_else(|| Error::code(Code::NotFound))?;
    let key = format!("rewards/{id}/{}.{ending}", new_id());
    // First the object, then the row that names it: an object without a row is found and removed by the
    // reconciler, a row without an object would be seen.
    campus.storage.put(&key, &content, content_type).await?;
    name_picture(campus, actor, id, Some(key)).await
}

/// Shows a reward without a picture.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn remove_picture(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Reward> {
    name_picture(campus, actor, id, None).await
}

async fn name_picture(campus: &Campus, actor: &Actor, id: Uuid, key: Option<String>) -> Result<Reward> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let known = queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            let reward = Reward { picture_key: key.clone(), ..known };
            queries::update(connection, &reward).await?;
            note(connection, campus, actor, "reward.changed", &reward).await?;
            Ok(reward)
        })
        .await
}

/// A link to a reward's picture. `site` is scheme and host as the browser sees them.
///
/// # Errors
/// [`Code::NotFound`] where it has none.
pub async fn picture_link(campus: &Campus, site: &str, id: Uuid) -> Result<String> {
    let reward = queries::find(&mut *campus.database.connection().await?, id).await?;
    let key = reward.and_then(|reward| reward.picture_key).ok_or_else(|| Error::code(Code::NotFound))?;
    campus.storage.read_link(site, &key).await
}
