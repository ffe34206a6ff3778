//! What a page asks when it is refreshed.

use serde_json::{Value, json};

use super::people::Person;
use crate::history::History;
use crate::http::head;

/// Those procedures of PRD-010 whose answers are kept.
pub(super) const PROCEDURES: usize = 5;

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// What it asks; the same for everybody who asks the same.
    pub(super) name: String,
    pub(super) head: Vec<u8>,
    pub(super) body: Vec<u8>,
    /// How many answers it gets.
    pub(super) answers: usize,
}

impl Request {
    fn post(name: &str, key: &str, extra: &str, questions: &Value) -> Self {
        let body = questions.to_string().into_bytes();
        let extra = format!("content-type: application/json\r\n{extra}");
        Self {
            name: name.to_owned(),
            head: head("POST", "/api/v1/query", key, &extra, body.len()),
            body,
            answers: questions["queries"].as_array().map_or(1, Vec::len),
        }
    }

    fn get(path: String, key: &str) -> Self {
        Self {
            head: head("GET", &path, key, "", 0),
            name: path,
            body: Vec::new(),
            answers: 1,
        }
    }
}

/// Overview, of the week that ends now, as one batch. The page says that it refreshes by itself, unless it is to be fresh.
pub(super) fn overview(key: &str, is_fresh: bool) -> Request {
    let questions = overview_questions(&json!({"period": "week"}));
    let age = if is_fresh { "no-cache" } else { "max-age=30" };
    Request::post("overview", key, &format!("cache-control: {age}\r\n"), &questions)
}

/// The same of a week of the past.
pub(super) fn overview_of_the_past(key: &str, history: &History) -> Request {
    Request::post("overview", key, "", &overview_questions(&past(history, 60, 7)))
}

/// One question about some days of the past.
pub(super) fn figures_of_the_past(key: &str, history: &History, day: i64, is_fresh: bool) -> Request {
    let mut question = executions(
        &past(history, day, 3),
        json!({"measures": ["count", "success_rate", "count_failed", "duration_avg", "cost"],
               "granularity": "hour"}),
    );
    question["dimensions"] = json!(["status"]);
    let extra = if is_fresh {
        "cache-control: no-cache\r\n"
    } else {
        ""
    };
    Request::post("figures", key, extra, &question)
}

/// One of the five procedures, the same for a person at each refresh.
pub(super) fn procedure(person: &Person, number: usize) -> Request {
    let workflow = &person.workflow;
    let path = match number % PROCEDURES {
        0 => "execution-stats?period=week".to_owned(),
        1 => format!("task-metrics?taskId={workflow}&period=month"),
        2 => "usage-stats?period=month&groupBy=day".to_owned(),
        3 => "cost-analysis?period=month".to_owned(),
        _ => "performance-trends?period=week".to_owned(),
    };
    Request::get(format!("/api/v1/analytics/{path}"), &person.key)
}

fn past(history: &History, days_ago: i64, days: i64) -> Value {
    json!({"from": history.days_before_end(days_ago).to_string(),
           "to": history.days_before_end(days_ago - days).to_string()})
}

fn executions(time: &Value, mut question: Value) -> Value {
    question["source"] = json!("executions");
    question["timezone"] = json!("UTC");
    question["time"] = time.clone();
    question
}

/// Figures compared, the course by status, statuses, what runs most, what fails most, why, what it costs, what starts it.
fn overview_questions(time: &Value) -> Value {
    let statuses = ["success", "failed", "timeout", "cancelled", "running"];
    let by_status: Vec<String> = statuses.iter().map(|status| format!("count_{status}")).collect();
    let questions = [
        json!({"measures": ["count", "success_rate", "count_failed", "duration_avg"], "granularity": "hour",
               "compare": "previous_period"}),
        json!({"measures": by_status, "granularity": "hour"}),
        json!({"measures": ["count"], "dimensions": ["status"]}),
        json!({"measures": ["count", "success_rate", "duration_avg"], "dimensions": ["workflow"], "limit": 10}),
        json!({"measures": ["count_failed", "count"], "dimensions": ["workflow"], "limit": 10}),
        json!({"measures": ["count_failed"], "dimensions": ["error_type"], "limit": 5}),
        json!({"measures": ["cost", "credits"], "granularity": "day"}),
        json!({"measures": ["count"], "dimensions": ["trigger_type"]}),
    ];
    let questions = questions.map(|question| executions(time, question));
    json!({ "queries": questions })
}
