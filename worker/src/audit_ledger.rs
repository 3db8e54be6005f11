//! `worker audit-ledger`: the whole ledger checked from the command line.
//!
//! ```text
//! worker audit-ledger                              against the object store that the environment names
//! worker audit-ledger --roots DIR --keys FILE      against a copy of what lies under attestation/ there,
//!                                                  with the public keys of /.well-known/jwks.json, or
//!                                                  of a folder with *.pub; needs nothing else but DATABASE_URL
//! worker audit-ledger --expect HASH                a root of this hash (from a mail) must be among them
//! ```
//!
//! Ends with 0 when all fits, 1 when something does not (said in the last line), 2 when it could not look. What
//! roots answer for (see [`crate::acknowledge_ledger`]) is listed before the last line, each time.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use campus::Campus;
use campus::attestation::{Acknowledged, Archive, Audited, Halt, TrustedKeys, Verified, verify_against};
use campus::clock::Clock;
use campus::config::{Config, clock_from_environment};
use campus::db::Database;
use time::OffsetDateTime;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Arguments {
    roots: Option<PathBuf>,
    keys: Option<PathBuf>,
    expect: Option<String>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut read = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--roots" => read.roots = Some(value()?.into()),
                "--keys" => read.keys = Some(value()?.into()),
                "--expect" => read.expect = Some(value()?.to_ascii_lowercase()),
                _ => anyhow::bail!("{word} is not known; --roots DIR, --keys FILE, --expect HASH"),
            }
        }
        anyhow::ensure!(
            read.roots.is_some() == read.keys.is_some(),
            "--roots DIR and --keys FILE (from /.well-known/jwks.json) go together"
        );
        Ok(read)
    }
}

/// Checks the ledger and says what came of it; `campus` is the one of the environment where none is given.
pub async fn run(words: impl Iterator<Item = String>, campus: Option<Campus>) -> ExitCode {
    let checked = match Arguments::read(words) {
        Ok(arguments) => check(&arguments, campus).await,
        Err(error) => Err(error),
    };
    checked.unwrap_or_else(|error| {
        eprintln!("the ledger could not be checked: {error:#}");
        ExitCode::from(2)
    })
}

/// What is checked, against what, with which keys, and by which clock.
struct Subject {
    database: Database,
    archive: Archive,
    keys: TrustedKeys,
    clock: Clock,
}

impl Subject {
    fn new(arguments: &Arguments, campus: Option<Campus>) -> anyhow::Result<Self> {
        if let (Some(roots), Some(keys)) = (&arguments.roots, &arguments.keys) {
            let (database, clock) = match campus {
                Some(campus) => (campus.database, campus.clock),
                None => {
                    let url =
                        std::env::var("DATABASE_URL").context("the environment variable DATABASE_URL is missing")?;
                    (Database::connect(&url, 1)?, clock_from_environment()?)
                }
            };
            return Ok(Self { database, archive: Archive::Folder(roots.clone()), keys: trusted(keys)?, clock });
        }
        let campus = match campus {
            Some(campus) => campus,
            None => Campus::new(Config::from_environment()?, clock_from_environment()?)?,
        };
        let keys = TrustedKeys::of_folder(&campus.config.signing_keys)?;
        Ok(Self { database: campus.database, archive: Archive::Store(campus.storage), keys, clock: campus.clock })
    }
}

async fn check(arguments: &Arguments, campus: Option<Campus>) -> anyhow::Result<ExitCode> {
    let Subject { database, archive, keys, clock } = Subject::new(arguments, campus)?;
    match verify_against(&database, &archive, &keys, arguments.expect.as_deref(), &mut show).await {
        Ok(audited) => {
            tell(&audited, clock.now());
            Ok(ExitCode::SUCCESS)
        }
        Err(Halt::Finding(finding)) => {
            eprintln!();
            println!("does not fit: {finding}");
            Ok(ExitCode::FAILURE)
        }
        Err(Halt::Error(error)) => Err(error.into()),
    }
}

/// How far it is, on one line that is written over.
fn show(expected: i64, checked: i64) {
    let hundredths = checked.saturating_mul(100).checked_div(expected).unwrap_or(100);
    eprint!("\r{checked} of {expected} transfers ({hundredths} %) ");
}

/// The keys of a published set, or the public halves in a folder.
fn trusted(keys: &Path) -> anyhow::Result<TrustedKeys> {
    if keys.is_dir() {
        return TrustedKeys::of_folder(keys).with_context(|| format!("cannot read the keys in {}", keys.display()));
    }
    TrustedKeys::of_key_set(&std::fs::read_to_string(keys).with_context(|| format!("cannot read {}", keys.display()))?)
}

fn tell(audited: &Audited, now: OffsetDateTime) {
    eprintln!();
    for Acknowledged { root, acknowledgement } in &audited.acknowledged {
        println!("root {root} answers for {}: {}", acknowledgement.finding, acknowledgement.reason);
    }
    let Verified { transfers, accounts, root } = audited.verified;
    match (root, audited.signed_at) {
        (Some(root), Some(at)) => {
            let minutes = (now - at).whole_minutes();
            println!(
                "all fits: {transfers} transfers of {accounts} accounts, as signed up to root {root}, {minutes} minutes ago"
            );
        }
        _ => println!("nobody has an account yet"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> anyhow::Result<Arguments> {
        Arguments::read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn a_copy_is_checked_with_keys_of_its_own() {
        assert!(read(&[]).is_ok_and(|read| read == Arguments::default()));
        assert!(
            read(&["--roots", "a", "--keys", "b", "--expect", "AB"]).is_ok_and(|read| read
                == Arguments { roots: Some("a".into()), keys: Some("b".into()), expect: Some("ab".to_owned()) })
        );
        for wrong in [&["--roots", "a"][..], &["--keys", "b"], &["--expect"], &["--all"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
