//! One program for what tests run as processes of their own: the shared engines, and the
//! API and the worker as they run on many machines.

use anyhow::Context;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("engines") => {
            let folder = arguments.next().context("usage: test-process engines FOLDER")?;
            tests::engines::serve(folder.as_ref()).await
        }
        Some("api") => api::process::run(arguments.next().as_deref()).await,
        Some("worker") => worker::process::run().await,
        _ => anyhow::bail!("usage: test-process engines FOLDER | api [COMMAND] | worker"),
    }
}
