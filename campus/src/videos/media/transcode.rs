//! Of one uploaded video, what phones play.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::numbers::share;
use super::plan::{
    AUDIO_FILE_NAME, LARGE, MEDIUM, POSTER_FILE_NAME, SMALL, fit, pictures_of, poster_arguments, transcode_arguments,
};
use super::preview::{PREVIEW_FILE_NAME, PreviewSheet, preview_arguments};
use super::probe::{Probe, probe_within, unreadable};
use super::refusal::{MediaError, MediaRefusal};
use super::tool::{MediaLimits, ToolRun, run};

const TOOL: &str = "ffmpeg";

/// Which of the files made of a video this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RenditionKind {
    /// 720 pixels on the shorter side, of originals that have as many.
    Large,
    /// 480 pixels on the shorter side.
    Medium,
    /// 240 pixels on the shorter side.
    Small,
    /// The sound alone.
    Audio,
    /// A still picture.
    Poster,
    /// Small pictures of the whole video on one sheet.
    Preview,
}

impl RenditionKind {
    /// Every kind.
    const ALL: [Self; 6] = [Self::Large, Self::Medium, Self::Small, Self::Audio, Self::Poster, Self::Preview];

    /// The name it has for the player: `720p`, `480p`, `240p`, `audio`, `poster`, `preview`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Large => "720p",
            Self::Medium => "480p",
            Self::Small => "240p",
            Self::Audio => "audio",
            Self::Poster => "poster",
            Self::Preview => "preview",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Pixels across and down when made of an original of this size; none for sound, and
    /// for the stills, which are as large as they come out.
    #[must_use]
    pub fn picture_of(self, width: u32, height: u32) -> Option<(u32, u32)> {
        match self {
            Self::Large => Some(fit(width, height, LARGE.shorter_side)),
            Self::Medium => Some(fit(width, height, MEDIUM.shorter_side)),
            Self::Small => Some(fit(width, height, SMALL.shorter_side)),
            Self::Audio | Self::Poster | Self::Preview => None,
        }
    }

    /// How names of such files end.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Large | Self::Medium | Self::Small => "mp4",
            Self::Audio => "m4a",
            Self::Poster | Self::Preview => "jpg",
        }
    }

    /// Its MIME type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Large | Self::Medium | Self::Small => "video/mp4",
            Self::Audio => "audio/mp4",
            Self::Poster | Self::Preview => "image/jpeg",
        }
    }
}

/// One file made of a video, lying in the folder the caller named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Which it is.
    pub kind: RenditionKind,
    /// Where it lies.
    pub path: PathBuf,
    /// Its length in bytes.
    pub size: u64,
    /// Width and height in pixels; none for sound. The poster's are at most the medium's.
    pub picture: Option<(u32, u32)>,
}

/// Everything made of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renditions {
    /// How long the result plays, in milliseconds. This, not what the upload stated, is the
    /// length of the lesson.
    pub duration_ms: u32,
    /// Moving pictures, the largest first.
    pub videos: Vec<Rendition>,
    /// The sound alone, where there is sound.
    pub audio: Option<Rendition>,
    /// A still picture.
    pub poster: Rendition,
    /// Small pictures of the whole video on one sheet.
    pub preview: Rendition,
    /// How that sheet is divided.
    pub sheet: PreviewSheet,
}

impl Renditions {
    /// All files, for uploading.
    pub fn all(&self) -> impl Iterator<Item = &Rendition> {
        self.videos.iter().chain(&self.audio).chain([&self.poster, &self.preview])
    }
}

/// Transcodes with the default [`MediaLimits`].
///
/// # Errors
/// See [`transcode_within`].
pub async fn transcode(
    path: &Path,
    probe: &Probe,
    out_dir: &Path,
    progress: impl FnMut(f32),
) -> Result<Renditions, MediaError> {
    transcode_within(path, probe, out_dir, &MediaLimits::default(), progress).await
}

