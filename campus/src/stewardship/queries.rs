//! What is asked of the database about everything of one person. Each section is one statement
//! that answers a JSON array; `$1` are the person's records.

use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::error::Result;

pub(super) const REGISTRATIONS: &str = "SELECT residents.registered_on, residents.recorded_at, residents.origin, \
    residents.learner_number, branches.name AS branch, registered.name AS registered_at \
    FROM residents JOIN branches ON branches.id = residents.branch_id \
    JOIN branches AS registered ON registered.id = residents.registered_branch_id \
    WHERE residents.id = ANY ($1) ORDER BY residents.recorded_at";

pub(super) const ACCOUNTS: &str = "SELECT id, name, email, password_hash IS NOT NULL AS has_password, \
    pin_hash IS NOT NULL AS has_pin, created_at, disabled_at FROM accounts WHERE resident_id = ANY ($1) ORDER BY created_at";

pub(super) const SESSIONS: &str = "SELECT family.created_at, family.proved_at, family.expires_at, family.ended_at, \
    family.ended_because FROM session_families AS family JOIN accounts ON accounts.id = family.account_id \
    WHERE accounts.resident_id = ANY ($1) ORDER BY family.created_at";

pub(super) const ONE_TIME_CODES: &str = "SELECT code.expires_at, code.used_at, code.attempts \
    FROM one_time_codes AS code JOIN accounts ON accounts.id = code.account_id \
    WHERE accounts.resident_id = ANY ($1) ORDER BY code.expires_at";

pub(super) const CARDS: &str = "SELECT issued_at, revoked_at, revoked_because FROM learner_cards \
    WHERE resident_id = ANY ($1) ORDER BY issued_at";

pub(super) const DEVICES: &str = "SELECT device.label, device.created_at, device.last_seen_at, device.expires_at, \
    device.revoked_at, device.opens FROM known_devices AS device JOIN accounts ON accounts.id = device.account_id \
    WHERE accounts.resident_id = ANY ($1) ORDER BY device.created_at";

pub(super) const CONSENTS: &str = "SELECT consent_texts.purpose, consents.version, consent_texts.title_zh AS title, \
    consents.given_at, consents.channel, consents.withdrawn_at \
    FROM consents JOIN consent_texts USING (version) WHERE consents.resident_id = ANY ($1) ORDER BY consents.given_at";

pub(super) const ENROLLMENTS: &str = "SELECT courses.id AS course_id, courses.title, enrollments.enrolled_at, \
    enrollments.completed_at, helper.name AS helped_by \
    FROM enrollments JOIN courses ON courses.id = enrollments.course_id \
    LEFT JOIN accounts AS helper ON helper.id = enrollments.helped_by \
    WHERE enrollments.resident_id = ANY ($1) ORDER BY enrollments.enrolled_at, courses.id";

pub(super) const LESSONS: &str = "SELECT lessons.id AS lesson_id, lessons.title, courses.title AS course, \
    progress.watched_ms / 1000.0 AS watched_seconds, progress.position_ms / 1000.0 AS position_seconds, \
    progress.completed_at, progress.updated_at, \
    coalesce((SELECT jsonb_agg(jsonb_build_array(lower(stretch) / 1000.0, upper(stretch) / 1000.0) ORDER BY lower(stretch)) \
        FROM unnest(progress.watched) AS stretch), '[]') AS watched \
    FROM lesson_progress AS progress JOIN lessons ON lessons.id = progress.lesson_id \
    JOIN courses ON courses.id = lessons.course_id \
    WHERE progress.resident_id = ANY ($1) ORDER BY courses.id, lessons.created_at, lessons.id";

pub(super) const READINGS: &str = "SELECT lesson_id, opened_at FROM readings WHERE resident_id = ANY ($1) \
    ORDER BY opened_at";

pub(super) const QUIZ_ATTEMPTS: &str = "SELECT attempt.lesson_id, lessons.title, attempt.number, attempt.answers, \
    attempt.score, attempt.passed, attempt.started_at, attempt.finished_at \
    FROM quiz_attempts AS attempt JOIN lessons ON lessons.id = attempt.lesson_id \
    WHERE attempt.resident_id = ANY ($1) ORDER BY attempt.started_at";

