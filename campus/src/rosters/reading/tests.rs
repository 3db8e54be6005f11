//! Layouts and encodings as offices really hand them in.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use encoding_rs::GB18030;

use crate::rosters::samples::{Sample, fill, judged, lines, roster, separated, verdicts, workbook};

const PLAIN: [&[&str]; 3] = [
    &["序号", "姓名", "性别", "出生日期", "联系电话"],
    &["1", "王芳", "女", "1956-03-02", "13812345678"],
    &["2", "李强", "男", "1949.10.1", ""],
];

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn every_encoding_with_every_separator() {
    for delimiter in [b',', b'\t', b';', b'|'] {
        let text = separated(&PLAIN, delimiter);
        let marked = format!("\u{feff}{text}");
        let crlf = text.replace('\n', "\r\n");
        let carriage_returns = text.replace('\n', "\r");
        for (encoding, bytes) in [
            ("UTF-8", text.clone().into_bytes()),
            ("UTF-8 with mark", marked.clone().into_bytes()),
            ("UTF-8 with CRLF", crlf.clone().into_bytes()),
            ("UTF-8 with CR", carriage_returns.into_bytes()),
            ("GB18030", GB18030.encode(&crlf).0.into_owned()),
            ("UTF-16 LE with mark", utf16(&marked, u16::to_le_bytes)),
            ("UTF-16 BE with mark", utf16(&marked, u16::to_be_bytes)),
            ("UTF-16 LE", utf16(&crlf, u16::to_le_bytes)),
            ("UTF-16 BE", utf16(&text, u16::to_be_bytes)),
        ] {
            let rows = judged(&bytes);
            assert_eq!(verdicts(&rows), [(2, "ok"), (3, "ok")], "{encoding} {delimiter}");
            let person = rows[0].person().unwrap();
            assert_eq!(person.name, "王芳", "{encoding} {delimiter}");
            assert_eq!(person.phone.as_deref(), Some("13812345678"));
        }
    }
}

#[test]
fn one_damaged_byte_does_not_garble_the_rest() {
    let mut bytes = separated(&PLAIN, b',').into_bytes();
    bytes.extend(b"3,\xE7\x8E,\xE5\xA5\xB3,1950-01-01,\n");
    let rows = judged(&bytes);
    assert_eq!(rows[0].person().unwrap().name, "王芳");
}

#[test]
fn blank_lines_and_line_breaks_in_cells_keep_the_line_numbers() {
    let text = "名册\n\n\n序号,\"姓　名\n（必填）\",\"出生日期\n(年-月-日)\"\n\n1,王芳,1956-03-02\n,,\n\n2,\"李\n强\",1949.10.1\n";
    let roster = roster(text.as_bytes());
    assert_eq!(roster.header_row(), Some(4));
    let rows = judged(text.as_bytes());
    assert_eq!(verdicts(&rows), [(6, "ok"), (9, "ok")]);
    assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(rows[1].person().unwrap().name, "李强");
}

#[test]
fn a_lone_quotation_mark_swallows_nothing() {
    let mut text = String::from("姓名,出生日期\n\"小王,1956-03-02\n");
    for day in 1..=28 {
        text.push_str(&format!("张{},1950-01-{day}\n", char::from_u32(0x4e00 + day).unwrap()));
    }
    assert_eq!(judged(text.as_bytes()).len(), 29);
}

#[test]
fn a_quotation_mark_that_nobody_closed_swallows_nobody() {
    let people = |quoted: &[usize]| {
        let mut text = String::from("姓名,出生日期,电话,备注\n");
        for number in 1..=12 {
            let quote = if quoted.contains(&number) { "\"" } else { "" };
            let name = char::from_u32(0x4e00 + u32::try_from(number).unwrap()).unwrap();
            text.push_str(&format!("王{name},1950-01-{number},13800000000,{quote}喜欢书法\n"));
        }
        judged(text.as_bytes()).len()
    };
    assert_eq!((people(&[3]), people(&[3, 9]), people(&[12])), (12, 12, 12));
    // Line breaks in a cell are not yet records.
    let text = "姓名,出生日期,电话,备注\n王芳,1956-03-02,,\"书法,\n国画\"\n李强,1949-10-01,,\n";
    assert_eq!(verdicts(&judged(text.as_bytes())), [(2, "ok"), (3, "ok")]);
}

