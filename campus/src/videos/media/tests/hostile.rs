//! Files that are broken, lie, or want something of us.

use std::net::TcpListener;
use std::time::Duration;

use super::files::{Folder, take};
use crate::videos::media::{
    FoundType, MediaError, MediaLimits, MediaRefusal, probe, probe_within, sniff, transcode, transcode_within,
};

const SIX_SECONDS: &str = "-f lavfi -i testsrc2=s=640x360:r=25 -f lavfi -i sine -t 6 \
    -c:v libx264 -preset ultrafast -c:a aac";

fn refusal<T: std::fmt::Debug>(outcome: Result<T, MediaError>) -> MediaRefusal {
    match outcome {
        Err(MediaError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_empty_file_is_refused() {
    let folder = Folder::new();
    let path = folder.write("empty.mp4", b"");
    assert_eq!(refusal(probe(&path).await), MediaRefusal::Empty);
}

#[tokio::test]
async fn a_name_that_lies_is_seen_through() {
    let folder = Folder::new();
    let picture = folder.make("picture.png", "-f lavfi -i testsrc=s=64x64 -frames:v 1");
    let sound = folder.make("sound.mp3", "-f lavfi -i sine -t 1");
    let wave = folder.make("sound.wav", "-f lavfi -i sine -t 1");
    for (path, found) in [
        (folder.write("a.mp4", &std::fs::read(picture).unwrap()), FoundType::Image),
        (folder.write("b.mp4", &std::fs::read(sound).unwrap()), FoundType::Sound),
        (folder.write("c.mp4", &std::fs::read(wave).unwrap()), FoundType::Sound),
        (folder.write("d.mp4", "防诈骗讲座\n".as_bytes()), FoundType::Text),
        (folder.write("e.mp4", b"<!DOCTYPE html><html></html>"), FoundType::Text),
        (folder.write("f.mp4", b"PK\x03\x04\x14\0\x06\0"), FoundType::Document),
        (folder.write("g.mp4", b"\0\x01\x02\x03\x04\x05"), FoundType::Unknown),
        (folder.write("h.mp4", b"\0\0\0\x18ftypheic\0\0\0\0"), FoundType::Image),
    ] {
        assert_eq!(refusal(probe(&path).await), MediaRefusal::TypeNotAllowed(found), "{}", path.display());
    }
}

#[test]
fn every_list_of_addresses_is_a_playlist() {
    for text in [
        "#EXTM3U\n#EXTINF:1,\nhttp://example.invalid/a.ts\n",
        "\u{feff}#EXTM3U\n",
        "\n\n#EXTM3U\n",
        "ffconcat version 1.0\nfile /etc/passwd\n",
        "[playlist]\nFile1=http://example.invalid\n",
        "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>",
    ] {
        assert_eq!(sniff(text.as_bytes()), Err(MediaRefusal::TypeNotAllowed(FoundType::Playlist)), "{text}");
    }
}

/// A playlist that names a port of this machine and a file beside it. Neither is touched, not
/// even where the first bytes claim to be MP4 and the playlist follows.
#[tokio::test]
async fn a_playlist_cannot_make_us_open_anything() {
    let folder = Folder::new();
    let secret = folder.make("secret.ts", SIX_SECONDS);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let playlist = format!(
        "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nhttp://127.0.0.1:{port}/a.ts\n\
         #EXTINF:6,\nfile://{}\n#EXT-X-ENDLIST\n",
        secret.display()
    );
    let disguised = [b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2", playlist.as_bytes()].concat();
    for (name, content) in [("plain.mp4", playlist.as_bytes()), ("disguised.mp4", &disguised)] {
        let path = folder.write(name, content);
        let _refused = refusal(take(&path, &folder).await);
    }
    let visitor = listener.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(visitor, Err(std::io::ErrorKind::WouldBlock));
}

#[tokio::test]
async fn a_file_cut_before_its_index_is_called_truncated() {
    let folder = Folder::new();
    let whole = std::fs::read(folder.make("whole.mp4", SIX_SECONDS)).unwrap();
    let cut = folder.write("cut.mp4", &whole[..whole.len() / 2]);
    assert_eq!(refusal(probe(&cut).await), MediaRefusal::Truncated);
}

/// With the index in front the file looks whole until it is read.
#[tokio::test]
async fn a_file_cut_behind_its_index_is_called_truncated() {
    let folder = Folder::new();
    for (name, arguments) in [("whole.mp4", "-movflags +faststart"), ("whole.mkv", "")] {
        let whole = folder.make(name, &format!("{SIX_SECONDS} {arguments}"));
        let whole = std::fs::read(whole).unwrap();
        let cut = folder.write(&format!("cut-{name}"), &whole[..whole.len() / 2]);
        assert_eq!(refusal(take(&cut, &folder).await), MediaRefusal::Truncated, "{name}");
    }
}

#[tokio::test]
async fn noise_behind_a_true_header_is_unreadable() {
    let folder = Folder::new();
    let made = folder.make("whole.mp4", &format!("{SIX_SECONDS} -movflags +faststart"));
    let mut bytes = std::fs::read(made).unwrap();
    let data = bytes.windows(4).position(|window| window == b"mdat").unwrap();
    bytes[data + 4..].fill(0xA5);
    let path = folder.write("noise.mp4", &bytes);
    let refused = refusal(take(&path, &folder).await);
    assert!(matches!(refused, MediaRefusal::Unreadable | MediaRefusal::Truncated), "{refused:?}");
}

#[tokio::test]
async fn sound_with_a_cover_is_no_video() {
    let folder = Folder::new();
    let cover = folder.make("cover.jpg", "-f lavfi -i testsrc=s=64x64 -frames:v 1");
    let song = folder.make(
        "song.m4a",
        &format!("-f lavfi -i sine -i {} -map 0 -map 1 -t 2 -c:v copy -disposition:v attached_pic", cover.display()),
    );
    let bare = folder.make("bare.mp4", "-f lavfi -i sine -t 2");
    for path in [song, bare] {
        assert_eq!(refusal(probe(&path).await), MediaRefusal::WithoutPicture);
    }
}

#[tokio::test]
async fn too_long_and_too_large_are_refused_before_any_work() {
    let folder = Folder::new();
    let path = folder.make("lesson.mp4", SIX_SECONDS);
    let short = MediaLimits { maximum_duration_ms: 5_000, ..MediaLimits::default() };
    assert!(matches!(refusal(probe_within(&path, &short).await), MediaRefusal::TooLong { maximum_ms: 5_000, .. }));
    let small = MediaLimits { maximum_side: 600, ..MediaLimits::default() };
    assert_eq!(
        refusal(probe_within(&path, &small).await),
        MediaRefusal::PictureTooLarge { width: 640, height: 360, maximum_side: 600 }
    );
}

#[tokio::test]
async fn ten_hours_and_eight_thousand_pixels_are_refused_as_they_are() {
    let folder = Folder::new();
    let endless = folder.make("endless.mp4", "-f lavfi -i color=s=16x16:r=1 -t 36000 -c:v mpeg4");
    let refused = refusal(probe(&endless).await);
    assert!(matches!(refused, MediaRefusal::TooLong { duration_ms: 35_000_000..=36_100_000, .. }), "{refused:?}");
    let huge = folder.make("huge.mp4", "-f lavfi -i color=s=7680x4320:r=1 -t 1 -c:v mpeg4");
    let refused = refusal(probe(&huge).await);
    assert_eq!(refused, MediaRefusal::PictureTooLarge { width: 7680, height: 4320, maximum_side: 4096 });
}

#[tokio::test]
async fn work_that_takes_too_long_is_stopped() {
    let folder = Folder::new();
    let path = folder.make("lesson.mp4", SIX_SECONDS);
    let probed = probe(&path).await.unwrap();
    let hasty = MediaLimits {
        transcode_base_time: Duration::from_millis(5),
        transcode_time_factor: 0,
        ..MediaLimits::default()
    };
    let outcome = transcode_within(&path, &probed, &folder.out(), &hasty, |_| {}).await;
    assert!(matches!(outcome, Err(MediaError::TimedOut { .. })), "{outcome:?}");
}

#[tokio::test]
async fn memory_and_output_are_bounded() {
    let folder = Folder::new();
    let path = folder.make("lesson.mp4", SIX_SECONDS);
    let probed = probe(&path).await.unwrap();
    let poor = MediaLimits { memory_bytes: 256 * 1024 * 1024, ..MediaLimits::default() };
    let outcome = transcode_within(&path, &probed, &folder.out(), &poor, |_| {}).await;
    assert!(matches!(outcome, Err(MediaError::ToolFailed { .. })), "{outcome:?}");
    let cramped = MediaLimits { output_bytes: 100_000, ..MediaLimits::default() };
    let outcome = transcode_within(&path, &probed, &folder.out(), &cramped, |_| {}).await;
    assert!(matches!(outcome, Err(MediaError::ToolFailed { .. })), "{outcome:?}");
    let written = folder.file("out/480p.mp4").metadata().unwrap().len();
    assert!(written <= cramped.output_bytes, "{written}");
}

/// A worker that is told to stop drops what it is doing; ffmpeg must not go on without it.
#[tokio::test]
async fn dropping_the_work_ends_ffmpeg() {
    let folder = Folder::new();
    let path = folder.make("long.mp4", "-f lavfi -i color=s=320x180:r=5 -t 1800 -c:v libx264 -preset ultrafast");
    let probed = probe(&path).await.unwrap();
    let mark = folder.out().display().to_string();
    let (started, mut is_started) = tokio::sync::mpsc::unbounded_channel();
    {
        let out = folder.out();
        let work = transcode(&path, &probed, &out, |_| started.send(()).unwrap());
        tokio::pin!(work);
        tokio::select! {
            outcome = &mut work => panic!("over already: {outcome:?}"),
            seen = is_started.recv() => seen.unwrap(),
        }
        assert!(is_running(&mark));
    }
    tokio::time::timeout(Duration::from_secs(10), async {
        while is_running(&mark) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("ffmpeg outlived its owner");
}

/// Whether a process of this machine names `mark` among its arguments.
fn is_running(mark: &str) -> bool {
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok())
        .any(|arguments| String::from_utf8_lossy(&arguments).contains(mark))
}

#[test]
fn every_refusal_says_what_to_do_in_both_languages() {
    for refusal in [
        MediaRefusal::TypeNotAllowed(FoundType::Playlist),
        MediaRefusal::Empty,
        MediaRefusal::Truncated,
        MediaRefusal::Unreadable,
        MediaRefusal::TooLong { duration_ms: 14_400_001, maximum_ms: 14_400_000 },
        MediaRefusal::PictureTooLarge { width: 8000, height: 4000, maximum_side: 4096 },
        MediaRefusal::WithoutPicture,
    ] {
        assert!(refusal.code().starts_with("video_"));
        assert!(refusal.detail("zh-CN").contains('请'), "{refusal:?}");
        assert!(refusal.detail("en-GB").contains("lease "), "{refusal:?}");
    }
}
