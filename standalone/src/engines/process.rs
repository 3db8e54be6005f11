//! Child processes that die with this one.
//!
//! The kernel's parent-death signal is sent when the *thread* that spawned a child ends, so every
//! child gets a thread of its own that spawns it and then waits for it: the thread lives exactly
//! as long as the child, or as the whole process.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::sync::watch;

use super::error::EngineError;
use super::user::{self, EngineUser};

/// A log is set aside at the next start once it is larger than this, in bytes.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;

/// A folder an engine works in, and the name by which the engine can open it.
///
/// Where the engine's user cannot walk down to the folder (a checkout below `/root`), the child
/// inherits the opened folder and reaches it as `/proc/self/fd/N`; no right of any folder above
/// has to be changed for that.
#[derive(Debug, Clone)]
pub(crate) struct EngineFolder {
    pub(crate) path: PathBuf,
    pub(crate) argument: PathBuf,
    descriptor: Option<Arc<OwnedFd>>,
}

impl EngineFolder {
    /// Creates the folder where needed, private to the engine's user.
    pub(crate) fn open(path: &Path, user: Option<EngineUser>) -> Result<Self, EngineError> {
        user::make_private_folder(path, user)?;
        if user.is_none_or(|user| user::can_reach(path, user)) {
            return Ok(Self { path: path.to_owned(), argument: path.to_owned(), descriptor: None });
        }
        let folder = File::open(path).map_err(EngineError::rights("open", path))?;
        let descriptor = OwnedFd::from(folder);
        Ok(Self {
            path: path.to_owned(),
            argument: PathBuf::from(format!("/proc/self/fd/{}", descriptor.as_raw_fd())),
            descriptor: Some(Arc::new(descriptor)),
        })
    }
}

/// A log file an engine appends to.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) path: PathBuf,
    file: File,
    start: u64,
}

impl Log {
    /// Opens `logs/<name>.log` in the data folder.
    pub(crate) fn open(data_dir: &Path, name: &str) -> Result<Self, EngineError> {
        let folder = data_dir.join("logs");
        fs::create_dir_all(&folder).map_err(EngineError::rights("create", &folder))?;
        let path = folder.join(format!("{name}.log"));
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LOG_LIMIT) {
            let older = folder.join(format!("{name}.1.log"));
            fs::rename(&path, &older).map_err(EngineError::rights("rename", &path))?;
        }
        let file = File::options()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
            .map_err(EngineError::rights("write to", &path))?;
        let start = file.metadata().map_err(EngineError::rights("read", &path))?.len();
        Ok(Self { path, file, start })
    }

    pub(crate) fn into_file(self) -> File {
        self.file
    }

    fn stdio(&self) -> Result<Stdio, EngineError> {
        let file = self.file.try_clone().map_err(EngineError::rights("write to", &self.path))?;
        Ok(Stdio::from(file))
    }

    /// The last line written since this log was opened, preferring one that names the fault.
    pub(crate) fn last_words(&self) -> Option<String> {
        let mut text = Vec::new();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(self.start)).ok()?;
        file.read_to_end(&mut text).ok()?;
        let text = String::from_utf8_lossy(&text);
        let mut lines = text.lines().rev().map(str::trim).filter(|l| !l.is_empty());
        let last = lines.clone().next();
        lines
            .find(|line| ["FATAL", "PANIC", "error:", "Fatal"].iter().any(|w| line.contains(w)))
            .or(last)
            .map(str::to_owned)
    }
}

/// How an engine's program is started.
pub(crate) struct Launch<'a> {
    pub(crate) program: &'static str,
    pub(crate) path: &'a Path,
    pub(crate) arguments: Vec<String>,
    pub(crate) user: Option<EngineUser>,
    pub(crate) folder: &'a EngineFolder,
    pub(crate) log: &'a Log,
    /// Sent by the kernel when this process dies, and by [`RunningChild`] when it is dropped.
    pub(crate) death_signal: Signal,
}

