//! What a player needs: links that hold for some hours.

use uuid::Uuid;

use super::queries;
use super::rows::{Preview, Rendition};
use crate::Campus;
use crate::db::Connection;
use crate::error::Result;

/// One thing to play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `720p`, `480p`, `240p` or `audio`.
    pub rendition: String,
    /// A presigned link, for range requests too.
    pub url: String,
    /// The MIME type.
    pub content_type: String,
    /// In bytes.
    pub size: i64,
}

/// Everything that can be played of one video.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaybackSources {
    /// With a picture, the best first.
    pub sources: Vec<Source>,
    /// The sound alone.
    pub audio: Option<Source>,
    /// The languages there are captions in.
    pub captions: Vec<String>,
    /// A still picture.
    pub poster_url: Option<String>,
    /// Small pictures of the whole of it: where the sheet is, and how it is divided.
    pub preview: Option<(String, Preview)>,
}

/// Links for everything that can be played of a video; empty while nothing can. Who may
/// play it is for the caller to prove. `site` is scheme and host as the browser sees them.
///
/// # Errors
/// What the database says.
pub async fn playback_sources(
    connection: &mut Connection,
    campus: &Campus,
    site: &str,
    video: Uuid,
) -> Result<PlaybackSources> {
    let mut answer =
        PlaybackSources { captions: queries::caption_languages(connection, video).await?, ..Default::default() };
    for made in queries::renditions(connection, video).await? {
        let url = campus.storage.read_link(site, &made.object_key).await?;
        if made.rendition == "poster" {
            answer.poster_url = Some(url);
            continue;
        }
        if made.rendition == "preview" {
            answer.preview = queries::preview(connection, video).await?.map(|preview| (url, preview));
            continue;
        }
        let source = Source { rendition: made.rendition, url, content_type: made.content_type, size: made.size };
        if source.rendition == "audio" {
            answer.audio = Some(source);
        } else {
            answer.sources.push(source);
        }
    }
    Ok(answer)
}

/// A link to a video's still picture; `None` while there is none.
///
/// # Errors
/// What the database says.
pub async fn poster_link(
    connection: &mut Connection,
    campus: &Campus,
    site: &str,
    video: Uuid,
) -> Result<Option<String>> {
    poster_of(campus, site, &queries::renditions(connection, video).await?).await
}

pub(super) async fn poster_of(campus: &Campus, site: &str, renditions: &[Rendition]) -> Result<Option<String>> {
    match renditions.iter().find(|made| made.rendition == "poster") {
        Some(poster) => campus.storage.read_link(site, &poster.object_key).await.map(Some),
        None => Ok(None),
    }
}
