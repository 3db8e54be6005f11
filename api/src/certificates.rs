//! Certificates: one's own, and checking anybody's.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use campus::access::{Learn, RevokeCertificates, SeeCertificates};
use campus::certificates::{self, Attested, Certificate, CertificateFilter, CertificateItem};
use campus::paging::PageRequest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::catalogue::credits;
use crate::detach::detached;
use crate::input::{Input, Query};
use crate::limits;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// One of one's own certificates.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnCertificate {
    /// As it is printed: `7K3M-9QZT-2B4D-XH6W`.
    code: String,
    course_id: Uuid,
    course_title: String,
    credits: String,
    #[serde(with = "time::serde::rfc3339")]
    completed_at: OffsetDateTime,
    /// `valid` or `revoked`.
    status: &'static str,
}

/// One's certificates, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnCertificateList {
    items: Vec<OwnCertificate>,
}

/// What a certificate says, and whether it still stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateBody {
    code: String,
    /// `valid` or `revoked`.
    status: &'static str,
    /// Whose it is; `null`: they have left and are named no more.
    holder_name: Option<String>,
    course_id: Uuid,
    course_title: String,
    /// The branch that made the course.
    issuer_name: String,
    credits: String,
    #[serde(with = "time::serde::rfc3339")]
    completed_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    issued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    revoked_at: Option<OffsetDateTime>,
    revoked_reason: Option<String>,
}

/// Which certificates, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
pub struct CertificateQuery {
    course_id: Option<Uuid>,
    resident_id: Option<Uuid>,
    /// However it is typed.
    code: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Whose a certificate is.
#[derive(Debug, Serialize, ToSchema)]
pub struct HolderBody {
    id: Uuid,
    learner_number: String,
    name: String,
    branch_id: Uuid,
}

/// A certificate in the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedCertificate {
    /// As it is printed: `7K3M-9QZT-2B4D-XH6W`.
    code: String,
    /// `valid` or `revoked`.
    status: &'static str,
    /// `null`: they have left and are named no more.
    holder: Option<HolderBody>,
    course_id: Uuid,
    course_title: String,
    credits: String,
    #[serde(with = "time::serde::rfc3339")]
    completed_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    revoked_at: Option<OffsetDateTime>,
    revoked_reason: Option<String>,
}

/// Certificates of one's residents.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateList {
    items: Vec<ListedCertificate>,
    next_cursor: Option<String>,
}

/// Why a certificate is revoked.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RevocationInput {
    /// At most 500 characters; whoever checks the certificate reads it.
    reason: String,
}

/// Who issues credentials here (an Open Badges profile), with the keys by which they are checked.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuerBody {
    #[serde(rename = "@context")]
    context: [&'static str; 3],
    id: String,
    #[serde(rename = "type")]
    kind: [&'static str; 1],
    name: String,
    #[serde(rename = "verificationMethod")]
    verification_method: Vec<KeyBody>,
    /// The ids of the keys.
    #[serde(rename = "assertionMethod")]
    assertion_method: Vec<String>,
}

/// A key that has signed credentials (Multikey, Ed25519).
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyBody {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    controller: String,
    #[serde(rename = "publicKeyMultibase")]
    public_key: String,
}

/// Every credential that was revoked (`1EdTechRevocationList`).
#[derive(Debug, Serialize, ToSchema)]
pub struct RevocationList {
    id: String,
    issuer: String,
    #[serde(rename = "revokedCredential")]
    revoked: Vec<RevokedCredential>,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevokedCredential {
    id: String,
    revoked: bool,
    #[serde(rename = "revocationReason")]
    reason: String,
}

const fn status(certificate: &Certificate) -> &'static str {
    if certificate.revoked_at.is_some() { "revoked" } else { "valid" }
}

impl CertificateBody {
    fn new(attested: Attested, state: &State) -> Self {
        let clock = &state.campus.clock;
        let Attested { certificate, holder, issuer: issuer_name } = attested;
        Self {
            code: certificates::printed_code(&certificate.code),
            status: status(&certificate),
            holder_name: holder,
            course_id: certificate.course_id,
            issuer_name,
            credits: credits(certificate.credits),
            completed_at: clock.local(certificate.completed_at),
            issued_at: clock.local(certificate.issued_at),
            revoked_at: certificate.revoked_at.map(|at| clock.local(at)),
            revoked_reason: certificate.revoked_reason,
            course_title: certificate.course_title,
        }
    }
}

impl ListedCertificate {
    fn new(item: CertificateItem, state: &State) -> Self {
        let clock = &state.campus.clock;
        let CertificateItem { certificate, holder } = item;
        let holder = holder.map(|holder| HolderBody {
            id: holder.id,
            learner_number: holder.learner_number,
            name: holder.name,
            branch_id: holder.branch_id,
        });
        Self {
            code: certificates::printed_code(&certificate.code),
            status: status(&certificate),
            holder,
            course_id: certificate.course_id,
            credits: credits(certificate.credits),
            completed_at: clock.local(certificate.completed_at),
            revoked_at: certificate.revoked_at.map(|at| clock.local(at)),
            revoked_reason: certificate.revoked_reason,
            course_title: certificate.course_title,
        }
    }
}

fn code_of(request: &HttpRequest) -> &str {
    request.match_info().get("code").unwrap_or_default()
}

/// One's certificates: one for each course one has finished.
#[utoipa::path(tag = "certificates", responses((status = 200, body = OwnCertificateList)))]
#[get("/me/certificates")]
pub async fn own(state: Data<State>, permit: Permit<Learn>) -> Answer {
    let found = certificates::own(&mut *state.campus.database.connection().await?, &permit).await?;
    let items = found.into_iter().map(|certificate| OwnCertificate {
        code: certificates::printed_code(&certificate.code),
        course_id: certificate.course_id,
        credits: credits(certificate.credits),
        completed_at: state.campus.clock.local(certificate.completed_at),
        status: status(&certificate),
        course_title: certificate.course_title,
    });
    Ok(HttpResponse::Ok().json(OwnCertificateList { items: items.collect() }))
}

/// Certificates of one's residents, the newest first; of a course, of a person, or by code.
#[utoipa::path(tag = "certificates", params(CertificateQuery), responses((status = 200, body = CertificateList)))]
#[get("/certificates")]
pub async fn list(state: Data<State>, permit: Permit<SeeCertificates>, query: Query<CertificateQuery>) -> Answer {
    let Query(CertificateQuery { course_id, resident_id, code, limit, cursor }) = query;
    let filter = CertificateFilter { course_id, resident_id, code };
    let connection = &mut *state.campus.database.connection().await?;
    let page = certificates::list(connection, &permit, &filter, &PageRequest { limit, cursor }).await?;
    let items = page.items.into_iter().map(|item| ListedCertificate::new(item, &state));
    Ok(HttpResponse::Ok().json(CertificateList { items: items.collect(), next_cursor: page.next_cursor }))
}

/// Check a certificate by its code, however it is typed.
#[utoipa::path(tag = "certificates", security(()), params(("code" = String, Path,)), responses((status = 200, body = CertificateBody)))]
#[get("/certificates/{code}")]
pub async fn single(state: Data<State>, request: HttpRequest) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let attested = certificates::attested(connection, code_of(&request)).await?;
    Ok(HttpResponse::Ok().json(CertificateBody::new(attested, &state)))
}