#[test]
fn two_tables_side_by_side_are_both_read_and_never_mixed() {
    let text = "名册\n序号,姓名,出生日期,电话,序号,姓名,出生日期,电话\n\
                1,王芳,1956-03-02,,3,李强,1949-10-01,13812345678\n2,张伟,,,4,赵敏,1950-05-05,\n5,周杰,1951-01-01,,,,,\n\
                序号,姓名,出生日期,电话,序号,姓名,出生日期,电话\n6,吴用,1952-01-01,,,,,\n";
    let rows = judged(text.as_bytes());
    let expected = [(3, "ok"), (3, "ok"), (4, "birth_date_missing"), (4, "ok"), (5, "ok"), (7, "ok")];
    assert_eq!(verdicts(&rows), expected);
    assert_eq!((rows[0].person().unwrap().phone.as_deref(), rows[3].name.as_deref()), (None, Some("赵敏")));
}

#[test]
fn a_second_name_and_telephone_are_somebody_elses() {
    let text = "姓名,出生日期,电话,姓名,电话,登记日期\n,1956-03-02,,赵敏,13900000000,\n王芳,1956-03-02,,赵敏,13900000000,2026-01-02\n";
    let rows = judged(text.as_bytes());
    assert_eq!(verdicts(&rows), [(2, "name_missing"), (3, "ok")]);
    let person = rows[1].person().unwrap();
    assert_eq!((person.phone.as_deref(), person.registered_on.is_some()), (None, true));
}

#[test]
fn a_guardian_has_columns_like_the_resident_and_is_not_on_the_roster() {
    for (above, header) in [
        ("学员信息,,,监护人信息,,", "姓名,出生日期,电话,姓名,出生日期,电话"),
        ("学员信息,,,,,", "姓名,出生日期,电话,姓名,出生日期,与学员关系"),
    ] {
        let text =
            format!("{above}\n{header}\n小明,2010-03-02,,赵敏,1980-05-05,13900000000\n,2011-03-02,,钱伟,1980-05-06,\n");
        let rows = judged(text.as_bytes());
        assert_eq!(verdicts(&rows), [(3, "ok"), (4, "name_missing")], "{above}");
        assert_eq!(rows[0].person().unwrap().phone, None);
    }
    // The names stand in the lower line, the birth dates in the upper.
    let text = "基本信息,,出生日期,联系电话\n姓名,性别,,\n王芳,女,1956-03-02,13812345678\n";
    assert_eq!(verdicts(&judged(text.as_bytes())), [(3, "ok")]);
}

#[test]
fn headers_in_brackets_and_dates_of_two_calendars() {
    let text = "【姓名】,（出生日期（农历））,出生日期（公历）,【有效证件号码】\n王芳,1956-01-20,1956-03-02,\n";
    let rows = judged(text.as_bytes());
    assert_eq!(rows[0].person().unwrap().birth_date, time::macros::date!(1956 - 03 - 02));
}

#[test]
fn a_sheet_that_explains_the_columns_is_no_roster() {
    let explained =
        lines(&[&["填写说明"], &["姓名", "须与身份证一致"], &["出生日期", "如1956-03-02"], &["身份证号码", "18位"]]);
    let bytes = workbook(&[("填写说明", explained), ("名册", lines(&PLAIN))]);
    assert_eq!(verdicts(&judged(&bytes)), [(2, "ok"), (3, "ok")]);
}

#[test]
fn columns_in_any_order_under_names_with_notes() {
    for header in [
        ["备注", "联系电话（必填）", "出生日期\n(年-月-日)", "* 姓 名", "登记日期\r\n如2026-01-01", "住址"],
        ["备　注", "手机号码【11位】", "出生年月日：", "学员姓名*", "报名时间", "家庭住址"],
        ["说明", "电话/手机", "生日 (公历)", "名字", "注册日期", "联系地址"],
        ["备注", "联系方式\n手机或座机", "出生年月", "姓名\n与身份证一致", "入学时间", "地址"],
        ["Remarks", "Mobile Phone", "Date of Birth", "NAME", "日期", "Address"],
        ["备注", "学员 联系电话", "学员出生日期", "学员 姓名", "学员登记日期", "现住址"],
    ] {
        let row = ["老学员", "13812345678", "1956-03-02", "王芳", "2026-05-01", "春晓路1号"];
        let bytes = workbook(&[("登记表", lines(&[&["登记表"], &header, &row]))]);
        let rows = judged(&bytes);
        assert_eq!(verdicts(&rows), [(3, "ok")], "{header:?}");
        let person = rows[0].person().unwrap();
        assert_eq!(person.name, "王芳");
        assert_eq!(person.phone.as_deref(), Some("13812345678"), "{header:?}");
        assert_eq!(person.registered_on, Some(time::macros::date!(2026 - 05 - 01)), "{header:?}");
    }
}

