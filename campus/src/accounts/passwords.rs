//! Passwords: argon2id (RFC 9106), with a bound on how many are hashed at once.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// How long a log-in may wait before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(20);

/// Hashes and checks passwords, off the threads that answer requests. Each takes 19 MiB
/// and some 30 ms of one core, so only a few run at a time.
///
/// What is checked costs one hash, whoever is meant: nobody (a decoy stands in), one account, or
/// several that share a telephone. These have one salt, so that one hash is compared with all of
/// theirs, and the time tells nobody how many they are (see [`Passwords::hash_beside`]).
#[derive(Clone)]
pub struct Passwords {
    queue: Sender<Work>,
    /// Checked when there is no such account, so that both cases take as long.
    decoy: Arc<str>,
    made: Arc<AtomicU64>,
}

/// What one check leaves to the next: to have 19 MiB mapped anew for each is work too.
type Memory = Vec<Block>;
/// One hash to make; nothing is done when nobody waits for it any more.
type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// Takes one piece of work after the other, until nobody is left who could bring any. A thread of
/// its own goes on with the next at once, where a task would have to be woken for it.
fn work(queue: &Mutex<Receiver<Work>>) {
    let mut memory = Memory::new();
    loop {
        let waiting = queue.try_lock().ok().and_then(|queue| queue.try_recv().ok());
        let next = waiting.or_else(|| {
            // Nobody logs in: the memory is given back.
            memory = Memory::new();
            queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
        });
        match next {
            // A defect fails the one who waits for this answer, not those behind.
            Some(work) => {
                if catch_unwind(AssertUnwindSafe(|| work(&mut memory))).is_err() {
                    tracing::error!("hashing a password has failed");
                }
            }
            None => return,
        }
    }
}

/// Everything that a hash depends on besides the password.
fn recipe(hash: &PasswordHash) -> (String, Vec<u8>) {
    let salt = hash.salt.as_ref().map(|salt| salt.to_vec()).unwrap_or_default();
    (format!("{} {:?} {}", hash.algorithm, hash.version, hash.params), salt)
}

/// The hash of `password` by the recipe of `like`.
fn derive(password: &str, like: &PasswordHash, memory: &mut Memory) -> Option<Output> {
    let params = Params::try_from(like).ok()?;
    let (_, salt) = recipe(like);
    let algorithm = Algorithm::try_from(like.algorithm.as_str()).ok()?;
    let version = like.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))?;
    let hasher = Argon2::new(algorithm, version, params);
    hasher.hash_password_into_with_memory(password.as_bytes(), &salt, output, memory.get_mut(..blocks)?).ok()?;
    Output::new(output).ok()
}

