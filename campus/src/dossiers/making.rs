//! Making a dossier: part after part into an archive on disk, then into the store.

use std::path::Path;

use time::Date;
use uuid::Uuid;

use super::files::{self, SOURCES};
use super::lists::{self, LISTS};
use super::package::{Package, file_name};
use super::queries;
use super::rows::Dossier;
use crate::Campus;
use crate::branches::{self, Scope};
use crate::error::{Code, Error, Result};
use crate::honours;
use crate::ids::new_id;
use crate::language::Language;
use crate::reports::{self, ExportFile, Format};

/// How many parts there are: the year, its months, the honours, each list and each kind of files.
pub(super) const PARTS: i32 = 3 + 5 + 3;

/// What is being made.
pub(super) struct Making {
    pub(super) dossier: Dossier,
    /// The branch whose figures go in; `None`: the whole street's.
    branch: Option<Uuid>,
    /// The branches it is about; `None`: all.
    pub(super) branches: Option<Vec<Uuid>>,
    /// The year's first day.
    pub(super) from: Date,
    /// The first day after the last month that it covers.
    pub(super) until: Date,
    whose: String,
}

/// Makes a dossier that waits for it; one that is made already, or was given up, is left as it is.
pub(super) async fn make(campus: &Campus, id: Uuid) -> Result<()> {
    let Some(making) = begin(campus, id).await? else { return Ok(()) };
    let folder = tempfile::tempdir().map_err(Error::internal)?;
    let now = campus.clock.now();
    let mut package = Package::create(&folder.path().join("dossier.zip"), campus.clock.local(now))?;
    let mut done = 0;
    package = year(campus, &making, package).await?;
    step(campus, id, &mut done).await?;
    package = months(campus, &making, package).await?;
    step(campus, id, &mut done).await?;
    package = honoured(campus, &making, package).await?;
    step(campus, id, &mut done).await?;
    for list in LISTS {
        let (path, rows) = lists::write(campus, &making, list, folder.path()).await?;
        package = package.add_file(list.path.to_owned(), format!("{}（{rows} 行）", list.about), path).await?;
        step(campus, id, &mut done).await?;
    }
    for source in SOURCES {
        package = kept(campus, &making, source, package, folder.path()).await?;
        step(campus, id, &mut done).await?;
    }
    let year = making.dossier.year;
    let title = format!("{} {year} 年台账", making.whose);
    let notes = vec![
        format!("数据截至 {}，以系统当时的记录为准。", campus.clock.date_of(now)),
        "名册里没有电话和身份证号。授予材料里的名单如果有其他分校的学员，只放在全街道的台账里。".to_owned(),
    ];
    let finished = package.finish(title, notes).await?;
    let key = format!("dossiers/{year}/{}.zip", new_id());
    campus.storage.store(&finished.path, &key, "application/zip").await?;
    let now = campus.clock.now();
    if !queries::ready(&mut *campus.database.connection().await?, id, &key, &finished, now).await? {
        campus.storage.delete(&key).await?;
    }
    Ok(())
}

async fn begin(campus: &Campus, id: Uuid) -> Result<Option<Making>> {
    let connection = &mut *campus.database.connection().await?;
    let Some(dossier) = queries::waiting(connection, id).await? else { return Ok(None) };
    let months = reports::months_of(campus, dossier.year)?;
    let (Some(first), Some(last)) = (months.first(), months.last()) else {
        return Err(Error::internal("a year without a month"));
    };
    let found = match dossier.branch_id {
        Some(id) => branches::find(connection, id).await?,
        None => None,
    };
    // All branches are below the street centre: what is put together for it is the whole street's.
    let branch = found.filter(|branch| branch.parent_id.is_some());
    let (branches, whose) = match &branch {
        Some(branch) => (branches::ids_within(connection, &Scope::Below(branch.id)).await?, branch.name.clone()),
        None => (None, branches::street_name(connection).await?.unwrap_or_else(|| "全街道".to_owned())),
    };
    let branch = branch.map(|branch| branch.id);
    Ok(Some(Making { dossier, branch, branches, from: first.first_day(), until: last.next().first_day(), whose }))
}

async fn step(campus: &Campus, id: Uuid, done: &mut i32) -> Result<()> {
    *done += 1;
    queries::progress(&mut *campus.database.connection().await?, id, *done).await
}

async fn put(package: Package, part: &str, about: &str, file: ExportFile) -> Result<Package> {
    package.add(format!("{part}/{}", file_name(&file.name)), about.to_owned(), file.content).await
}

async fn year(campus: &Campus, making: &Making, mut package: Package) -> Result<Package> {
    for format in [Format::Xlsx, Format::Pdf] {
        let (branch, year) = (making.branch, making.dossier.year);
        let file = reports::year_file(campus, branch, year, format, Language::Chinese).await?;
        package = put(package, "01 年报", "全年数据、培训人群、各月", file).await?;
    }
    Ok(package)
}

/// Every month that has begun: a branch's page, or the whole street's workbook and paper.
async fn months(campus: &Campus, making: &Making, mut package: Package) -> Result<Package> {
    for month in reports::months_of(campus, making.dossier.year)? {
        let about = format!("{month} 月报");
        match making.branch {
            Some(branch) => {
                let file = reports::branch_page(campus, month, branch).await?;
                package = put(package, "02 月报", &about, file).await?;
            }
            None => {
                for format in [Format::Xlsx, Format::Pdf] {
                    let file = reports::export(campus, month, format, Language::Chinese).await?;
                    package = put(package, "02 月报", &about, file).await?;
                }
            }
        }
    }
    Ok(package)
}

/// The year's honours, which are the whole street's.
async fn honoured(campus: &Campus, making: &Making, mut package: Package) -> Result<Package> {
    if making.branch.is_some() {
        return Ok(package);
    }
    for (number, list) in (1..).zip(files::honours(campus, making).await?) {
        let file = honours::export(campus, list, Format::Xlsx, Language::Chinese).await?;
        let path = format!("07 表彰/{number:03} {}", file_name(&file.name));
        package = package.add(path, "年度表彰名单".to_owned(), file.content).await?;
    }
    Ok(package)
}

async fn kept(
    campus: &Campus,
    making: &Making,
    source: &files::Source,
    mut package: Package,
    folder: &Path,
) -> Result<Package> {
    for (number, file) in (1..).zip(files::of(campus, making, source).await?) {
        let path = folder.join("object");
        match campus.storage.fetch(&file.object_key, &path).await {
            Ok(()) => {
                package = package.add_file(file.path(source.part, number), file.about.clone(), path).await?;
            }
            // Said in the archive: what is missing must not be taken for what never was.
            Err(error) if error.stable_code() == Code::NotFound => {
                let path = format!("{}.缺失.txt", file.path(source.part, number));
                let content = "这个文件在存储里找不到了，请告诉管理员。\n".to_owned().into_bytes();
                package = package.add(path, format!("{}（文件缺失）", file.about), content).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(package)
}

#[cfg(test)]
mod tests {
    use super::{LISTS, PARTS, SOURCES};

    #[test]
    fn every_part_is_counted() {
        assert_eq!(usize::try_from(PARTS).ok(), Some(3 + LISTS.len() + SOURCES.len()));
    }
}
