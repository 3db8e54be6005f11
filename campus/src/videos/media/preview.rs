//! Small pictures of a whole video on one sheet, to choose a place by.

use std::ffi::OsString;
use std::path::Path;

use super::plan::{even, file_url, words};
use super::probe::input_arguments;
use super::sniff::Container;

pub(super) const PREVIEW_FILE_NAME: &str = "preview.jpg";

/// Pixels on the longer side of one picture.
const LONGER_SIDE: u32 = 192;
/// The most pictures of a sheet, and of one row of it.
const MOST: u32 = 100;
const ROW: u32 = 10;
/// One picture of every so many milliseconds, of longer videos fewer.
const USUAL_INTERVAL_MS: u32 = 10_000;

/// How a sheet is divided: row by row, the picture at place `n` is from `n × interval_ms` on. The last
/// row may end in black.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviewSheet {
    /// Pictures in a row.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Pixels across of one picture.
    pub tile_width: u32,
    /// Pixels down of one picture.
    pub tile_height: u32,
    /// The time between two, in milliseconds.
    pub interval_ms: u32,
}

impl PreviewSheet {
    pub(super) fn of(duration_ms: u32, picture: (u32, u32)) -> Self {
        let interval_ms = duration_ms.div_ceil(MOST).max(USUAL_INTERVAL_MS);
        let count = duration_ms.div_ceil(interval_ms).clamp(1, MOST);
        let columns = count.min(ROW);
        let (width, height) = picture;
        let longer = u64::from(width.max(height).max(1));
        let side = |side: u32| {
            let scaled = u64::from(side) * u64::from(LONGER_SIDE) / longer;
            even(u32::try_from(scaled).unwrap_or(LONGER_SIDE))
        };
        Self { columns, rows: count.div_ceil(columns), tile_width: side(width), tile_height: side(height), interval_ms }
    }
}

/// Only keyframes are decoded: our own renditions have one every two seconds.
pub(super) fn preview_arguments(small: &Path, sheet: PreviewSheet, preview: &Path) -> Vec<OsString> {
    let PreviewSheet { columns, rows, tile_width, tile_height, interval_ms } = sheet;
    let mut arguments = words(&["-v", "error", "-nostats", "-y", "-skip_frame", "nokey"]);
    arguments.extend(input_arguments(small, Container::Mov));
    // Rounded up, a place shows the last keyframe before it and never one behind it.
    let filter = format!(
        "fps=1000/{interval_ms}:round=up,scale={tile_width}:{tile_height}:flags=area,setsar=1,\
         tile={columns}x{rows},format=yuvj420p"
    );
    arguments.extend(words(&["-map", "0:v:0", "-vf", &filter]));
    arguments.extend(words(&["-frames:v", "1", "-q:v", "5", "-f", "image2", "-update", "1"]));
    arguments.push(file_url(preview));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_a_picture_every_ten_seconds_and_at_most_a_hundred() {
        let of = |seconds: u32| {
            let sheet = PreviewSheet::of(seconds * 1000, (426, 240));
            (sheet.columns, sheet.rows, sheet.interval_ms)
        };
        assert_eq!(of(0), (1, 1, 10_000));
        assert_eq!(of(4), (1, 1, 10_000));
        assert_eq!(of(31), (4, 1, 10_000));
        assert_eq!(of(101), (10, 2, 10_000));
        assert_eq!(of(1000), (10, 10, 10_000));
        assert_eq!(of(4 * 3600), (10, 10, 144_000));
    }

    #[test]
    fn pictures_keep_their_shape() {
        let tile = |picture| {
            let sheet = PreviewSheet::of(60_000, picture);
            (sheet.tile_width, sheet.tile_height)
        };
        assert_eq!(tile((426, 240)), (192, 108));
        assert_eq!(tile((240, 426)), (108, 192));
        assert_eq!(tile((2, 2)), (192, 192));
        assert_eq!(tile((4000, 2)), (192, 2));
    }
}
