//! Articles.

use serde_json::json;
use tests::{TestApp, id_of};

use super::{has_stray_signs, mixed, taken};
use crate::making;

const REFUSALS: &[&str] = &["fields_invalid", "required", "too_long", "text_invalid", "too_large"];

const PICTURE: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

const PIECES: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//example.org/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "[x](javascript:alert(1))",
    "[x](\tJaVaScRiPt:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox)",
    "[x](//example.org)",
    "[x](https:javascript:alert(1))",
    "![x](javascript:alert(1))",
    "![x](https://example.org/track.png)",
    "![x\" onerror=\"alert(1)](file:0190163d-8694-739b-aea5-966c26f8ad91)",
    "![x](file:0190163d-8694-739b-aea5-966c26f8ad91 '\" onload=\"alert(1)')",
    "![x](file:../../../etc/passwd)",
    "[x](https://example.org/\"onmouseover=\"alert(1))",
    "[x](https://example.org '\" onfocus=\"alert(1)')",
    "[x](tel:110\"onclick=\"alert(1))",
    "<https://example.org/\"onclick=\"alert(1)>",
    "<javascript:alert(1)>",
    "<mail\"onclick=@example.org>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[x]: https://example.org '\"><script>alert(1)</script>'\n\n[x]",
    "```\"><script>alert(1)</script>\nx\n```",
    "``` html\" onclick=\"alert(1)\nx\n```",
    "`<script>alert(1)</script>`",
    "<!-- a --><script>alert(1)</script><!--",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version=\"1.0\"?><script/>",
    "<!DOCTYPE html [<!ENTITY x \"y\">]>",
    "<style>@import 'https://example.org/a.css'</style>",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "<form action=javascript:alert(1)><input autofocus onfocus=alert(1)>",
    "<math><mi xlink:href=\"javascript:alert(1)\">",
    "<base href=//example.org><meta http-equiv=refresh content=0>",
    "<object data=x><embed src=x><link rel=import href=x>",
    "{{constructor.constructor('alert(1)')()}}${alert(1)}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script\\>alert(1)\\</script\\>",
    "<scr\u{0}ipt>alert(1)</script>",
    "\u{1b}[31m红\u{7}",
    "\u{202e}3pm.txt\u{2066}",
    "\u{feff}<script>alert(1)</script>",
    "<a\u{2028}href=javascript:alert(1)>",
    "＜script＞alert(1)＜/script＞",
    "# x {#id .class onclick=alert(1)}",
];

const AROUND: &[(&str, &str)] = &[
    ("", ""),
    ("> ", ""),
    ("- ", ""),
    ("## ", ""),
    ("| a |\n|:-:|\n| ", " |"),
    ("**", "**"),
    ("[", "](https://example.org)"),
    ("~~_", "_~~"),
    ("1. a\n\n   ", ""),
    ("<div>\n", "\n</div>\n\n好"),
];

/// Pieces that are repeated until an article is as long as it may be.
const REPEATED: &[&str] = &[
    ">",
    "> ",
    "- ",
    "1. ",
    "- > ",
    "[",
    "![",
    "]",
    "[a](",
    "[](",
    "(",
    "*",
    "**a ",
    "*a_ ",
    "_",
    "`",
    "`a``",
    "<",
    "<a ",
    "<!--",
    "<!-- -->",
    "|",
    "|a",
    "~~",
    "\\",
    "&",
    "&#0;",
    "#",
    "# a\n",
    "[a]: b\n",
    "[a][",
    "a\n",
    "\n",
    "  ",
    "\t",
    "长",
    "-\n",
    "*\n ",
    "```\n",
    "<https://a.b>",
];

fn long(piece: &str) -> String {
    format!("好\n\n{} 好", piece.chars().cycle().take(49_000).collect::<String>())
}

fn shapes() -> Vec<String> {
    let rows = "|\n".repeat(12_000);
    let columns = "|a".repeat(8_000);
    let rule = "|-".repeat(8_000);
    vec![
        format!("{columns}|\n{rule}|\n{rows}"),
        format!("{}\n{}好", "- ".repeat(10_000), "\n".repeat(25_000)),
        format!("{}\n{}好", "> ".repeat(10_000), ">\n".repeat(14_000)),
        format!("{}{}", "[".repeat(24_000), "]".repeat(24_000)),
        format!("{}好{}", "*".repeat(24_000), "*".repeat(24_000)),
        format!("[a]: https://example.org/{}\n\n{}", "b".repeat(20_000), "[a]".repeat(8_000)),
        "长".repeat(50_001),
        "a".repeat(1_000_000),
        "<script>".repeat(525_000),
        " \n\t ".to_owned(),
        "\u{202e}".to_owned(),
    ]
}

