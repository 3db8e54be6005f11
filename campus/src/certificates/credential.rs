//! A certificate as a credential that any program can check: Open Badges 3.0, which is a Verifiable
//! Credential of the W3C.

use serde::Serialize;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::signer::Signer;
use super::{Attested, queries};
use crate::Campus;
use crate::branches;
use crate::db::Connection;
use crate::error::{Code, Error, Result};

/// Who issues credentials here, and the keys by which they are checked.
#[derive(Debug, Clone, Serialize)]
pub struct Issuer {
    /// The address of this document.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Each key that has signed: its id in full, and the key as a Multikey.
    pub keys: Vec<(String, String)>,
}

fn issuer_address(site: &str) -> String {
    format!("{site}/api/v1/certificate-issuer")
}

fn credential_address(site: &str, code: &str) -> String {
    format!("{site}/api/v1/certificates/{code}/credential")
}

/// Who issues credentials on this site.
///
/// # Errors
/// What the database says.
pub async fn issuer(connection: &mut Connection, site: &str) -> Result<Issuer> {
    let id = issuer_address(site);
    let name = branches::street_name(connection).await?.unwrap_or_else(|| "常青学堂".to_owned());
    let keys = queries::keys(connection).await?;
    let keys = keys.into_iter().map(|(key, public)| (format!("{id}#{key}"), public)).collect();
    Ok(Issuer { id, name, keys })
}

/// What was revoked, each with its address and why.
///
/// # Errors
/// What the database says.
pub async fn revocations(connection: &mut Connection, site: &str) -> Result<Vec<(String, String)>> {
    let revoked = queries::revoked(connection).await?;
    Ok(revoked
        .into_iter()
        .map(|(code, reason)| (credential_address(site, &code), reason.unwrap_or_default()))
        .collect())
}

/// The credential, signed now.
pub(super) async fn signed(campus: &Campus, attested: &Attested, site: &str) -> Result<Value> {
    let holder = attested.holder.as_deref().ok_or_else(|| Error::code(Code::NotFound))?;
    let signer = Signer::open(&campus.config)?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    // Before it is given away: whoever checks it finds the key.
    queries::remember_key(connection, &signer.id, &signer.public_key(), now).await?;
    let issuer = issuer(connection, site).await?;
    let written = |at: time::OffsetDateTime| campus.clock.local(at).format(&Rfc3339).map_err(Error::internal);
    let certificate = &attested.certificate;
    let course = format!("{site}/course/?id={}", certificate.course_id);
    let document = json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": credential_address(site, &certificate.code),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": certificate.course_title,
        "issuer": {"id": issuer.id, "type": ["Profile"], "name": attested.issuer},
        "validFrom": written(certificate.issued_at)?,
        "awardedDate": written(certificate.completed_at)?,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "identityHash": holder, "identityType": "name", "hashed": false},
            ],
            "achievement": {
                "id": course,
                "type": ["Achievement"],
                "achievementType": "Course",
                "name": certificate.course_title,
                "description": certificate.course_title,
                "criteria": {"narrative": "学完课程的全部课时。Every lesson of the course has been finished."},
            },
        },
        "credentialStatus": {
            "id": format!("{site}/api/v1/certificate-revocations"),
            "type": "1EdTechRevocationList",
        },
    });
    signer.sign(document, &issuer.id, &written(now)?)
}
