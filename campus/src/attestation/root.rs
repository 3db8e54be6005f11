//! A root: what is signed each hour over the heads of all chains (a compact JWS, EdDSA), and how it is
//! verified.

use std::collections::HashMap;
use std::path::Path;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::findings::Finding;
use crate::accounts;
use crate::error::{Error, Result};

/// Names what is signed, so that no other thing signed with the same key passes for it.
const TYPE: &str = "changqing-ledger-root";

/// What one root says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// From 1, without a gap.
    pub sequence: i64,
    /// When the ledger stood so.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The hash of the root before.
    pub previous: Option<String>,
    /// The newest root, up to this one, whose heads are those of all accounts.
    pub checkpoint: i64,
    /// The whole of each unit.
    pub units: Vec<UnitCounts>,
    /// The file with the heads: of all accounts, or of those that changed since the root before.
    pub heads: HeadsFile,
    /// SHA-256 over the heads of all accounts.
    pub all_heads_sha256: String,
    /// What did not fit and is answered for: this root begins anew, with the ledger as it stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledges: Option<Acknowledgement>,
}

/// Somebody who holds the signing key answers for what did not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// What did not fit.
    pub finding: Finding,
    /// How that came about, in their words.
    pub reason: String,
}

/// How much there is of one unit, on the residents' side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitCounts {
    /// `credit` or `point`.
    pub unit: String,
    /// Residents' accounts.
    pub accounts: i64,
    /// Their transfers.
    pub transfers: i64,
    /// The sum of their balances, in hundredths of a credit or in points.
    pub balance: i64,
}

/// A file of heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadsFile {
    /// Its key in the object store.
    pub key: String,
    /// Its digest.
    pub sha256: String,
    /// How many accounts it names.
    pub accounts: u64,
}

impl Root {
    /// Whether its heads are those of all accounts.
    #[must_use]
    pub const fn is_checkpoint(&self) -> bool {
        self.checkpoint == self.sequence
    }

    /// Under which key it lies in the object store.
    #[must_use]
    pub fn key(&self) -> String {
        key_of(self.sequence)
    }
}

/// The content type of a root in the object store.
pub(super) const JWS: &str = "application/jose";
/// What all roots' keys begin with.
pub(super) const ROOTS: &str = "attestation/roots/";

pub(super) fn key_of(sequence: i64) -> String {
    format!("{ROOTS}{sequence:010}.jws")
}

/// The hash by which the next root names a signed one.
pub(super) fn hash_of(signed: &str) -> [u8; 32] {
    Sha256::digest(signed.as_bytes()).into()
}

/// The longest name of a key that is told of: a thumbprint is shorter.
const LONGEST_KEY_NAME: usize = 64;

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

fn encoded(value: &impl Serialize) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(value)?))
}

/// Signs with the newest of the signing keys.
pub(super) fn sign(root: &Root, signing_keys: &Path) -> Result<String> {
    let (kid, pair) = accounts::newest_signing_key(signing_keys).map_err(Error::internal)?;
    let header = Header { alg: "EdDSA".to_owned(), typ: TYPE.to_owned(), kid };
    let text = format!("{}.{}", encoded(&header)?, encoded(root)?);
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(text.as_bytes()));
    Ok(format!("{text}.{signature}"))
}

/// The public keys that roots may be signed with.
#[derive(Debug, Clone)]
pub struct TrustedKeys(HashMap<String, Vec<u8>>);

impl TrustedKeys {
    /// The public halves of the signing keys in a folder.
    ///
    /// # Errors
    /// When there is none that can be read.
    pub fn of_folder(signing_keys: &Path) -> anyhow::Result<Self> {
        Self::new(accounts::public_signing_keys(signing_keys)?)
    }

    /// Those of a published key set (RFC 7517), as `/.well-known/jwks.json` has it.
    ///
    /// # Errors
    /// When it is none.
    pub fn of_key_set(text: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Key>,
        }
        #[derive(Deserialize)]
        struct Key {
            kid: String,
            x: String,
        }
        let set: Set = serde_json::from_str(text)?;
        Self::new(set.keys.into_iter().map(|key| (key.kid, key.x)))
    }

    fn new(keys: impl IntoIterator<Item = (String, String)>) -> anyhow::Result<Self> {
        let keys = keys.into_iter().map(|(id, public)| Ok((id, URL_SAFE_NO_PAD.decode(public)?)));
        Ok(Self(keys.collect::<anyhow::Result<_>>()?))
    }

    /// The key that a root says it was signed with, where that is none of these.
    pub(super) fn stranger(&self, signed: &str) -> Option<String> {
        let kid = header_of(signed)?.kid;
        (!self.0.contains_key(&kid)).then(|| kid.chars().take(LONGEST_KEY_NAME).collect())
    }

    /// The root, when one of these keys has signed it.
    pub(super) fn verify(&self, signed: &str) -> Option<Root> {
        let (text, signature) = signed.trim_end().rsplit_once('.')?;
        let (_, payload) = text.split_once('.')?;
        let header = header_of(signed)?;
        if header.alg != "EdDSA" || header.typ != TYPE {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(&ED25519, self.0.get(&header.kid)?).verify(text.as_bytes(), &signature).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }
}

fn header_of(signed: &str) -> Option<Header> {
    let header = signed.split('.').next()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()
}

/// What a root says, whoever signed it: for one that another, which was verified, names by its hash.
pub(super) fn read(signed: &str) -> Option<Root> {
    let payload = signed.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_known_by_its_signature_alone() {
        let folder = tempfile::tempdir().unwrap();
        accounts::make_key(folder.path()).unwrap();
        let heads = HeadsFile { key: "a".to_owned(), sha256: String::new(), accounts: 0 };
        let root = Root {
            sequence: 1,
            at: OffsetDateTime::UNIX_EPOCH,
            previous: None,
            checkpoint: 1,
            units: Vec::new(),
            heads,
            all_heads_sha256: String::new(),
            acknowledges: None,
        };
        let signed = sign(&root, folder.path()).unwrap();
        let keys = TrustedKeys::of_folder(folder.path()).unwrap();
        assert_eq!(keys.verify(&signed), Some(root.clone()));
        let changed = encoded(&Root { sequence: 2, ..root }).unwrap();
        let parts: Vec<&str> = signed.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else { unreachable!() };
        assert_eq!(keys.verify(&format!("{header}.{changed}.{signature}")), None);
        let other = encoded(&serde_json::json!({"alg": "EdDSA", "typ": "JWT", "kid": "a"})).unwrap();
        assert_eq!(keys.verify(&format!("{other}.{payload}.{signature}")), None);
        let stranger = tempfile::tempdir().unwrap();
        accounts::make_key(stranger.path()).unwrap();
        assert_eq!(TrustedKeys::of_folder(stranger.path()).unwrap().verify(&signed), None);
    }
}
