//! The year of executions that questions are asked about: the same one tells the same records as often as it is asked, to
//! Tacho as to its peers.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tacho_core::{Record, RecordType, Timestamp};
use tacho_demo::{Config, Generator, TypeSet};

const SEED: u64 = 7;
const WORKFLOWS: usize = 500;
const DAY_MICROS: i64 = 86_400_000_000;
/// Days that it tells of.
pub const DAYS: i64 = 365;

/// About how many executions, and when they end.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Executions to generate. About that many come.
    pub executions: u64,
    /// Everything has happened before.
    pub until: Timestamp,
}

impl History {
    /// Workflows and finished executions, in the order in which senders would send them.
    pub fn records(&self) -> impl Iterator<Item = Record> + use<> {
        let from = self.days_before_end(DAYS);
        let mut config = Config::new(SEED, from, self.until, WORKFLOWS, self.executions);
        config.types = TypeSet::of(&[RecordType::Workflow, RecordType::Execution]);
        Generator::new(config)
    }

    /// The ids of all its workflows.
    pub fn workflows(&self) -> Vec<Box<str>> {
        // They come first, each as it is at the start. Later versions come when their time has come.
        self.records().take(WORKFLOWS).map(|record| record.id).collect()
    }

    /// The moment that many days before its end.
    pub fn days_before_end(&self, days: i64) -> Timestamp {
        self.until.plus_micros(-days * DAY_MICROS)
    }

    /// Writes down what it takes to tell it again.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        Ok(fs::write(path, self.json().to_string())?)
    }

    /// The one that was written down.
    ///
    /// # Errors
    /// If there is none, or this version would tell other records.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let advice = || {
            format!(
                "{} does not say what was generated; remove it and what stands beside it",
                path.display()
            )
        };
        let json: Value =
            serde_json::from_str(&fs::read_to_string(path).with_context(advice)?).with_context(advice)?;
        let history = Self {
            executions: json["executions"].as_u64().with_context(advice)?,
            until: json["until"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .with_context(advice)?,
        };
        ensure!(history.json() == json, advice());
        Ok(history)
    }

    fn json(&self) -> Value {
        json!({"seed": SEED, "workflows": WORKFLOWS, "days": DAYS, "executions": self.executions,
               "until": self.until.to_string()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_told_again() {
        let history = History {
            executions: 300,
            until: Timestamp::from_micros(1_763_800_000_123_456),
        };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history.json");
        history.write(&path).unwrap();
        let again = History::read(&path).unwrap();
        assert_eq!(again, history);
        assert!(again.records().eq(history.records()));
        let told = history
            .records()
            .filter(|record| record.record_type == RecordType::Workflow);
        let mut told: Vec<Box<str>> = told.map(|record| record.id).collect();
        told.sort();
        told.dedup();
        let mut workflows = history.workflows();
        workflows.sort();
        assert_eq!(workflows, told);
        fs::write(&path, r#"{"seed":8}"#).unwrap();
        assert!(History::read(&path).is_err());
    }
}
