//! Drawing a lesson's video with ffmpeg.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::process::Command;

use super::courses::Lesson;
use super::slides::{BACKGROUND, SIZE, script};

/// Still pictures and a slow bar need no more.
const FRAMES_PER_SECOND: u32 = 10;
/// A minute of slides takes a few seconds; this is for a machine that does much else.
const TIME_LIMIT: Duration = Duration::from_secs(180);
/// Known to look well, best first.
const PREFERRED_FONTS: [&str; 6] = [
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
];
/// Where the preferred font lies when the machine has no `fc-list` to ask.
const NOTO_FILES: [&str; 4] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
];
/// A calm turn of four chords (C, A minor, F, G), one a slide, in hertz.
const CHORDS: [[&str; 3]; 4] = [
    ["261.63", "329.63", "392.00"],
    ["220.00", "261.63", "329.63"],
    ["174.61", "261.63", "349.23"],
    ["196.00", "246.94", "392.00"],
];

/// Draws the video of `lesson` into `out_path` (MP4, H.264 and AAC, 1280 × 720). A file that is
/// there already is replaced, and only by a whole one.
///
/// # Errors
/// Without ffmpeg or a Chinese font, with what to install; when ffmpeg fails or takes longer
/// than three minutes; when the folder of `out_path` cannot be written.
pub async fn render_lesson(lesson: &Lesson, out_path: &Path) -> anyhow::Result<()> {
    let font = chinese_font().await?;
    let out_path = std::path::absolute(out_path).context("find the video's folder")?;
    let workshop = out_path.with_extension("drawing");
    tokio::fs::create_dir_all(&workshop).await.with_context(|| format!("make the folder {}", workshop.display()))?;
    let drawn = draw(lesson, &font, &workshop, &out_path).await;
    // Removed also after a failure, whose own reason matters more than this one.
    let removed = tokio::fs::remove_dir_all(&workshop).await;
    drawn?;
    removed.with_context(|| format!("remove the folder {}", workshop.display()))
}

async fn draw(lesson: &Lesson, font: &str, workshop: &Path, out_path: &Path) -> anyhow::Result<()> {
    const DRAWN: &str = "drawn.mp4";
    // Named without folder: ffmpeg's filters would need any other name escaped twice.
    const SLIDES: &str = "slides.ass";
    tokio::fs::write(workshop.join(SLIDES), script(lesson, font)).await.context("write the slides")?;
    let (width, height) = SIZE;
    let picture = format!("color=c={BACKGROUND}:s={width}x{height}:r={FRAMES_PER_SECOND}");
    let graph = format!("[0:v]ass={SLIDES},format=yuv420p[picture];{}", sound(lesson));
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .current_dir(workshop)
        .args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", &picture])
        .args(["-filter_complex", &graph, "-map", "[picture]", "-map", "[sound]"])
        .args(["-t", &lesson.seconds().to_string()])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage", "-crf", "22"])
        .args(["-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart", DRAWN])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let output = tokio::time::timeout(TIME_LIMIT, ffmpeg.output())
        .await
        .context("ffmpeg took longer than three minutes to draw a demo lesson")?
        .context("start ffmpeg; is the ffmpeg package installed?")?;
    ensure!(
        output.status.success(),
        "ffmpeg could not draw the lesson {} ({}): {}",
        lesson.code,
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    tokio::fs::rename(workshop.join(DRAWN), out_path)
        .await
        .with_context(|| format!("move the video to {}", out_path.display()))
}

/// A soft chord for each slide with a chime at its beginning; it fades but does not fall silent.
fn sound(lesson: &Lesson) -> String {
    let mut graph = String::new();
    let mut labels = String::new();
    for ((index, slide), chord) in lesson.slides.iter().enumerate().zip(CHORDS.iter().cycle()) {
        let [root, third, fifth] = chord;
        let length = slide.seconds;
        let wave = |frequency: &str| format!("sin(2*PI*{frequency}*t)");
        graph.push_str(&format!(
            "aevalsrc='0.085*({}+{}+{})*(0.3+0.7*exp(-0.6*t))*min(1\\,6*t)*min(1\\,2*({length}-t))\
             +0.07*sin(4*PI*{fifth}*t)*exp(-3*t)*min(1\\,60*t)':s=16000:d={length}[s{index}];",
            wave(root),
            wave(third),
            wave(fifth),
        ));
        labels.push_str(&format!("[s{index}]"));
    }
    let count = lesson.slides.len();
    format!("{graph}{labels}concat=n={count}:v=0:a=1[sound]")
}

/// The family name of a font that has Chinese letters.
async fn chinese_font() -> anyhow::Result<String> {
    let listed = Command::new("fc-list")
        .args([":lang=zh-cn", "--format", "%{family}\n"])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    let families = match listed {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        // No fontconfig tools: look where the font is usually put.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            match NOTO_FILES.iter().find(|file| Path::new(file).exists()) {
                Some(_) => PREFERRED_FONTS.first().copied().unwrap_or_default().to_owned(),
                None => String::new(),
            }
        }
        Err(error) => return Err(error).context("ask fc-list for a Chinese font"),
    };
    match choose(&families) {
        Some(font) => Ok(font),
        None => {
            bail!("no font with Chinese letters is installed; install the package fonts-noto-cjk")
        }
    }
}

