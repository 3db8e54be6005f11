//! What to ask of ffmpeg for one video: sizes and arguments, without running anything.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::probe::{Probe, input_arguments};
use super::tool::MediaLimits;
use super::transcode::RenditionKind;

/// One size of the picture that is made of every video.
pub(super) struct PictureTarget {
    pub(super) kind: RenditionKind,
    /// What it is called in the filter graph.
    label: &'static str,
    /// Pixels on the shorter side, at most.
    pub(super) shorter_side: u32,
    pub(super) file_name: &'static str,
    profile: &'static str,
    quality: &'static str,
    peak_rate: &'static str,
    buffer: &'static str,
    audio_rate: &'static str,
    audio_channels: &'static str,
}

/// For those with the line, of originals that have as much.
pub(super) const LARGE: PictureTarget = PictureTarget {
    kind: RenditionKind::Large,
    label: "large",
    shorter_side: 720,
    file_name: "720p.mp4",
    profile: "main",
    quality: "23",
    peak_rate: "2000k",
    buffer: "4000k",
    audio_rate: "128k",
    audio_channels: "2",
};

/// For the usual phone.
pub(super) const MEDIUM: PictureTarget = PictureTarget {
    kind: RenditionKind::Medium,
    label: "medium",
    shorter_side: 480,
    file_name: "480p.mp4",
    profile: "main",
    quality: "23",
    peak_rate: "1000k",
    buffer: "2000k",
    audio_rate: "96k",
    audio_channels: "2",
};

/// For old phones and bad lines: the baseline profile is what their decoders know.
pub(super) const SMALL: PictureTarget = PictureTarget {
    kind: RenditionKind::Small,
    label: "small",
    shorter_side: 240,
    file_name: "240p.mp4",
    profile: "baseline",
    quality: "26",
    peak_rate: "320k",
    buffer: "640k",
    audio_rate: "48k",
    audio_channels: "1",
};

pub(super) const AUDIO_FILE_NAME: &str = "audio.m4a";
pub(super) const POSTER_FILE_NAME: &str = "poster.jpg";

/// The pictures that are made of a video, the largest first.
pub(super) fn pictures_of(probe: &Probe) -> &'static [&'static PictureTarget] {
    if probe.width.min(probe.height) >= LARGE.shorter_side { &[&LARGE, &MEDIUM, &SMALL] } else { &[&MEDIUM, &SMALL] }
}

/// Scales to a shorter side of at most `shorter_side`, keeps the shape, never enlarges. Both
/// sides are even, which H.264 needs.
pub(super) fn fit(width: u32, height: u32, shorter_side: u32) -> (u32, u32) {
    let shorter = width.min(height).max(1);
    if shorter <= shorter_side {
        return (even(width), even(height));
    }
    let scaled = |side: u32| {
        let side = u64::from(side) * u64::from(shorter_side);
        let nearest = (side + u64::from(shorter) / 2) / u64::from(shorter);
        even(u32::try_from(nearest).unwrap_or(u32::MAX))
    };
    (scaled(width), scaled(height))
}

pub(super) const fn even(side: u32) -> u32 {
    let even = side - side % 2;
    if even == 0 { 2 } else { even }
}

/// One decoding, three files or four: the pictures and the sound by itself.
pub(super) fn transcode_arguments(path: &Path, probe: &Probe, out_dir: &Path, limits: &MediaLimits) -> Vec<OsString> {
    let threads = limits.threads.max(1).to_string();
    let mut arguments = words(&["-v", "error", "-nostats", "-y", "-progress", "pipe:1"]);
    arguments.extend(words(&["-stats_period", "1", "-filter_threads", &threads]));
    arguments.extend(words(&["-filter_complex_threads", &threads]));
    arguments.extend(words(&["-threads", &threads]));
    arguments.extend(input_arguments(path, probe.container));
    arguments.extend(words(&["-filter_complex", &filter_graph(probe)]));
    for target in pictures_of(probe) {
        let label = target.label;
        arguments.extend(words(&["-map", &format!("[{label}]")]));
        arguments.extend(picture_arguments(target, &threads));
        if probe.has_audio {
            arguments.extend(words(&["-map", &format!("[{label}_sound]")]));
            arguments.extend(audio_arguments(target.audio_rate, target.audio_channels));
        }
        arguments.extend(file_arguments("mp4", out_dir.join(target.file_name)));
    }
    if probe.has_audio {
        arguments.extend(words(&["-map", "[alone_sound]"]));
        arguments.extend(audio_arguments("64k", "1"));
        arguments.extend(file_arguments("ipod", out_dir.join(AUDIO_FILE_NAME)));
    }
    arguments
}

