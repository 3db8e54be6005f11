//! Fills an empty data folder: the street, its people, and three courses whose videos take
//! the way that staff's uploads take. Every step may be cut off and is gone on with at the
//! next start.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use campus::Campus;
use campus::access::{Actor, Role};
use campus::accounts::{self, NewStaff, Passwords, second_factor};
use campus::branches::{self, Branch, NewBranch};
use campus::courses::{self, LessonContent, ManagedCourse, NewCourse, NewLesson, Status, Step};
use campus::deployment;
use campus::language::Language;
use campus::paging::PageRequest;
use campus::residents::NewResident;
use campus::videos::{self, NewUpload};
use uuid::Uuid;

use super::accounts::{DemoAccount, keep};
use super::outcomes::make_outcomes;
use super::people::RESIDENTS;
use super::venues::make_venues;
use super::{BRANCHES_CSV, CaptionLanguage, Course, Lesson, captions, render_lesson};
use crate::start::progress;

/// Fills the data folder if that has not been done, and answers who can log in.
///
/// # Errors
/// Whatever kept a step from being done; the next start goes on there.
pub async fn fill(campus: &Campus, data_dir: &Path, demo: bool) -> anyhow::Result<Vec<DemoAccount>> {
    if deployment::is_ready(campus).await? {
        return if data_dir.join(super::accounts::FILE).exists() { keep(data_dir, demo) } else { Ok(Vec::new()) };
    }
    let people = keep(data_dir, demo)?;
    let passwords = Passwords::new(2)?;
    let street = if demo { make_street(campus).await? } else { Vec::new() };
    progress("建立账号", "making accounts");
    for person in &people {
        make_account(campus, &passwords, &street, person).await?;
    }
    if demo {
        let admin = admin(campus).await?;
        make_outcomes(campus, &admin).await?;
        make_venues(campus, &admin, &street).await?;
        let centre = street.first().context("branches.csv names no branch")?;
        let made = super::courses()?;
        let all: usize = made.iter().map(|course| course.lessons.len()).sum();
        progress(&format!("制作 {all} 段演示视频（约一两分钟）"), "making the demo's videos, a minute or two");
        for course in &made {
            Box::pin(make_course(campus, &admin, centre, course, data_dir)).await?;
        }
        publish_when_ready(campus, &admin, &made).await?;
    }
    deployment::mark_ready(campus).await?;
    Ok(people)
}

/// The acts of a first start are the admin's.
async fn admin(campus: &Campus) -> anyhow::Result<Actor> {
    let connection = &mut *campus.database.connection().await?;
    let account = accounts::with_email(connection, super::ADMIN.email).await?;
    let account = account.context("the admin's account is missing")?;
    Ok(Actor {
        account_id: account.id,
        role: Role::Admin,
        branch_id: None,
        resident_id: None,
        request_id: None,
        language: Language::Chinese,
        session: None,
        second_factor_due: None,
    })
}

async fn make_street(campus: &Campus) -> anyhow::Result<Vec<Branch>> {
    let system = Actor {
        account_id: Uuid::nil(),
        role: Role::Admin,
        branch_id: None,
        resident_id: None,
        request_id: None,
        language: Language::Chinese,
        session: None,
        second_factor_due: None,
    };
    let mut known = branches::list(&mut *campus.database.connection().await?).await?;
    for line in BRANCHES_CSV.lines().skip(1).filter(|line| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.trim().split(',').collect();
        let [code, name, parent, population] = fields.as_slice() else {
            anyhow::bail!("branches.csv: {line} has not four fields");
        };
        if known.iter().any(|branch| branch.code == *code) {
            continue;
        }
        let parent_id = known.iter().find(|branch| branch.code == *parent).map(|branch| branch.id);
        let new = NewBranch {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            parent_id,
            population: Some(population.parse()?),
        };
        known.push(branches::create(campus, &system, &new).await?);
    }
    Ok(known)
}

async fn make_account(
    campus: &Campus,
    passwords: &Passwords,
    street: &[Branch],
    person: &DemoAccount,
) -> anyhow::Result<()> {
    let branch = street.iter().find(|branch| Some(&branch.code) == person.branch.as_ref());
    if person.role == "resident" {
        return make_resident(campus, passwords, branch.context("a demo resident has no branch")?, person).await;
    }
    let known = accounts::with_email(&mut *campus.database.connection().await?, &person.login).await?;
    if let Some(account) = known {
        return set_second_factor(campus, account.id, person).await;
    }
    let role = Role::from_name(&person.role).context("the accounts file has an unknown role")?;
    let new = NewStaff {
        role,
        name: person.name.clone(),
        email: person.login.clone(),
        branch_id: branch.map(|branch| branch.id),
        password: person.password.clone(),
    };
    let account = accounts::create_staff(campus, passwords, None, &new).await?;
    set_second_factor(campus, account.id, person).await
}

async fn set_second_factor(campus: &Campus, account_id: Uuid, person: &DemoAccount) -> anyhow::Result<()> {
    let Some(secret) = &person.totp_secret else { return Ok(()) };
    let set = second_factor::is_set(&mut *campus.database.connection().await?, account_id).await?;
    if !set {
        second_factor::install(campus, account_id, secret).await?;
    }
    Ok(())
}