/// Makes the pictures, the sound alone, a poster and a preview of the video at `path`, as files in
/// `out_dir`, which must exist, be empty and be removed by the caller, also after an error.
/// `progress` is called with a rising fraction, 1.0 last and only after success.
///
/// # Errors
/// [`MediaError::Refused`] where the file turns out damaged or cut off, any other [`MediaError`]
/// where the work itself failed.
pub async fn transcode_within(
    path: &Path,
    probe: &Probe,
    out_dir: &Path,
    limits: &MediaLimits,
    mut progress: impl FnMut(f32),
) -> Result<Renditions, MediaError> {
    // The stills are the rest.
    const ENCODING_SHARE: f32 = 0.97;
    let seen = encode(path, probe, out_dir, limits, |done| {
        progress(done * ENCODING_SHARE);
    })
    .await?;
    seen.check(probe)?;

    let medium = out_dir.join(MEDIUM.file_name);
    let duration_ms = probe_within(&medium, limits).await?.duration_ms;
    let poster = out_dir.join(POSTER_FILE_NAME);
    draw(poster_arguments(&medium, duration_ms, &poster), limits).await?;
    let sheet = PreviewSheet::of(duration_ms, fit(probe.width, probe.height, SMALL.shorter_side));
    let preview = out_dir.join(PREVIEW_FILE_NAME);
    draw(preview_arguments(&out_dir.join(SMALL.file_name), sheet, &preview), limits).await?;

    let renditions = collect(probe, out_dir, duration_ms, sheet).await?;
    progress(1.0);
    Ok(renditions)
}

/// What ffmpeg reported while encoding.
#[derive(Default)]
struct Seen {
    frames: u64,
    reached_ms: u64,
}

impl Seen {
    /// ffmpeg takes a file that ends early for a short one and reports success. It is not.
    fn check(&self, probe: &Probe) -> Result<(), MediaRefusal> {
        if self.frames == 0 {
            return Err(MediaRefusal::Unreadable);
        }
        let stated = u64::from(probe.duration_ms);
        let tolerated = (stated / 20).max(2_000);
        if probe.container.states_duration() && self.reached_ms + tolerated < stated {
            return Err(MediaRefusal::Truncated);
        }
        Ok(())
    }
}

async fn encode(
    path: &Path,
    probe: &Probe,
    out_dir: &Path,
    limits: &MediaLimits,
    mut progress: impl FnMut(f32),
) -> Result<Seen, MediaError> {
    let length = Duration::from_millis(probe.duration_ms.into());
    let encoding = ToolRun {
        tool: TOOL,
        arguments: transcode_arguments(path, probe, out_dir, limits),
        time: limits.transcode_base_time + length * limits.transcode_time_factor,
        limits,
    };
    let mut seen = Seen::default();
    let end = run(encoding, |line| {
        let Some((name, value)) = line.split_once('=') else {
            return;
        };
        // Before the first packet the values are "N/A" or negative.
        let Ok(value) = value.trim().parse::<u64>() else {
            return;
        };
        match name {
            "frame" => seen.frames = seen.frames.max(value),
            "out_time_us" if value / 1000 > seen.reached_ms => {
                seen.reached_ms = value / 1000;
                progress(share(seen.reached_ms, probe.duration_ms.into()));
            }
            _ => {}
        }
    })
    .await?;
    if end.succeeded() {
        Ok(seen)
    } else {
        Err(unreadable(&end.stderr).map_or_else(|| end.into_failure(TOOL), Into::into))
    }
}

async fn draw(arguments: Vec<OsString>, limits: &MediaLimits) -> Result<(), MediaError> {
    let end = run(ToolRun { tool: TOOL, arguments, time: limits.transcode_base_time, limits }, |_| {}).await?;
    if end.succeeded() { Ok(()) } else { Err(end.into_failure(TOOL)) }
}

async fn collect(
    probe: &Probe,
    out_dir: &Path,
    duration_ms: u32,
    sheet: PreviewSheet,
) -> Result<Renditions, MediaError> {
    let mut videos = Vec::new();
    for target in pictures_of(probe) {
        let picture = Some(fit(probe.width, probe.height, target.shorter_side));
        let made = measure(target.kind, out_dir.join(target.file_name)).await?;
        videos.push(Rendition { picture, ..made });
    }
    let audio =
        if probe.has_audio { Some(measure(RenditionKind::Audio, out_dir.join(AUDIO_FILE_NAME)).await?) } else { None };
    let poster = measure(RenditionKind::Poster, out_dir.join(POSTER_FILE_NAME)).await?;
    let preview = measure(RenditionKind::Preview, out_dir.join(PREVIEW_FILE_NAME)).await?;
    Ok(Renditions { duration_ms, videos, audio, poster, preview, sheet })
}

async fn measure(kind: RenditionKind, path: PathBuf) -> Result<Rendition, MediaError> {
    let size = tokio::fs::metadata(&path).await.map_err(MediaError::io("measure what was made of the video"))?.len();
    if size == 0 {
        return Err(MediaError::unexpected(TOOL, format_args!("empty {}", kind.as_str())));
    }
    Ok(Rendition { kind, path, size, picture: None })
}
