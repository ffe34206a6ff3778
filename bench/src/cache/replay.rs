//! People whose pages refresh, and whose executions complete.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tacho_core::Timestamp;

use super::pages::{self, Request};
use super::people::Person;
use crate::http::{Connection, head, records_head};
use crate::server::Installation;

/// From one refresh of a page to the next.
const REFRESH_EVERY: Duration = Duration::from_secs(5);
/// From one execution of a person to the next.
const EXECUTION_EVERY: Duration = Duration::from_secs(60);
const EXECUTION_MICROS: i64 = 30_000_000;
/// Kept answers and those waited for end no closer together than this, about.
const TOGETHER: Duration = Duration::from_millis(1);

/// How long something is replayed.
#[derive(Clone, Copy, Debug)]
pub struct Length {
    /// Is not counted.
    pub warm_up: Duration,
    /// Is counted.
    pub counted: Duration,
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// It was there.
    Kept,
    /// Somebody else's was being read, and was waited for.
    Waited,
    /// It was read.
    Read,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The same for all who see the same rows.
    pub view: usize,
    /// What was asked.
    pub name: String,
    /// When.
    pub sent: Instant,
    /// How long it took.
    pub took: Duration,
    /// Where the answer came from, once [`told_apart`].
    pub origin: Origin,
}

impl Exchange {
    /// When the answer was there.
    pub fn end(&self) -> Instant {
        self.sent + self.took
    }
}

/// What the server counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Batches answered from the cache.
    pub hits: u64,
    /// Others.
    pub misses: u64,
    /// Batches found in Redis.
    pub redis_hits: u64,
    /// Whether Redis is connected.
    pub is_redis_connected: bool,
}

impl Counters {
    /// Those of now.
    ///
    /// # Errors
    /// If the server does not tell.
    pub fn read(installation: &Installation) -> anyhow::Result<Self> {
        let head = head("GET", "/metrics", &installation.key, "", 0);
        let answer = Connection::open(installation.address)?.exchange(&head, &[])?;
        ensure!(answer.status == 200, "/metrics was answered {}", answer.status);
        let text = String::from_utf8(answer.body)?;
        let figure = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(' '));
            let found = lines.find(|(found, _)| *found == name);
            found.and_then(|(_, value)| value.parse::<f64>().ok())
        };
        Ok(Self {
            hits: figure("tacho_query_cache_hits_total").context("no hits")? as u64,
            misses: figure("tacho_query_cache_misses_total").context("no misses")? as u64,
            redis_hits: figure("tacho_query_cache_redis_hits_total").unwrap_or(0.0) as u64,
            is_redis_connected: figure("tacho_redis_connected") == Some(1.0),
        })
    }

    /// What was counted since.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            hits: self.hits - before.hits,
            misses: self.misses - before.misses,
            redis_hits: self.redis_hits - before.redis_hits,
            ..self
        }
    }
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// Every request that was answered, by when it was sent.
    pub exchanges: Vec<Exchange>,
    /// What was wrong with the others.
    pub failures: Vec<String>,
    /// What the server counted.
    pub counters: Counters,
    /// Executions that were completed.
    pub executions: usize,
}

/// Replays.
///
/// # Errors
/// If an execution is not accepted or a thread panics. Requests that fail do not fail it.
pub(super) fn replay(
    installation: &Installation,
    people: &[Person],
    length: Length,
) -> anyhow::Result<Replayed> {
    let start = Instant::now();
    let counted_from = start + length.warm_up;
    let end = counted_from + length.counted;
    let mut replayed = Replayed::default();
    thread::scope(|scope| -> anyhow::Result<()> {
        let completing = scope.spawn(|| complete(installation, people, start, end));
        let reading: Vec<_> = (0..people.len())
            .map(|number| scope.spawn(move || refresh(installation, people, number, start, end)))
            .collect();
        thread::sleep(counted_from.saturating_duration_since(Instant::now()));
        let before = Counters::read(installation)?;
        for reader in reading {
            let (exchanges, failures) = reader.join().map_err(|_| anyhow::anyhow!("a reader panicked"))?;
            replayed.exchanges.extend(exchanges);
            replayed.failures.extend(failures);
        }
        replayed.counters = Counters::read(installation)?.since(before);
        let completed = completing.join();
        replayed.executions = completed.map_err(|_| anyhow::anyhow!("a sender panicked"))??;
        Ok(())
    })?;
    told_apart(&mut replayed.exchanges);
    replayed
        .exchanges
        .retain(|exchange| exchange.sent >= counted_from);
    Ok(replayed)
}

