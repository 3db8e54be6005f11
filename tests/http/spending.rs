//! Spending points without a shop: what rooms above the ledger do to it.

use campus::Campus;
use campus::credits::{self, Outcome, Posting, PostingKind};
use campus::jobs::Handler;
use campus::rewards;
use tests::TestApp;
use uuid::Uuid;

/// Points last for one month after their own here.
#[derive(Clone)]
pub struct Spending {
    campus: Campus,
}

impl Spending {
    pub fn of(app: &TestApp) -> Self {
        let config = campus::config::Config { points_last_months: 1, database_connections: 16, ..app.config() };
        Self { campus: Campus::new(config, app.clock.clone()).unwrap() }
    }

    pub async fn post(&self, resident_id: Uuid, branch_id: Uuid, amount: i64, kind: PostingKind) -> Outcome {
        let (campus, clock) = (&self.campus, &self.campus.clock);
        let connection = &mut *campus.database.connection().await.unwrap();
        let posting = Posting {
            resident_id,
            branch_id,
            amount,
            kind,
            source_kind: "reward".to_owned(),
            source_id: Uuid::new_v4(),
            source_label: "毛巾".to_owned(),
            rule: credits::rule_of_redemptions(connection).await.unwrap(),
            evidence: "system".to_owned(),
            actor_id: None,
            earned_at: clock.now(),
            earned_on: clock.today(),
        };
        credits::post(connection, clock, &[posting]).await.unwrap()[0].outcome
    }

    /// Runs the job that takes what has expired.
    pub async fn expire(&self) {
        self.run("expire_points", credits::handlers()).await;
    }

    /// Runs the job that gives back what was not picked up.
    pub async fn give_up(&self) {
        self.run("give_up_redemptions", rewards::handlers()).await;
    }

    async fn run(&self, kind: &str, handlers: Vec<Box<dyn Handler>>) {
        let handler = handlers.iter().find(|handler| handler.kind() == kind).unwrap();
        handler.run(&self.campus, &serde_json::Value::Null).await.unwrap();
    }
}
