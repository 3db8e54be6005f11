//! The measures of some months, from their snapshots where they are closed and from the
//! records where they are open.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::asked::Asked;
use super::background;
use super::measures::Measure;
use super::pace::Pace;
use super::parts::Parts;
use super::queries;
use super::ranking::year_began;
use super::rows::{ClosedMonth, MeasuredRow};
use super::scope::Scope;
use super::statements::Statement;
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

impl Amount {
    /// What there is where nothing was found.
    pub(super) const fn nothing(measure: Measure) -> Self {
        let known = !measure.is_entered() && measure.has_records();
        Self { amount: if known { Some(0) } else { None }, late: 0 }
    }
}

/// A metric's figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// The figure itself.
    pub value: Hundredths,
    /// The part of it that came late.
    pub late: Hundredths,
    /// What was counted for it, in the measure's units.
    pub amount: i64,
    /// Of how many people; `None` where it is not known.
    pub population: Option<i64>,
}

/// What was measured in one month.
#[derive(Debug, Clone, Default)]
pub(super) struct MonthFigures {
    /// When and by what hash it was closed; `None` while it is open.
    pub(super) closed: Option<ClosedMonth>,
    /// Whether it is what was kept of it when a later month was closed.
    kept: bool,
    amounts: HashMap<(Uuid, Measure), Amount>,
    /// Codes and names of branches as they were when it was closed.
    names: HashMap<Uuid, (String, String)>,
}

impl MonthFigures {
    /// Nothing measured yet, at every branch.
    pub(super) fn open(branches: &[Branch]) -> Self {
        let mut figures = Self::default();
        for branch in branches {
            figures.know(branch.id);
            let population = Amount { amount: branch.population.map(i64::from), late: 0 };
            figures.put(branch.id, Measure::Population, population);
        }
        figures
    }

    /// Nothing yet of what was kept when a later month was closed.
    pub(super) fn kept() -> Self {
        Self { kept: true, ..Self::default() }
    }

    /// Whether these figures are never going to be others.
    pub(super) const fn stands(&self) -> bool {
        self.closed.is_some() || self.kept
    }

    /// The branch was there: what is not said of it is nothing.
    pub(super) fn know(&mut self, branch: Uuid) {
        for measure in Measure::ALL {
            self.put(branch, *measure, Amount::nothing(*measure));
        }
    }

    pub(super) fn put(&mut self, branch: Uuid, measure: Measure, amount: Amount) {
        self.amounts.insert((branch, measure), amount);
    }

    /// Takes over what was measured anew.
    pub(super) fn take_over(&mut self, news: &Self) {
        self.amounts.extend(news.amounts.iter().map(|(place, amount)| (*place, *amount)));
    }

    /// The branch as it was called when the month was closed.
    pub(super) fn named(&self, branch: &Branch) -> Branch {
        match self.names.get(&branch.id) {
            Some((code, name)) => Branch { code: code.clone(), name: name.clone(), ..branch.clone() },
            None => branch.clone(),
        }
    }

    /// What was measured for one branch.
    pub(super) fn amount(&self, branch: Uuid, measure: Measure) -> Amount {
        self.amounts.get(&(branch, measure)).copied().unwrap_or_default()
    }

    /// Whether the branch was there when the month was measured.
    pub(super) fn knows(&self, branch: Uuid) -> bool {
        Measure::ALL.iter().any(|measure| self.amounts.contains_key(&(branch, *measure)))
    }

