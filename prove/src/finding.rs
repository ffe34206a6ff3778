//! What came out, as a table.

use std::time::Duration;

use anyhow::ensure;
use tacho_bench::table::{Table, millis};

/// A server that was killed serves again within this, by the budget.
pub const RESTART_BUDGET: Duration = Duration::from_secs(5);

/// What came out of one kind of fault.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was broken.
    pub fault: String,
    /// How often.
    pub rounds: usize,
    /// What was checked, and held.
    pub outcome: String,
    /// The longest time from a start after the fault to the first answer; `None` where nothing was started again.
    pub restart_max: Option<Duration>,
}

impl Finding {
    /// One whose server was not started again.
    pub fn new(fault: impl Into<String>, rounds: usize, outcome: impl Into<String>) -> Self {
        Self {
            fault: fault.into(),
            rounds,
            outcome: outcome.into(),
            restart_max: None,
        }
    }
}

/// What came out of a whole run, in the order in which it was found. What fails does not keep the rest from being tried.
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
    failures: Vec<String>,
}

impl Report {
    /// Adds what came of one trial. The same of the same fault is one line, however often it was tried.
    pub fn add(&mut self, trial: &str, outcome: anyhow::Result<Vec<Finding>>) {
        match outcome {
            Ok(findings) => findings.into_iter().for_each(|finding| self.push(finding)),
            Err(error) => {
                eprintln!("FAILED: {trial}: {error:?}");
                self.failures.push(trial.to_owned());
                self.push(Finding::new(
                    trial,
                    1,
                    format!("**failed**: {}", error.root_cause()),
                ));
            }
        }
    }

    fn push(&mut self, finding: Finding) {
        let same = |known: &&mut Finding| known.fault == finding.fault && known.outcome == finding.outcome;
        match self.findings.iter_mut().find(same) {
            Some(known) => {
                known.rounds += finding.rounds;
                known.restart_max = known.restart_max.max(finding.restart_max);
            }
            None => self.findings.push(finding),
        }
    }

    /// All findings as Markdown.
    pub fn markdown(&self) -> String {
        let mut table = Table::new(&["fault", "rounds", "outcome", "worst start to answer, ms"]);
        for finding in &self.findings {
            table.push(vec![
                finding.fault.clone(),
                finding.rounds.to_string(),
                finding.outcome.clone(),
                millis(finding.restart_max.map(|took| took.as_secs_f64() * 1_000.0)),
            ]);
        }
        table.markdown()
    }

    /// Makes sure that nothing failed and every restart was within the budget.
    ///
    /// # Errors
    /// If something did, or one was not.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(self.failures.is_empty(), "failed: {}", self.failures.join(", "));
        let slow: Vec<&str> = self
            .findings
            .iter()
            .filter(|finding| finding.restart_max.is_some_and(|took| took > RESTART_BUDGET))
            .map(|finding| finding.fault.as_str())
            .collect();
        ensure!(
            slow.is_empty(),
            "starting took longer than {RESTART_BUDGET:?} after: {}",
            slow.join(", ")
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn restarted(after: Duration) -> anyhow::Result<Vec<Finding>> {
        let mut finding = Finding::new("power", 1, "nothing lost");
        finding.restart_max = Some(after);
        Ok(vec![finding])
    }

    #[test]
    fn a_slow_restart_is_a_failure() {
        let mut report = Report::default();
        report.add("power", restarted(RESTART_BUDGET));
        assert!(report.check().is_ok());
        report.add("power", restarted(RESTART_BUDGET + Duration::from_millis(1)));
        assert!(report.check().is_err());
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].rounds, 2);
    }

    #[test]
    fn what_fails_is_told_and_the_rest_is_kept() {
        let mut report = Report::default();
        report.add("power", restarted(Duration::ZERO));
        report.add("disk", Err(anyhow!("two are missing").context("round 3")));
        report.add("power", restarted(Duration::ZERO));
        let table = report.markdown();
        assert!(
            table.contains("| disk | 1 | **failed**: two are missing |"),
            "{table}"
        );
        assert!(table.contains("| power | 2 |"), "{table}");
        assert_eq!(report.check().unwrap_err().to_string(), "failed: disk");
    }
}
