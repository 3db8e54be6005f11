//! What ffprobe says about a file, checked.

use std::ffi::OsString;
use std::path::Path;

use serde::Deserialize;

use super::numbers::{FrameRate, fraction, milliseconds};
use super::refusal::{MediaError, MediaRefusal};
use super::sniff::{Container, sniff_file};
use super::tool::{MediaLimits, ToolRun, run};

/// What is known of an uploaded video before it is transcoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// How long it lasts, in milliseconds.
    pub duration_ms: u32,
    /// Pixels across as it is shown: rotation and oblong pixels are applied.
    pub width: u32,
    /// Pixels down as it is shown.
    pub height: u32,
    /// Degrees clockwise the stored picture is turned for showing, 0 to 359.
    pub rotation: u16,
    /// Whether there is sound that can be decoded.
    pub has_audio: bool,
    /// Frames per second, the average where it varies.
    pub frame_rate: FrameRate,
    /// What the file is.
    pub container: Container,
    /// Which stream of the file is the picture.
    pub(super) video_stream: u32,
    /// Which stream of the file is the sound.
    pub(super) audio_stream: Option<u32>,
}

/// Looks at a local file with the default [`MediaLimits`].
///
/// # Errors
/// See [`probe_within`].
pub async fn probe(path: &Path) -> Result<Probe, MediaError> {
    probe_within(path, &MediaLimits::default()).await
}

/// Looks at a local file.
///
/// # Errors
/// [`MediaError::Refused`] where the file is not a video we take, any other [`MediaError`] where
/// looking failed.
pub async fn probe_within(path: &Path, limits: &MediaLimits) -> Result<Probe, MediaError> {
    let container = sniff_file(path).await?;
    let answer = ask(path, container, limits).await?;
    let video = answer.picture().ok_or(MediaRefusal::WithoutPicture)?;
    let audio_stream = answer.sound().map(|stream| stream.index);
    let (width, height, rotation) = video.shown().ok_or(MediaRefusal::Unreadable)?;
    if width.max(height) > limits.maximum_side {
        return Err(MediaRefusal::PictureTooLarge { width, height, maximum_side: limits.maximum_side }.into());
    }
    let duration_ms = match answer.stated_duration_ms(video) {
        Some(stated) => stated,
        None => measure_duration_ms(path, container, video.index, limits).await?,
    };
    if duration_ms == 0 {
        return Err(MediaRefusal::Unreadable.into());
    }
    if duration_ms > limits.maximum_duration_ms {
        return Err(MediaRefusal::TooLong { duration_ms, maximum_ms: limits.maximum_duration_ms }.into());
    }
    Ok(Probe {
        duration_ms,
        width,
        height,
        rotation,
        has_audio: audio_stream.is_some(),
        frame_rate: video.rate(),
        container,
        video_stream: video.index,
        audio_stream,
    })
}

/// The arguments that make ffmpeg and ffprobe read `path` as `container` and open nothing else.
pub(super) fn input_arguments(path: &Path, container: Container) -> Vec<OsString> {
    let mut file = OsString::from("file:");
    file.push(path);
    let mut arguments: Vec<OsString> = [
        "-protocol_whitelist",
        "file,pipe",
        "-probesize",
        "20M",
        "-analyzeduration",
        "20M",
        "-f",
        container.demuxer(),
        "-i",
    ]
    .map(OsString::from)
    .to_vec();
    arguments.push(file);
    arguments
}

async fn ask(path: &Path, container: Container, limits: &MediaLimits) -> Result<Answer, MediaError> {
    const TOOL: &str = "ffprobe";
    let mut arguments: Vec<OsString> =
        ["-v", "error", "-print_format", "json", "-show_format", "-show_streams"].map(OsString::from).to_vec();
    arguments.extend(input_arguments(path, container));
    let mut json = String::new();
    let run_probe = ToolRun { tool: TOOL, arguments, time: limits.probe_time, limits };
    let end = run(run_probe, |line| json.push_str(line)).await?;
    if !end.succeeded() {
        return Err(unreadable(&end.stderr).map_or_else(|| end.into_failure(TOOL), Into::into));
    }
    serde_json::from_str(&json).map_err(|error| MediaError::unexpected(TOOL, error))
}

