//! The lists of a dossier, read a page at a time into files that spreadsheets open.

use std::path::{Path, PathBuf};

use diesel::sql_types::{Array, BigInt, Date as DateType, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::making::Making;
use crate::Campus;
use crate::error::{Error, Result};
use crate::spreadsheets::harmless;

/// How many rows are read at once.
const PAGE: i64 = 5000;

/// A list: what it is called, its headings, and how its rows are read. Of a statement `$1` are the branches
/// (`NULL`: all), `$2` the year, `$3` its first day, `$4` the first day after what it covers, `$5` the row before
/// the page, `$6` how many there are on it and, where it is named, `$7` the time zone; it answers `key` and `cells`.
pub(super) struct List {
    pub(super) path: &'static str,
    pub(super) about: &'static str,
    pub(super) headings: &'static [&'static str],
    pub(super) statement: &'static str,
}

/// What a dossier lists. Telephone and ID numbers are in none of them.
pub(super) const LISTS: &[List] = &[
    List {
        path: "03 名册/学员名册.csv",
        about: "登记在册的学员，和今年学习的时间",
        headings: &["学员号", "姓名", "性别", "出生年份", "人群", "分校", "登记日期", "今年学过", "今年学习（分钟）"],
        statement: "SELECT residents.id AS key, ARRAY[learner_number, residents.name,
    CASE gender WHEN 'female' THEN '女' WHEN 'male' THEN '男' ELSE '' END,
    extract(year FROM birth_date)::text,
    (SELECT coalesce(string_agg(name_zh, '、' ORDER BY position), '') FROM target_groups WHERE code = ANY(groups)),
    branches.name, registrations.registered_on::text,
    CASE WHEN EXISTS (SELECT FROM taught_years WHERE resident_id IN (SELECT records_of(residents.id)) AND year = $2) THEN '是' ELSE '否' END,
    (SELECT trunc(coalesce(sum(watched_ms), 0) / 60000)::text FROM learning_days
        WHERE resident_id IN (SELECT records_of(residents.id)) AND counted_month >= $3 AND counted_month < $4)] AS cells
FROM registrations JOIN residents ON residents.id = person_id JOIN branches ON branches.id = residents.branch_id
WHERE ($1::uuid[] IS NULL OR residents.branch_id = ANY($1)) AND left_at IS NULL
    AND registrations.counted_month < $4 AND residents.id > $5
ORDER BY residents.id LIMIT $6",
    },
    List {
        path: "03 名册/结业证书.csv",
        about: "学员今年得到的结业证书",
        headings: &["证书编号", "学员号", "姓名", "课程", "学分", "学完日期", "是否撤销"],
        statement:
            "SELECT certificates.id AS key, ARRAY[certificates.code, residents.learner_number, residents.name, course_title,
    trim_scale(credits / 100.0)::text, (completed_at AT TIME ZONE $7)::date::text,
    CASE WHEN revoked_at IS NULL THEN '' ELSE '已撤销' END] AS cells
FROM certificates JOIN residents AS record ON record.id = certificates.resident_id
JOIN residents ON residents.id = coalesce(record.merged_into, record.id)
WHERE ($1::uuid[] IS NULL OR residents.branch_id = ANY($1)) AND $2::int IS NOT NULL
    AND (issued_at AT TIME ZONE $7)::date >= $3 AND (issued_at AT TIME ZONE $7)::date < $4 AND certificates.id > $5
ORDER BY certificates.id LIMIT $6",
    },
    List {
        path: "04 学分/学分流水.csv",
        about: "计入今年的学分流水，冲正为负数",
        headings: &["流水号", "学员号", "姓名", "分校", "学分", "事由", "凭证", "发生日期", "计入月份", "冲正哪一笔"],
        statement:
            "SELECT transfers.id AS key, ARRAY[transfers.id::text, learner_number, residents.name, branches.name,
    trim_scale(CASE WHEN kind = 'reversal' THEN -amount ELSE amount END / 100.0)::text, coalesce(body, source_label),
    CASE evidence WHEN 'system' THEN '系统核验' WHEN 'scanned' THEN '现场扫码' WHEN 'checked_in' THEN '现场签到'
        WHEN 'listed' THEN '名单' ELSE '自报' END,
    earned_on::text, to_char(transfers.counted_month, 'YYYY-MM'), coalesce(reverses::text, '')] AS cells
