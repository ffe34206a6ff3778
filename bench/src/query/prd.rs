//! The questions of PRD-010 (FR-001 to FR-004, section 7.2.4 and the percentiles of the task page), as Tacho is asked them and
//! in SQL, over a week, a month and a year that end when the history does.

use serde_json::{Value, json};

use super::agreement::{Answer, Figure};
use crate::history::{DAYS, History};
use crate::peers::rows::Tasks;
use crate::peers::{Kind, number};

/// The lengths of time asked about: their names, and days.
const LENGTHS: [(&str, i64); 3] = [("week", 7), ("month", 30), ("year", DAYS)];

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// How many executions, succeeded, failed, the success rate and the average duration.
    Stats,
    /// Executions, succeeded, failed and the average duration of each day in UTC.
    UsageByDay,
    /// How many succeeded, and what those cost.
    Cost,
    /// The median duration of one task.
    TaskMedian,
    /// The 95th percentile of the duration of every task.
    P95ByTask,
}

/// One question.
#[derive(Clone, Debug)]
pub(super) struct Question<'a> {
    pub(super) subject: Subject,
    length: (&'static str, i64),
    history: &'a History,
    tasks: &'a Tasks,
    /// The workflow that [`Subject::TaskMedian`] is about.
    workflow: &'a str,
}

/// All fifteen. `workflow` is the one whose median is asked.
pub(super) fn questions<'a>(history: &'a History, tasks: &'a Tasks, workflow: &'a str) -> Vec<Question<'a>> {
    let subjects = [
        Subject::Stats,
        Subject::UsageByDay,
        Subject::Cost,
        Subject::TaskMedian,
        Subject::P95ByTask,
    ];
    let over_lengths = |subject| {
        LENGTHS.map(|length| Question {
            subject,
            length,
            history,
            tasks,
            workflow,
        })
    };
    subjects.into_iter().flat_map(over_lengths).collect()
}

