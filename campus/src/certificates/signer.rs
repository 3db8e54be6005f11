//! Signing credentials as the W3C lays it down: Data Integrity with `eddsa-jcs-2022`.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::accounts;
use crate::config::Config;
use crate::error::{Error, Result};

/// In front of an Ed25519 key in a Multikey (multicodec `ed25519-pub`).
const ED25519: [u8; 2] = [0xed, 0x01];

/// The key that signs certificates now.
pub(super) struct Signer {
    /// Names the key, on every machine the same.
    pub(super) id: String,
    pair: Ed25519KeyPair,
}

impl Signer {
    /// The newest of the signing keys.
    ///
    /// # Errors
    /// When there is none that can be read.
    pub(super) fn open(config: &Config) -> Result<Self> {
        let (id, pair) = accounts::newest_signing_key(&config.signing_keys).map_err(Error::internal)?;
        Ok(Self { id, pair })
    }

    /// The public half, as a Multikey.
    pub(super) fn public_key(&self) -> String {
        multibase(&[&ED25519, self.pair.public_key().as_ref()].concat())
    }

    /// The document with its proof.
    ///
    /// # Errors
    /// When it cannot be brought into its canonical form (RFC 8785).
    pub(super) fn sign(&self, mut document: Value, issuer: &str, created: &str) -> Result<Value> {
        let mut proof = json!({
            "@context": document.get("@context"),
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "created": created,
            "verificationMethod": format!("{issuer}#{}", self.id),
            "proofPurpose": "assertionMethod",
        });
        let signed = self.pair.sign(&digest(&proof, &document)?);
        if let (Some(proof), Some(document)) = (proof.as_object_mut(), document.as_object_mut()) {
            proof.insert("proofValue".to_owned(), multibase(signed.as_ref()).into());
            document.insert("proof".to_owned(), Value::Object(proof.clone()));
        }
        Ok(document)
    }
}

/// What is signed: the digests of the proof's settings and of the document, each in its canonical form
/// (Data Integrity EdDSA Cryptosuites 1.0, 3.3.4).
pub(super) fn digest(proof: &Value, document: &Value) -> Result<Vec<u8>> {
    let canonical = |value: &Value| serde_json_canonicalizer::to_vec(value).map_err(Error::internal);
    Ok([Sha256::digest(canonical(proof)?), Sha256::digest(canonical(document)?)].concat())
}

/// Base 58 as Bitcoin writes it, and a z before it to say so.
fn multibase(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}
