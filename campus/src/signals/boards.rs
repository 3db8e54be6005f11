//! Boards that processes share through Redis: one keeps a board up to date, all read it. What is on it
//! was worked out from the database and can be again, so a board that is gone costs time, no more.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, PoisonError};
use std::time::Duration;

use redis::{AsyncCommands, Script};
use uuid::Uuid;

use super::Signals;

/// How long a board counts after its keeper last said so: a keeper that died is noticed by then.
const KEPT_FOR_MS: u64 = 6_000;
/// How long a keeper holds its turn without saying so again.
const TURN_MS: u64 = 10_000;
/// What changed is handed on after this: what comes meanwhile goes along.
const GATHERING: Duration = Duration::from_millis(200);
/// How many changes are taken at once.
const MOST_TAKEN: usize = 10_000;

const TURN: &str = "changqing:board-turn";
const CHANGED: &str = "changqing:changed";

/// Takes or keeps a turn: 1 where it is ours.
static HOLD: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1",
    )
});

/// Puts fields on a board under a new revision; the first argument says whether all others go.
static POST: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
if ARGV[1] == '1' then redis.call('DEL', KEYS[1]) end
for place = 4, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[place], ARGV[place + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3] * 10)
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1",
    )
});

/// Says that a board still counts: 1 where it was there, under this revision.
static STILL: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10)
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1",
    )
});

/// A board and its revision, read as one; nothing where there is no revision.
static READ: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
local revision = redis.call('GET', KEYS[2])
if not revision then return {} end
local fields = redis.call('HGETALL', KEYS[1])
table.insert(fields, 1, revision)
return fields",
    )
});

/// A board as it was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// Another one each time anything on it changes.
    pub revision: String,
    /// What stands on it.
    pub fields: HashMap<String, String>,
}

fn keys(name: &str) -> (String, String) {
    (format!("changqing:board:{name}"), format!("changqing:board:{name}:revision"))
}

fn ids(texts: Vec<String>) -> HashSet<Uuid> {
    texts.iter().filter_map(|text| Uuid::try_parse(text).ok()).collect()
}

impl Signals {
    /// Takes the turn of keeping boards, or keeps it, for `keeper`; one at a time has it.
    pub async fn hold_turn(&self, keeper: Uuid) -> bool {
        let Some(mut connection) = self.connection().await else { return false };
        let held: Result<i64, _> =
            HOLD.key(TURN).arg(keeper.to_string()).arg(TURN_MS).invoke_async(&mut connection).await;
        self.note(held.is_ok());
        held.is_ok_and(|held| held == 1)
    }

    /// Puts `fields` on the board `name` under `revision`; `whole`: what else stood there goes. Answers
    /// whether they stand.
    pub async fn post(&self, name: &str, revision: &str, fields: &[(String, String)], whole: bool) -> bool {
        let Some(mut connection) = self.connection().await else { return false };
        let (board, stamp) = keys(name);
        let mut call = POST.key(board);
        call.key(stamp).arg(i32::from(whole)).arg(revision).arg(KEPT_FOR_MS);
        for (field, value) in fields {
            call.arg(field).arg(value);
        }
        let posted: Result<i64, _> = call.invoke_async(&mut connection).await;
        self.note(posted.is_ok());
        posted.is_ok()
    }

    /// Says that the board `name` still counts as it stands under `revision`; `false`: it is not there.
    pub async fn still(&self, name: &str, revision: &str) -> bool {
        let Some(mut connection) = self.connection().await else { return false };
        let (board, stamp) = keys(name);
        let kept: Result<i64, _> =
            STILL.key(board).key(stamp).arg(revision).arg(KEPT_FOR_MS).invoke_async(&mut connection).await;
        self.note(kept.is_ok());
        kept.is_ok_and(|kept| kept == 1)
    }

    /// The board `name`; `None` where nobody keeps it, or Redis is down.
    pub async fn board(&self, name: &str) -> Option<Board> {
        let mut connection = self.connection().await?;
        let (board, stamp) = keys(name);
        let read: Result<Vec<String>, _> = READ.key(board).key(stamp).invoke_async(&mut connection).await;
        self.note(read.is_ok());
        let mut read = read.ok()?.into_iter();
        let revision = read.next()?;
        let mut fields = HashMap::new();
        while let (Some(field), Some(value)) = (read.next(), read.next()) {
            fields.insert(field, value);
        }
        Some(Board { revision, fields })
    }

    /// The revision of the board `name`; `None` where nobody keeps it, or Redis is down.
    pub async fn board_revision(&self, name: &str) -> Option<String> {
        let mut connection = self.connection().await?;
        let revision: Result<Option<String>, _> = connection.get(keys(name).1).await;
        self.note(revision.is_ok());
        revision.ok().flatten()
    }

    /// Notes that something of these changed; it is handed on within moments. What is lost because this
    /// process dies is found by the keeper, who looks at everything in turn.
    pub fn changed(self: &std::sync::Arc<Self>, ids: impl IntoIterator<Item = Uuid>) {
        let first = {
            let mut gathered = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
            let none = gathered.is_empty();
            gathered.extend(ids);
            none && !gathered.is_empty()
        };
        if first && self.client.is_some() {
            let signals = std::sync::Arc::clone(self);
            tokio::spawn(async move {
                tokio::time::sleep(GATHERING).await;
                signals.hand_on_changes().await;
            });
        }
    }

    async fn hand_on_changes(&self) {
        let gathered = std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(mut connection) = self.connection().await else { return };
        let texts: Vec<String> = gathered.iter().map(Uuid::to_string).collect();
        let sent: Result<i64, _> = connection.sadd(CHANGED, texts).await;
        self.note(sent.is_ok());
    }

    /// What was noted as changed and nobody has taken; what this process has not handed on yet is with it.
    pub async fn changes(&self) -> HashSet<Uuid> {
        let mut found = self.changed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(mut connection) = self.connection().await {
            let texts: Result<Vec<String>, _> = connection.smembers(CHANGED).await;
            self.note(texts.is_ok());
            found.extend(ids(texts.unwrap_or_default()));
        }
        found
    }

    /// Takes what was noted as changed.
    pub async fn take_changes(&self) -> HashSet<Uuid> {
        let Some(mut connection) = self.connection().await else { return HashSet::new() };
        let taken: Result<Vec<String>, _> =
            redis::cmd("SPOP").arg(CHANGED).arg(MOST_TAKEN).query_async(&mut connection).await;
        self.note(taken.is_ok());
        ids(taken.unwrap_or_default())
    }
}
