//! Of one uploaded video, what phones play.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::numbers::share;
use super::plan::{AUDIO_FILE_NAME, MEDIUM, POSTER_FILE_NAME, SMALL, fit, poster_arguments, transcode_arguments};
use super::probe::{Probe, probe_within, unreadable};
use super::refusal::{MediaError, MediaRefusal};
use super::tool::{MediaLimits, ToolRun, run};

const TOOL: &str = "ffmpeg";

/// Which of the files made of a video this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RenditionKind {
    /// 480 pixels on the shorter side.
    Medium,
    /// 240 pixels on the shorter side.
    Small,
    /// The sound alone.
    Audio,
    /// A still picture.
    Poster,
}

impl RenditionKind {
    /// The name it has for the player: `480p`, `240p`, `audio`, `poster`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Medium => "480p",
            Self::Small => "240p",
            Self::Audio => "audio",
            Self::Poster => "poster",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Medium, Self::Small, Self::Audio, Self::Poster].into_iter().find(|kind| kind.as_str() == name)
    }

    /// Pixels across and down when made of an original of this size; none for sound, and
    /// for the still, which is as large as it comes out.
    #[must_use]
    pub fn picture_of(self, width: u32, height: u32) -> Option<(u32, u32)> {
        match self {
            Self::Medium => Some(fit(width, height, MEDIUM.shorter_side)),
            Self::Small => Some(fit(width, height, SMALL.shorter_side)),
            Self::Audio | Self::Poster => None,
        }
    }

    /// Its MIME type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Medium | Self::Small => "video/mp4",
            Self::Audio => "audio/mp4",
            Self::Poster => "image/jpeg",
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
    /// Both pictures, the larger first.
    pub videos: Vec<Rendition>,
    /// The sound alone, where there is sound.
    pub audio: Option<Rendition>,
    /// A still picture.
    pub poster: Rendition,
}

impl Renditions {
    /// All files, for uploading.
    pub fn all(&self) -> impl Iterator<Item = &Rendition> {
        self.videos.iter().chain(&self.audio).chain(std::iter::once(&self.poster))
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

/// Makes both pictures, the sound alone and a poster of the video at `path`, as files in
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
    // The poster is the rest.
    const ENCODING_SHARE: f32 = 0.97;
    let seen = encode(path, probe, out_dir, limits, |done| {
        progress(done * ENCODING_SHARE);
    })
    .await?;
    seen.check(probe)?;

    let medium = out_dir.join(MEDIUM.file_name);
    let duration_ms = probe_within(&medium, limits).await?.duration_ms;
    let poster = out_dir.join(POSTER_FILE_NAME);
    make_poster(&medium, duration_ms, &poster, limits).await?;

    let renditions = collect(probe, out_dir, duration_ms).await?;
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

async fn make_poster(medium: &Path, duration_ms: u32, poster: &Path, limits: &MediaLimits) -> Result<(), MediaError> {
    let drawing = ToolRun {
        tool: TOOL,
        arguments: poster_arguments(medium, duration_ms, poster),
        time: limits.probe_time,
        limits,
    };
    let end = run(drawing, |_| {}).await?;
    if end.succeeded() { Ok(()) } else { Err(end.into_failure(TOOL)) }
}

async fn collect(probe: &Probe, out_dir: &Path, duration_ms: u32) -> Result<Renditions, MediaError> {
    let size_of = |target_side| Some(fit(probe.width, probe.height, target_side));
    let medium_picture = size_of(MEDIUM.shorter_side);
    let medium = measure(RenditionKind::Medium, out_dir.join(MEDIUM.file_name));
    let small = measure(RenditionKind::Small, out_dir.join(SMALL.file_name));
    let poster = measure(RenditionKind::Poster, out_dir.join(POSTER_FILE_NAME));
    let audio = if probe.has_audio {
        let path = out_dir.join(AUDIO_FILE_NAME);
        Some(measure(RenditionKind::Audio, path).await?)
    } else {
        None
    };
    Ok(Renditions {
        duration_ms,
        videos: vec![
            Rendition { picture: medium_picture, ..medium.await? },
            Rendition { picture: size_of(SMALL.shorter_side), ..small.await? },
        ],
        audio,
        poster: poster.await?,
    })
}

async fn measure(kind: RenditionKind, path: PathBuf) -> Result<Rendition, MediaError> {
    let size = tokio::fs::metadata(&path).await.map_err(MediaError::io("measure what was made of the video"))?.len();
    if size == 0 {
        return Err(MediaError::unexpected(TOOL, format_args!("empty {}", kind.as_str())));
    }
    Ok(Rendition { kind, path, size, picture: None })
}
