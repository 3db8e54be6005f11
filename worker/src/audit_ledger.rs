//! `worker audit-ledger`: the whole ledger checked from the command line.
//!
//! ```text
//! worker audit-ledger                              against the object store that the environment names
//! worker audit-ledger --roots DIR --keys FILE      against a copy of what lies under attestation/ there,
//!                                                  with the public keys of /.well-known/jwks.json;
//!                                                  needs nothing else but DATABASE_URL
//! worker audit-ledger --expect HASH                a root of this hash (from a mail) must be among them
//! ```
//!
//! Ends with 0 when all fits, 1 when something does not (said in the last line), 2 when it could not look.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use campus::Campus;
use campus::attestation::{Archive, Halt, TrustedKeys, Verified, verify_against};
use campus::config::{Config, clock_from_environment};
use campus::db::Database;

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

/// Checks the ledger and says what came of it.
///
/// # Errors
/// None: what goes wrong is said, and answered as a code.
pub async fn run(words: impl Iterator<Item = String>) -> anyhow::Result<ExitCode> {
    let checked = match Arguments::read(words) {
        Ok(arguments) => check(&arguments).await,
        Err(error) => Err(error),
    };
    Ok(match checked {
        Ok(code) => code,
        Err(error) => {
            eprintln!("the ledger could not be checked: {error:#}");
            ExitCode::from(2)
        }
    })
}

async fn check(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (database, archive, keys) = match (&arguments.roots, &arguments.keys) {
        (Some(roots), Some(keys)) => {
            let url = std::env::var("DATABASE_URL").context("the environment variable DATABASE_URL is missing")?;
            let text = std::fs::read_to_string(keys).with_context(|| format!("cannot read {}", keys.display()))?;
            (Database::connect(&url, 1)?, Archive::Folder(roots.clone()), TrustedKeys::of_key_set(&text)?)
        }
        _ => {
            let campus = Campus::new(Config::from_environment()?, clock_from_environment()?)?;
            let keys = TrustedKeys::of_folder(&campus.config.signing_keys)?;
            (campus.database, Archive::Store(campus.storage), keys)
        }
    };
    match verify_against(&database, &archive, &keys, arguments.expect.as_deref(), &mut show).await {
        Ok(verified) => {
            tell(verified);
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

fn tell(verified: Verified) {
    eprintln!();
    let Verified { transfers, accounts, root } = verified;
    match root {
        Some(root) => println!("all fits: {transfers} transfers of {accounts} accounts, as signed up to root {root}"),
        None => println!("all fits: {transfers} transfers of {accounts} accounts; nothing has been signed yet"),
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
