//! One case of the ingest measurement: a fresh server takes records as fast as it answers, then at half that rate.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, ensure};
use tacho_core::Timestamp;

use crate::bodies;
use crate::load::{Load, Outcome};
use crate::probe::{self, Seen};
use crate::process;
use crate::server::{Installation, Server};

const PROJECTION_TIMEOUT: Duration = Duration::from_secs(1_800);
const SEAL_TIMEOUT: Duration = Duration::from_secs(60);
/// How many compressed bodies are made for the time, against the rate expected.
const SPARE: f64 = 1.25;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Case {
    /// Records of one request.
    pub records_each: usize,
    /// Whether they are sent with gzip.
    pub is_gzip: bool,
    /// Connections.
    pub connections: usize,
    /// Length of each of the two halves.
    pub length: Duration,
    /// Records a second to prepare for, when they are compressed beforehand.
    pub expected_per_second: f64,
    /// Whether to measure at half load too.
    pub has_half_load: bool,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Figures {
    /// As fast as the server answers.
    pub full: Outcome,
    /// Processor seconds of the server while it took them, and of the sender.
    pub cpu: (f64, f64),
    /// Records in the store when the last answer came, a second.
    pub projected_per_second: f64,
    /// How long the store then needed to be up with the journal.
    pub drain: Duration,
    /// Records a second from the first request to the moment when the store had them all.
    pub sustained_per_second: f64,
    /// Processor seconds of the server up to that moment.
    pub cpu_until_stored: f64,
    /// At half the rate at which records were acknowledged, and at half the rate that is sustained to the store: the rate
    /// offered, what came of it, and what queries saw.
    pub partial: Vec<Partial>,
    /// The most memory that the server held.
    pub resident_bytes: u64,
    /// Bytes of the journal a record: as written, and sealed.
    pub journal_bytes: (f64, Option<f64>),
    /// Bytes of the store a record.
    pub store_bytes: f64,
    /// Bytes sent a record.
    pub sent_bytes: f64,
    /// Executions by query, equal to what was acknowledged.
    pub counted: u64,
}

/// A run below full load.
#[derive(Clone, Debug)]
pub struct Partial {
    /// Half of what.
    pub of: &'static str,
    /// Records offered a second.
    pub offered_per_second: f64,
    /// What came of them.
    pub outcome: Outcome,
    /// What queries saw.
    pub seen: Seen,
}

/// Measures.
///
/// # Errors
/// If anything fails, above all if the count by query is not what was acknowledged.
pub fn measure(case: &Case, binary: &Path, directory: &Path) -> anyhow::Result<Figures> {
    let scratch = tempfile::tempdir_in(directory)?;
    let installation = Installation::create(binary, scratch.path().join("data"))?;
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let records = bodies::executions(Timestamp::from(SystemTime::now()), 1);
    let templates = bodies::templates(&records, case.records_each);
    let mut load = Load {
        address: installation.address,
        key: &installation.key,
        connections: case.connections,
        templates: &templates,
        compressed: None,
        prepared: 0,
        sent: AtomicU64::new(0),
    };
    prepare(case, &mut load, case.expected_per_second)?;
    let sent_bytes = bytes_a_record(&load);

    let server_before = process::cpu_seconds(server.pid())?;
    let sender_before = process::cpu_seconds(std::process::id())?;
    let full = load.closed(case.length).with_context(|| installation.log())?;
    let cpu = (
        process::cpu_seconds(server.pid())? - server_before,
        process::cpu_seconds(std::process::id())? - sender_before,
    );
    let applied = installation.system()?["store"]["applied_lsn"]
        .as_u64()
        .unwrap_or(0);
    let projected_per_second = applied as f64 / full.elapsed.as_secs_f64();
    eprintln!(
        "  acknowledged {:.0}/s, projected {projected_per_second:.0}/s",
        full.records_per_second()
    );
    let drain = installation.wait_until_projected(PROJECTION_TIMEOUT)?;

    let cpu_until_stored = process::cpu_seconds(server.pid())? - server_before;
    let sustained_per_second = full.records as f64 / (full.elapsed + drain).as_secs_f64();

    let mut partial = Vec::new();
    if case.has_half_load {
        for (of, rate) in [
            ("acknowledged", full.records_per_second()),
            ("sustained", sustained_per_second),
        ] {
            let (outcome, seen) = half_load(case, &mut load, rate / 2.0, &installation)?;
            partial.push(Partial {
                of,
                offered_per_second: rate / 2.0,
                outcome,
                seen,
            });
            installation.wait_until_projected(PROJECTION_TIMEOUT)?;
        }
    }
    let counted = installation.count_executions()?;
    let later = partial
        .iter()
        .map(|part| part.outcome.records + part.seen.records);
    let acknowledged = full.records + later.sum::<u64>();
    ensure!(
        counted == acknowledged,
        "{acknowledged} were acknowledged, but a query counts {counted}"
    );
    Ok(Figures {
        full,
        cpu,
        projected_per_second,
        drain,
        sustained_per_second,
        cpu_until_stored,
        partial,
        resident_bytes: process::resident_bytes_max(server.pid())?,
        journal_bytes: journal_bytes(&installation)?,
        store_bytes: store_bytes(&installation, server)? as f64 / counted as f64,
        sent_bytes,
        counted,
    })
}

/// Makes compressed bodies for a stretch of the run, from the next request on.
fn prepare(case: &Case, load: &mut Load<'_>, records_per_second: f64) -> anyhow::Result<()> {
    if !case.is_gzip {
        return Ok(());
    }
    let requests = records_per_second * case.length.as_secs_f64() * SPARE / case.records_each as f64;
    eprintln!("  compressing {requests:.0} bodies");
    let count = requests.ceil() as usize;
    let first = load.prepared * case.records_each as u64;
    load.prepared += count as u64;
    load.compressed = Some(bodies::compressed(load.templates, first, count)?);
    load.sent.store(0, Ordering::Relaxed);
    Ok(())
}

fn bytes_a_record(load: &Load<'_>) -> f64 {
    let records = load.records_each();
    let (bytes, bodies) = match &load.compressed {
        Some(bodies) => (bodies.iter().map(Vec::len).sum::<usize>(), bodies.len()),
        None => {
            let templates = load.templates.iter().cloned();
            (
                templates.map(|mut template| template.numbered(0).len()).sum(),
                load.templates.len(),
            )
        }
    };
    bytes as f64 / (bodies * records) as f64
}

fn half_load(
    case: &Case,
    load: &mut Load<'_>,
    rate: f64,
    installation: &Installation,
) -> anyhow::Result<(Outcome, Seen)> {
    prepare(case, load, rate)?;
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| probe::watch(installation, &is_over));
        let outcome = load.open(rate / case.records_each as f64, case.length);
        is_over.store(true, Ordering::Relaxed);
        let seen = watcher
            .join()
            .map_err(|_| anyhow::anyhow!("the watcher panicked"))??;
        Ok((outcome?, seen))
    })
}

