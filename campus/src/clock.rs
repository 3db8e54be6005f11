//! The injected clock, the deployment's civil time zone, and months.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::tz::TimeZone;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

use crate::error::{Code, Error, Result};

/// Where "now" and "today" come from. Cheap to clone; clones share one time.
#[derive(Clone)]
pub struct Clock {
    zone: TimeZone,
    source: Source,
}

#[derive(Clone)]
enum Source {
    /// The machine's clock, shifted by this many microseconds.
    Live { shift_microseconds: i64 },
    /// Moves only when told to: microseconds since 1970-01-01T00:00:00Z.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's own time, read in `zone` (an IANA name such as `Asia/Shanghai`).
    ///
    /// # Errors
    /// When the zone's name is unknown.
    pub fn live(zone: &str) -> anyhow::Result<Self> {
        Ok(Self { zone: TimeZone::get(zone)?, source: Source::Live { shift_microseconds: 0 } })
    }

    /// Starts at `start` and runs on from there at the pace of real time.
    ///
    /// # Errors
    /// When the zone's name is unknown.
    pub fn starting_at(zone: &str, start: OffsetDateTime) -> anyhow::Result<Self> {
        let shift = start - OffsetDateTime::now_utc();
        let shift_microseconds = i64::try_from(shift.whole_microseconds())?;
        Ok(Self { zone: TimeZone::get(zone)?, source: Source::Live { shift_microseconds } })
    }

    /// Stands still at `start` until [`Clock::advance`] or [`Clock::set`] moves it.
    ///
    /// # Errors
    /// When the zone's name is unknown.
    pub fn manual(zone: &str, start: OffsetDateTime) -> anyhow::Result<Self> {
        let clock = Self { zone: TimeZone::get(zone)?, source: Source::Manual(Arc::new(AtomicI64::new(0))) };
        clock.set(start);
        Ok(clock)
    }

    /// Sets a manual clock; a live one is left alone.
    pub fn set(&self, at: OffsetDateTime) {
        if let Source::Manual(microseconds) = &self.source {
            let value = i64::try_from(at.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX);
            microseconds.store(value, Ordering::SeqCst);
        }
    }

    /// Moves a manual clock on; a live one is left alone.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }

    /// The present moment, to the microsecond (what PostgreSQL keeps), in the deployment's zone.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let microseconds = match &self.source {
            Source::Live { shift_microseconds } => {
                let real = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1000;
                i64::try_from(real).unwrap_or(i64::MAX).saturating_add(*shift_microseconds)
            }
            Source::Manual(microseconds) => microseconds.load(Ordering::SeqCst),
        };
        let utc = OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        self.local(utc)
    }

    /// The present moment as other people's clocks have it: the machine's own even where this clock
    /// was started at another time (an authenticator knows nothing of that). A manual clock's own.
    #[must_use]
    pub fn world_now(&self) -> OffsetDateTime {
        match &self.source {
            Source::Live { .. } => OffsetDateTime::now_utc(),
            Source::Manual(_) => self.now(),
        }
    }

    /// What the machine's own clock says; `None` for a manual one, which stands for no machine.
    #[must_use]
    pub fn machine_now(&self) -> Option<OffsetDateTime> {
        matches!(self.source, Source::Live { .. }).then(OffsetDateTime::now_utc)
    }

    /// The same moment, written with the deployment's offset on that day.
    #[must_use]
    pub fn local(&self, at: OffsetDateTime) -> OffsetDateTime {
        let offset = jiff::Timestamp::from_second(at.unix_timestamp())
            .map(|moment| self.zone.to_offset(moment).seconds())
            .ok()
            .and_then(|seconds| UtcOffset::from_whole_seconds(seconds).ok())
            .unwrap_or(UtcOffset::UTC);
        at.to_offset(offset)
    }

    /// The civil date of `at` in the deployment's zone.
    #[must_use]
    pub fn date_of(&self, at: OffsetDateTime) -> Date {
        self.local(at).date()
    }

    /// Today's civil date.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().date()
    }

    /// The month that is running.
    #[must_use]
    pub fn this_month(&self) -> Month {
        Month::of(self.today())
    }

    /// The moment at which the civil day `date` begins in the deployment's zone
    /// (where a clock change skips midnight: the first moment that exists).
    #[must_use]
    pub fn start_of(&self, date: Date) -> OffsetDateTime {
        let civil = jiff::civil::Date::new(
            i16::try_from(date.year()).unwrap_or(i16::MAX),
            i8::try_from(u8::from(date.month())).unwrap_or(1),
            i8::try_from(date.day()).unwrap_or(1),
        );
        civil
            .and_then(|day| day.to_zoned(self.zone.clone()))
            .ok()
            .and_then(|zoned| OffsetDateTime::from_unix_timestamp(zoned.timestamp().as_second()).ok())
            .map_or_else(|| date.midnight().assume_utc(), |moment| self.local(moment))
    }

    /// The IANA name of the deployment's zone.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Clock({} in {})", self.now(), self.zone_name())
    }
}

