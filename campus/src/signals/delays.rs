//! Delays that grow with every wrong attempt: 1, 2, 4, … seconds, and shrink again with time. They
//! hold over all APIs through Redis, and per process while it is down.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError};

use redis::Script;
use time::OffsetDateTime;

use super::{Limit, Signals, limit_key};

/// How attempts against one key are slowed down.
#[derive(Debug, Clone, Copy)]
pub struct GrowingDelay {
    /// So many attempts follow one another without a delay.
    pub free: i64,
    /// The longest delay, in seconds.
    pub longest_seconds: i64,
    /// One attempt is forgiven every so many seconds.
    pub forgiven_every_seconds: i64,
}

/// What is kept for one key. A count is in thousandths of an attempt: they are forgiven bit by bit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attempts {
    thousandths: i64,
    last_ms: i64,
    until_ms: i64,
}

impl Attempts {
    /// The milliseconds to wait at `now_ms`; never more than the longest delay, whatever the clock
    /// has done since.
    fn wait_ms(self, delay: GrowingDelay, now_ms: i64) -> i64 {
        (self.until_ms - now_ms).clamp(0, delay.longest_seconds * 1000)
    }

    fn one_more(&mut self, delay: GrowingDelay, now_ms: i64) {
        let forgiven = (now_ms - self.last_ms).max(0) / delay.forgiven_every_seconds.max(1);
        self.thousandths = (self.thousandths - forgiven).max(0) + 1000;
        self.last_ms = now_ms;
        // To the nearest whole attempt: the little that is forgiven during a delay changes nothing.
        let over = (self.thousandths + 500) / 1000 - delay.free;
        if over >= 0 {
            let seconds = 1_i64.checked_shl(u32::try_from(over.min(20)).unwrap_or(20)).unwrap_or(i64::MAX);
            self.until_ms = now_ms + seconds.min(delay.longest_seconds) * 1000;
        }
    }
}

/// The same as [`Attempts`], for several keys at once: all are counted, or none where one must wait.
/// A limit, whose key is then the last, is asked before; it counts also what is refused.
static ATTEMPT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
local now, most, seconds, wait, keys = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], 0, #KEYS
local function read(key, field) return tonumber(redis.call('HGET', key, field) or '0') end
local function text(number) return string.format('%.0f', number) end
if most > 0 then
  local used = redis.call('INCR', KEYS[keys])
  if used == 1 then redis.call('EXPIRE', KEYS[keys], seconds) end
  if used > most then return math.max(redis.call('TTL', KEYS[keys]), 1) * 1000 end
  keys = keys - 1
end
for place = 1, keys do
  local longest = tonumber(ARGV[3 * place + 2]) * 1000
  wait = math.max(wait, math.min(read(KEYS[place], 'until') - now, longest))
end
if wait > 0 then return wait end
for place = 1, keys do
  local key = KEYS[place]
  local free, longest = tonumber(ARGV[3 * place + 1]), tonumber(ARGV[3 * place + 2])
  local every = tonumber(ARGV[3 * place + 3])
  local forgiven = math.floor(math.max(now - read(key, 'last'), 0) / every)
  local count = math.max(read(key, 'count') - forgiven, 0) + 1000
  local over = math.floor((count + 500) / 1000) - free
  redis.call('HSET', key, 'count', text(count), 'last', text(now))
  if over >= 0 then
    redis.call('HSET', key, 'until', text(now + math.min(2 ^ math.min(over, 20), longest) * 1000))
  end
  redis.call('EXPIRE', key, text(longest + every * (count / 1000 + 1)))
end
return 0",
    )
});

/// Forgets the attempts of the first key, and takes one back from the second, where it is there.
static RIGHT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
redis.call('DEL', KEYS[1])
if KEYS[2] and redis.call('EXISTS', KEYS[2]) == 1 then
  if redis.call('HINCRBY', KEYS[2], 'count', -1000) < 0 then redis.call('HSET', KEYS[2], 'count', 0) end
end
return 0",
    )
});

fn redis_key(key: &str) -> String {
    format!("changqing:delay:{key}")
}

