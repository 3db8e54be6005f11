//! Settings of a start on one machine, from environment variables.

use std::env;
use std::net::IpAddr;
use std::path::PathBuf;

use campus::config::{on_or_off, site_url};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What a start is told. Every value has a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `HOST`: address to listen on, every interface by default.
    pub host: IpAddr,
    /// `PORT`: port to listen on, 8080 by default; 0 takes any free one.
    pub port: u16,
    /// `DATA_DIR`: folder for everything that is kept, `./data` by default.
    pub data_dir: PathBuf,
    /// `DEMO`: whether an empty data folder is filled with the demo network; on by default.
    pub demo: bool,
    /// `CLOCK_START`: the site's clock runs from this moment on, for trying and testing.
    pub clock_start: Option<OffsetDateTime>,
    /// `BEHIND_PROXY`: whether a proxy in front says who asks and whether by TLS; off by default.
    pub behind_proxy: bool,
    /// `SITE_URL`: where people reach the site, for links in mails and as a host that requests may
    /// name; this machine's own name for itself by default.
    pub site_url: Option<String>,
}

/// A setting that cannot be understood; the text says what it may be.
#[derive(Debug, thiserror::Error)]
#[error("{name}={value} is not understood: {hint}")]
pub struct SettingsError {
    name: &'static str,
    value: String,
    hint: &'static str,
}

impl Settings {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// The first setting that cannot be understood.
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::from_lookup(|name| env::var(name).ok())
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let value = |name| lookup(name).filter(|value| !value.trim().is_empty());
        let host = match value("HOST") {
            None => IpAddr::from([0, 0, 0, 0]),
            Some(value) => parse("HOST", &value, "give an IP address such as 0.0.0.0", |v| v.parse().ok())?,
        };
        let port = match value("PORT") {
            None => 8080,
            Some(value) => parse("PORT", &value, "give a number from 0 to 65535", |v| v.parse().ok())?,
        };
        let demo = match value("DEMO") {
            None => true,
            Some(value) => parse("DEMO", &value, "say on or off", on_or_off)?,
        };
        let clock_start = match value("CLOCK_START") {
            None => None,
            Some(value) => {
                Some(parse("CLOCK_START", &value, "give a time with offset such as 2026-12-05T23:59:00+08:00", |v| {
                    OffsetDateTime::parse(v, &Rfc3339).ok()
                })?)
            }
        };
        let behind_proxy = match value("BEHIND_PROXY") {
            None => false,
            Some(value) => parse("BEHIND_PROXY", &value, "say on or off", on_or_off)?,
        };
        let site_url = match value("SITE_URL") {
            None => None,
            Some(value) => Some(parse("SITE_URL", &value, "give an address such as https://learn.example.org", |v| {
                site_url(v).ok()
            })?),
        };
        Ok(Self {
            host,
            port,
            data_dir: value("DATA_DIR").map_or_else(|| PathBuf::from("data"), PathBuf::from),
            demo,
            clock_start,
            behind_proxy,
            site_url,
        })
    }
}

fn parse<T>(
    name: &'static str,
    value: &str,
    hint: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, SettingsError> {
    read(value.trim()).ok_or_else(|| SettingsError { name, value: value.to_owned(), hint })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_lookup(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_has_to_be_set() {
        let settings = read(&[("PORT", "")]).unwrap();
        assert_eq!(settings.port, 8080);
        assert_eq!(settings.data_dir, PathBuf::from("data"));
        assert!(settings.demo && settings.clock_start.is_none());
    }

    #[test]
    fn everything_can_be_set() {
        let settings = read(&[
            ("HOST", "127.0.0.1"),
            ("PORT", "9000"),
            ("DATA_DIR", "/srv/changqing"),
            ("DEMO", "off"),
            ("BEHIND_PROXY", "1"),
            ("SITE_URL", "https://learn.example.org/"),
            ("CLOCK_START", "2026-12-05T23:59:00+08:00"),
        ])
        .unwrap();
        assert_eq!(settings.port, 9000);
        assert!(!settings.demo && settings.behind_proxy);
        assert_eq!(settings.site_url.as_deref(), Some("https://learn.example.org"));
        let clock = settings.clock_start.unwrap();
        assert_eq!(clock.unix_timestamp(), 1_796_486_340);
    }

    #[test]
    fn what_is_not_understood_is_named_with_what_it_may_be() {
        for (name, value, hint) in [
            ("PORT", "eighty", "0 to 65535"),
            ("HOST", "localhost", "IP address"),
            ("DEMO", "maybe", "on or off"),
            ("CLOCK_START", "2026-12-05", "+08:00"),
            ("SITE_URL", "https://learn.example.org/office", "https://learn.example.org"),
        ] {
            let line = read(&[(name, value)]).unwrap_err().to_string();
            assert!(line.contains(name) && line.contains(hint), "{line}");
        }
    }
}
