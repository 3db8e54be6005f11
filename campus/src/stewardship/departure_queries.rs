//! What is done in the database about somebody who leaves: everything that says who they were goes,
//! everything that is counted stays.

use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::db::schema::{accounts, residents};
use crate::error::{Code, Error, Result};

/// One statement after the other, while the names still stand; `$1` are the person's records, `$2`
/// their accounts, `$3` the moment. A new table that holds something of a person has its line here.
const STATEMENTS: &[&str] = &[
    // What was told and handed in elsewhere is found by name, birth date and address: these go last.
    "DELETE FROM roster_rows USING residents AS person WHERE person.id = ANY ($1) \
         AND roster_rows.name = person.name AND coalesce(roster_rows.birth_date, person.birth_date) = person.birth_date",
    // A reason that others were given too is not about them, unless it names them.
    "SELECT forget_notes(ARRAY(SELECT own.note_id FROM credit_transfers AS own \
         JOIN residents AS person ON person.id = own.resident_id JOIN credit_notes AS note ON note.id = own.note_id \
         WHERE person.id = ANY ($1) AND (position(person.name IN note.body) > 0 OR NOT EXISTS ( \
             SELECT FROM credit_transfers AS other WHERE other.batch_id = own.batch_id AND other.note_id = own.note_id \
                 AND other.resident_id <> ALL ($1)))))",
    "DELETE FROM jobs USING accounts WHERE accounts.id = ANY ($2) AND jobs.kind = 'send_mail' \
         AND jobs.payload -> 'mail' ->> 'to' = accounts.email",
    "UPDATE mail_deliveries SET recipient = '-', subject = '-' FROM accounts \
         WHERE accounts.id = ANY ($2) AND mail_deliveries.recipient = accounts.email",
    "DELETE FROM idempotency_keys WHERE actor_id = ANY ($2) OR actor_id = '00000000-0000-0000-0000-000000000000' \
         AND route = 'registration' AND (answer ->> 'id')::uuid = ANY ($1)",
    // Logging in.
    "UPDATE learner_cards SET revoked_at = $3, revoked_because = 'departed' \
         WHERE resident_id = ANY ($1) AND revoked_at IS NULL",
    "UPDATE session_families SET ended_at = $3, ended_because = 'left' WHERE account_id = ANY ($2) AND ended_at IS NULL",
    "DELETE FROM known_devices WHERE account_id = ANY ($2)",
    "DELETE FROM one_time_codes WHERE account_id = ANY ($2)",
    "DELETE FROM password_resets WHERE account_id = ANY ($2)",
    "DELETE FROM log_in_challenges WHERE account_id = ANY ($2)",
    "DELETE FROM recovery_codes WHERE account_id = ANY ($2)",
    "DELETE FROM second_factors WHERE account_id = ANY ($2)",
    // Helping, both ways.
    "DELETE FROM help_invitations WHERE resident_id = ANY ($1)",
    "UPDATE help_allowances SET ended_at = greatest($3, granted_at), \
             ended_by = CASE WHEN resident_id = ANY ($1) THEN 'resident' ELSE 'helper' END \
         WHERE ended_at IS NULL AND (resident_id = ANY ($1) OR helper_account_id = ANY ($2))",
    // That they had agreed, and to what, stays with the number.
    "UPDATE consents SET withdrawn_at = $3 WHERE resident_id = ANY ($1) AND withdrawn_at IS NULL",
    "DELETE FROM guardians WHERE resident_id = ANY ($1)",
    "UPDATE certificates SET revoked_reason = '-' WHERE resident_id = ANY ($1) AND revoked_at IS NOT NULL",
    // What they asked says who they are, and an answer speaks to them: neither can be kept without.
    "UPDATE lesson_questions SET body = NULL, answer = NULL, withdrawn_at = coalesce(withdrawn_at, $3), \
             pinned_at = NULL, pinned_by = NULL, reported_at = NULL WHERE resident_id = ANY ($1)",
    // A reason of an award that waits or waited, where it is about them alone or names them.
    "UPDATE award_proposals SET reason = '-' FROM residents AS person \
         WHERE person.id = ANY ($1) AND award_proposals.resident_ids @> ARRAY[person.id] \
             AND (cardinality(award_proposals.resident_ids) = 1 OR position(person.name IN award_proposals.reason) > 0)",
    "UPDATE award_proposals SET decision_reason = '-' FROM residents AS person \
         WHERE person.id = ANY ($1) AND award_proposals.resident_ids @> ARRAY[person.id] AND decision_reason IS NOT NULL \
             AND (cardinality(award_proposals.resident_ids) = 1 OR position(person.name IN decision_reason) > 0)",
    // What they have chosen and not picked up is given up by the next round of that.
    "UPDATE redemptions SET held_until = ($3 - interval '2 days')::date WHERE resident_id = ANY ($1) AND status = 'held'",
    // Of what looked out of the ordinary the figures are left, and of a note what does not name them.
    "UPDATE anomalies SET evidence = ARRAY(SELECT each FROM unnest(evidence) AS each WHERE each <> ALL ($1)), \
             subject = CASE WHEN subject = ANY ($1) THEN id ELSE subject END WHERE evidence && $1",
    "UPDATE anomalies SET note = '-' FROM residents AS person \
         WHERE person.id = ANY ($1) AND position(person.name IN anomalies.note) > 0",
    // What they have achieved elsewhere says who they are; the photos leave the store after this. What
    // is under way ends, as there is nobody any more to be recognised.
    "UPDATE recognition_photos SET removed_at = coalesce(removed_at, $3) FROM recognitions \
         WHERE recognitions.id = recognition_photos.recognition_id AND recognitions.resident_id = ANY ($1)",
    "UPDATE recognition_steps SET reason = NULL FROM recognitions \
         WHERE recognitions.id = recognition_steps.recognition_id AND recognitions.resident_id = ANY ($1)",
    "UPDATE recognitions SET title = NULL, issuer = NULL, \
             state = CASE WHEN state IN ('posted', 'over_cap') THEN state ELSE 'withdrawn' END WHERE resident_id = ANY ($1)",
    // What has not been told is not told any more, and nobody can say whom what was told is about.
    "DELETE FROM statements WHERE resident_id = ANY ($1)",
    "DELETE FROM stated_progress WHERE resident_id = ANY ($1)",
    "DELETE FROM statement_actors WHERE resident_id = ANY ($1)",
    // The key goes, and with it whatever it had sealed, here, in the audit and in every copy. Of the
    // birth date the year is left, for figures by age.
    "UPDATE residents SET name = label, learner_number = label, initials = '', left_at = $3, \
             birth_date = make_date(extract(year FROM birth_date)::integer, 1, 1), gender = NULL, groups = '{}', \
             phone = NULL, id_number = NULL, personal_key = NULL, phone_sealed = NULL, phone_index = NULL, phone_tail_index = NULL, \
             id_number_sealed = NULL, id_number_index = NULL \
         FROM (SELECT id AS labelled, 'left-' || replace(gen_random_uuid()::text, '-', '') AS label \
             FROM residents WHERE id = ANY ($1)) AS labels \
         WHERE id = labelled",
    "UPDATE accounts SET name = person.name, email = NULL, password_hash = NULL, pin_hash = NULL, version = version + 1, \
             disabled_at = coalesce(disabled_at, $3) \
         FROM residents AS person WHERE accounts.id = ANY ($2) AND person.id = accounts.resident_id",
];