impl Signals {
    /// Counts one attempt against each of these keys, before it is known whether it is a right one:
    /// so many at once gain nothing. Before that it must be within `limit`, which counts it in any
    /// case. `Err`: come back in so many seconds; against the keys nothing was counted.
    ///
    /// # Errors
    /// The seconds to wait.
    pub async fn attempt(
        &self,
        limit: Option<(&str, Limit)>,
        keys: &[(String, GrowingDelay)],
        now: OffsetDateTime,
    ) -> Result<(), u64> {
        let now_ms = i64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX);
        let wait_ms = match self.attempt_in_redis(limit, keys, now_ms).await {
            Some(wait_ms) => wait_ms,
            None => {
                if let Some((key, limit)) = limit {
                    self.admit_here(key, limit)?;
                }
                self.attempt_here(keys, now_ms)
            }
        };
        if wait_ms <= 0 { Ok(()) } else { Err(u64::try_from(wait_ms).unwrap_or(1).div_ceil(1000)) }
    }

    async fn attempt_in_redis(
        &self,
        limit: Option<(&str, Limit)>,
        keys: &[(String, GrowingDelay)],
        now_ms: i64,
    ) -> Option<i64> {
        let mut connection = self.connection().await?;
        let mut call = ATTEMPT.prepare_invoke();
        let (count, seconds) = limit.map_or((0, 0), |(_, limit)| (limit.count, limit.seconds));
        call.arg(now_ms).arg(count).arg(seconds);
        for (key, delay) in keys {
            call.key(redis_key(key)).arg(delay.free).arg(delay.longest_seconds).arg(delay.forgiven_every_seconds);
        }
        if let Some((key, _)) = limit {
            call.key(limit_key(key));
        }
        let waited: Result<i64, _> = call.invoke_async(&mut connection).await;
        self.note(waited.is_ok());
        waited.ok()
    }

    fn attempt_here(&self, keys: &[(String, GrowingDelay)], now_ms: i64) -> i64 {
        let mut held = self.delays.lock().unwrap_or_else(PoisonError::into_inner);
        let held: &mut HashMap<String, Attempts> = &mut held;
        if held.len() > 100_000 {
            held.retain(|_, attempts| now_ms - attempts.last_ms < 3_600_000);
        }
        let wait = |(key, delay): &(String, GrowingDelay)| {
            held.get(key).map_or(0, |attempts| attempts.wait_ms(*delay, now_ms))
        };
        let longest = keys.iter().map(wait).max().unwrap_or(0);
        if longest == 0 {
            for (key, delay) in keys {
                held.entry(key.clone()).or_default().one_more(*delay, now_ms);
            }
        }
        longest
    }

    /// The right one came: forgets every attempt against `own`, and takes back one against `shared`, a
    /// key that others count against too.
    pub async fn forgive(&self, own: &str, shared: Option<&str>) {
        self.forgive_here(own, shared);
        let Some(mut connection) = self.connection().await else { return };
        let mut call = RIGHT.prepare_invoke();
        call.key(redis_key(own));
        if let Some(shared) = shared {
            call.key(redis_key(shared));
        }
        let forgiven: Result<i64, _> = call.invoke_async(&mut connection).await;
        self.note(forgiven.is_ok());
    }

    fn forgive_here(&self, own: &str, shared: Option<&str>) {
        let mut held = self.delays.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(own);
        if let Some(attempts) = shared.and_then(|shared| held.get_mut(shared)) {
            attempts.thousandths = (attempts.thousandths - 1000).max(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: GrowingDelay = GrowingDelay { free: 3, longest_seconds: 900, forgiven_every_seconds: 3600 };

    #[test]
    fn delays_double_up_to_the_longest_and_are_forgiven_with_time() {
        let mut attempts = Attempts::default();
        let mut now = 1_790_000_000_000;
        let mut waits = Vec::new();
        for _ in 0..15 {
            attempts.one_more(DELAY, now);
            let wait = attempts.wait_ms(DELAY, now);
            waits.push(wait / 1000);
            now += wait;
        }
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        now += 24 * 3_600_000;
        attempts.one_more(DELAY, now);
        assert_eq!(attempts.wait_ms(DELAY, now), 0);
        // A clock that is set back by a year holds nobody up for longer than the longest delay.
        assert!(attempts.wait_ms(DELAY, now - 31_536_000_000) <= 900_000);
    }
}
