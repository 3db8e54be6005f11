//! The keeper of the boards. Several workers may try: one has the turn.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::board::{self, About, Branches};
use super::changed::{self, Change};
use crate::Campus;
use crate::branches;
use crate::clock::Month;
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::ids::new_id;
use crate::reports::figures;
use crate::reports::measures::Measure;
use crate::reports::pace::Pace;
use crate::reports::queries;
use crate::reports::scope::Scope;

/// How often the boards are looked after.
const PACE: Duration = Duration::from_secs(1);
/// A transaction is taken in that commits this long after it wrote what it wrote.
const LOOKING_BACK: Duration = Duration::from_secs(30);
/// In so many rounds every branch is measured once, whatever is known of it: what was told nobody is
/// found by then.
const ROUNDS: usize = 60;

/// Keeps the boards of the open months.
#[derive(Debug)]
pub struct Keeper {
    id: Uuid,
    /// What stands on the boards by what this keeper knows.
    posted: HashMap<Month, Posted>,
    structure: String,
    whole_takes: Duration,
    /// Changes that were taken in and are recent enough to be found again.
    seen: HashSet<Change>,
    round: usize,
}

#[derive(Debug)]
struct Posted {
    revision: String,
    branches: Branches,
}

impl Default for Keeper {
    fn default() -> Self {
        Self {
            id: new_id(),
            posted: HashMap::new(),
            structure: String::new(),
            whole_takes: Duration::ZERO,
            seen: HashSet::new(),
            round: 0,
        }
    }
}

impl Keeper {
    /// Brings the boards up to date, where this keeper has the turn. Answers when to come again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look_after(&mut self, campus: &Campus) -> Result<Duration> {
        if !campus.signals.hold_turn(self.id).await {
            self.posted.clear();
            return Ok(PACE);
        }
        let began = Instant::now();
        self.bring_up_to_date(campus).await?;
        // Where measuring takes long it must not be all that the database does.
        Ok(PACE.max(began.elapsed() * 2))
    }

    async fn bring_up_to_date(&mut self, campus: &Campus) -> Result<()> {
        let told = campus.signals.take_changes().await;
        let connection = &mut *campus.database.connection().await?;
        let structure = changed::structure(connection).await?;
        if structure != self.structure {
            self.posted.clear();
            self.structure = structure;
        }
        let changed = self.changed(campus, connection, told).await?;
        let months = open_months(campus, connection).await?;
        self.posted.retain(|month, _| months.contains(month));
        for month in months {
            let name = board::name(month);
            let stands = match self.posted.get(&month) {
                Some(posted) => campus.signals.still(&name, &posted.revision).await,
                None => false,
            };
            if stands {
                self.measure_again(campus, connection, month, &changed).await?;
            } else {
                self.measure_whole(campus, connection, month).await?;
            }
        }
        Ok(())
    }

    /// Branches to be measured anew, and those whose turn it is.
    async fn changed(
        &mut self,
        campus: &Campus,
        connection: &mut Connection,
        mut changed: HashSet<Uuid>,
    ) -> Result<Vec<Uuid>> {
        let lately = changed::lately(connection, campus.clock.now(), LOOKING_BACK).await?;
        changed.extend(changed::branches(lately.iter().filter(|change| !self.seen.contains(change))));
        self.seen = lately.into_iter().collect();
        let all = branches::list(connection).await?;
        self.round = (self.round + 1) % ROUNDS;
        changed.extend(all.iter().skip(self.round).step_by(ROUNDS).map(|branch| branch.id));
        Ok(all.into_iter().map(|branch| branch.id).filter(|id| changed.contains(id)).collect())
    }

    async fn measure_whole(&mut self, campus: &Campus, connection: &mut Connection, month: Month) -> Result<()> {
        let began = Instant::now();
        let branches = measure(campus, connection, month, Scope::All).await?;
        self.whole_takes = began.elapsed();
        self.post(campus, month, &branches, true).await?;
        Ok(())
    }

    async fn measure_again(
        &mut self,
        campus: &Campus,
        connection: &mut Connection,
        month: Month,
        changed: &[Uuid],
    ) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        let measured = measure(campus, connection, month, Scope::Only(changed)).await?;
        let Some(posted) = self.posted.get(&month) else { return Ok(()) };
        let news: Branches =
            measured.into_iter().filter(|(branch, amounts)| posted.branches.get(branch) != Some(amounts)).collect();
        if news.is_empty() {
            return Ok(());
        }
        self.post(campus, month, &news, false).await
    }

    async fn post(&mut self, campus: &Campus, month: Month, news: &Branches, whole: bool) -> Result<()> {
        let whole_takes = u64::try_from(self.whole_takes.as_micros()).unwrap_or(u64::MAX);
        let about = About { structure: self.structure.clone(), measures: Measure::ALL.len(), whole_takes };
        let fields = board::fields(news, &about).map_err(Error::internal)?;
        let revision = new_id().to_string();
        if !campus.signals.post(&board::name(month), &revision, &fields, whole).await {
            self.posted.remove(&month);
            return Ok(());
        }
        let mut branches = match self.posted.remove(&month) {
            Some(posted) if !whole => posted.branches,
            _ => Branches::new(),
        };
        branches.extend(news.clone());
        self.posted.insert(month, Posted { revision, branches });
        Ok(())
    }
}

async fn measure(campus: &Campus, connection: &mut Connection, month: Month, scope: Scope<'_>) -> Result<Branches> {
    let branches = branches::list(connection).await?;
    let months =
        figures::measure_open(connection, &campus.clock, &branches, &[month], Measure::ALL, scope, &mut Pace::Full)
            .await?;
    Ok(months.get(&month).map(board::branches).unwrap_or_default())
}

/// This month, and the one before where it still takes facts.
async fn open_months(campus: &Campus, connection: &mut Connection) -> Result<Vec<Month>> {
    let current = Month::of(campus.clock.today());
    let months = [current.previous(), current];
    let closed: Vec<Month> = queries::closed(connection, &months).await?.iter().map(|closed| closed.month()).collect();
    Ok(months.into_iter().filter(|month| !closed.contains(month)).collect())
}