    /// Everything, in no order.
    pub(super) fn each(&self) -> impl Iterator<Item = (Uuid, Measure, Amount)> + '_ {
        self.amounts.iter().map(|((branch, measure), amount)| (*branch, *measure, *amount))
    }

    /// Everything, in a fixed order.
    pub(super) fn all(&self) -> BTreeMap<(Uuid, &'static str), Amount> {
        self.amounts.iter().map(|((branch, measure), amount)| ((*branch, measure.as_str()), *amount)).collect()
    }

    /// The figure of `branch`, which takes in these branches (itself and, for a school, its teaching points);
    /// `None` where it cannot be worked out.
    pub(super) fn figure(&self, asked: Asked, branch: Uuid, parts: &[Uuid]) -> Option<Figure> {
        let own = self.amount(branch, asked.population()).amount;
        // What was entered for the school itself is about all that belongs to it.
        let population = own.or_else(|| self.sum(asked.population(), parts).amount);
        work_out(asked, self.added_up(asked, parts, Measure::repeated_in_school), population)
    }

    /// What is asked for, of these branches together, nobody twice.
    fn added_up(&self, asked: Asked, parts: &[Uuid], repeated: fn(Measure) -> Option<Measure>) -> Amount {
        let mut whole = Amount::default();
        for measure in asked.measures() {
            let mut sum = self.sum(measure, parts);
            if let Some(repeated) = repeated(measure).filter(|_| parts.len() > 1) {
                let repeated = self.sum(repeated, parts);
                sum.amount = sum.amount.map(|amount| amount - repeated.amount.unwrap_or(0));
                sum.late -= repeated.late;
            }
            whole.amount = match (whole.amount, sum.amount) {
                (Some(one), Some(other)) => Some(one + other),
                (one, other) => one.or(other),
            };
            whole.late += sum.late;
        }
        whole
    }

    fn sum(&self, measure: Measure, branches: &[Uuid]) -> Amount {
        let known = branches.iter().map(|branch| self.amount(*branch, measure));
        let (amounts, late): (Vec<_>, Vec<_>) = known.map(|it| (it.amount, it.late)).unzip();
        Amount {
            amount: amounts.iter().any(Option::is_some).then(|| amounts.into_iter().flatten().sum()),
            late: late.into_iter().sum(),
        }
    }

    /// The whole street's figure: every branch's together, over the people of the whole,
    /// which is what the centre's own population says.
    pub(super) fn street(&self, asked: Asked, branches: &[Branch]) -> Option<Figure> {
        let all: Vec<Uuid> = branches.iter().map(|branch| branch.id).collect();
        let population = branches
            .iter()
            .filter(|branch| branch.parent_id.is_none())
            .map(|branch| self.amount(branch.id, asked.population()).amount)
            .sum::<Option<i64>>();
        work_out(asked, self.added_up(asked, &all, Measure::repeated), population)
    }
}

fn work_out(asked: Asked, amount: Amount, population: Option<i64>) -> Option<Figure> {
    let definition = asked.definition();
    Some(Figure {
        value: definition.figure(amount.amount?, population)?,
        late: definition.figure(amount.late, population)?,
        amount: amount.amount?,
        population,
    })
}

/// The measures of several months.
#[derive(Debug)]
pub(super) struct Figures {
    /// Every branch there is, the street centre first.
    pub(super) branches: Vec<Branch>,
    months: BTreeMap<Month, MonthFigures>,
    /// The branch schools, each with itself and its teaching points.
    schools: HashMap<Uuid, Vec<Uuid>>,
}

impl Figures {
    /// Puts together what was loaded.
    pub(super) fn of(branches: Vec<Branch>, months: impl IntoIterator<Item = (Month, MonthFigures)>) -> Self {
        let schools = schools(&branches);
        Self { branches, months: months.into_iter().collect(), schools }
    }

    /// Whether a branch is a school: one that the centre is directly above.
    pub(super) fn is_school(&self, branch: Uuid) -> bool {
        self.schools.contains_key(&branch)
    }

    /// The school that a branch is, or is a teaching point of; `None`: the street centre.
    pub(super) fn school_of(&self, branch: Uuid) -> Option<Uuid> {
        self.schools.iter().find(|(_, places)| places.contains(&branch)).map(|(school, _)| *school)
    }

    /// The figure of a branch in a month, its teaching points taken in.
    pub(super) fn figure(&self, figures: &MonthFigures, asked: Asked, branch: Uuid) -> Option<Figure> {
        let itself = [branch];
        figures.figure(asked, branch, self.schools.get(&branch).map_or(&itself, Vec::as_slice))
    }

    /// One of the months that were loaded.
    pub(super) fn month(&self, month: Month) -> Result<&MonthFigures> {
        self.months.get(&month).ok_or_else(|| Error::internal(format!("the figures of {month} were not loaded")))
    }
}

/// Adds what targets go on from: the registrations at the end of the December before the year of `month`.
pub(super) async fn with_december(
    connection: &mut Connection,
    clock: &Clock,
    figures: &mut Figures,
    month: Month,
) -> Result<()> {
    let december = year_began(month);
    if !figures.months.contains_key(&december) {
        let (months, measures) = ([december], [Measure::TotalRegistrations]);
        let asked = Wanted { months: &months, measures: &measures, reported: Some(month) };
        let mut before = load(connection, clock, figures.branches.clone(), &asked, BTreeMap::new()).await?;
        figures.months.append(&mut before.months);
    }
    Ok(())
}

