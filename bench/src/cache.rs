//! Kept answers: twenty people have a page open that refreshes, while their executions complete, while many records come in,
//! and while Redis is lost; and how many kept answers a second there are.

mod asker;
mod loss;
mod pages;
mod peak;
mod people;
pub mod redis;
mod replay;
pub mod report;

use std::time::Duration;

pub use self::asker::Asker;
pub use self::loss::Lost;
pub use self::peak::Peak;
use self::people::Person;
pub use self::replay::{Length, Replayed};
use crate::history::History;
use crate::query;
use crate::query::filling::{filled_copy, while_records_come_in};
use crate::server::Installation;

/// The limits that users have by default; elsewhere there are none.
const LIMITS: [(&str, &str); 2] = [
    ("TACHO_QUERY__REQUESTS_PER_MINUTE", "100"),
    ("TACHO_QUERY__REQUESTS_AT_ONCE_MAX", "16"),
];
const PEAK_CONNECTIONS: usize = 4;
/// What the budget asks for.
const PEAK_OFFERED: f64 = 2_000.0;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Case {
    /// The server and its history, and how many records a second come in during a part.
    pub filled: query::Case,
    /// How long pages refresh, with and without many records.
    pub refreshing: Length,
    /// How long they do while Redis is lost.
    pub losing: Length,
    /// How long kept answers are asked for as often as it goes.
    pub peak: Duration,
}

/// Pages that refreshed.
#[derive(Debug)]
pub struct Phase {
    /// Whose.
    pub who: &'static str,
    /// What came out.
    pub replayed: Replayed,
    /// Records a second that came in beside.
    pub beside_per_second: Option<f64>,
}

/// What came out.
#[derive(Debug)]
pub struct Figures {
    /// Pages.
    pub phases: Vec<Phase>,
    /// Pages while Redis is lost: with the cache in the process, and nearly without. None if there is no Redis.
    pub lost: Vec<Lost>,
    /// Kept answers a second.
    pub peaks: Vec<Peak>,
}

/// Fills a server and has people look at it.
///
/// # Errors
/// If a process fails or records are not accepted. Requests that fail and answers that differ are among the figures.
pub fn measure(case: &Case) -> anyhow::Result<Figures> {
    let temporary = tempfile::tempdir_in(&case.filled.directory)?;
    let filled = filled_copy(&case.filled, temporary.path().join("data"))?;
    let installation = &filled.installation;
    let people = people::people(installation, &filled.history)?;
    let comparers = people::keys(installation, loss::COMPARERS)?;
    let peaks = peaks(installation, &comparers[0], &filled.history, case.peak)?;
    let mut phases = refreshing(case, installation, "half of them members", &people.mixed)?;
    phases.extend(refreshing(
        case,
        installation,
        "all see everything",
        &people.all_seeing,
    )?);
    let mut lost = Vec::new();
    for has_memory in [true, false] {
        if redis::is_installed() {
            eprintln!("  Redis is lost");
            lost.push(loss::lose(
                installation,
                &people.mixed,
                &comparers,
                &filled.history,
                case.losing,
                has_memory,
                temporary.path(),
            )?);
        }
    }
    Ok(Figures { phases, lost, peaks })
}

/// Fills a server and asks for kept answers only.
///
/// # Errors
/// If a process fails, or an answer is not a kept one.
pub fn measure_peaks(case: &query::Case, length: Duration) -> anyhow::Result<Vec<Peak>> {
    let temporary = tempfile::tempdir_in(&case.directory)?;
    let filled = filled_copy(case, temporary.path().join("data"))?;
    let keys = people::keys(&filled.installation, 1)?;
    peaks(&filled.installation, &keys[0], &filled.history, length)
}

/// Has people's pages refresh, then the same while records come in.
fn refreshing(
    case: &Case,
    installation: &Installation,
    who: &'static str,
    people: &[Person],
) -> anyhow::Result<Vec<Phase>> {
    let mut server = installation.start_with(&LIMITS)?;
    server.wait_until_ready()?;
    eprintln!("  pages refresh, {who}");
    let alone = Phase {
        who,
        replayed: replay::replay(installation, people, case.refreshing)?,
        beside_per_second: None,
    };
    eprintln!("  and records come in");
    let mut replayed = Replayed::default();
    let beside = while_records_come_in(installation, case.filled.beside_per_second, || {
        replayed = replay::replay(installation, people, case.refreshing)?;
        Ok(())
    })?;
    server.stop()?;
    let beside = Phase {
        who,
        replayed,
        beside_per_second: Some(beside),
    };
    Ok(vec![alone, beside])
}

fn peaks(
    installation: &Installation,
    key: &str,
    history: &History,
    length: Duration,
) -> anyhow::Result<Vec<Peak>> {
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let one = pages::figures_of_the_past(key, history, 60, false);
    let page = pages::overview_of_the_past(key, history);
    let mut peaks = Vec::new();
    for (name, request) in [("one question", &one), ("a page of eight", &page)] {
        eprintln!("  {name}, again and again");
        for offered in [None, Some(PEAK_OFFERED)] {
            let connections = PEAK_CONNECTIONS;
            peaks.push(peak::measure(
                installation,
                &server,
                name,
                request,
                connections,
                offered,
                length,
            )?);
        }
    }
    server.stop()?;
    Ok(peaks)
}
