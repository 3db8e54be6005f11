//! The demo courses, read from the JSON files beside this one.

use anyhow::Context;
use serde::Deserialize;

const FILES: [&str; 3] = [
    include_str!("courses/smartphone-basics.json"),
    include_str!("courses/safe-online.json"),
    include_str!("courses/earthquake-drill.json"),
];

/// One course of the demo network.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// A stable name, fit for a file name.
    pub code: String,
    /// What it is called on screen.
    pub title: String,
    /// What one learns in it, in a sentence or two.
    pub summary: String,
    /// The code of its topic: `elderly_learning`, `internet_safety` or `earthquake_drill`.
    pub topic: String,
    /// For whom it is: `elderly`, `everyone`.
    pub groups: Vec<String>,
    /// Credits for finishing the whole course, a decimal with two places.
    pub credits: String,
    /// Its lessons in their order.
    pub lessons: Vec<Lesson>,
}

/// One lesson: one video.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// A stable name, fit for a file name, unique over all courses.
    pub code: String,
    /// What it is called on screen.
    pub title: String,
    /// Credits for watching it, a decimal with two places.
    pub credits: String,
    /// The colour of its slides, `RRGGBB`: dark enough for white letters.
    pub colour: String,
    /// What is shown, in order. The first is the title.
    pub slides: Vec<Slide>,
}

impl Lesson {
    /// How long its video lasts, in seconds.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        self.slides.iter().map(|slide| slide.seconds).sum()
    }

    /// Each slide with the second at which it begins.
    pub(super) fn timeline(&self) -> impl Iterator<Item = (u32, &Slide)> {
        self.slides.iter().scan(0, |next, slide| {
            let start = *next;
            *next += slide.seconds;
            Some((start, slide))
        })
    }
}

/// One still with large letters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slide {
    /// How long it stands, in seconds.
    pub seconds: u32,
    /// What it is about.
    pub heading: String,
    /// Two or three short lines, at most fourteen characters each.
    pub lines: Vec<String>,
    /// What a speaker would say meanwhile; they share the slide's time evenly.
    pub captions: Vec<Caption>,
}

/// One caption in the languages the demo has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caption {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// The demo courses, in the order of the catalogue.
///
/// # Errors
/// None in practice: the files are part of the program and a test reads them.
pub fn courses() -> anyhow::Result<Vec<Course>> {
    FILES.iter().map(|file| serde_json::from_str(file).context("read a demo course")).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::courses;

    #[test]
    fn there_is_one_course_for_each_topic() {
        let courses = courses().unwrap();
        let topics: Vec<&str> = courses.iter().map(|course| course.topic.as_str()).collect();
        assert_eq!(topics, ["elderly_learning", "internet_safety", "earthquake_drill"]);
        for course in &courses {
            assert!(course.lessons.len() >= 2, "{}", course.code);
            assert_eq!(course.credits, "2.00");
        }
    }

    #[test]
    fn every_lesson_lasts_at_least_a_minute_and_fits_its_slides() {
        let mut codes = BTreeSet::new();
        for lesson in courses().unwrap().iter().flat_map(|course| &course.lessons) {
            assert!((60..=75).contains(&lesson.seconds()), "{}", lesson.code);
            assert!(codes.insert(lesson.code.clone()));
            assert!((8..=10).contains(&lesson.slides.len()));
            assert_eq!(lesson.colour.len(), 6);
            for slide in &lesson.slides {
                assert!((2..=3).contains(&slide.lines.len()), "{}", slide.heading);
                assert!(slide.heading.chars().count() <= 12, "{}", slide.heading);
                for line in &slide.lines {
                    assert!(line.chars().count() <= 14, "{line}");
                }
                assert!(!slide.captions.is_empty());
            }
        }
    }

    #[test]
    fn nothing_shown_can_be_taken_for_a_drawing_command() {
        for lesson in courses().unwrap().iter().flat_map(|course| &course.lessons) {
            for slide in &lesson.slides {
                for text in slide.lines.iter().chain([&slide.heading]) {
                    assert!(!text.contains(['{', '}', '\\', '\n']), "{text}");
                }
            }
        }
    }
}
