//! From where on something is out of the ordinary.

use time::Duration;

/// How many people registered within one year with one telephone are too many. A household of five is
/// normal, and so is a grown-up child who registers two households: the couple, their child, and both
/// pairs of parents are seven.
pub(super) const SHARING_A_TELEPHONE: i32 = 8;

/// How many reports a trace must hold at least. A report goes every fifteen seconds, at moments nobody can
/// repeat to the millisecond; of one or two (a short film played to its end) the figures may agree by chance.
pub(super) const REPORTS_IN_A_TRACE: i64 = 4;

/// How long before what is looked at a lesson may have been watched that was watched in the same way.
pub(super) const TRACES_COMPARED: Duration = Duration::days(30);

/// How far back somebody's habit of awarding goes, in days.
pub(super) const HABIT_DAYS: i32 = 90;

/// On how many of those days they must have awarded: of fewer there is no habit.
pub(super) const DAYS_FOR_A_HABIT: i64 = 10;

/// How many times the median of those days, each day's awards added up, is far above it. Events differ in
/// size two- or threefold.
pub(super) const FAR_ABOVE: i64 = 5;

/// Credits, or points, of a day that are nothing to ask about, whatever the habit.
pub(super) const LEAST_ASKED_ABOUT: i64 = 100;

/// The hour, in the deployment's time zone, from which awarding is outside hours.
pub(super) const EVENING: i32 = 22;

/// The hour until which it is.
pub(super) const MORNING: i32 = 6;

/// How far behind the last search the next begins: what was under way then has been written since.
pub(super) const OVERLAP: Duration = Duration::days(1);

/// How far back the first search goes.
pub(super) const FIRST_SEARCH: Duration = Duration::days(31);
