//! Where the demo network's schools come together.

use campus::Campus;
use campus::access::Actor;
use campus::branches::venues::{self, NewVenue};
use campus::branches::{self, Branch};

/// The centre's rooms, with how many find a seat in each.
const CENTRE: [(&str, i64); 2] = [("报告厅", 120), ("二楼教室", 40)];
/// What every school has.
const SCHOOL: (&str, i64) = ("活动室", 30);

/// Opens them; what an earlier start has opened stays.
///
/// # Errors
/// What the database says.
pub async fn make_venues(campus: &Campus, admin: &Actor, street: &[Branch]) -> anyhow::Result<()> {
    for branch in street {
        let (proof, known) = {
            let connection = &mut *campus.database.connection().await?;
            let proof = branches::manageable(connection, admin, branch.id).await?;
            let known = venues::of_branch(connection, &proof).await?;
            (proof, known)
        };
        let rooms: &[(&str, i64)] = if branch.parent_id.is_none() { &CENTRE } else { &[SCHOOL] };
        for (name, seats) in rooms.iter().filter(|(name, _)| known.iter().all(|venue| venue.name != *name)) {
            venues::open(campus, admin, &proof, &NewVenue { name: (*name).to_owned(), seats: *seats }).await?;
        }
    }
    Ok(())
}
