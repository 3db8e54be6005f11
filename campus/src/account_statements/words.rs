//! What stands on a statement besides its rows.

use crate::credits::Unit;
use crate::language::Language;

/// The words of one language.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) code: &'static str,
    pub(super) holder: &'static str,
    pub(super) number: &'static str,
    pub(super) period: &'static str,
    pub(super) issued: &'static str,
    pub(super) credits_in_all: &'static str,
    pub(super) points_in_all: &'static str,
    pub(super) check: &'static str,
    pub(super) none: &'static str,
    /// Day, what, unit, amount, evidence, transfer.
    pub(super) columns: [&'static str; 6],
    credit: &'static str,
    point: &'static str,
    evidence: [(&'static str, &'static str); 5],
}

const CHINESE: Words = Words {
    title: "学分账户对账单",
    code: "查验编号",
    holder: "姓名",
    number: "学员编号",
    period: "起止日期",
    issued: "开出日期",
    credits_in_all: "学分合计",
    points_in_all: "积分合计",
    check: "扫码或在网站上输入编号，即可查验真伪：",
    none: "这段时间没有流水。",
    columns: ["日期", "说明", "单位", "数量", "凭据", "流水编号"],
    credit: "学分",
    point: "积分",
    evidence: [
        ("system", "系统核实"),
        ("scanned", "现场扫码"),
        ("checked_in", "现场签到"),
        ("listed", "名单登记"),
        ("declared", "本人申报"),
    ],
};

const ENGLISH: Words = Words {
    title: "Statement of a credit account",
    code: "Code",
    holder: "Name",
    number: "Learner number",
    period: "Period",
    issued: "Issued on",
    credits_in_all: "Credits in all",
    points_in_all: "Points in all",
    check: "Scan, or enter the code on the site, to check this statement:",
    none: "Nothing was booked in this period.",
    columns: ["Day", "What", "Unit", "Amount", "Evidence", "Transfer"],
    credit: "credits",
    point: "points",
    evidence: [
        ("system", "verified"),
        ("scanned", "card scanned"),
        ("checked_in", "checked in"),
        ("listed", "on a list"),
        ("declared", "declared"),
    ],
};

impl Words {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::Chinese => &CHINESE,
            Language::English => &ENGLISH,
        }
    }

    pub(super) fn unit(&self, name: &str) -> &'static str {
        if Unit::from_name(name) == Some(Unit::Point) { self.point } else { self.credit }
    }

    pub(super) fn evidence<'a>(&self, grade: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.evidence.iter().find(|(known, _)| *known == grade).map_or(grade, |(_, words)| words)
    }
}
