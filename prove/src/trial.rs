//! A data directory on trial: what is done to it, and what is kept of it if something is wrong.

use std::path::{Path, PathBuf};

use anyhow::Context;
use tacho_bench::server::Installation;

/// Lines of the log that are shown.
const LOG_LINES: usize = 30;

/// Where trials take place.
#[derive(Clone, Debug)]
pub struct Place {
    /// The server's binary.
    pub tacho: PathBuf,
    /// A folder; what is made in it is taken away again unless something is wrong.
    pub directory: PathBuf,
}

impl Place {
    /// Does something with a fresh installation.
    ///
    /// # Errors
    /// Whatever goes wrong; the data directory is kept then.
    pub fn with_installation<T>(
        &self,
        what: &str,
        run: impl FnOnce(&Installation, &Path) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let scratch = tempfile::tempdir_in(&self.directory)?;
        let installation = Installation::create(&self.tacho, scratch.path().join("data"))?;
        run(&installation, scratch.path()).with_context(|| {
            let log = end_of(&installation.log());
            let kept = scratch.keep();
            format!(
                "{what}; the data directory is kept in {}; the log ends with\n{log}",
                kept.display()
            )
        })
    }
}

fn end_of(log: &str) -> String {
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| !line.contains("tacho::request"))
        .collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}
