//! The table of jobs, seen from both ends.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::LEASE;
use crate::db::Connection;
use crate::db::schema::jobs;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;

/// A job to be written.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Which handler runs it.
    pub kind: &'static str,
    /// Ids and figures; never what the database knows anyway.
    pub payload: Value,
    /// `default`, `media`, `mail` or `statements`.
    pub queue: &'static str,
    /// Higher runs first.
    pub priority: i16,
    /// How often it may be tried.
    pub max_attempts: i32,
    /// Not before this moment.
    pub run_at: OffsetDateTime,
    /// While one with this key waits, a second is not written.
    pub unique_key: Option<String>,
}

impl NewJob {
    /// A job of `kind` for the default queue, five attempts, at once.
    #[must_use]
    pub const fn new(kind: &'static str, payload: Value, run_at: OffsetDateTime) -> Self {
        Self { kind, payload, queue: "default", priority: 0, max_attempts: 5, run_at, unique_key: None }
    }

    /// On another queue.
    #[must_use]
    pub const fn on(mut self, queue: &'static str) -> Self {
        self.queue = queue;
        self
    }

    /// Once only, while it waits.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }
}

/// Writes a job inside the caller's transaction. `None`: one with its unique key waits already, and goes on
/// waiting until this transaction ends, so that it sees what it is to be run for.
///
/// # Errors
/// What the database says.
pub async fn enqueue(connection: &mut Connection, job: &NewJob) -> Result<Option<Uuid>> {
    loop {
        let id = new_id();
        if insert(connection, job, id).await? {
            return Ok(Some(id));
        }
        // One that was claimed in between is no longer found: then there is room for another.
        if hold_waiting(connection, job).await? {
            return Ok(None);
        }
    }
}

/// Keeps the waiting job of the same key from being claimed: shared, so that nobody else who asks for it waits.
async fn hold_waiting(connection: &mut Connection, job: &NewJob) -> Result<bool> {
    let held: Option<Uuid> = jobs::table
        .filter(jobs::unique_key.eq(job.unique_key.as_deref()).and(jobs::state.eq("available")))
        .select(jobs::id)
        .for_share()
        .first(connection)
        .await
        .optional()?;
    Ok(held.is_some())
}

/// `false`: one with its unique key waits already.
async fn insert(connection: &mut Connection, job: &NewJob, id: Uuid) -> Result<bool> {
    let written = diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(id),
            jobs::kind.eq(job.kind),
            jobs::payload.eq(&job.payload),
            jobs::queue.eq(job.queue),
            jobs::priority.eq(job.priority),
            jobs::max_attempts.eq(job.max_attempts),
            jobs::run_at.eq(job.run_at),
            jobs::unique_key.eq(job.unique_key.as_deref()),
            jobs::created_at.eq(job.run_at),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(written == 1)
}

/// Writes a job that is dead from the beginning, inside the caller's transaction: something that went
/// wrong elsewhere, to be seen by admins and tried again when they say so.
///
/// # Errors
/// What the database says.
pub async fn bury(connection: &mut Connection, job: &NewJob, errors: &[String], now: OffsetDateTime) -> Result<Uuid> {
    let id = new_id();
    let notes: Vec<Value> =
        errors.iter().map(|error| json!({"attempt": 1, "at": now.unix_timestamp(), "error": error})).collect();
    diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(id),
            jobs::kind.eq(job.kind),
            jobs::payload.eq(&job.payload),
            jobs::queue.eq(job.queue),
            jobs::priority.eq(job.priority),
            jobs::max_attempts.eq(job.max_attempts),
            jobs::run_at.eq(job.run_at),
            jobs::created_at.eq(now),
            jobs::state.eq("dead"),
            jobs::attempt.eq(job.max_attempts),
            jobs::errors.eq(Value::Array(notes)),
            jobs::finished_at.eq(now),
        ))
        .execute(connection)
        .await?;
    Ok(id)
}

/// A job that this worker holds until its lease runs out.
#[derive(Debug, Clone, QueryableByName)]
pub struct Claimed {
    /// The job.
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub id: Uuid,
    /// Which handler runs it.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// What it is about.
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    pub payload: Value,
    /// The attempt this is, from 1.
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub attempt: i32,
    /// How often it may be tried.
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub max_attempts: i32,
}

/// Takes up to `limit` jobs of these queues, counting the attempt at the claim, so that
/// a job which kills its worker does not run for ever.
///
/// # Errors
/// What the database says.
pub async fn claim(
    connection: &mut Connection,
    queues: &[&str],
    limit: i64,
    now: OffsetDateTime,
) -> Result<Vec<Claimed>> {
    Ok(diesel::sql_query(
        "UPDATE jobs SET state = 'running', attempt = attempt + 1, lease_until = $3, unique_key = NULL \
         WHERE id IN (SELECT id FROM jobs WHERE state = 'available' AND queue = ANY($1) AND run_at <= $4 \
                      ORDER BY priority DESC, run_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) \
         RETURNING id, kind, payload, attempt, max_attempts",
    )
    .bind::<Array<Text>, _>(queues)
    .bind::<BigInt, _>(limit)
    .bind::<Timestamptz, _>(now + LEASE)
    .bind::<Timestamptz, _>(now)
    .load(connection)
    .await?)
}

