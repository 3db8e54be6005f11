//! Processes of an earlier start that outlived it. The parent-death signal ends them within
//! moments of a `kill -9`, but the next start may be quicker than that.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use super::error::EngineError;

/// Ends every process of `program` whose command line carries `marker`, politely first.
///
/// The command line is what identifies them: unlike their working folder it may be read without
/// special rights, and PostgreSQL writes its `cluster_name` into the titles of all its processes.
pub(crate) async fn end_leftovers(
    program: &str,
    marker: &str,
    folder: &Path,
    first: Signal,
) -> Result<(), EngineError> {
    let steps = [
        (first, Duration::from_secs(15)),
        (Signal::QUIT, Duration::from_secs(3)),
        (Signal::KILL, Duration::from_secs(3)),
    ];
    for (signal, patience) in steps {
        let found = find(program, marker);
        if found.is_empty() {
            return Ok(());
        }
        for pid in &found {
            tracing::warn!(program, pid = pid.as_raw_nonzero(), ?signal, "ending a process of an earlier start");
            if let Err(error) = rustix::process::kill_process(*pid, signal) {
                tracing::debug!(pid = pid.as_raw_nonzero(), %error, "signal not delivered");
            }
        }
        if gone_within(program, marker, patience).await {
            return Ok(());
        }
    }
    match find(program, marker).first() {
        None => Ok(()),
        Some(pid) => Err(EngineError::Leftover { pid: pid.as_raw_nonzero().get(), path: folder.to_owned() }),
    }
}

async fn gone_within(program: &str, marker: &str, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if find(program, marker).is_empty() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

fn find(program: &str, marker: &str) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            // A zombie has an empty command line, so what has ended is not found.
            let command_line = fs::read(entry.path().join("cmdline")).ok()?;
            let name = fs::read_to_string(entry.path().join("comm")).ok()?;
            (name.trim_end() == program && contains(&command_line, marker.as_bytes()))
                .then(|| Pid::from_raw(pid))
                .flatten()
        })
        .collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    /// A process that ignores the polite signal and names `marker` in its command line.
    fn stubborn(marker: &str) -> std::process::Child {
        let mut child = Command::new("sh")
            .args(["-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done", marker])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = child.stdout.as_mut().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
        child
    }

    #[tokio::test]
    async fn only_the_marked_processes_are_ended() {
        let mut ours = stubborn("changqing-test-ours");
        let mut theirs = stubborn("changqing-test-theirs");
        let reaper = std::thread::spawn(move || ours.wait().unwrap());
        end_leftovers("sh", "changqing-test-ours", Path::new("/x"), Signal::HUP).await.unwrap();
        assert!(!reaper.join().unwrap().success());
        assert!(theirs.try_wait().unwrap().is_none());
        theirs.kill().unwrap();
        theirs.wait().unwrap();
    }
}
