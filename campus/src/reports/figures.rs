//! The measures of some months, from their snapshots where they are closed and from the
//! records where they are open.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::metrics::{Measure, Metric};
use super::queries;
use super::rows::{ClosedMonth, MeasuredRow};
use super::scope::Scope;
use super::value::Hundredths;
use crate::branches::Branch;
use crate::clock::{Clock, Month};
use crate::db::Connection;
use crate::error::{Error, Result};

/// What was measured, and how much of it came late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Amount {
    /// `None`: not known.
    pub(super) amount: Option<i64>,
    /// The part whose facts happened in a month that was closed by then.
    pub(super) late: i64,
}

/// A metric's figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// The figure itself.
    pub value: Hundredths,
    /// The part of it that came late.
    pub late: Hundredths,
}

/// What was measured in one month.
#[derive(Debug, Clone, Default)]
pub(super) struct MonthFigures {
    /// When and by what hash it was closed; `None` while it is open.
    pub(super) closed: Option<ClosedMonth>,
    amounts: HashMap<(Uuid, Measure), Amount>,
}

impl MonthFigures {
    /// Nothing measured yet, at every branch.
    pub(super) fn open(branches: &[Branch]) -> Self {
        let mut figures = Self::default();
        for branch in branches {
            for measure in Measure::ALL {
                figures.put(branch.id, *measure, Amount { amount: Some(0), late: 0 });
            }
            let population = Amount { amount: branch.population.map(i64::from), late: 0 };
            figures.put(branch.id, Measure::Population, population);
        }
        figures
    }

    pub(super) fn put(&mut self, branch: Uuid, measure: Measure, amount: Amount) {
        self.amounts.insert((branch, measure), amount);
    }

    /// Takes over what was measured anew.
    pub(super) fn take_over(&mut self, news: &Self) {
        self.amounts.extend(news.amounts.iter().map(|(place, amount)| (*place, *amount)));
    }

    /// What was measured for one branch.
    pub(super) fn amount(&self, branch: Uuid, measure: Measure) -> Amount {
        self.amounts.get(&(branch, measure)).copied().unwrap_or_default()
    }

    /// Whether the branch was there when the month was measured.
    pub(super) fn knows(&self, branch: Uuid) -> bool {
        Measure::ALL.iter().any(|measure| self.amounts.contains_key(&(branch, *measure)))
    }

    /// Everything, in a fixed order.
    pub(super) fn all(&self) -> BTreeMap<(Uuid, &'static str), Amount> {
        self.amounts.iter().map(|((branch, measure), amount)| ((*branch, measure.as_str()), *amount)).collect()
    }

    /// A branch's figure; `None` where it cannot be worked out.
    pub(super) fn figure(&self, metric: Metric, branch: Uuid) -> Option<Figure> {
        let population = self.amount(branch, Measure::Population).amount;
        work_out(metric, self.amount(branch, metric.definition().measure), population)
    }

    fn sum(&self, measure: Measure, branches: &[Branch]) -> Amount {
        let known = branches.iter().map(|branch| self.amount(branch.id, measure));
        let (amounts, late): (Vec<_>, Vec<_>) = known.map(|it| (it.amount, it.late)).unzip();
        Amount {
            amount: amounts.iter().any(Option::is_some).then(|| amounts.into_iter().flatten().sum()),
            late: late.into_iter().sum(),
        }
    }

    /// The whole street's figure: every branch's together, over the people of the whole,
    /// which is what the centre's own population says.
    pub(super) fn street(&self, metric: Metric, branches: &[Branch]) -> Option<Figure> {
        let measure = metric.definition().measure;
        let mut whole = self.sum(measure, branches);
        if let Some(repeated) = measure.repeated() {
            let repeated = self.sum(repeated, branches);
            whole.amount = whole.amount.map(|amount| amount - repeated.amount.unwrap_or(0));
            whole.late -= repeated.late;
        }
        let population = branches
            .iter()
            .filter(|branch| branch.parent_id.is_none())
            .map(|branch| self.amount(branch.id, Measure::Population).amount)
            .sum::<Option<i64>>();
        work_out(metric, whole, population)
    }
}

fn work_out(metric: Metric, amount: Amount, population: Option<i64>) -> Option<Figure> {
    let definition = metric.definition();
    Some(Figure {
        value: definition.figure(amount.amount?, population)?,
        late: definition.figure(amount.late, population)?,
    })
}

/// The measures of several months.
#[derive(Debug)]
pub(super) struct Figures {
    /// Every branch there is, the street centre first.
    pub(super) branches: Vec<Branch>,
    months: BTreeMap<Month, MonthFigures>,
}

impl Figures {
    /// Puts together what was loaded.
    pub(super) fn of(branches: Vec<Branch>, months: impl IntoIterator<Item = (Month, MonthFigures)>) -> Self {
        Self { branches, months: months.into_iter().collect() }
    }

    /// One of the months that were loaded.
    pub(super) fn month(&self, month: Month) -> Result<&MonthFigures> {
        self.months.get(&month).ok_or_else(|| Error::internal(format!("the figures of {month} were not loaded")))
    }
}