/// Holds a claim for longer. `false`: it is another's by now.
///
/// # Errors
/// What the database says.
pub async fn renew(connection: &mut Connection, job: &Claimed, now: OffsetDateTime) -> Result<bool> {
    let held = diesel::update(held(job)).set(jobs::lease_until.eq(now + LEASE)).execute(connection).await?;
    Ok(held == 1)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn held<'a>(job: &'a Claimed) -> _ {
    let id: Uuid = job.id;
    let attempt: i32 = job.attempt;
    jobs::table.filter(jobs::id.eq(id).and(jobs::attempt.eq(attempt)).and(jobs::state.eq("running")))
}

/// Marks a job as done.
///
/// # Errors
/// What the database says.
pub async fn finish(connection: &mut Connection, job: &Claimed, now: OffsetDateTime) -> Result<bool> {
    let done = diesel::update(held(job))
        .set((jobs::state.eq("done"), jobs::finished_at.eq(now), jobs::lease_until.eq(None::<OffsetDateTime>)))
        .execute(connection)
        .await?;
    Ok(done == 1)
}

/// Notes what went wrong, and has the job tried again later (2, 4, 8 … seconds, at most
/// 15 minutes) or, out of attempts, kept as dead. Answers whether it is dead now; a job that
/// another worker has taken over meanwhile is left to that one.
///
/// # Errors
/// What the database says.
pub async fn fail(connection: &mut Connection, job: &Claimed, error: &str, now: OffsetDateTime) -> Result<bool> {
    let dead = job.attempt >= job.max_attempts;
    let pause = Duration::seconds(1_i64.checked_shl(u32::try_from(job.attempt).unwrap_or(1)).unwrap_or(900).min(900));
    let note = json!([{"attempt": job.attempt, "at": now.unix_timestamp(), "error": error}]);
    let noted = diesel::sql_query(
        "UPDATE jobs SET state = $3, run_at = $4, lease_until = NULL, errors = errors || $5, \
         finished_at = CASE WHEN $3 = 'dead' THEN $6 END \
         WHERE id = $1 AND attempt = $2 AND state = 'running'",
    )
    .bind::<diesel::sql_types::Uuid, _>(job.id)
    .bind::<diesel::sql_types::Integer, _>(job.attempt)
    .bind::<Text, _>(if dead { "dead" } else { "available" })
    .bind::<Timestamptz, _>(now + pause)
    .bind::<diesel::sql_types::Jsonb, _>(note)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(dead && noted == 1)
}

/// Gives a job back untried, when the worker is stopping: the attempt is not counted.
///
/// # Errors
/// What the database says.
pub async fn give_back(connection: &mut Connection, job: &Claimed, now: OffsetDateTime) -> Result<()> {
    diesel::update(held(job))
        .set((
            jobs::state.eq("available"),
            jobs::attempt.eq(jobs::attempt - 1),
            jobs::run_at.eq(now),
            jobs::lease_until.eq(None::<OffsetDateTime>),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes back jobs whose worker died: those whose lease ran out. The ones out of
/// attempts are dead and come back to the caller.
///
/// # Errors
/// What the database says.
pub async fn rescue(connection: &mut Connection, now: OffsetDateTime) -> Result<Vec<Claimed>> {
    let rescued: Vec<Claimed> = diesel::sql_query(
        "UPDATE jobs SET state = CASE WHEN attempt >= max_attempts THEN 'dead' ELSE 'available' END, \
             lease_until = NULL, run_at = $1, \
             finished_at = CASE WHEN attempt >= max_attempts THEN $1 END, \
             errors = errors || jsonb_build_array(jsonb_build_object('attempt', attempt, 'error', 'the worker died')) \
         WHERE id IN (SELECT id FROM jobs WHERE state = 'running' AND lease_until < $1 FOR UPDATE SKIP LOCKED) \
         RETURNING id, kind, payload, attempt, max_attempts",
    )
    .bind::<Timestamptz, _>(now)
    .load(connection)
    .await?;
    Ok(rescued.into_iter().filter(|job| job.attempt >= job.max_attempts).collect())
}

/// A job that used up its attempts.
#[derive(Debug, Clone, Queryable)]
pub struct Dead {
    /// The job.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// What went wrong at each attempt.
    pub errors: Value,
    /// When it was given up.
    pub finished_at: Option<OffsetDateTime>,
}

/// Whether a job of this kind waits, to be tried again too, or runs.
///
/// # Errors
/// What the database says.
pub async fn under_way(connection: &mut Connection, kind: &str) -> Result<bool> {
    let found = jobs::table.filter(jobs::state.eq_any(["available", "running"])).filter(jobs::kind.eq(kind));
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(connection).await?)
}

/// The dead jobs, newest first, at most 100.
///
/// # Errors
/// What the database says.
pub async fn dead(connection: &mut Connection) -> Result<Vec<Dead>> {
    Ok(jobs::table
        .filter(jobs::state.eq("dead"))
        .order(jobs::finished_at.desc())
        .limit(100)
        .select((jobs::id, jobs::kind, jobs::errors, jobs::finished_at))
        .load(connection)
        .await?)
}

/// Has a dead job tried again from the first attempt.
///
/// # Errors
/// [`Code::NotFound`] when there is no dead job of this id.
pub async fn replay(connection: &mut Connection, id: Uuid, now: OffsetDateTime) -> Result<()> {
    let replayed = diesel::update(jobs::table.filter(jobs::id.eq(id).and(jobs::state.eq("dead"))))
        .set((
            jobs::state.eq("available"),
            jobs::attempt.eq(0),
            jobs::run_at.eq(now),
            jobs::finished_at.eq(None::<OffsetDateTime>),
        ))
        .execute(connection)
        .await?;
    if replayed == 1 { Ok(()) } else { Err(Error::code(Code::NotFound)) }
}
