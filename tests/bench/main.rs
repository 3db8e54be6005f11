//! `make bench`: ratios against baselines taken in the same run on the same machine.
//!
//! Everything is real: PostgreSQL with fsync, Redis, the API over HTTP. Baselines are a bare
//! actix route that returns the same bytes, and pgbench doing the same work in one statement.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions, clippy::cast_precision_loss)]

mod ground;
mod load;
mod measures;
mod pgbench;

use ground::Ground;

/// One line of the result.
struct Line {
    name: &'static str,
    ours: f64,
    baseline: f64,
    goal: f64,
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
    let all: [(&str, Measure); 4] = [
        ("catalogue", |ground| Box::pin(measures::catalogue(ground))),
        ("progress", |ground| Box::pin(measures::progress(ground))),
        ("transfers", |ground| Box::pin(measures::transfers(ground))),
        ("awards", |ground| Box::pin(measures::awards(ground))),
    ];
    let only = std::env::args().nth(1);
    for (name, measure) in all {
        if only.as_deref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        // Ours and the baseline in turn, three times, so that a slow moment hits both.
        let mut lines = Vec::new();
        for _ in 0..3 {
            lines.push(measure(&ground).await);
        }
        let ratio = median(lines.iter().map(|line| line.ours / line.baseline).collect());
        let line = &lines[lines.len() / 2];
        let verdict = if ratio >= line.goal { "" } else { "  below" };
        println!(
            "{:<44} {:>9.0} {:>11.0} {:>7.2} {:>7.2}{verdict}",
            line.name, line.ours, line.baseline, ratio, line.goal
        );
    }
    ground.stop().await;
}
