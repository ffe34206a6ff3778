//! One question whose answer is kept, asked as often as it goes, and at a rate.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::pages::Request;
use super::replay::{ask, is_kept};
use crate::http::Connection;
use crate::latency::Latencies;
use crate::process;
use crate::server::{Installation, Server};

/// What came out.
#[derive(Debug)]
pub struct Peak {
    /// What was asked.
    pub name: String,
    /// Connections.
    pub connections: usize,
    /// Bytes of an answer.
    pub answer_bytes: usize,
    /// As fast as it goes (`None`), or so many a second, evenly; then latencies count from when a request was due.
    pub offered: Option<f64>,
    /// Answers a second.
    pub per_second: f64,
    /// How long they took.
    pub latencies: Latencies,
    /// Processors that the server and the clients took.
    pub cpu: (f64, f64),
}

/// Asks.
///
/// # Errors
/// If a request fails, or an answer is not a kept one.
pub(super) fn measure(
    installation: &Installation,
    server: &Server<'_>,
    name: &str,
    request: &Request,
    connections: usize,
    offered: Option<f64>,
    length: Duration,
) -> anyhow::Result<Peak> {
    let mut connection = None;
    ask(&mut connection, installation, request)?;
    let (_, _, answer) = ask(&mut connection, installation, request)?;
    ensure!(is_kept(&answer), "the answer is not kept");
    let mark: &[u8] = br#""from_cache":true"#;

    let cpu = || {
        anyhow::Ok((
            process::cpu_seconds(server.pid())?,
            process::cpu_seconds(std::process::id())?,
        ))
    };
    let cpu_before = cpu()?;
    let (start, slots) = (Instant::now(), AtomicU64::new(0));
    let mut latencies = Latencies::default();
    let mut answer_bytes = 0;
    thread::scope(|scope| -> anyhow::Result<()> {
        let askers: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| -> anyhow::Result<(Latencies, usize)> {
                    let mut connection = Connection::open(installation.address)?;
                    let (mut latencies, mut bytes) = (Latencies::default(), 0);
                    loop {
                        let due = match offered {
                            None => Instant::now(),
                            Some(rate) => {
                                let slot = slots.fetch_add(1, Ordering::Relaxed);
                                start + Duration::from_secs_f64(slot as f64 / rate)
                            }
                        };
                        if due >= start + length {
                            return Ok((latencies, bytes));
                        }
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        let answer = connection.exchange(&request.head, &request.body)?;
                        latencies.record(due.elapsed());
                        let is_kept = answer.body.windows(mark.len()).any(|bytes| bytes == mark);
                        ensure!(
                            answer.status == 200 && is_kept,
                            "answered {}: {}",
                            answer.status,
                            String::from_utf8_lossy(&answer.body)
                        );
                        bytes = answer.body.len();
                    }
                })
            })
            .collect();
        for asker in askers {
            let (own, bytes) = asker.join().map_err(|_| anyhow::anyhow!("an asker panicked"))??;
            latencies.merge(own);
            answer_bytes = bytes;
        }
        Ok(())
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let after = cpu()?;
    Ok(Peak {
        name: name.to_owned(),
        connections,
        answer_bytes,
        offered,
        per_second: latencies.count() as f64 / seconds,
        latencies,
        cpu: (
            (after.0 - cpu_before.0) / seconds,
            (after.1 - cpu_before.1) / seconds,
        ),
    })
}
