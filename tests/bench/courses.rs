//! Finding a course among five thousand.

use campus::courses;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

use crate::Line;
use crate::ground::{Ground, id};
use crate::load::latencies;

const COURSES: usize = 5_000;
/// How many words are said in the video of each.
const WORDS: usize = 600;
/// How many searches are made, each for something else: what was asked for before comes from memory.
const SEARCHES: usize = 1_500;
/// The longest that a search may take, in milliseconds, at the 95th percentile.
const PATIENCE: f64 = 30.0;

/// Signs of which words of two are made: some words are said in every course, some in few.
const SIGNS: &str = "地震防灾减安全上网健康养生太极书法国画音乐歌唱舞蹈手机微信支付骗局急救营养睡眠血压糖尿病运动散步园艺花草\
    茶道摄影剪纸编织烹饪法律理财旅游历史诗词戏曲棋牌垃圾分类消防电梯燃气邻里志愿服务儿童家庭心理";

/// A number that looks like chance and is the same every time.
fn scatter(seed: usize) -> usize {
    seed.wrapping_mul(2_654_435_761).rotate_right(7) % 1_000_003
}

/// The words that come first come most often.
fn word(seed: usize) -> String {
    let signs: Vec<char> = SIGNS.chars().filter(|sign| !sign.is_whitespace()).collect();
    let (one, two) = (scatter(seed) % 1_000, scatter(seed + 17) % 1_000);
    let place = |number: usize| number * number * signs.len() / 1_000_000;
    [signs[place(one)], signs[place(two)]].iter().collect()
}

fn words(from: usize, count: usize) -> String {
    (from..from + count).map(word).collect()
}

async fn record(ground: &Ground) {
    let mut owner = AsyncPgConnection::establish(&ground.postgres.url()).await.expect("the owner connects");
    println!("(recording five thousand courses with what is said in them)");
    for number in 0..COURSES {
        let (course, lesson, video) = (id(6, number), id(6, COURSES + number), id(6, 2 * COURSES + number));
        let said: Vec<String> = (0..WORDS / 10)
            .map(|line| {
                format!("00:{:02}.000 --> 00:{:02}.900\n{}\n\n", line, line, words(number * WORDS + line * 10, 10))
            })
            .collect();
        let sql = format!(
            "INSERT INTO videos (id, branch_id, account_id, file_name, size, content_type, object_key, part_size, status, \
                 duration_ms, created_at) \
             SELECT '{video}', branches.id, accounts.id, 'a.mp4', 1, 'video/mp4', '{video}', 1, 'ready', {duration}, now() \
             FROM (SELECT id FROM branches LIMIT 1) branches, (SELECT id FROM accounts WHERE role = 'admin' LIMIT 1) accounts; \
             INSERT INTO video_captions VALUES ('{video}', 'zh-CN', E'WEBVTT\\n\\n{said}', now()); \
             INSERT INTO courses (id, branch_id, title, summary, topic, status, created_at, updated_at, published_at) \
             SELECT '{course}', branch_id, '{title}', '{summary}', 'health', 'published', now(), now(), \
                 now() - interval '1 minute' * {number} FROM videos WHERE id = '{video}'; \
             INSERT INTO course_versions (course_id, number, status, title, summary, topic, created_at, updated_at) \
             SELECT id, 1, status, title, summary, topic, created_at, updated_at FROM courses WHERE id = '{course}'; \
             INSERT INTO lessons (id, course_id, title, video_id, created_at) \
             VALUES ('{lesson}', '{course}', '第一课', '{video}', now()); \
             INSERT INTO version_lessons VALUES ('{course}', 1, '{lesson}', 1)",
            duration = 60_000 * (1 + number % 90),
            said = said.concat(),
            title = words(number * 31, 3),
            summary = words(number * 77, 12),
        );
        owner.batch_execute(&sql).await.expect("a course is recorded");
    }
    let refreshing = courses::handlers();
    for _ in 0..COURSES / 500 + 1 {
        for handler in &refreshing {
            handler.run(&ground.campus, &serde_json::Value::Null).await.expect("texts are made");
        }
    }
    owner.batch_execute("VACUUM ANALYZE course_texts").await.expect("statistics");
    owner.batch_execute("VACUUM ANALYZE courses").await.expect("statistics");
}

/// What learners type: a word or two, part of one, pinyin, with a filter now and then.
fn typed(number: usize) -> String {
    let filters = ["", "&length=short", "&length=medium", "&topic=health", "&length=long&topic=health"];
    let words = match number % 6 {
        0 | 1 => word(number * 7),
        2 => words(number * 600, 2),
        3 => format!("{} {}", word(number), word(number + 5)),
        4 => campus::residents::identity::initials(&words(number * 31, 3)),
        _ => word(number * 3).chars().take(1).collect(),
    };
    let encoded: String = words.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/api/v1/courses?q={encoded}{}&limit={}", filters[number % 5], 10 + number / 30 % 80)
}

/// The 95th percentile of searching over HTTP, one after the other, against the time that learners
/// are to wait at most.
pub async fn search(ground: &Ground) -> Line {
    static RECORDED: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    static ROUND: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    RECORDED.get_or_init(|| record(ground)).await;
    let round = ROUND.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let paths: Vec<String> = (round * SEARCHES..(round + 1) * SEARCHES).map(typed).collect();
    let mut times = latencies(ground.address, paths, String::new()).await;
    times.sort();
    let ours = times[times.len() * 95 / 100].as_secs_f64() * 1000.0;
    Line { name: "course search among 5,000, of 30 ms", ours, baseline: PATIENCE, goal: 1.0, at_most: true }
}