/// The best of what `fc-list` names: one font a line, its names separated by commas.
fn choose(families: &str) -> Option<String> {
    let names = || families.lines().flat_map(|line| line.split(',')).map(str::trim);
    PREFERRED_FONTS
        .into_iter()
        .find(|preferred| names().any(|name| name == *preferred))
        .or_else(|| names().find(|name| !name.is_empty()))
        .map(str::to_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::{choose, render_lesson};
    use crate::demo::courses;

    #[test]
    fn the_best_font_there_is_gets_chosen() {
        let both = "文泉驿微米黑,WenQuanYi Micro Hei\nNoto Sans CJK SC,Noto Sans CJK SC Bold\n";
        assert_eq!(choose(both).as_deref(), Some("Noto Sans CJK SC"));
        assert_eq!(choose("Some Hei\n").as_deref(), Some("Some Hei"));
        assert_eq!(choose("\n"), None);
    }

    /// Short, so that the check is quick: the first two slides of a lesson, one second each.
    #[tokio::test]
    async fn a_lesson_becomes_a_video_with_picture_and_sound() {
        let mut lesson = courses().unwrap()[0].lessons[0].clone();
        lesson.slides.truncate(2);
        for slide in &mut lesson.slides {
            slide.seconds = 1;
        }
        let name = format!("demo-lesson-{}.mp4", std::process::id());
        let path = std::env::temp_dir().join(name);
        render_lesson(&lesson, &path).await.unwrap();
        let probe = campus::videos::media::probe(&path).await.unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(!path.with_extension("drawing").exists());
        assert_eq!((probe.width, probe.height), (1280, 720));
        assert!((1_900..2_200).contains(&probe.duration_ms), "{probe:?}");
        assert!(probe.has_audio);
    }

    /// Draws every lesson and prints how long it took;
    /// `DEMO_VIDEOS=folder cargo test -- --ignored --nocapture all_lessons` keeps them.
    #[tokio::test]
    #[ignore = "a measurement, not a check"]
    async fn all_lessons_are_timed() {
        let folder = std::env::var_os("DEMO_VIDEOS").map_or_else(std::env::temp_dir, Into::into);
        let start = std::time::Instant::now();
        for lesson in courses().unwrap().iter().flat_map(|course| &course.lessons) {
            let path = folder.join(format!("{}.mp4", lesson.code));
            render_lesson(lesson, &path).await.unwrap();
            let size = std::fs::metadata(&path).unwrap().len() / 1000;
            println!("{}: {size} kB after {:.1?}", lesson.code, start.elapsed());
        }
    }
}
