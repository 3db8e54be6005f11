//! What comes out of ordinary uploads.

use super::files::{Folder, entries, starts_fast, take};
use crate::videos::media::{Container, RenditionKind, probe, transcode};

const TWELVE_SECONDS: &str = "-f lavfi -i testsrc2=s=1280x720:r=30 -f lavfi -i sine=f=440 -t 12 \
    -c:v libx264 -preset ultrafast -c:a aac -metadata location=+30.6+104.0/";

#[tokio::test]
async fn an_ordinary_video_becomes_three_pictures_sound_and_stills() {
    let folder = Folder::new();
    let path = folder.make("lesson.mp4", TWELVE_SECONDS);
    let probed = probe(&path).await.unwrap();
    assert_eq!((probed.width, probed.height, probed.rotation), (1280, 720, 0));
    assert_eq!(probed.container, Container::Mov);
    assert_eq!(probed.frame_rate.to_string(), "30/1");
    assert!(probed.has_audio);
    assert!((11_990..12_100).contains(&probed.duration_ms), "{probed:?}");

    let mut reported = Vec::new();
    let renditions = transcode(&path, &probed, &folder.out(), |done| reported.push(done)).await.unwrap();
    assert!(reported.is_sorted() && reported.len() > 1, "{reported:?}");
    assert_eq!(reported.last(), Some(&1.0));
    assert!((11_900..12_200).contains(&renditions.duration_ms));

    let [large, medium, small] = &renditions.videos[..] else { panic!("three pictures") };
    assert_eq!(large.picture, Some((1280, 720)));
    assert_eq!(medium.picture, Some((852, 480)));
    assert_eq!(small.picture, Some((426, 240)));
    assert!(small.size < medium.size && medium.size < large.size);
    for (video, profile) in [(large, "Main"), (medium, "Main"), (small, "Constrained Baseline")] {
        let stream = entries(
            &video.path,
            "-show_entries stream=codec_name,profile,width,height,pix_fmt,r_frame_rate,avg_frame_rate",
        );
        let (width, height) = video.picture.unwrap();
        for wanted in [
            "codec_name=h264".to_owned(),
            "codec_name=aac".to_owned(),
            format!("profile={profile}\n"),
            format!("width={width}\nheight={height}\n"),
            "pix_fmt=yuv420p".to_owned(),
            "r_frame_rate=30/1".to_owned(),
            "avg_frame_rate=30/1".to_owned(),
        ] {
            assert!(stream.contains(&wanted), "{wanted} not in {stream}");
        }
        assert!(starts_fast(&video.path));
        let tags = entries(&video.path, "-show_entries format_tags");
        assert!(!tags.contains("104.0"), "the place stays behind: {tags}");
    }
    let audio = renditions.audio.as_ref().unwrap();
    assert!(starts_fast(&audio.path));
    assert_eq!(entries(&audio.path, "-show_entries stream=codec_type"), "codec_type=audio\n");
    let poster = entries(&renditions.poster.path, "-show_entries stream=codec_name,width");
    assert_eq!(poster, "codec_name=mjpeg\nwidth=640\n");
    // Twelve seconds: one picture from the beginning, one from the tenth second.
    let sheet = renditions.sheet;
    assert_eq!((sheet.columns, sheet.rows, sheet.interval_ms), (2, 1, 10_000));
    assert_eq!((sheet.tile_width, sheet.tile_height), (192, 108));
    let preview = entries(&renditions.preview.path, "-show_entries stream=codec_name,width,height");
    assert_eq!(preview, "codec_name=mjpeg\nwidth=384\nheight=108\n");
    assert_eq!(renditions.all().count(), 6);
}

#[tokio::test]
async fn a_keyframe_comes_every_two_seconds() {
    let folder = Folder::new();
    let path = folder.make("lesson.mp4", "-f lavfi -i testsrc2=s=320x180:r=30 -t 12");
    let (_, renditions) = take(&path, &folder).await.unwrap();
    for video in &renditions.videos {
        let keys = entries(&video.path, "-select_streams v -skip_frame nokey -show_entries frame=pts_time");
        let keys: Vec<f64> = keys.lines().map(|line| line.trim_start_matches("pts_time=").parse().unwrap()).collect();
        assert!(keys.len() >= 6, "{keys:?}");
        assert!(keys.windows(2).all(|pair| pair[1] - pair[0] <= 2.01), "{keys:?}");
    }
}

#[tokio::test]
async fn a_silent_video_gets_no_sound_file() {
    let folder = Folder::new();
    let path = folder.make("mute.mp4", "-f lavfi -i testsrc=s=320x240:r=10 -t 3");
    let (probed, renditions) = take(&path, &folder).await.unwrap();
    assert!(!probed.has_audio);
    assert_eq!(renditions.audio, None);
    assert!(!folder.file("out/audio.m4a").exists());
    let kinds: Vec<_> = renditions.all().map(|one| one.kind).collect();
    assert_eq!(kinds, [RenditionKind::Medium, RenditionKind::Small, RenditionKind::Poster, RenditionKind::Preview]);
    // 320×240 is not enlarged to 480.
    assert_eq!(renditions.videos[0].picture, Some((320, 240)));
}

