//! Exports: how much memory a server takes that writes a tenth of the executions, and one that writes all of them; how soon
//! the next export starts when one is cancelled midway; and what comes in meanwhile.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::http::{Connection, head};
use crate::process;
use crate::query::Case;
use crate::query::filling::{filled, while_records_come_in};
use crate::server::{Installation, query_head};
use crate::table::{Table, whole};

const POLL: Duration = Duration::from_millis(50);
/// How long one export may take.
const TIMEOUT: Duration = Duration::from_secs(1_800);
/// Of all executions, the part that the smaller export has.
const PART: u64 = 10;

/// How an export went.
#[derive(Debug)]
pub struct Written {
    /// Its rows.
    pub rows: u64,
    /// Its bytes.
    pub bytes: u64,
    /// From asking for it until it was done.
    pub took: Duration,
    /// The most memory that its server held.
    pub resident_bytes: u64,
}

/// What came out.
#[derive(Debug)]
pub struct Figures {
    /// A tenth.
    pub part: Written,
    /// All.
    pub all: Written,
    /// From the answer to cancelling one midway until the next ran.
    pub next_after: Duration,
    /// Records a second that came in without an export and with one.
    pub beside: (f64, f64),
    /// The longest write-ahead log of the store seen in each case.
    pub wal_bytes: (u64, u64),
    /// How long the export took while records came in.
    pub beside_took: Duration,
}

impl Figures {
    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut table = Table::new(&[
            "export as CSV, in a fresh server",
            "rows",
            "MB",
            "s",
            "rows/s",
            "peak memory MB",
        ]);
        for (name, written) in [("a tenth", &self.part), ("all", &self.all)] {
            table.push(vec![
                name.to_owned(),
                whole(written.rows as f64),
                whole(written.bytes as f64 / 1e6),
                format!("{:.1}", written.took.as_secs_f64()),
                whole(written.rows as f64 / written.took.as_secs_f64()),
                whole(written.resident_bytes as f64 / 1e6),
            ]);
        }
        let mut beside = Table::new(&["records that come in", "records/s", "longest WAL MB"]);
        for (name, rate, wal) in [
            ("alone", self.beside.0, self.wal_bytes.0),
            ("beside an export of all", self.beside.1, self.wal_bytes.1),
        ] {
            beside.push(vec![name.to_owned(), whole(rate), whole(wal as f64 / 1e6)]);
        }
        format!(
            "{}\nPeak memory of all over that of a tenth: {:.2}.\nCancelled midway, the next one ran after {} ms and was complete.\n\n{}\nBeside, the export took {:.1} s.\n",
            table.markdown(),
            self.all.resident_bytes as f64 / self.part.resident_bytes as f64,
            self.next_after.as_millis(),
            beside.markdown(),
            self.beside_took.as_secs_f64(),
        )
    }
}

/// Fills a server and has it export.
///
/// # Errors
/// If the server fails, or a file has other rows than a query counts.
pub fn measure(case: &Case) -> anyhow::Result<Figures> {
    let temporary = tempfile::tempdir_in(&case.directory)?;
    let filled = filled(case, temporary.path().join("data"))?;
    // What is kept stays as it was filled.
    let copy = match case.is_kept {
        true => Some(filled.installation.copied(temporary.path().join("data"))?),
        false => None,
    };
    let installation = copy.as_ref().unwrap_or(&filled.installation);

    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let until = filled.history.until.to_string();
    let (all, part) = (
        json!({"to": until}),
        newest(installation, &until, case.executions / PART)?,
    );
    server.stop()?;

    let mut written = Vec::new();
    for range in [&part, &all] {
        let mut server = installation.start()?;
        server.wait_until_ready()?;
        let started = Instant::now();
        let id = ask(installation, range)?;
        let export = wait_for(installation, &id, |export| export["state"] == "done")?;
        written.push(Written {
            rows: check(installation, &export, Some(range))?,
            bytes: export["bytes"].as_u64().unwrap_or(0),
            took: started.elapsed(),
            resident_bytes: process::resident_bytes_max(server.pid())?,
        });
        eprintln!("  {:?}", written.last());
        remove(installation, &id)?;
        server.stop()?;
    }
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let next_after = cancel_midway(installation, &all, &part)?;
    let alone = beside(installation, case.beside_per_second, || {
        thread::sleep(written[1].took);
        Ok(())
    })?;
    let mut beside_took = Duration::ZERO;
    let with_export = beside(installation, case.beside_per_second, || {
        let started = Instant::now();
        let id = ask(installation, &all)?;
        let export = wait_for(installation, &id, |export| export["state"] == "done")?;
        beside_took = started.elapsed();
        check(installation, &export, None).map(drop)
    })?;
    server.stop()?;
    let all = written.pop().context("two were written")?;
    let part = written.pop().context("two were written")?;
    Ok(Figures {
        part,
        all,
        next_after,
        beside: (alone.0, with_export.0),
        wal_bytes: (alone.1, with_export.1),
        beside_took,
    })
}

/// A range that holds about so many of the newest executions, in whole days.
fn newest(installation: &Installation, until: &str, wanted: u64) -> anyhow::Result<Value> {
    let question = json!({"source": "executions", "measures": ["count"], "granularity": "day",
                          "time": {"last": "360d"}});
    let answer = query(installation, &question)?;
    let mut rows = 0;
    for row in answer["rows"].as_array().into_iter().flatten().rev() {
        rows += row[1].as_u64().unwrap_or(0);
        if rows >= wanted {
            return Ok(json!({"from": row[0], "to": until}));
        }
    }
    anyhow::bail!("there are only {rows} executions")
}

fn query(installation: &Installation, question: &Value) -> anyhow::Result<Value> {
    let body = question.to_string();
    Connection::open(installation.address)?
        .exchange(&query_head(&installation.key, body.len()), body.as_bytes())?
        .json()
}

