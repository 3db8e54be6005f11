//! Finding somebody among a million.

use std::time::{Duration, Instant};

use campus::access::{Actor, Role};
use campus::language::Language;
use campus::paging::PageRequest;
use campus::residents::{self, Contact, NewResident};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::join_all;
use time::Date;

use crate::Line;
use crate::ground::{Ground, id};
use crate::load::latencies;

const MILLION: usize = 1_000_000;
const BRANCHES: usize = 12;
/// How many people are recorded at once.
const CHUNK: usize = 5_000;
/// How many searches each side makes.
const SEARCHES: usize = 2_000;

const SURNAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林",
    "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "肖", "田", "董", "袁", "潘", "于",
    "蒋", "蔡",
];
const GIVEN: [&str; 60] = [
    "秀", "英", "华", "兰", "玉", "明", "国", "建", "文", "丽", "桂", "珍", "芳", "敏", "静", "军", "强", "伟", "平",
    "红", "梅", "春", "云", "清", "福", "生", "金", "贵", "荣", "海", "波", "涛", "杰", "永", "志", "勇", "忠", "德",
    "树", "林", "凤", "霞", "香", "月", "菊", "莲", "淑", "慧", "琴", "素", "素", "美", "玲", "娟", "萍", "燕", "青",
    "松", "柏", "山",
];

fn name(number: usize) -> String {
    // Steps that share no factor with the lengths, so that all combinations come.
    let (first, second) = (GIVEN[number * 7 % 60], GIVEN[number * 13 / 60 % 60]);
    format!("{}{first}{second}", SURNAMES[number * 11 % 40])
}

fn person(number: usize) -> NewResident {
    // Nobody twice: a day of their own for each of those with one name.
    let day = i64::try_from(number / 144_000).unwrap_or(0) * 5_000 + i64::try_from(number % 4_999).unwrap_or(0);
    NewResident {
        id: campus::ids::new_id(),
        name: name(number),
        birth_date: Date::from_ordinal_date(1930, 1).expect("a day") + time::Duration::days(day),
        gender: None,
        phone: Some(format!("138{:08}", number * 7_919 % 100_000_000)),
        id_number: None,
        groups: Vec::new(),
        branch_id: id(9, 1 + number % BRANCHES),
        registered_on: Date::from_ordinal_date(2026, 300).expect("a day"),
        origin: "roster",
    }
}

async fn record(ground: &Ground) {
    let mut owner = AsyncPgConnection::establish(&ground.postgres.url()).await.expect("the owner connects");
    let branches = (1..=BRANCHES)
        .map(|number| {
            format!(
                "INSERT INTO branches VALUES ('{}', 'S{number}', '分校{number}', NULL, 90000, now());",
                id(9, number)
            )
        })
        .collect::<String>();
    owner.batch_execute(&branches).await.expect("branches");
    println!("(recording a million people, sealed one by one)");
    let lanes = (0..2).map(|lane| async move {
        let connection = &mut *ground.campus.database.connection().await.expect("a connection");
        for first in (0..MILLION).step_by(CHUNK).skip(lane).step_by(2) {
            let people: Vec<NewResident> = (first..first + CHUNK).map(person).collect();
            residents::record(&ground.campus, connection, &people).await.expect("people are recorded");
        }
    });
    join_all(lanes).await;
    owner.batch_execute("VACUUM ANALYZE residents; ").await.expect("statistics");
    owner.batch_execute("VACUUM ANALYZE resident_terms").await.expect("statistics");
}

/// What staff type: a surname, part of a name, initials.
fn typed(number: usize) -> String {
    let whole = name(number * 37);
    let letters: Vec<char> = whole.chars().collect();
    match number % 4 {
        0 => letters[..1].iter().collect(),
        1 => letters[..2].iter().collect(),
        2 => letters[1..].iter().collect(),
        _ => residents::identity::initials(&whole),
    }
}

fn p95(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() * 95 / 100).map_or(0.0, Duration::as_secs_f64) * 1000.0
}

async fn recorded(ground: &Ground) {
    static RECORDED: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    RECORDED.get_or_init(|| record(ground)).await;
}

fn admin(ground: &Ground) -> Actor {
    Actor {
        account_id: ground.admin,
        role: Role::Admin,
        branch_id: None,
        resident_id: None,
        request_id: None,
        language: Language::Chinese,
        session: None,
        second_factor_due: None,
    }
}

/// The 95th percentile of searching as an admin through `campus`, each telephone opened, against the
/// bare statement with its index, both in milliseconds, one after the other on one connection.
pub async fn search(ground: &Ground) -> Line {
    recorded(ground).await;
    let (admin, request) = (admin(ground), PageRequest::default());
    let mut ours = Vec::new();
    for number in 0..SEARCHES {
        let wanted = typed(number);
        let began = Instant::now();
        let connection = &mut *ground.campus.database.connection().await.expect("a connection");
        let found = residents::list(&ground.campus, connection, &admin, None, Some(&wanted), &request).await;
        let found = found.expect("a page");
        let opened: Vec<Contact> =
            found.items.iter().map(|each| each.contact(&ground.campus.seal).expect("it opens")).collect();
        ours.push(began.elapsed());
        assert!(!opened.is_empty(), "nobody is called {wanted}");
    }
    Line {
        name: "people search among 1,000,000: p95 in ms",
        ours: p95(ours),
        baseline: p95(bare(ground).await),
        goal: 1.3,
        at_most: true,
    }
}

/// The longest that a search over HTTP may take, in milliseconds, at the 95th percentile.
const PATIENCE: f64 = 50.0;

/// The same over HTTP, against the time that staff are to wait at most.
pub async fn search_over_http(ground: &Ground) -> Line {
    recorded(ground).await;
    let token = ground.token(ground.admin);
    let header = format!("authorization: Bearer {token}\r\n");
    let paths: Vec<String> = (0..SEARCHES)
        .map(|number| {
            let query: String = typed(number).bytes().map(|byte| format!("%{byte:02X}")).collect();
            format!("/api/v1/residents?q={query}")
        })
        .collect();
    let ours = p95(latencies(ground.address, paths, header).await);
    Line { name: "the same over HTTP, of 50 ms", ours, baseline: PATIENCE, goal: 1.0, at_most: true }
}

async fn bare(ground: &Ground) -> Vec<Duration> {
    let (client, connection) =
        tokio_postgres::connect(&ground.postgres.url(), tokio_postgres::NoTls).await.expect("PostgreSQL answers");
    tokio::spawn(connection);
    let statement = client
        .prepare(
            "SELECT residents.* FROM ( \
                 SELECT each.term, each.resident_id FROM branches CROSS JOIN LATERAL ( \
                     SELECT term, resident_id FROM resident_terms \
                     WHERE branch_id = branches.id AND term >= $1 AND term < $1 || chr(1114111) \
                     ORDER BY term, resident_id LIMIT 21) AS each \
                 ORDER BY each.term, each.resident_id LIMIT 21) AS found \
             JOIN residents ON residents.id = found.resident_id ORDER BY found.term, found.resident_id",
        )
        .await
        .expect("a statement");
    let mut bare = Vec::new();
    for number in 0..SEARCHES {
        let wanted = typed(number).to_lowercase();
        let began = Instant::now();
        let rows = client.query(&statement, &[&wanted]).await.expect("rows");
        bare.push(began.elapsed());
        assert!(!rows.is_empty(), "nobody is called {wanted}");
    }
    bare
}
