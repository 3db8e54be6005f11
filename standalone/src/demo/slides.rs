//! A lesson's slides as one ASS file, which ffmpeg draws through libass: it takes the Chinese
//! letter forms by font name, which a plain font file with several languages in it would not.

use std::fmt::Write;

use super::courses::{Lesson, Slide};

const INK: &str = "23292E";
const TRACK: &str = "DDD5C4";
const WHITE: &str = "FFFFFF";
/// libass takes the height of a line, of which the letters themselves fill about seven tenths.
const TITLE_LETTERS: u32 = 126;
const LETTERS: u32 = 104;
/// How much later each line of a slide appears, in hundredths of a second.
const LINE_AFTER_LINE: u32 = 60;

/// The colour behind everything, as ffmpeg writes it.
pub(super) const BACKGROUND: &str = "0xF8F4EA";
/// Pixels across and down.
pub(super) const SIZE: (u32, u32) = (1280, 720);

/// The whole file.
pub(super) fn script(lesson: &Lesson, font: &str) -> String {
    let (width, height) = SIZE;
    let mut script = format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: {width}\nPlayResY: {height}\n\
         WrapStyle: 2\nScaledBorderAndShadow: yes\n\n[V4+ Styles]\n\
         Format: Name, Fontname, Fontsize, PrimaryColour, Bold, BorderStyle, Outline, Shadow, \
         Alignment, MarginL, MarginR, MarginV, Encoding\n\
         Style: Bold,{font},72,&H00FFFFFF,-1,1,0,0,4,0,0,0,1\n\
         Style: Plain,{font},72,&H00FFFFFF,0,1,0,0,4,0,0,0,1\n\n[Events]\n\
         Format: Layer, Start, End, Style, Text\n"
    );
    let count = lesson.slides.len();
    let total = lesson.seconds();
    for (index, (start, slide)) in lesson.timeline().enumerate() {
        let mut page = Page { script: &mut script, start: start * 100, end: (start + slide.seconds) * 100 };
        if index == 0 {
            page.title(lesson, slide);
        } else {
            page.content(lesson, slide);
        }
        let on_colour = index == 0;
        page.footer(lesson, &format!("{} / {count}", index + 1), total, on_colour);
    }
    script
}

/// One slide being written; times are hundredths of a second.
struct Page<'a> {
    script: &'a mut String,
    start: u32,
    end: u32,
}

