//! Pictures as they are kept: without what a camera writes beside them, which says where and when they were
//! taken and by whose telephone. How they are to be turned stays. Nothing is encoded anew.

use bytes::Bytes;
use exif::{In, Tag};
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;
use img_parts::{ImageEXIF, Result};

/// What of a PNG that is not the picture itself belongs to how it looks.
const LOOKS: [&[u8; 4]; 13] = [
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD", b"hIST", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];
/// What of a WebP is the picture, or belongs to how it looks.
const WEBP: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// In the head of a WebP: that it has XMP.
const HAS_XMP: u8 = 0b0000_0100;

/// The picture alone, and how it is to be turned. `None` for what is no JPEG, PNG or WebP, or is broken: what
/// cannot be read cannot be searched either.
#[must_use]
pub fn without_metadata(content: &Bytes) -> Option<Bytes> {
    let content = content.clone();
    let bare = match content.get(..4)? {
        [0xff, 0xd8, ..] => jpeg(content),
        [0x89, b'P', b'N', b'G'] => png(content),
        b"RIFF" => webp(content),
        _ => return None,
    };
    bare.ok()
}

fn jpeg(content: Bytes) -> Result<Bytes> {
    let mut jpeg = Jpeg::from_bytes(content)?;
    let turned = turned(jpeg.exif());
    jpeg.segments_mut().retain(|segment| match segment.marker() {
        // The frame of the file, and how its colours are meant.
        markers::APP0 | markers::APP14 => true,
        markers::APP2 => segment.contents().starts_with(b"ICC_PROFILE\0"),
        markers::APP1..=markers::APP15 | markers::COM => false,
        _ => true,
    });
    for segment in jpeg.segments_mut().iter_mut().filter(|segment| segment.has_entropy()) {
        let scans = first_picture(&segment.clone().encoder().bytes().slice(segment.len()..));
        *segment = JpegSegment::new_with_entropy(segment.marker(), segment.contents().clone(), scans);
    }
    jpeg.set_exif(turned);
    Ok(jpeg.encoder().bytes())
}

/// The scans up to the end of the first picture: telephones hang further pictures and films behind it, which
/// have metadata of their own.
fn first_picture(scans: &Bytes) -> Bytes {
    let mut place = 0;
    while let Some(found) = scans.get(place..).and_then(|rest| rest.windows(2).position(is_marker)) {
        let at = place + found;
        if scans.get(at + 1) == Some(&markers::EOI) {
            return scans.slice(..at + 2);
        }
        // Tables between scans say how long they are, and may hold anything.
        let length = scans.get(at + 2..at + 4).unwrap_or_default();
        place = at + 2 + length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
    }
    scans.clone()
}

/// Whether these two bytes begin something; within a scan a zero or a count of restarts stands behind `ff`.
const fn is_marker(pair: &[u8]) -> bool {
    matches!(pair, [0xff, second] if !matches!(*second, 0x00 | 0xd0..=0xd7 | 0xff))
}

fn png(content: Bytes) -> Result<Bytes> {
    let mut png = Png::from_bytes(content)?;
    let turned = turned(png.exif());
    // A kind in capitals is part of the picture itself.
    let stays =
        |chunk: &PngChunk| chunk.kind().first().is_some_and(u8::is_ascii_uppercase) || LOOKS.contains(&&chunk.kind());
    png.chunks_mut().retain(stays);
    png.set_exif(turned);
    Ok(png.encoder().bytes())
}

fn webp(content: Bytes) -> Result<Bytes> {
    let mut webp = WebP::from_bytes(content)?;
    let turned = turned(webp.exif());
    webp.chunks_mut().retain(|chunk: &RiffChunk| WEBP.contains(&&chunk.id()));
    webp.set_exif(turned);
    // Its head says what parts it has.
    for head in webp.chunks_mut().iter_mut().filter(|chunk| chunk.id() == *b"VP8X") {
        if let RiffContent::Data(data) = head.content_mut() {
            let mut flags = data.to_vec();
            if let Some(first) = flags.first_mut() {
                *first &= !HAS_XMP;
            }
            *data = Bytes::from(flags);
        }
    }
    Ok(webp.encoder().bytes())
}

/// What says how a picture is to be turned, and nothing else; `None` where it stands upright.
fn turned(exif: Option<Bytes>) -> Option<Bytes> {
    let read = exif::Reader::new().continue_on_error(true).read_raw(exif?.to_vec());
    let read = read.or_else(|error| error.distill_partial_result(|_| {})).ok()?;
    let way = read.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    let way = u8::try_from(way).ok().filter(|way| (2..=8).contains(way))?;
    // A TIFF of one entry: tag, kind (a short), how many, which one.
    let one = [b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, way, 0, 0, 0, 0, 0, 0];
    Some(Bytes::copy_from_slice(&one))
}
