//! The worker as a process of its own: see [`worker::process`]; and `worker audit-ledger`, see
//! [`worker::audit_ledger`].

use std::process::ExitCode;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        None => worker::process::run().await.map(|()| ExitCode::SUCCESS),
        Some("audit-ledger") => worker::audit_ledger::run(arguments).await,
        Some(other) => anyhow::bail!("{other} is not known; worker, or worker audit-ledger"),
    }
}
