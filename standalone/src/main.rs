//! Changqing on one machine: `make run` starts this. `standalone audit-ledger …` and `standalone
//! acknowledge-ledger …` do what the worker's do, while the site is stopped.

use std::process::ExitCode;

use standalone::settings::Settings;
use standalone::start::{self, StartError};

fn main() -> ExitCode {
    match start() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("changqing: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<ExitCode, StartError> {
    let settings = Settings::from_environment()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(start::run(settings, std::env::args().skip(1).collect()))
}
