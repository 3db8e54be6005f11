//! What a heading means, under the many names offices give their columns.

use super::Field;
use crate::residents::identity::plain_text;

/// Names that mean exactly this column, best first: where two columns of one kind are
/// there, the one whose name stands earlier is looked at first.
const NAMES: [(Field, &str); Field::COUNT] = [
    (
        Field::Name,
        "姓名 学员姓名 居民姓名 学生姓名 老人姓名 人员姓名 成员姓名 本人姓名 真实姓名 名字 学员名字 \
         学员名 学员 学生 居民 报名人 报名人姓名 参加人 参加人员 参训人员 申请人 会员姓名 name fullname \
         residentname studentname chinesename membername",
    ),
    (
        Field::BirthDate,
        "出生日期 出生年月日 生日 出生时间 出生日 公历生日 阳历生日 出生年月 出生 出生年 出生年份 \
         birthday birthdate dateofbirth dob",
    ),
    (
        Field::Phone,
        "手机号 手机号码 手机 本人手机 本人电话 移动电话 联系手机 联系电话 电话号码 电话 联系方式 \
         联系号码 固定电话 座机 座机号码 住宅电话 家庭电话 phone mobile tel telephone phonenumber \
         mobilephone",
    ),
    (
        Field::IdNumber,
        "身份证号码 身份证号 身份证 公民身份号码 公民身份证号码 居民身份证号码 居民身份证号 身份号码 \
         证件号码 证件号 证件编号 idnumber idcard idno",
    ),
    (
        Field::RegisteredOn,
        "登记日期 登记时间 注册日期 注册时间 报名日期 报名时间 入学日期 入学时间 登记年月日 入校时间 \
         入会日期 入会时间 建档日期 建档时间 录入日期 录入时间 办理日期 填表日期 填写日期 填报日期 \
         日期 registeredon registrationdate",
    ),
    (Field::Gender, "性别 gender sex"),
    (
        Field::Groups,
        "人群类别 人员类别 学员类别 人群 人群分类 人员分类 人员类型 人群类型 学员类型 学员分类 \
         身份类别 类别 分类 类型 人员身份 身份 group groups category",
    ),
    (Field::Serial, "序号 编号 序 号 顺序 行号 no no. num number #"),
];

/// Parts of a longer name that tell the column, in the order they are looked for.
const PARTS: [(Field, &str); 6] = [
    (Field::IdNumber, "身份证 身份号码 证件号"),
    (Field::BirthDate, "出生 生日"),
    (Field::Phone, "手机 电话 联系方式"),
    (Field::RegisteredOn, "登记日期 登记时间 注册日期 注册时间 报名日期 报名时间 入学日期 入学时间"),
    (Field::Name, "姓名"),
    (Field::Groups, "人群 人员类别 学员类别"),
];

/// Whose a column is that is not the resident's: the telephone of the emergency contact, the name of
/// the neighbourhood's grid worker.
const OTHERS: &str = "紧急联系人 紧急联系 紧急 监护人 监护 家长 家属 家人 亲属 子女 儿女 儿子 女儿 配偶 老伴 爱人 \
    丈夫 妻子 父亲 母亲 户主 联系人 老师 教师 网格员 网格 楼组长 楼组 楼栋长 楼栋 楼长 保姆 护工 负责人 推荐人 \
    推荐 介绍人 经办人 经办 登记人 录入人 填表人 社工";
/// What else a column may be about.
const OTHER_THINGS: &str =
    "年龄 地址 住址 地点 出生地 有效期 有效至 有效日 截止 到期 类型 拼音 英文 曾用 照片 复印 是否 智能 使用情况 一致";
/// Notes that make a name another than the one somebody goes by.
const OTHER_NAMES: &str = "拼音 汉语拼音 英文 英文名 曾用名";
/// The old calendar: where a date of the new one is there too, that is the birth date.
const LUNAR: &str = "农历 阴历";
/// What may follow upon whose a column is: 子女电话.
const OF_OTHERS: &str = "的 电话 手机 手机号 号码 姓名";
/// Whose telephone it is, where it is not the resident's.
const OFFICES: &str = "单位 社区 学校 办公";
/// Names that mean a column only where nothing else stands in the header: 学员 联系电话 is
/// a telephone.
const ONLY_ALONE: &str = "学员 学生 居民 报名人 参加人 参加人员 参训人员 申请人 人群 身份 类型 分类 \
    类别 出生 日期 编号 序 号 no";

