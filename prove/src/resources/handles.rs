//! No file handle left.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use anyhow::ensure;

use super::Ground;
use crate::serving::wait_until_serving;

/// What the server may have open.
const HANDLES: usize = 100;
/// Connections that do nothing.
const IDLE: usize = 150;
const LONG_ENOUGH: Duration = Duration::from_secs(3);

pub(super) fn exhausted(ground: &Ground<'_>) -> anyhow::Result<()> {
    let script = ground.script("few-handles", &format!("ulimit -n {HANDLES}"))?;
    let few = ground.installation.with_binary(&script);
    // Full segments now and then, which need a handle each.
    let mut server = few.start_with(&[("TACHO_JOURNAL__SEGMENT_BYTES", "60000")])?;
    wait_until_serving(&few, &mut server)?;
    ground.send_up_to(0.2)?;
    let idle: Vec<TcpStream> = (0..IDLE)
        .filter_map(|_| TcpStream::connect_timeout(&few.address, Duration::from_secs(1)).ok())
        .collect();
    ensure!(idle.len() > HANDLES, "only {} connections", idle.len());
    // Those who send have their connections already.
    ground.outbox.allow(ground.part(0.6));
    thread::sleep(LONG_ENOUGH);
    ensure!(!server.has_ended()?, "the server has ended");
    drop(idle);
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}
