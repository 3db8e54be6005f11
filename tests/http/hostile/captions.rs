//! Captions.

use reqwest::Method;
use tests::{Answer, Client, TestApp};

use super::{has_stray_signs, mixed, taken};

const REFUSALS: &[&str] =
    &["fields_invalid", "caption_invalid", "caption_too_large", "caption_times_invalid", "too_long", "too_many"];

const HEADS: &[&str] = &[
    "WEBVTT\n\n",
    "",
    "\u{feff}WEBVTT\r\n\r\n",
    "WEBVTT <script>alert(1)</script>\n\n",
    "WEBVTT\n\nSTYLE\n::cue { background: url(https://example.org/a) }\n</style><script>alert(1)</script>\n\n",
    "WEBVTT\n\nREGION\nid:<img src=x onerror=alert(1)>\n\n",
    "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\nNOTE\n<svg onload=alert(1)>\n\n",
];

const TIMES: &[&str] = &[
    "00:00:01.000 --> 00:00:02.000",
    "00:00:01,000 --> 00:00:02,000",
    "00:00:02.000 --> 00:00:01.000",
    "00:00:01.000 --> 00:00:01.000",
    "-00:00:01.000 --> 00:00:02.000",
    "00:00:01.000 --> 99:59:59.999",
    "00:00:61.000 --> 00:00:62.000",
    "00:00:01.000 --> 00:00:02.000 line:0 position:<script>alert(1)</script>",
    "00:00:01.000 --> 00:00:02.000 --> 00:00:03.000",
    "18446744073709551616:00:01.000 --> 00:00:02.000",
    "00:00:01.00000000000000000000 --> 00:00:02.000",
    "１:００:０１.０００ --> 00:00:02.000",
    "NaN --> Infinity",
    "-->",
    "00:00:01.000 -->",
];

const WORDS: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=\"alert(1)\">",
    "<c.x onclick=alert(1)>好</c>",
    "<v <script>alert(1)</script>>好",
    "<<script>script>alert(1)<</script>/script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;alert(1)",
    "&#60;script&#62;alert(1)",
    "<a href=\"javascript:alert(1)\">好</a>",
    "javascript:alert(1)",
    "< script >alert(1)</ script >",
    "<scr\u{0}ipt>alert(1)</script>",
    "<\u{202e}tpircs>alert(1)",
    "\u{202e}倒着的字\u{2066}",
    "\u{1b}[31m红\u{7}\u{8}",
    "<svg/onload=alert(1)",
    "<00:00:01.500>好<b><i><u><ruby><rt>",
    "{\\an8}{\\p1}m 0 0 l 1 1{\\p0}",
    "{\\an8",
    "]]><script>",
    "<!--",
    "--><script>alert(1)</script>",
    "好 --> 坏",
    "\u{2028}<script>\u{2029}",
    "</textarea><script>alert(1)</script>",
    "＜script＞alert(1)",
    "\"'`><",
    "&&&&;;;;&lt&gt",
];

