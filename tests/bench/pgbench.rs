//! pgbench with a script of our own, against the same database.

use std::path::PathBuf;
use std::process::Command;

use crate::ground::Ground;

fn program() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        folders.map(|folder| folder.path().join("bin/pgbench")).filter(|path| path.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pgbench".into())
}

/// Runs `script` with 16 clients for `seconds`; answers transactions a second.
pub fn run(ground: &Ground, script: &str, seconds: u64) -> f64 {
    let path = ground.folder.path().join("script.sql");
    std::fs::write(&path, script).expect("the script can be written");
    let output = Command::new(program())
        .args(["-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", &seconds.to_string(), "-U", "changqing_app", "-h"])
        .arg(ground.postgres.socket_dir())
        .arg("-f")
        .arg(&path)
        .arg("changqing")
        .output()
        .expect("pgbench is installed with PostgreSQL");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .find_map(|line| line.strip_prefix("tps = "))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| {
            eprintln!("pgbench failed: {}{text}", String::from_utf8_lossy(&output.stderr));
            f64::NAN
        })
}