fn cases() -> Vec<String> {
    let all = PIECES.len() * AROUND.len();
    let pieces = mixed(99, 60, all).map(|place| {
        let (piece, (before, behind)) = (PIECES[place % PIECES.len()], AROUND[place / PIECES.len()]);
        format!("{before}{piece}{behind}\n\n好")
    });
    pieces.chain(REPEATED.iter().map(|piece| long(piece))).chain(shapes()).collect()
}

/// Looks through a page sign by sign, as a browser does: answers what should not be in it.
fn fault(page: &str) -> Option<String> {
    let (mut open, mut rest) = (Vec::new(), page);
    while let Some((before, behind)) = rest.split_once('<') {
        if before.contains('>') {
            return Some(format!("a bare > in {before:.100}"));
        }
        let Some((tag, after)) = behind.split_once('>') else { return Some("a tag that does not end".to_owned()) };
        if let Err(what) = tag_fault(tag, &mut open) {
            return Some(what);
        }
        rest = after;
    }
    (rest.contains('>') || !open.is_empty()).then(|| format!("{open:?} at the end"))
}

fn tag_fault(tag: &str, open: &mut Vec<String>) -> Result<(), String> {
    const TAGS: &[&str] = &[
        "p",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "a",
        "img",
        "pre",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "ol",
        "li",
        "blockquote",
        "strong",
        "em",
        "del",
        "hr",
        "br",
    ];
    let wrong = || format!("<{tag:.100}>");
    if let Some(name) = tag.strip_prefix('/') {
        return if open.pop().as_deref() == Some(name) { Ok(()) } else { Err(wrong()) };
    }
    let plain = tag.strip_suffix(" /");
    let (name, mut attributes) = plain.unwrap_or(tag).split_once(' ').unwrap_or((plain.unwrap_or(tag), ""));
    if !TAGS.contains(&name) {
        return Err(wrong());
    }
    while !attributes.is_empty() {
        let (attribute, value) = attributes.split_once("=\"").ok_or_else(wrong)?;
        let (value, after) = value.split_once('"').ok_or_else(wrong)?;
        let allowed = match (name, attribute) {
            ("a", "href") => {
                ["https://", "http://", "tel:"].iter().any(|scheme| value.to_lowercase().starts_with(scheme))
            }
            ("img", "src") => value == format!("/api/v1/course-files/{PICTURE}"),
            ("a" | "img", "title") | ("img", "alt") => true,
            ("code", "class") => value.starts_with("language-"),
            ("ol", "start") => value.parse::<u64>().is_ok(),
            ("th" | "td", "style") => value.starts_with("text-align: ") && value.len() < 20,
            _ => false,
        };
        if !allowed {
            return Err(wrong());
        }
        attributes = after.trim_start();
    }
    if plain.is_none() {
        open.push(name.to_owned());
    }
    if open.len() > 60 { Err(format!("{} tags within one another", open.len())) } else { Ok(()) }
}

#[test]
fn what_should_not_be_in_a_page_is_seen() {
    for good in ["<p>好 &lt;script&gt;</p>", "<p><a href=\"https://a.b/?c=%22\">x</a><br /></p>"] {
        assert_eq!(fault(good), None);
    }
    for bad in [
        "<script>alert(1)</script>",
        "<p onclick=\"a\">x</p>",
        "<a href=\"javascript:a\">x</a>",
        "<a href=\"https://a.b\"onclick=\"c\">x</a>",
        "<img src=\"https://a.b/c.png\" />",
        "<p>x",
        "<p><em>x</p></em>",
        "<p>x<",
    ] {
        assert!(fault(bad).is_some(), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_fifty_hostile_articles_are_refused_or_clean() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let new = json!({"title": "防震减灾", "topic": "health", "credits": "2.00"});
    let course = id_of(&staff.post("/courses", &new).await.expect(201));
    let lesson = staff.post(&format!("/courses/{course}/lessons"), &making::article("好")).await.expect(201);
    let path = format!("/lessons/{}", id_of(&lesson));
    let cases = cases();
    assert_eq!(cases.len(), 150);
    let mut clean = 0;
    for text in &cases {
        let answer = staff.patch(&path, &json!({"article": {"text": text}})).await;
        if !taken(&answer, REFUSALS, text) {
            continue;
        }
        clean += 1;
        let shown = staff.get(&format!("{path}/article")).await.expect(200);
        let page = shown["html"].as_str().unwrap();
        assert_eq!(fault(page), None, "{text:.300}\nbecame\n{page:.600}");
        assert!(!has_stray_signs(page), "{text:.300}\nbecame\n{page:.600}");
        assert!(page.len() < 10_000_000, "{} bytes of {text:.300}", page.len());
    }
    assert!((100..148).contains(&clean), "{clean} of them are taken: the table tries too little");
}