/// Each school with itself and what is below it.
fn schools(branches: &[Branch]) -> HashMap<Uuid, Vec<Uuid>> {
    let above: HashMap<Uuid, Option<Uuid>> = branches.iter().map(|branch| (branch.id, branch.parent_id)).collect();
    let centres: HashSet<Uuid> =
        branches.iter().filter(|branch| branch.parent_id.is_none()).map(|branch| branch.id).collect();
    let mut schools: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for branch in branches {
        let mut at = branch.id;
        // No further up than there are branches, whatever is above what.
        for _ in 0..branches.len() {
            match above.get(&at).copied().flatten() {
                Some(parent) if centres.contains(&parent) => {
                    schools.entry(at).or_default().push(branch.id);
                    break;
                }
                Some(parent) => at = parent,
                None => break,
            }
        }
    }
    schools
}

/// What is to be loaded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Of which months.
    pub(super) months: &'a [Month],
    /// Populations come with them.
    pub(super) measures: &'a [Measure],
    /// The month that is reported: where it is closed, those before it are as they were then.
    pub(super) reported: Option<Month>,
}

/// Loads what is wanted: three queries for what is closed, and one a measure for what is open and not among `known`,
/// however many branches and months there are.
pub(super) async fn load(
    connection: &mut Connection,
    clock: &Clock,
    branches: Vec<Branch>,
    wanted: &Wanted<'_>,
    mut known: BTreeMap<Month, MonthFigures>,
) -> Result<Figures> {
    let asked: BTreeSet<Month> = wanted.months.iter().copied().chain(wanted.reported).collect();
    let mut closed = queries::closed(connection, &Vec::from_iter(asked)).await?;
    let mut kept = match wanted.reported.filter(|month| closed.iter().any(|closed| closed.month() == *month)) {
        Some(month) => background::load(connection, month).await?,
        None => BTreeMap::new(),
    };
    kept.retain(|month, _| wanted.months.contains(month));
    let months: Vec<Month> = wanted.months.iter().copied().filter(|month| !kept.contains_key(month)).collect();
    closed.retain(|closed| months.contains(&closed.month()));
    let closed_months: Vec<Month> = closed.iter().map(ClosedMonth::month).collect();
    let open: Vec<Month> = months.into_iter().filter(|month| !closed_months.contains(month)).collect();
    known.retain(|month, _| open.contains(month));
    let unknown: Vec<Month> = open.into_iter().filter(|month| !known.contains_key(month)).collect();

    let mut figures =
        measure_open(connection, clock, &branches, &unknown, wanted.measures, Scope::All, &mut Pace::Full).await?;
    figures.append(&mut known);
    figures.append(&mut kept);
    for month in closed {
        figures.insert(month.month(), MonthFigures { closed: Some(month), ..MonthFigures::default() });
    }
    if !closed_months.is_empty() {
        for named in queries::names(connection, &closed_months).await? {
            if let Some(month) = figures.get_mut(&Month::of(named.month)) {
                month.names.insert(named.branch_id, (named.code, named.name));
            }
        }
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
    pace: &mut Pace,
) -> Result<BTreeMap<Month, MonthFigures>> {
    let measured: Vec<Branch> = match scope {
        Scope::All => branches.to_vec(),
        Scope::Only(some) => branches.iter().filter(|branch| some.contains(&branch.id)).cloned().collect(),
    };
    let mut figures: BTreeMap<Month, MonthFigures> =
        months.iter().map(|month| (*month, MonthFigures::open(&measured))).collect();
    let repeated = |measure: &Measure| [measure.repeated(), measure.repeated_in_school()];
    let wanted: BTreeSet<Measure> =
        measures.iter().copied().chain(measures.iter().flat_map(repeated).flatten()).collect();
    let statements: BTreeSet<Statement> = wanted.iter().copied().filter_map(Statement::of).collect();
    let ids: Vec<Uuid> = branches.iter().map(|branch| branch.id).collect();
    let mut worked = Duration::ZERO;
    for statement in statements.into_iter().filter(|_| !months.is_empty()) {
        let mut parts = Parts::of(statement, scope, &ids);
        while !parts.is_done() {
            let crowded = pace.make_room(connection, worked).await?;
            let part = parts.take(crowded, worked);
            let began = Instant::now();
            let rows = statement.run(connection, months, clock.zone_name(), part).await?;
            worked = began.elapsed();
            enter(&mut figures, rows)?;
        }
    }
    Ok(figures)
}

/// Enters what a statement has measured.
fn enter(figures: &mut BTreeMap<Month, MonthFigures>, rows: Vec<MeasuredRow>) -> Result<()> {
    for row in rows {
        let measure = Measure::from_name(&row.measure)
            .ok_or_else(|| Error::internal(format!("a statement measures {}, which is not known", row.measure)))?;
        if let Some(month) = figures.get_mut(&Month::of(row.month)) {
            month.put(row.branch_id, measure, Amount { amount: Some(row.amount), late: row.late });
        }
    }
    Ok(())
}
