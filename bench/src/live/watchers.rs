//! People with a live page open, for as long as something else is measured.

use std::time::Duration;

use super::clients::Clients;
use super::counts;
use super::executions;
use super::runs::Clock;
use crate::server::Installation;

const OVER: Duration = Duration::from_millis(500);

/// Half of them watch executions, half the figures of a dashboard. What they are told must follow each other without a gap,
/// and be the same for all.
#[derive(Debug)]
pub struct Watchers {
    executions: Clients,
    metrics: Clients,
}

impl Watchers {
    /// So many of each.
    ///
    /// # Errors
    /// If they cannot connect, or are not answered.
    pub fn connect(installation: &Installation, each: usize) -> anyhow::Result<Self> {
        let clock = Clock::start();
        let connect = || Clients::connect(each, installation.address, &installation.key, clock);
        let watchers = Self {
            executions: connect()?,
            metrics: connect()?,
        };
        watchers.executions.subscribe(executions::SUBSCRIBE, OVER)?;
        watchers.metrics.subscribe(counts::SUBSCRIBE, OVER)?;
        Ok(watchers)
    }

    /// Frames that they were told so far, each counted once.
    ///
    /// # Errors
    /// If one was lost, or was told something wrong.
    pub fn frames(&self) -> anyhow::Result<usize> {
        let of = |clients: &Clients| {
            clients.check()?;
            anyhow::Ok(clients.look(|board| board.frames.len()))
        };
        Ok(of(&self.executions)? + of(&self.metrics)?)
    }

    /// Has them leave.
    ///
    /// # Errors
    /// As [`frames`](Watchers::frames).
    pub fn leave(self) -> anyhow::Result<()> {
        self.executions.leave()?;
        self.metrics.leave()
    }
}
