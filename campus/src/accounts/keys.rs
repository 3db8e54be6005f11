//! The keys that sign access tokens: Ed25519, in a folder, outside the database.

use std::path::Path;

use anyhow::Context;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::Serialize;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// One key pair.
pub(super) struct SigningKey {
    pub(super) id: String,
    pub(super) public: String,
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    /// How long its file had lain in the folder when it was read, in seconds by the machine's clock.
    pub(super) age_seconds: i64,
}

/// The public keys, as published (RFC 7517).
#[derive(Debug, Clone, Serialize)]
pub struct JsonWebKeySet {
    /// One for each key that verifies.
    pub keys: Vec<JsonWebKey>,
}

/// One public key (RFC 8037).
#[derive(Debug, Clone, Serialize)]
pub struct JsonWebKey {
    /// `OKP`.
    pub kty: &'static str,
    /// `Ed25519`.
    pub crv: &'static str,
    /// `EdDSA`.
    pub alg: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// Names the key in a token's header.
    pub kid: String,
    /// The public key, base64url.
    pub x: String,
}

impl JsonWebKey {
    /// The public half of `key`.
    pub(super) fn of(key: &SigningKey) -> Self {
        Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid: key.id.clone(), x: key.public.clone() }
    }
}

/// Writes a new signing key and a new sealing key into `folder` unless it holds one already.
///
/// # Errors
/// When the folder cannot be written.
pub fn make_key(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    crate::seal::make_keys(folder)?;
    if !paths(folder, "pem")?.is_empty() {
        return Ok(());
    }
    let pair = Ed25519KeyPair::generate().context("cannot make a key")?;
    let document = pair.to_pkcs8v1().context("cannot write a key")?;
    let body = STANDARD.encode(document.as_ref());
    let text = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    let path = folder.join("0001.pem");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, text.as_bytes())?;
    Ok(())
}

fn paths(folder: &Path, kind: &str) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let mut paths = Vec::new();
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("cannot read the folder of keys {}", folder.display()))?
    {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == kind) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// All keys of the folder, by name.
pub(super) fn load(folder: &Path) -> anyhow::Result<Vec<SigningKey>> {
    let keys: Vec<SigningKey> = paths(folder, "pem")?
        .iter()
        .map(|path| read(path).with_context(|| format!("{} is no Ed25519 key in PKCS#8 PEM", path.display())))
        .collect::<anyhow::Result<_>>()?;
    anyhow::ensure!(!keys.is_empty(), "no signing key (*.pem) in {}", folder.display());
    Ok(keys)
}

/// The same while the process runs: what cannot be read (a file that is being copied) is left out.
pub(super) fn load_readable(folder: &Path) -> anyhow::Result<Vec<SigningKey>> {
    let read = |path: &std::path::PathBuf| {
        read(path).inspect_err(|error| tracing::warn!(%error, path = %path.display(), "no signing key")).ok()
    };
    Ok(paths(folder, "pem")?.iter().filter_map(read).collect())
}

/// The key pair that is last by name, for what is signed once and kept, with its id.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn newest_signing_key(folder: &Path) -> anyhow::Result<(String, Ed25519KeyPair)> {
    let path =
        paths(folder, "pem")?.pop().with_context(|| format!("no signing key (*.pem) in {}", folder.display()))?;
    let (_, pair) = pair(&path)?;
    let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    Ok((thumbprint(&public), pair))
}

/// In front of the 32 bytes of an Ed25519 key in a public key's file (RFC 8410).
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The public halves of all keys in the folder, each with its id, base64url; of keys that sign no more
/// too, where only that half was kept (`*.pub`). For what is signed once and checked for years.
///
/// # Errors
/// When there is none, or one that cannot be read.
pub fn public_signing_keys(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut keys = Vec::new();
    for path in paths(folder, "pem")? {
        let key = read(&path).with_context(|| format!("{} is no Ed25519 key in PKCS#8 PEM", path.display()))?;
        keys.push((key.id, key.public));
    }
    for path in paths(folder, "pub")? {
        let document = body(&path)?;
        let key = document.strip_prefix(&PUBLIC).filter(|key| key.len() == 32);
        let key = key.with_context(|| format!("{} is no public Ed25519 key in PEM", path.display()))?;
        let public = URL_SAFE_NO_PAD.encode(key);
        keys.push((thumbprint(&public), public));
    }
    anyhow::ensure!(!keys.is_empty(), "no key (*.pem, *.pub) in {}", folder.display());
    Ok(keys)
}

fn body(path: &Path) -> anyhow::Result<Vec<u8>> {
    let text = std::fs::read_to_string(path)?;
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    Ok(STANDARD.decode(body)?)
}

fn pair(path: &Path) -> anyhow::Result<(Vec<u8>, Ed25519KeyPair)> {
    let document = body(path)?;
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&document)?;
    Ok((document, pair))
}

/// The thumbprint of RFC 7638 names the key the same on every machine.
fn thumbprint(public: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#)))
}

fn read(path: &Path) -> anyhow::Result<SigningKey> {
    // When the file came to be what and where it is; the time of its content travels with copies.
    let put_at = std::os::unix::fs::MetadataExt::ctime(&std::fs::metadata(path)?);
    let (document, pair) = pair(path)?;
    let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    Ok(SigningKey {
        id: thumbprint(&public),
        decoding: DecodingKey::from_ed_components(&public)?,
        encoding: EncodingKey::from_ed_der(&document),
        age_seconds: OffsetDateTime::now_utc().unix_timestamp() - put_at,
        public,
    })
}
