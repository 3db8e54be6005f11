//! Paper: A4 pages with text in a Chinese font that is embedded as far as it is used, so that they
//! print the same everywhere.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::page::{Page, PageSettings};
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use qrcode::{Color, EcLevel, QrCode};
use ttf_parser::Face;

use crate::error::{Error, Result};

/// Points in a millimetre.
const MILLIMETRE: f32 = 72.0 / 25.4;
/// A4 in millimetres.
const WIDTH: f32 = 210.0;
const HEIGHT: f32 = 297.0;

/// Where distributions put a font with simplified Chinese, and which of the file's fonts it is.
const FONTS: [(&str, u32); 7] = [
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-sans-cjk-vf-fonts/NotoSansCJK-VF.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
];

/// A font and the file it was read from, which knows how wide each sign is.
#[derive(Clone)]
struct Typeface {
    font: Font,
    file: Arc<Vec<u8>>,
    index: u32,
}

impl Typeface {
    /// The machine's Chinese font, read once.
    ///
    /// # Errors
    /// When it has none.
    fn installed() -> Result<Self> {
        static INSTALLED: OnceLock<Option<Typeface>> = OnceLock::new();
        INSTALLED
            .get_or_init(|| FONTS.iter().find_map(|(path, index)| Self::read(Path::new(path), *index)))
            .clone()
            .ok_or_else(|| Error::internal("no Chinese font on this machine: install fonts-noto-cjk"))
    }

    fn read(path: &Path, index: u32) -> Option<Self> {
        let file = Arc::new(std::fs::read(path).ok()?);
        let font = Font::new(file.clone().into(), index)?;
        Some(Self { font, file, index })
    }

    /// The glyphs of a line, a sign each and one behind the other: Chinese needs no more, and what shaping
    /// would read of a font of this size costs a second where there are many lines.
    fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let Ok(face) = Face::parse(&self.file, self.index) else { return Vec::new() };
        let em = f32::from(face.units_per_em());
        text.char_indices()
            .map(|(start, sign)| {
                let glyph = face.glyph_index(sign);
                let advance = glyph.and_then(|glyph| face.glyph_hor_advance(glyph));
                let id = GlyphId::new(glyph.map_or(0, |glyph| glyph.0).into());
                let advance = advance.map_or(1.0, |advance| f32::from(advance) / em);
                KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, start..start + sign.len_utf8(), None)
            })
            .collect()
    }

    /// How wide a line is, in points. A sign that the font does not have is as wide as high.
    fn width(&self, size: f32, text: &str) -> f32 {
        let Ok(face) = Face::parse(&self.file, self.index) else { return 0.0 };
        let em = f32::from(face.units_per_em());
        let advance = |sign| face.glyph_index(sign).and_then(|glyph| face.glyph_hor_advance(glyph));
        text.chars().map(|sign| advance(sign).map_or(size, |advance| f32::from(advance) * size / em)).sum()
    }
}

/// One document.
pub struct Paper {
    document: Document,
    typeface: Typeface,
}

impl Paper {
    /// An empty document.
    ///
    /// # Errors
    /// When the machine has no Chinese font.
    pub fn new(title: &str) -> Result<Self> {
        let mut document = Document::new();
        document.set_metadata(Metadata::new().title(title.to_owned()).language("zh-CN".to_owned()));
        Ok(Self { document, typeface: Typeface::installed()? })
    }

    /// Adds an A4 page, upright.
    ///
    /// # Errors
    /// None that is known of.
    pub fn page(&mut self, draw: impl FnOnce(&mut Drawing<'_>)) -> Result<()> {
        let size = PageSettings::from_wh(WIDTH * MILLIMETRE, HEIGHT * MILLIMETRE);
        let mut page: Page<'_> = self.document.start_page_with(size.ok_or_else(|| Error::internal("no page"))?);
        draw(&mut Drawing { surface: page.surface(), typeface: self.typeface.clone() });
        page.finish();
        Ok(())
    }

    /// How wide a line is, in points.
    #[must_use]
    pub fn width(&self, size: f32, text: &str) -> f32 {
        self.typeface.width(size, text)
    }

    /// The file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.document.finish().map_err(|error| Error::internal(format!("{error:?}")))
    }
}

