//! How a mail is laid out, as HTML and as text with the same content.

/// A mail's content, before it takes a form.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) title: String,
    pub(super) opening: String,
    /// The table's headings.
    pub(super) head: Vec<String>,
    /// Its rows; the first cell says what the row is about.
    pub(super) rows: Vec<Vec<String>>,
    pub(super) notes: Vec<String>,
}

const CELL: &str = "border:1px solid #8a8a8a;padding:8px 10px;text-align:left;vertical-align:top";

impl Letter {
    /// Styles stand on the elements themselves: mail programs drop style sheets.
    pub(super) fn html(&self) -> String {
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
             <body style=\"font-family:'Microsoft YaHei','PingFang SC',sans-serif;font-size:16px;line-height:1.6;color:#1a1a1a\">\n\
             <h1 style=\"font-size:20px\">{title}</h1>\n<p>{opening}</p>\n\
             <table style=\"border-collapse:collapse\">\n<thead><tr>",
            title = escape(&self.title),
            opening = escape(&self.opening),
        );
        for heading in &self.head {
            html.push_str(&format!("<th scope=\"col\" style=\"{CELL};background:#e8f3ec\">{}</th>", escape(heading)));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            html.push_str("<tr>");
            for (place, cell) in row.iter().enumerate() {
                let (tag, scope) = if place == 0 { ("th", " scope=\"row\"") } else { ("td", "") };
                html.push_str(&format!("<{tag}{scope} style=\"{CELL}\">{}</{tag}>", escape(cell)));
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody>\n</table>\n<ul style=\"font-size:14px;color:#444\">\n");
        for note in &self.notes {
            html.push_str(&format!("<li>{}</li>\n", escape(note)));
        }
        html.push_str("</ul>\n</body>\n</html>\n");
        html
    }

    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n\n{}\n\n", self.title, self.opening);
        for row in &self.rows {
            let mut cells = row.iter();
            text.push_str(&format!("■ {}\n", cells.next().map_or("", String::as_str)));
            for (heading, cell) in self.head.iter().skip(1).zip(cells) {
                text.push_str(&format!("  {heading}：{cell}\n"));
            }
            text.push('\n');
        }
        for note in &self.notes {
            text.push_str(&format!("· {note}\n"));
        }
        text
    }
}

/// Text as it may stand in HTML, between tags or in a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
