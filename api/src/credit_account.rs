//! A resident's account at a glance, as they and their helpers see it.

use campus::credits::{self, Credits};
use serde::Serialize;
use utoipa::ToSchema;

/// One's own account. Credits are decimal strings.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditAccount {
    credits: String,
    points: i64,
    /// What is left of the points by when they expire, the next to expire first.
    expiring: Vec<ExpiringPoints>,
    /// Credits earned this month.
    this_month: String,
    /// Credits earned this year.
    this_year: String,
    today: Today,
}

impl CreditAccount {
    pub(crate) fn new(statement: &credits::Statement) -> Self {
        Self {
            credits: Credits(statement.credits).to_string(),
            points: statement.points,
            expiring: statement.expiring.iter().map(ExpiringPoints::new).collect(),
            this_month: Credits(statement.this_month).to_string(),
            this_year: Credits(statement.this_year).to_string(),
            today: Today {
                earned: Credits(statement.today.earned).to_string(),
                remaining: statement.today.remaining.map(|left| Credits(left).to_string()),
            },
        }
    }
}

/// Points that expire together.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpiringPoints {
    /// The last day on which they can be spent.
    #[schema(value_type = String, format = Date)]
    last_day: String,
    points: i64,
}

impl ExpiringPoints {
    fn new(lot: &credits::Lot) -> Self {
        Self { last_day: lot.last_day.to_string(), points: lot.points }
    }
}

/// Today's credits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Today {
    earned: String,
    /// What lessons may still earn today; `null` where there is no limit.
    remaining: Option<String>,
}
