//! Pictures to be handed in.

/// A picture of one pixel.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDATx\xdacd\xf8\xcfP\x0f\0\x03\x86\x01\x80Z4}k\0\0\0\0IEND\xaeB`\x82";

/// Photos that a telephone took, lying on its side, and wrote down where and when, in every way that it can; each
/// with its type. Behind the first hangs a second picture that says so too.
pub const WITH_PLACE: [(&str, &[u8]); 3] = [
    ("image/jpeg", include_bytes!("../fixtures/pictures/with-place.jpg")),
    ("image/png", include_bytes!("../fixtures/pictures/with-place.png")),
    ("image/webp", include_bytes!("../fixtures/pictures/with-place.webp")),
];

/// What any of them says that nobody has to know.
const TELLING: [&str; 4] = ["Telephone of somebody", "Taken at", "GPSLatitude", "xmpmeta"];

/// Asserts that a picture says nothing of where it was taken, and still how it is to be turned.
///
/// # Panics
/// Where it does not.
pub fn assert_bare(content: &[u8]) {
    let text = String::from_utf8_lossy(content);
    for word in TELLING {
        assert!(!text.contains(word), "{word}");
    }
    let read = exif::Reader::new().read_from_container(&mut std::io::Cursor::new(content)).expect("how it is turned");
    let fields: Vec<String> = read.fields().map(|field| field.tag.to_string()).collect();
    assert_eq!(fields, ["Orientation"]);
    let way = read.get_field(exif::Tag::Orientation, exif::In::PRIMARY).and_then(|field| field.value.get_uint(0));
    assert_eq!(way, Some(6));
    let jpegs = content.windows(3).filter(|bytes| *bytes == [0xff, 0xd8, 0xff]).count();
    assert!(jpegs <= 1, "a second picture");
}
