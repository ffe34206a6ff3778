//! What it takes from ingest to tell thousands of clients every second.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use tacho_core::Timestamp;

use super::clients::Clients;
use super::counts::{STORE_TIMEOUT, SUBSCRIBE, TOPIC, spread};
use super::{Case, Stretch, cpu, cpu_since};
use crate::bodies::{executions, templates};
use crate::load::Load;
use crate::server::{Installation, Server};

/// Senders at full load, and records of a request: as ingest is measured without clients.
const SENDERS: usize = 32;
const RECORDS_EACH: usize = 100;
/// Who is subscribed in the stretches of full load: both are early and late once, so that what grows with time cancels out.
const FULL_LOAD: [bool; 4] = [false, true, true, false];
/// Full load for which nothing is counted.
const WARM_UP: Duration = Duration::from_secs(3);
/// Each stretch is that much shorter than the others are long: all of it has to get into the store before the next.
const FULL_LOAD_SHARE: f64 = 0.4;

/// As many records as go, a few seconds to warm up and then in stretches with subscribed clients and without.
pub(super) fn full_load(
    case: &Case,
    installation: &Installation,
    server: &Server<'_>,
    clients: &Clients,
) -> anyhow::Result<Vec<Stretch>> {
    let records = executions(Timestamp::from(SystemTime::now()), 1);
    let load = Load {
        address: installation.address,
        key: &installation.key,
        connections: SENDERS,
        templates: &templates(&records, RECORDS_EACH),
        compressed: None,
        prepared: 0,
        sent: AtomicU64::new(0),
    };
    let length = case.length.mul_f64(FULL_LOAD_SHARE);
    let stretches = [(true, WARM_UP.min(length))].into_iter();
    let stretches = stretches.chain(FULL_LOAD.map(|is_subscribed| (is_subscribed, length)));
    let mut done: Vec<Stretch> = Vec::new();
    for (is_subscribed, length) in stretches {
        let was_subscribed = done.last().is_none_or(|last| last.is_subscribed);
        match (was_subscribed, is_subscribed) {
            (true, false) => clients.unsubscribe(TOPIC, spread(clients.count()))?,
            (false, true) => clients.subscribe(SUBSCRIBE, spread(clients.count()))?,
            _ => {}
        }
        let word = if is_subscribed {
            "subscribed"
        } else {
            "only connected"
        };
        eprintln!("live: full load, {} clients {word}", clients.count());
        let before = cpu(server)?;
        let outcome = load.closed(length)?;
        let cpu = cpu_since(server, before, outcome.elapsed)?;
        clients.check()?;
        installation.wait_until_projected(STORE_TIMEOUT)?;
        done.push(Stretch {
            is_subscribed,
            outcome,
            cpu,
        });
    }
    Ok(done)
}