impl Question<'_> {
    /// What it asks, for people.
    pub(super) fn name(&self) -> String {
        let subject = match self.subject {
            Subject::Stats => "stats",
            Subject::UsageByDay => "usage by day",
            Subject::Cost => "cost",
            Subject::TaskMedian => "median of one task",
            Subject::P95ByTask => "95th percentile by task",
        };
        format!("{subject}, {}", self.length.0)
    }

    /// The body of `POST /api/v1/query`.
    pub(super) fn body(&self) -> Value {
        let mut body = match self.subject {
            Subject::Stats => json!({
                "measures": ["count", "count_success", "count_failed", "success_rate", "duration_avg"]}),
            Subject::UsageByDay => json!({
                "measures": ["count", "count_success", "count_failed", "duration_avg"], "granularity": "day"}),
            Subject::Cost => json!({
                "measures": ["count", "cost"],
                "filters": [{"field": "status", "op": "eq", "value": "success"}]}),
            Subject::TaskMedian => json!({
                "measures": ["duration_median"],
                "filters": [{"field": "workflow", "op": "eq", "value": self.workflow}]}),
            Subject::P95ByTask => json!({
                "measures": ["duration_p95"], "dimensions": ["workflow"], "limit": self.tasks.count().max(1)}),
        };
        body["source"] = json!("executions");
        body["timezone"] = json!("UTC");
        body["time"] = json!({
            "from": self.history.days_before_end(self.length.1).to_string(),
            "to": self.history.until.to_string()});
        body
    }

    /// The statement for a peer.
    ///
    /// # Errors
    /// If the workflow is not among the tasks.
    pub(super) fn sql(&self, kind: Kind) -> anyhow::Result<String> {
        let from_where = kind.from_where(self.history.days_before_end(self.length.1), self.history.until);
        // Both tables of PRD-010 have a status.
        Ok(match self.subject {
            Subject::Stats => {
                format!("SELECT e.status, count(*), avg(duration) {from_where} GROUP BY e.status")
            }
            Subject::UsageByDay => format!(
                r#"SELECT date_trunc('day', "startedAt") AS period, count(*),
                count(CASE WHEN e.status = 'success' THEN 1 END), count(CASE WHEN e.status = 'failed' THEN 1 END),
                avg(duration) {from_where} GROUP BY period ORDER BY period"#
            ),
            Subject::Cost => {
                format!(r#"SELECT count(*), sum("costMicros") {from_where} AND e.status = 'success'"#)
            }
            Subject::TaskMedian => format!(
                r#"SELECT {} {from_where} AND "taskId" = {}"#,
                kind.quantile(0.5),
                self.tasks.number(self.workflow)?
            ),
            Subject::P95ByTask => format!(
                r#"SELECT "taskId", {} {from_where} GROUP BY "taskId""#,
                kind.quantile(0.95)
            ),
        })
    }

    /// What the numbers of an answer are, in their order.
    pub(super) fn figures(&self) -> &'static [Figure] {
        match self.subject {
            Subject::Stats => &[
                Figure::Whole,
                Figure::Whole,
                Figure::Whole,
                Figure::Mean,
                Figure::Mean,
            ],
            Subject::UsageByDay => &[Figure::Whole, Figure::Whole, Figure::Whole, Figure::Mean],
            Subject::Cost => &[Figure::Whole, Figure::Whole],
            Subject::TaskMedian | Subject::P95ByTask => &[Figure::Quantile],
        }
    }

    /// Tacho's answer, for comparison.
    ///
    /// # Errors
    /// If it is of another shape, or names a workflow that is not among the tasks.
    pub(super) fn of_tacho(&self, answer: &Value) -> anyhow::Result<Answer> {
        let empty = Vec::new();
        let rows = answer["rows"].as_array().unwrap_or(&empty).iter();
        let rows = rows.map(|row| row.as_array().map_or(&[][..], Vec::as_slice));
        rows.filter(|row| self.subject != Subject::UsageByDay || row.get(1) != Some(&json!(0)))
            .map(|row| {
                Ok(match (self.subject, row) {
                    (Subject::UsageByDay, [day, numbers @ ..]) => (day_of(day)?, numbers_of(numbers)),
                    (Subject::P95ByTask, [workflow, _name, quantile]) => (
                        self.tasks
                            .number(workflow.as_str().unwrap_or_default())?
                            .to_string(),
                        vec![number(quantile)],
                    ),
                    (Subject::Cost, [count, cost]) => {
                        let micros = number(cost).map(|usd| (usd * 1e6).round());
                        (String::new(), vec![number(count), micros])
                    }
                    (_, row) => (String::new(), numbers_of(row)),
                })
            })
            .collect()
    }

    /// A peer's answer, for comparison.
    ///
    /// # Errors
    /// If it is of another shape.
    pub(super) fn of_peer(&self, rows: &[Vec<Value>]) -> anyhow::Result<Answer> {
        if self.subject == Subject::Stats {
            return Ok(Answer::from([(String::new(), stats(rows))]));
        }
        rows.iter()
            .map(|row| {
                Ok(match (self.subject, row.as_slice()) {
                    (Subject::UsageByDay, [day, numbers @ ..]) => (day_of(day)?, numbers_of(numbers)),
                    (Subject::P95ByTask, [task, numbers @ ..]) => (
                        number(task).map_or(String::new(), |task| task.to_string()),
                        numbers_of(numbers),
                    ),
                    (_, numbers) => (String::new(), numbers_of(numbers)),
                })
            })
            .collect()
    }
}

/// From status, count and average duration of each status to what PRD-010 makes of them (FR-001.5, FR-001.7).
fn stats(rows: &[Vec<Value>]) -> Vec<Option<f64>> {
    let of = |statuses: &[&str]| -> f64 {
        let counted = rows.iter().filter(|row| {
            let status = row.first().and_then(Value::as_str);
            statuses.is_empty() || status.is_some_and(|status| statuses.contains(&status))
        });
        counted.filter_map(|row| number(row.get(1)?)).sum()
    };
    let milliseconds: f64 = rows
        .iter()
        .filter_map(|row| Some(number(row.get(1)?)? * number(row.get(2)?)?))
        .sum();
    let (all, success) = (of(&[]), of(&["success"]));
    let judged = of(&["success", "failed", "timeout"]);
    vec![
        Some(all),
        Some(success),
        Some(of(&["failed"])),
        (judged > 0.0).then(|| 100.0 * success / judged),
        (all > 0.0).then(|| milliseconds / all),
    ]
}

