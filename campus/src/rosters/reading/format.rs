//! What kind of file it is, by its content.

use super::{FileKind, Refusal, archive, text};

/// The kinds of file that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Office Open XML (xlsx, xlsm).
    Workbook,
    /// The binary workbook of Excel 5 to 2003 and of WPS (xls, et).
    BinaryWorkbook,
    /// CSV or another separated text.
    Text,
}

const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Beginnings of files that offices hand in by mistake.
const KNOWN_BEGINNINGS: [(&[u8], FileKind); 13] = [
    (b"%PDF", FileKind::Pdf),
    (b"\xFF\xD8\xFF", FileKind::Picture),
    (b"\x89PNG", FileKind::Picture),
    (b"GIF8", FileKind::Picture),
    (b"BM", FileKind::Picture),
    (b"II*\0", FileKind::Picture),
    (b"RIFF", FileKind::Recording),
    (b"Rar!", FileKind::Archive),
    (b"7z\xBC\xAF", FileKind::Archive),
    (b"\x1F\x8B", FileKind::Archive),
    (b"{\\rtf", FileKind::TextDocument),
    (b"\0\0\0\x18ftyp", FileKind::Recording),
    (b"\0\0\0\x20ftyp", FileKind::Recording),
];

/// Recognises the file, or refuses it in the words of what it is.
pub(super) fn recognise(bytes: &[u8]) -> Result<Format, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.starts_with(COMPOUND_FILE) {
        return Ok(Format::BinaryWorkbook);
    }
    if bytes.starts_with(b"PK") && bytes.get(2..4).is_some_and(|kind| kind != b",1") {
        archive::check(bytes)?;
        return Ok(Format::Workbook);
    }
    for (beginning, kind) in KNOWN_BEGINNINGS {
        // Two letters also begin a text: they need a byte that no text has behind them.
        let binary = beginning.len() > 2 || bytes.iter().take(16).any(|byte| *byte == 0);
        if bytes.starts_with(beginning) && (binary || beginning.starts_with(b"\x1F")) {
            return Err(Refusal::UnsupportedFormat { kind });
        }
    }
    if let Some(kind) = markup(bytes) {
        return Err(Refusal::UnsupportedFormat { kind });
    }
    Ok(Format::Text)
}

/// Web pages and XML that were named `.xls` by the system that wrote them.
fn markup(bytes: &[u8]) -> Option<FileKind> {
    const LOOKED_AT: usize = 2048;
    let beginning = text::decode_beginning(bytes, LOOKED_AT).to_lowercase();
    let beginning = beginning.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
    if !beginning.starts_with('<') {
        return None;
    }
    let tags = ["<html", "<table", "<!doctype html", "<meta", "<head", "<style", "<body", "<div"];
    if tags.iter().any(|tag| beginning.contains(tag)) {
        Some(FileKind::WebPage)
    } else if beginning.starts_with("<?xml") || beginning.contains("<workbook") {
        Some(FileKind::Xml)
    } else {
        None
    }
}
