//! Pages in a browser over a year of executions: a script of the web application's (`ui/e2e/performance.mjs`) visits them as
//! somebody who has just signed in, and prints what it measured.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::query::Case;
use crate::query::filling::filled;
use crate::server::ORGANIZATION;

const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "a password of the bench";

/// Fills a server, makes a person who may see everything, and runs the script. What it prints goes to standard output.
///
/// # Errors
/// If the server or the script fails.
pub fn measure(case: &Case, script: &Path) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir_in(&case.directory)?;
    let filled = filled(case, temporary.path().join("data"))?;
    // What is kept stays as it was filled.
    let copy = match case.is_kept {
        true => Some(filled.installation.copied(temporary.path().join("data"))?),
        false => None,
    };
    let installation = copy.as_ref().unwrap_or(&filled.installation);
    let user = [
        "user",
        "create",
        "--org",
        ORGANIZATION,
        "--role",
        "owner",
        "--password-stdin",
        EMAIL,
    ];
    installation.command_with_input(&user, &format!("{PASSWORD}\n"))?;
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let status = Command::new("node")
        .arg(script)
        .env("TACHO_URL", format!("http://{}", installation.address))
        .env("TACHO_EMAIL", EMAIL)
        .env("TACHO_PASSWORD", PASSWORD)
        .status()
        .context("could not start node")?;
    server.stop()?;
    ensure!(status.success(), "{} failed", script.display());
    Ok(())
}
