//! Redis is frozen, thawed, lost and started again while pages refresh. Beside them, questions about the past are asked
//! twice, once of the cache and once past it, and must be answered the same.

use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::pages::figures_of_the_past;
use super::people::Person;
use super::redis::Redis;
use super::replay::{Counters, Length, Replayed, ask, is_kept, replay};
use crate::history::History;
use crate::server::Installation;

/// Keys that compare, each with a limit of its own.
pub(super) const COMPARERS: usize = 4;
/// From one comparison of a key to the next: two requests each, within a hundred a minute.
const COMPARE_EVERY: Duration = Duration::from_millis(1_300);
/// Ranges of the past that are asked about in turns.
const RANGES: usize = 40;
/// The newest of them ends that many days ago, in a month in which nothing is recorded now.
const NEWEST_DAY: usize = 40;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How Redis was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It answered.
    There,
    /// It stood still.
    Frozen,
    /// Nobody listened.
    Gone,
}

impl State {
    /// All of them.
    pub const ALL: [State; 3] = [State::There, State::Frozen, State::Gone];

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            State::There => "there",
            State::Frozen => "frozen",
            State::Gone => "gone",
        }
    }
}

/// What came out.
#[derive(Debug)]
pub struct Lost {
    /// What the cache in the process held: its setting, or nothing to speak of.
    pub has_memory: bool,
    /// The pages.
    pub replayed: Replayed,
    /// When Redis began to be like that.
    pub states: Vec<(Instant, State)>,
    /// Pairs of answers that were compared: when the first was asked for, and whether it was a kept one.
    pub compared: Vec<(Instant, bool)>,
    /// Those that differ, and those that were no answers.
    pub differing: Vec<String>,
}

impl Lost {
    /// How Redis was at that moment.
    pub fn state_at(&self, moment: Instant) -> State {
        let before = self.states.iter().rev().find(|(since, _)| *since <= moment);
        before.map_or(State::There, |(_, state)| *state)
    }

    /// How Redis was while something took place: as at its beginning, unless it was worse at its end.
    pub fn state_during(&self, begin: Instant, end: Instant) -> State {
        match self.state_at(begin) {
            State::There => self.state_at(end),
            worse => worse,
        }
    }
}

/// Pairs of answers.
#[derive(Debug, Default)]
struct Compared {
    /// Those that are the same: when the first was asked for, and whether it was a kept one.
    same: Vec<(Instant, bool)>,
    /// What is wrong with the others.
    differing: Vec<String>,
}

/// Takes Redis away from a server and gives it back.
///
/// # Errors
/// If a process fails. Requests that fail and answers that differ are told in what is returned.
pub(super) fn lose(
    installation: &Installation,
    people: &[Person],
    comparers: &[String],
    history: &History,
    length: Length,
    has_memory: bool,
    directory: &Path,
) -> anyhow::Result<Lost> {
    let redis = Redis::start(directory)?;
    let url = redis.url();
    let mut variables = super::LIMITS.to_vec();
    variables.push(("TACHO_CACHE__REDIS_URL", &url));
    if !has_memory {
        variables.push(("TACHO_QUERY__CACHE_BYTES_MAX", "1"));
    }
    let mut server = installation.start_with(&variables)?;
    server.wait_until_ready()?;
    wait_until_connected(installation)?;

    let end = Instant::now() + length.warm_up + length.counted;
    let found = Mutex::new(Compared::default());
    let (replayed, states) = thread::scope(|scope| -> anyhow::Result<_> {
        let losing = scope.spawn(move || disturb(redis, length));
        let comparing: Vec<_> = comparers
            .iter()
            .enumerate()
            .map(|(number, key)| {
                let found = &found;
                scope.spawn(move || compare(installation, history, key, number, end, found))
            })
            .collect();
        let replayed = replay(installation, people, length)?;
        for comparer in comparing {
            comparer
                .join()
                .map_err(|_| anyhow::anyhow!("a comparer panicked"))?;
        }
        let states = losing.join().map_err(|_| anyhow::anyhow!("panicked"))??;
        Ok((replayed, states))
    })?;
    ensure!(
        Counters::read(installation)?.is_redis_connected,
        "Redis is there and was not found again"
    );
    server.stop()?;
    let found = found
        .into_inner()
        .map_err(|_| anyhow::anyhow!("a comparer panicked"))?;
    Ok(Lost {
        has_memory,
        replayed,
        states,
        compared: found.same,
        differing: found.differing,
    })
}

