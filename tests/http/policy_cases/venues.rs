//! Venues: kept by staff for their own branches, by admins for all.

use super::Object::{Branch, Venue};
use super::{Case, STAFF_200, STAFF_201, STAFF_READ, about, plain};

pub(super) const CASES: &[Case] = &[
    plain("GET /venues", "", STAFF_READ),
    about("GET /branches/{id}/venues", Branch, "", STAFF_200),
    about("POST /branches/{id}/venues", Branch, r#"{"name": "$NEW", "seats": 40}"#, STAFF_201),
    about("PATCH /venues/{id}", Venue, r#"{"seats": 41}"#, STAFF_200),
    about("POST /venues/{id}/closure", Venue, "", STAFF_201),
];
