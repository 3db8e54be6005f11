//! The archive while it is being filled, with the index that says what is in it.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::{Error, Result};
use crate::spreadsheets::harmless;

/// How much of a file is in memory at once.
const PIECE: usize = 1 << 16;
/// What is small already is kept as it is.
const PACKED: [&str; 7] = ["jpg", "png", "webp", "pdf", "xlsx", "docx", "zip"];

struct Entry {
    path: String,
    about: String,
    size: u64,
    sha256: String,
}

/// An archive that is being filled.
pub(super) struct Package {
    /// Large, and handed from thread to thread with each file.
    writer: Box<ZipWriter<File>>,
    path: PathBuf,
    made: DateTime,
    entries: Vec<Entry>,
}

/// What a finished archive is.
pub(super) struct Finished {
    pub(super) path: PathBuf,
    pub(super) files: i32,
    pub(super) size: i64,
    pub(super) sha256: String,
}

impl Package {
    /// An empty archive at `path`; `now` is what its files say they were made at, in the deployment's zone.
    pub(super) fn create(path: &Path, now: OffsetDateTime) -> Result<Self> {
        let file = File::create(path).map_err(Error::internal)?;
        let year = u16::try_from(now.year()).map_err(Error::internal)?;
        let made =
            DateTime::from_date_and_time(year, now.month().into(), now.day(), now.hour(), now.minute(), now.second())
                .map_err(Error::internal)?;
        Ok(Self { writer: Box::new(ZipWriter::new(file)), path: path.to_owned(), made, entries: Vec::new() })
    }

    /// Adds what is in memory.
    pub(super) async fn add(self, path: String, about: String, content: Vec<u8>) -> Result<Self> {
        blocking(move || self.write(path, about, &mut content.as_slice())).await
    }

    /// Adds a file.
    pub(super) async fn add_file(self, path: String, about: String, file: PathBuf) -> Result<Self> {
        blocking(move || self.write(path, about, &mut File::open(file).map_err(Error::internal)?)).await
    }

    fn write(mut self, path: String, about: String, content: &mut dyn Read) -> Result<Self> {
        let packed = PACKED.iter().any(|ending| path.ends_with(&format!(".{ending}")));
        let method = if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options =
            SimpleFileOptions::default().compression_method(method).last_modified_time(self.made).large_file(true);
        self.writer.start_file(&*path, options).map_err(Error::internal)?;
        let writer = &mut self.writer;
        let (size, sha256) = read_through(content, |piece| writer.write_all(piece).map_err(Error::internal))?;
        self.entries.push(Entry { path, about, size, sha256 });
        Ok(self)
    }

    /// Adds the index, to be read in a browser and in a spreadsheet, and ends the archive.
    pub(super) async fn finish(self, title: String, notes: Vec<String>) -> Result<Finished> {
        blocking(move || {
            let page = self.page(&title, &notes);
            let sheet = self.sheet()?;
            let mut package = self.write("目录.html".to_owned(), String::new(), &mut page.as_bytes())?;
            package = package.write("目录.csv".to_owned(), String::new(), &mut sheet.as_slice())?;
            let Self { writer, path, entries, .. } = package;
            drop(writer.finish().map_err(Error::internal)?);
            let (size, sha256) = digest(&path)?;
            Ok(Finished { path, files: i32::try_from(entries.len()).map_err(Error::internal)?, size, sha256 })
        })
        .await
    }

    fn page(&self, title: &str, notes: &[String]) -> String {
        let title = escape(title);
        let notes: String = notes.iter().map(|note| format!("<p>{}</p>", escape(note))).collect();
        let rows: String = self
            .entries
            .iter()
            .map(|entry| {
                let path = escape(&entry.path);
                // What would end the address, or be taken for a sign in it.
                let address = path.replace('%', "%25").replace('#', "%23");
                let (about, hash) = (escape(&entry.about), &entry.sha256);
                format!("<tr><td><a href=\"{address}\">{path}</a><td>{about}<td>{}<td>{hash}", entry.size)
            })
            .collect();
        format!(
            "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>{title}</title>\
             <style>body{{font:16px/1.6 sans-serif;margin:2em}}td,th{{border:1px solid #999;padding:.3em .6em;\
             text-align:left;overflow-wrap:anywhere}}table{{border-collapse:collapse}}</style>\
             <h1>{title}</h1>{notes}<table><tr><th>文件<th>内容<th>大小（字节）<th>校验码（SHA-256）{rows}</table></html>"
        )
    }

    fn sheet(&self) -> Result<Vec<u8>> {
        let mut sheet =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
        sheet.write_record(["文件", "内容", "大小（字节）", "校验码（SHA-256）"]).map_err(Error::internal)?;
        for Entry { path, about, size, sha256 } in &self.entries {
            let row = [harmless(path), harmless(about), size.to_string(), sha256.clone()];
            sheet.write_record(&row).map_err(Error::internal)?;
        }
        sheet.into_inner().map_err(Error::internal)
    }
}

/// A name that is a name in every file system.
pub(super) fn file_name(name: &str) -> String {
    let sign = |sign: char| if sign.is_control() || "/\\:*?\"<>|".contains(sign) { '-' } else { sign };
    let name: String = name.chars().map(sign).take(80).collect();
    let name = name.trim().trim_matches('.');
    if name.is_empty() { "-".to_owned() } else { name.to_owned() }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn digest(path: &Path) -> Result<(i64, String)> {
    let (size, sha256) = read_through(&mut File::open(path).map_err(Error::internal)?, |_| Ok(()))?;
    Ok((i64::try_from(size).map_err(Error::internal)?, sha256))
}

/// Hands on what is read, piece by piece; answers how many bytes it was and their SHA-256 in hexadecimal.
fn read_through(content: &mut dyn Read, mut hand_on: impl FnMut(&[u8]) -> Result<()>) -> Result<(u64, String)> {
    let (mut hash, mut size, mut piece) = (Sha256::new(), 0_u64, vec![0_u8; PIECE]);
    loop {
        let count = content.read(&mut piece).map_err(Error::internal)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
        hash.update(read);
        size += u64::try_from(count).map_err(Error::internal)?;
        hand_on(read)?;
    }
    Ok((size, hex::encode(hash.finalize())))
}

/// Packing takes its time: not on a thread that answers others.
async fn blocking<Answer: Send + 'static>(work: impl FnOnce() -> Result<Answer> + Send + 'static) -> Result<Answer> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_names_everywhere() {
        assert_eq!(file_name("../../防震 演练:<1>?"), "-..-防震 演练--1--");
        assert_eq!(file_name(".."), "-");
        assert_eq!(file_name(&"长".repeat(200)).chars().count(), 80);
    }
}
