//! The month on paper: A4, a table for each metric, or one page about one branch.

use super::{COLUMNS, Cell, code_heading, metric_name, name_heading, whole_street};
use crate::clock::Month;
use crate::error::Result;
use crate::language::Language;
use crate::pdf::{Drawing, Paper};
use crate::reports::letters::branch_rows;
use crate::reports::measures::Group;
use crate::reports::metrics::Metric;
use crate::reports::ranking::{BranchReport, Ranking, Status};
use crate::reports::value::Hundredths;

/// Millimetres left free at each side.
pub(super) const MARGIN: f32 = 15.0;
pub(super) const WIDTH: f32 = 180.0;
const BOTTOM: f32 = 280.0;
const LINE: f32 = 6.2;
/// From one line of a heading to the next.
const HEAD_LINE: f32 = 3.8;
pub(super) const SMALL: f32 = 9.0;
pub(super) const TEXT: f32 = 10.5;
pub(super) const TITLE: f32 = 16.0;
/// How high the bars of the chart may be, in millimetres.
const CHART: f32 = 34.0;

/// What stands on a page, in millimetres from its top left corner.
enum Mark {
    Text { x: f32, y: f32, size: f32, text: String },
    Right { x: f32, y: f32, size: f32, text: String },
    Rule { y: f32 },
    Bar { x: f32, y: f32, width: f32, height: f32 },
}

/// Pages that are being filled from the top.
pub(super) struct Pages {
    done: Vec<Vec<Mark>>,
    current: Vec<Mark>,
    y: f32,
}

impl Pages {
    pub(super) fn new() -> Self {
        Self { done: Vec::new(), current: Vec::new(), y: MARGIN + 5.0 }
    }

    /// Whether there is room for `height` more.
    fn has_room(&self, height: f32) -> bool {
        self.y + height <= BOTTOM
    }

    fn turn(&mut self) {
        self.done.push(std::mem::take(&mut self.current));
        self.y = MARGIN + 5.0;
    }

    pub(super) fn line(&mut self, size: f32, text: impl Into<String>) {
        if !self.has_room(LINE) {
            self.turn();
        }
        self.current.push(Mark::Text { x: MARGIN, y: self.y, size, text: text.into() });
        self.y += LINE;
    }

    /// The title of a table, on the page where the table begins.
    pub(super) fn heading(&mut self, text: &str) {
        if !self.has_room(LINE * 5.0) {
            self.turn();
        }
        self.line(TEXT, text);
    }

    pub(super) fn gap(&mut self, height: f32) {
        self.y += height;
    }

    pub(super) fn finish(mut self, title: &str, foot: &str) -> Result<Vec<u8>> {
        self.turn();
        let mut paper = Paper::new(title)?;
        let count = self.done.len();
        for (number, marks) in self.done.into_iter().enumerate() {
            paper.page(|drawing| {
                marks.iter().for_each(|mark| draw(drawing, mark));
                drawing.text(MARGIN, 290.0, SMALL, foot);
                let page = format!("{} / {count}", number + 1);
                right(drawing, MARGIN + WIDTH, 290.0, SMALL, &page);
            })?;
        }
        paper.finish()
    }
}

fn draw(drawing: &mut Drawing<'_>, mark: &Mark) {
    match mark {
        Mark::Text { x, y, size, text } => drawing.text(*x, *y, *size, text),
        Mark::Right { x, y, size, text } => right(drawing, *x, *y, *size, text),
        Mark::Rule { y } => drawing.bar(MARGIN, *y, WIDTH, 0.2),
        Mark::Bar { x, y, width, height } => drawing.bar(*x, *y, *width, *height),
    }
}

/// A line of text that ends at `x`.
fn right(drawing: &mut Drawing<'_>, x: f32, y: f32, size: f32, text: &str) {
    let width = drawing.width(size, text) * 25.4 / 72.0;
    drawing.text(x - width, y, size, text);
}

/// A column of a table: where it begins or, for figures, ends.
pub(super) struct Place {
    pub(super) x: f32,
    pub(super) right: bool,
}

impl Pages {
    fn row(&mut self, places: &[Place], cells: &[String], size: f32) {
        for (place, text) in places.iter().zip(cells) {
            let (x, y, text) = (place.x, self.y, text.clone());
            self.current.push(if place.right {
                Mark::Right { x, y, size, text }
            } else {
                Mark::Text { x, y, size, text }
            });
        }
        self.y += LINE;
    }

