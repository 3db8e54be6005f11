//! The mails that go out when a month closes: to the staff of each school and of its teaching points their own
//! figures and gaps, to the street centre everybody's.

mod layout;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use self::layout::Letter;
use super::figures::{Figure, Figures};
use super::metrics::Metric;
use super::queries;
use super::ranking::{RankedBranch, Ranking, Status, with_targets};
use super::rows::Reader;
use super::value::Hundredths;
use super::{ExportFile, Format, branch_page, export};
use crate::Campus;
use crate::access::Role;
use crate::clock::Month;
use crate::db::Connection;
use crate::error::Result;
use crate::language::Language;
use crate::mail::{self, Mail};

/// What these mails are called among the deliveries.
const KIND: &str = "month_report";

/// Queues the mails of a month that is closed, to the addresses that `to` lets through; answers how many.
pub(super) async fn queue(
    connection: &mut Connection,
    figures: &Figures,
    month: Month,
    to: impl Fn(&str) -> bool,
    now: OffsetDateTime,
) -> Result<usize> {
    let mut rankings = Vec::with_capacity(Metric::ALL.len());
    for metric in Metric::ALL {
        rankings.push(with_targets(connection, figures, month, (*metric).into()).await?);
    }
    if rankings.first().is_none_or(|ranking| ranking.items.is_empty()) {
        return Ok(0);
    }
    let mut queued = 0;
    let centre = figures.branches.iter().find(|branch| branch.parent_id.is_none());
    let street = street_letter(month, centre.map_or("全街道", |branch| branch.name.as_str()), &rankings);
    for reader in queries::readers(connection).await?.into_iter().filter(|reader| to(&reader.email)) {
        let school = own_branch(&reader).and_then(|branch| figures.school_of(branch));
        let own = school.and_then(|school| Some((school, branch_letter(month, school, &rankings)?)));
        let (branch, letter) = own.map_or_else(|| (None, street.clone()), |(branch, letter)| (Some(branch), letter));
        let mail = Mail { to: reader.email, subject: letter.subject.clone(), html: letter.html(), text: letter.text() };
        let enclosed = json!(Enclosed { month: month.to_string(), branch });
        mail::queue_with_files(connection, KIND, &mail, &about(month), &enclosed, now).await?;
        queued += 1;
    }
    Ok(queued)
}

/// What the mails of a month are found by.
pub(super) fn about(month: Month) -> String {
    format!("month:{month}")
}

/// What goes along with a mail, by which it can be made when it is sent: a closed month says the same for good.
#[derive(Debug, Serialize, Deserialize)]
struct Enclosed {
    month: String,
    /// The branch whose page it is; `None`: the whole street's files.
    branch: Option<Uuid>,
}

/// The files of a month's mail: a branch's page, or the whole street's workbook and paper.
///
/// The future fails with what the database says, or where a file cannot be made.
pub fn files<'a>(campus: &'a Campus, enclosed: &'a Value) -> BoxFuture<'a, Result<Vec<mail::File>>> {
    Box::pin(async move {
        let enclosed = Enclosed::deserialize(enclosed)?;
        let month: Month = enclosed.month.parse()?;
        let made = match enclosed.branch {
            Some(branch) => vec![branch_page(campus, month, branch).await?],
            None => {
                let language = Language::Chinese;
                vec![
                    export(campus, month, Format::Xlsx, language).await?,
                    export(campus, month, Format::Pdf, language).await?,
                ]
            }
        };
        let file = |it: ExportFile| mail::File { name: it.name, content_type: it.content_type, content: it.content };
        Ok(made.into_iter().map(file).collect())
    })
}

/// The branch whose figures somebody gets, a teaching point's being its school's; `None` for those who look
/// after the street.
fn own_branch(reader: &Reader) -> Option<Uuid> {
    reader.branch_id.filter(|_| reader.role == Role::BranchStaff.as_str())
}

fn title(month: Month) -> String {
    format!("{}年{}月", month.first_day().year(), u8::from(month.first_day().month()))
}

fn subject(month: Month, name: &str) -> String {
    let name: String = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!("[常青学堂] {}月报：{name}", title(month))
}

/// `None` for a branch that is not ranked: the street centre.
fn branch_letter(month: Month, branch: Uuid, rankings: &[Ranking]) -> Option<Letter> {
    let mut rows = Vec::with_capacity(rankings.len());
    let mut name = None;
    let mut schools = 0;
    for ranking in rankings {
        let item = ranking.items.iter().find(|item| item.branch.id == branch)?;
        name = Some(item.branch.name.as_str());
        schools = ranking.items.len();
        rows.push(branch_row(ranking, item));
    }
    let name = name?;
    Some(Letter {
        subject: subject(month, name),
        title: format!("{name} {}月报", title(month)),
        opening: format!(
            "{}已经月结，全街道共 {schools} 所分校参加排名。以下是贵校的数据、名次，以及和前面学校的差距。",
            title(month)
        ),
        head: ["指标", "本月", "上月", "增减", "名次", "差距"].map(str::to_owned).to_vec(),
        rows,
        notes: notes(rankings),
    })
}

/// A branch's row for each metric it is ranked by: what it is called, this month, the last, the change, the
/// rank, what is missing.
pub(super) fn branch_rows(branch: Uuid, rankings: &[Ranking]) -> Vec<Vec<String>> {
    rankings
        .iter()
        .filter_map(|ranking| {
            ranking.items.iter().find(|item| item.branch.id == branch).map(|item| branch_row(ranking, item))
        })
        .collect()
}