pub(super) const QUESTIONS: &str = "SELECT question.lesson_id, lessons.title, question.body AS text, question.asked_at, \
    question.withdrawn_at, question.answer, question.answered_at, question.answer_edited_at, question.hidden_at, \
    question.hidden_reason FROM lesson_questions AS question JOIN lessons ON lessons.id = question.lesson_id \
    WHERE question.resident_id = ANY ($1) ORDER BY question.asked_at, question.id";

/// What somebody else asked is not theirs to take away.
pub(super) const QUESTION_REPORTS: &str = "SELECT reason, reported_at FROM question_reports \
    WHERE resident_id = ANY ($1) ORDER BY reported_at";

pub(super) const RATINGS: &str = "SELECT rating.course_id, courses.title, rating.version, rating.value, rating.rated_at \
    FROM course_ratings AS rating JOIN courses ON courses.id = rating.course_id \
    WHERE rating.resident_id = ANY ($1) ORDER BY rating.rated_at";

pub(super) const VIEWINGS: &str = "SELECT lesson_id, started_at FROM viewings WHERE resident_id = ANY ($1) \
    ORDER BY started_at";

pub(super) const LEARNING_DAYS: &str = "SELECT day, watched_ms / 1000.0 AS watched_seconds \
    FROM learning_days WHERE resident_id = ANY ($1) ORDER BY day";

pub(super) const CREDIT_ACCOUNTS: &str = "SELECT unit, \
    CASE unit WHEN 'credit' THEN round(coalesce(balance, 0) / 100.0, 2)::text ELSE coalesce(balance, 0)::text END AS balance \
    FROM credit_accounts WHERE kind = 'resident' AND resident_id = ANY ($1) ORDER BY unit";

pub(super) const TRANSFERS: &str = "SELECT transfer.id, unit, kind, source_kind, source_label AS source, evidence, \
    CASE unit WHEN 'credit' THEN round(sign * amount / 100.0, 2)::text ELSE (sign * amount)::text END AS amount, \
    CASE unit WHEN 'credit' THEN round(balance_after / 100.0, 2)::text ELSE balance_after::text END AS balance_after, \
    note.body AS reason, venue.name AS held_at, earned_at, recorded_at, to_char(counted_month, 'YYYY-MM') AS counted_month, \
    reverses \
    FROM credit_transfers AS transfer \
    CROSS JOIN LATERAL (SELECT CASE account_id WHEN credit_account_id THEN 1 WHEN debit_account_id THEN -1 ELSE 0 END AS sign) AS signed \
    LEFT JOIN credit_notes AS note ON note.id = transfer.note_id \
    LEFT JOIN award_venues AS held ON held.batch_id = transfer.batch_id LEFT JOIN venues AS venue ON venue.id = held.venue_id \
    WHERE resident_id = ANY ($1) ORDER BY transfer.id";

pub(super) const REDEMPTIONS: &str = "SELECT title, price, status, redeemed_at, held_until, settled_at \
    FROM redemptions WHERE resident_id = ANY ($1) ORDER BY redeemed_at, id";

pub(super) const ACCOUNT_STATEMENTS: &str = "SELECT regexp_replace(code, '(.{4})(?=.)', '\\1-', 'g') AS code, \
    from_on, to_on, issued_at, round(credits / 100.0, 2)::text AS credits, points, row_count AS rows \
    FROM account_statements WHERE resident_id = ANY ($1) ORDER BY issued_at, id";

pub(super) const RECOGNITIONS: &str = "SELECT outcome.name AS outcome, claim.title, claim.issuer, claim.issued_on, \
    claim.hours, claim.state, round(claim.credits / 100.0, 2)::text AS credits, claim.original_seen, claim.created_at, claim.notice_until, \
    (SELECT count(*) FROM recognition_photos AS photo WHERE photo.recognition_id = claim.id AND photo.removed_at IS NULL) \
        AS photos, \
    (SELECT coalesce(jsonb_agg(jsonb_build_object('step', step.step, 'at', step.at, 'reason', step.reason) \
        ORDER BY step.place), '[]') FROM recognition_steps AS step WHERE step.recognition_id = claim.id) AS steps \
    FROM recognitions AS claim JOIN recognised_outcomes AS outcome ON outcome.id = claim.outcome_id \
    WHERE claim.resident_id = ANY ($1) ORDER BY claim.id";

