//! The year in a paragraph, as the yearly work report quotes it.

use super::YearReport;
use crate::language::Language;
use crate::reports::measures::Group;
use crate::reports::metrics::Metric;
use crate::reports::value::Hundredths;

/// What the sentences name, in their order.
const QUOTED: [Metric; 5] =
    [Metric::NewRegistrations, Metric::TotalRegistrations, Metric::LearningHours, Metric::Completions, Metric::Credits];

/// What was done, in sentences that can be copied into a report of one's own.
#[must_use]
pub fn summary(report: &YearReport, language: Language) -> String {
    match language {
        Language::Chinese => chinese(report),
        Language::English => english(report),
    }
}

fn value(report: &YearReport, metric: Metric) -> String {
    let found = report.metrics.iter().find(|one| one.metric == metric).and_then(|one| one.value);
    let whole = metric.definition().whole;
    found.map_or_else(|| "0".to_owned(), |it| if whole { it.plain() } else { it.to_string() })
}

fn taught(report: &YearReport) -> (i64, Option<Hundredths>) {
    report.groups.iter().find(|one| one.group.is_none()).map_or((0, None), |one| (one.trained, one.rate))
}

/// The groups of whom anybody was taught, with how many.
fn groups(report: &YearReport, name: fn(Group) -> &'static str) -> Vec<(&'static str, i64)> {
    let known = report.groups.iter().filter(|one| one.trained > 0);
    known.filter_map(|one| one.group.map(|group| (name(group), one.trained))).collect()
}

fn chinese(report: &YearReport) -> String {
    let whose = report.branch.as_ref().map_or("全街道", |branch| branch.name.as_str());
    let until = match report.months.last() {
        Some((month, _)) if report.months.len() < 12 => format!("1—{} 月", u8::from(month.first_day().month())),
        _ => "全年".to_owned(),
    };
    let [new, total, hours, completions, credits] = QUOTED.map(|metric| value(report, metric));
    let (people, rate) = taught(report);
    let rate = rate.map_or_else(String::new, |rate| format!("，培训率 {rate}%"));
    let groups: Vec<String> =
        groups(report, Group::chinese).iter().map(|(name, people)| format!("{name} {people} 人")).collect();
    let groups = if groups.is_empty() { String::new() } else { format!("，其中{}", groups.join("、")) };
    format!(
        "{} 年{until}，{whose}新登记学员 {new} 人，累计登记 {total} 人；培训居民 {people} 人{rate}{groups}；\
         学员累计学习 {hours} 小时，学完课程 {completions} 人次，获得学分 {credits}。",
        report.year,
    )
}

fn english(report: &YearReport) -> String {
    let whose = report.branch.as_ref().map_or("the whole street", |branch| branch.name.as_str());
    let until = match report.months.last() {
        Some((month, _)) if report.months.len() < 12 => format!(" up to {month}"),
        _ => String::new(),
    };
    let [new, total, hours, completions, credits] = QUOTED.map(|metric| value(report, metric));
    let (people, rate) = taught(report);
    let rate = rate.map_or_else(String::new, |rate| format!(" ({rate}% of the population)"));
    let groups: Vec<String> = groups(report, Group::english)
        .iter()
        .map(|(name, people)| format!("{}: {people}", name.to_lowercase()))
        .collect();
    let groups = if groups.is_empty() { String::new() } else { format!(", of them {}", groups.join(", ")) };
    format!(
        "In {}{until}, {whose} registered {new} new residents, {total} in all; {people} people were taught{rate}{groups}; \
         {hours} hours were learned, {completions} courses finished and {credits} credits given.",
        report.year,
    )
}
