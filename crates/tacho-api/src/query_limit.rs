//! How much one user may ask: requests a minute and requests at once. A key that acts as nobody counts by itself.
//!
//! The rate is a bucket that holds a minute's requests and fills up evenly (GCRA): a page may ask everything at once,
//! and who has used it up gets the next request soon, not after the whole minute. What is known of an asker is forgotten
//! when the bucket is full again.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use tacho_core::{Timestamp, UserId};
use tacho_metastore::ApiKeyId;

use crate::Clock;
use crate::problem::Problem;

const WINDOW_SECONDS: u64 = 60;
/// How often full buckets are looked for, to be forgotten.
const FORGET_EVERY: Nanos = Nanos::new(WINDOW_SECONDS * 1_000_000_000);
/// When it is worth trying again while other requests of the same asker are under way.
const AT_ONCE_RETRY: Duration = Duration::from_secs(1);
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Who is limited: all sessions and keys of a user together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LimitedBy {
    /// A person, and keys that act as one.
    User(UserId),
    /// A key that acts as nobody.
    Key(ApiKeyId),
}

/// The limits of all askers. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct QueryLimit {
    rate: Option<Arc<Rate>>,
    at_once: Arc<AtOnce>,
}

type Buckets = RateLimiter<LimitedBy, HashMapStateStore<LimitedBy>, SteadyClock, StateInformationMiddleware>;

#[derive(Debug)]
struct Rate {
    per_minute: NonZeroU32,
    buckets: Buckets,
    clock: SteadyClock,
    forgotten_at: Mutex<Nanos>,
}

#[derive(Debug)]
struct AtOnce {
    max: usize,
    under_way: Mutex<HashMap<LimitedBy, usize>>,
}

/// Where an asker stands after a request, for the headers of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    per_minute: u32,
    remaining: u32,
    /// Until the bucket is full again.
    reset_seconds: u64,
}

/// A request that is under way; it counts until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    at_once: Arc<AtOnce>,
    who: LimitedBy,
}

impl QueryLimit {
    /// Limits of so many requests a minute and at once; 0 is no limit.
    pub(crate) fn new(per_minute: u32, at_once_max: usize, clock: Clock) -> Self {
        let rate = NonZeroU32::new(per_minute).map(|per_minute| Arc::new(Rate::new(per_minute, clock)));
        let at_once = AtOnce {
            max: at_once_max,
            under_way: Mutex::default(),
        };
        Self {
            rate,
            at_once: Arc::new(at_once),
        }
    }

    /// Counts a request. Where the asker stands is told in any case, unless there is no limit by the minute.
    pub(crate) fn enter(&self, who: LimitedBy) -> (Option<Standing>, Result<UnderWay, Problem>) {
        let (standing, wait) = match &self.rate {
            Some(rate) => {
                let (standing, wait) = rate.take(who);
                (Some(standing), wait)
            }
            None => (None, None),
        };
        let entered = match wait {
            Some(wait) => {
                metrics::counter!("tacho_queries_limited_total", "limit" => "per_minute").increment(1);
                Err(too_many(
                    wait,
                    self.rate.as_ref().map_or(0, |rate| rate.per_minute.get()),
                ))
            }
            None => self.at_once.enter(who),
        };
        (standing, entered)
    }
}

impl Rate {
    fn new(per_minute: NonZeroU32, clock: Clock) -> Self {
        let clock = SteadyClock::new(clock);
        let buckets = RateLimiter::hashmap_with_clock(Quota::per_minute(per_minute), clock.clone());
        Self {
            per_minute,
            buckets: buckets.with_middleware(),
            clock,
            forgotten_at: Mutex::default(),
        }
    }

    /// Takes a request out of the asker's bucket; answers how long to wait if it is empty.
    fn take(&self, who: LimitedBy) -> (Standing, Option<Duration>) {
        self.forget();
        let (remaining, wait) = match self.buckets.check_key(&who) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(not_until) => (0, Some(not_until.wait_time_from(self.clock.now()))),
        };
        let per_minute = self.per_minute.get();
        let missing = u64::from(per_minute.saturating_sub(remaining));
        let standing = Standing {
            per_minute,
            remaining,
            reset_seconds: (missing * WINDOW_SECONDS).div_ceil(u64::from(per_minute)),
        };
        (standing, wait)
    }

    fn forget(&self) {
        let now = self.clock.now();
        let mut forgotten_at = self.forgotten_at.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(*forgotten_at) >= FORGET_EVERY {
            *forgotten_at = now;
            self.buckets.retain_recent();
            self.buckets.shrink_to_fit();
        }
    }
}

impl AtOnce {
    fn enter(self: &Arc<Self>, who: LimitedBy) -> Result<UnderWay, Problem> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let count = under_way.entry(who).or_insert(0);
        if self.max > 0 && *count >= self.max {
            metrics::counter!("tacho_queries_limited_total", "limit" => "at_once").increment(1);
            return Err(too_many_at_once(self.max));
        }
        *count += 1;
        Ok(UnderWay {
            at_once: Arc::clone(self),
            who,
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut under_way = self
            .at_once
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = under_way.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.who);
            }
        }
    }
}

