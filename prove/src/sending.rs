//! Senders beside a trial.

use std::thread;
use std::time::Duration;

use anyhow::{bail, ensure};
use tacho_bench::outbox::Outbox;

use crate::serving::wait_for;

const TIMEOUT: Duration = Duration::from_secs(120);

/// Does something while so many connections send.
///
/// # Errors
/// Whatever goes wrong, in what is done or in a sender.
pub fn while_sending<T>(
    outbox: &Outbox,
    connections: usize,
    run: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let senders: Vec<_> = (0..connections).map(|_| scope.spawn(|| outbox.send())).collect();
        let done = run();
        outbox.give_up();
        let sent: Vec<anyhow::Result<()>> = senders
            .into_iter()
            .map(|sender| sender.join().unwrap_or_else(|_| bail!("a sender panicked")))
            .collect();
        match (done, sent.into_iter().collect::<anyhow::Result<()>>()) {
            (Err(done), Err(sent)) => Err(done.context(format!("a sender failed: {sent:#}"))),
            (done, sent) => sent.and(done),
        }
    })
}

/// Has requests up to that one sent, and waits until they are acknowledged.
///
/// # Errors
/// If they are not.
pub fn send_up_to(outbox: &Outbox, limit: usize) -> anyhow::Result<()> {
    outbox.allow(limit);
    wait_for("everything is acknowledged", TIMEOUT, || {
        outbox.acknowledged() >= limit || outbox.is_over()
    })?;
    ensure!(outbox.acknowledged() >= limit, "the senders have given up");
    Ok(())
}
