//! The plan of the house, held by a test: which room may know which, and how long a file and a
//! function may be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 70;

/// Files that are longer than they may be, with their length. The list may only shrink: an
/// entry that has become shorter is lowered here, one that fits is taken out.
const LONG_FILES: &[(&str, usize)] = &[];

/// Functions that are longer than they may be, with their length; the same holds.
const LONG_FUNCTIONS: &[(&str, usize)] = &[];

/// Rooms of `campus`, from those that know least: a room may know those of the rows above.
const ROOMS: &[&[&str]] = &[
    &["branches"],
    &["quotas"],
    &["residents"],
    &["consents"],
    &["accounts", "rosters"],
    &["credits", "helping", "statements"],
    &["courses", "recognition", "videos"],
    &["learning", "activities"],
    &["attestation"],
    &["account_statements", "certificates", "discussion", "rewards"],
    &["anomalies", "reports", "reconciliation"],
    &["honours"],
    &["dossiers"],
    &["stewardship"],
];

/// Within a row, one direction each.
const NEIGHBOURS: &[(&str, &str)] = &[("courses", "videos"), ("honours", "reports")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Files below `folder` with one of these endings, by their path from the root.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if ["node_modules", "build", "target"].contains(&name.as_str()) || name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                walk(&path, endings, found);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
                found.push(path);
            }
        }
    }
    let (root, mut found) = (root(), Vec::new());
    if root.join(folder).is_dir() {
        walk(&root.join(folder), endings, &mut found);
    }
    found.sort();
    let name = |path: &PathBuf| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn rust() -> Vec<(String, String)> {
    ["campus", "api", "worker", "standalone", "tests"].iter().flat_map(|folder| files(folder, &["rs"])).collect()
}

fn is_generated(text: &str) -> bool {
    text.lines().take(5).any(|line| line.to_lowercase().contains("generated"))
}

/// Compares what is too long with the list of what may be, both ways.
fn hold_to(list: &[(&str, usize)], found: &HashMap<String, usize>, limit: usize) {
    let known: HashMap<&str, usize> = list.iter().copied().collect();
    let mut complaints = Vec::new();
    for (name, length) in found.iter().filter(|(_, length)| **length > limit) {
        match known.get(name.as_str()) {
            None => complaints.push(format!("{name} has {length} lines; {limit} are allowed: split it")),
            Some(noted) if length > noted => complaints.push(format!("{name} grew from {noted} to {length} lines")),
            Some(noted) if length < noted => {
                complaints.push(format!("{name} shrank to {length}: note that in the list"))
            }
            Some(_) => {}
        }
    }
    for name in known.keys() {
        if found.get(*name).is_none_or(|length| *length <= limit) {
            complaints.push(format!("{name} is short enough now: take it off the list"));
        }
    }
    complaints.sort();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn files_are_short() {
    let mut found = HashMap::new();
    let web = files("web", &["ts", "svelte", "css", "js"]);
    for (name, text) in rust().into_iter().chain(web).chain(files("scripts", &["sh"])) {
        if !is_generated(&text) {
            found.insert(name, text.lines().count());
        }
    }
    assert!(found.len() > 50, "the files were not found");
    hold_to(LONG_FILES, &found, LONGEST_FILE);
}

/// Functions with their length: in formatted code a function ends where its own indentation
/// has the closing brace.
fn functions(name: &str, text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let words = code.split('(').next().unwrap().split_whitespace();
        let mut before = words.take_while(|word| *word != "fn");
        let opens = before.all(|word| ["pub", "async", "const", "unsafe", "extern"].contains(&word));
        let Some((_, rest)) = code.split_once("fn ") else { continue };
        if !opens || code.ends_with(';') || code.starts_with("//") {
            continue;
        }
        let indent = &line[..line.len() - code.len()];
        let closing = format!("{indent}}}");
        let length = lines[start..].iter().position(|line| *line == closing).map_or(1, |end| end + 1);
        let function = rest.split(['(', '<']).next().unwrap();
        found.push((format!("{name}: {function}"), length));
    }
    found
}