#[tokio::test]
async fn a_phone_held_upright_stays_upright() {
    let folder = Folder::new();
    let flat = folder.make("flat.mp4", "-f lavfi -i testsrc=s=1280x720:r=25 -t 2");
    let turned = folder.make("turned.mp4", &format!("-i {} -c copy -metadata:s:v rotate=90", flat.display()));
    let (probed, renditions) = take(&turned, &folder).await.unwrap();
    assert_eq!((probed.width, probed.height), (720, 1280));
    assert_eq!(probed.rotation, 270);
    for (video, wanted) in renditions.videos.iter().zip([(720, 1280), (480, 852), (240, 426)]) {
        assert_eq!(video.picture, Some(wanted));
        let shown = probe(&video.path).await.unwrap();
        assert_eq!((shown.width, shown.height, shown.rotation), (wanted.0, wanted.1, 0));
    }
}

#[tokio::test]
async fn a_varying_frame_rate_becomes_constant() {
    let folder = Folder::new();
    let path = folder.make(
        "varying.mkv",
        "-f lavfi -i testsrc=s=640x360:r=30 -t 4 -vf setpts='if(lt(N,60),N/60,1+(N-60)/10)/TB' \
         -vsync vfr -c:v libx264 -preset ultrafast",
    );
    let (probed, renditions) = take(&path, &folder).await.unwrap();
    assert_eq!(probed.container, Container::Matroska);
    for video in &renditions.videos {
        let times = entries(&video.path, "-select_streams v -show_entries packet=duration_time");
        let mut kinds: Vec<&str> = times.lines().collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), 1, "every frame lasts the same: {kinds:?}");
    }
}

#[tokio::test]
async fn sixty_frames_a_second_become_thirty() {
    let folder = Folder::new();
    let path = folder.make("fast.mp4", "-f lavfi -i testsrc=s=320x180:r=60 -t 2");
    let (_, renditions) = take(&path, &folder).await.unwrap();
    let rate = entries(&renditions.videos[0].path, "-select_streams v -show_entries stream=r_frame_rate");
    assert_eq!(rate, "r_frame_rate=30/1\n");
}

#[tokio::test]
async fn oblong_pixels_are_made_square() {
    let folder = Folder::new();
    let path = folder.make("tape.avi", "-f lavfi -i testsrc=s=720x576:r=25 -vf setsar=16/15 -t 2 -c:v mpeg4");
    let (probed, renditions) = take(&path, &folder).await.unwrap();
    assert_eq!((probed.width, probed.height), (768, 576));
    assert_eq!(probed.container, Container::Avi);
    assert_eq!(renditions.videos[0].picture, Some((640, 480)));
}

#[tokio::test]
async fn a_recording_without_a_stated_length_is_measured() {
    let folder = Folder::new();
    let path = folder.make(
        "recorded.webm",
        "-f lavfi -i testsrc=s=320x240:r=10 -f lavfi -i sine -t 5 -c:v libvpx -deadline realtime \
         -c:a libopus -live 1",
    );
    assert!(entries(&path, "-show_entries format=duration").contains("N/A"));
    let (probed, renditions) = take(&path, &folder).await.unwrap();
    assert!((4_800..5_200).contains(&probed.duration_ms), "{probed:?}");
    assert!((4_800..5_200).contains(&renditions.duration_ms));
}

#[tokio::test]
async fn the_other_containers_are_taken_too() {
    let folder = Folder::new();
    let source = "-f lavfi -i testsrc=s=320x240:r=25 -f lavfi -i sine -t 3";
    for (name, codecs, container) in [
        ("a.mov", "", Container::Mov),
        ("b.ts", "", Container::MpegTransport),
        ("c.m2ts", "", Container::MpegTransport),
        ("d.mpg", "", Container::MpegProgram),
        ("e.flv", "-ar 44100", Container::Flv),
        ("f.wmv", "", Container::Asf),
        ("g.3gp", "-c:v libx264 -c:a aac", Container::Mov),
    ] {
        let path = folder.make(name, &format!("{source} {codecs}"));
        let (probed, renditions) = take(&path, &folder).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(probed.container, container, "{name}");
        assert!((2_800..3_300).contains(&renditions.duration_ms), "{name}");
        assert!(renditions.audio.is_some(), "{name}");
    }
}

/// Prints how long a minute of video takes; `cargo test -- --ignored --nocapture a_minute`.
#[tokio::test]
#[ignore = "a measurement, not a check"]
async fn a_minute_of_720p_is_timed() {
    let folder = Folder::new();
    let path = folder.make(
        "minute.mp4",
        "-f lavfi -i testsrc2=s=1280x720:r=30 -f lavfi -i sine=f=440 -t 60 -c:v libx264 \
         -preset ultrafast -c:a aac",
    );
    let start = std::time::Instant::now();
    let (_, renditions) = take(&path, &folder).await.unwrap();
    println!("60 s of 720p: {:.1?}", start.elapsed());
    for one in renditions.all() {
        println!("{}: {} kB", one.kind.as_str(), one.size / 1000);
    }
}
