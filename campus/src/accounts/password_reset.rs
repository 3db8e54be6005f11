//! A forgotten password, set anew with a link that comes by mail.
//!
//! Asking for one looks nothing up: it writes a job, for a login that exists and for one that does
//! not, so that neither the answer nor its time tells which. The job sends what there is to send.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use serde_json::{Value, json};
use time::Duration;

use super::devices::Visitor;
use super::log_in::candidates;
use super::new_password::NewPassword;
use super::password_reset_queries as queries;
use super::rows::Account;
use super::session::{Opened, enter, hash, new_token};
use super::tokens::Sessions;
use super::{password_reset_letter, throttle};
use crate::Campus;
use crate::error::{Code, Error, Result};
use crate::jobs::{Handler, NewJob, enqueue};
use crate::language::Language;
use crate::mail;

/// How long a link serves.
pub const LINK_SERVES: Duration = Duration::hours(1);
/// How many links of one account serve at the same time: more mail than that is a nuisance that
/// somebody makes. Each stays good, so that who asks in somebody's name voids nothing.
const MOST_LINKS: i64 = 3;
/// What the login is sealed for in the job's payload.
const CONTEXT: &str = "password_reset_request";

/// Has a link mailed to whoever logs in with `login` and has an e-mail address.
///
/// # Errors
/// Too many requests from one address; what the database says. Never whether there is anybody.
pub async fn request_reset(campus: &Campus, visitor: &Visitor, login: &str, language: Language) -> Result<()> {
    throttle::admit_mail(campus, visitor).await?;
    let sealed = STANDARD.encode(campus.seal.seal(CONTEXT, login.as_bytes())?);
    let payload = json!({"login": sealed, "language": language.tag()});
    let unique = format!("password_reset:{}", throttle::digest(login));
    let job = NewJob::new(MailResetLink.kind(), payload, campus.clock.now()).on("mail").unique(unique);
    enqueue(&mut *campus.database.connection().await?, &job).await?;
    campus.signals.wake_workers().await;
    Ok(())
}

/// Sets a password with the token of a link, ends the account's sessions and opens one.
///
/// # Errors
/// [`Code::PasswordResetInvalid`]; the field `password`, which spends nothing;
/// [`Code::SecondFactorRequired`] once the password is set, where there is a second factor.
pub async fn confirm_reset(
    campus: &Campus,
    sessions: &Sessions,
    visitor: &Visitor,
    token: &str,
    password: &str,
) -> Result<Opened> {
    let (now, hash) = (campus.clock.now(), hash(token));
    let owner = queries::owner(&mut *campus.database.connection().await?, &hash, now).await?;
    let Some(owner) = owner else {
        throttle::admit_address(campus, visitor).await?;
        return Err(Error::code(Code::PasswordResetInvalid));
    };
    let new = NewPassword::make(campus, sessions, &owner, password).await?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if !queries::spend(connection, owner.id, &hash).await? {
                return Err(Error::code(Code::PasswordResetInvalid));
            }
            new.set(connection, &owner, "mailed_link", now).await
        })
        .await?;
    sessions.forget_account(owner.id);
    enter(campus, sessions, visitor, &owner).await
}

/// Mails the links that were asked for with one login.
#[derive(Debug, Clone, Copy)]
pub struct MailResetLink;

#[async_trait]
impl Handler for MailResetLink {
    fn kind(&self) -> &'static str {
        "mail_reset_link"
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        #[derive(Deserialize)]
        struct Payload {
            login: String,
            language: String,
        }
        let Payload { login, language } = Payload::deserialize(payload)?;
        let sealed = STANDARD.decode(login).map_err(Error::internal)?;
        let login = String::from_utf8(campus.seal.open(CONTEXT, &sealed)?).map_err(Error::internal)?;
        let found = candidates(campus, &mut *campus.database.connection().await?, &login).await?;
        for account in &found {
            mail_link(campus, account, Language::from_accept_language(&language)).await?;
        }
        Ok(())
    }
}

async fn mail_link(campus: &Campus, account: &Account, language: Language) -> Result<()> {
    let Some(address) = &account.email else { return Ok(()) };
    let now = campus.clock.now();
    let (token, hash) = new_token();
    let letter = password_reset_letter::write(&campus.config.site_url, account, address, language);
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::count(connection, account.id, now).await? >= MOST_LINKS {
                return Ok(());
            }
            queries::insert(connection, &hash, account.id, now, now + LINK_SERVES).await?;
            mail::queue_with_secret(campus, connection, "password_reset", &letter, &token).await?;
            Ok::<_, Error>(())
        })
        .await
}