#[test]
fn functions_are_short() {
    let mut found = HashMap::new();
    for (name, text) in rust() {
        found.extend(functions(&name, &text));
    }
    assert!(found.len() > 500, "the functions were not found");
    hold_to(LONG_FUNCTIONS, &found, LONGEST_FUNCTION);
}

#[test]
fn a_long_function_is_seen() {
    let body = "    let x = 1;\n".repeat(80);
    let text = format!("impl A {{\n    pub(crate) async fn long<T>(&self) {{\n{body}    }}\n}}\nfn short() {{\n}}\n");
    let found = functions("a.rs", &text);
    assert_eq!(found, [("a.rs: long".to_owned(), 82), ("a.rs: short".to_owned(), 2)]);
}

/// The modules of its own crate that a file names: `crate::a::B`, `use crate::{a, b::C};`.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (place, _) in text.match_indices("crate::") {
        let rest = &text[place + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut first = true;
            let mut name = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        names.push(std::mem::take(&mut name));
                        first = true;
                        continue;
                    }
                    ':' => first = false,
                    letter if depth == 0 && first && !letter.is_whitespace() => name.push(letter),
                    _ => {}
                }
            }
            names.push(name);
        } else {
            names.push(rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect());
        }
    }
    names
}

#[test]
fn names_are_read_from_groups_too() {
    let text = "use crate::{branches::{self, Branch}, residents, Campus};\nfn a() { crate::credits::award() }";
    assert_eq!(names(text), ["branches", "residents", "Campus", "credits"]);
}

#[test]
fn no_room_reaches_back_up() {
    let rows: HashMap<&str, usize> =
        ROOMS.iter().enumerate().flat_map(|(row, rooms)| rooms.iter().map(move |room| (*room, row))).collect();
    let mut complaints = Vec::new();
    let sources = files("campus/src", &["rs"]);
    assert!(sources.len() > 20, "the sources were not found");
    for (path, text) in &sources {
        let inside = path.strip_prefix("campus/src/").unwrap();
        let room = inside.split(['/', '.']).next().unwrap();
        if room == "lib" {
            continue;
        }
        let row = rows.get(room);
        let is_folder = inside.contains('/');
        for name in names(text) {
            let Some(other) = rows.get(name.as_str()) else { continue };
            let allowed =
                name == room || row.is_some_and(|row| other < row) || NEIGHBOURS.contains(&(room, name.as_str()));
            if !allowed {
                complaints.push(format!("{path} may not know the room {name}"));
            }
        }
        let foundations = [
            "access",
            "audit",
            "clock",
            "codes",
            "config",
            "db",
            "deployment",
            "encodings",
            "error",
            "files",
            "idempotency",
            "ids",
            "jobs",
            "language",
            "lrs",
            "mail",
            "paging",
            "pdf",
            "pictures",
            "seal",
            "signals",
            "spreadsheets",
            "storage",
            "writing",
        ];
        if row.is_none() && !foundations.contains(&room) {
            complaints
                .push(format!("{path} belongs to no room of the plan (folder: {is_folder}): add it to this test"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn only_campus_speaks_to_the_database() {
    let mut complaints = Vec::new();
    for crate_name in ["api", "worker"] {
        for (path, text) in files(crate_name, &["rs", "toml"]) {
            let speaks = text.lines().any(|line| {
                let code = line.split("//").next().unwrap();
                code.contains("diesel") || code.contains("tokio_postgres") || code.contains("tokio-postgres")
            });
            if speaks {
                complaints.push(format!("{path} speaks to the database"));
            }
        }
    }
    // The one machine's own cluster is started and stopped here, and asked for nothing else.
    for (path, text) in files("standalone/src", &["rs"]) {
        if text.contains("diesel::") {
            complaints.push(format!("{path} speaks diesel"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_domain_knows_no_http_server() {
    for (path, text) in files("campus", &["rs", "toml"]) {
        assert!(!text.contains("actix") && !text.contains("utoipa"), "{path} knows HTTP");
    }
    for (path, text) in files("worker", &["rs", "toml"]) {
        assert!(!text.contains("actix") && !text.contains("\napi"), "{path} knows HTTP");
    }
}