/// A certificate on paper.
#[utoipa::path(tag = "certificates", security(()), params(("code" = String, Path,)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
#[get("/certificates/{code}/document")]
pub async fn paper(state: Data<State>, request: HttpRequest) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let attested = certificates::attested(connection, code_of(&request)).await?;
    let page = format!("{}/certificate/", limits::site(&state, &request));
    let document = certificates::document(&state.campus, &attested, &page)?;
    let name = format!("inline; filename=\"certificate-{}.pdf\"", attested.certificate.code);
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(document))
}

/// A certificate as a signed credential (Open Badges 3.0, a W3C Verifiable Credential with an
/// `eddsa-jcs-2022` proof).
#[utoipa::path(tag = "certificates", security(()), params(("code" = String, Path,)), responses((status = 200, body = serde_json::Value)))]
#[get("/certificates/{code}/credential")]
pub async fn credential(state: Data<State>, request: HttpRequest) -> Answer {
    let attested = certificates::attested(&mut *state.campus.database.connection().await?, code_of(&request)).await?;
    let signed = certificates::credential(&state.campus, &attested, &limits::site(&state, &request)).await?;
    Ok(HttpResponse::Ok().content_type("application/vc+ld+json").body(signed.to_string()))
}

/// Revoke a certificate.
#[utoipa::path(tag = "certificates", params(("code" = String, Path,)), request_body = RevocationInput,
    responses((status = 201, body = CertificateBody)))]
#[post("/certificates/{code}/revocation")]
pub async fn revoke(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<RevokeCertificates>,
    input: Input<RevocationInput>,
) -> Answer {
    let code = code_of(&request).to_owned();
    let campus = state.campus.clone();
    let attested =
        detached(async move { certificates::revoke(&campus, &permit, &code, &input.0.reason).await }).await?;
    Ok(HttpResponse::Created().json(CertificateBody::new(attested, &state)))
}

/// Who issues credentials here, and by which keys they are checked.
#[utoipa::path(tag = "certificates", security(()), responses((status = 200, body = IssuerBody)))]
#[get("/certificate-issuer")]
pub async fn issuer(state: Data<State>, request: HttpRequest) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let issuer = certificates::issuer(connection, &limits::site(&state, &request)).await?;
    let key = |(id, public_key): (String, String)| KeyBody {
        id,
        kind: "Multikey",
        controller: issuer.id.clone(),
        public_key,
    };
    let keys: Vec<KeyBody> = issuer.keys.into_iter().map(key).collect();
    Ok(HttpResponse::Ok().json(IssuerBody {
        context: [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            "https://w3id.org/security/multikey/v1",
        ],
        assertion_method: keys.iter().map(|key| key.id.clone()).collect(),
        verification_method: keys,
        id: issuer.id,
        kind: ["Profile"],
        name: issuer.name,
    }))
}

/// Every credential that was revoked.
#[utoipa::path(tag = "certificates", security(()), responses((status = 200, body = RevocationList)))]
#[get("/certificate-revocations")]
pub async fn revocations(state: Data<State>, request: HttpRequest) -> Answer {
    let site = limits::site(&state, &request);
    let connection = &mut *state.campus.database.connection().await?;
    let revoked = certificates::revocations(connection, &site).await?;
    let revoked = revoked.into_iter().map(|(id, reason)| RevokedCredential { id, revoked: true, reason });
    Ok(HttpResponse::Ok().json(RevocationList {
        id: format!("{site}/api/v1/certificate-revocations"),
        issuer: certificates::issuer(connection, &site).await?.id,
        revoked: revoked.collect(),
    }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(own).service(list).service(single).service(paper).service(credential).service(revoke);
    config.service(issuer).service(revocations);
}
