//! What the worker does with rosters.

use async_trait::async_trait;
use bytes::Bytes;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::intake::{self, Trouble};
use super::rows::{RosterImport, Status};
use super::staging::{self, Listener};
use super::{confirmation, note, private, queries, wording};
use crate::Campus;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::jobs::{Handler, NewJob, Recurrence, Schedule, enqueue};

/// What comes round by the clock.
const EXPIRE: Schedule =
    Schedule { kind: "expire_rosters", recurs: Recurrence::Every(Duration::HOUR), queue: "default" };

/// The handlers of this room.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(ReadRoster), Box::new(ConfirmRoster), Box::new(ExpireRosters)]
}

/// The schedules of this room.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![EXPIRE]
}

#[derive(Deserialize)]
struct Payload {
    import_id: Uuid,
}

/// Writes the job that reads a long file, inside the caller's transaction.
pub(super) async fn enqueue_reading(connection: &mut Connection, id: Uuid, now: OffsetDateTime) -> Result<()> {
    let mut job = NewJob::new(ReadRoster.kind(), json!({"import_id": id}), now).unique(format!("read:{id}"));
    job.max_attempts = 3;
    enqueue(connection, &job).await.map(drop)
}

/// Writes the job that registers a long list, inside the caller's transaction.
pub(super) async fn enqueue_confirmation(connection: &mut Connection, id: Uuid, now: OffsetDateTime) -> Result<()> {
    let job = NewJob::new(ConfirmRoster.kind(), json!({"import_id": id}), now).unique(format!("confirm:{id}"));
    enqueue(connection, &job).await.map(drop)
}

/// Reads a long file and stages its rows.
#[derive(Debug, Clone, Copy)]
pub struct ReadRoster;

#[async_trait]
impl Handler for ReadRoster {
    fn kind(&self) -> &'static str {
        "read_roster"
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let Payload { import_id } = Payload::deserialize(payload)?;
        let Some(content) = waiting_file(campus, import_id).await? else { return Ok(()) };
        match intake::read(Bytes::from(content)).await {
            Ok(reading) => Box::pin(stage(campus, import_id, reading)).await,
            Err(Trouble::Refused(refusal)) => {
                tracing::info!(%import_id, %refusal, "the roster was refused");
                give_up_on(campus, import_id, refusal.code(), wording::specifics(&refusal).as_ref()).await
            }
            Err(Trouble::Failed(error)) => Err(error),
        }
    }

    async fn gave_up(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let Payload { import_id } = Payload::deserialize(payload)?;
        give_up_on(campus, import_id, Code::RosterReadingFailed.as_str(), None).await
    }
}

/// The file of an import that still waits to be read.
async fn waiting_file(campus: &Campus, import_id: Uuid) -> Result<Option<Vec<u8>>> {
    let connection = &mut *campus.database.connection().await?;
    if !queries::mark_reading(connection, import_id, 1).await? {
        return Ok(None);
    }
    let Some((content, sealed)) = queries::file(connection, import_id).await? else { return Ok(None) };
    if sealed { private::open_file(&campus.seal, import_id, &content).map(Some) } else { Ok(Some(content)) }
}

async fn stage(campus: &Campus, import_id: Uuid, reading: intake::Reading) -> Result<()> {
    let mut listener = Progress { campus, import_id, percent: 1 };
    listener.tell(0).await;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let content = staging::stage(campus, connection, import_id, reading, &mut listener).await?;
            if !queries::mark_staged(connection, import_id, &content).await? {
                // Expired meanwhile, or read by another worker: nothing of this is wanted.
                return Err(diesel::result::Error::RollbackTransaction.into());
            }
            queries::drop_file(connection, import_id).await?;
            let import = queries::lock(connection, import_id).await?;
            note(connection, now, None, "roster.staged", &import).await
        })
        .await
        .or_else(|error| match error {
            Error::Database(diesel::result::Error::RollbackTransaction) => Ok(()),
            error => Err(error),
        })
}

/// Shows on the import how far its reading has come.
struct Progress<'a> {
    campus: &'a Campus,
    import_id: Uuid,
    percent: i16,
}

impl Listener for Progress<'_> {
    async fn tell(&mut self, percent: i16) {
        // Opening the file was the first tenth; the last step is the commit.
        let percent = (10 + percent * 9 / 10).min(99);
        if percent < self.percent + 5 {
            return;
        }
        self.percent = percent;
        let written = match self.campus.database.connection().await {
            Ok(mut connection) => queries::mark_reading(&mut connection, self.import_id, percent).await,
            Err(error) => Err(error),
        };
        // A figure on a screen is no reason to give up the work.
        if let Err(error) = written {
            tracing::warn!(%error, "the progress of a roster could not be written");
        }
    }
}

async fn give_up_on(campus: &Campus, import_id: Uuid, failure: &str, extra: Option<&Value>) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::mark_failed(connection, import_id, failure, extra).await? {
                queries::drop_file(connection, import_id).await?;
                let import = queries::lock(connection, import_id).await?;
                note(connection, now, None, "roster.failed", &import).await?;
            }
            Ok(())
        })
        .await
}

/// Registers the people of a long list that was confirmed.
#[derive(Debug, Clone, Copy)]
pub struct ConfirmRoster;

#[async_trait]
impl Handler for ConfirmRoster {
    fn kind(&self) -> &'static str {
        "confirm_roster"
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let Payload { import_id } = Payload::deserialize(payload)?;
        let connection = &mut *campus.database.connection().await?;
        connection
            .transaction(async |connection| {
                let import: RosterImport = queries::lock(connection, import_id).await?;
                if import.status == Status::Confirming {
                    confirmation::write(campus, connection, None, import).await?;
                }
                Ok(())
            })
            .await
    }

    /// Back to where it can be confirmed again.
    async fn gave_up(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let Payload { import_id } = Payload::deserialize(payload)?;
        let connection = &mut *campus.database.connection().await?;
        queries::move_on(connection, import_id, Status::Confirming, Status::Staged).await.map(drop)
    }
}

/// Takes away what was staged and not confirmed in time.
#[derive(Debug, Clone, Copy)]
pub struct ExpireRosters;

#[async_trait]
impl Handler for ExpireRosters {
    fn kind(&self) -> &'static str {
        EXPIRE.kind
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        let now = campus.clock.now();
        let connection = &mut *campus.database.connection().await?;
        connection
            .transaction(async |connection| {
                for import in queries::expire(connection, now).await? {
                    note(connection, now, None, "roster.expired", &import).await?;
                }
                queries::forget_names(connection, now).await
            })
            .await
    }
}