/// A calendar month, held as its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Date);

impl Month {
    /// The month that `date` lies in.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self(date.replace_day(1).unwrap_or(date))
    }

    /// Its first day.
    #[must_use]
    pub const fn first_day(self) -> Date {
        self.0
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.next().0.previous_day().unwrap_or(self.0)
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self::of(self.0.saturating_add(Duration::days(31)))
    }

    /// The month before it.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::of(self.0.saturating_sub(Duration::days(1)))
    }

    /// This month and the `count - 1` before it, oldest first.
    #[must_use]
    pub fn back(self, count: usize) -> Vec<Self> {
        let mut months: Vec<Self> =
            std::iter::successors(Some(self), |month| Some(month.previous())).take(count).collect();
        months.reverse();
        months
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.0.year(), u8::from(self.0.month()))
    }
}

impl FromStr for Month {
    type Err = Error;

    /// Reads `YYYY-MM`, years 2000 to 2100.
    fn from_str(text: &str) -> Result<Self> {
        let invalid = || Error::field("month", Code::MonthInvalid);
        let (year, month) = text.split_once('-').ok_or_else(invalid)?;
        if year.len() != 4 || month.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return Err(invalid());
        }
        let year: i32 = year.parse().map_err(|_| invalid())?;
        let month: u8 = month.parse().map_err(|_| invalid())?;
        if !(2000..=2100).contains(&year) {
            return Err(invalid());
        }
        let month = time::Month::try_from(month).map_err(|_| invalid())?;
        Date::from_calendar_date(year, month, 1).map(Self).map_err(|_| invalid())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn days_are_those_of_the_zone() {
        let clock = Clock::manual("Asia/Shanghai", datetime!(2026-11-30 16:30 UTC)).unwrap();
        assert_eq!(clock.today(), date!(2026 - 12 - 01));
        assert_eq!(clock.start_of(date!(2026 - 12 - 01)), datetime!(2026-11-30 16:00 UTC));
    }

    #[test]
    fn a_day_begins_where_summer_time_skips_midnight() {
        let clock = Clock::manual("America/Santiago", datetime!(2026-09-06 12:00 UTC)).unwrap();
        // Clocks go from 24:00 on the 5th to 01:00 on the 6th.
        assert_eq!(clock.start_of(date!(2026 - 09 - 06)), datetime!(2026-09-06 04:00 UTC));
    }

    #[test]
    fn months_count_over_years() {
        let month: Month = "2026-12".parse().unwrap();
        assert_eq!(month.next().to_string(), "2027-01");
        assert_eq!(month.last_day(), date!(2026 - 12 - 31));
        assert_eq!(month.back(13).first().unwrap().to_string(), "2025-12");
        for bad in ["2026-13", "2026-1", "26-01", "2026-00", "2026", "２０２６-01", "2026-01-01", "+026-01"] {
            assert!(bad.parse::<Month>().is_err(), "{bad}");
        }
    }
}