/// Asks for an export of all columns. Returns its id.
fn ask(installation: &Installation, range: &Value) -> anyhow::Result<String> {
    let body = json!({"format": "csv", "of": {"executions": range}}).to_string();
    let json = "content-type: application/json\r\n";
    let head = head("POST", "/api/v1/exports", &installation.key, json, body.len());
    let export = Connection::open(installation.address)?
        .exchange(&head, body.as_bytes())?
        .json()?;
    let id = export["id"].as_str();
    id.map(str::to_owned)
        .with_context(|| format!("no id in {export}"))
}

fn remove(installation: &Installation, id: &str) -> anyhow::Result<()> {
    let head = head(
        "DELETE",
        &format!("/api/v1/exports/{id}"),
        &installation.key,
        "",
        0,
    );
    let answer = Connection::open(installation.address)?.exchange(&head, &[])?;
    ensure!(
        answer.status == 204,
        "removing an export was answered {}",
        answer.status
    );
    Ok(())
}

/// Asks how far it is until that is so.
fn wait_for(installation: &Installation, id: &str, is_so: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
    let started = Instant::now();
    loop {
        let export = installation.get(&format!("/api/v1/exports/{id}"))?;
        if is_so(&export) {
            return Ok(export);
        }
        ensure!(export["state"] != "failed", "the export failed: {export}");
        ensure!(started.elapsed() < TIMEOUT, "the export takes too long: {export}");
        thread::sleep(POLL);
    }
}

/// Whether the file holds executions in order, each once, as many as were counted for it, and if nothing comes in meanwhile as
/// many as a query counts in the range. Returns how many.
fn check(installation: &Installation, export: &Value, range: Option<&Value>) -> anyhow::Result<u64> {
    let mut reader = csv::Reader::from_path(file(installation, export)?)?;
    let headers = reader.headers()?.clone();
    let at = |name: &str| {
        headers
            .iter()
            .position(|header| header == name)
            .context("a column is missing")
    };
    let columns = [at("event_time")?, at("id")?, at("attempt")?];
    let mut last: Option<(tacho_core::Timestamp, String, u32)> = None;
    let (mut rows, mut record) = (0, csv::StringRecord::new());
    while reader.read_record(&mut record)? {
        let [time, id, attempt] = columns.map(|at| record.get(at).unwrap_or_default());
        let this = (
            time.parse().map_err(|_| anyhow::anyhow!("{time:?} is no time"))?,
            id.to_owned(),
            attempt.parse()?,
        );
        ensure!(
            last.is_none_or(|last| last < this),
            "row {rows} is not after the one before"
        );
        last = Some(this);
        rows += 1;
    }
    if let Some(range) = range {
        let counted = count(installation, range)?;
        ensure!(
            rows == counted,
            "{rows} rows were written, a query counts {counted}"
        );
    }
    ensure!(
        export["rows_written"] == rows,
        "{rows} rows were written: {export}"
    );
    Ok(rows)
}

fn count(installation: &Installation, range: &Value) -> anyhow::Result<u64> {
    let mut time = range.clone();
    if time["from"].is_null() {
        time["from"] = json!("2000-01-01T00:00:00Z");
    }
    let question = json!({"source": "executions", "measures": ["count"], "time": time});
    let answer = query(installation, &question)?;
    answer["totals"][0]
        .as_u64()
        .with_context(|| format!("no count in {answer}"))
}

fn file(installation: &Installation, export: &Value) -> anyhow::Result<PathBuf> {
    let name = format!("{}.csv", export["id"].as_str().unwrap_or_default());
    for folder in fs::read_dir(installation.data_dir.join("exports"))? {
        let path = folder?.path().join(&name);
        if path.is_file() {
            return Ok(path);
        }
    }
    anyhow::bail!("there is no file {name}")
}

/// Cancels an export when half of it is written while another waits. Returns how long it took until that one ran.
fn cancel_midway(installation: &Installation, all: &Value, next: &Value) -> anyhow::Result<Duration> {
    let (first, second) = (ask(installation, all)?, ask(installation, next)?);
    wait_for(installation, &first, |export| {
        let expected = export["rows_expected"].as_u64().unwrap_or(u64::MAX);
        export["rows_written"].as_u64().unwrap_or(0) > expected / 2
    })?;
    let waiting = installation.get(&format!("/api/v1/exports/{second}"))?;
    ensure!(
        waiting["state"] == "queued" && waiting["position"] == 1,
        "it does not wait: {waiting}"
    );
    let started = Instant::now();
    remove(installation, &first)?;
    wait_for(installation, &second, |export| export["state"] != "queued")?;
    let took = started.elapsed();
    let export = wait_for(installation, &second, |export| export["state"] == "done")?;
    check(installation, &export, Some(next))?;
    Ok(took)
}

/// Does something while records come in. Returns how many a second did, and the longest write-ahead log.
fn beside(
    installation: &Installation,
    per_second: u64,
    work: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<(f64, u64)> {
    let is_over = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut longest = 0;
            while !is_over.load(std::sync::atomic::Ordering::Acquire) {
                longest = longest.max(wal_bytes(installation).unwrap_or(0));
                thread::sleep(POLL);
            }
            longest
        });
        let rate = while_records_come_in(installation, per_second, work);
        is_over.store(true, std::sync::atomic::Ordering::Release);
        let longest = watcher
            .join()
            .map_err(|_| anyhow::anyhow!("the watcher panicked"))?;
        Ok((rate?, longest))
    })
}

fn wal_bytes(installation: &Installation) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(installation.data_dir.join("store"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wal") {
            bytes += fs::metadata(path)?.len();
        }
    }
    Ok(bytes)
}