FROM credit_transfers AS transfers JOIN residents ON residents.id = transfers.resident_id
JOIN branches ON branches.id = transfers.branch_id
LEFT JOIN credit_notes AS notes ON notes.id = note_id
WHERE ($1::uuid[] IS NULL OR transfers.branch_id = ANY($1)) AND $2::int IS NOT NULL AND unit = 'credit'
    AND transfers.counted_month >= $3 AND transfers.counted_month < $4 AND transfers.id > $5
ORDER BY transfers.id LIMIT $6",
    },
    List {
        path: "06 成果认定/认定名单.csv",
        about: "今年认定的学习成果",
        headings: &["编号", "学员号", "姓名", "成果", "名称", "发证单位", "发证日期", "学分", "看过原件"],
        statement:
            "SELECT recognitions.id AS key, ARRAY[recognitions.id::text, learner_number, residents.name, outcomes.name,
    coalesce(title, ''), coalesce(issuer, ''), issued_on::text, trim_scale(transfers.amount / 100.0)::text,
    CASE WHEN original_seen THEN '是' ELSE '否' END] AS cells
FROM recognitions JOIN residents ON residents.id = recognitions.resident_id
JOIN recognised_outcomes AS outcomes ON outcomes.id = outcome_id
JOIN credit_transfers AS transfers ON transfers.id = transfer_id
WHERE ($1::uuid[] IS NULL OR recognitions.branch_id = ANY($1)) AND $2::int IS NOT NULL
    AND NOT EXISTS (SELECT FROM credit_transfers AS reversal WHERE reversal.reverses = transfers.id)
    AND transfers.counted_month >= $3 AND transfers.counted_month < $4 AND recognitions.id > $5
ORDER BY recognitions.id LIMIT $6",
    },
    List {
        path: "08 课程/课程清单.csv",
        about: "今年发布的课程",
        headings: &["编号", "课程", "简介", "分校", "学分", "发布日期"],
        statement: "SELECT courses.id AS key, ARRAY[courses.id::text, title, summary, branches.name,
    trim_scale(credits / 100.0)::text, (published_at AT TIME ZONE $7)::date::text] AS cells
FROM courses JOIN branches ON branches.id = courses.branch_id
WHERE ($1::uuid[] IS NULL OR courses.branch_id = ANY($1)) AND $2::int IS NOT NULL
    AND (published_at AT TIME ZONE $7)::date >= $3 AND (published_at AT TIME ZONE $7)::date < $4 AND courses.id > $5
ORDER BY courses.id LIMIT $6",
    },
];

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    key: Uuid,
    #[diesel(sql_type = Array<Nullable<Text>>)]
    cells: Vec<Option<String>>,
}

/// Writes a list into a file of `folder`, and answers where it is and how many rows it has.
pub(super) async fn write(campus: &Campus, making: &Making, list: &List, folder: &Path) -> Result<(PathBuf, usize)> {
    let path = folder.join(crate::ids::new_id().to_string());
    let mut file = tokio::fs::File::create(&path).await.map_err(Error::internal)?;
    file.write_all("\u{feff}".as_bytes()).await.map_err(Error::internal)?;
    file.write_all(&lines(&[list.headings.iter().map(|heading| (*heading).to_owned()).collect()])?)
        .await
        .map_err(Error::internal)?;
    let (mut after, mut count) = (Uuid::nil(), 0);
    loop {
        let rows = page(campus, making, list, after).await?;
        let Some(last) = rows.last() else { break };
        after = last.key;
        count += rows.len();
        let cells: Vec<Vec<String>> = rows
            .into_iter()
            .map(|row| row.cells.into_iter().map(|cell| harmless(&cell.unwrap_or_default())).collect())
            .collect();
        file.write_all(&lines(&cells)?).await.map_err(Error::internal)?;
    }
    file.flush().await.map_err(Error::internal)?;
    Ok((path, count))
}

async fn page(campus: &Campus, making: &Making, list: &List, after: Uuid) -> Result<Vec<Row>> {
    let connection = &mut *campus.database.connection().await?;
    let statement = diesel::sql_query(list.statement)
        .bind::<Nullable<Array<SqlUuid>>, _>(making.branches.as_deref())
        .bind::<Integer, _>(making.dossier.year)
        .bind::<DateType, _>(making.from)
        .bind::<DateType, _>(making.until)
        .bind::<SqlUuid, _>(after)
        .bind::<BigInt, _>(PAGE);
    // PostgreSQL takes as many values as a statement names.
    Ok(if list.statement.contains("$7") {
        statement.bind::<Text, _>(campus.clock.zone_name()).load(connection).await?
    } else {
        statement.load(connection).await?
    })
}

fn lines(rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}
