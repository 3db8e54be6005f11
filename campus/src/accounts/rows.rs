//! Rows of accounts and sessions.

use diesel::prelude::*;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::schema::accounts;

/// Somebody who can log in.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Account {
    /// The account's id.
    pub id: Uuid,
    /// `resident`, `branch_staff` or `admin`.
    pub role: String,
    /// The name shown.
    pub name: String,
    /// The resident it belongs to.
    pub resident_id: Option<Uuid>,
    /// The branch that branch staff work for.
    pub branch_id: Option<Uuid>,
    /// In lower case.
    pub email: Option<String>,
    /// A PHC string; `None`: no password has been set.
    pub password_hash: Option<String>,
    /// Since when it is shut out.
    pub disabled_at: Option<OffsetDateTime>,
}