/// Files of which the shape is what is wrong, most of them as large as they can be.
fn shapes() -> Vec<(&'static str, Vec<u8>)> {
    let cue = "WEBVTT\n\n00:00.000 --> 00:01.000\n";
    let sized = |piece: &str, size: usize| format!("{cue}{}\n", piece.repeat(size / piece.len())).into_bytes();
    let line = |piece: &str| sized(piece, 1_000_000);
    let cues = |count: usize| {
        let text: String =
            (0..count).map(|at| format!("\n{:02}:{:02}.000 --> 01:00:00.000\n好\n", at / 60 % 60, at % 60)).collect();
        format!("WEBVTT\n{text}").into_bytes()
    };
    let utf_16: Vec<u8> =
        format!("\u{feff}{cue}<script>alert(1)</script>好\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut noise = 0x2545_f491_u32;
    let mut random = || {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        noise.to_le_bytes()[0]
    };
    vec![
        ("a line of a megabyte", line("长")),
        ("marks that never end", line("<a")),
        ("marks that are none", line("< ")),
        ("marks within marks", line("<i>")),
        ("ends of marks", line(">")),
        ("entities", line("&amp;")),
        ("halves of entities", line("&am")),
        ("arrows", sized("-->\n", 100_000)),
        ("styles", line("{\\an8}")),
        ("empty lines", line("\n")),
        ("carriage returns", line("\r")),
        ("numbers", sized("1\n", 100_000)),
        ("zeros", vec![0; 1_000_000]),
        ("spaces", vec![b' '; 1_000_000]),
        ("a hundred thousand cues", cues(100_000)),
        ("more cues than there may be", cues(10_001)),
        ("as many as there may be, all of them overlapping", cues(10_000)),
        ("more than a megabyte", vec![b'x'; 1024 * 1024 + 1]),
        ("byte order marks", "\u{feff}".repeat(300_000).into_bytes()),
        ("another encoding", utf_16),
        ("half a sign", [cue.as_bytes(), &[0xe5, 0xa5]].concat()),
        ("no text", (0..100_000).map(|_| random()).collect()),
        ("no text that begins as one", [cue.as_bytes(), &(0..100_000).map(|_| random()).collect::<Vec<u8>>()].concat()),
        ("nothing", Vec::new()),
        ("a page", b"<!doctype html><script>alert(1)</script>".to_vec()),
    ]
}

fn tables() -> Vec<(String, Vec<u8>)> {
    let all = HEADS.len() * TIMES.len() * WORDS.len();
    let made = mixed(125, 97, all).map(|place| {
        let head = HEADS[place % HEADS.len()];
        let times = TIMES[place / HEADS.len() % TIMES.len()];
        let words = WORDS[place / HEADS.len() / TIMES.len() % WORDS.len()];
        let text = format!("{head}1\n{times}\n{words}\n\n2\n00:00:01.500 --> 00:00:09.000\n{words}{words}\n");
        (text.clone(), text.into_bytes())
    });
    made.collect()
}

/// A file of captions in which nothing stands but times and words.
fn is_clean(captions: &str) -> bool {
    let Some(cues) = captions.strip_prefix("WEBVTT\n") else { return false };
    let blocks: Vec<&str> = cues.split("\n\n").map(str::trim).filter(|block| !block.is_empty()).collect();
    let mut before = String::new();
    blocks.iter().all(|block| {
        let (times, words) = block.split_once('\n').unwrap_or((block, ""));
        let Some((from, to)) = times.split_once(" --> ") else { return false };
        let time =
            |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit() || b":.".contains(&byte));
        let in_order = before.as_str() <= from && from < to;
        from.clone_into(&mut before);
        in_order && time(from) && time(to) && !words.is_empty() && !words.contains(['<', '>']) && words.len() <= 9000
    }) && !has_stray_signs(captions)
}

async fn put(staff: &Client, path: &str, body: Vec<u8>) -> Answer {
    Answer::of(staff.request(Method::PUT, path).header("content-type", "text/vtt").body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_fifty_hostile_captions_are_refused_or_clean() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let video = app.ready_video("CX", &staff, 60).await;
    let path = format!("/videos/{video}/captions/zh-CN");
    let shapes = shapes().into_iter().map(|(name, body)| (name.to_owned(), body));
    let (mut cases, mut clean) = (0, 0);
    for (what, body) in tables().into_iter().chain(shapes) {
        cases += 1;
        let answer = put(&staff, &path, body).await;
        if !taken(&answer, REFUSALS, &what) {
            continue;
        }
        clean += 1;
        let kept = staff.get(&format!("/managed-videos/{video}/captions/zh-CN")).await;
        let kept = String::from_utf8(kept.bytes).unwrap();
        assert!(is_clean(&kept), "{what:.300}\nbecame\n{kept:.600}");
        // What is kept is taken again, and stays clean.
        assert_eq!(put(&staff, &path, kept.clone().into_bytes()).await.status, 204, "{what:.300}");
        let again = staff.get(&format!("/managed-videos/{video}/captions/zh-CN")).await;
        let again = String::from_utf8(again.bytes).unwrap();
        assert!(is_clean(&again) && again.len() <= kept.len(), "{what:.300}\nbecame\n{again:.600}");
    }
    assert_eq!(cases, 150);
    assert!((20..130).contains(&clean), "{clean} of them are taken: the table tries too little");
}
