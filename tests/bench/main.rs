//! `make bench`: ratios against baselines taken in the same run on the same machine.
//!
//! Everything is real: PostgreSQL with fsync, Redis, the API over HTTP. Baselines are a bare
//! actix route that returns the same bytes, and pgbench doing the same work in one statement.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions, clippy::cast_precision_loss)]

mod courses;
mod ground;
mod ledger;
mod load;
mod log_ins;
mod measures;
mod months;
mod people;
mod pgbench;
mod street;
mod videos;
mod viewers;

use ground::Ground;

/// One line of the result.
struct Line {
    name: &'static str,
    ours: f64,
    baseline: f64,
    goal: f64,
    /// Whether the goal is the most the ratio may be, as for times; else it is the least.
    at_most: bool,
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(0.0)
}

#[tokio::main]
async fn main() {
    let ground = Ground::prepare().await;
    println!("what is measured                                ours/s  baseline/s   ratio    goal");
    type Measure = for<'a> fn(&'a Ground) -> futures_util::future::BoxFuture<'a, Line>;
    // By name, how often in turn with its baseline (so that a slow moment hits both), and how.
    let all: [(&str, usize, Measure); 24] = [
        ("catalogue", 3, |ground| Box::pin(measures::catalogue(ground))),
        ("course_pages", 3, |ground| Box::pin(measures::course_pages(ground))),
        ("progress", 3, |ground| Box::pin(measures::progress(ground))),
        ("transfers", 3, |ground| Box::pin(measures::transfers(ground))),
        ("awards", 3, |ground| Box::pin(measures::awards(ground))),
        ("batch", 3, |ground| Box::pin(ledger::batch(ground))),
        ("ledger_posting", 3, |ground| Box::pin(ledger::posting(ground))),
        ("ledger_audit", 1, |ground| Box::pin(ledger::audit(ground))),
        ("ledger_memory", 1, |ground| Box::pin(ledger::audit_memory(ground))),
        ("log_ins", 3, |ground| Box::pin(log_ins::rate(ground))),
        ("log_in_gap", 3, |ground| Box::pin(log_ins::refusal_gap(ground))),
        ("link_gap", 3, |ground| Box::pin(log_ins::link_gap(ground))),
        ("people", 3, |ground| Box::pin(people::search(ground))),
        ("course_search", 3, |ground| Box::pin(courses::search(ground))),
        ("people_http", 3, |ground| Box::pin(people::search_over_http(ground))),
        ("viewers", 1, |ground| Box::pin(viewers::patience(ground))),
        ("month_closing", 1, |ground| Box::pin(months::closing(ground))),
        ("month_closing_later", 1, |ground| Box::pin(months::closing_later(ground))),
        ("month_posting", 1, |ground| Box::pin(months::posting(ground))),
        ("month_watching", 1, |ground| Box::pin(months::watching(ground))),
        ("month_closed_ranking", 3, |ground| Box::pin(months::closed_ranking(ground))),
        ("month_open_ranking", 3, |ground| Box::pin(months::open_ranking(ground))),
        ("transcoding", 1, |ground| Box::pin(videos::transcoding(ground))),
        ("upload_memory", 1, |ground| Box::pin(videos::upload_memory(ground))),
    ];
    let only = std::env::args().nth(1);
    for (name, rounds, measure) in all {
        if only.as_deref().is_some_and(|wanted| !name.starts_with(wanted)) {
            continue;
        }
        let mut lines = Vec::new();
        for _ in 0..rounds {
            lines.push(measure(&ground).await);
        }
        let ratio = median(lines.iter().map(|line| line.ours / line.baseline).collect());
        let line = &lines[lines.len() / 2];
        let (verdict, digits) = match line.at_most {
            false => (if ratio >= line.goal { "" } else { "  below" }, 0),
            true => (if ratio <= line.goal { "" } else { "  above" }, 2),
        };
        println!(
            "{:<44} {:>9.digits$} {:>11.digits$} {:>7.2} {:>7.2}{verdict}",
            line.name, line.ours, line.baseline, ratio, line.goal
        );
    }
    ground.stop().await;
}