/// One page that is being drawn on. Lengths are millimetres from the top left corner.
pub struct Drawing<'a> {
    surface: Surface<'a>,
    typeface: Typeface,
}

impl Drawing<'_> {
    /// One line of text; `y` is its base line, `size` is in points.
    pub fn text(&mut self, x: f32, y: f32, size: f32, text: &str) {
        self.ink();
        let start = Point::from_xy(x * MILLIMETRE, y * MILLIMETRE);
        let glyphs = self.typeface.glyphs(text);
        self.surface.draw_glyphs(start, &glyphs, self.typeface.font.clone(), text, size, false);
    }

    /// One line of text around `x`.
    pub fn centred(&mut self, x: f32, y: f32, size: f32, text: &str) {
        self.text(x - self.width(size, text) / MILLIMETRE / 2.0, y, size, text);
    }

    /// How wide a line is, in points.
    #[must_use]
    pub fn width(&self, size: f32, text: &str) -> f32 {
        self.typeface.width(size, text)
    }

    /// The outline of a rectangle.
    pub fn frame(&mut self, x: f32, y: f32, width: f32, height: f32) {
        let mut path = PathBuilder::new();
        rectangle(&mut path, x, y, width, height);
        let Some(path) = path.finish() else { return };
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: rgb::Color::new(150, 150, 150).into(),
            width: 0.4,
            ..Stroke::default()
        }));
        self.surface.draw_path(&path);
    }

    /// A filled rectangle.
    pub fn bar(&mut self, x: f32, y: f32, width: f32, height: f32) {
        let mut path = PathBuilder::new();
        rectangle(&mut path, x, y, width, height);
        let Some(path) = path.finish() else { return };
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint: rgb::Color::new(70, 110, 90).into(), ..Fill::default() }));
        self.surface.draw_path(&path);
    }

    /// Squares in rows of `columns`, filled where `dark` says so, in a square of `side`.
    pub fn squares(&mut self, x: f32, y: f32, side: f32, columns: usize, dark: &[bool]) {
        let count = u16::try_from(columns).map_or(1.0, f32::from).max(1.0);
        let each = side / count;
        let mut path = PathBuilder::new();
        for (row, cells) in dark.chunks(columns.max(1)).enumerate() {
            for (column, _) in cells.iter().enumerate().filter(|(_, cell)| **cell) {
                let at = |place: usize| u16::try_from(place).map_or(0.0, f32::from) * each;
                rectangle(&mut path, x + at(column), y + at(row), each, each);
            }
        }
        self.ink();
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    fn ink(&mut self) {
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint: rgb::Color::new(20, 20, 20).into(), ..Fill::default() }));
    }
}

fn rectangle(path: &mut PathBuilder, x: f32, y: f32, width: f32, height: f32) {
    let (left, top) = (x * MILLIMETRE, y * MILLIMETRE);
    let (right, bottom) = ((x + width) * MILLIMETRE, (y + height) * MILLIMETRE);
    path.move_to(left, top);
    path.line_to(right, top);
    path.line_to(right, bottom);
    path.line_to(left, bottom);
    path.close();
}

/// The squares of a QR code, row by row.
pub struct QrSquares {
    /// In a row, and rows.
    pub columns: usize,
    /// Which are dark.
    pub dark: Vec<bool>,
}

/// A QR code with error correction of a quarter (Q): worn paper still reads.
///
/// # Errors
/// When the text is too long for one.
pub fn qr_squares(text: &str) -> Result<QrSquares> {
    let code = QrCode::with_error_correction_level(text, EcLevel::Q).map_err(Error::internal)?;
    let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
    Ok(QrSquares { columns: code.width(), dark })
}
