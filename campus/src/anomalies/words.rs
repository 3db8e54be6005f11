//! A finding in plain words.

use time::Date;

use super::rows::Figures;
use super::rules::HABIT_DAYS;
use crate::credits::Unit;
use crate::language::Language;

/// What goes into the words.
pub(super) struct Reading<'a> {
    pub(super) figures: &'a Figures,
    pub(super) period: Option<Date>,
    /// Who has awarded.
    pub(super) account: &'a str,
    /// What was watched.
    pub(super) lesson: &'a str,
    /// Where it was held.
    pub(super) venue: &'a str,
    pub(super) today: Date,
}

impl Reading<'_> {
    /// What was found, as a neighbour would say it.
    pub(super) fn words(&self, language: Language) -> String {
        match language {
            Language::Chinese => self.chinese(),
            Language::English => self.english(),
        }
    }

    fn is_this_year(&self) -> bool {
        self.period.is_some_and(|period| period.year() == self.today.year())
    }

    fn chinese(&self) -> String {
        let (account, lesson, venue) = (self.account, self.lesson, self.venue);
        let period = self.period.unwrap_or(self.today);
        let this_year = self.is_this_year();
        let year = if this_year { "今年".to_owned() } else { format!("{}年", period.year()) };
        let day = format!("{}月{}日", u8::from(period.month()), period.day());
        let day = if this_year { day } else { format!("{year}{day}") };
        match self.figures {
            Figures::SharedTelephone { people } => format!("同一个手机号{year}登记了 {people} 人"),
            Figures::EqualTraces { people, reports } => {
                format!("{people} 个人看《{lesson}》的记录一模一样，连着 {reports} 次，看到哪一秒都不差")
            }
            Figures::UnusualAwards { unit, amount, people, usual, days } => {
                let (words, amount, usual) =
                    (unit_words(*unit, Language::Chinese), unit.write(*amount), unit.write(*usual));
                format!(
                    "{account}{day}给 {people} 人次发了 {amount} {words}，平时一天发 {usual} {words}左右（按前 {HABIT_DAYS} 天里发过的 {days} 天算）"
                )
            }
            Figures::AwardsOutsideHours { people, batches, first, last } => {
                let time = if first == last { first.clone() } else { format!("{first} 到 {last}") };
                format!("{account}{day}夜里（{time}）一个人发了 {batches} 次学分或积分，共 {people} 人次")
            }
            Figures::AttendanceAboveRoom { people, seats } => {
                format!("{day}“{venue}”只有 {seats} 个座位，名单上到场的有 {people} 人")
            }
        }
    }

    fn english(&self) -> String {
        let (account, lesson, venue) = (self.account, self.lesson, self.venue);
        let period = self.period.unwrap_or(self.today);
        let this_year = self.is_this_year();
        let year = if this_year { "this year".to_owned() } else { format!("in {}", period.year()) };
        let day = format!("{} {}", period.day(), period.month());
        let day = if this_year { day } else { format!("{day} {}", period.year()) };
        match self.figures {
            Figures::SharedTelephone { people } => format!("{people} people were registered with one telephone {year}"),
            Figures::EqualTraces { people, reports } => format!(
                "{people} people watched “{lesson}” in exactly the same way: {reports} reports agree to the millisecond"
            ),
            Figures::UnusualAwards { unit, amount, people, usual, days } => {
                let (words, amount, usual) =
                    (unit_words(*unit, Language::English), unit.write(*amount), unit.write(*usual));
                format!(
                    "On {day} {account} awarded {amount} {words} to {}; usually it is about {usual} {words} a day (by {days} days of the {HABIT_DAYS} before)",
                    persons(*people)
                )
            }
            Figures::AwardsOutsideHours { people, batches, first, last } => {
                let time = if first == last { format!("at {first}") } else { format!("from {first} to {last}") };
                let times = if *batches == 1 { "once".to_owned() } else { format!("{batches} times") };
                format!("In the night of {day}, {time}, {account} awarded {times}, alone, to {}", persons(*people))
            }
            Figures::AttendanceAboveRoom { people, seats } => {
                let seats = if *seats == 1 { "1 seat".to_owned() } else { format!("{seats} seats") };
                format!("On {day} the lists say that {} came to “{venue}”, which has {seats}", persons(*people))
            }
        }
    }
}

fn persons(count: i64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

const fn unit_words(unit: Unit, language: Language) -> &'static str {
    match (unit, language) {
        (Unit::Credit, Language::Chinese) => "学分",
        (Unit::Point, Language::Chinese) => "积分",
        (Unit::Credit, Language::English) => "credits",
        (Unit::Point, Language::English) => "points",
    }
}