/// The refusal behind what ffmpeg said, where the file is at fault rather than the machine.
pub(super) fn unreadable(stderr: &str) -> Option<MediaRefusal> {
    if stderr.contains("moov atom not found") {
        // The index of an MP4 is usually its last part.
        Some(MediaRefusal::Truncated)
    } else if ["Invalid data found", "End of file", "could not find codec parameters", "Decoder (codec"]
        .iter()
        .any(|complaint| stderr.contains(complaint))
    {
        Some(MediaRefusal::Unreadable)
    } else {
        None
    }
}

/// Recordings made in a browser do not say how long they are: count, without decoding.
async fn measure_duration_ms(
    path: &Path,
    container: Container,
    video_stream: u32,
    limits: &MediaLimits,
) -> Result<u32, MediaError> {
    const TOOL: &str = "ffmpeg";
    let mut arguments = vec![OsString::from("-v"), "error".into(), "-nostats".into()];
    arguments.extend(input_arguments(path, container));
    arguments.extend(["-map".into(), format!("0:{video_stream}").into()]);
    arguments.extend(["-c", "copy", "-progress", "pipe:1", "-f", "null", "-"].map(OsString::from));
    let mut reached_ms = 0;
    let run_measure = ToolRun { tool: TOOL, arguments, time: limits.probe_time, limits };
    let end = run(run_measure, |line| {
        let microseconds = line.strip_prefix("out_time_us=");
        if let Some(now) = microseconds.and_then(|text| text.parse::<u64>().ok()) {
            reached_ms = reached_ms.max(now / 1000);
        }
    })
    .await?;
    if !end.succeeded() {
        return Err(unreadable(&end.stderr).map_or_else(|| end.into_failure(TOOL), Into::into));
    }
    // Longer than 49 days does not fit, and is too long whatever the limit.
    Ok(u32::try_from(reached_ms).unwrap_or(u32::MAX))
}

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Debug, Default, Deserialize)]
struct Format {
    duration: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Stream {
    index: u32,
    codec_type: Option<String>,
    codec_name: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    sample_aspect_ratio: Option<String>,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    duration: Option<String>,
    sample_rate: Option<String>,
    channels: Option<u32>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Debug, Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Debug, Deserialize)]
struct SideData {
    rotation: Option<i32>,
}

impl Answer {
    /// The first moving picture; a cover picture inside a sound file is none.
    fn picture(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.is("video") && stream.disposition.attached_pic == 0)
    }

    fn sound(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| {
            let rate = stream.sample_rate.as_deref().and_then(|rate| rate.parse().ok());
            stream.is("audio")
                && stream.codec_name.is_some()
                && rate.unwrap_or(0_u32) > 0
                && stream.channels.unwrap_or(0) > 0
        })
    }

    /// Of picture and sound, the longer; other tracks (time code, subtitles) may outlast both
    /// and do not count. Containers that state one duration for the whole give that.
    fn stated_duration_ms(&self, video: &Stream) -> Option<u32> {
        let of = |duration: &Option<String>| duration.as_deref().and_then(milliseconds);
        let sound = self.sound().and_then(|stream| of(&stream.duration));
        of(&video.duration).map(|picture| picture.max(sound.unwrap_or(0))).or_else(|| of(&self.format.duration))
    }
}

impl Stream {
    fn is(&self, kind: &str) -> bool {
        self.codec_type.as_deref() == Some(kind)
    }

    fn rate(&self) -> FrameRate {
        // What a stream without any hint most likely is.
        const USUAL: FrameRate = FrameRate { numerator: 25, denominator: 1 };
        [&self.avg_frame_rate, &self.r_frame_rate]
            .into_iter()
            .find_map(|rate| rate.as_deref().and_then(FrameRate::parse))
            .unwrap_or(USUAL)
    }

    /// Width, height and clockwise rotation as shown.
    fn shown(&self) -> Option<(u32, u32, u16)> {
        let stored_width = self.width.filter(|width| *width > 0)?;
        let height = self.height.filter(|height| *height > 0)?;
        let (wide, high) = self
            .sample_aspect_ratio
            .as_deref()
            .and_then(|ratio| fraction(ratio, ':'))
            .filter(|(wide, _)| *wide > 0)
            .unwrap_or((1, 1));
        let width = u64::from(stored_width) * u64::from(wide) / u64::from(high);
        let width = u32::try_from(width.max(1)).ok()?;
        let counter_clockwise = self.side_data_list.iter().find_map(|side_data| side_data.rotation).unwrap_or(0);
        let rotation = u16::try_from(counter_clockwise.saturating_neg().rem_euclid(360)).ok()?;
        Some(match rotation {
            90 | 270 => (height, width, rotation),
            _ => (width, height, rotation),
        })
    }
}
