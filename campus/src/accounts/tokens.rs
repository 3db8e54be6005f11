//! Access tokens: ten minutes, EdDSA, verified once and then remembered until the account
//! changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jsonwebtoken::{Algorithm, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::key_ring::KeyRing;
use super::keys::JsonWebKeySet;
use super::passwords::Passwords;
use super::queries;
use super::rows::Account;
use crate::Campus;
use crate::access::{Actor, Role, SECOND_FACTOR_GRACE, SessionProof};
use crate::db::notices::Notice;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;

/// How long an access token holds, in seconds.
pub const ACCESS_SECONDS: i64 = 600;

const ISSUER: &str = "changqing";
const AUDIENCE: &str = "changqing-api";
const KIND: &str = "at+jwt";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
    /// The session (OpenID Connect Front-Channel Logout 1.0 names it so).
    sid: Uuid,
    /// When its holder last showed who they are (OpenID Connect Core 1.0), seconds.
    auth_time: i64,
}

struct Verified {
    actor: Actor,
    expires: i64,
}

/// Makes and checks access tokens, and checks passwords.
pub struct Sessions {
    keys: KeyRing,
    /// Checks passwords.
    pub passwords: Passwords,
    verified: Cache<String, Arc<Verified>>,
    /// Grows with every notice: what was read before one must not be remembered after it.
    generation: AtomicU64,
    /// Whether notices arrive; while they do not, nothing is remembered.
    hearing: AtomicBool,
}

impl Sessions {
    /// Reads the signing keys.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(campus: &Campus) -> anyhow::Result<Self> {
        Ok(Self {
            keys: KeyRing::open(&campus.config.signing_keys, campus.clock.now().unix_timestamp())?,
            passwords: Passwords::new(campus.config.password_hashing)?,
            verified: Cache::new(50_000),
            generation: AtomicU64::new(0),
            hearing: AtomicBool::new(false),
        })
    }

    /// Forgets verified tokens when their account changes anywhere.
    pub fn forget_on_notice(self: &Arc<Self>, campus: &Campus) {
        let sessions = Arc::clone(self);
        let mut notices = campus.notices.subscribe();
        tokio::spawn(async move {
            loop {
                let notice = match notices.recv().await {
                    Ok(notice) => notice,
                    // Which notices were missed nobody knows.
                    Err(RecvError::Lagged(_)) => Notice::Everything,
                    Err(RecvError::Closed) => return,
                };
                sessions.hear(&notice);
            }
        });
    }

    fn hear(&self, notice: &Notice) {
        if *notice == Notice::Catalogue {
            return;
        }
        // In this order: who remembers something meanwhile sees that the generation has moved.
        self.generation.fetch_add(1, Ordering::SeqCst);
        match notice {
            Notice::Account(id) => self.forget(id),
            _ => {
                self.hearing.store(*notice == Notice::Everything, Ordering::SeqCst);
                self.verified.clear();
            }
        }
    }

    /// Forgets the verified tokens of an account in this process, without waiting for the notice
    /// that every process gets: whoever has changed it finds the change at their next request.
    pub fn forget_account(&self, account_id: Uuid) {
        self.hear(&Notice::Account(account_id.to_string()));
    }

    /// Reads the keys again when that is due.
    fn look_at_keys(&self, now: i64) {
        if self.keys.look(now) {
            self.generation.fetch_add(1, Ordering::SeqCst);
            self.verified.clear();
        }
    }

    fn forget(&self, account: &str) {
        let Ok(account) = Uuid::try_parse(account) else { return self.verified.clear() };
        self.verified.retain(|_, verified| verified.actor.account_id != account);
    }

    /// An access token for an account, within a session.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn issue(&self, campus: &Campus, account_id: Uuid, session: &SessionProof) -> Result<String> {
        let now = campus.clock.now().unix_timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: account_id,
            iat: now,
            nbf: now,
            exp: now + ACCESS_SECONDS,
            jti: new_id(),
            sid: session.id,
            auth_time: session.proved_at.unix_timestamp(),
        };
        self.look_at_keys(now);
        let key = self.keys.signing(now).ok_or_else(|| Error::internal("no signing key"))?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(KIND.to_owned());
        header.kid = Some(key.id.clone());
        jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(Error::internal)
    }

    /// Whose token this is, where that is known already.
    pub fn remembered(&self, campus: &Campus, token: &str) -> Option<Actor> {
        let now = campus.clock.now().unix_timestamp();
        self.look_at_keys(now);
        self.verified.get(token).filter(|verified| now < verified.expires).map(|verified| verified.actor.clone())
    }

    /// Whose token this is, as their account stands now.
    ///
    /// # Errors
    /// [`Code::TokenInvalid`] for anything but a valid token of a session that has not ended and of
    /// an account that is not shut out.
    pub async fn actor(&self, campus: &Campus, token: &str) -> Result<Actor> {
        if let Some(actor) = self.remembered(campus, token) {
            return Ok(actor);
        }
        let now = campus.clock.now().unix_timestamp();
        let generation = self.generation.load(Ordering::SeqCst);
        let claims = self.claims(token, now)?;
        let connection = &mut *campus.database.connection().await?;
        let account = queries::holder(connection, claims.sub, claims.sid)
            .await?
            .ok_or_else(|| Error::code(Code::TokenInvalid))?;
        let proved_at =
            OffsetDateTime::from_unix_timestamp(claims.auth_time).map_err(|_| Error::code(Code::TokenInvalid))?;
        let mut actor = actor_of(&account, SessionProof { id: claims.sid, proved_at })?;
        actor.second_factor_due =
            queries::unguarded_since(connection, &account).await?.map(|since| since + SECOND_FACTOR_GRACE);
        if self.hearing.load(Ordering::SeqCst) {
            let verified = Arc::new(Verified { actor: actor.clone(), expires: claims.exp });
            self.verified.insert(token.to_owned(), verified);
            if self.generation.load(Ordering::SeqCst) != generation {
                self.verified.remove(token);
            }
        }
        Ok(actor)
    }

    fn claims(&self, token: &str, now: i64) -> Result<Claims> {
        let invalid = || Error::code(Code::TokenInvalid);
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid())?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(KIND) {
            return Err(invalid());
        }
        let key = header.kid.and_then(|id| self.keys.verifying(&id, now)).ok_or_else(invalid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        // Times are checked below against the injected clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).map_err(|_| invalid())?.claims;
        // Another machine's clock may be a little ahead.
        let begun = [claims.nbf, claims.iat, claims.auth_time].iter().all(|at| (0..=now + 5).contains(at));
        if claims.exp <= now || !begun || claims.exp - claims.iat > ACCESS_SECONDS {
            return Err(invalid());
        }
        Ok(claims)
    }

    /// The public keys.
    #[must_use]
    pub fn public_keys(&self, campus: &Campus) -> JsonWebKeySet {
        self.look_at_keys(campus.clock.now().unix_timestamp());
        self.keys.published()
    }
}

fn actor_of(account: &Account, session: SessionProof) -> Result<Actor> {
    Ok(Actor {
        account_id: account.id,
        role: Role::from_name(&account.role).ok_or_else(|| Error::internal("an account has an unknown role"))?,
        branch_id: account.branch_id,
        resident_id: account.resident_id,
        request_id: None,
        language: crate::language::Language::Chinese,
        session: Some(session),
        second_factor_due: None,
    })
}
