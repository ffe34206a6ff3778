//! What is told about a run: its records as JSON.

use serde_json::{Map, Value, json};
use tacho_core::Timestamp;

use super::RunArgs;
use super::child::{Outcome, shell_code};

/// What every record of a run says.
pub(crate) struct Report {
    id: String,
    workflow: String,
    kind: String,
    trigger: String,
    parent: Option<String>,
    tags: Map<String, Value>,
    host: String,
    metadata: Map<String, Value>,
    started_at: Timestamp,
}

/// How a run ended.
pub(crate) enum End<'a> {
    /// The command ended.
    Ended(&'a Outcome),
    /// It could not be started: the exit code that tells so, and a sentence.
    NotStarted(u8, &'a str),
}

impl Report {
    /// For a run that starts now.
    pub(crate) fn new(
        args: &RunArgs,
        id: String,
        parent: Option<String>,
        host: String,
        started_at: Timestamp,
    ) -> Self {
        let mut metadata = Map::new();
        let words: Vec<String> = args
            .command
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        // Arguments and folders may hold secrets, the program's own folder too.
        let program = words
            .first()
            .map(|word| word.rsplit('/').next().unwrap_or(word).to_owned());
        metadata.insert("command".to_owned(), json!(program));
        metadata.insert("host".to_owned(), json!(host));
        if args.record_arguments {
            metadata.insert("arguments".to_owned(), json!(words.get(1..)));
            let folder = std::env::current_dir().ok();
            metadata.insert(
                "folder".to_owned(),
                json!(folder.map(|folder| folder.display().to_string())),
            );
        }
        let tags = args
            .tag
            .iter()
            .map(|(key, value)| (key.clone(), json!(value)))
            .collect();
        Self {
            id,
            workflow: args.workflow.clone().unwrap_or_default(),
            kind: args.kind.clone(),
            trigger: args.trigger_word().to_owned(),
            parent,
            tags,
            host,
            metadata,
            started_at,
        }
    }

    /// The workflow, so that it has a name and a kind.
    pub(crate) fn definition(&self) -> Value {
        json!({
            "type": "workflow",
            "id": self.workflow,
            "name": self.workflow,
            "kind": self.kind,
            "updated_at": self.started_at,
        })
    }

    /// That it runs. `now` is its start, or later as a sign of life.
    pub(crate) fn running(&self, now: Timestamp) -> Value {
        Value::Object(self.execution("running", now))
    }

    /// How it ended, and what it used.
    pub(crate) fn finished(&self, end: &End<'_>) -> Vec<Value> {
        let (status, error_type, code, elapsed) = match end {
            End::NotStarted(code, _) => ("failed", Some(format!("exit_code_{code}")), *code, None),
            End::Ended(outcome) => {
                let (status, error_type) = verdict(outcome);
                (
                    status,
                    error_type,
                    shell_code(outcome.status),
                    Some(outcome.elapsed),
                )
            }
        };
        let elapsed_micros = elapsed.map_or(0, |elapsed| {
            i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
        });
        let completed_at = self.started_at.plus_micros(elapsed_micros);
        let mut execution = self.execution(status, completed_at);
        execution.insert("completed_at".to_owned(), json!(completed_at));
        if let Some(error_type) = error_type {
            let message = match end {
                End::NotStarted(_, sentence) => Some((*sentence).to_owned()),
                End::Ended(outcome) => outcome.stderr_tail.clone(),
            };
            execution.insert("error_type".to_owned(), json!(error_type));
            execution.insert(
                "error_message".to_owned(),
                json!(message.unwrap_or_else(|| format!("ended with exit code {code}, nothing on stderr"))),
            );
        }
        if let Some(Value::Object(metadata)) = execution.get_mut("metadata") {
            metadata.insert("exit_code".to_owned(), json!(code));
        }
        let mut records = vec![Value::Object(execution)];
        if let End::Ended(outcome) = end {
            let wall = outcome.elapsed.as_secs_f64().max(1e-6);
            let hundredths = |value: f64| (value * 100.0).round() / 100.0;
            records.push(json!({
                "type": "resource",
                "id": format!("{}.use", self.id),
                "timestamp": completed_at,
                "execution_id": self.id,
                "host": self.host,
                "cpu_percent": hundredths(outcome.cpu.as_secs_f64() / wall * 100.0),
                "memory_mb": hundredths(outcome.memory_peak_bytes as f64 / 1_048_576.0),
                "tags": self.tags,
            }));
        }
        records
    }

    fn execution(&self, status: &str, updated_at: Timestamp) -> Map<String, Value> {
        let record = json!({
            "type": "execution",
            "id": self.id,
            "updated_at": updated_at,
            "workflow_id": self.workflow,
            "trigger_type": self.trigger,
            "status": status,
            "started_at": self.started_at,
            "metadata": self.metadata,
            "tags": self.tags,
        });
        let Value::Object(mut record) = record else {
            return Map::new();
        };
        if let Some(parent) = &self.parent {
            record.insert("parent_execution_id".to_owned(), json!(parent));
        }
        record
    }
}

/// Status and error type.
fn verdict(outcome: &Outcome) -> (&'static str, Option<String>) {
    use std::os::unix::process::ExitStatusExt;
    let error_type = match (outcome.status.code(), outcome.status.signal()) {
        (Some(0), _) => None,
        (Some(code), _) => Some(format!("exit_code_{code}")),
        (None, Some(signal)) => Some(format!("signal_{signal}")),
        (None, None) => Some("unknown".to_owned()),
    };
    if outcome.is_timed_out {
        ("timeout", Some("timeout".to_owned()))
    } else if outcome.is_cancelled {
        ("cancelled", error_type)
    } else if error_type.is_none() {
        ("success", None)
    } else {
        ("failed", error_type)
    }
}

/// One JSON object a line.
pub(crate) fn ndjson(records: &[Value]) -> Vec<u8> {
    records
        .iter()
        .flat_map(|record| format!("{record}\n").into_bytes())
        .collect()
}