pub(super) const HELPERS: &str = "SELECT helper.name, allowance.channel, allowance.granted_at, allowance.expires_at, \
    allowance.ended_at, allowance.ended_by, allowance.last_used_on \
    FROM help_allowances AS allowance JOIN accounts AS helper ON helper.id = allowance.helper_account_id \
    WHERE allowance.resident_id = ANY ($1) ORDER BY allowance.granted_at";

pub(super) const HELPING: &str = "SELECT allowance.channel, allowance.granted_at, allowance.expires_at, \
    allowance.ended_at, allowance.ended_by, allowance.last_used_on \
    FROM help_allowances AS allowance JOIN accounts ON accounts.id = allowance.helper_account_id \
    WHERE accounts.resident_id = ANY ($1) ORDER BY allowance.granted_at";

pub(super) const MAILS: &str = "SELECT mail.subject, mail.queued_at, mail.sent_at \
    FROM mail_deliveries AS mail JOIN accounts ON accounts.email = mail.recipient \
    WHERE accounts.resident_id = ANY ($1) ORDER BY mail.queued_at";

pub(super) const RECORD_STORE_NAMES: &str = "SELECT known.name, \
    (SELECT count(*) FROM statements WHERE statements.resident_id = known.resident_id) AS waiting \
    FROM statement_actors AS known WHERE known.resident_id = ANY ($1) ORDER BY known.resident_id";

/// What staff wrote about it is theirs, and may speak of somebody else.
pub(super) const ANOMALIES: &str = "SELECT kind, found_at, settled_at FROM anomalies WHERE evidence && $1 \
    ORDER BY found_at, id";

/// What was done to another resident (by who helps them) is there without what it was. Each of the
/// three ways to find an entry has an index of its own.
pub(super) const ACTS: &str = "WITH own AS (SELECT id FROM accounts WHERE resident_id = ANY ($1)), known AS ( \
        SELECT id FROM audit_entries WHERE object_kind = 'resident' AND object_id = ANY ($1) \
        UNION SELECT id FROM audit_entries WHERE object_kind = 'account' AND object_id IN (SELECT id FROM own) \
        UNION SELECT id FROM audit_entries WHERE account_id IN (SELECT id FROM own)) \
    SELECT entry.at, entry.action, \
    CASE WHEN entry.account_id IN (SELECT id FROM own) THEN 'self' WHEN entry.account_id IS NULL THEN 'system' \
        WHEN actor.role = 'resident' THEN 'helper' ELSE 'staff' END AS by, \
    coalesce(other.theirs, false) AS about_another, \
    CASE WHEN other.theirs THEN '{}'::jsonb ELSE entry.detail - 'helper_account_id' END AS detail \
    FROM known JOIN audit_entries AS entry USING (id) LEFT JOIN accounts AS actor ON actor.id = entry.account_id \
    CROSS JOIN LATERAL (SELECT entry.object_kind = 'resident' AND entry.object_id <> ALL ($1) \
        OR entry.object_kind = 'account' AND entry.object_id NOT IN (SELECT id FROM own) AS theirs) AS other \
    ORDER BY entry.at, entry.id";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Jsonb)]
    found: Value,
}

/// The rows of one section, as a JSON array.
pub(super) async fn section(connection: &mut Connection, query: &str, ids: &[Uuid]) -> Result<Value> {
    let whole = format!("SELECT coalesce(jsonb_agg(to_jsonb(part)), '[]') AS found FROM ({query}) AS part");
    let row: Found = diesel::sql_query(whole).bind::<Array<SqlUuid>, _>(ids).get_result(connection).await?;
    Ok(row.found)
}

/// A moment as the sections write theirs.
pub(super) async fn moment(connection: &mut Connection, at: OffsetDateTime) -> Result<Value> {
    let query = diesel::sql_query("SELECT to_jsonb($1) AS found").bind::<Timestamptz, _>(at);
    Ok(query.get_result::<Found>(connection).await?.found)
}

/// Times are written in this zone until the transaction ends.
pub(super) async fn use_zone(connection: &mut Connection, zone: &str) -> Result<()> {
    diesel::sql_query("SELECT set_config('TimeZone', $1, true)").bind::<Text, _>(zone).execute(connection).await?;
    Ok(())
}
