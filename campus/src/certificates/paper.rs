//! A certificate on paper.

use super::{Attested, printed_code};
use crate::Campus;
use crate::credits::Credits;
use crate::error::{Code, Error, Result};
use crate::pdf::{Drawing, Paper, qr_squares};

/// The middle of the page, in millimetres.
const MIDDLE: f32 = 105.0;
const QR_SIDE: f32 = 34.0;
/// What fits on a line, in points at the size of the text.
const LINE: f32 = 430.0;

pub(super) fn document(campus: &Campus, attested: &Attested, page: &str) -> Result<Vec<u8>> {
    let holder = attested.holder.as_deref().ok_or_else(|| Error::code(Code::NotFound))?;
    let certificate = &attested.certificate;
    let code = printed_code(&certificate.code);
    let squares = qr_squares(&format!("{page}?code={}", certificate.code))?;
    let completed = campus.clock.date_of(certificate.completed_at);
    let issued = campus.clock.date_of(certificate.issued_at);
    let credits = Credits(certificate.credits);
    let day = |date: time::Date| format!("{} 年 {} 月 {} 日", date.year(), u8::from(date.month()), date.day());
    let mut paper = Paper::new("结业证书")?;
    paper.page(|drawing| {
        drawing.frame(12.0, 12.0, 186.0, 273.0);
        drawing.frame(14.5, 14.5, 181.0, 268.0);
        drawing.centred(MIDDLE, 62.0, 38.0, "结 业 证 书");
        drawing.centred(MIDDLE, 72.0, 12.0, "Certificate of Completion");
        drawing.centred(MIDDLE, 88.0, 10.0, "This certifies that");
        fitted(drawing, 104.0, 30.0, holder);
        drawing.centred(MIDDLE, 122.0, 15.0, &format!("于 {} 学完课程", day(completed)));
        fitted(drawing, 142.0, 24.0, &format!("《{}》", certificate.course_title));
        drawing.centred(MIDDLE, 160.0, 15.0, &format!("计 {credits} 学分，特发此证。"));
        let english = format!("has completed the course named above, worth {credits} credits, on {completed}.");
        drawing.centred(MIDDLE, 169.0, 10.0, &english);
        fitted(drawing, 200.0, 15.0, &attested.issuer);
        drawing.centred(MIDDLE, 209.0, 13.0, &day(issued));
        drawing.centred(MIDDLE, 217.0, 10.0, &format!("Issued by the school named above on {issued}"));
        drawing.squares(24.0, 236.0, QR_SIDE, squares.columns, &squares.dark);
        drawing.text(64.0, 246.0, 11.0, "扫码或在网站上输入编号，即可查验真伪：");
        drawing.text(64.0, 254.0, 15.0, &code);
        drawing.text(64.0, 262.0, 9.0, page);
        drawing.text(64.0, 269.0, 9.0, "Scan, or enter the number on the site, to check this certificate.");
    })?;
    paper.finish()
}

/// In the middle, smaller where it is long.
fn fitted(drawing: &mut Drawing<'_>, y: f32, size: f32, text: &str) {
    let width = drawing.width(size, text);
    drawing.centred(MIDDLE, y, if width > LINE { size * LINE / width } else { size }, text);
}
