//! A transfer in plain words.

use time::Date;

use super::amount::Unit;
use super::caps::{Cap, caps};
use super::rows::{Rule, Transfer};
use crate::clock::Month;
use crate::language::Language;

/// A day as people say it.
fn day(date: Date, language: Language) -> String {
    match language {
        Language::Chinese => format!("{}月{}日", u8::from(date.month()), date.day()),
        Language::English => format!("{} {}", date.day(), date.month()),
    }
}

/// A month as people say it, given as `2026-10`.
fn month(label: &str, language: Language) -> String {
    match (label.parse::<Month>(), language) {
        (Err(_), _) => label.to_owned(),
        (Ok(month), Language::Chinese) => {
            let day = month.first_day();
            format!("{}年{}月", day.year(), u8::from(day.month()))
        }
        (Ok(month), Language::English) => {
            let day = month.first_day();
            format!("{} {}", day.month(), day.year())
        }
    }
}

const fn unit_words(unit: Unit, language: Language) -> &'static str {
    match (unit, language) {
        (Unit::Credit, Language::Chinese) => "学分",
        (Unit::Point, Language::Chinese) => "积分",
        (Unit::Credit, Language::English) => "credits",
        (Unit::Point, Language::English) => "points",
    }
}

/// What a transfer is; `left_today` is what its rule may still bring on the day that runs.
pub(super) fn words(
    transfer: &Transfer,
    rule: Option<&Rule>,
    note: Option<&str>,
    left_today: Option<i64>,
    language: Language,
) -> String {
    let unit = Unit::from_name(&transfer.unit).unwrap_or(Unit::Credit);
    let amount = format!("{} {}", unit.write(transfer.amount), unit_words(unit, language));
    let day = day(transfer.earned_on, language);
    let note = note.unwrap_or_default();
    let mut text = match transfer.kind.as_str() {
        "earning" => earning(transfer, rule, &day, &amount, language),
        kind => other(transfer, kind, note, &day, &amount, language),
    };
    text.push_str(&limits(transfer, rule, unit, left_today, language));
    text
}

fn earning(transfer: &Transfer, rule: Option<&Rule>, day: &str, amount: &str, language: Language) -> String {
    let title = &transfer.source_label;
    let chinese = language == Language::Chinese;
    let what = match (transfer.source_kind.as_str(), chinese) {
        ("lesson", true) => format!("学完一课《{title}》"),
        ("lesson", false) => format!("finished the lesson “{title}”"),
        ("course", true) => format!("学完课程《{title}》"),
        ("course", false) => format!("finished the course “{title}”"),
        ("quiz", true) => format!("通过测验《{title}》"),
        ("quiz", false) => format!("passed the quiz “{title}”"),
        ("minutes", true) => format!("当天学满 {title} 分钟"),
        ("minutes", false) => format!("learned for {title} minutes that day"),
        ("attendance", true) => format!("{title} 签到"),
        ("attendance", false) => format!("attended “{title}”"),
        ("log_in", true) => "当天第一次登录".to_owned(),
        ("log_in", false) => "first log-in of the day".to_owned(),
        (_, true) => rule.map(|rule| rule.name_zh.clone()).unwrap_or_default(),
        (_, false) => rule.map(|rule| rule.name_en.clone()).unwrap_or_default(),
    };
    if chinese { format!("{day} {what} +{amount}") } else { format!("{day}: {what}, +{amount}") }
}

fn other(transfer: &Transfer, kind: &str, note: &str, day: &str, amount: &str, language: Language) -> String {
    let title = &transfer.source_label;
    let sign = if transfer.signed() < 0 { '−' } else { '+' };
    let why = |mark: &str| if note.is_empty() { String::new() } else { format!("{mark}{note}") };
    match (kind, language) {
        ("award", Language::Chinese) => format!("{day} {note} +{amount}（街道授予）"),
        ("award", Language::English) => format!("{day}: {note}, +{amount} (awarded by the street)"),
        ("recognition", Language::Chinese) => format!("{day} 成果认定《{title}》 +{amount}"),
        ("recognition", Language::English) => format!("{day}: recognised “{title}”, +{amount}"),
        ("hold", Language::Chinese) => format!("{day} 兑换《{title}》 −{amount}（等待领取）"),
        ("hold", Language::English) => format!("{day}: chose “{title}”, −{amount} (to be picked up)"),
        ("release", Language::Chinese) => format!("{day} 《{title}》的兑换已取消或过期，退回 +{amount}"),
        ("release", Language::English) => {
            format!("{day}: “{title}” was cancelled or not picked up in time, +{amount} given back")
        }
        ("redemption", Language::Chinese) => format!("{day} 已领取《{title}》，用去 {amount}"),
        ("redemption", Language::English) => format!("{day}: picked up “{title}” for {amount}"),
        ("expiry", Language::Chinese) => format!("{day} {}及以前得到的积分到期 −{amount}", month(title, language)),
        ("expiry", Language::English) => {
            format!("{day}: points of {} and before expired, −{amount}", month(title, language))
        }
        (_, Language::Chinese) => format!("{day} 冲正 {sign}{amount}{}", why("：")),
        (_, Language::English) if sign == '−' => format!("{day}: −{amount} taken back{}", why(": ")),
        (_, Language::English) => format!("{day}: +{amount} given back{}", why(": ")),
    }
}

/// The cap that took something off: where a rule has several, its transfers do not say which it was.
fn only_cap(rule: &Rule, day: Date) -> Option<Cap> {
    match caps(rule, day).as_slice() {
        [cap] => Some(*cap),
        _ => None,
    }
}

/// What a cap took off, and what it leaves of today.
fn limits(transfer: &Transfer, rule: Option<&Rule>, unit: Unit, left_today: Option<i64>, language: Language) -> String {
    let mut text = String::new();
    if transfer.capped > 0 {
        let whole = unit.write(transfer.amount + transfer.capped);
        let cap = rule.and_then(|rule| only_cap(rule, transfer.earned_on));
        let (period, limit) = cap.map_or(("", String::new()), |cap| (cap.period, unit.write(cap.limit)));
        text.push_str(&match (period, language) {
            ("day", Language::Chinese) => format!("（原为 {whole}，每天最多 {limit}）"),
            ("day", Language::English) => format!(" (worth {whole}; at most {limit} a day)"),
            ("month", Language::Chinese) => format!("（原为 {whole}，每月最多 {limit}）"),
            ("month", Language::English) => format!(" (worth {whole}; at most {limit} a month)"),
            ("year", Language::Chinese) => format!("（原为 {whole}，每年最多 {limit}）"),
            ("year", Language::English) => format!(" (worth {whole}; at most {limit} a year)"),
            (_, Language::Chinese) => format!("（原为 {whole}，已到上限）"),
            (_, Language::English) => format!(" (worth {whole}; a limit was reached)"),
        });
    }
    if let Some(left) = left_today {
        let left = format!("{} {}", unit.write(left), unit_words(unit, language));
        text.push_str(&match language {
            Language::Chinese => format!("；今天还可得 {left}"),
            Language::English => format!("; up to {left} more today"),
        });
    }
    text
}
