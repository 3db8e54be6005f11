//! Passwords: argon2id (RFC 9106), with a bound on how many are hashed at once.

use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{Error, Result};

/// How long a log-in may wait for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(20);

/// Hashes and checks passwords, off the threads that answer requests. Each takes 19 MiB
/// and some 30 ms of one core, so only a few run at a time.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Checked when there is no such account, so that both cases take as long.
    decoy: Arc<str>,
}

impl Passwords {
    /// At most `at_once` at the same time.
    ///
    /// # Errors
    /// When hashing does not work at all.
    pub fn new(at_once: usize) -> anyhow::Result<Self> {
        let decoy = Argon2::default()
            .hash_password(b"nobody's password")
            .map_err(|error| anyhow::anyhow!("argon2: {error}"))?
            .to_string();
        Ok(Self { turns: Arc::new(Semaphore::new(at_once.max(1))), decoy: decoy.into() })
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        match tokio::time::timeout(PATIENCE, self.turns.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Error::TooMany { retry_after_seconds: 10 }),
        }
    }

    /// The PHC string of a password, with a salt of its own.
    ///
    /// # Errors
    /// When too many are waiting.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let _turn = self.turn().await?;
        let password = password.to_owned();
        tokio::task::spawn_blocking(move || {
            Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
        })
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
    }

    /// Whether `password` is the one that `hash` was made of. Without a hash it takes as
    /// long, and the answer is no.
    ///
    /// # Errors
    /// When too many are waiting.
    pub async fn check(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let _turn = self.turn().await?;
        let password = password.to_owned();
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let fits = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
        .map_err(Error::internal)?;
        Ok(fits && known)
    }
}
