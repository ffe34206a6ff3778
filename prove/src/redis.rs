//! Redis gone, frozen, slow and lying: answers are those that the server gives without it.

mod liar;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;
use tacho_bench::cache::redis::{self, Redis};
use tacho_bench::http::{Connection, head};
use tacho_bench::outbox::{Outbox, records};
use tacho_bench::server::{Installation, Server, query_head};

use self::liar::{Liar, Lie};
use crate::finding::Finding;
use crate::sending::{send_up_to, while_sending};
use crate::serving::wait_until_serving;
use crate::trial::Place;

const RECORDS: usize = 6_000;
const RECORDS_EACH: usize = 100;
const QUESTIONS: usize = 12;
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(120);
/// An answer, whatever Redis does.
const QUICK: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What happens to Redis.
#[derive(Clone, Copy, Debug)]
enum Fault {
    There,
    Frozen,
    Gone,
    Lying(Lie),
}

impl Fault {
    const ALL: [Self; 8] = [
        Self::There,
        Self::Frozen,
        Self::Gone,
        Self::Lying(Lie::Slow),
        Self::Lying(Lie::Flipped),
        Self::Lying(Lie::Truncated),
        Self::Lying(Lie::OfAnother),
        Self::Lying(Lie::Garbage),
    ];

    fn label(self) -> &'static str {
        match self {
            Self::There => "Redis there",
            Self::Frozen => "Redis frozen",
            Self::Gone => "Redis gone",
            Self::Lying(lie) => lie.label(),
        }
    }
}

/// Compares answers of a server with each kind of Redis and those past it.
///
/// # Errors
/// If they differ, or one takes long.
pub fn run(rounds: usize, seed: u64, place: &Place) -> anyhow::Result<Vec<Finding>> {
    if !redis::is_installed() {
        eprintln!("there is no redis-server: left out");
        return Ok(Vec::new());
    }
    place.with_installation("Redis", |installation, scratch| {
        let other = installation.another_organization("Other")?;
        for (number, of) in [installation, &other].into_iter().enumerate() {
            fill(of, seed + number as u64)?;
        }
        let mut findings = Vec::new();
        for fault in Fault::ALL {
            let compared =
                with_fault(fault, rounds, installation, &other, scratch).with_context(|| fault.label())?;
            eprintln!("{}", fault.label());
            findings.push(Finding::new(
                fault.label(),
                rounds,
                format!("{compared} answers equal those past every cache"),
            ));
        }
        Ok(findings)
    })
}

fn fill(installation: &Installation, seed: u64) -> anyhow::Result<()> {
    let mut server = installation.start()?;
    wait_until_serving(installation, &mut server)?;
    let outbox = Outbox::new(installation, &records(RECORDS, seed), RECORDS_EACH);
    while_sending(&outbox, 2, || send_up_to(&outbox, outbox.len()))?;
    installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    server.stop()
}

fn with_fault(
    fault: Fault,
    rounds: usize,
    installation: &Installation,
    other: &Installation,
    scratch: &std::path::Path,
) -> anyhow::Result<usize> {
    let mut redis = Redis::start(scratch)?;
    let liar = match fault {
        Fault::Lying(lie) => Some(Liar::start(redis.address(), lie)?),
        _ => None,
    };
    let url = liar.as_ref().map_or_else(|| redis.url(), Liar::url);
    let mut compared = 0;
    // Each time without memory of its own: what is kept is in Redis.
    for round in 0..rounds {
        let mut server = start(installation, &url)?;
        if !matches!(fault, Fault::Lying(Lie::Slow | Lie::Garbage)) {
            wait_until_connected(installation)?;
        }
        for of in [installation, other] {
            compared += compare(of)?;
        }
        if let Some(liar) = &liar {
            liar.begin();
        }
        match fault {
            Fault::Frozen => redis.freeze()?,
            Fault::Gone => redis.lose()?,
            Fault::There | Fault::Lying(_) => {}
        }
        for of in [installation, other] {
            compared += compare(of)?;
        }
        if let Some(liar) = &liar {
            ensure!(round > 0 || liar.lies() > 0, "it was never asked");
            liar.end();
        }
        match fault {
            Fault::Frozen => redis.thaw()?,
            Fault::Gone => redis.start_again()?,
            Fault::There | Fault::Lying(_) => {}
        }
        compared += compare(installation)?;
        server_alive(&mut server)?;
        server.stop()?;
    }
    Ok(compared)
}

fn start<'a>(installation: &'a Installation, url: &str) -> anyhow::Result<Server<'a>> {
    let mut server = installation.start_with(&[
        ("TACHO_CACHE__REDIS_URL", url),
        ("TACHO_QUERY__CACHE_BYTES_MAX", "1"),
    ])?;
    wait_until_serving(installation, &mut server)?;
    Ok(server)
}

fn server_alive(server: &mut Server<'_>) -> anyhow::Result<()> {
    ensure!(!server.has_ended()?, "the server has ended");
    Ok(())
}

fn wait_until_connected(installation: &Installation) -> anyhow::Result<()> {
    let started = Instant::now();
    while installation.system()?["query_cache"]["redis"]["is_connected"] != true {
        ensure!(started.elapsed() < CONNECT_TIMEOUT, "Redis is not connected");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Asks each question twice through the caches and once past them.
fn compare(installation: &Installation) -> anyhow::Result<usize> {
    for number in 0..QUESTIONS {
        let question = question(number);
        let kept = [
            ask(installation, &question, true)?,
            ask(installation, &question, true)?,
        ];
        let fresh = ask(installation, &question, false)?;
        for kept in kept {
            ensure!(
                (&kept["rows"], &kept["totals"]) == (&fresh["rows"], &fresh["totals"]),
                "{question}: {kept} kept, {fresh} worked out"
            );
        }
    }
    Ok(2 * QUESTIONS)
}

fn question(number: usize) -> String {
    let dimension = ["status", "workflow", "trigger_type"][number % 3];
    let measure = ["count", "success_rate", "duration_avg", "cost"][number % 4];
    format!(
        r#"{{"source":"executions","measures":["{measure}"],"dimensions":["{dimension}"],"time":{{"from":"2000-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}}}}"#
    )
}

fn ask(installation: &Installation, question: &str, may_be_kept: bool) -> anyhow::Result<Value> {
    let key = &installation.key;
    let head = match may_be_kept {
        true => head(
            "POST",
            "/api/v1/query",
            key,
            "content-type: application/json\r\n",
            question.len(),
        ),
        false => query_head(key, question.len()),
    };
    let begun = Instant::now();
    let answer = Connection::open(installation.address)?
        .exchange(&head, question.as_bytes())?
        .json()?;
    ensure!(begun.elapsed() < QUICK, "an answer took {:?}", begun.elapsed());
    Ok(answer)
}
