//! What a file really is, told by its first bytes alone.

use std::path::Path;

use tokio::io::AsyncReadExt;

use super::refusal::{FoundType, MediaError, MediaRefusal};

/// Enough for three packets of an MPEG transport stream, the widest pattern looked for.
const HEAD_BYTES: u64 = 4096;

/// A video container on the allow-list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// MP4, MOV, M4V, 3GP: the ISO base media family.
    Mov,
    /// Matroska and WebM.
    Matroska,
    /// AVI.
    Avi,
    /// MPEG transport stream, also as cameras write it (M2TS).
    MpegTransport,
    /// MPEG program stream: VOB and old MPG files.
    MpegProgram,
    /// Flash video.
    Flv,
    /// Windows Media (ASF, WMV).
    Asf,
}

impl Container {
    /// The name of the one demuxer ffmpeg is made to read the file with. None of them opens
    /// another file or address.
    #[must_use]
    pub const fn demuxer(self) -> &'static str {
        match self {
            Self::Mov => "mov",
            Self::Matroska => "matroska",
            Self::Avi => "avi",
            Self::MpegTransport => "mpegts",
            Self::MpegProgram => "mpeg",
            Self::Flv => "flv",
            Self::Asf => "asf",
        }
    }

    /// Whether the container states how long it is. The MPEG streams do not (ffmpeg guesses from
    /// the bit rate), so a short one cannot be told from a cut one.
    pub(super) const fn states_duration(self) -> bool {
        matches!(self, Self::Mov | Self::Matroska | Self::Avi | Self::Asf)
    }
}

/// Tells the container from the first bytes of a file (a few kilobytes are enough).
///
/// # Errors
/// [`MediaRefusal::Empty`] without any byte, [`MediaRefusal::TypeNotAllowed`] for what is not a
/// video on the allow-list.
pub fn sniff(head: &[u8]) -> Result<Container, MediaRefusal> {
    if head.is_empty() {
        return Err(MediaRefusal::Empty);
    }
    if let Some(container) = iso_media(head)? {
        return Ok(container);
    }
    if head.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]) {
        return Ok(Container::Matroska);
    }
    if head.starts_with(b"RIFF") && has_at(head, 8, b"AVI ") {
        return Ok(Container::Avi);
    }
    if head.starts_with(b"FLV\x01") {
        return Ok(Container::Flv);
    }
    if head.starts_with(&[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) {
        return Ok(Container::Asf);
    }
    if head.starts_with(&[0x00, 0x00, 0x01, 0xBA]) {
        return Ok(Container::MpegProgram);
    }
    if transport_packets(head) {
        return Ok(Container::MpegTransport);
    }
    Err(MediaRefusal::TypeNotAllowed(what_else(head)))
}

/// Reads the first bytes of `path` and tells the container.
///
/// # Errors
/// As [`sniff`], and [`MediaError::Io`] where the file cannot be read.
pub async fn sniff_file(path: &Path) -> Result<Container, MediaError> {
    let file = tokio::fs::File::open(path).await.map_err(MediaError::io("open the video"))?;
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head).await.map_err(MediaError::io("read the video"))?;
    Ok(sniff(&head)?)
}

fn has_at(head: &[u8], offset: usize, wanted: &[u8]) -> bool {
    head.get(offset..).is_some_and(|rest| rest.starts_with(wanted))
}

/// The ISO family names its first box at offset 4. Pictures of today's phones (HEIC, AVIF) are
/// of that family too and are told apart by their brand.
fn iso_media(head: &[u8]) -> Result<Option<Container>, MediaRefusal> {
    const PICTURE_BRANDS: [&[u8]; 8] = [b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"];
    // QuickTime files older than the brand box begin with one of these.
    const FIRST_BOXES: [&[u8]; 6] = [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"];

    if has_at(head, 4, b"ftyp") {
        if PICTURE_BRANDS.iter().any(|brand| has_at(head, 8, brand)) {
            return Err(MediaRefusal::TypeNotAllowed(FoundType::Image));
        }
        return Ok(Some(Container::Mov));
    }
    let old_quicktime =
        FIRST_BOXES.iter().any(|name| has_at(head, 4, name)) && head.first().is_some_and(|byte| *byte < 0x20);
    Ok(old_quicktime.then_some(Container::Mov))
}

/// Sync bytes of three packets in a row, for the plain form and the camera form with its four
/// bytes of time stamp before each packet.
fn transport_packets(head: &[u8]) -> bool {
    [(0_usize, 188_usize), (4, 192)]
        .iter()
        .any(|(start, length)| (0..3).all(|packet| head.get(start + packet * length) == Some(&0x47)))
}

/// Names what was found instead, so that the refusal can say it.
fn what_else(head: &[u8]) -> FoundType {
    const IMAGES: [&[u8]; 6] = [b"\x89PNG", b"\xFF\xD8\xFF", b"GIF8", b"BM", b"II*\0", b"MM\0*"];
    const SOUNDS: [&[u8]; 7] = [b"ID3", b"fLaC", b"OggS", b"#!AMR", b"\xFF\xFB", b"\xFF\xF3", b"\xFF\xF1"];
    const DOCUMENTS: [&[u8]; 6] = [b"%PDF", b"PK\x03\x04", b"Rar!", b"7z\xBC\xAF", b"\x1F\x8B", b"\xD0\xCF\x11\xE0"];
    let begins = |with: &[&[u8]]| with.iter().any(|magic| head.starts_with(magic));
    if begins(&IMAGES) || (head.starts_with(b"RIFF") && has_at(head, 8, b"WEBP")) {
        FoundType::Image
    } else if begins(&SOUNDS) || (head.starts_with(b"RIFF") && has_at(head, 8, b"WAVE")) {
        FoundType::Sound
    } else if begins(&DOCUMENTS) {
        FoundType::Document
    } else if is_playlist(head) {
        FoundType::Playlist
    } else if is_text(head) {
        FoundType::Text
    } else {
        FoundType::Unknown
    }
}

fn is_playlist(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = text.trim_ascii_start();
    [&b"#EXTM3U"[..], b"ffconcat", b"[playlist]", b"<?wpl", b"<smil"].iter().any(|magic| text.starts_with(magic))
        || (text.starts_with(b"<") && text.windows(4).any(|window| window == b"<MPD"))
}

/// Text has no control bytes beyond tab, line breaks and form feed; UTF-16 shows by its mark.
fn is_text(head: &[u8]) -> bool {
    head.starts_with(&[0xFF, 0xFE])
        || head.starts_with(&[0xFE, 0xFF])
        || head.iter().all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C))
}
