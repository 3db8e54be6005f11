//! Rows of videos and of what is made of them.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Text;
use time::OffsetDateTime;
use uuid::Uuid;

use super::media::RenditionKind;
use crate::db::schema::{video_previews, video_renditions, videos};
use crate::error::Code;

/// Where a video stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, FromSqlRow, AsExpression)]
#[diesel(sql_type = Text)]
pub enum Status {
    /// The browser is sending it to the store.
    Uploading,
    /// It is all there and the worker makes renditions of it.
    Processing,
    /// It can be played.
    Ready,
    /// Something is wrong with it.
    Failed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Uploading, Self::Processing, Self::Ready, Self::Failed];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Processing => "processing",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

impl ToSql<Text, Pg> for Status {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(self.as_str(), out)
    }
}

impl diesel::deserialize::FromSql<Text, Pg> for Status {
    fn from_sql(value: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let name = <String as diesel::deserialize::FromSql<Text, Pg>>::from_sql(value)?;
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or_else(|| format!("no status of a video: {name}").into())
    }
}

/// One uploaded video.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = videos)]
#[diesel(check_for_backend(Pg))]
pub struct Video {
    /// Its id.
    pub id: Uuid,
    /// The branch it belongs to.
    pub branch_id: Uuid,
    /// Who uploaded it.
    pub account_id: Uuid,
    /// What the file was called on the uploader's machine.
    pub file_name: String,
    /// The size that was declared, in bytes.
    pub size: i64,
    /// The MIME type.
    pub content_type: String,
    /// Where the original lies in the store.
    pub object_key: String,
    /// The store's id of the open upload; `None` once it is over.
    pub upload_id: Option<String>,
    /// The size of every part but the last, in bytes.
    pub part_size: i64,
    /// Where it stands.
    pub status: Status,
    /// How far the work on it is, 0 to 100.
    pub progress: i16,
    /// The stable code of what went wrong.
    pub failure: Option<String>,
    /// How long it plays, in milliseconds, once that is known.
    pub duration_ms: Option<i32>,
    /// Pixels across of the original, once known.
    pub width: Option<i32>,
    /// Pixels down of the original, once known.
    pub height: Option<i32>,
    /// When the upload began.
    pub created_at: OffsetDateTime,
    /// When it could be played.
    pub ready_at: Option<OffsetDateTime>,
}

impl Video {
    /// Whether nothing of it is in the store any more: it can only be sent anew.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let gone = [Code::VideoUploadExpired, Code::VideoSizeDiffers, Code::VideoOriginalLost];
        self.status == Status::Failed && gone.iter().any(|code| self.failure.as_deref() == Some(code.as_str()))
    }

    /// Pixels across and down of a rendition of it, where that is known.
    #[must_use]
    pub fn picture_of(&self, rendition: &str) -> Option<(u32, u32)> {
        let side = |side: Option<i32>| side.and_then(|side| u32::try_from(side).ok());
        RenditionKind::from_name(rendition)?.picture_of(side(self.width)?, side(self.height)?)
    }
}

/// One thing made of a video.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = video_renditions)]
#[diesel(check_for_backend(Pg))]
pub struct Rendition {
    /// Of which video.
    pub video_id: Uuid,
    /// `720p`, `480p`, `240p`, `audio`, `poster` or `preview`.
    pub rendition: String,
    /// Where it lies in the store.
    pub object_key: String,
    /// The MIME type.
    pub content_type: String,
    /// In bytes.
    pub size: i64,
}

/// How the sheet with small pictures of a video is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = video_previews)]
#[diesel(check_for_backend(Pg))]
pub struct Preview {
    /// Of which video.
    pub video_id: Uuid,
    /// Pictures in a row.
    pub tiles_across: i32,
    /// Rows; the last one may end in black.
    pub tiles_down: i32,
    /// Pixels across of one picture.
    pub tile_width: i32,
    /// Pixels down of one picture.
    pub tile_height: i32,
    /// The time from one picture to the next, in milliseconds.
    pub interval_ms: i32,
}
