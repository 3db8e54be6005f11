//! The worker as a process of its own: see [`worker::process`].

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    worker::process::run().await
}