#[test]
fn somebody_elses_columns_are_left_alone() {
    let bytes = workbook(&[(
        "登记表",
        lines(&[
            &["监护人姓名", "紧急联系人电话", "单位电话", "身份证地址", "姓名", "出生日期", "家庭电话", "手机"],
            &["王大", "13900000000", "028-11", "成都", "王芳", "1956-03-02", "028-86654321", "13812345678"],
            &["王大", "13900000000", "", "", "李强", "1949-10-01", "028-86654321", ""],
            &["王大", "13900000000", "", "", "", "1949-10-02", "", ""],
        ]),
    )]);
    let rows = judged(&bytes);
    assert_eq!(verdicts(&rows), [(2, "ok"), (3, "ok"), (4, "name_missing")]);
    assert_eq!(rows[0].person().unwrap().phone.as_deref(), Some("13812345678"));
    assert_eq!(rows[1].person().unwrap().phone.as_deref(), Some("028-86654321"));
}

#[test]
fn nobody_is_registered_under_somebody_elses_name_or_telephone() {
    for others in ["网格员姓名,网格员电话", "结对姓名,电话（子女）", "楼组长姓名,电话-紧急联系人", "老伴,手机：女儿的"]
    {
        let text =
            format!("姓名,出生日期,{others},电话\n,1956-03-02,赵敏,13900000000,\n王芳,1956-03-02,赵敏,13900000000,\n");
        let rows = judged(text.as_bytes());
        assert_eq!(verdicts(&rows), [(2, "name_missing"), (3, "ok")], "{others}");
        assert_eq!(rows[1].person().unwrap().phone, None, "{others}");
    }
}

#[test]
fn notes_behind_any_mark_leave_a_name_as_it_is() {
    for header in [
        "姓名，须与身份证一致;出生日期，以身份证为准;手机号，没有的填子女手机",
        "姓名：同身份证;出生日期：年-月-日;联系电话（本人或子女）",
        "*姓名*须与身份证一致;生日—按身份证;电话、没有可不填",
        "姓名。必填;出生年月日*;手机(无手机填子女的)",
    ] {
        let text = format!("{header}\n王芳;1956-03-02;13812345678\n");
        let rows = judged(text.as_bytes());
        assert_eq!(verdicts(&rows), [(2, "ok")], "{header}");
        assert_eq!(rows[0].person().unwrap().phone.as_deref(), Some("13812345678"), "{header}");
    }
    let text = "姓名,出生日期,身份证有效日期,身份证有效截止,智能手机,现使用手机号\n王芳,1956-03-02,2030-01-01,2030-01-01,有,13812345678\n";
    let rows = judged(text.as_bytes());
    assert_eq!(rows[0].person().unwrap().phone.as_deref(), Some("13812345678"));
    let rows = judged("姓名,有效身份证件号码\n王芳,110101195603020026\n".as_bytes());
    assert_ne!(verdicts(&rows), [(2, "birth_date_missing")]);
}

#[test]
fn titles_hints_headings_repeated_headers_and_footers_are_no_people() {
    let bytes = workbook(&[(
        "登记表",
        lines(&[
            &["长青街道春晓社区市民学校学员登记表"],
            &["填报单位：春晓社区", "", "", "填报日期：2026年10月31日"],
            &["序号", "姓名", "性别", "出生日期", "联系电话"],
            &["", "必填", "", "年-月-日", "11位手机号"],
            &["1", "2", "3", "4", "5"],
            &["例", "张三", "男", "1950-01-01", "13800000000"],
            &["一、老年班"],
            &["", "第一小组"],
            &["1", "王芳", "女", "1956-03-02", "13812345678"],
            &[],
            &["2", "李强", "男", "1949.10.1", ""],
            &["小计", "2", "", "", ""],
            &["第 2 页"],
            &["序号", "姓名", "性别", "出生日期", "联系电话"],
            &["3", "", "男", "1950-05-05", "13912345678"],
            &["4", "赵敏", "", "", ""],
            &["5", "", "", "", ""],
            &["6"],
            &["合计：", "3人", "", "", ""],
            &["填表人", "张三", "审核", "2026-10-31", "13812345678"],
            &["", "填表人：张三", "", "2026-10-31", ""],
            &["", "", "", "2026年10月31日", ""],
            &["说明：1.姓名必填；2.出生日期按身份证填写。", "", "", "", ""],
        ]),
    )]);
    let expected = [(9, "ok"), (11, "ok"), (15, "name_missing"), (16, "birth_date_missing")];
    assert_eq!(verdicts(&judged(&bytes)), expected);
    assert_eq!(roster(&bytes).header_row(), Some(3));
}

