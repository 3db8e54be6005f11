//! Rows of consents.

use diesel::prelude::*;
use time::OffsetDateTime;

use crate::db::schema::consent_texts;

/// What people consent to.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = consent_texts)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct ConsentText {
    /// Its version; no other text has it.
    pub version: String,
    /// What it is for.
    pub purpose: String,
    /// Title in Chinese.
    pub title_zh: String,
    /// Text in Chinese.
    pub body_zh: String,
    /// Title in English.
    pub title_en: String,
    /// Text in English.
    pub body_en: String,
}

/// One time that somebody agreed.
#[derive(Debug, Clone, Queryable)]
pub struct Given {
    /// To what.
    pub purpose: String,
    /// To which version of it.
    pub version: String,
    /// When.
    pub given_at: OffsetDateTime,
    /// `web`, `desk` or `paper`.
    pub channel: String,
    /// When it was withdrawn.
    pub withdrawn_at: Option<OffsetDateTime>,
}