/// Refreshes one person's page until the end, out of step with the others.
fn refresh(
    installation: &Installation,
    people: &[Person],
    number: usize,
    start: Instant,
    end: Instant,
) -> (Vec<Exchange>, Vec<String>) {
    let person = &people[number];
    // A number that shares no factor with how many there are, so that neighbours are far apart.
    let place = number * 7 % people.len();
    let first = start + REFRESH_EVERY.mul_f64((place as f64 + 0.3) / people.len() as f64);
    let (mut exchanges, mut failures) = (Vec::new(), Vec::new());
    let mut connection = None;
    for turn in 0_u32.. {
        let due = first + REFRESH_EVERY * turn;
        if due >= end {
            break;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let procedure = pages::procedure(person, number);
        for request in [pages::overview(&person.key, false), procedure] {
            match ask(&mut connection, installation, &request) {
                Ok((sent, took, answer)) => exchanges.push(Exchange {
                    view: person.view,
                    name: request.name,
                    sent,
                    took,
                    origin: if is_kept(&answer) {
                        Origin::Kept
                    } else {
                        Origin::Read
                    },
                }),
                Err(error) => failures.push(format!("{}: {error:#}", request.name)),
            }
        }
    }
    (exchanges, failures)
}

/// Sends a request over the connection, or over a new one. Returns when, how long it took, and what was answered.
///
/// # Errors
/// If there is no answer, or it is no success, also of one question of a batch.
pub(super) fn ask(
    connection: &mut Option<Connection>,
    installation: &Installation,
    request: &Request,
) -> anyhow::Result<(Instant, Duration, Value)> {
    let mut open = match connection.take() {
        Some(open) => open,
        None => Connection::open(installation.address)?,
    };
    let sent = Instant::now();
    let answer = open.exchange(&request.head, &request.body)?;
    let took = sent.elapsed();
    *connection = Some(open);
    let answer = answer.json()?;
    if let Some(answers) = answer["answers"].as_array() {
        ensure!(answers.len() == request.answers, "{} answers", answers.len());
        if let Some(problem) = answers.iter().find(|answer| answer["rows"].is_null()) {
            bail!("a question was answered {problem}");
        }
    }
    Ok((sent, took, answer))
}

/// Whether an answer says that it was worked out before.
pub(super) fn is_kept(answer: &Value) -> bool {
    let meta = match answer["answers"].get(0) {
        Some(first) => &first["meta"],
        None => &answer["meta"],
    };
    meta["from_cache"] == true || answer["fromCache"] == true
}

/// Completes an execution of each person every minute, one after the other. Returns how many.
fn complete(
    installation: &Installation,
    people: &[Person],
    start: Instant,
    end: Instant,
) -> anyhow::Result<usize> {
    let mut connection = Connection::open(installation.address)?;
    let every = EXECUTION_EVERY / u32::try_from(people.len())?;
    for number in 0_usize.. {
        let due = start + every * u32::try_from(number)? + every / 2;
        if due >= end {
            return Ok(number);
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let workflow = &people[number % people.len()].workflow;
        let now = Timestamp::from(SystemTime::now());
        let record = format!(
            r#"{{"type":"execution","id":"cache-{}-{number}","workflow_id":"{workflow}","status":"success","started_at":"{}","completed_at":"{now}"}}"#,
            now.as_micros(),
            now.plus_micros(-EXECUTION_MICROS)
        );
        let head = records_head(&installation.key, false, record.len());
        let answer = connection.exchange(&head, record.as_bytes())?;
        ensure!(
            answer.status == 202,
            "an execution was answered {}",
            answer.status
        );
    }
    Ok(0)
}

/// Tells those that were waited for from those that were there: an answer that says it is a kept one, and came when one to
/// the same question did that was being read meanwhile.
fn told_apart(exchanges: &mut [Exchange]) {
    let mut reads: HashMap<(usize, String), Vec<(Instant, Instant)>> = HashMap::new();
    for exchange in exchanges.iter() {
        if exchange.origin == Origin::Read {
            let same = reads.entry((exchange.view, exchange.name.clone())).or_default();
            same.push((exchange.sent, exchange.end()));
        }
    }
    for exchange in exchanges.iter_mut() {
        if exchange.origin == Origin::Read {
            continue;
        }
        let same = reads.get(&(exchange.view, exchange.name.clone()));
        let has_waited = same.into_iter().flatten().any(|(sent, end)| {
            exchange.sent < *end && exchange.end() > *sent && exchange.end() + TOGETHER > *end
        });
        if has_waited {
            exchange.origin = Origin::Waited;
        }
    }
    exchanges.sort_by_key(|exchange| exchange.sent);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_while_the_same_is_read_has_waited() {
        let start = Instant::now();
        let exchange = |view, sent, took, origin| Exchange {
            view,
            name: "overview".to_owned(),
            sent: start + Duration::from_millis(sent),
            took: Duration::from_millis(took),
            origin,
        };
        let mut exchanges = [
            exchange(0, 100, 60, Origin::Read),
            // The same, and ends with it.
            exchange(0, 130, 31, Origin::Kept),
            // Was there before it was read anew.
            exchange(0, 99, 2, Origin::Kept),
            // Was there after.
            exchange(0, 170, 2, Origin::Kept),
            // Sees something else.
            exchange(1, 131, 30, Origin::Kept),
        ];
        told_apart(&mut exchanges);
        let waited = exchanges.iter().filter(|each| each.origin == Origin::Waited);
        let waited: Vec<Duration> = waited.map(|each| each.sent - start).collect();
        assert_eq!(waited, [Duration::from_millis(130)]);
    }
}
