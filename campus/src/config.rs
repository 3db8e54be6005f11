//! Configuration from the environment: one struct per concern.

use std::path::PathBuf;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::clock::Clock;
use crate::lrs::{LrsConfig, PATIENCE};
use crate::mail::MailConfig;
use crate::storage::StorageConfig;

/// Where one admin may award as much as they like; then awards do not wait for each other either.
pub const NO_AWARD_LIMIT: i64 = i64::MAX;

/// Everything the domain needs from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// PostgreSQL, as the application's role.
    pub database_url: String,
    /// How many connections at most.
    pub database_connections: usize,
    /// Redis; may be missing.
    pub redis_url: Option<String>,
    /// Object storage.
    pub storage: StorageConfig,
    /// Where mail goes.
    pub mail: MailConfig,
    /// Who mail is from.
    pub mail_from: String,
    /// The folder with the signing keys (`*.pem`, PKCS#8 Ed25519): the last by name signs,
    /// all of them verify; and with those that seal (`*.key`, see [`crate::seal`]).
    pub signing_keys: PathBuf,
    /// The day of the month on which the month before is closed, at 00:00.
    pub closing_day: u8,
    /// How long Redis may take for one answer before it is gone on without.
    pub redis_patience: Duration,
    /// For how many months points last after the one they came in with.
    pub points_last_months: u16,
    /// What one admin may award alone on a civil day; more waits for a second person. In hundredths of a credit;
    /// of points, as many. [`NO_AWARD_LIMIT`]: as much as they like.
    pub award_second_person_above: i64,
    /// How many passwords are hashed at the same time.
    pub password_hashing: usize,
    /// The street's telephone for help.
    pub help_telephone: String,
    /// Where people reach the site (`https://learn.example.org`, without a slash at the end): links
    /// in mails lead there, and requests may name it as their host. Never taken from a request,
    /// which anybody can send.
    pub site_url: String,
    /// The learning record store that is told what is learned; may be missing.
    pub lrs: Option<LrsConfig>,
    /// Who is mailed the ledger's root each day; may be missing.
    pub auditor_email: Option<String>,
}

/// A site's address as `SITE_URL` gives it.
///
/// # Errors
/// When it is no address with `http://` or `https://` and nothing behind the host.
pub fn site_url(text: &str) -> anyhow::Result<String> {
    let plain = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = plain.strip_prefix("https://").or_else(|| plain.strip_prefix("http://"));
    let is_host = |host: &str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    };
    anyhow::ensure!(
        host.is_some_and(is_host),
        "SITE_URL must look like https://learn.example.org, without a path, not {text}"
    );
    Ok(plain)
}

fn required(name: &str) -> anyhow::Result<String> {
    std::env::var(name).map_err(|_| anyhow::anyhow!("the environment variable {name} is missing"))
}

fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> anyhow::Result<T> {
    optional(name).map_or(Ok(default), |value| {
        value.parse().map_err(|_| anyhow::anyhow!("the environment variable {name} is no number: {value}"))
    })
}

impl Config {
    /// Reads the environment; the README's section on more than one machine lists the names.
    ///
    /// # Errors
    /// Names the variable that is missing or cannot be read.
    pub fn from_environment() -> anyhow::Result<Self> {
        let mail = match (optional("SMTP_URL"), optional("MAILBOX_DIR")) {
            (Some(url), _) => MailConfig::Smtp(url),
            (None, Some(folder)) => MailConfig::Folder(folder.into()),
            (None, None) => anyhow::bail!("set SMTP_URL (or MAILBOX_DIR for a folder)"),
        };
        Ok(Self {
            database_url: required("DATABASE_URL")?,
            database_connections: number("DATABASE_CONNECTIONS", 16)?,
            redis_url: optional("REDIS_URL"),
            storage: StorageConfig {
                endpoint: required("STORAGE_ENDPOINT")?,
                public_endpoint: optional("STORAGE_PUBLIC_ENDPOINT"),
                bucket: required("STORAGE_BUCKET")?,
                prefix: optional("STORAGE_PREFIX").unwrap_or_default(),
                region: optional("STORAGE_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
                access_key: required("STORAGE_ACCESS_KEY")?,
                secret_key: required("STORAGE_SECRET_KEY")?,
            },
            mail,
            mail_from: optional("MAIL_FROM").unwrap_or_else(|| "常青学堂 <noreply@changqing.example>".to_owned()),
            signing_keys: required("SIGNING_KEYS_DIR")?.into(),
            closing_day: number("CLOSING_DAY", 6)?,
            redis_patience: crate::signals::PATIENCE,
            points_last_months: number("POINTS_LAST_MONTHS", 24)?,
            award_second_person_above: number("AWARD_SECOND_PERSON_ABOVE", 1_000_i64)?.saturating_mul(100),
            password_hashing: number("PASSWORD_HASHING", 2)?,
            help_telephone: optional("HELP_TELEPHONE").unwrap_or_else(|| "12345".to_owned()),
            site_url: site_url(&optional("SITE_URL").unwrap_or_else(|| "http://localhost:8080".to_owned()))?,
            lrs: lrs_from_environment()?,
            auditor_email: optional("AUDITOR_EMAIL"),
        })
    }
}

/// The learning record store that `LRS_ENDPOINT`, `LRS_USERNAME` and `LRS_PASSWORD` name; none where
/// the first is not set.
///
/// # Errors
/// When one of them is missing or cannot be read.
pub fn lrs_from_environment() -> anyhow::Result<Option<LrsConfig>> {
    let Some(endpoint) = optional("LRS_ENDPOINT") else { return Ok(None) };
    let plain = endpoint.trim().trim_end_matches('/').to_owned();
    let is_address =
        (plain.starts_with("https://") || plain.starts_with("http://")) && !plain.contains(['?', '#', ' ']);
    anyhow::ensure!(is_address, "LRS_ENDPOINT must look like https://lrs.example.org/xapi, not {endpoint}");
    let (username, password) = (required("LRS_USERNAME")?, required("LRS_PASSWORD")?);
    Ok(Some(LrsConfig { endpoint: plain, username, password, patience: PATIENCE }))
}

/// The clock that `TIME_ZONE` and `CLOCK_START` (RFC 3339) ask for.
///
/// # Errors
/// When either cannot be read.
pub fn clock_from_environment() -> anyhow::Result<Clock> {
    let zone = optional("TIME_ZONE").unwrap_or_else(|| "Asia/Shanghai".to_owned());
    match optional("CLOCK_START") {
        None => Clock::live(&zone),
        Some(text) => {
            let start = OffsetDateTime::parse(&text, &Rfc3339)
                .map_err(|_| anyhow::anyhow!("CLOCK_START must look like 2026-12-05T23:59:00+08:00, not {text}"))?;
            Clock::starting_at(&zone, start)
        }
    }
}

/// What a setting that is either on or off says; `None` when it says neither.
#[must_use]
pub fn on_or_off(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "on" | "1" | "true" | "yes" => Some(true),
        "off" | "0" | "false" | "no" => Some(false),
        _ => None,
    }
}
