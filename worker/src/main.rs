//! The worker as a process of its own: see [`worker::process`]; `worker audit-ledger`, see
//! [`worker::audit_ledger`]; and `worker acknowledge-ledger`, see [`worker::acknowledge_ledger`].

use std::process::ExitCode;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        None => worker::process::run().await.map(|()| ExitCode::SUCCESS),
        Some("audit-ledger") => Ok(worker::audit_ledger::run(arguments, None).await),
        Some("acknowledge-ledger") => Ok(worker::acknowledge_ledger::run(arguments, None).await),
        Some(other) => anyhow::bail!("{other} is not known; worker, worker audit-ledger, or worker acknowledge-ledger"),
    }
}