impl Standing {
    /// Tells it as draft-ietf-httpapi-ratelimit-headers-10 does.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let Self {
            per_minute,
            remaining,
            reset_seconds,
        } = self;
        let policy = format!("\"default\";q={per_minute};w={WINDOW_SECONDS}");
        let limit = format!("\"default\";r={remaining};t={reset_seconds}");
        for (name, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, limit)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}

fn too_many(wait: Duration, per_minute: u32) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        format!(
            "You have asked more than {per_minute} times in a minute. Ask again later, or several questions in one request."
        ),
    )
    .retry_after(wait)
}

fn too_many_at_once(max: usize) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_at_once",
        format!("{max} requests of yours are being answered. Wait for one of them, then ask again."),
    )
    .retry_after(AT_ONCE_RETRY)
}

/// Time since it was made, by a clock that may be set back: then time stands still for a moment instead of locking
/// everybody out until it has caught up.
#[derive(Clone, Debug)]
struct SteadyClock {
    clock: Clock,
    read: Arc<Mutex<(Timestamp, Nanos)>>,
}

impl SteadyClock {
    fn new(clock: Clock) -> Self {
        let read = Arc::new(Mutex::new((clock.now(), Nanos::default())));
        Self { clock, read }
    }
}

impl governor::clock::Clock for SteadyClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, passed) = *read;
        let now = self.clock.now();
        let micros = now.micros_since(last).max(0).unsigned_abs();
        let passed = passed + Nanos::new(micros.saturating_mul(1000));
        *read = (now, passed);
        passed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    const ADA: LimitedBy = LimitedBy::User(UserId::from_bytes([1; 16]));

    /// Limits under a clock, in seconds.
    fn limit(per_minute: u32, at_once_max: usize) -> (QueryLimit, Arc<AtomicI64>) {
        let seconds = Arc::new(AtomicI64::new(1_000_000));
        let clock = {
            let seconds = Arc::clone(&seconds);
            Clock::new(move || Timestamp::from_millis(seconds.load(Ordering::Relaxed) * 1000))
        };
        (QueryLimit::new(per_minute, at_once_max, clock), seconds)
    }

    fn ask(limit: &QueryLimit, who: LimitedBy) -> Result<u32, u64> {
        let (standing, entered) = limit.enter(who);
        match entered {
            Ok(_) => Ok(standing.unwrap().remaining),
            Err(problem) => Err(problem.retry_after.unwrap().as_secs()),
        }
    }

    #[test]
    fn a_minutes_requests_may_come_at_once_and_then_come_back_evenly() {
        let (limit, seconds) = limit(10, 0);
        let left: Vec<_> = (0..10).map(|_| ask(&limit, ADA).unwrap()).collect();
        assert_eq!(left, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
        assert_eq!(ask(&limit, ADA), Err(6));
        assert_eq!(limit.enter(ADA).0.unwrap().reset_seconds, 60);
        seconds.fetch_add(6, Ordering::Relaxed);
        assert_eq!(ask(&limit, ADA), Ok(0));
        assert_eq!(ask(&limit, ADA), Err(6));
        seconds.fetch_add(60, Ordering::Relaxed);
        assert_eq!(ask(&limit, ADA), Ok(9));
    }

    #[test]
    fn setting_the_clock_back_locks_nobody_out() {
        let (limit, seconds) = limit(1, 0);
        assert_eq!(ask(&limit, ADA), Ok(0));
        seconds.fetch_sub(86_400, Ordering::Relaxed);
        assert_eq!(ask(&limit, ADA), Err(60));
        seconds.fetch_add(60, Ordering::Relaxed);
        assert_eq!(ask(&limit, ADA), Ok(0));
    }

    #[test]
    fn who_asks_no_more_is_forgotten() {
        let (limit, seconds) = limit(10, 1);
        for number in 0..100 {
            ask(&limit, LimitedBy::User(UserId::from_bytes([number; 16]))).unwrap();
        }
        let rate = limit.rate.clone().unwrap();
        assert_eq!(rate.buckets.len(), 100);
        assert!(limit.at_once.under_way.lock().unwrap().is_empty());
        seconds.fetch_add(120, Ordering::Relaxed);
        ask(&limit, ADA).unwrap();
        assert_eq!(rate.buckets.len(), 1);
    }

    #[test]
    fn only_so_many_are_under_way_at_once() {
        let (limit, _) = limit(0, 2);
        let enter = || limit.enter(ADA).1;
        let (first, _second) = (enter().unwrap(), enter().unwrap());
        assert_eq!(enter().unwrap_err().code, "too_many_at_once");
        assert!(limit.enter(LimitedBy::Key(ApiKeyId(uuid::Uuid::nil()))).1.is_ok());
        drop(first);
        assert!(enter().is_ok());
    }
}
