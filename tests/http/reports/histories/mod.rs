//! A thousand histories, made at random, against figures counted by hand: each history has two schools of its
//! own, so that one database holds them all.

mod story;

use std::collections::{BTreeMap, BTreeSet};

use campus::Campus;
use campus::clock::{Clock, Month};
use campus::credits::{self, Earns, PostingKind};
use campus::stewardship;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use story::{DAYS, Event, FIRST, HISTORIES, Paper, Story, history};
use tests::TestApp;
use tests::database::execute;
use time::macros::datetime;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

async fn begin(app: &TestApp, clock: Clock) -> Story {
    let client = app.admin().await;
    let actor = app.actor_of(&client).await;
    let campus = Campus::new(app.config(), clock).unwrap();
    let centre = app.branch("CQJD").id;
    let schools: Vec<[Uuid; 2]> = (0..HISTORIES).map(|_| [Uuid::new_v4(), Uuid::new_v4()]).collect();
    let rows: Vec<String> = schools
        .iter()
        .flatten()
        .enumerate()
        .map(|(number, id)| format!("('{id}', 'H{number}', '学校{number}', '{centre}', 100, now())"))
        .collect();
    let sql =
        format!("INSERT INTO branches (id, code, name, parent_id, population, created_at) VALUES {}", rows.join(", "));
    execute(&app.owner_url(), &sql).await;
    let rules = {
        let connection = &mut *campus.database.connection().await.unwrap();
        credits::rules_for(connection, Earns::CourseCompleted, FIRST).await.unwrap()
    };
    Story {
        url: app.config().database_url,
        actor,
        rule: rules.into_iter().next().unwrap(),
        papers: schools.iter().map(|_| Paper::default()).collect(),
        schools,
        campus,
        closed: BTreeSet::new(),
        kept: BTreeMap::new(),
    }
}

/// What happens at one time: in which history, to whom, what.
type Moment = Vec<(usize, usize, Event)>;

/// Everything of one moment: first who registers, then who learns, is given something, and moves.
async fn tell(story: &mut Story, moment: Moment) {
    let (mut registering, mut learning, mut posting, mut moving) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut busy = BTreeSet::new();
    for (history, person, event) in moment {
        let somebody = story.papers[history].people.get(&person);
        // One thing for each person and moment.
        if !busy.insert((history, person)) {
            continue;
        }
        match (event, somebody) {
            (Event::Register { school, days_ago }, None) => registering.push((history, person, school, days_ago)),
            (Event::Learn { seconds }, Some(_)) => learning.push((history, person, seconds)),
            (Event::Award { amount, days_ago, grade }, Some(_)) => {
                posting.push((history, person, PostingKind::Earning, amount, days_ago, grade));
            }
            (Event::Reverse, Some(_)) => {
                let awards = &mut story.papers[history].people.get_mut(&person).unwrap().awards;
                if let Some((id, amount, grade, _)) = awards.pop() {
                    posting.push((history, person, PostingKind::Reversal(id), amount, 0, grade));
                }
            }
            (Event::Move, Some(_)) => moving.push((history, person)),
            _ => {}
        }
    }
    if !registering.is_empty() {
        story.register(&registering).await;
    }
    if !learning.is_empty() {
        story.learn(&learning).await;
    }
    if !posting.is_empty() {
        story.post(&posting).await;
    }
    story.move_on(&moving).await;
}

async fn a_thousand_histories(zone: &str) {
    let app = TestApp::street().await;
    let clock = Clock::manual(zone, datetime!(2026-10-25 12:00 UTC)).unwrap();
    let mut story = begin(&app, clock.clone()).await;
    let mut runner = TestRunner::default();
    let histories = proptest::collection::vec(history(), HISTORIES).new_tree(&mut runner).unwrap().current();
    let mut moments: BTreeMap<(i64, usize), Moment> = BTreeMap::new();
    for (history, events) in histories.into_iter().enumerate() {
        for (person, day, time, event) in events {
            moments.entry((day, time)).or_default().push((history, person, event));
        }
    }
    for ((day, time), moment) in moments {
        let day = FIRST + Duration::days(day);
        clock.set(at(&clock, day, time));
        assert_eq!(clock.today(), day);
        story.close_due().await;
        tell(&mut story, moment).await;
    }
    clock.set(at(&clock, FIRST + Duration::days(DAYS), 1));
    story.close_due().await;
    assert!(story.closed.len() >= 2, "{:?}", story.closed);
    for month in ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-02"] {
        story.compare(month.parse().unwrap()).await;
    }
    // Two records of one person: what is closed stays, and everybody counts once in what is open.
    let twice: Vec<(usize, Uuid, Uuid)> = story
        .papers
        .iter()
        .enumerate()
        .filter_map(|(history, paper)| {
            let mut people = paper.people.values();
            Some((history, people.next()?.id, people.next()?.id))
        })
        .take(25)
        .collect();
    assert!(twice.len() > 5);
    for (_, kept, other) in &twice {
        stewardship::merge(&story.campus, &story.actor, *kept, *other).await.unwrap();
    }
    for month in story.closed.clone() {
        story.compare(month).await;
    }
    let current = Month::of(clock.today());
    let total = story.reported(current, "total_registrations").await;
    for (history, ..) in twice {
        let people = story.papers[history].people.len() as i64;
        assert_eq!(total[history].iter().sum::<i64>(), people - 1, "history {history}");
    }
}

/// The first second of a day in the clock's zone, its noon, or its last second.
fn at(clock: &Clock, day: Date, time: usize) -> OffsetDateTime {
    match time {
        0 => clock.start_of(day),
        1 => clock.start_of(day) + Duration::hours(12),
        _ => clock.start_of(day.next_day().unwrap()) - Duration::SECOND,
    }
}

#[tokio::test]
async fn histories_in_shanghai_are_counted_as_by_hand() {
    a_thousand_histories("Asia/Shanghai").await;
}

#[tokio::test]
async fn histories_where_clocks_are_set_back_are_counted_as_by_hand() {
    a_thousand_histories("America/New_York").await;
}