fn wait_until_connected(installation: &Installation) -> anyhow::Result<()> {
    let started = Instant::now();
    while !Counters::read(installation)?.is_redis_connected {
        ensure!(started.elapsed() < CONNECT_TIMEOUT, "Redis is not connected");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// There for a fifth of the time, frozen for a quarter, there, gone for a quarter, there again. Returns when it was how.
fn disturb(mut redis: Redis, length: Length) -> anyhow::Result<Vec<(Instant, State)>> {
    let start = Instant::now() + length.warm_up;
    let wait = |share: f64| {
        let due = start + length.counted.mul_f64(share);
        thread::sleep(due.saturating_duration_since(Instant::now()));
    };
    let mut states = Vec::new();
    wait(0.2);
    states.push((Instant::now(), State::Frozen));
    redis.freeze()?;
    wait(0.45);
    redis.thaw()?;
    states.push((Instant::now(), State::There));
    wait(0.55);
    states.push((Instant::now(), State::Gone));
    redis.lose()?;
    wait(0.8);
    redis.start_again()?;
    states.push((Instant::now(), State::There));
    // Long enough to be found again.
    wait(1.0);
    thread::sleep(Duration::from_secs(6));
    Ok(states)
}

/// Asks the same of the cache and past it, until the end.
fn compare(
    installation: &Installation,
    history: &History,
    key: &str,
    number: usize,
    end: Instant,
    found: &Mutex<Compared>,
) {
    let start = Instant::now() + COMPARE_EVERY.mul_f64(number as f64 / COMPARERS as f64);
    let mut connection = None;
    for turn in 0_usize.. {
        let due = start + COMPARE_EVERY.mul_f64(turn as f64);
        if due >= end {
            return;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        // The keys follow each other through the ranges, so that each is asked about often.
        let day = (NEWEST_DAY + 3 + (turn + number * RANGES / COMPARERS) % RANGES) as i64;
        let outcome = (|| -> anyhow::Result<(Instant, bool)> {
            let [kept, fresh] =
                [false, true].map(|is_fresh| figures_of_the_past(key, history, day, is_fresh));
            let (sent, _, kept) = ask(&mut connection, installation, &kept)?;
            let (_, _, fresh) = ask(&mut connection, installation, &fresh)?;
            ensure!(!is_kept(&fresh), "an answer past the cache is from it");
            ensure!(
                numbers(&kept)? == numbers(&fresh)?,
                "{day} days ago: {kept} kept, {fresh} read"
            );
            Ok((sent, is_kept(&kept)))
        })();
        let Ok(mut found) = found.lock() else { return };
        match outcome {
            Ok(compared) => found.same.push(compared),
            Err(error) => found.differing.push(format!("{error:#}")),
        }
    }
}

/// What an answer says, without how it came about.
fn numbers(answer: &Value) -> anyhow::Result<(&Value, &Value)> {
    let rows = answer["rows"].as_array().context("no rows")?;
    ensure!(!rows.is_empty(), "nothing was answered");
    Ok((&answer["rows"], &answer["totals"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_state_of_a_request_counts() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let lost = Lost {
            has_memory: true,
            replayed: Replayed::default(),
            states: vec![
                (at(10), State::Frozen),
                (at(20), State::There),
                (at(30), State::Gone),
            ],
            compared: Vec::new(),
            differing: Vec::new(),
        };
        assert_eq!(lost.state_during(at(1), at(2)), State::There);
        assert_eq!(lost.state_during(at(9), at(11)), State::Frozen);
        assert_eq!(lost.state_during(at(19), at(21)), State::Frozen);
        assert_eq!(lost.state_during(at(22), at(29)), State::There);
        assert_eq!(lost.state_during(at(31), at(32)), State::Gone);
    }
}