#[test]
fn footers_without_a_column_of_numbers() {
    let text = "姓名,出生日期,电话\n王芳,1956-03-02,13812345678\n审成文,1949-10-1,\n合计,1人,\n\
                以上共2人,,\n长青街道社区教育中心,,\n2026年10月31日,,\n单位（盖章）,,电话：028-86654321\n";
    assert_eq!(verdicts(&judged(text.as_bytes())), [(2, "ok"), (3, "ok")]);
}

#[test]
fn whoever_signs_a_roster_is_not_on_it() {
    for signature in [
        "长青街道春晓社区市民学校（盖章）,,,2026年10月31日,",
        "登记人：李四,,,,13812345678",
        "采集员：李四,,,2026-10-31,13812345678",
        ",登记人：李四,,2026年10月31日,",
        ",社区管理员：李四,,2026年10月31日,",
        ",校长签字：,,2026年10月31日,",
        "社区负责人：,钱书记,,日期：2026年10月31日,",
        "学员总数,共2人,,,",
    ] {
        let text = format!(
            "序号,姓名,性别,出生日期,联系电话\n1,王芳,女,1956-03-02,13812345678\n二组3,,男,1950-05-05,\n{signature}\n"
        );
        assert_eq!(verdicts(&judged(text.as_bytes())), [(2, "ok"), (3, "name_missing")], "{signature}");
    }
    for signature in ["登记人：李四,2026年10月31日,", "录入员：李四,2026年10月31日,13812345678"] {
        let text = format!("姓名,出生日期,电话\n任长,1956-03-02,13812345678\n{signature}\n");
        assert_eq!(verdicts(&judged(text.as_bytes())), [(2, "ok")], "{signature}");
    }
}

#[test]
fn two_lines_of_a_header_that_are_enough_only_together() {
    let text = "名册\n序号,姓名,证件信息,,联系方式,\n,,身份证号,出生日期,住址,手机（11位）\n\
                1,王芳,,1956-03-02,春晓路1号,13812345678\n";
    let rows = judged(text.as_bytes());
    assert_eq!(verdicts(&rows), [(4, "ok")]);
    assert_eq!(rows[0].person().unwrap().phone.as_deref(), Some("13812345678"));
    assert_eq!(roster(text.as_bytes()).header_row(), Some(2));
}

#[test]
fn a_header_of_two_lines_below_merged_headings() {
    let bytes = workbook(&[(
        "登记表",
        lines(&[
            &["序号", "姓名", "基本情况", "出生日期", "联系方式", ""],
            &["", "", "性别", "", "住址", "手机"],
            &["1", "王芳", "女", "1956-03-02", "春晓路1号", "13812345678"],
        ]),
    )]);
    let rows = judged(&bytes);
    assert_eq!(verdicts(&rows), [(3, "ok")]);
    assert_eq!(rows[0].person().unwrap().gender.map(|gender| gender.code()), Some("female"));
}

#[test]
fn all_sheets_with_a_header_are_read_and_the_others_named() {
    let first = lines(&PLAIN);
    let second =
        lines(&[&["二班"], &["电话", "出生日期", "姓名"], &["", "1950-01-01", "张伟"], &["", "1956/3/2", "王　芳"]]);
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, lines) in [
        ("封面", lines(&[&["长青街道"], &["社区教育学员登记表"]])),
        ("一班", first),
        ("联系人", lines(&[&["姓名", "电话"], &["陈主任", "13800000000"]])),
        ("二班", second),
        ("旧名单", lines(&PLAIN)),
    ] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap().set_hidden(name == "旧名单");
        fill(sheet, &lines);
    }
    let bytes = book.save_to_buffer().unwrap();
    let roster = roster(&bytes);
    let sheets: Vec<(&str, u32, u32)> =
        roster.sheets.iter().map(|sheet| (&*sheet.name, sheet.header_row, sheet.rows)).collect();
    assert_eq!(sheets, [("一班", 1, 2), ("二班", 2, 2)]);
    let ignored: Vec<&str> = roster.ignored_sheets.iter().map(AsRef::as_ref).collect();
    assert_eq!(ignored, ["封面", "联系人", "旧名单"]);
    let rows = judged(&bytes);
    assert_eq!(verdicts(&rows), [(2, "ok"), (3, "ok"), (3, "ok"), (4, "duplicate")]);
    assert_eq!((rows[3].row, rows[3].duplicate_of, &*rows[3].sheet), (4, Some(1), "二班"));
}

