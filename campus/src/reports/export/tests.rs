use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use time::macros::datetime;
use uuid::Uuid;

use super::super::figures::{Amount, Figures, MonthFigures};
use super::super::measures::Measure;
use super::super::ranking;
use super::*;
use crate::branches::Branch;

fn rankings(name: &str) -> Vec<Ranking> {
    let branch = |number: u128, name: &str, parent: Option<u128>, population| Branch {
        id: Uuid::from_u128(number),
        code: format!("B{number}"),
        name: name.to_owned(),
        parent_id: parent.map(Uuid::from_u128),
        population,
    };
    let branches = vec![
        branch(1, "长青街道社区教育中心", None, Some(1000)),
        branch(2, name, Some(1), Some(263)),
        branch(3, "梧桐社区市民学校", Some(1), None),
    ];
    let month: Month = "2026-11".parse().unwrap();
    let mut current = MonthFigures::open(&branches);
    for (number, people) in [(2, 18), (3, 20)] {
        current.put(Uuid::from_u128(number), Measure::NewRegistrations, Amount { amount: Some(people), late: 1 });
        current.put(Uuid::from_u128(number), Measure::TotalRegistrations, Amount { amount: Some(people), late: 1 });
    }
    let previous = MonthFigures::open(&branches);
    let figures = Figures::of(branches, [(month, current), (month.previous(), previous)]);
    Metric::ALL.iter().map(|metric| ranking::ranking(&figures, month, *metric).unwrap()).collect()
}

fn export(name: &str, format: Format) -> ExportFile {
    let now = datetime!(2026-12-06 00:00 +8);
    write("2026-11".parse().unwrap(), &rankings(name), format, Language::Chinese, now).unwrap()
}

#[test]
fn the_comma_file_opens_in_excel_as_it_is_meant() {
    let file = export("=1+2,社区", Format::Csv);
    assert_eq!(file.name, "2026-11-月报.csv");
    let text = String::from_utf8(file.content).unwrap();
    let lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap().split("\r\n").collect();
    assert!(lines[0].starts_with("代码,分校,新增登记 本月,新增登记 排名,新增登记 上月,"), "{}", lines[0]);
    // The best by the first metric comes first; without a population there is no figure.
    assert!(
        lines[1].starts_with("B3,梧桐社区市民学校,20,1,0,1,20,0,0,,,1,20,1,0,1,20,0,0,,,1,,,,,,,,,,,"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].starts_with(
            "B2,\"'=1+2,社区\",18,2,0,1,18,2,2,,,1,18,2,0,1,18,2,2,,,1,68.44,1,0.00,1,68.44,0.00,0.00,,,3.80,"
        ),
        "{}",
        lines[2]
    );
    assert!(
        lines[3].starts_with(",全街道,38,,0,,38,,,,,2,38,,0,,38,,,,,2,38.00,,0.00,,38.00,,,,,2.00,"),
        "{}",
        lines[3]
    );
    assert_eq!(lines[4], "");
    let columns = lines[0].split(',').count();
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    assert!(reader.records().all(|row| row.unwrap().len() == columns));
}

#[test]
fn the_workbook_holds_a_sheet_a_metric_with_typed_cells() {
    let file = export("=1+2,社区", Format::Xlsx);
    assert_eq!((file.name.as_str(), file.plain_name.as_str()), ("2026-11-月报.xlsx", "2026-11-report.xlsx"));
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.content)).unwrap();
    assert_eq!(workbook.sheet_names().len(), Metric::ALL.len());
    let sheet = workbook.worksheet_range("每千人登记数").unwrap();
    assert_eq!(sheet.get((0, 1)), Some(&Data::String("分校".to_owned())));
    assert_eq!(sheet.get((1, 1)), Some(&Data::String("=1+2,社区".to_owned())));
    assert_eq!(sheet.get((1, 2)), Some(&Data::Float(68.44)));
    assert_eq!(sheet.get((2, 2)), Some(&Data::Empty));
    assert_eq!(sheet.get((3, 2)), Some(&Data::Float(38.0)));
    assert!(workbook.worksheet_formula("每千人登记数").unwrap().used_cells().all(|(_, _, formula)| formula.is_empty()));
}

#[test]
fn a_format_that_is_not_offered_is_refused() {
    for name in ["exe", "", "CSV"] {
        assert_eq!(Format::parse(name).unwrap_err().kind(), crate::error::Kind::Invalid);
    }
}