fn branch_row(ranking: &Ranking, item: &RankedBranch) -> Vec<String> {
    let metric = ranking.metric;
    let rank = item.standing.map_or_else(|| "不排名".to_owned(), |standing| format!("第 {} 名", standing.rank));
    let rank = match item.previous_rank {
        Some(previous) => format!("{rank}（上月第 {previous} 名）"),
        None => rank,
    };
    vec![
        metric.definition().words(Language::Chinese).name.to_owned(),
        with_late(metric, item.figure),
        item.previous_value.map_or_else(|| "无".to_owned(), |value| amount(metric, value)),
        item.delta.map_or_else(|| "无".to_owned(), |delta| signed(metric, delta)),
        rank,
        gap(ranking, item),
    ]
}

/// What is missing to those ahead, in words.
fn gap(ranking: &Ranking, item: &RankedBranch) -> String {
    let (Some(figure), Some(standing)) = (item.figure, item.standing) else {
        let for_population = ranking.metric.definition().for_population;
        return if for_population { "缺少辖区人口，无法计算" } else { "还没有数据" }.to_owned();
    };
    if standing.rank == 1 {
        let equals = ranking.items.iter().filter(|other| other.standing.is_some_and(|it| it.rank == 1)).count();
        return match equals {
            1 => "已是第一名",
            _ if figure.value == Hundredths::ZERO => "各分校都还是 0",
            _ => "并列第一名",
        }
        .to_owned();
    }
    let holders = |gap: Hundredths| {
        names(ranking.items.iter().filter(|other| other.figure.is_some_and(|ahead| ahead.value - figure.value == gap)))
    };
    let metric = ranking.metric;
    let next = amount(metric, standing.gap_to_next);
    let ahead = holders(standing.gap_to_next);
    if standing.gap_to_next == standing.gap_to_first {
        return format!("距上一名（{ahead}，即第一名）还差 {next}");
    }
    let first = holders(standing.gap_to_first);
    format!("距上一名（{ahead}）还差 {next}，距第一名（{first}）还差 {}", amount(metric, standing.gap_to_first))
}

/// Up to two short names.
fn names<'a>(items: impl Iterator<Item = &'a RankedBranch>) -> String {
    let all: Vec<&str> = items.map(|item| short_name(&item.branch.name)).collect();
    let shown = all.iter().take(2).copied().collect::<Vec<_>>().join("、");
    if all.len() > 2 { format!("{shown}等 {} 校", all.len()) } else { shown }
}

/// 梧桐社区市民学校 → 梧桐.
fn short_name(name: &str) -> &str {
    ["社区市民学校", "市民学校", "分校"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .filter(|short| !short.is_empty())
        .unwrap_or(name)
}

fn street_letter(month: Month, centre: &str, rankings: &[Ranking]) -> Letter {
    let name = |metric: Metric| metric.definition().words(Language::Chinese).name.to_owned();
    let mut head = vec!["分校".to_owned()];
    head.extend(rankings.iter().map(|ranking| name(ranking.metric)));
    let mut rows = Vec::new();
    // In the order of the first metric.
    for school in rankings.first().map(|ranking| ranking.items.as_slice()).unwrap_or_default() {
        let mut row = vec![school.branch.name.clone()];
        for ranking in rankings {
            let item = ranking.items.iter().find(|item| item.branch.id == school.branch.id);
            let figure = with_late(ranking.metric, item.and_then(|item| item.figure));
            row.push(match item.and_then(|item| item.standing) {
                Some(standing) => format!("{figure}，第 {} 名", standing.rank),
                None => figure,
            });
        }
        rows.push(row);
    }
    let mut whole = vec!["全街道（含中心）".to_owned()];
    whole.extend(rankings.iter().map(|ranking| with_late(ranking.metric, ranking.street)));
    rows.push(whole);
    Letter {
        subject: subject(month, &format!("{centre}（全街道）")),
        title: format!("{centre} {}月报（全街道）", title(month)),
        opening: format!("{}已经月结。以下是各分校的数据和名次。", title(month)),
        head,
        rows,
        notes: notes(rankings),
    }
}

fn notes(rankings: &[Ranking]) -> Vec<String> {
    let mut notes: Vec<String> = rankings
        .iter()
        .map(|ranking| ranking.metric.definition().words(Language::Chinese))
        .map(|words| format!("{}：{}", words.name, words.meaning))
        .collect();
    notes.push("补报：发生在已经月结的月份、计入本月的部分。".to_owned());
    if let Some(Status::Closed { hash, .. }) = rankings.first().map(|ranking| &ranking.status) {
        notes.push(format!("月结数据校验码（SHA-256）：{hash}"));
    }
    notes.push("此邮件由系统自动发送。详细数据请登录常青学堂办公端查看。".to_owned());
    notes
}

fn amount(metric: Metric, value: Hundredths) -> String {
    format!("{} {}", number(metric, value), metric.definition().words(Language::Chinese).unit)
}

fn number(metric: Metric, value: Hundredths) -> String {
    if metric.definition().whole { value.plain() } else { value.to_string() }
}

fn signed(metric: Metric, delta: Hundredths) -> String {
    if delta > Hundredths::ZERO { format!("+{}", number(metric, delta)) } else { number(metric, delta) }
}

fn with_late(metric: Metric, figure: Option<Figure>) -> String {
    match figure {
        None => "无数据".to_owned(),
        Some(figure) if figure.late == Hundredths::ZERO => amount(metric, figure.value),
        Some(figure) => format!("{}（其中补报 {}）", amount(metric, figure.value), number(metric, figure.late)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
