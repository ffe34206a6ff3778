//! The first frame of a live page.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use tacho_bench::http::{Connection, head};
use tacho_bench::server::Installation;

const TIMEOUT: Duration = Duration::from_secs(10);
const PAGE_LIMIT: usize = 200;

/// Executions that have not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unended {
    /// Those that wait.
    pub queued: u64,
    /// Those that run.
    pub running: u64,
}

/// What a live page shows when it opens.
///
/// # Errors
/// If there is no such frame.
pub fn snapshot(installation: &Installation) -> anyhow::Result<Unended> {
    let stream = TcpStream::connect(installation.address)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let path = "/api/v1/live?channel=executions";
    (&stream).write_all(&head("GET", path, &installation.key, "", 0))?;
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    lines.read_line(&mut line)?;
    ensure!(line.contains(" 200 "), "{line}");
    // Frames are lines of their own within the chunks in which the stream comes.
    loop {
        line.clear();
        ensure!(lines.read_line(&mut line)? > 0, "the stream ended before a frame");
        let Some(data) = line.strip_prefix("data:") else {
            continue;
        };
        let frame: Value = serde_json::from_str(data.trim())?;
        if frame["is_snapshot"] == true {
            let count = |name: &str| {
                frame[name]
                    .as_u64()
                    .with_context(|| format!("no {name} in {frame}"))
            };
            return Ok(Unended {
                queued: count("queued")?,
                running: count("running")?,
            });
        }
    }
}

/// The same by the list of executions.
///
/// # Errors
/// If it cannot be read.
pub fn listed(installation: &Installation) -> anyhow::Result<Unended> {
    Ok(Unended {
        queued: list(installation, "queued")?,
        running: list(installation, "running")?,
    })
}

fn list(installation: &Installation, status: &str) -> anyhow::Result<u64> {
    let mut connection = Connection::open(installation.address)?;
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let path = format!("/api/v1/executions?status={status}&limit={PAGE_LIMIT}{cursor}");
        let page = connection
            .exchange(&head("GET", &path, &installation.key, "", 0), &[])?
            .json()?;
        let executions = page["executions"].as_array().context("no executions on a page")?;
        count += executions.len() as u64;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(count),
        }
    }
}