async fn make_resident(
    campus: &Campus,
    passwords: &Passwords,
    branch: &Branch,
    person: &DemoAccount,
) -> anyhow::Result<()> {
    let demo = RESIDENTS.iter().find(|each| each.phone == person.login).context("an unknown demo resident")?;
    let hash = passwords.hash(&person.password).await?;
    let new = NewResident {
        id: campus::ids::new_id(),
        name: demo.name.to_owned(),
        birth_date: demo.birth_date,
        gender: None,
        phone: Some(demo.phone.to_owned()),
        id_number: None,
        groups: vec!["elderly".to_owned()],
        branch_id: branch.id,
        registered_on: campus.clock.today(),
        origin: "demo",
    };
    accounts::record_with_account(campus, &new, hash).await?;
    Ok(())
}

async fn managed(campus: &Campus, admin: &Actor, title: &str) -> anyhow::Result<Option<ManagedCourse>> {
    let connection = &mut *campus.database.connection().await?;
    let page = courses::managed_list(connection, admin, &PageRequest { limit: Some(100), cursor: None }).await?;
    let Some(found) = page.items.iter().find(|item| item.course.title == title) else { return Ok(None) };
    let proof = courses::manageable(connection, admin, found.course.id).await?;
    Ok(Some(courses::managed(connection, &proof).await?))
}

async fn make_course(
    campus: &Campus,
    admin: &Actor,
    centre: &Branch,
    course: &Course,
    data_dir: &Path,
) -> anyhow::Result<()> {
    let branch = branches::manageable(&mut *campus.database.connection().await?, admin, centre.id).await?;
    let made = match managed(campus, admin, &course.title).await? {
        Some(made) => made,
        None => {
            let new = NewCourse {
                title: course.title.clone(),
                summary: course.summary.clone(),
                topic: course.topic.clone(),
                groups: course.groups.clone(),
                credits: Some(course.credits.clone()),
                prerequisites: Vec::new(),
            };
            courses::create(campus, admin, &branch, &new).await?
        }
    };
    for lesson in course.lessons.iter().skip(made.lessons.len()) {
        progress(&format!("《{}》{}", course.title, lesson.title), "rendering and uploading");
        let video_id = Box::pin(upload(campus, admin, &branch, lesson, data_dir)).await?;
        let proof = courses::manageable(&mut *campus.database.connection().await?, admin, made.course.id).await?;
        let new = NewLesson {
            title: lesson.title.clone(),
            content: LessonContent::Video(video_id),
            credits: Some(lesson.credits.clone()),
            completion_percent: None,
        };
        courses::add_lesson(campus, admin, &proof, &new).await?;
    }
    Ok(())
}

/// Renders a lesson and sends it as a browser would: part by part, to presigned links.
async fn upload(
    campus: &Campus,
    admin: &Actor,
    branch: &campus::access::CanManage<Branch>,
    lesson: &Lesson,
    data_dir: &Path,
) -> anyhow::Result<Uuid> {
    let folder = data_dir.join("demo");
    tokio::fs::create_dir_all(&folder).await?;
    let path = folder.join(format!("{}.mp4", lesson.code));
    if !path.exists() {
        render_lesson(lesson, &path).await?;
    }
    let content = bytes::Bytes::from(tokio::fs::read(&path).await?);
    let new = NewUpload {
        file_name: format!("{}.mp4", lesson.code),
        size: i64::try_from(content.len())?,
        content_type: "video/mp4".to_owned(),
    };
    let endpoint = campus.config.storage.endpoint.clone();
    let opened = videos::start_upload(campus, admin, branch, &endpoint, &new).await?;
    let part_size = usize::try_from(opened.video.part_size)?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut parts = Vec::new();
    for (part, place) in opened.parts.iter().zip(0_usize..) {
        let end = content.len().min((place + 1) * part_size);
        let piece = content.slice(place * part_size..end);
        let answer = client.put(&part.url).body(piece).send().await?.error_for_status()?;
        let etag = answer.headers().get("etag").context("the store gave no ETag")?.to_str()?.to_owned();
        parts.push((part.number, etag));
    }
    let proof = videos::manageable(&mut *campus.database.connection().await?, admin, opened.video.id).await?;
    videos::complete(campus, admin, &proof, &parts).await?;
    campus.signals.wake_workers().await;
    for language in CaptionLanguage::ALL {
        let text = captions(lesson, language);
        videos::put_caption(campus, admin, &proof, language.tag(), text.as_bytes()).await?;
    }
    tokio::fs::remove_file(&path).await?;
    Ok(opened.video.id)
}

/// Waits for the worker, then takes each course through the steps that staff would take.
async fn publish_when_ready(campus: &Campus, admin: &Actor, made: &[Course]) -> anyhow::Result<()> {
    progress("转换视频格式，供手机播放", "transcoding the videos for phones");
    for course in made {
        loop {
            let known = managed(campus, admin, &course.title).await?.context("a demo course is missing")?;
            let status = |wanted| known.lessons.iter().filter(move |lesson| lesson.video_status == Some(wanted));
            if let Some(failed) = status(videos::Status::Failed).next() {
                anyhow::bail!("the video of 《{}》 could not be processed: {:?}", failed.title, failed.failure);
            }
            if status(videos::Status::Ready).count() == known.lessons.len() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let known = managed(campus, admin, &course.title).await?.context("a demo course is missing")?;
        let left: &[Step] = match courses::standing(&known.course, &known.version) {
            Status::Draft | Status::Rejected => &[Step::Submission, Step::Approval, Step::Publication],
            Status::Declared => &[Step::Approval, Step::Publication],
            Status::Approved => &[Step::Publication],
            Status::Published | Status::Archived | Status::Superseded => &[],
        };
        for step in left {
            let proof = courses::manageable(&mut *campus.database.connection().await?, admin, known.course.id).await?;
            courses::take_step(campus, admin, &proof, step).await?;
        }
    }
    Ok(())
}
