#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use time::OffsetDateTime;

use super::*;

fn video(size: i64, part_size: i64) -> Video {
    Video {
        id: new_id(),
        branch_id: new_id(),
        account_id: new_id(),
        file_name: "第一课.mp4".to_owned(),
        size,
        content_type: "video/mp4".to_owned(),
        object_key: "videos/x/original".to_owned(),
        upload_id: Some("upload".to_owned()),
        part_size,
        status: Status::Uploading,
        progress: 0,
        failure: None,
        duration_ms: None,
        width: None,
        height: None,
        created_at: OffsetDateTime::UNIX_EPOCH,
        ready_at: None,
    }
}

fn stored(number: u32, etag: &str, size: u64) -> StoredPart {
    StoredPart { number, etag: etag.to_owned(), size }
}

#[test]
fn parts_add_up_to_the_file() {
    for (size, count, last) in [(1, 1, 1), (10, 1, 10), (11, 2, 1), (20, 2, 10), (25, 3, 5)] {
        let video = video(size, 10);
        assert_eq!(video.part_count(), count, "{size}");
        assert_eq!(video.size_of_part(count), last, "{size}");
        let total: u64 = (1..=count).map(|number| video.size_of_part(number)).sum();
        assert_eq!(i64::try_from(total).unwrap(), size);
    }
    assert!(video(MAX_VIDEO_BYTES, PART_BYTES).part_count() <= 10_000);
}

#[test]
fn parts_are_taken_in_order_whatever_order_they_came_in() {
    let video = video(25, 10);
    let there = [stored(3, "\"c\"", 5), stored(1, "\"a\"", 10), stored(2, "\"b\"", 10)];
    let given = [(2, "b".to_owned()), (3, "\"c\"".to_owned()), (1, "a".to_owned())];
    let parts = check_parts(&video, &given, &there).unwrap();
    assert_eq!(parts.iter().map(|part| part.number).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn parts_that_do_not_fit_are_named() {
    let video = video(25, 10);
    let there = [stored(1, "a", 10), stored(2, "b", 9), stored(3, "c", 5)];
    let cases = [
        (vec![(1, "a"), (2, "b"), (3, "c")], vec![], vec![2]), // too short in the store
        (vec![(1, "x"), (3, "c")], vec![2], vec![1]),          // another etag, one not given
        (vec![(1, "a"), (2, "b"), (3, "c"), (4, "d")], vec![], vec![4, 2]),
        (vec![], vec![1, 2, 3], vec![]),
    ];
    for (given, missing, wrong) in cases {
        let given: Vec<(u32, String)> = given.iter().map(|(number, etag)| (*number, (*etag).to_owned())).collect();
        let Error::Refused { code, extra, .. } = check_parts(&video, &given, &there).unwrap_err() else {
            unreachable!("refused")
        };
        assert_eq!(code, Code::VideoPartsInvalid);
        assert_eq!(*extra.unwrap(), serde_json::json!({"missing": missing, "wrong": wrong}));
    }
}

#[test]
fn only_names_of_videos_are_taken() {
    let new = |file_name: &str, size: i64, content_type: &str| NewUpload {
        file_name: file_name.to_owned(),
        size,
        content_type: content_type.to_owned(),
    };
    assert_eq!(check(&new("第一课.MP4", 1, "video/mp4")).unwrap(), "video/mp4");
    assert_eq!(check(&new("a.b.mkv", 1, "")).unwrap(), "video/x-matroska");
    assert_eq!(check(&new("a.mov", MAX_VIDEO_BYTES, "video/quicktime; x=y")).unwrap(), "video/quicktime");
    let code = |new: &NewUpload| match check(new).unwrap_err() {
        Error::Refused { fields, .. } if !fields.is_empty() => fields[0].code,
        other => other.stable_code(),
    };
    assert_eq!(code(&new("a.mp4", MAX_VIDEO_BYTES + 1, "video/mp4")), Code::VideoTooLarge);
    assert_eq!(code(&new("a.mp4", 0, "video/mp4")), Code::VideoSizeInvalid);
    assert_eq!(code(&new(" ", 1, "video/mp4")), Code::Required);
    assert_eq!(code(&new("mp4", 1, "video/mp4")), Code::VideoTypeNotAllowed);
    assert_eq!(code(&new("a.exe", 1, "video/mp4")), Code::VideoTypeNotAllowed);
    assert_eq!(code(&new("a.mp4", 1, "text/html")), Code::VideoTypeNotAllowed);
    assert_eq!(code(&new("a\0.mp4", 1, "video/mp4")), Code::TextInvalid);
    assert_eq!(code(&new(&format!("{}.mp4", "课".repeat(260)), 1, "video/mp4")), Code::TooLong);
}
