//! What a list of honours is drawn up by.

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;

use crate::Campus;
use crate::branches;
use crate::credits::Evidence;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::reports::Hundredths;
use crate::residents;

/// The most that are honoured of one sort.
const MOST: u16 = 500;
/// The longest period, in days.
const LONGEST: i64 = 366 * 5;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Credits that were earned and stand, in hundredths.
    Credits,
    /// Time that was learned, in milliseconds.
    Hours,
}

impl Measure {
    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "credits" => Some(Self::Credits),
            "hours" => Some(Self::Hours),
            _ => None,
        }
    }

    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credits => "credits",
            Self::Hours => "hours",
        }
    }

    /// A value in credits or hours: two decimals, half up.
    #[must_use]
    pub const fn figure(self, value: i64) -> Hundredths {
        Hundredths::new(match self {
            Self::Credits => value,
            // 36,000 ms are a hundredth of an hour.
            Self::Hours => (value + 18_000).div_euclid(36_000),
        })
    }
}

/// By what, for whom, and how many of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criteria {
    /// What is compared.
    pub measure: Measure,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Only of this branch and those below.
    pub branch_id: Option<Uuid>,
    /// Only people of this target group.
    pub group: Option<String>,
    /// Only credits known in one of these ways; empty: all.
    pub evidence: Vec<String>,
    /// How many people.
    pub individuals: u16,
    /// How many families.
    pub families: u16,
    /// How many branch schools and teaching points.
    pub units: u16,
}

/// Ways in which credits are known.
const GRADES: [Evidence; 5] =
    [Evidence::System, Evidence::Scanned, Evidence::CheckedIn, Evidence::Listed, Evidence::Declared];

/// Says all that is wrong at once.
pub(super) async fn check(campus: &Campus, connection: &mut Connection, criteria: &Criteria) -> Result<()> {
    let mut fields = Vec::new();
    let mut refuse = |field: &str, code| fields.push(FieldError { field: field.to_owned(), code });
    if criteria.from > campus.clock.today() {
        refuse("from", Code::DateInFuture);
    }
    if criteria.to < criteria.from || (criteria.to - criteria.from).whole_days() > LONGEST {
        refuse("to", Code::DateInvalid);
    }
    let counts = [("individuals", criteria.individuals), ("families", criteria.families), ("units", criteria.units)];
    for (field, count) in counts {
        if count > MOST {
            refuse(field, Code::ValueInvalid);
        }
    }
    let known = |grade: &String| GRADES.iter().any(|known| known.as_str() == grade);
    if !criteria.evidence.iter().all(known) {
        refuse("evidence", Code::ValueInvalid);
    }
    if let Some(branch) = criteria.branch_id
        && branches::find(connection, branch).await?.is_none()
    {
        refuse("branch_id", Code::BranchUnknown);
    }
    if let Some(group) = &criteria.group
        && !residents::are_groups(connection, std::slice::from_ref(group)).await?
    {
        refuse("group", Code::GroupUnknown);
    }
    if fields.is_empty() { Ok(()) } else { Err(Error::fields(fields)) }
}