#[test]
fn cells_of_every_kind() {
    use Sample::{Date, Nothing, Number, Text};
    let bytes = workbook(&[(
        "登记表",
        vec![
            vec![Text("姓名"), Text("出生日期"), Text("电话"), Text("身份证号"), Text("登记日期")],
            vec![Text("王芳"), Date(20516.0), Number(1.381_234_567_8E10), Nothing, Date(46326.75)],
            vec![Text("李强"), Number(20516.0), Text("１３８１２３４５６７８"), Nothing, Text("46326")],
            vec![Text("张伟"), Number(19_560_302.0), Date(1.0), Nothing, Nothing],
            vec![Text("赵敏"), Nothing, Nothing, Number(990_000_560_302_123.0), Nothing],
            vec![Text("周杰"), Nothing, Nothing, Number(9.900_001_956_030_21E17), Nothing],
        ],
    )]);
    let rows = judged(&bytes);
    let codes: Vec<&str> = rows.iter().map(|row| row.code()).collect();
    assert_eq!(codes, ["ok", "ok", "phone_invalid", "ok", "id_number_invalid"]);
    for row in [0, 1, 3] {
        let person = rows[row].person().unwrap();
        assert_eq!(person.birth_date, time::macros::date!(1956 - 03 - 02));
    }
    for row in [0, 1] {
        let person = rows[row].person().unwrap();
        assert_eq!(person.phone.as_deref(), Some("13812345678"));
        assert_eq!(person.registered_on, Some(time::macros::date!(2026 - 10 - 31)));
    }
}

#[test]
fn two_hundred_thousand_people_are_read() {
    let mut table = vec![lines(&[&["姓名", "出生日期"]]).remove(0)];
    table.extend((0..200_000_u32).map(|count| {
        let name = if count % 2 == 0 { "王芳" } else { "李强" };
        vec![Sample::Text(name), Sample::Date(f64::from(10_000 + count / 10))]
    }));
    let roster = roster(&workbook(&[("登记表", table)]));
    assert_eq!(roster.rows.len(), 200_000);
    assert_eq!(roster.rows.last().map(|row| (row.row, row.sheet_row)), Some((200_000, 200_001)));
}

#[test]
fn utf_16_without_a_mark_but_with_ideographic_spaces() {
    let text = "姓名\t生日\n王　一\t1956-03-02\n李　一\t1956-03-02\n";
    for bytes in [utf16(text, u16::to_le_bytes), utf16(text, u16::to_be_bytes)] {
        let names: Vec<_> = judged(&bytes).into_iter().filter_map(|row| row.name).collect();
        assert_eq!(names, ["王一", "李一"]);
    }
}

#[test]
fn a_birth_date_in_three_columns() {
    let plain = "序号,姓名,出生年,月,日,电话\n1,王芳,1956,3,2,13812345678\n2,李强,1949年,10月,1日,\n3,张伟,1950,,,\n4,赵敏,,,,\n";
    let merged = "序号,姓名,出生日期,,,登记日期\n,,年,月,日,\n1,王芳,1956,03,02,2026.1.2\n2,李强,1949,10,1,\n3,张伟,1950,13,1,\n4,赵敏,,,,2026.1.2\n";
    for text in [plain, merged] {
        let rows = judged(text.as_bytes());
        let codes: Vec<&str> = rows.iter().map(|row| row.code()).collect();
        assert_eq!(codes, ["ok", "ok", "birth_date_invalid", "birth_date_missing"], "{text}");
        let birth_dates: Vec<_> =
            rows.iter().filter_map(|row| row.person()).map(|person| person.birth_date.to_string()).collect();
        assert_eq!(birth_dates, ["1956-03-02", "1949-10-01"]);
    }
    // 年月日 below another column than that of birth are not the person's.
    let other = "姓名,出生日期,登记日期,,\n,,年,月,日\n王芳,1956-03-02,2026-01-02,1,2\n";
    let rows = judged(other.as_bytes());
    assert_eq!(rows[0].person().unwrap().birth_date.to_string(), "1956-03-02");
}