/// The date of an instant, however it is written.
fn day_of(instant: &Value) -> anyhow::Result<String> {
    let date = instant.as_str().and_then(|text| text.get(..10));
    date.map(str::to_owned)
        .ok_or_else(|| anyhow::anyhow!("{instant} is no day"))
}

fn numbers_of(row: &[Value]) -> Vec<Option<f64>> {
    row.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use tacho_core::Timestamp;

    use super::*;
    use crate::query::agreement;

    fn history() -> History {
        History {
            executions: 300,
            until: Timestamp::from_micros(1_763_800_000_123_456),
        }
    }

    /// Whether both answers are the same one to that question over a week.
    fn agree(subject: Subject, tacho: &Value, peer: &Value) -> bool {
        let history = history();
        let tasks = Tasks::of(&history);
        let workflow = history.workflows()[1].to_string();
        let question = questions(&history, &tasks, &workflow)
            .into_iter()
            .find(|question| question.subject == subject)
            .unwrap();
        let mut rows = tacho.to_string();
        rows = rows.replace("WORKFLOW", &workflow);
        let ours = question.of_tacho(&json!({"rows": serde_json::from_str::<Value>(&rows).unwrap()}));
        let theirs = question.of_peer(&serde_json::from_value::<Vec<Vec<Value>>>(peer.clone()).unwrap());
        agreement::compare(question.figures(), &ours.unwrap(), &theirs.unwrap(), true).is_ok()
    }

    #[test]
    fn answers_of_either_shape_are_compared() {
        let statuses = json!([
            ["success", "6", "100"],
            ["failed", 1, 200.0],
            ["timeout", 1, 400.0],
            ["cancelled", 2, 100.0]
        ]);
        assert!(agree(
            Subject::Stats,
            &json!([[10, 6, 1, 75.0, 140.0]]),
            &statuses
        ));
        assert!(!agree(
            Subject::Stats,
            &json!([[10, 6, 1, 75.0, 141.0]]),
            &statuses
        ));
        let days = json!([
            ["2025-11-15T00:00:00+00:00", 2, 1, 1, 5.0],
            ["2025-11-16T00:00:00+00:00", 0, 0, 0, null]
        ]);
        assert!(agree(
            Subject::UsageByDay,
            &days,
            &json!([["2025-11-15 00:00:00", "2", "1", "1", "5.0000"]])
        ));
        assert!(!agree(
            Subject::UsageByDay,
            &days,
            &json!([["2025-11-16 00:00:00", "2", "1", "1", "5.0000"]])
        ));
        let cost = json!([[3, 0.300001]]);
        assert!(agree(Subject::Cost, &cost, &json!([["3", "300001"]])));
        assert!(!agree(Subject::Cost, &cost, &json!([["3", "300002"]])));
        let by_task = json!([["WORKFLOW", "its name", 7.5]]);
        assert!(agree(Subject::P95ByTask, &by_task, &json!([[2, 7.5]])));
        assert!(!agree(Subject::P95ByTask, &by_task, &json!([[3, 7.5]])));
    }

    #[test]
    fn every_peer_is_asked_over_the_range_of_tacho() {
        let history = history();
        let tasks = Tasks::of(&history);
        let workflow = history.workflows()[1].to_string();
        let asked = questions(&history, &tasks, &workflow);
        assert_eq!(asked.len(), 15);
        let year = asked.last().unwrap();
        assert_eq!(
            year.body()["time"],
            json!({"from": "2024-11-22T08:26:40.123456Z", "to": "2025-11-22T08:26:40.123456Z"})
        );
        for (kind, from, to) in [
            (
                Kind::Postgres,
                "2024-11-22T08:26:40.123456Z",
                "2025-11-22T08:26:40.123456Z",
            ),
            (Kind::Duckdb, "1732264000123456", "1763800000123456"),
            (Kind::Clickhouse, "1732264000123456", "1763800000123456"),
        ] {
            let sql = year.sql(kind).unwrap();
            assert!(sql.contains(from) && sql.contains(to), "{sql}");
        }
    }
}
