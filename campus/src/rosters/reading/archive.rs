//! Looks into a zipped workbook before a reader trusts it.

use std::io::{BufReader, Cursor, Read};

use quick_xml::{Reader, events::Event};
use zip::ZipArchive;

use super::{FileKind, Refusal};

/// The most bytes a workbook may unpack to. 300,000 rows of ten columns need about 150 MB.
pub(super) const LARGEST_UNPACKED: u64 = 256 * 1024 * 1024;
/// The most bytes of shared strings, which are all held in memory.
const LARGEST_STRINGS: u64 = 96 * 1024 * 1024;
/// The most parts; a workbook has a few dozen.
const MOST_PARTS: usize = 4096;
/// The fewest bytes one shared string takes in its XML.
const BYTES_PER_STRING: u64 = 5;

/// Checks that the archive is a workbook and that it unpacks within bounds.
///
/// Every part is really inflated and counted, as the sizes an archive declares may lie.
pub(super) fn check(bytes: &[u8]) -> Result<(), Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(Refusal::unreadable)?;
    if archive.len() > MOST_PARTS {
        return Err(Refusal::Unreadable { reason: "too many parts".to_owned() });
    }
    check_kind(&archive)?;
    let mut total = 0;
    for place in 0..archive.len() {
        let strings = archive.name_for_index(place).is_some_and(|name| name.is_ok_and(|name| is_strings(&name)));
        let limit = if strings { LARGEST_STRINGS } else { LARGEST_UNPACKED };
        let part = archive.by_index(place).map_err(unreadable_part)?;
        let size = inflated_size(part, limit)?;
        total += size;
        if total > LARGEST_UNPACKED {
            return Err(Refusal::ZipBomb { limit: LARGEST_UNPACKED });
        }
        if strings {
            check_string_count(&mut archive, place, size)?;
        }
    }
    Ok(())
}

fn unreadable_part(error: zip::result::ZipError) -> Refusal {
    match error {
        zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED) => {
            Refusal::PasswordProtected
        }
        other => Refusal::unreadable(other),
    }
}

fn is_strings(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("sharedstrings.xml")
}

/// Tells a workbook from the other documents that are zip archives too.
fn check_kind(archive: &ZipArchive<Cursor<&[u8]>>) -> Result<(), Refusal> {
    let names: Vec<String> =
        archive.file_names_raw().map(|name| String::from_utf8_lossy(name).to_lowercase().replace('\\', "/")).collect();
    let has = |beginning: &str| names.iter().any(|name| name.starts_with(beginning));
    let kind = if has("xl/workbook.bin") {
        FileKind::BinaryXlsx
    } else if has("[content_types].xml") && (has("xl/") || has("workbook.xml")) {
        return Ok(());
    } else if has("word/") {
        FileKind::TextDocument
    } else if has("ppt/") {
        FileKind::SlideShow
    } else if has("mimetype") && has("content.xml") {
        FileKind::OpenDocument
    } else {
        FileKind::Archive
    };
    Err(Refusal::UnsupportedFormat { kind })
}

fn inflated_size(part: impl Read, limit: u64) -> Result<u64, Refusal> {
    let size = std::io::copy(&mut part.take(limit + 1), &mut std::io::sink()).map_err(Refusal::unreadable)?;
    if size > limit {
        return Err(Refusal::ZipBomb { limit });
    }
    Ok(size)
}

/// The reader makes room for as many strings as the part announces: it must not announce
/// more than its size can hold.
fn check_string_count(archive: &mut ZipArchive<Cursor<&[u8]>>, place: usize, size: u64) -> Result<(), Refusal> {
    let part = archive.by_index(place).map_err(Refusal::unreadable)?;
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(Refusal::unreadable)?;
        let (Event::Start(element) | Event::Empty(element)) = event else {
            if matches!(event, Event::Eof) {
                return Ok(());
            }
            continue;
        };
        let announced = element
            .attributes()
            .with_checks(false)
            .flatten()
            .filter(|attribute| attribute.key.as_ref() == "uniqueCount")
            .filter_map(|attribute| attribute.value.parse::<u64>().ok())
            .max();
        if announced.is_some_and(|count| count > size / BYTES_PER_STRING) {
            return Err(Refusal::Unreadable { reason: "string count".to_owned() });
        }
        if element.local_name().as_ref() == "sst" {
            return Ok(());
        }
    }
}
