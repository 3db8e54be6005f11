//! Making test videos and looking into what came out.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::videos::media::{MediaError, Probe, Renditions, probe, transcode};

/// A folder that goes away with the test.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("campus-media-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(path.join("out")).unwrap();
        Self(path)
    }

    pub(super) fn out(&self) -> PathBuf {
        self.0.join("out")
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.file(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs ffmpeg with `arguments` (split at blanks) and the file as its output.
    pub(super) fn make(&self, name: &str, arguments: &str) -> PathBuf {
        let path = self.file(name);
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-nostdin"])
            .args(arguments.split_whitespace())
            .arg(&path)
            .status()
            .unwrap();
        assert!(made.success(), "ffmpeg could not make {name}");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// `ffprobe -show_entries` of a file, as `name=value` lines.
pub(super) fn entries(path: &Path, which: &str) -> String {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "default=noprint_wrappers=1"])
        .args(which.split_whitespace())
        .arg(path)
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The whole way an upload takes.
pub(super) async fn take(path: &Path, folder: &Folder) -> Result<(Probe, Renditions), MediaError> {
    let probed = probe(path).await?;
    let renditions = transcode(path, &probed, &folder.out(), |_| {}).await?;
    Ok((probed, renditions))
}

/// Whether the boxes an MP4 is played from stand before its data.
pub(super) fn starts_fast(path: &Path) -> bool {
    let bytes = std::fs::read(path).unwrap();
    let place = |name: &[u8]| bytes.windows(4).position(|window| window == name).unwrap();
    place(b"moov") < place(b"mdat")
}
