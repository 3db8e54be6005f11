//! Rows of residents.

use diesel::prelude::*;
use serde::Serialize;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::db::schema::residents;

/// A person on record. Their numbers are opened by [`Resident::contact`] alone.
#[derive(Debug, Clone, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = residents)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Resident {
    /// The record's id.
    pub id: Uuid,
    /// Eight digits, the last a check digit.
    pub learner_number: String,
    /// Normalised (see [`super::identity::normalise_name`]).
    pub name: String,
    /// The date of birth.
    pub birth_date: Date,
    /// `female` or `male`.
    pub gender: Option<String>,
    /// Codes of target groups.
    pub groups: Vec<String>,
    /// The branch they belong to.
    pub branch_id: Uuid,
    /// The civil date of registration.
    pub registered_on: Date,
    /// When the row was written.
    pub recorded_at: OffsetDateTime,
    /// The numbers as they are kept.
    #[diesel(embed)]
    pub(super) sealed: Sealed,
    /// What an older program wrote, until a job has sealed it.
    #[diesel(column_name = phone)]
    pub(super) plain_phone: Option<String>,
    #[diesel(column_name = id_number)]
    pub(super) plain_id_number: Option<String>,
}

/// Telephone and ID number as they are kept.
#[derive(Debug, Clone, Default, Queryable, Selectable, QueryableByName, AsChangeset)]
#[diesel(table_name = residents)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(treat_none_as_null = true)]
pub struct Sealed {
    pub(super) personal_key: Option<Vec<u8>>,
    pub(super) phone_sealed: Option<Vec<u8>>,
    pub(super) phone_index: Option<Vec<u8>>,
    pub(super) phone_tail_index: Option<Vec<u8>>,
    pub(super) id_number_sealed: Option<Vec<u8>>,
    pub(super) id_number_index: Option<Vec<u8>>,
}

/// A person to be recorded.
#[derive(Debug, Clone, Serialize)]
pub struct NewResident {
    /// The id to be.
    pub id: Uuid,
    /// Normalised.
    pub name: String,
    /// The date of birth.
    pub birth_date: Date,
    /// `female` or `male`.
    pub gender: Option<String>,
    /// Normalised.
    pub phone: Option<String>,
    /// 18 characters.
    pub id_number: Option<String>,
    /// Codes of target groups.
    pub groups: Vec<String>,
    /// The branch they register at.
    pub branch_id: Uuid,
    /// The civil date of registration.
    pub registered_on: Date,
    /// `roster`, `self`, `desk` or `demo`.
    pub origin: &'static str,
}

/// A person newly on record.
#[derive(Debug, Clone, QueryableByName)]
pub struct Recorded {
    /// The record's id.
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub id: Uuid,
    /// Their learner number.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub learner_number: String,
}