/// The records of the person who has this one, nobody else changing them until the transaction ends,
/// and the branch of the first. Which they are may change until they are held: they are looked up until they
/// stay the same.
pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<(Vec<Uuid>, Uuid)> {
    let mut held = None;
    let (root, rows) = loop {
        let joined: Option<Uuid> = residents::table.find(id).select(residents::merged_into).first(connection).await?;
        let root = joined.unwrap_or(id);
        let rows: Vec<(Uuid, Uuid)> = residents::table
            .filter(residents::id.eq(root).or(residents::merged_into.eq(root).is_not_distinct_from(true)))
            .filter(residents::left_at.is_null())
            .order(residents::id)
            .select((residents::id, residents::branch_id))
            .for_no_key_update()
            .load(connection)
            .await?;
        if held.as_ref() == Some(&rows) {
            break (root, rows);
        }
        held = Some(rows);
    };
    let branch = rows.iter().find(|(record, _)| *record == root).map(|(_, branch)| *branch);
    let branch = branch.ok_or_else(|| Error::code(Code::NotFound))?;
    Ok((rows.into_iter().map(|(record, _)| record).collect(), branch))
}

/// How the person logs in.
pub(super) async fn accounts_of(connection: &mut Connection, records: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(accounts::table
        .filter(accounts::resident_id.eq_any(records))
        .order(accounts::id)
        .select(accounts::id)
        .load(connection)
        .await?)
}

pub(super) async fn forget(
    connection: &mut Connection,
    records: &[Uuid],
    accounts: &[Uuid],
    at: OffsetDateTime,
) -> Result<()> {
    for statement in STATEMENTS {
        diesel::sql_query(*statement)
            .bind::<Array<SqlUuid>, _>(records)
            .bind::<Array<SqlUuid>, _>(accounts)
            .bind::<Timestamptz, _>(at)
            .execute(connection)
            .await?;
    }
    Ok(())
}
