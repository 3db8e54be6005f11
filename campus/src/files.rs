//! What files that people hand in are, by their content, and what they may be called.

use std::io::Cursor;

use cfb::CompoundFile;
use zip::ZipArchive;

/// The longest name, in characters.
const NAME: usize = 120;

/// Which part makes an archive an office file. `infer` looks at the first parts of an archive alone, and
/// office programs write them in whatever order they like.
const OFFICE: [(&str, &str); 3] = [
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
];

/// Which stream makes a compound file an older office file; not every program says of itself what it writes.
const OLDER_OFFICE: [(&str, &str); 4] = [
    ("/Workbook", "application/vnd.ms-excel"),
    ("/Book", "application/vnd.ms-excel"),
    ("/WordDocument", "application/msword"),
    ("/PowerPoint Document", "application/vnd.ms-powerpoint"),
];

/// What a file is by its content, never by its name; `None` where that is not known.
#[must_use]
pub fn kind_of(content: &[u8]) -> Option<&'static str> {
    if content.starts_with(b"PK\x03\x04") {
        let archive = ZipArchive::new(Cursor::new(content)).ok()?;
        return OFFICE.into_iter().find(|(part, _)| archive.index_for_name(part).is_some()).map(|(_, kind)| kind);
    }
    if content.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        let file = CompoundFile::open(Cursor::new(content)).ok()?;
        return OLDER_OFFICE.into_iter().find(|(stream, _)| file.is_stream(stream)).map(|(_, kind)| kind);
    }
    infer::get(content).map(|found| found.mime_type())
}

/// The one of these kinds, each with how names of such files end, that a file is by its content.
#[must_use]
pub fn one_of(kinds: &[(&'static str, &'static str)], content: &[u8]) -> Option<(&'static str, &'static str)> {
    let found = kind_of(content)?;
    kinds.iter().find(|(kind, _)| *kind == found).copied()
}

/// The name without folders and signs that no file name has, cut to what fits; it ends as the kind does.
#[must_use]
pub fn tidy_name(name: &str, ending: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem: String = stem.chars().filter(|sign| !sign.is_control() && !"\"<>|:*?".contains(*sign)).collect();
    let stem: String = stem.trim().chars().take(NAME).collect();
    if stem.is_empty() { format!("file.{ending}") } else { format!("{stem}.{ending}") }
}

#[cfg(test)]
mod tests {
    use super::tidy_name;

    #[test]
    fn names_end_as_their_kind_does() {
        assert_eq!(tidy_name("C:\\讲义\\防震.exe", "pdf"), "防震.pdf");
        assert_eq!(tidy_name("../../etc/passwd", "pdf"), "passwd.pdf");
        assert_eq!(tidy_name("a\u{0}\"b\n.pdf", "pdf"), "ab.pdf");
        assert_eq!(tidy_name("", "pdf"), "file.pdf");
    }
}