/// Whether one hash of a password serves for both.
pub(super) fn share_salt(one: &str, other: &str) -> bool {
    match (PasswordHash::new(one), PasswordHash::new(other)) {
        (Ok(one), Ok(other)) => recipe(&one) == recipe(&other),
        _ => false,
    }
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
        let (queue, works) = channel();
        let works = Arc::new(Mutex::new(works));
        for _ in 0..at_once.max(1) {
            let works = Arc::clone(&works);
            std::thread::Builder::new().name("passwords".to_owned()).spawn(move || work(&works))?;
        }
        Ok(Self { queue, decoy: decoy.into(), made: Arc::default() })
    }

    /// How many hashes have been made so far, to make one or to check one.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Has this done as soon as there is a turn.
    async fn in_turn<Answer: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Answer + Send + 'static,
    ) -> Result<Answer> {
        let (answer, answered) = oneshot::channel();
        let work = move |memory: &mut Memory| {
            if !answer.is_closed() {
                // Nobody may have waited to the end.
                let _: std::result::Result<(), Answer> = answer.send(work(memory));
            }
        };
        self.queue.send(Box::new(work)).map_err(Error::internal)?;
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(answered) => answered.map_err(Error::internal),
            Err(_) => Err(Error::TooMany { retry_after_seconds: 10 }),
        }
    }

    /// The PHC string of a password, with a salt of its own.
    ///
    /// # Errors
    /// When too many are waiting.
    pub async fn hash(&self, password: &str) -> Result<String> {
        self.hash_beside(password, None).await
    }

    /// The PHC string of a password, with the salt of `beside`: the hash of somebody who logs in
    /// with the same telephone. Ten people at most have one salt; it is random all the same, so
    /// that nothing can be worked out before it is stolen.
    ///
    /// # Errors
    /// When too many are waiting.
    pub async fn hash_beside(&self, password: &str, beside: Option<&str>) -> Result<String> {
        self.made.fetch_add(1, Ordering::Relaxed);
        let (password, beside) = (password.to_owned(), beside.map(str::to_owned));
        let hashing = move |_: &mut Memory| {
            let salt = beside.and_then(|hash| PasswordHash::new(&hash).ok().map(|hash| recipe(&hash).1));
            let hash = match salt.filter(|salt| !salt.is_empty()) {
                Some(salt) => Argon2::default().hash_password_with_salt(password.as_bytes(), &salt),
                None => Argon2::default().hash_password(password.as_bytes()),
            };
            hash.map(|hash: PasswordHash| hash.to_string())
        };
        self.in_turn(hashing).await?.map_err(Error::internal)
    }

    /// Whether `password` is the one that `hash` was made of. Without a hash it takes as
    /// long, and the answer is no.
    ///
    /// # Errors
    /// When too many are waiting.
    pub async fn check(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let fits = self.check_all(password, hash.as_slice()).await?;
        Ok(fits.first().copied().unwrap_or(false))
    }

    /// Whether `password` is the one that each of these hashes was made of: one hash for all that
    /// share a salt, and one where there are none.
    ///
    /// # Errors
    /// When too many are waiting.
    pub async fn check_all(&self, password: &str, hashes: &[&str]) -> Result<Vec<bool>> {
        let password = password.to_owned();
        let wanted: Vec<String> = hashes.iter().map(|hash| (*hash).to_owned()).collect();
        let decoy = Arc::clone(&self.decoy);
        let (fits, made) = self.in_turn(move |memory: &mut Memory| compare(&password, &wanted, &decoy, memory)).await?;
        self.made.fetch_add(made, Ordering::Relaxed);
        Ok(fits)
    }
}

/// Whether each hash fits, and how many hashes had to be made for that.
fn compare(password: &str, wanted: &[String], decoy: &str, memory: &mut Memory) -> (Vec<bool>, u64) {
    let mut derived: HashMap<(String, Vec<u8>), Option<Output>> = HashMap::new();
    let mut fits = |hash: &str| {
        let Ok(hash) = PasswordHash::new(hash) else { return false };
        let made = derived.entry(recipe(&hash)).or_insert_with(|| derive(password, &hash, memory));
        made.is_some() && *made == hash.hash
    };
    let answers: Vec<bool> = wanted.iter().map(|hash| fits(hash)).collect();
    if wanted.is_empty() {
        fits(decoy);
    }
    (answers, u64::try_from(derived.len()).unwrap_or(u64::MAX))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whatever_is_checked_costs_one_hash() {
        let passwords = Passwords::new(2).unwrap();
        let mother = passwords.hash("mother's").await.unwrap();
        let son = passwords.hash_beside("son's", Some(&mother)).await.unwrap();
        let stranger = passwords.hash("mother's").await.unwrap();
        assert!(share_salt(&mother, &son) && !share_salt(&mother, &stranger));
        let mut before = passwords.made();
        for (hashes, wanted, cost) in [
            (vec![], vec![], 1),
            (vec![&mother], vec![true], 1),
            (vec![&mother, &son], vec![true, false], 1),
            (vec![&mother, &son, &stranger], vec![true, false, true], 2),
            (vec![&son], vec![false], 1),
        ] {
            let hashes: Vec<&str> = hashes.into_iter().map(String::as_str).collect();
            assert_eq!(passwords.check_all("mother's", &hashes).await.unwrap(), wanted);
            assert_eq!(passwords.made() - before, cost);
            before = passwords.made();
        }
        assert!(passwords.check("son's", Some(&son)).await.unwrap());
        assert!(!passwords.check("nobody's password", None).await.unwrap());
    }
}
