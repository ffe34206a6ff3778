//! Servers that are to refuse.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tacho_bench::server::free_address;

use super::Ground;

const TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(10);

impl Ground<'_> {
    /// Starts another server on the data directory. Returns what it says when it refuses.
    ///
    /// # Errors
    /// If it serves.
    pub(super) fn refused_start(&self) -> anyhow::Result<String> {
        let mut child = Command::new(&self.place.tacho)
            .args(["serve", "--listen", &free_address()?.to_string(), "--data-dir"])
            .arg(&self.installation.data_dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if started.elapsed() > TIMEOUT {
                child.kill()?;
                bail!("it does not refuse");
            }
            thread::sleep(POLL);
        };
        let mut said = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().context("no stderr")?, &mut said)?;
        ensure!(!status.success(), "it ended well: {said}");
        Ok(said)
    }
}

/// Makes sure that a refusal says why.
pub(super) fn says(refusal: &str, reason: &str) -> anyhow::Result<()> {
    ensure!(
        refusal.to_lowercase().contains(&reason.to_lowercase()),
        "it says nothing of \"{reason}\": {refusal}"
    );
    Ok(())
}
