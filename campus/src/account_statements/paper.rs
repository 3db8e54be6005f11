//! A statement on paper.

use super::Written;
use super::words::Words;
use crate::Campus;
use crate::codes::printed_code;
use crate::credits::{Credits, StatementRow};
use crate::error::Result;
use crate::language::Language;
use crate::pdf::{Drawing, Paper, QrSquares, qr_squares};

/// Where columns begin, in millimetres: day, what, amount, evidence.
const COLUMNS: [f32; 4] = [15.0, 37.0, 146.0, 172.0];
/// How wide what happened may be, in points at its size.
const WHAT: f32 = 300.0;
const SIZE: f32 = 9.0;
/// How high a line is, in millimetres.
const LINE: f32 = 4.8;
/// Between two rows.
const GAP: f32 = 2.2;
/// Where rows begin on the first page and on the others, and where they end.
const FIRST: f32 = 86.0;
const OTHERS: f32 = 28.0;
const BOTTOM: f32 = 280.0;

/// A row, cut into lines.
struct Row<'a> {
    row: &'a StatementRow,
    lines: Vec<String>,
}

impl Row<'_> {
    fn height(&self) -> f32 {
        u16::try_from(self.lines.len()).map_or(LINE, |count| f32::from(count) * LINE) + GAP
    }
}

/// A text in lines of at most [`WHAT`].
fn cut(paper: &Paper, text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for sign in text.chars() {
        if let Some(line) = lines.last_mut() {
            line.push(sign);
            if paper.width(SIZE, line) <= WHAT {
                continue;
            }
            line.pop();
        }
        lines.push(sign.to_string());
    }
    lines
}

/// Rows by page.
fn pages<'a>(paper: &Paper, rows: &'a [StatementRow]) -> Vec<Vec<Row<'a>>> {
    let (mut pages, mut y) = (vec![Vec::new()], FIRST);
    for row in rows {
        let row = Row { row, lines: cut(paper, &row.explanation) };
        if y + row.height() > BOTTOM {
            pages.push(Vec::new());
            y = OTHERS;
        }
        y += row.height();
        if let Some(page) = pages.last_mut() {
            page.push(row);
        }
    }
    pages
}

pub(super) fn document(campus: &Campus, written: &Written, page: &str, language: Language) -> Result<Vec<u8>> {
    let words = Words::of(language);
    let squares = qr_squares(&format!("{page}?code={}", written.kept.code))?;
    let mut paper = Paper::new(words.title)?;
    let pages = pages(&paper, &written.rows);
    let count = pages.len();
    for (number, rows) in pages.iter().enumerate() {
        paper.page(|drawing| {
            let mut y = OTHERS;
            if number == 0 {
                head(drawing, campus, written, words, page, &squares);
                y = FIRST;
            }
            columns(drawing, words, y - 7.0);
            if rows.is_empty() {
                drawing.text(COLUMNS[0], y, SIZE, words.none);
            }
            for row in rows {
                draw(drawing, words, row, y);
                y += row.height();
            }
            let foot = format!("{}    {} / {count}", printed_code(&written.kept.code), number + 1);
            drawing.centred(105.0, 290.0, 8.0, &foot);
        })?;
    }
    paper.finish()
}

fn head(drawing: &mut Drawing<'_>, campus: &Campus, written: &Written, words: &Words, page: &str, squares: &QrSquares) {
    let kept = &written.kept;
    drawing.text(COLUMNS[0], 24.0, 18.0, words.title);
    let lines = [
        (words.holder, written.holder.clone()),
        (words.number, written.learner_number.clone()),
        (words.period, format!("{} – {}", kept.from_on, kept.to_on)),
        (words.issued, campus.clock.date_of(kept.issued_at).to_string()),
        (words.credits_in_all, Credits(kept.credits).to_string()),
        (words.points_in_all, kept.points.to_string()),
    ];
    let mut y = 33.0;
    for (name, value) in lines {
        drawing.text(COLUMNS[0], y, 10.0, name);
        drawing.text(48.0, y, 10.0, &value);
        y += 6.0;
    }
    drawing.squares(168.0, 16.0, 27.0, squares.columns, &squares.dark);
    drawing.text(112.0, 51.0, 8.0, words.check);
    drawing.text(112.0, 57.0, 12.0, &printed_code(&kept.code));
    drawing.text(112.0, 62.0, 8.0, page);
    drawing.text(COLUMNS[0], 71.0, 7.0, &format!("SHA-256  {}", hex::encode(&kept.digest)));
}

fn columns(drawing: &mut Drawing<'_>, words: &Words, y: f32) {
    let [day, what, _, amount, evidence, _] = words.columns;
    for (x, name) in COLUMNS.into_iter().zip([day, what, amount, evidence]) {
        drawing.text(x, y, SIZE, name);
    }
    drawing.frame(COLUMNS[0], y + 1.8, 180.0, 0.0);
}

fn draw(drawing: &mut Drawing<'_>, words: &Words, row: &Row<'_>, y: f32) {
    let transfer = &row.row.transfer;
    drawing.text(COLUMNS[0], y, SIZE, &transfer.earned_on.to_string());
    let mut line_y = y;
    for line in &row.lines {
        drawing.text(COLUMNS[1], line_y, SIZE, line);
        line_y += LINE;
    }
    let amount = format!("{} {}", row.row.signed_amount(), words.unit(&transfer.unit));
    drawing.text(COLUMNS[2], y, SIZE, &amount);
    drawing.text(COLUMNS[3], y, SIZE, words.evidence(&transfer.evidence));
}
