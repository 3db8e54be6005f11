//! Articles: Markdown in, HTML out that can be shown as it is.

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};
use uuid::Uuid;

use super::content::Article;

/// Pictures are named by their id: `![a map](file:0190…)`.
const PICTURE: &str = "file:";
/// Quotes, lists and emphases that are shown within one another at most: what is deeper stands there
/// without its own, as browsers give up on pages that are nested without end.
const DEEPEST: usize = 12;

impl Article {
    /// The text as HTML. What is written as HTML in it is shown as text, links lead to web pages
    /// alone, and pictures are those of the course: nothing of it can run or fetch from elsewhere.
    #[must_use]
    pub fn html(&self) -> String {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut tidying = Tidying::default();
        let events = Parser::new_ext(&self.text, options).filter_map(|event| tidying.event(event));
        let mut page = String::new();
        html::push_html(&mut page, events);
        page
    }
}

struct Tidying {
    /// The level of the last heading as it is shown; that of the page is 1.
    level: usize,
    /// Open links and pictures: whether each is shown.
    shown: Vec<bool>,
    /// Open quotes, lists and emphases.
    depth: usize,
}

impl Default for Tidying {
    fn default() -> Self {
        Self { level: 1, shown: Vec::new(), depth: 0 }
    }
}

impl Tidying {
    fn event<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        Some(match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::Heading { level, id: _, classes: _, attrs: _ }) => {
                self.level = place(level).min(self.level + 1);
                Event::Start(Tag::Heading { level: heading(self.level), id: None, classes: vec![], attrs: vec![] })
            }
            Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(heading(self.level))),
            Event::Start(start) if nests(&start.to_end()) => {
                self.depth += 1;
                return (self.depth <= DEEPEST).then_some(Event::Start(start));
            }
            Event::End(end) if nests(&end) => {
                self.depth = self.depth.saturating_sub(1);
                return (self.depth < DEEPEST).then_some(Event::End(end));
            }
            Event::Start(Tag::Item) | Event::End(TagEnd::Item) if self.depth > DEEPEST => return None,
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = address(link_type, dest_url);
                self.shown.push(dest_url.is_some());
                Event::Start(Tag::Link { link_type, dest_url: dest_url?, title, id })
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = picture(&dest_url);
                self.shown.push(dest_url.is_some());
                Event::Start(Tag::Image { link_type, dest_url: dest_url?.into(), title, id })
            }
            Event::End(end @ (TagEnd::Link | TagEnd::Image)) => {
                return self.shown.pop().unwrap_or(false).then_some(Event::End(end));
            }
            other => other,
        })
    }
}

/// Whether it can stand within its own kind.
const fn nests(end: &TagEnd) -> bool {
    matches!(end, TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough)
}

/// The level at which a heading is shown: below that of the page.
const fn place(level: HeadingLevel) -> usize {
    match level {
        HeadingLevel::H1 => 2,
        HeadingLevel::H2 => 3,
        HeadingLevel::H3 => 4,
        HeadingLevel::H4 => 5,
        HeadingLevel::H5 | HeadingLevel::H6 => 6,
    }
}

const fn heading(level: usize) -> HeadingLevel {
    match level {
        0..=2 => HeadingLevel::H2,
        3 => HeadingLevel::H3,
        4 => HeadingLevel::H4,
        5 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

/// Where a link may lead: to a web page or a telephone.
fn address(link_type: LinkType, address: CowStr<'_>) -> Option<CowStr<'_>> {
    let lower = address.trim().to_ascii_lowercase();
    let allowed = ["https://", "http://", "tel:"].iter().any(|scheme| lower.starts_with(scheme));
    (allowed && link_type != LinkType::Email).then_some(address)
}

fn picture(address: &str) -> Option<String> {
    let id: Uuid = address.strip_prefix(PICTURE)?.parse().ok()?;
    Some(format!("/api/v1/course-files/{id}"))
}

#[cfg(test)]
mod tests {
    use super::Article;

    fn html(text: &str) -> String {
        Article { text: text.to_owned() }.html()
    }

    #[test]
    fn what_is_meant_is_shown() {
        assert_eq!(
            html("# 防震\n\n先**护住头**。\n\n- 一\n- 二"),
            "<h2>防震</h2>\n<p>先<strong>护住头</strong>。</p>\n<ul>\n<li>一</li>\n<li>二</li>\n</ul>\n"
        );
        let id = "0190163d-8694-739b-aea5-966c26f8ad91";
        assert_eq!(
            html(&format!("![地图](file:{id})")),
            format!("<p><img src=\"/api/v1/course-files/{id}\" alt=\"地图\" /></p>\n")
        );
        assert_eq!(
            html("[报名](https://example.org/?a=1&b=2)"),
            "<p><a href=\"https://example.org/?a=1&amp;b=2\">报名</a></p>\n"
        );
    }

    #[test]
    fn nothing_runs_and_nothing_is_fetched_from_elsewhere() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "![x](https://example.org/track.png)",
            "![x](file:../../etc/passwd)",
            "![x](//example.org/a.png \"t\")",
            "<iframe src=\"https://example.org\"></iframe>",
            "<https://example.org/\"onmouseover=alert(1)>",
            "[x]: javascript:alert(1)\n\n[x]",
            "<javascript:alert(1)>",
            "<style>*{display:none}</style>",
            "```<script>\nalert(1)\n```",
            "# <svg onload=alert(1)>",
            "|<b onclick=a>|\n|-|\n|<i>|",
        ] {
            let shown = html(hostile);
            let tags: Vec<&str> = shown.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or("")).collect();
            for tag in tags {
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or("");
                let known = ["p", "h2", "a", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"];
                assert!(known.contains(&name), "{hostile}: {shown}");
                let lower = tag.to_ascii_lowercase();
                assert!(!lower.contains("javascript:") && !lower.contains("data:"), "{hostile}: {shown}");
                let attributes = lower.split('"').step_by(2).collect::<String>();
                assert!(!attributes.contains(" on"), "{hostile}: {shown}");
            }
        }
    }

    #[test]
    fn what_is_nested_without_end_is_shown_within_bounds() {
        let marks = "*".repeat(20_000);
        for deep in [
            ">".repeat(10_000) + " 好",
            "- ".repeat(10_000) + "好",
            "1. > ".repeat(8_000) + "好",
            format!("{marks}好{marks}"),
        ] {
            let shown = html(&deep);
            assert!(shown.contains('好'));
            let opened = ["<blockquote>", "<ul>", "<ol>", "<strong>"].map(|tag| shown.matches(tag).count());
            let closed = ["</blockquote>", "</ul>", "</ol>", "</strong>"].map(|tag| shown.matches(tag).count());
            assert_eq!((opened, opened.iter().sum()), (closed, super::DEEPEST), "{shown:.300}");
        }
    }

    #[test]
    fn headings_go_down_step_by_step() {
        assert_eq!(html("### 一\n\n# 二\n\n#### 三\n"), "<h2>一</h2>\n<h2>二</h2>\n<h3>三</h3>\n");
    }
}
