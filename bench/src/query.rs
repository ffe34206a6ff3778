//! Questions: a year of executions is sent to a server, and the questions that pages ask are timed over HTTP, with rollups
//! and without, alone and while records come in. Then those of PRD-010, beside peers that have the same rows.

mod agreement;
pub(crate) mod filling;
mod peers;
mod prd;
mod questions;
pub mod report;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};

use crate::http::Connection;
use crate::latency::Latencies;
use crate::peers::{Kind, Place};
use crate::server::{Installation, query_head};
use filling::{Filled, filled, while_records_come_in};
pub use peers::{Compared, Comparison};
use questions::questions;

const WARM_UPS: usize = 2;
/// A question that takes longer is asked less often.
const SLOW: Duration = Duration::from_secs(1);
const SLOW_ROUNDS: usize = 3;
const RAW_ROUNDS: usize = 15;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Case {
    /// The server's binary.
    pub binary: PathBuf,
    /// Where its data goes.
    pub directory: PathBuf,
    /// Whether the filled data directory stays there, to be asked again another time.
    pub is_kept: bool,
    /// Executions of the year.
    pub executions: u64,
    /// How often each question is asked.
    pub rounds: usize,
    /// Records a second that are offered during a part of it.
    pub beside_per_second: u64,
    /// Who is asked the questions of PRD-010 beside Tacho. If nobody, they are not asked.
    pub peers: Vec<Kind>,
    /// An interpreter with duckdb and chdb, for the peers that live in it.
    pub python: Option<PathBuf>,
}

impl Case {
    /// The data directory if it is kept. What else is kept stands beside it.
    fn kept(&self) -> PathBuf {
        self.directory.join(format!("query-{}", self.executions))
    }
}

/// What came out.
#[derive(Debug)]
pub struct Figures {
    /// Each question.
    pub questions: Vec<Timed>,
    /// Executions counted by a query at the end of sending.
    pub executions: u64,
    /// How long it took until all were in the store, if they were not there before.
    pub filled: Option<Duration>,
    /// Bytes of the store, cubes included.
    pub store_bytes: u64,
    /// Records a second that really came in while questions were asked.
    pub beside_per_second: f64,
    /// The questions of PRD-010, if there are peers.
    pub comparison: Option<Comparison>,
}

/// How long a question took.
#[derive(Debug)]
pub struct Timed {
    /// What it asks.
    pub name: &'static str,
    /// What the server says it was answered from.
    pub served_by: String,
    /// The first time, by a server that has just been started.
    pub first: Duration,
    /// With rollups.
    pub alone: Latencies,
    /// From rows.
    pub raw: Latencies,
    /// With rollups while records come in.
    pub beside: Latencies,
}

/// Fills a server and asks it, and its peers.
///
/// # Errors
/// If the server fails, or counts something else than was sent; if a peer fails.
pub fn measure(case: &Case) -> anyhow::Result<Figures> {
    anyhow::ensure!(
        case.python.is_some() || !case.peers.iter().any(|kind| kind.needs_python()),
        "DuckDB and ClickHouse need --python; bench/run makes one"
    );
    // PostgreSQL may run as another user.
    let temporary = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(&case.directory)?;
    let filled = filled(case, temporary.path().join("data"))?;
    let installation = &filled.installation;
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let executions = installation.count_executions()?;
    let store_bytes = installation.system()?["store"]["bytes"].as_u64().unwrap_or(0);
    let workflow = busiest_workflow(installation)?;
    server.stop()?;
    let asked = questions(&workflow);

    let mut timed = asked
        .iter()
        .map(|(name, question)| ask_first(installation, name, question))
        .collect::<anyhow::Result<Vec<Timed>>>()?;
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    for (timed, (_, question)) in timed.iter_mut().zip(&asked) {
        eprintln!("  {}", timed.name);
        timed.alone = ask_often(installation, question, case.rounds)?;
    }
    server.stop()?;
    let mut server = installation.start_with(&[("TACHO_QUERY__USES_ROLLUPS", "false")])?;
    server.wait_until_ready()?;
    for (timed, (_, question)) in timed.iter_mut().zip(&asked) {
        timed.raw = ask_often(installation, question, case.rounds.min(RAW_ROUNDS))?;
    }
    server.stop()?;
    let comparison = compare(case, &filled, temporary.path().join("peers"))?;

    // What is kept stays as it was filled.
    let copy = match case.is_kept {
        true => Some(installation.copied(temporary.path().join("data"))?),
        false => None,
    };
    let installation = copy.as_ref().unwrap_or(installation);
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let beside_per_second = while_records_come_in(installation, case.beside_per_second, || {
        for (timed, (_, question)) in timed.iter_mut().zip(&asked) {
            timed.beside = ask_often(installation, question, case.rounds)?;
        }
        Ok(())
    })?;
    server.stop()?;
    Ok(Figures {
        questions: timed,
        executions,
        filled: filled.took,
        store_bytes,
        beside_per_second,
        comparison,
    })
}

