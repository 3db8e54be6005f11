//! Learner cards on paper: ten of the size of a bank card on a sheet of A4.

use super::cards::IssuedCard;
use crate::error::Result;
use crate::pdf::{Drawing, Paper, QrSquares, qr_squares};

/// ISO/IEC 7810 ID-1, in millimetres.
const CARD: (f32, f32) = (85.6, 54.0);
/// What is left at the sides and at the top of a sheet with two columns and five rows.
const MARGIN: (f32, f32) = (19.4, 13.5);
const ON_A_SHEET: usize = 10;
const QR_SIDE: f32 = 33.0;

/// A PDF with these cards. `address` is the page that takes a card; the token stands behind its `#`,
/// so that it never reaches a server's log.
///
/// # Errors
/// When the machine has no Chinese font.
pub fn card_sheet(cards: &[IssuedCard], address: &str) -> Result<Vec<u8>> {
    let codes =
        cards.iter().map(|card| qr_squares(&format!("{address}#{}", card.token))).collect::<Result<Vec<_>>>()?;
    let printed: Vec<(&IssuedCard, QrSquares)> = cards.iter().zip(codes).collect();
    let mut paper = Paper::new("学员卡")?;
    for sheet in printed.chunks(ON_A_SHEET) {
        paper.page(|drawing| {
            for (place, (card, code)) in sheet.iter().enumerate() {
                let (column, row) = (place % 2, place / 2);
                let left = MARGIN.0 + if column == 0 { 0.0 } else { CARD.0 };
                let top = MARGIN.1 + u16::try_from(row).map_or(0.0, f32::from) * CARD.1;
                draw(drawing, left, top, card, code);
            }
        })?;
    }
    paper.finish()
}

fn draw(drawing: &mut Drawing<'_>, left: f32, top: f32, card: &IssuedCard, code: &QrSquares) {
    drawing.frame(left, top, CARD.0, CARD.1);
    drawing.text(left + 5.0, top + 8.0, 11.0, "常青学堂 · 学员卡");
    drawing.text(left + 5.0, top + 19.5, name_size(&card.name), &card.name);
    drawing.text(left + 5.0, top + 26.5, 10.0, "学员号");
    drawing.text(left + 5.0, top + 33.5, 17.0, &card.learner_number);
    drawing.text(left + 5.0, top + 39.5, 10.0, "卡号（不能扫码时输入）");
    drawing.text(left + 5.0, top + 47.0, 17.0, &card.code.to_uppercase());
    drawing.squares(left + CARD.0 - QR_SIDE - 4.0, top + 4.0, QR_SIDE, code.columns, &code.dark);
    drawing.text(left + 5.0, top + 51.5, 7.0, "凭卡加六位密码登录。丢了请到社区学校补办，旧卡随即作废。");
}

/// In points: long names are written smaller, so that they stay clear of the QR.
fn name_size(name: &str) -> f32 {
    match name.chars().count() {
        0..=5 => 24.0,
        6..=9 => 14.0,
        10..=16 => 9.0,
        _ => 6.0,
    }
}