impl Page<'_> {
    fn title(&mut self, lesson: &Lesson, slide: &Slide) {
        self.rectangle(0, (0, 0), SIZE, &lesson.colour);
        // Two large faint discs, so that the page is not a plain wall of colour.
        self.draw(1, (960, 30), WHITE, r"\alpha&HE8&", &circle(260));
        self.draw(1, (1090, 400), WHITE, r"\alpha&HEE&", &circle(200));
        self.rectangle(1, (100, 396), (140, 10), "F3C969");
        self.text("Bold", 0, (100, 276), TITLE_LETTERS, WHITE, &slide.heading);
        for (index, line) in (0_u32..).zip(&slide.lines) {
            self.text("Plain", (index + 1) * LINE_AFTER_LINE, (100, 476 + index * 92), 88, "FBF6E9", line);
        }
    }

    fn content(&mut self, lesson: &Lesson, slide: &Slide) {
        self.rectangle(0, (0, 0), (1280, 168), &lesson.colour);
        self.draw(1, (1060, 30), WHITE, r"\alpha&HE8&\clip(0,0,1280,168)", &circle(170));
        self.text("Bold", 0, (80, 84), TITLE_LETTERS, WHITE, &slide.heading);
        let step = 132;
        let first = if slide.lines.len() < 3 { 350 } else { 276 };
        for (index, line) in (0_u32..).zip(&slide.lines) {
            let middle = first + index * step;
            let after = index * LINE_AFTER_LINE;
            self.badge(after, (122, middle), &lesson.colour, index + 1);
            self.text("Bold", after, (190, middle), LETTERS, INK, line);
        }
    }

    /// How far the lesson has come: a bar that moves, and the number of the slide.
    fn footer(&mut self, lesson: &Lesson, number: &str, total: u32, on_colour: bool) {
        const WIDTH: u32 = 980;
        let (track, fill, ink) =
            if on_colour { ("D8D2C4", "F3C969", WHITE) } else { (TRACK, lesson.colour.as_str(), "6B6558") };
        self.rectangle(1, (80, 672), (WIDTH, 12), track);
        let percent = |time: u32| {
            let hundredths = time * 100 / total.max(1);
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        };
        let length = (self.end - self.start) * 10;
        let moving = format!(r"\fscx{}\t(0,{length},\fscx{})", percent(self.start), percent(self.end));
        self.draw(2, (80, 672), fill, &moving, &rectangle(WIDTH, 12));
        self.event(2, 0, "Bold", &format!(r"{{\an6\pos(1200,678)\fs58\c{}}}{number}", colour(ink)));
    }

    fn badge(&mut self, after: u32, (x, y): (u32, u32), fill: &str, number: u32) {
        let fade = r"\fad(350,0)";
        let shape = circle(42);
        let at = (x - 42, y - 42);
        self.draw_after(1, after, at, fill, fade, &shape);
        let digit = format!(r"{{\an5\pos({x},{y})\fs66\c{}{fade}}}{number}", colour(WHITE));
        self.event(2, after, "Bold", &digit);
    }

    fn text(&mut self, style: &str, after: u32, (x, y): (u32, u32), size: u32, ink: &str, text: &str) {
        let line = format!(r"{{\an4\pos({x},{y})\fs{size}\c{}\fad(350,0)}}{text}", colour(ink));
        self.event(2, after, style, &line);
    }

    fn rectangle(&mut self, layer: u8, at: (u32, u32), (width, height): (u32, u32), fill: &str) {
        self.draw(layer, at, fill, "", &rectangle(width, height));
    }

    fn draw(&mut self, layer: u8, at: (u32, u32), fill: &str, tags: &str, shape: &str) {
        self.draw_after(layer, 0, at, fill, tags, shape);
    }

    fn draw_after(&mut self, layer: u8, after: u32, (x, y): (u32, u32), fill: &str, tags: &str, shape: &str) {
        let line = format!(r"{{\an7\pos({x},{y})\c{}{tags}\p1}}{shape}{{\p0}}", colour(fill));
        self.event(layer, after, "Plain", &line);
    }

    fn event(&mut self, layer: u8, after: u32, style: &str, text: &str) {
        let (start, end) = (time(self.start + after), time(self.end));
        // Writing to a String cannot fail.
        let _infallible = writeln!(self.script, "Dialogue: {layer},{start},{end},{style},{text}");
    }
}

fn rectangle(width: u32, height: u32) -> String {
    format!("m 0 0 l {width} 0 {width} {height} 0 {height}")
}

/// A circle of four curves in a square of twice the radius.
fn circle(radius: u32) -> String {
    let full = radius * 2;
    // Where the handles of the curves lie: 0.4477 of the radius from the corner.
    let near = radius * 4477 / 10_000;
    let far = full - near;
    format!(
        "m {radius} 0 b {far} 0 {full} {near} {full} {radius} b {full} {far} {far} {full} {radius} {full} \
         b {near} {full} 0 {far} 0 {radius} b 0 {near} {near} 0 {radius} 0"
    )
}

/// ASS writes colours backwards: `&HBBGGRR&`.
fn colour(rrggbb: &str) -> String {
    let part = |from: usize| rrggbb.get(from..from + 2).unwrap_or("00");
    format!("&H{}{}{}&", part(4), part(2), part(0))
}

fn time(hundredths: u32) -> String {
    let seconds = hundredths / 100;
    format!("{}:{:02}:{:02}.{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60, hundredths % 100)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::{colour, script, time};
    use crate::demo::courses;

    #[test]
    fn colours_and_times_are_written_as_ass_wants_them() {
        assert_eq!(colour("112233"), "&H332211&");
        assert_eq!(time(6_123), "0:01:01.23");
    }

    #[test]
    fn everything_the_lesson_says_is_in_the_script() {
        let courses = courses().unwrap();
        let lesson = &courses[1].lessons[0];
        let script = script(lesson, "Any Font");
        for slide in &lesson.slides {
            assert!(script.contains(&slide.heading));
            for line in &slide.lines {
                assert!(script.contains(line), "{line}");
            }
        }
        assert!(script.contains("Style: Bold,Any Font,"));
        assert!(script.contains("}8 / 8\n"));
    }
}
