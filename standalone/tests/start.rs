//! The whole program: started, stopped, killed, started again, and refused with one line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn spawn(data: &Path, port: u16) -> Self {
        Self::spawn_with(data, port, &[])
    }

    fn spawn_with(data: &Path, port: u16, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_standalone"))
            .env("HOST", "127.0.0.1")
            .env("PORT", port.to_string())
            .env("DATA_DIR", data)
            .env("DEMO", "off")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Reads what it prints up to the line that has `part` in it.
    fn read_until(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.output.read_line(&mut line).unwrap();
            assert!(length > 0, "it ended before saying {part}: {}", self.complaint());
            if line.contains(part) {
                return line;
            }
        }
    }

    fn ready(data: &Path) -> Self {
        let mut program = Self::spawn(data, 0);
        program.read_until("http://");
        program
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn stop(mut self, signal: Signal) -> (ExitStatus, Duration) {
        let began = Instant::now();
        // Twice, as `timeout` and process supervisors do.
        self.signal(signal);
        self.signal(signal);
        let status = self.child.wait().unwrap();
        (status, began.elapsed())
    }

    fn complaint(&mut self) -> String {
        let mut text = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut text).unwrap();
        text
    }

    /// The one line it ends with when it cannot start.
    fn refusal(mut self) -> String {
        let text = self.complaint();
        assert!(!self.child.wait().unwrap().success());
        assert_eq!(text.lines().count(), 1, "{text}");
        text
    }
}

/// The process that a process was made by; `None` when it has ended.
fn parent_of(process: &Path) -> Option<String> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:")).map(|id| id.trim().to_owned())
}

/// Command lines of processes that work for this data folder, by their ids. Those that one of them made
/// belong to it: a part of PostgreSQL bears its server's command line until it has a name of its own.
fn processes_of(data: &Path) -> HashMap<String, String> {
    let data = data.canonicalize().unwrap();
    let mut found = HashMap::new();
    let mut parents = HashMap::new();
    for entry in fs::read_dir("/proc").unwrap().map(Result::unwrap) {
        let id = entry.file_name().to_string_lossy().into_owned();
        let Ok(line) = fs::read(entry.path().join("cmdline")) else { continue };
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(&*data.to_string_lossy()) {
            parents.insert(id.clone(), parent_of(&entry.path()));
            found.insert(id, line);
        }
    }
    found
        .into_iter()
        .filter(|(id, _)| parents[id].as_ref().is_some_and(|parent| !parents.contains_key(parent)))
        .collect()
}

#[test]
fn it_stops_everything_it_started() {
    for signal in [Signal::TERM, Signal::INT] {
        let data = tempfile::tempdir().unwrap();
        let program = Program::ready(data.path());
        assert_eq!(processes_of(data.path()).len(), 2, "PostgreSQL and Redis");
        let (status, took) = program.stop(signal);
        assert!(status.success(), "{status}");
        assert!(took < Duration::from_secs(30), "{took:?}");
        assert_eq!(processes_of(data.path()), HashMap::new());
    }
}

#[test]
fn a_second_start_is_quick_and_recovers_from_a_kill() {
    let data = tempfile::tempdir().unwrap();
    Program::ready(data.path()).stop(Signal::TERM);
    for _ in 0..3 {
        let began = Instant::now();
        let program = Program::ready(data.path());
        let took = began.elapsed();
        println!("started again in {took:?}");
        // What it takes is measured elsewhere: a machine may be busy with other tests.
        assert!(took < Duration::from_secs(60), "{took:?}");
        // The next round starts while the engines of this one are still ending.
        program.stop(Signal::KILL);
    }
    let (status, took) = Program::ready(data.path()).stop(Signal::TERM);
    println!("stopped in {took:?}");
    assert!(status.success());
    assert_eq!(processes_of(data.path()), HashMap::new());
}

#[test]
fn it_can_be_interrupted_in_the_middle_of_the_first_start() {
    let data = tempfile::tempdir().unwrap();
    let mut program = Program::spawn(data.path(), 0);
    program.read_until("PostgreSQL");
    let (status, took) = program.stop(Signal::INT);
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert_eq!(processes_of(data.path()), HashMap::new());
    Program::ready(data.path()).stop(Signal::TERM);
}

#[test]
fn a_killed_first_start_leaves_nothing_that_hinders_the_next() {
    let data = tempfile::tempdir().unwrap();
    let mut program = Program::spawn(data.path(), 0);
    program.read_until("PostgreSQL");
    let unfinished = data.path().join("postgres.unfinished");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !unfinished.exists() && !data.path().join("postgres").exists() {
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
    program.stop(Signal::KILL);
    Program::ready(data.path()).stop(Signal::TERM);
}

#[test]
fn a_port_in_use_is_one_line_with_another_port() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let line = Program::spawn(data.path(), port).refusal();
    assert!(line.contains(&format!("port {port} is in use")), "{line}");
    assert!(line.contains("PORT="), "{line}");
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_in_use_is_one_line() {
    let data = tempfile::tempdir().unwrap();
    let first = Program::ready(data.path());
    let line = Program::spawn(data.path(), 0).refusal();
    assert!(line.contains("in use by another running"), "{line}");
    let (status, _) = first.stop(Signal::TERM);
    assert!(status.success());
}

#[test]
fn days_are_not_counted_in_another_time_zone_later() {
    let data = tempfile::tempdir().unwrap();
    Program::ready(data.path()).stop(Signal::TERM);
    let line = Program::spawn_with(data.path(), 0, &[("TIME_ZONE", "Asia/Urumqi")]).refusal();
    assert!(line.contains("set TIME_ZONE") && line.contains("Asia/Shanghai"), "{line}");
    Program::ready(data.path()).stop(Signal::TERM);
}

#[test]
fn a_folder_that_cannot_be_made_is_one_line() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("file"), "").unwrap();
    let line = Program::spawn(&parent.path().join("file/data"), 0).refusal();
    assert!(line.contains("DATA_DIR"), "{line}");
}