/// Loads these measures of `months`: two queries for what is closed, and one a measure for what is open and not
/// among `known`, however many branches and months there are. Populations come with them.
pub(super) async fn load(
    connection: &mut Connection,
    clock: &Clock,
    branches: Vec<Branch>,
    months: &[Month],
    measures: &[Measure],
    mut known: BTreeMap<Month, MonthFigures>,
) -> Result<Figures> {
    let closed = queries::closed(connection, months).await?;
    let closed_months: Vec<Month> = closed.iter().map(ClosedMonth::month).collect();
    let open: Vec<Month> = months.iter().copied().filter(|month| !closed_months.contains(month)).collect();
    known.retain(|month, _| open.contains(month));
    let unknown: Vec<Month> = open.into_iter().filter(|month| !known.contains_key(month)).collect();

    let mut figures = measure_open(connection, clock, &branches, &unknown, measures, Scope::All).await?;
    figures.append(&mut known);
    for month in closed {
        figures.insert(month.month(), MonthFigures { closed: Some(month), amounts: HashMap::new() });
    }
    if !closed_months.is_empty() {
        for row in queries::snapshots(connection, &closed_months).await? {
            let measure = Measure::from_name(&row.measure)
                .ok_or_else(|| Error::internal(format!("a closed month has an unknown measure {}", row.measure)))?;
            if let Some(month) = figures.get_mut(&Month::of(row.month)) {
                month.put(row.branch_id, measure, Amount { amount: row.amount, late: row.late });
            }
        }
    }
    Ok(Figures::of(branches, figures))
}

/// Measures `months`, which are open, from the records: with [`Scope::Only`] these branches alone, of which the
/// answer has every measure that was asked for, 0 where nothing was found.
pub(super) async fn measure_open(
    connection: &mut Connection,
    clock: &Clock,
    branches: &[Branch],
    months: &[Month],
    measures: &[Measure],
    scope: Scope<'_>,
) -> Result<BTreeMap<Month, MonthFigures>> {
    let measured: Vec<Branch> = match scope {
        Scope::All => branches.to_vec(),
        Scope::Only(some) => branches.iter().filter(|branch| some.contains(&branch.id)).cloned().collect(),
    };
    let mut figures: BTreeMap<Month, MonthFigures> =
        months.iter().map(|month| (*month, MonthFigures::open(&measured))).collect();
    for wanted in measures {
        measure(connection, clock, months, *wanted, scope, &mut figures).await?;
        if let Some(repeated) = wanted.repeated().filter(|repeated| !measures.contains(repeated)) {
            measure(connection, clock, months, repeated, scope, &mut figures).await?;
        }
    }
    Ok(figures)
}

/// Measures the open months from the records.
async fn measure(
    connection: &mut Connection,
    clock: &Clock,
    open: &[Month],
    measure: Measure,
    scope: Scope<'_>,
    figures: &mut BTreeMap<Month, MonthFigures>,
) -> Result<()> {
    let (Some(first), Some(last)) = (open.iter().min().copied(), open.iter().max().copied()) else { return Ok(()) };
    let rows = match measure {
        // Known from the branches themselves.
        Measure::Population => return Ok(()),
        Measure::TotalRegistrations => {
            let registered = queries::registrations_by_month(connection, last, scope).await?;
            let moved = queries::moved_since(connection, open, scope).await?;
            open.iter().flat_map(|month| totals(&registered, &moved, *month)).collect()
        }
        Measure::NewRegistrations => queries::new_registrations(connection, open, scope).await?,
        Measure::ActiveLearners => queries::active_learners(connection, open, scope).await?,
        Measure::RepeatedLearners => queries::repeated_learners(connection, open, scope).await?,
        Measure::WatchedMilliseconds => queries::watched(connection, open, scope).await?,
        Measure::Credits => queries::credits(connection, open, scope).await?,
        Measure::Completions => {
            let (from, to) = (clock.start_of(first.first_day()), clock.start_of(last.next().first_day()));
            queries::completions(connection, from, to, clock.zone_name(), scope).await?
        }
    };
    for row in rows {
        // A row of a month in between that was not asked for is none of ours.
        if let Some(month) = figures.get_mut(&Month::of(row.month)) {
            month.put(row.branch_id, measure, Amount { amount: Some(row.amount), late: row.late });
        }
    }
    Ok(())
}

/// What each branch had counted by the end of `month`, everybody where they were then: `moved`
/// says month by month who has moved since.
fn totals(registered: &[MeasuredRow], moved: &[MeasuredRow], month: Month) -> Vec<MeasuredRow> {
    let mut totals: HashMap<Uuid, MeasuredRow> = HashMap::new();
    let registered = registered.iter().filter(|row| row.month <= month.first_day());
    for row in registered.chain(moved.iter().filter(|row| row.month == month.first_day())) {
        let nothing = MeasuredRow { month: month.first_day(), branch_id: row.branch_id, amount: 0, late: 0 };
        let total = totals.entry(row.branch_id).or_insert(nothing);
        total.amount = total.amount.saturating_add(row.amount);
        total.late = total.late.saturating_add(row.late);
    }
    totals.into_values().collect()
}