fn compare(case: &Case, filled: &Filled, temporary: PathBuf) -> anyhow::Result<Option<Comparison>> {
    if case.peers.is_empty() {
        return Ok(None);
    }
    let place = Place {
        directory: match case.is_kept {
            true => case.kept().with_extension("peers"),
            false => temporary,
        },
        python: case.python.clone(),
    };
    peers::compare(case, filled, &place).map(Some)
}

/// Asks a server that has just been started.
fn ask_first(installation: &Installation, name: &'static str, question: &Value) -> anyhow::Result<Timed> {
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let mut connection = Connection::open(installation.address)?;
    let (first, answer) = ask(&mut connection, installation, question)?;
    server.stop()?;
    Ok(Timed {
        name,
        served_by: served_by(&answer),
        first,
        alone: Latencies::default(),
        raw: Latencies::default(),
        beside: Latencies::default(),
    })
}

fn served_by(answer: &Value) -> String {
    answer["meta"]["served_by"].as_str().unwrap_or("?").to_owned()
}

fn busiest_workflow(installation: &Installation) -> anyhow::Result<String> {
    let question = json!({"source": "executions", "measures": ["count"], "dimensions": ["workflow"],
                          "time": {"period": "year"}, "limit": 1});
    let (_, answer) = ask(
        &mut Connection::open(installation.address)?,
        installation,
        &question,
    )?;
    let id = answer["rows"][0][0].as_str();
    id.map(str::to_owned)
        .with_context(|| format!("no workflow in {answer}"))
}

fn ask_often(installation: &Installation, question: &Value, rounds: usize) -> anyhow::Result<Latencies> {
    let mut connection = Connection::open(installation.address)?;
    Ok(time(rounds, || ask(&mut connection, installation, question))?.0)
}

/// Asks again and again. Returns how long it took each time after the warm-ups, and the last answer.
fn time<T>(
    rounds: usize,
    mut ask: impl FnMut() -> anyhow::Result<(Duration, T)>,
) -> anyhow::Result<(Latencies, T)> {
    let mut latencies = Latencies::default();
    let (mut took, mut answer) = ask()?;
    for _ in 1..WARM_UPS {
        (took, answer) = ask()?;
    }
    let rounds = if took > SLOW {
        rounds.min(SLOW_ROUNDS)
    } else {
        rounds
    };
    for _ in 0..rounds {
        (took, answer) = ask()?;
        latencies.record(took);
    }
    Ok((latencies, answer))
}

fn ask(
    connection: &mut Connection,
    installation: &Installation,
    question: &Value,
) -> anyhow::Result<(Duration, Value)> {
    let body = question.to_string();
    let started = Instant::now();
    let answer = connection.exchange(&query_head(&installation.key, body.len()), body.as_bytes())?;
    let took = started.elapsed();
    Ok((took, answer.json()?))
}