/// A still from about a tenth in, where title and fade-in are over. It is taken from our own
/// rendition: upright, square pixels, quick to seek in.
pub(super) fn poster_arguments(medium: &Path, duration_ms: u32, poster: &Path) -> Vec<OsString> {
    const WIDTH: u32 = 640;
    let start = duration_ms / 10;
    let mut arguments = words(&["-v", "error", "-nostats", "-y"]);
    arguments.extend(words(&["-ss", &format!("{}.{:03}", start / 1000, start % 1000)]));
    arguments.extend(input_arguments(medium, super::Container::Mov));
    // Of half a second or so the most telling frame, so that a flash of black is not chosen.
    let filter = format!("thumbnail=12,scale='min({WIDTH},iw)':-2:flags=area,format=yuvj420p");
    arguments.extend(words(&["-map", "0:v:0", "-vf", &filter]));
    arguments.extend(words(&["-frames:v", "1", "-q:v", "4", "-f", "image2", "-update", "1"]));
    arguments.push(file_url(poster));
    arguments
}

/// Rotation is applied by ffmpeg before the graph. Interlaced frames of old tapes are woven
/// together; the rate is made constant; each smaller picture is scaled from the one above it.
fn filter_graph(probe: &Probe) -> String {
    let rate = probe.frame_rate.for_playing();
    let targets = pictures_of(probe);
    let mut graph = format!("[0:{}]yadif=deint=interlaced,fps={rate},format=yuv420p", probe.video_stream);
    for (target, is_last) in targets.iter().zip((1..=targets.len()).map(|place| place == targets.len())) {
        let (width, height) = fit(probe.width, probe.height, target.shorter_side);
        let label = target.label;
        graph.push_str(&format!(",scale={width}:{height},setsar=1"));
        if is_last {
            graph.push_str(&format!("[{label}]"));
        } else {
            graph.push_str(&format!(",split=2[{label}][below_{label}];[below_{label}]null"));
        }
    }
    if let Some(stream) = probe.audio_stream {
        // Gaps in the sound become silence, or it would run ahead of the picture.
        let copies = targets.len() + 1;
        graph.push_str(&format!(";[0:{stream}]aresample=44100:async=1:first_pts=0,asplit={copies}"));
        for target in targets {
            graph.push_str(&format!("[{}_sound]", target.label));
        }
        graph.push_str("[alone_sound]");
    }
    graph
}

fn picture_arguments(target: &PictureTarget, threads: &str) -> Vec<OsString> {
    words(&[
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-profile:v",
        target.profile,
        "-pix_fmt",
        "yuv420p",
        "-crf",
        target.quality,
        "-maxrate",
        target.peak_rate,
        "-bufsize",
        target.buffer,
        // A keyframe every two seconds: seeking on a phone lands where the finger meant.
        "-force_key_frames",
        "expr:gte(t,n_forced*2)",
        "-threads",
        threads,
    ])
}

fn audio_arguments(rate: &str, channels: &str) -> Vec<OsString> {
    words(&["-c:a", "aac", "-b:a", rate, "-ac", channels, "-ar", "44100"])
}

/// Where phones hid the place of recording (metadata, chapters) is left behind.
fn file_arguments(muxer: &str, file: PathBuf) -> Vec<OsString> {
    let mut arguments = words(&["-map_metadata", "-1", "-map_chapters", "-1"]);
    arguments.extend(words(&["-movflags", "+faststart"]));
    arguments.extend(words(&["-max_muxing_queue_size", "4096"]));
    arguments.extend(words(&["-f", muxer]));
    arguments.push(file_url(&file));
    arguments
}

/// A name cannot be taken for an option or another protocol behind this.
pub(super) fn file_url(path: &Path) -> OsString {
    let mut url = OsString::from("file:");
    url.push(path);
    url
}

pub(super) fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn sizes_keep_their_shape_and_are_even() {
        assert_eq!(fit(1280, 720, 480), (852, 480));
        assert_eq!(fit(1920, 1080, 240), (426, 240));
        assert_eq!(fit(720, 1280, 480), (480, 852));
        assert_eq!(fit(1024, 768, 480), (640, 480));
        assert_eq!(fit(853, 480, 480), (852, 480));
    }

    #[test]
    fn small_pictures_are_never_enlarged() {
        assert_eq!(fit(321, 201, 480), (320, 200));
        assert_eq!(fit(1, 1, 240), (2, 2));
    }
}