    /// Headings of several lines stand on the last.
    fn head(&mut self, places: &[Place], cells: &[String]) {
        let lines = cells.iter().map(|cell| cell.lines().count()).max().unwrap_or(1);
        for line in (0..lines).rev() {
            let part = |cell: &String| cell.lines().rev().nth(line).unwrap_or_default().to_owned();
            self.row(places, &cells.iter().map(part).collect::<Vec<_>>(), SMALL);
            self.y -= if line == 0 { 0.0 } else { LINE - HEAD_LINE };
        }
        self.current.push(Mark::Rule { y: self.y - 4.0 });
        self.y += 1.0;
    }

    /// A table whose heading is repeated on each page that it goes on to.
    pub(super) fn table(&mut self, places: &[Place], head: &[String], rows: &[Vec<String>]) {
        if !self.has_room(LINE * 4.0) {
            self.turn();
        }
        self.head(places, head);
        for row in rows {
            if !self.has_room(LINE) {
                self.turn();
                self.head(places, head);
            }
            self.row(places, row, SMALL);
        }
    }
}

fn state(status: &Status, language: Language) -> String {
    match status {
        Status::Open => language.pick("尚未月结，数字还会变", "Not closed yet: figures will change").to_owned(),
        Status::Closed { hash, .. } => format!("{} {hash}", language.pick("已月结 SHA-256", "Closed, SHA-256")),
    }
}

/// The whole street: a table for each metric.
pub(super) fn write(month: Month, rankings: &[Ranking], language: Language) -> Result<Vec<u8>> {
    let title = format!("{month} {}", language.pick("各校月报", "monthly report of the schools"));
    let mut pages = Pages::new();
    pages.line(TITLE, title.clone());
    pages.gap(2.0);
    let status = rankings.first().map_or(Status::Open, |ranking| ranking.status.clone());
    pages.line(SMALL, state(&status, language));
    for ranking in rankings {
        let words = ranking.metric.definition().words(language);
        pages.gap(3.0);
        if !pages.has_room(LINE * 7.0) {
            pages.turn();
        }
        pages.line(TEXT + 2.0, with_unit(metric_name(ranking.metric, language), words.unit, language));
        pages.line(SMALL, words.meaning);
        let (places, head, rows) = tabulated(ranking, language);
        pages.table(&places, &head, &rows);
    }
    pages.finish(&title, &title)
}

/// Code and name, then every column of the export.
fn tabulated(ranking: &Ranking, language: Language) -> (Vec<Place>, Vec<String>, Vec<Vec<String>>) {
    let mut places = vec![Place { x: MARGIN, right: false }, Place { x: MARGIN + 14.0, right: false }];
    let mut head = vec![code_heading(language).to_owned(), name_heading(language).to_owned()];
    let each = (WIDTH - 62.0) / u16::try_from(COLUMNS.len()).map_or(1.0, f32::from);
    let mut x = MARGIN + 62.0;
    for column in COLUMNS {
        x += each;
        places.push(Place { x, right: true });
        head.push(stacked(column.heading(language)));
    }
    let definition = ranking.metric.definition();
    let text = |cell: Option<Cell>| cell.map_or_else(|| "–".to_owned(), |cell| cell.text(&definition));
    let mut rows: Vec<Vec<String>> = ranking
        .items
        .iter()
        .map(|item| {
            let mut row = vec![item.branch.code.clone(), item.branch.name.clone()];
            row.extend(COLUMNS.iter().map(|column| text((column.read)(item))));
            row
        })
        .collect();
    let street = ranking.street.map(|figure| Cell::Figure(figure.value));
    rows.push(vec![String::new(), whole_street(language).to_owned(), text(street)]);
    (places, head, rows)
}

/// A heading for a narrow column: a word a line, and of Chinese two signs where there are more than three.
fn stacked(heading: &str) -> String {
    if heading.is_ascii() {
        return heading.replace(' ', "\n");
    }
    match heading.char_indices().nth(2) {
        Some((second, _)) if heading.chars().count() > 3 => {
            let (first, rest) = heading.split_at(second);
            format!("{first}\n{rest}")
        }
        _ => heading.to_owned(),
    }
}

/// One page about one branch: its figures, ranks and gaps, twelve months, and whom nobody has reached yet, as
/// numbers.
pub(in crate::reports) fn write_branch(
    month: Month,
    report: &BranchReport,
    rankings: &[Ranking],
    trained: &[(Group, i64)],
) -> Result<Vec<u8>> {
    let title = format!("{} {month} 月报", report.branch.name);
    let mut pages = Pages::new();
    pages.line(TITLE, title.clone());
    pages.gap(2.0);
    pages.line(SMALL, state(&report.status, Language::Chinese));
    pages.gap(2.0);
    let head = ["指标", "本月", "上月", "增减", "名次", "差距"].map(str::to_owned);
    let places = [0.0, 32.0, 64.0, 86.0, 106.0, 128.0].map(|x| Place { x: MARGIN + x, right: false });
    for cells in [head.to_vec()].into_iter().chain(branch_rows(report.branch.id, rankings)) {
        let lines = wrapped(&cells);
        for line in lines {
            pages.row(&places, &line, SMALL);
        }
    }
    pages.gap(3.0);
    chart(&mut pages, report, Metric::TotalRegistrations);
    chart(&mut pages, report, Metric::LearningHours);
    reached(&mut pages, report, trained);
    pages.finish(&title, "常青学堂")
}

