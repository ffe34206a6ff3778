//! Pages in a browser over a year of executions: a script of the web application's (`ui/e2e/performance.mjs`) visits them as
//! somebody who has just signed in, and prints what it measured.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::query::Case;
use crate::query::filling::filled_copy;
use crate::server::ORGANIZATION;

const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "a password of the bench";

/// Fills a server, makes a person who may see everything, and runs the script, with so many visits to each page if it is
/// said. Returns what it prints.
///
/// # Errors
/// If the server or the script fails.
pub fn visit(case: &Case, script: &Path, visits: Option<usize>) -> anyhow::Result<String> {
    let temporary = tempfile::tempdir_in(&case.directory)?;
    let filled = filled_copy(case, temporary.path().join("data"))?;
    let installation = &filled.installation;
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
    let mut command = Command::new("node");
    command
        .arg(script)
        .env("TACHO_URL", format!("http://{}", installation.address))
        .env("TACHO_EMAIL", EMAIL)
        .env("TACHO_PASSWORD", PASSWORD);
    if let Some(visits) = visits {
        command.env("VISITS", visits.to_string());
    }
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .context("could not start node")?;
    server.stop()?;
    let printed = String::from_utf8(output.stdout)?;
    ensure!(
        output.status.success(),
        "{} failed after\n{printed}",
        script.display()
    );
    Ok(printed)
}

/// What of it the budgets are about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Pages that were visited.
    pub pages: usize,
    /// Largest Contentful Paint of all visits, 75th percentile.
    pub lcp_p75_ms: f64,
    /// The longest event of each interaction, 75th percentile.
    pub interaction_p75_ms: f64,
    /// Scripts that are loaded before the Overview stands, charts apart, as they are sent: compressed.
    pub first_load_bytes: f64,
}

impl Figures {
    /// Finds them in what the script prints: a table of pages with a line for all, and one of interactions.
    ///
    /// # Errors
    /// If they are not there.
    pub fn read(printed: &str) -> anyhow::Result<Self> {
        let rows: Vec<Vec<&str>> = printed
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
            .map(|line| line.split(" | ").map(str::trim).collect())
            .collect();
        let at = |name: &str, column: usize| -> anyhow::Result<f64> {
            let row = rows.iter().find(|row| row[0] == name);
            let cell = row.and_then(|row| row.get(column));
            let cell = cell.with_context(|| format!("no {name} in\n{printed}"))?;
            Ok(cell.parse()?)
        };
        let pages = rows.iter().take_while(|row| row[0] != "**all pages**");
        Ok(Self {
            pages: pages.filter(|row| row[1].parse::<f64>().is_ok()).count(),
            lcp_p75_ms: at("**all pages**", 2)?,
            interaction_p75_ms: at("**all**", 2)?,
            first_load_bytes: 1e3 * at("**before Overview stands**", 5)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_in_what_the_script_prints() {
        let printed = "| page | LCP p50 ms | p75 | all there p50 ms | p75 | scripts KB |\n\
                       | --- | ---: | ---: | ---: | ---: | ---: |\n\
                       | overview | 892 | 1068 | 1487 | 1721 | 445 |\n\
                       | execution | 452 | 472 | 431 | 457 | 236 |\n\
                       | **all pages** | 824 | 992 | 1001 | 1594 |  |\n\
                       | **before Overview stands** |  |  |  |  | 236 |\n\n\
                       | interaction | p50 ms | p75 | max |\n\
                       | --- | ---: | ---: | ---: |\n\
                       | palette opened | 24 | 32 | 40 |\n\
                       | **all** | 24 | 48 | 96 |\n";
        let expected = Figures {
            pages: 2,
            lcp_p75_ms: 992.0,
            interaction_p75_ms: 48.0,
            first_load_bytes: 236_000.0,
        };
        assert_eq!(Figures::read(printed).unwrap(), expected);
        assert!(Figures::read("nothing").is_err());
    }
}
