//! Pictures are known by their first bytes, never by their name.

/// Types that every browser shows as a picture, and how names of such files end.
pub const PICTURES: [(&str, &str); 4] =
    [("image/jpeg", "jpg"), ("image/png", "png"), ("image/webp", "webp"), ("image/gif", "gif")];

/// The type of a picture and how names of such files end; `None`: it is none that every browser shows.
#[must_use]
pub fn picture_type(content: &[u8]) -> Option<(&'static str, &'static str)> {
    let found = infer::get(content)?.mime_type();
    PICTURES.into_iter().find(|(name, _)| *name == found)
}
