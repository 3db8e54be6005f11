use super::super::figures::MonthFigures;
use super::super::measures::Measure;
use super::super::{figures, ranking};
use super::*;
use crate::branches::Branch;

fn branch(number: u128, name: &str, parent: Option<u128>, population: Option<i32>) -> Branch {
    Branch {
        id: Uuid::from_u128(number),
        code: format!("B{number}"),
        name: name.to_owned(),
        parent_id: parent.map(Uuid::from_u128),
        population,
    }
}

fn rankings() -> Vec<Ranking> {
    let branches = vec![
        branch(1, "长青街道社区教育中心", None, Some(1000)),
        branch(2, "春晓社区市民学校", Some(1), Some(200)),
        branch(3, "梧桐社区市民学校", Some(1), Some(300)),
        branch(4, "<b>望江</b>社区市民学校", Some(1), None),
    ];
    let month: Month = "2026-11".parse().unwrap();
    let (mut current, previous) = (MonthFigures::open(&branches), MonthFigures::open(&branches));
    for (number, people, late) in [(2, 17, 2), (3, 20, 0), (4, 37, 0)] {
        current.put(Uuid::from_u128(number), Measure::NewRegistrations, figures::Amount { amount: Some(people), late });
    }
    let figures = Figures::of(branches, [(month, current), (month.previous(), previous)]);
    Metric::ALL.iter().map(|metric| ranking::ranking(&figures, month, *metric).unwrap()).collect()
}

#[test]
fn a_branch_reads_its_own_figures_and_what_closes_the_gap() {
    let letter = branch_letter("2026-11".parse().unwrap(), Uuid::from_u128(2), &rankings()).unwrap();
    assert_eq!(letter.subject, "[常青学堂] 2026年11月月报：春晓社区市民学校");
    assert_eq!(
        letter.rows[0],
        [
            "新增登记",
            "17 人（其中补报 2）",
            "0 人",
            "+17",
            "第 3 名（上月第 1 名）",
            "距上一名（梧桐）还差 3 人，距第一名（<b>望江</b>）还差 20 人"
        ]
    );
    let second = branch_letter("2026-11".parse().unwrap(), Uuid::from_u128(3), &rankings()).unwrap();
    assert_eq!(second.rows[0][5], "距上一名（<b>望江</b>，即第一名）还差 17 人");
    assert_eq!(second.rows[1][5], "各分校都还是 0");
}

#[test]
fn text_and_html_say_the_same_and_names_are_escaped() {
    let letter = branch_letter("2026-11".parse().unwrap(), Uuid::from_u128(2), &rankings()).unwrap();
    let (html, text) = (letter.html(), letter.text());
    assert!(!html.contains("<b>") && html.contains("&lt;b&gt;望江&lt;/b&gt;"));
    for cell in letter.rows.iter().flatten().chain(&letter.notes) {
        assert!(text.contains(cell.as_str()), "{cell}");
        assert!(html.contains(&cell.replace('<', "&lt;").replace('>', "&gt;")), "{cell}");
    }
}

#[test]
fn a_branch_without_a_population_is_told_so() {
    let letter = branch_letter("2026-11".parse().unwrap(), Uuid::from_u128(4), &rankings()).unwrap();
    let row = letter.rows.iter().find(|row| row[0] == "每千人登记数").unwrap();
    assert_eq!(row[1..], ["无数据", "无", "无", "不排名", "缺少辖区人口，无法计算"]);
}

#[test]
fn the_street_centre_reads_everybodys() {
    let rankings = rankings();
    assert!(branch_letter("2026-11".parse().unwrap(), Uuid::from_u128(1), &rankings).is_none());
    let letter = street_letter("2026-11".parse().unwrap(), "长青街道社区教育中心", &rankings);
    assert_eq!(letter.subject, "[常青学堂] 2026年11月月报：长青街道社区教育中心（全街道）");
    assert_eq!(letter.rows.len(), 4);
    assert_eq!(letter.rows[0][..2], ["<b>望江</b>社区市民学校", "37 人，第 1 名"]);
    assert_eq!(letter.rows[3][..2], ["全街道（含中心）", "74 人（其中补报 2）"]);
}

#[test]
fn a_subject_stays_on_one_line() {
    assert!(!subject("2026-11".parse().unwrap(), "春晓\r\nBcc: x@example.com").contains(['\r', '\n']));
}
