//! In which branches something changed lately. Rows with ids of version 7 say by their id when they
//! were written, in the world's time, whatever the clock of the deployment says.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::error::Result;

/// A fact that changed a figure of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, QueryableByName)]
pub(super) struct Change {
    #[diesel(sql_type = SqlUuid)]
    pub(super) fact: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(super) branch_id: Uuid,
}

/// The least id of version 7 that can have been made `ago`.
fn least_id(ago: Duration) -> Uuid {
    let since =
        SystemTime::now().checked_sub(ago).and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let milliseconds = u128::from(u64::try_from(since.as_millis()).unwrap_or(u64::MAX) & 0xFFFF_FFFF_FFFF);
    Uuid::from_u128(milliseconds << 80)
}

/// What was written in the last `ago`: registrations, transfers and courses finished, and by what the audit says
/// of them who was put into other groups or has left. What was watched is told by those who write it
/// ([`crate::signals::Signals::changed`]).
pub(super) async fn lately(connection: &mut Connection, now: OffsetDateTime, ago: Duration) -> Result<Vec<Change>> {
    Ok(diesel::sql_query(
        "SELECT id AS fact, branch_id FROM credit_transfers WHERE id >= $1 \
         UNION ALL SELECT id, branch_id FROM residents WHERE id >= $1 \
         UNION ALL SELECT id, registered_branch_id FROM residents WHERE id >= $1 \
         UNION ALL SELECT id, branch_id FROM audit_entries WHERE id >= $1 AND branch_id IS NOT NULL \
             AND action IN ('resident.changed', 'help.filled_in', 'resident.left') \
         UNION ALL SELECT enrollments.resident_id, residents.branch_id FROM enrollments \
             JOIN residents ON residents.id = enrollments.resident_id WHERE completed_at >= $2",
    )
    .bind::<SqlUuid, _>(least_id(ago))
    .bind::<Timestamptz, _>(now - ago)
    .load(connection)
    .await?)
}

/// The branches of these changes.
pub(super) fn branches<'a>(changes: impl IntoIterator<Item = &'a Change>) -> HashSet<Uuid> {
    changes.into_iter().map(|change| change.branch_id).collect()
}

#[derive(QueryableByName)]
struct Structure {
    #[diesel(sql_type = Text)]
    structure: String,
}

/// Says the same as long as nobody moves, is joined or parted, and no branch changes: what changes it may
/// change the figures of several branches, in any open month.
pub(super) async fn structure(connection: &mut Connection) -> Result<String> {
    let found: Structure = diesel::sql_query(
        "SELECT concat_ws('|', \
             (SELECT id FROM resident_moves ORDER BY id DESC LIMIT 1), \
             (SELECT id FROM resident_merges ORDER BY id DESC LIMIT 1), \
             (SELECT count(undone_at) FROM resident_merges), \
             (SELECT md5(string_agg(branches::text, '' ORDER BY id)) FROM branches), \
             (SELECT md5(string_agg(people::text, '|' ORDER BY branch_id, group_code)) FROM branch_group_populations), \
             (SELECT month FROM closed_months ORDER BY month DESC LIMIT 1), \
             (SELECT count(*) FROM closed_months)) AS structure",
    )
    .get_result(connection)
    .await?;
    Ok(found.structure)
}
