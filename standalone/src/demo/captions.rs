//! Captions as WebVTT.

use std::fmt::Write;

use super::courses::{Caption, Lesson};

/// A language the demo has captions in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptionLanguage {
    /// Chinese, `zh-CN`.
    Chinese,
    /// English, `en`.
    English,
}

impl CaptionLanguage {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// Its BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    fn of(self, caption: &Caption) -> &str {
        match self {
            Self::Chinese => &caption.zh,
            Self::English => &caption.en,
        }
    }
}

/// The captions of a lesson as a WebVTT file, in step with its slides.
#[must_use]
pub fn captions(lesson: &Lesson, language: CaptionLanguage) -> String {
    let mut file = String::from("WEBVTT\n");
    for (start, slide) in lesson.timeline() {
        let length = u64::from(slide.seconds) * 1000;
        let count = u64::try_from(slide.captions.len().max(1)).unwrap_or(1);
        for (index, caption) in (0_u64..).zip(&slide.captions) {
            let begin = u64::from(start) * 1000;
            let from = time(begin + length * index / count);
            let to = time(begin + length * (index + 1) / count);
            let text = escape(language.of(caption));
            // Writing to a String cannot fail.
            let _infallible = write!(file, "\n{from} --> {to}\n{text}\n");
        }
    }
    file
}

fn time(milliseconds: u64) -> String {
    let (seconds, thousandths) = (milliseconds / 1000, milliseconds % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!("{:02}:{:02}:{seconds:02}.{thousandths:03}", minutes / 60, minutes % 60)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::{CaptionLanguage, captions};
    use crate::demo::courses;

    #[test]
    fn captions_follow_the_slides() {
        let courses = courses().unwrap();
        let lesson = &courses[2].lessons[0];
        let chinese = captions(lesson, CaptionLanguage::Chinese);
        assert!(chinese.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:04.000\n强烈的晃动，往往只有几十秒。\n"));
        assert!(chinese.contains("00:00:12.000 --> 00:00:16.000\n一直等到晃动停下来再出来。\n"));
        assert!(chinese.contains("--> 00:01:04.000\n"), "to the last second");
        let english = captions(lesson, CaptionLanguage::English);
        assert!(english.contains("Drop, cover and hold on"));
        let cues = |file: &str| file.matches(" --> ").count();
        assert_eq!(cues(&chinese), cues(&english));
    }
}