/// The longest header, in characters, that is searched for a part of a name; longer ones
/// are sentences.
const LONGEST_HEADER: usize = 24;
/// Rank of a name that was recognised by a part only.
pub(super) const BY_PART: usize = 100;

/// What a header cell means, and how well its name says so (0 is best).
pub(super) fn meaning(label: &str) -> Option<(Field, usize)> {
    let folded = plain_text(label).to_lowercase();
    if pieces(&folded).skip(1).any(is_of_others) {
        return None;
    }
    let whole = Some(key(&folded)).filter(|whole| !whole.is_empty()).unwrap_or_else(|| without_brackets(&folded));
    let first_line = folded.lines().map(key).find(|line| !line.is_empty()).unwrap_or_default();
    let first_word = folded.split_whitespace().next().map(key).unwrap_or_default();
    let first_piece = pieces(&folded).map(key).find(|piece| !piece.is_empty()).unwrap_or_default();
    let exact_beginning = |beginning: &str| {
        if has_word(ONLY_ALONE, beginning) { None } else { exact(beginning) }
    };
    exact(&whole)
        .or_else(|| exact_beginning(&first_line))
        .or_else(|| exact_beginning(&first_word))
        .or_else(|| exact_beginning(&first_piece))
        .or_else(|| part(&first_piece))
        .or_else(|| part(&whole))
        .or_else(|| part(&first_line))
        .map(|(field, rank)| (field, if contains_any(&folded, LUNAR) { rank.max(BY_PART) + 1 } else { rank }))
}

/// Whether a merged heading says that the columns below it are somebody else's: 监护人信息.
pub(super) fn is_about_others(label: &str) -> bool {
    /// The longest such heading, in characters.
    const LONGEST: usize = 8;
    let folded = plain_text(label);
    let heading = key(&folded);
    !folded.contains(':') && heading.chars().count() <= LONGEST && contains_any(&heading, OTHERS)
}

/// A header that stands in brackets as a whole: 【姓名】.
fn without_brackets(folded: &str) -> String {
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A header's name and the notes behind it, with whatever marks or words (姓名须与身份证一致) they begin.
fn pieces(folded: &str) -> impl Iterator<Item = &str> {
    folded.split([
        '(', ')', '[', ']', '{', '}', '【', '】', '〔', '〕', '<', '>', '《', '》', ',', ';', ':', '。', '、', '—',
        '-', '*', '\n', '\r', '须', '请',
    ])
}

/// Whether a note says no more than that the column is somebody else's: 电话（子女）. A longer one tells
/// how to fill it in: 手机号，没有的填子女手机.
fn is_of_others(note: &str) -> bool {
    let note = key(note);
    if has_word(OTHER_NAMES, &note) {
        return true;
    }
    OTHERS
        .split_whitespace()
        .any(|other| note.strip_prefix(other).is_some_and(|rest| rest.is_empty() || has_word(OF_OTHERS, rest)))
}

/// A header's name without spaces, notes in brackets, asterisks and colons.
pub(super) fn key(folded: &str) -> String {
    let mut depth = 0_u32;
    let mut key = String::with_capacity(folded.len());
    for character in folded.chars() {
        match character {
            '(' | '[' | '{' | '【' | '〔' | '<' | '《' => depth += 1,
            ')' | ']' | '}' | '】' | '〕' | '>' | '》' => depth = depth.saturating_sub(1),
            '*' | ':' | '★' | '☆' | '※' | '▲' | '_' | '"' | '\'' | '“' | '”' => {}
            other if depth == 0 && !other.is_whitespace() => key.push(other),
            _ => {}
        }
    }
    key
}

fn exact(key: &str) -> Option<(Field, usize)> {
    NAMES
        .iter()
        .find_map(|(field, names)| names.split_whitespace().position(|name| name == key).map(|rank| (*field, rank)))
}

fn part(key: &str) -> Option<(Field, usize)> {
    if key.chars().count() > LONGEST_HEADER || contains_any(key, OTHERS) || contains_any(key, OTHER_THINGS) {
        return None;
    }
    let (field, _) = PARTS.iter().find(|(_, parts)| contains_any(key, parts))?;
    let of_an_office = *field == Field::Phone && contains_any(key, OFFICES);
    (!of_an_office).then_some((*field, BY_PART))
}

pub(super) fn has_word(words: &str, key: &str) -> bool {
    words.split_whitespace().any(|word| word == key)
}

fn contains_any(key: &str, words: &str) -> bool {
    words.split_whitespace().any(|word| key.contains(word))
}
