//! The API as a process of its own: see [`api::process`].

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let command = std::env::args().nth(1);
    api::process::run(command.as_deref()).await
}
