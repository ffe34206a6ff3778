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
/// Whatever goes wrong, first of all in what is done.
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
        let done = done?;
        sent.into_iter().collect::<anyhow::Result<()>>()?;
        Ok(done)
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
