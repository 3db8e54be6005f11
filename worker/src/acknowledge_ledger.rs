//! `worker acknowledge-ledger`: answers for what does not fit, where somebody knows why.
//!
//! ```text
//! worker acknowledge-ledger --finding FINDING --reason TEXT
//! ```
//!
//! (`standalone` takes the same words, on one machine, while the site is stopped.)
//!
//! FINDING is what `worker audit-ledger`, the mail or the office named, to the letter: `backdated account=… …`.
//! Signs the next root over the ledger as it stands, which says for good what did not fit and why; needs the
//! environment of a worker, with the signing keys. Ends with 0 when that is done, 1 when that is not what does
//! not fit, or nothing that a signature may answer for (what is, is said), 2 when it could not be done.

use std::process::ExitCode;

use anyhow::Context;
use campus::Campus;
use campus::attestation::{Acknowledging, Halt, acknowledge};
use campus::config::{Config, clock_from_environment};

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    finding: String,
    reason: String,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let (mut finding, mut reason) = (None, None);
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--finding" => finding = Some(value),
                "--reason" => reason = Some(value),
                _ => anyhow::bail!("{word} is not known; --finding FINDING --reason TEXT"),
            }
        }
        Ok(Self { finding: finding.context("--finding is missing")?, reason: reason.context("--reason is missing")? })
    }
}

/// Acknowledges and says what came of it; `campus` is the one of the environment where none is given.
pub async fn run(words: impl Iterator<Item = String>, campus: Option<Campus>) -> ExitCode {
    let done = match Arguments::read(words) {
        Ok(arguments) => answer_for(&arguments, campus).await,
        Err(error) => Err(error),
    };
    done.unwrap_or_else(|error| {
        eprintln!("nothing was acknowledged: {error:#}");
        ExitCode::from(2)
    })
}

async fn answer_for(arguments: &Arguments, campus: Option<Campus>) -> anyhow::Result<ExitCode> {
    let campus = match campus {
        Some(campus) => campus,
        None => Campus::new(Config::from_environment()?, clock_from_environment()?)?,
    };
    match acknowledge(&campus, &arguments.finding, &arguments.reason).await {
        Ok(Acknowledging::Signed(root)) => {
            println!("root {} answers for it", root.sequence);
            Ok(ExitCode::SUCCESS)
        }
        Ok(Acknowledging::NotFound(found)) if found.is_empty() => {
            println!("nothing was acknowledged: everything fits");
            Ok(ExitCode::FAILURE)
        }
        Ok(Acknowledging::NotFound(found)) => {
            println!("nothing was acknowledged: that does not stand, or no signature may answer for it");
            found.iter().for_each(|finding| println!("does not fit: {finding}"));
            Ok(ExitCode::FAILURE)
        }
        Err(Halt::Finding(finding)) => {
            println!("nothing was acknowledged: the rows are at odds with themselves, which no signature mends");
            println!("does not fit: {finding}");
            Ok(ExitCode::FAILURE)
        }
        Err(Halt::Error(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> anyhow::Result<Arguments> {
        Arguments::read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn both_the_finding_and_the_reason_are_named() {
        let expected = Arguments { finding: "missing_root root=2".to_owned(), reason: "a backup".to_owned() };
        assert!(read(&["--finding", "missing_root root=2", "--reason", "a backup"]).is_ok_and(|read| read == expected));
        for wrong in [&["--finding", "a"][..], &["--reason", "b"], &["--finding"], &["--all", "c"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
