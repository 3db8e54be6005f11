//! What is asked of the database about the catalogue and what is filed.

use std::collections::HashMap;

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::review::Stage;
use super::rows::{Outcome, Photo, Recognition, Step, StepRow};
use crate::db::Connection;
use crate::db::schema::{
    accounts, credit_transfers, recognised_outcomes, recognition_photos, recognition_steps, recognitions, residents,
};
use crate::error::Result;

pub(super) async fn outcomes(connection: &mut Connection) -> Result<Vec<Outcome>> {
    Ok(recognised_outcomes::table
        .order((recognised_outcomes::retired_at.is_not_null(), recognised_outcomes::kind, recognised_outcomes::id))
        .select(Outcome::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn outcome(connection: &mut Connection, id: Uuid) -> Result<Option<Outcome>> {
    Ok(recognised_outcomes::table.find(id).select(Outcome::as_select()).first(connection).await.optional()?)
}

pub(super) async fn lock_outcome(connection: &mut Connection, id: Uuid) -> Result<Option<Outcome>> {
    Ok(recognised_outcomes::table
        .find(id)
        .select(Outcome::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn insert_outcome(connection: &mut Connection, outcome: &Outcome) -> Result<()> {
    diesel::insert_into(recognised_outcomes::table).values(outcome).execute(connection).await?;
    Ok(())
}

pub(super) async fn update_outcome(connection: &mut Connection, outcome: &Outcome) -> Result<()> {
    diesel::update(recognised_outcomes::table.find(outcome.id)).set(outcome).execute(connection).await?;
    Ok(())
}

pub(super) async fn insert(connection: &mut Connection, recognition: &Recognition) -> Result<()> {
    diesel::insert_into(recognitions::table).values(recognition).execute(connection).await?;
    Ok(())
}

pub(super) async fn update(connection: &mut Connection, recognition: &Recognition) -> Result<()> {
    diesel::update(recognitions::table.find(recognition.id)).set(recognition).execute(connection).await?;
    Ok(())
}

pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Recognition>> {
    Ok(recognitions::table.find(id).select(Recognition::as_select()).first(connection).await.optional()?)
}

pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Recognition>> {
    Ok(recognitions::table
        .find(id)
        .select(Recognition::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?)
}

/// How many of these records are under way.
pub(super) async fn count_open(connection: &mut Connection, records: &[Uuid]) -> Result<i64> {
    Ok(recognitions::table
        .filter(recognitions::resident_id.eq_any(records))
        .filter(recognitions::state.eq_any(["draft", "filed", "checked", "approved", "refused"]))
        .select(count_star())
        .first(connection)
        .await?)
}

/// Whether the same, by what it is called and when it was issued, has been handed in under one of these
/// records and stands: it is under way, or was posted and not taken back.
pub(super) async fn is_repeated(
    connection: &mut Connection,
    recognition: &Recognition,
    records: &[Uuid],
) -> Result<bool> {
    let taken_back = credit_transfers::table
        .filter(credit_transfers::reverses.eq(recognitions::transfer_id))
        .select(credit_transfers::id);
    let stands = recognitions::state
        .eq_any(["filed", "checked", "approved"])
        .or(recognitions::state.eq("posted").and(not(exists(taken_back))));
    let same = recognitions::table
        .filter(recognitions::resident_id.eq_any(records).and(recognitions::id.ne(recognition.id)))
        .filter(recognitions::outcome_id.eq(recognition.outcome_id))
        .filter(recognitions::issued_on.eq(recognition.issued_on).and(recognitions::title.eq(&recognition.title)))
        .filter(stands)
        .select(recognitions::id);
    Ok(diesel::select(exists(same)).get_result(connection).await?)
}

/// Those of these records, the newest first.
pub(super) async fn of_records(
    connection: &mut Connection,
    records: &[Uuid],
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Recognition>> {
    let mut query = recognitions::table.filter(recognitions::resident_id.eq_any(records.to_vec())).into_boxed();
    if let Some(before) = before {
        query = query.filter(recognitions::id.lt(before));
    }
    Ok(query.order(recognitions::id.desc()).limit(limit).select(Recognition::as_select()).load(connection).await?)
}

/// Those of some branches (`None`: all) that have been handed in. `from` is where the page before ended.
pub(super) async fn queue(
    connection: &mut Connection,
    within: Option<&[Uuid]>,
    stage: Stage,
    from: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Recognition>> {
    let mut query = recognitions::table.filter(recognitions::rule_id.is_not_null()).into_boxed();
    if let Some(branches) = within {
        query = query.filter(recognitions::branch_id.eq_any(branches.to_vec()));
    }
    query = match (stage.state(), from) {
        (Some(state), None) => query.filter(recognitions::state.eq(state)).order(recognitions::id),
        (Some(state), Some(from)) => {
            query.filter(recognitions::state.eq(state).and(recognitions::id.gt(from))).order(recognitions::id)
        }
        (None, None) => query.order(recognitions::id.desc()),
        (None, Some(from)) => query.filter(recognitions::id.lt(from)).order(recognitions::id.desc()),
    };
    Ok(query.limit(limit).select(Recognition::as_select()).load(connection).await?)
}

/// Those that may be posted by now.
pub(super) async fn due(connection: &mut Connection, now: OffsetDateTime, limit: i64) -> Result<Vec<Uuid>> {
    Ok(recognitions::table
        .filter(recognitions::state.eq("approved").and(recognitions::notice_until.le(now)))
        .order(recognitions::notice_until)
        .limit(limit)
        .select(recognitions::id)
        .load(connection)
        .await?)
}

/// Whose they are, what is recognised, and until when they are shown.
pub(super) async fn notices(
    connection: &mut Connection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<(String, String, OffsetDateTime)>> {
    let rows: Vec<(String, String, Option<OffsetDateTime>)> = recognitions::table
        .inner_join(recognised_outcomes::table.on(recognised_outcomes::id.eq(recognitions::outcome_id)))
        .inner_join(residents::table.on(residents::id.eq(recognitions::resident_id)))
        .filter(recognitions::state.eq("approved").and(recognitions::notice_until.gt(now)))
        .order((recognitions::notice_until, recognitions::id))
        .limit(limit)
        .select((residents::name, recognised_outcomes::name, recognitions::notice_until))
        .load(connection)
        .await?;
    Ok(rows.into_iter().filter_map(|(name, outcome, until)| until.map(|until| (name, outcome, until))).collect())
}

/// The names of those whose these are, by their ids.
pub(super) async fn names(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows: Vec<(Uuid, String)> = recognitions::table
        .inner_join(residents::table.on(residents::id.eq(recognitions::resident_id)))
        .filter(recognitions::id.eq_any(ids))
        .select((recognitions::id, residents::name))
        .load(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Adds a step behind those that were taken; the row it is about is held.
pub(super) async fn add_step(
    connection: &mut Connection,
    recognition_id: Uuid,
    step: &str,
    at: OffsetDateTime,
    account_id: Option<Uuid>,
    reason: Option<String>,
) -> Result<()> {
    let last: Option<i32> = recognition_steps::table
        .filter(recognition_steps::recognition_id.eq(recognition_id))
        .select(diesel::dsl::max(recognition_steps::place))
        .first(connection)
        .await?;
    let place = last.map_or(0, |place| place + 1);
    let row = StepRow { recognition_id, place, step: step.to_owned(), at, account_id, reason };
    diesel::insert_into(recognition_steps::table).values(row).execute(connection).await?;
    Ok(())
}

/// The last step that a person took, who that was, and why.
pub(super) async fn last_step(
    connection: &mut Connection,
    id: Uuid,
) -> Result<Option<(String, Option<Uuid>, Option<String>)>> {
    Ok(recognition_steps::table
        .filter(recognition_steps::recognition_id.eq(id).and(recognition_steps::account_id.is_not_null()))
        .order(recognition_steps::place.desc())
        .select((recognition_steps::step, recognition_steps::account_id, recognition_steps::reason))
        .first(connection)
        .await
        .optional()?)
}

/// What was done, by id, in order.
pub(super) async fn steps(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Step>>> {
    let rows: Vec<(StepRow, Option<String>)> = recognition_steps::table
        .left_join(accounts::table.on(accounts::id.nullable().eq(recognition_steps::account_id)))
        .filter(recognition_steps::recognition_id.eq_any(ids))
        .order((recognition_steps::recognition_id, recognition_steps::place))
        .select((StepRow::as_select(), accounts::name.nullable()))
        .load(connection)
        .await?;
    let mut steps: HashMap<Uuid, Vec<Step>> = HashMap::new();
    for (row, by) in rows {
        let step = Step { step: row.step, at: row.at, by, reason: row.reason };
        steps.entry(row.recognition_id).or_default().push(step);
    }
    Ok(steps)
}

/// The photos of these that have not been taken out, the earliest first.
pub(super) async fn photos(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Photo>> {
    Ok(recognition_photos::table
        .filter(recognition_photos::recognition_id.eq_any(ids).and(recognition_photos::removed_at.is_null()))
        .order((recognition_photos::recognition_id, recognition_photos::id))
        .select(Photo::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn insert_photo(connection: &mut Connection, photo: &Photo) -> Result<()> {
    diesel::insert_into(recognition_photos::table).values(photo).execute(connection).await?;
    Ok(())
}

/// Answers whether it was there.
pub(super) async fn remove_photo(
    connection: &mut Connection,
    recognition_id: Uuid,
    photo: Uuid,
    at: OffsetDateTime,
) -> Result<bool> {
    let theirs = recognition_photos::table
        .find(photo)
        .filter(recognition_photos::recognition_id.eq(recognition_id).and(recognition_photos::removed_at.is_null()));
    let removed = diesel::update(theirs).set(recognition_photos::removed_at.eq(at)).execute(connection).await?;
    Ok(removed == 1)
}

pub(super) async fn remove_photos(connection: &mut Connection, recognition_id: Uuid, at: OffsetDateTime) -> Result<()> {
    let theirs = recognition_photos::table
        .filter(recognition_photos::recognition_id.eq(recognition_id).and(recognition_photos::removed_at.is_null()));
    diesel::update(theirs).set(recognition_photos::removed_at.eq(at)).execute(connection).await?;
    Ok(())
}

/// Photos that were taken out and are in the store yet, with their keys.
pub(super) async fn removed_photos(connection: &mut Connection, limit: i64) -> Result<Vec<(Uuid, String)>> {
    Ok(recognition_photos::table
        .filter(recognition_photos::removed_at.is_not_null())
        .order(recognition_photos::removed_at)
        .limit(limit)
        .select((recognition_photos::id, recognition_photos::object_key))
        .load(connection)
        .await?)
}

pub(super) async fn forget_photos(connection: &mut Connection, ids: &[Uuid]) -> Result<()> {
    diesel::delete(recognition_photos::table.filter(recognition_photos::id.eq_any(ids))).execute(connection).await?;
    Ok(())
}
