//! The accounts file: who can log in to a fresh deployment, and with what.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use campus::accounts::second_factor;
use campus::ids::readable_secret;
use serde::{Deserialize, Serialize};

use super::people::{ADMIN, RESIDENTS, RESIDENTS_BRANCH, SECOND_ADMIN, STAFF};

/// Somebody who can log in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoAccount {
    /// `admin`, `branch_staff` or `resident`.
    pub role: String,
    /// An e-mail address or a telephone number.
    pub login: String,
    /// Made at the first start.
    pub password: String,
    /// The branch's code; `null` for admins.
    pub branch: Option<String>,
    /// Their name.
    pub name: String,
    /// The secret of an authenticator app, where one is set.
    pub totp_secret: Option<String>,
}

/// The file's name in the data folder.
pub const FILE: &str = "demo-accounts.json";

fn account(role: &str, login: &str, branch: Option<&str>, name: &str) -> DemoAccount {
    DemoAccount {
        role: role.to_owned(),
        login: login.to_owned(),
        password: readable_secret(4),
        branch: branch.map(str::to_owned),
        name: name.to_owned(),
        // Whoever can change anything needs a second factor.
        totp_secret: (role != "resident").then(second_factor::new_secret),
    }
}

/// The accounts of this data folder: those of an earlier start, else new ones, written down
/// before any is made, so that a start that was cut off is gone on with.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep(data_dir: &Path, demo: bool) -> anyhow::Result<Vec<DemoAccount>> {
    let path = data_dir.join(FILE);
    if path.exists() {
        let text = std::fs::read(&path)?;
        return serde_json::from_slice(&text).with_context(|| format!("{} cannot be read", path.display()));
    }
    let mut accounts = vec![account("admin", ADMIN.email, None, ADMIN.name)];
    if demo {
        accounts.push(account("admin", SECOND_ADMIN.email, None, SECOND_ADMIN.name));
        accounts.extend(
            STAFF.iter().map(|person| account("branch_staff", person.email, Some(person.branch_code), person.name)),
        );
        accounts.extend(
            RESIDENTS.iter().map(|person| account("resident", person.phone, Some(RESIDENTS_BRANCH), person.name)),
        );
    }
    let partial = data_dir.join(format!("{FILE}.new"));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(&serde_json::to_vec_pretty(&accounts)?)?;
    file.sync_all()?;
    std::fs::rename(&partial, &path)?;
    Ok(accounts)
}
