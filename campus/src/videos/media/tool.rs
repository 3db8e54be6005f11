//! Running ffmpeg and ffprobe so that no file can make them run for ever, fill the memory or
//! the disk, or outlive the one who started them.

use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use super::refusal::MediaError;

/// What one video may cost.
#[derive(Debug, Clone)]
pub struct MediaLimits {
    /// The longest lesson taken, in milliseconds.
    pub maximum_duration_ms: u32,
    /// The most pixels on a side of the picture.
    pub maximum_side: u32,
    /// Wall time for looking at a file.
    pub probe_time: Duration,
    /// Wall time for transcoding: this much to begin with …
    pub transcode_base_time: Duration,
    /// … and this many seconds for each second of video.
    pub transcode_time_factor: u32,
    /// Address space of one run, in bytes.
    pub memory_bytes: u64,
    /// The size no output file may reach, in bytes: the run is killed there.
    pub output_bytes: u64,
    /// Threads ffmpeg may use for each of its stages.
    pub threads: u16,
}

impl Default for MediaLimits {
    fn default() -> Self {
        Self {
            maximum_duration_ms: 4 * 60 * 60 * 1000,
            maximum_side: 4096,
            probe_time: Duration::from_secs(30),
            transcode_base_time: Duration::from_secs(120),
            transcode_time_factor: 4,
            memory_bytes: 2 * 1024 * 1024 * 1024,
            output_bytes: 4 * 1024 * 1024 * 1024,
            threads: 2,
        }
    }
}

/// One run of one program, and what it may take.
pub(super) struct ToolRun<'a> {
    /// `ffmpeg` or `ffprobe`.
    pub(super) tool: &'static str,
    /// Its arguments.
    pub(super) arguments: Vec<OsString>,
    /// Its wall time.
    pub(super) time: Duration,
    /// Its other limits.
    pub(super) limits: &'a MediaLimits,
}

/// How a run ended.
pub(super) struct ToolEnd {
    status: ExitStatus,
    /// The last it said on standard error.
    pub(super) stderr: String,
}

impl ToolEnd {
    pub(super) fn succeeded(&self) -> bool {
        self.status.success()
    }

    pub(super) fn into_failure(self, tool: &'static str) -> MediaError {
        MediaError::ToolFailed { tool, ended: self.status.to_string(), stderr: self.stderr }
    }
}

/// The shell sets the limits and then becomes the program, so they hold from its first
/// instruction on. Processor time is the bound that still holds when we are killed and can no
/// longer watch the clock.
const LIMIT_THEN_BECOME: &str =
    "ulimit -c 0; ulimit -v \"$1\" && ulimit -t \"$2\" && ulimit -f \"$3\" && shift 3 && exec nice -n 10 \"$@\"";
/// What POSIX makes `ulimit -f` count in.
const FILE_BLOCK_BYTES: u64 = 512;
/// What `nice` and the shell answer when the program is not there; the loader, too, when the
/// program's libraries do not fit into the memory it has.
const NOT_FOUND: i32 = 127;
const STDERR_BYTES: usize = 4096;
/// No run answers more than this; a longer answer is cut, which stalls it until its time is up.
const STDOUT_BYTES: u64 = 64 * 1024 * 1024;

/// A running program that does not survive its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let pid = self.0.id().and_then(|pid| i32::try_from(pid).ok());
        if let Some(group) = pid.and_then(Pid::from_raw) {
            // It may have ended by itself this very moment, which is as good.
            let _gone_already = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Runs a program to its end, handing every line of its standard output to `on_line`.
///
/// When the returned future is dropped the program and its process group are killed.
///
/// # Errors
/// [`MediaError::ToolMissing`], [`MediaError::TimedOut`], [`MediaError::Io`]. A program that
/// ends with a failure is no error here: see [`ToolEnd::succeeded`].
pub(super) async fn run(run: ToolRun<'_>, on_line: impl FnMut(&str)) -> Result<ToolEnd, MediaError> {
    let ToolRun { tool, arguments, time, limits } = run;
    let mut child = command(tool, &arguments, time, limits)
        .spawn()
        .map(Running)
        .map_err(MediaError::io("start the media program"))?;
    let watched = async {
        let stdout = child.0.stdout.take();
        let stderr = child.0.stderr.take();
        let (lines, said) = tokio::join!(read_lines(stdout, on_line), read_tail(stderr));
        lines?;
        let status = child.0.wait().await.map_err(MediaError::io("wait for the media program"))?;
        Ok::<ToolEnd, MediaError>(ToolEnd { status, stderr: said? })
    };
    let ended = tokio::time::timeout(time, watched)
        .await
        .map_err(|_elapsed| MediaError::TimedOut { tool, limit_seconds: time.as_secs() })??;
    let loader_failed = ended.stderr.contains("shared libraries");
    if ended.status.code() == Some(NOT_FOUND) && !loader_failed {
        return Err(MediaError::ToolMissing(tool));
    }
    Ok(ended)
}

fn command(tool: &'static str, arguments: &[OsString], time: Duration, limits: &MediaLimits) -> Command {
    let processor_seconds = time.as_secs().max(1).saturating_mul(u64::from(limits.threads.max(1)));
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", LIMIT_THEN_BECOME, "sh"])
        .arg((limits.memory_bytes / 1024).to_string())
        .arg(processor_seconds.to_string())
        .arg((limits.output_bytes / FILE_BLOCK_BYTES).to_string())
        .arg(tool)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()))
        .env("LC_ALL", "C.UTF-8")
        // One arena a thread would reserve address space the limit then counts.
        .env("MALLOC_ARENA_MAX", "2")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command
}

async fn read_lines(stdout: Option<impl AsyncRead + Unpin>, mut on_line: impl FnMut(&str)) -> Result<(), MediaError> {
    let Some(stdout) = stdout else { return Ok(()) };
    let mut lines = BufReader::new(stdout.take(STDOUT_BYTES)).lines();
    while let Some(line) = lines.next_line().await.map_err(MediaError::io("read from the media program"))? {
        on_line(&line);
    }
    Ok(())
}

/// Keeps the end of what was said: a damaged file makes ffmpeg complain for megabytes.
async fn read_tail(stderr: Option<impl AsyncRead + Unpin>) -> Result<String, MediaError> {
    let Some(mut stderr) = stderr else {
        return Ok(String::new());
    };
    let mut tail: Vec<u8> = Vec::new();
    let mut chunk = [0_u8; 2048];
    loop {
        let count = stderr.read(&mut chunk).await.map_err(MediaError::io("read from the media program"))?;
        if count == 0 {
            break;
        }
        tail.extend(chunk.iter().take(count));
        let surplus = tail.len().saturating_sub(STDERR_BYTES);
        tail.drain(..surplus);
    }
    Ok(String::from_utf8_lossy(&tail).trim().to_owned())
}