impl Launch<'_> {
    /// Starts the program.
    pub(crate) fn spawn(self) -> Result<RunningChild, EngineError> {
        let mut command = Command::new(self.path);
        command
            .args(&self.arguments)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("TZ", "UTC")
            // Reachable for any user, where this process's own working folder may not be.
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(self.log.stdio()?)
            .stderr(self.log.stdio()?)
            // Ctrl-C goes to the whole foreground group; engines must wait for their turn.
            .process_group(0);
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        tie_to_this_process(&mut command, self.death_signal, self.folder.descriptor.clone());
        let failed = |detail: String| EngineError::Start { program: self.program, detail, log: self.log.path.clone() };
        let (exit_sender, exit) = watch::channel(None);
        let (pid_sender, pid) = std::sync::mpsc::channel();
        std::thread::Builder::new()
            .name(format!("{} keeper", self.program))
            .spawn(move || keep(command, &pid_sender, &exit_sender))
            .map_err(|error| failed(error.to_string()))?;
        let pid = pid.recv().map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))?;
        Ok(RunningChild { pid, exit, death_signal: self.death_signal })
    }
}

#[allow(unsafe_code)]
fn tie_to_this_process(command: &mut Command, signal: Signal, folder: Option<Arc<OwnedFd>>) {
    let parent = rustix::process::getpid();
    let prepare = move || {
        rustix::process::set_parent_process_death_signal(Some(signal))?;
        if rustix::process::getppid() != Some(parent) {
            return Err(std::io::Error::other("the starting process is gone"));
        }
        if let Some(folder) = &folder {
            rustix::io::fcntl_setfd(folder, rustix::io::FdFlags::empty())?;
        }
        Ok(())
    };
    // SAFETY: between fork and exec only async-signal-safe calls are allowed; `prepare` makes three
    // plain system calls and allocates nothing unless it fails, when the child ends at once.
    unsafe {
        command.pre_exec(prepare);
    }
}

/// How a child ended.
#[derive(Debug, Clone)]
pub(crate) struct Exit {
    pub(crate) success: bool,
    pub(crate) description: String,
}

fn keep(mut command: Command, pid: &std::sync::mpsc::Sender<std::io::Result<Pid>>, exit: &watch::Sender<Option<Exit>>) {
    let ended = match command.spawn() {
        Ok(mut child) => {
            // Nobody listening means that the start was given up; the child still has to be reaped.
            let _ = pid.send(Ok(Pid::from_child(&child)));
            match child.wait() {
                Ok(status) => Exit { success: status.success(), description: status.to_string() },
                Err(error) => Exit { success: false, description: error.to_string() },
            }
        }
        Err(error) => {
            let description = error.to_string();
            let _ = pid.send(Err(error));
            Exit { success: false, description }
        }
    };
    exit.send_replace(Some(ended));
}

/// A started program. Dropping it sends its death signal without waiting.
#[derive(Debug)]
pub(crate) struct RunningChild {
    pid: Pid,
    exit: watch::Receiver<Option<Exit>>,
    death_signal: Signal,
}

impl RunningChild {
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// How it ended, or `None` while it runs.
    pub(crate) fn ended(&self) -> Option<Exit> {
        self.exit.borrow().clone()
    }

    /// Waits until it has ended.
    pub(crate) async fn wait(&mut self) -> Exit {
        match self.exit.wait_for(Option::is_some).await {
            Ok(exit) => exit.clone(),
            Err(_) => None,
        }
        .unwrap_or_else(|| Exit { success: false, description: "its keeper thread ended".to_owned() })
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if self.ended().is_none()
            && let Err(error) = rustix::process::kill_process(self.pid, signal)
        {
            tracing::debug!(pid = self.pid.as_raw_nonzero(), %error, "signal not delivered");
        }
    }

    /// Sends the signals one after the other, each with its time to work, until the child has ended.
    pub(crate) async fn stop(&mut self, steps: &[(Signal, Duration)]) -> bool {
        for (signal, patience) in steps {
            self.signal(*signal);
            if tokio::time::timeout(*patience, self.wait()).await.is_ok() {
                return true;
            }
        }
        false
    }
}

impl Drop for RunningChild {
    fn drop(&mut self) {
        self.signal(self.death_signal);
    }
}