/// What journal files are called: the first position, and the last one if it is sealed.
fn journal_files(directory: &Path) -> anyhow::Result<Vec<(PathBuf, Vec<u64>)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(journal_files(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "log" || extension == "seg")
        {
            let stem = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            found.push((
                path,
                stem.split('-').filter_map(|number| number.parse().ok()).collect(),
            ));
        }
    }
    Ok(found)
}

/// Bytes a record of the active segment and of the sealed ones, if there are any.
fn journal_bytes(installation: &Installation) -> anyhow::Result<(f64, Option<f64>)> {
    let directory = installation.data_dir.join("journal");
    let started = Instant::now();
    let files = loop {
        let files = journal_files(&directory)?;
        let active = files.iter().filter(|(_, positions)| positions.len() == 1).count();
        if active <= 1 {
            break files;
        }
        ensure!(
            started.elapsed() < SEAL_TIMEOUT,
            "{active} segments of the journal are not sealed"
        );
        thread::sleep(Duration::from_millis(50));
    };
    let last = installation.system()?["journal"]["last_lsn"]
        .as_u64()
        .unwrap_or(0);
    let mut sums = [(0u64, 0u64); 2];
    for (path, positions) in &files {
        let is_sealed = positions.len() == 2;
        let records = positions.get(1).unwrap_or(&last) + 1 - positions[0];
        let sum = &mut sums[usize::from(is_sealed)];
        *sum = (sum.0 + fs::metadata(path)?.len(), sum.1 + records);
    }
    let rate = |(bytes, records): (u64, u64)| (records > 0).then(|| bytes as f64 / records as f64);
    Ok((rate(sums[0]).unwrap_or(0.0), rate(sums[1])))
}

/// Bytes of the store once the server has stopped, so that everything is in the file.
fn store_bytes(installation: &Installation, server: Server<'_>) -> anyhow::Result<u64> {
    server.stop()?;
    let mut bytes = 0;
    for entry in fs::read_dir(installation.data_dir.join("store"))? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
