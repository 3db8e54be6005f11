//! The proof of the ledger is the street centre's; a statement is its holder's, and checked by whoever has
//! its code.

use super::Object::Resident;
use super::{Case, RESIDENT_READ, about, open, plain};

pub(super) const CASES: &[Case] = &[
    plain("GET /ledger-roots", "", [&[401], &[403], &[403], &[200]]),
    plain("GET /ledger-audits", "", [&[401], &[403], &[403], &[200]]),
    plain("POST /ledger-audits", "", [&[401], &[403], &[403], &[202]]),
    plain("GET /me/credit-account/statement", "", RESIDENT_READ),
    plain("GET /me/credit-account/history", "", RESIDENT_READ),
    about("GET /credit-statements/{code}", Resident, "", open(&[404, 404, 404])),
];
