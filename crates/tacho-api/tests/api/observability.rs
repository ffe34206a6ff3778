//! What is told of the server: events, figures, readiness.

use std::io;
use std::sync::{Arc, Mutex};

use axum::http::Method;
use serde_json::{Value, json};
use tacho_core::Role;
use tracing::subscriber::DefaultGuard;

use crate::app::{App, Credential, request};

/// Lines that are written as JSON.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Takes the events of this thread from now on, as long as the guard lives.
    fn take() -> (Self, DefaultGuard) {
        let lines = Self::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_writer(move || writer.clone())
            .finish();
        (lines, tracing::subscriber::set_default(subscriber))
    }

    fn of(&self, target: &str) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|event| event["target"] == target)
            .collect()
    }
}

fn question(source: &str) -> Value {
    json!({"source": source, "measures": ["count"], "time": {"last": "1h"}})
}

#[tokio::test]
async fn every_question_is_one_event_with_its_requests_id() {
    let app = App::new().await;
    let owner = app.session(Role::Owner).await;
    let (lines, _guard) = Lines::take();
    let body = json!({"queries": [question("executions"), question("nonsense")]});
    let mut batch = request(Method::POST, "/api/v1/query", &owner, Some(body));
    batch
        .headers_mut()
        .insert("x-request-id", "batch-1".parse().unwrap());
    app.call(batch).await;
    app.get("/api/v1/executions?limit=0", &owner).await;
    app.get("/api/v1/executions/e-1", &owner).await;

    let events = lines.of("tacho::query");
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let fields = &event["fields"];
            let text = |name: &str| fields[name].as_str().unwrap_or("-").to_owned();
            (text("kind"), text("source"), text("outcome"))
        })
        .collect();
    let expected = [
        ("query", "executions", "ok"),
        ("query", "unknown", "unknown_name"),
        ("list", "executions", "invalid_value"),
        ("detail", "executions", "ok"),
    ];
    let expected = expected.map(|(kind, source, outcome)| (kind.into(), source.into(), outcome.into()));
    assert_eq!(told, expected);
    assert_eq!(events[0]["span"]["request_id"], "batch-1");
    assert_eq!(events[1]["span"]["request_id"], "batch-1");
    let fields = &events[0]["fields"];
    assert_eq!(fields["organization"], app.organization.id.to_string());
    assert_eq!(
        (&fields["measures"], &fields["from_cache"]),
        (&json!(1), &json!(false))
    );
    assert_eq!(fields["served_by"], "raw");
    assert!(fields["elapsed_ms"].is_number() && fields["from"].is_string());
}

#[tokio::test]
async fn what_is_polled_is_not_told_as_information() {
    let app = App::new().await;
    let (owner, member) = (app.session(Role::Owner).await, app.session(Role::Member).await);
    let (lines, _guard) = Lines::take();
    app.get("/api/v1/system", &owner).await;
    app.get("/readyz", &Credential::None).await;
    assert!(lines.of("tacho::request").is_empty());
    app.get("/api/v1/system", &member).await;
    assert_eq!(lines.of("tacho::request").len(), 1, "a refusal is");
}

#[tokio::test]
async fn figures_tell_of_requests_questions_ingest_journal_store_and_audit() {
    let app = App::new().await;
    let owner = app.session(Role::Owner).await;
    let record = json!({"type": "execution", "id": "e-1", "workflow_id": "w-1", "status": "success",
                        "started_at": app.now().to_string(), "completed_at": app.now().to_string()});
    let records = json!([record, {"type": "execution", "id": "e-2", "status": 7}]);
    let sent = app
        .send(Method::POST, "/api/v1/records", &owner, Some(records))
        .await;
    assert_eq!(sent.status, 202, "{sent:?}");
    app.settle(1).await;
    app.send(
        Method::POST,
        "/api/v1/query",
        &owner,
        Some(question("executions")),
    )
    .await;
    app.get("/api/v1/audit", &owner).await;
    let text = app.get("/metrics", &owner).await.text;
    for line in [
        "# TYPE tacho_http_request_seconds histogram",
        "# TYPE tacho_query_seconds histogram",
        "# TYPE tacho_journal_sync_seconds histogram",
        "# TYPE tacho_store_apply_seconds histogram",
        "tacho_ingest_records_accepted_total 1",
        "tacho_ingest_records_rejected_total 1",
        "tacho_journal_position 1",
        "tacho_journal_queue_bytes 0",
        "tacho_store_lag_records 0",
        "tacho_store_open_files 1",
        "tacho_query_cache_misses_total 0",
        "tacho_audit_requests_total 1",
        "tacho_audit_queue_entries 0",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is not in\n{text}"
        );
    }
    for part in [
        "tacho_http_request_seconds_bucket{method=\"POST\",route=\"/api/v1/query\",status=\"200\",le=\"0.0005\"}",
        "tacho_query_seconds_bucket{kind=\"query\",source=\"executions\",from_cache=\"false\",le=\"0.1\"}",
        "tacho_queries_total{kind=\"query\",source=\"executions\",outcome=\"ok\"} 1",
        "tacho_store_bytes ",
        "tacho_ingest_bytes_total ",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[tokio::test]
async fn the_server_is_not_ready_when_questions_fail() {
    let app = App::new().await;
    let owner = app.session(Role::Owner).await;
    app.send(
        Method::POST,
        "/api/v1/query",
        &owner,
        Some(question("executions")),
    )
    .await;
    let parts = |answer: &crate::app::Answer| {
        let parts = answer.json()["parts"].as_array().unwrap().clone();
        let failing = parts.iter().filter(|part| part["ok"] == false);
        failing
            .map(|part| part["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let ready = app.get("/readyz", &Credential::None).await;
    assert_eq!((ready.status.as_u16(), parts(&ready)), (200, vec![]), "{ready:?}");

    app.gate.fail(true);
    app.advance(2);
    let degraded = app.get("/readyz", &Credential::None).await;
    assert_eq!(
        (degraded.status.as_u16(), parts(&degraded)),
        (503, vec!["queries".to_owned()]),
        "{degraded:?}"
    );

    app.gate.fail(false);
    app.advance(2);
    let again = app.get("/readyz", &Credential::None).await;
    assert_eq!(again.status, 200, "{again:?}");
}
