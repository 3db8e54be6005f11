//! Captions: kept in the database as WebVTT, whatever they came as.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::queries;
use super::rows::Video;
use super::subtitles::normalise;
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::encodings;
use crate::error::{Code, Error, Result};

/// The largest file of captions, in bytes.
pub const MAX_CAPTION_BYTES: usize = 1024 * 1024;

/// Gives a video captions in a language (a BCP 47 tag), or replaces them: WebVTT or SubRip, in any
/// encoding. Answers whether they are the first in that language.
///
/// # Errors
/// [`Code::LanguageInvalid`], [`Code::CaptionTooLarge`], [`Code::CaptionInvalid`]; each of what is
/// said that is wrong, at `cues.` and its place.
pub async fn put_caption(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Video>,
    language: &str,
    body: &[u8],
) -> Result<bool> {
    if !is_language(language) {
        return Err(Error::field("language", Code::LanguageInvalid));
    }
    let text = read_caption(body)?;
    let now = campus.clock.now();
    let video = proof.object();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let new = queries::put_caption(connection, video.id, language, &text, now).await?;
            super::note(connection, now, Some(actor), "video.captioned", video).await?;
            Ok(new)
        })
        .await
}

/// Takes the captions in a language away.
///
/// # Errors
/// [`Code::NotFound`] when there are none.
pub async fn remove_caption(campus: &Campus, actor: &Actor, proof: &CanManage<Video>, language: &str) -> Result<()> {
    let now = campus.clock.now();
    let video = proof.object();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if !queries::remove_caption(connection, video.id, language).await? {
                return Err(Error::code(Code::NotFound));
            }
            super::note(connection, now, Some(actor), "video.caption_removed", video).await
        })
        .await
}

/// A video's captions in a language. Who may read them is for the caller to say.
///
/// # Errors
/// [`Code::NotFound`] when there are none.
pub async fn caption(connection: &mut Connection, video: Uuid, language: &str) -> Result<String> {
    if !is_language(language) {
        return Err(Error::code(Code::NotFound));
    }
    queries::caption(connection, video, language).await?.ok_or_else(|| Error::code(Code::NotFound))
}

/// What is said in these videos, in whatever languages they have captions.
///
/// # Errors
/// What the database says.
pub async fn transcripts(connection: &mut Connection, videos: &[Uuid]) -> Result<Vec<String>> {
    Ok(queries::captions_of(connection, videos).await?.iter().map(|body| spoken(body)).collect())
}

/// The words of captions, without times, names of cues, notes, styles and marks.
fn spoken(captions: &str) -> String {
    let unified = captions.replace("\r\n", "\n").replace('\r', "\n");
    let mut words = String::new();
    for block in unified.split("\n\n") {
        // What has no times is a heading, a note or a style.
        let Some(times) = block.lines().position(|line| line.contains("-->")) else { continue };
        for line in block.lines().skip(times + 1) {
            let line: String = without_marks(line).collect();
            words.push_str(&line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
            words.push(' ');
        }
    }
    words
}

/// `<v 老师>你好` is 你好.
fn without_marks(line: &str) -> impl Iterator<Item = char> + '_ {
    let mut inside = false;
    line.chars().filter(move |sign| {
        let shown = !inside && *sign != '<';
        inside = if inside { *sign != '>' } else { *sign == '<' };
        shown
    })
}

/// The shape of a BCP 47 tag, as far as captions need it: `zh`, `zh-CN`, `zh-Hans-CN`.
fn is_language(tag: &str) -> bool {
    let mut pieces = tag.split('-');
    let primary = pieces
        .next()
        .is_some_and(|piece| matches!(piece.len(), 2..=3) && piece.bytes().all(|b| b.is_ascii_lowercase()));
    tag.len() <= 35
        && primary
        && pieces.all(|piece| matches!(piece.len(), 2..=8) && piece.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The text of a file, whatever encoding it is in.
fn read_caption(body: &[u8]) -> Result<String> {
    if body.len() > MAX_CAPTION_BYTES {
        return Err(Error::code(Code::CaptionTooLarge));
    }
    normalise(&encodings::decode(body))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_no_larger_than_they_may_be() {
        let mut large = b"WEBVTT\n".to_vec();
        large.resize(MAX_CAPTION_BYTES + 1, b'x');
        assert_eq!(read_caption(&large).unwrap_err().stable_code(), Code::CaptionTooLarge);
    }

    #[test]
    fn of_captions_the_words_are_kept() {
        let captions = "WEBVTT - 标题\r\n\r\nNOTE 不算\r\n\r\n1\r\n00:00.000 --> 00:01.000 line:0\r\n<v 老师>大家<i>好</i>\r\n二\r\n\r\n\
            00:01.000 --> 00:02.000\n地震来了";
        assert_eq!(spoken(captions), "大家好 二 地震来了 ");
        assert_eq!(spoken("WEBVTT"), "");
    }

    #[test]
    fn languages_look_like_tags() {
        for good in ["zh", "zh-CN", "zh-Hans-CN", "en", "yue"] {
            assert!(is_language(good), "{good}");
        }
        for wrong in ["", "z", "ZH", "zh_CN", "zh-", "chinese", "zh/../x", "中文"] {
            assert!(!is_language(wrong), "{wrong}");
        }
    }
}
