//! Helpers: whom a resident allows to see, enrol and fill in for them.
//!
//! A helper never acts as the resident: they keep their own account, and each thing they do is
//! proved by [`CanHelp`] and audited under their own name. What has no such verb (watching, quizzes,
//! redeeming, secrets, further helpers) a helper cannot do.

mod allowance;
mod invitation;
mod queries;
mod rows;

use time::{Date, OffsetDateTime, util::days_in_month};
use uuid::Uuid;

pub use allowance::{
    Arrangement, arrange, end_all_at_the_desk, end_as_helper, end_as_resident, helped, helped_one, helpers,
};
pub use invitation::{Invitation, Invited, accept, invite, open_invitation, withdraw_invitation};
pub use rows::{Helped, Helper};

use crate::Campus;
use crate::access::{Actor, CanHelp, Proof};
use crate::audit::{self, Recorded, Search};
use crate::clock::Clock;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, PageRequest};
use crate::residents::Resident;

/// How many people one helper helps at most.
pub const MOST_HELPED: i64 = 5;
/// How many helpers one person has at most.
pub const MOST_HELPERS: i64 = 5;
/// For how many months a resident may allow it.
pub const MONTHS: [u8; 4] = [1, 3, 6, 12];

/// Proof that the actor may help this resident at this moment. Notes the day.
///
/// # Errors
/// [`Code::NotFound`] for everybody whom the resident does not allow it, or no longer.
pub async fn allowed(campus: &Campus, actor: &Actor, resident_id: Uuid) -> Result<CanHelp<Resident>> {
    let connection = &mut *campus.database.connection().await?;
    let (now, today) = (campus.clock.now(), campus.clock.today());
    let found = queries::allowed(connection, actor.account_id, resident_id, now).await?;
    let (allowance, last_used_on, resident) = found.ok_or_else(|| Error::code(Code::NotFound))?;
    if last_used_on != Some(today) {
        queries::note_use(connection, allowance, today).await?;
    }
    Ok(Proof::issue(resident))
}

/// What has been done for this resident by helpers, and how they came and went; newest first.
///
/// # Errors
/// A bad page; what the database says.
pub async fn acts(campus: &Campus, actor: &Actor, request: &PageRequest) -> Result<Page<Recorded>> {
    let search = Search { action: Some("help".to_owned()), object_id: Some(actor.resident()?), ..Search::default() };
    audit::search(&mut *campus.database.connection().await?, &search, request).await
}

/// When an allowance of so many months from today ends: with the start of that day.
fn expiry(clock: &Clock, months: u8) -> OffsetDateTime {
    clock.start_of(later(clock.today(), months))
}

/// The same day so many months later, or that month's last day.
fn later(date: Date, months: u8) -> Date {
    let mut month = date.month();
    let mut year = date.year();
    for _ in 0..months {
        month = month.next();
        year += i32::from(month == time::Month::January);
    }
    Date::from_calendar_date(year, month, date.day().min(days_in_month(month, year))).unwrap_or(date)
}

fn checked_months(months: u8) -> Result<u8> {
    if MONTHS.contains(&months) { Ok(months) } else { Err(Error::field("months", Code::ValueInvalid)) }
}

/// Writes what was done about a resident's helpers.
async fn note(
    connection: &mut Connection,
    actor: &Actor,
    action: &'static str,
    resident_id: Uuid,
    branch_id: Option<Uuid>,
    detail: serde_json::Value,
    at: OffsetDateTime,
) -> Result<()> {
    let object_id = Some(resident_id);
    let entry = audit::Entry { action, object_kind: "resident", object_id, branch_id, detail, actor: Some(actor) };
    audit::record(connection, at, &entry).await
}

#[cfg(test)]
mod tests {
    use super::later;
    use time::macros::date;

    #[test]
    fn months_end_where_there_is_no_such_day() {
        assert_eq!(later(date!(2026 - 11 - 22), 1), date!(2026 - 12 - 22));
        assert_eq!(later(date!(2026 - 11 - 30), 3), date!(2027 - 02 - 28));
        assert_eq!(later(date!(2028 - 02 - 29), 12), date!(2029 - 02 - 28));
        assert_eq!(later(date!(2026 - 12 - 31), 6), date!(2027 - 06 - 30));
    }
}
