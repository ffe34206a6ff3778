//! What came out, as a table.

use std::time::Duration;

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

/// All of them as Markdown.
pub fn markdown(findings: &[Finding]) -> String {
    let mut table = Table::new(&["fault", "rounds", "outcome", "worst start to answer, ms"]);
    for finding in findings {
        table.push(vec![
            finding.fault.clone(),
            finding.rounds.to_string(),
            finding.outcome.clone(),
            millis(finding.restart_max.map(|took| took.as_secs_f64() * 1_000.0)),
        ]);
    }
    table.markdown()
}

/// Makes sure that every restart was within the budget.
///
/// # Errors
/// If one was not.
pub fn check_restarts(findings: &[Finding]) -> anyhow::Result<()> {
    let slow: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.restart_max.is_some_and(|took| took > RESTART_BUDGET))
        .map(|finding| finding.fault.as_str())
        .collect();
    anyhow::ensure!(
        slow.is_empty(),
        "starting took longer than {RESTART_BUDGET:?} after: {}",
        slow.join(", ")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_restart_is_a_failure() {
        let mut finding = Finding::new("power", 1, "nothing lost");
        finding.restart_max = Some(RESTART_BUDGET);
        assert!(check_restarts(std::slice::from_ref(&finding)).is_ok());
        finding.restart_max = Some(RESTART_BUDGET + Duration::from_millis(1));
        assert!(check_restarts(&[finding]).is_err());
    }
}