/// How many halves of a Chinese sign fit on a line of text.
const LINE_UNITS: usize = 94;
/// Signs of the last cell that fit beside the others.
const LAST_CELL: usize = 17;

/// A row whose last cell goes on in further lines.
fn wrapped(cells: &[String]) -> Vec<Vec<String>> {
    let (Some(last), Some(first)) = (cells.last(), cells.get(..cells.len().saturating_sub(1))) else {
        return Vec::new();
    };
    let signs: Vec<char> = last.chars().collect();
    let mut lines: Vec<Vec<String>> = Vec::new();
    for part in signs.chunks(LAST_CELL) {
        let mut line = if lines.is_empty() { first.to_vec() } else { vec![String::new(); first.len()] };
        line.push(part.iter().collect());
        lines.push(line);
    }
    lines
}

/// Twelve months of a metric as bars, each with its figure.
fn chart(pages: &mut Pages, report: &BranchReport, metric: Metric) {
    let Some(found) = report.metrics.iter().find(|one| one.metric == metric) else { return };
    let points: Vec<_> = found.history.iter().map(|point| (point.month, point.value)).collect();
    let words = metric.definition().words(Language::Chinese);
    bars(pages, &format!("{}：近十二个月（{}）", words.name, words.unit), &points);
}

/// Up to twelve months as bars, each with its figure.
pub(super) fn bars(pages: &mut Pages, title: &str, points: &[(Month, Option<Hundredths>)]) {
    if !pages.has_room(CHART + 22.0) {
        pages.turn();
    }
    pages.line(TEXT, title);
    let height_of = |value: Option<Hundredths>| value.map_or(0, |value| value.hundredths().max(0));
    let greatest = points.iter().map(|(_, value)| height_of(*value)).max().unwrap_or(0).max(1);
    let (top, each) = (pages.y + 3.0, WIDTH / 12.0);
    for (place, (month, value)) in (0_u16..).zip(points) {
        let x = MARGIN + f32::from(place) * each;
        let thousandths = u16::try_from(height_of(*value).saturating_mul(1000) / greatest).unwrap_or(0);
        let height = CHART * f32::from(thousandths) / 1000.0;
        let (bar, foot) = (top + CHART - height, top + CHART);
        pages.current.push(Mark::Bar { x: x + 2.0, y: bar, width: each - 5.0, height: height.max(0.2) });
        let figure = value.map_or_else(|| "–".to_owned(), |value| value.plain());
        pages.current.push(Mark::Text { x: x + 1.0, y: bar - 1.0, size: 7.5, text: figure });
        pages.current.push(Mark::Text { x: x + 1.0, y: foot + 4.0, size: 7.5, text: month.to_string() });
    }
    pages.y = top + CHART + 10.0;
}

/// A paragraph, turned at the width of the page, where its language allows.
pub(super) fn paragraph(pages: &mut Pages, text: &str) {
    for line in textwrap::wrap(text, LINE_UNITS) {
        pages.line(TEXT, line);
    }
}

/// A name with what it is counted in, in the brackets of the language.
pub(super) fn with_unit(name: &str, unit: &str, language: Language) -> String {
    match language {
        Language::Chinese => format!("{name}（{unit}）"),
        Language::English => format!("{name} ({unit})"),
    }
}

/// How many were taught this year and how many were not, without a name.
fn reached(pages: &mut Pages, report: &BranchReport, trained: &[(Group, i64)]) {
    let amount = |metric: Metric| {
        report.metrics.iter().find(|one| one.metric == metric).and_then(|one| one.figure).map(|figure| figure.amount)
    };
    let (Some(registered), Some(taught)) = (amount(Metric::TotalRegistrations), amount(Metric::Trained)) else {
        return;
    };
    pages.line(
        TEXT,
        format!(
            "登记在册 {registered} 人，今年学过 {taught} 人，还没学过 {} 人。名单请登录办公端，在「还没学过的学员」里看。",
            (registered - taught).max(0)
        ),
    );
    let groups: Vec<String> = trained
        .iter()
        .filter(|(_, people)| *people > 0)
        .map(|(group, people)| format!("{} {people} 人", group.chinese()))
        .collect();
    if !groups.is_empty() {
        pages.line(TEXT, format!("今年学过的人里：{}。", groups.join("，")));
    }
}
