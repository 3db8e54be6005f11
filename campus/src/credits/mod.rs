//! The credit bank: an immutable ledger of transfers, and the rules by which they are made.

mod amount;
mod award_files;
mod award_lists;
mod award_venues;
mod awards;
mod caps;
mod expiry;
mod explanation;
mod giving;
mod jobs;
mod log_ins;
mod lots;
mod matching;
mod periods;
mod posting;
mod posting_rows;
mod proposal_queries;
mod proposal_residents;
mod proposals;
mod queries;
mod recognised;
mod reversals;
mod rows;
mod rule_queries;
mod rules;
mod second_person;
mod statement;
mod trial;

use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

pub use amount::{Credits, Unit};
pub use award_files::{LARGEST_AWARD_FILE, MOST_AWARD_FILES, add_award_file, award_file_link, award_files};
pub use award_lists::{AwardBatch, award_batches};
pub use award_venues::Filled;
pub use awards::{Award, AwardAnswer, award};
pub use giving::{Due, GIVEN_AT_ONCE, Giving, LATELY, MISSED, give, givings};
pub use jobs::{handlers, schedules};
pub use lots::Lot;
pub use matching::{AwardRow, Candidate, Named, RowStatus};
pub use periods::{EvidenceSum, History, MonthSum, history, transfers_between};
pub use posting::{Evidence, Outcome, Posted, Posting, PostingKind, post};
pub use proposal_residents::{ProposedResident, ProposedResidents, proposed_residents};
pub use proposals::{approve_proposal, proposal, proposals, reject_proposal};
pub use recognised::{NewRecognitionRule, add_recognition_rule, rule_of, transfers_with_ids};
pub use reversals::{Reversed, UNDONE_WITHIN, reverse_batch, reverse_redemption, reverse_transfer};
pub use rows::{AwardFile, Proposal, Rule, ShownProposal, Transfer};
pub use rules::{ListedRule, NewRule, add_rule, check_rule, given_under, list_rules, rule_of_redemptions};
pub use statement::{Statement, StatementRow, Today, statement, transfers_of_branches, transfers_of_resident};
pub use trial::{Fact, Simulated, simulate};

use crate::clock::Clock;
use crate::db::Connection;
use crate::error::Result;

/// What may earn by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earns {
    /// A lesson has been finished.
    LessonCompleted,
    /// A course has been finished.
    CourseCompleted,
    /// A quiz has been passed.
    QuizPassed,
    /// Another so many minutes of a day have been learned, as the rule says.
    Minutes,
    /// Somebody has taken part in an activity.
    Attendance,
    /// Somebody has logged in, for the first time of a day.
    DailyLogIn,
}

impl Earns {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::LessonCompleted,
        Self::CourseCompleted,
        Self::QuizPassed,
        Self::Minutes,
        Self::Attendance,
        Self::DailyLogIn,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LessonCompleted => "lesson_completed",
            Self::CourseCompleted => "course_completed",
            Self::QuizPassed => "quiz_passed",
            Self::Minutes => "minutes",
            Self::Attendance => "attendance",
            Self::DailyLogIn => "daily_log_in",
        }
    }

    const fn source_kind(self) -> &'static str {
        match self {
            Self::LessonCompleted => "lesson",
            Self::CourseCompleted => "course",
            Self::QuizPassed => "quiz",
            Self::Minutes => "minutes",
            Self::Attendance => "attendance",
            Self::DailyLogIn => "log_in",
        }
    }
}

/// A fact that may earn.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// What sort of fact.
    pub earns: Earns,
    /// The lesson or the course.
    pub id: Uuid,
    /// What it is called.
    pub label: &'a str,
    /// What it is worth where the rule leaves that to it: hundredths of a credit.
    pub worth: i64,
    /// When it happened.
    pub at: OffsetDateTime,
}

/// What a fact has earned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earned {
    /// Of what.
    pub unit: Unit,
    /// How much; hundredths of a credit, or points.
    pub amount: i64,
    /// How much a cap took off.
    pub capped: i64,
    /// The rule's name in Chinese and English.
    pub rule_name: (String, String),
}

/// Gives a resident what a fact earns under the rules of its day, inside the caller's
/// transaction. A fact that has earned before earns nothing again.
///
/// # Errors
/// What the database says.
pub async fn earn(
    connection: &mut Connection,
    clock: &Clock,
    resident_id: Uuid,
    branch_id: Uuid,
    source: &Source<'_>,
) -> Result<Vec<Earned>> {
    let rules = rules_for(connection, source.earns, clock.date_of(source.at)).await?;
    earn_under(connection, clock, resident_id, branch_id, source, &rules).await
}

/// The rules in force on a day for this sort of fact.
///
/// # Errors
/// What the database says.
pub async fn rules_for(connection: &mut Connection, earns: Earns, on: Date) -> Result<Vec<Rule>> {
    queries::rules(connection, earns.as_str(), on).await
}

/// Gives a resident what a fact earns under these rules (see [`earn`]).
///
/// # Errors
/// What the database says.
pub async fn earn_under(
    connection: &mut Connection,
    clock: &Clock,
    resident_id: Uuid,
    branch_id: Uuid,
    source: &Source<'_>,
    rules: &[Rule],
) -> Result<Vec<Earned>> {
    let earned_on = clock.date_of(source.at);
    let audience = rules::Audience::of(connection, rules, resident_id, branch_id).await?;
    let postings: Vec<Posting> = rules
        .iter()
        .filter(|rule| audience.is_meant_by(rule))
        .filter_map(|rule| {
            let amount = rule.worth(source.worth);
            (amount > 0).then(|| Posting {
                resident_id,
                branch_id,
                amount,
                kind: PostingKind::Earning,
                source_kind: source.earns.source_kind().to_owned(),
                source_id: source.id,
                source_label: source.label.to_owned(),
                rule: rule.clone(),
                evidence: Evidence::System.as_str().to_owned(),
                actor_id: None,
                earned_at: source.at,
                earned_on,
            })
        })
        .collect();
    if postings.is_empty() {
        return Ok(Vec::new());
    }
    let posted = post(connection, clock, &postings).await?;
    posted
        .into_iter()
        .filter(|row| row.outcome == Outcome::Posted)
        .filter_map(|row| postings.get(row.index).map(|posting| (row, posting)))
        .map(|(row, posting)| {
            Ok(Earned {
                unit: posting.rule.unit()?,
                amount: row.amount,
                capped: row.capped,
                rule_name: (posting.rule.name_zh.clone(), posting.rule.name_en.clone()),
            })
        })
        .collect()
}

/// An audit entry in the form that the ledger's function writes.
fn audit_value(actor: &crate::access::Actor, action: &str, batch_id: Uuid, detail: Value) -> Value {
    serde_json::json!({
        "id": crate::ids::new_id(), "account_id": actor.account_id, "action": action, "object_kind": "credit_batch",
        "object_id": batch_id, "branch_id": actor.branch_id, "request_id": actor.request_id.as_deref(), "detail": detail,
    })
}
