//! What goes wrong while it runs: found, shown to whom it may be, and over.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tacho_core::Role;
use tacho_live::ACTIVE_MAX;
use tokio::time::{Instant, sleep};

use crate::app::{App, Credential, PATIENCE};
use crate::live::{app_with, connect, rules, send};

/// How long a test waits for what has to come.
const WAIT: Duration = Duration::from_secs(60);
/// How far the clock goes on between two looks of a test.
const STEP_SECONDS: i64 = 30;

fn workflow(id: &str, owner: &str) -> Value {
    json!({"type": "workflow", "id": id, "name": id.to_uppercase(), "owner_id": owner})
}

/// Thirty runs of a workflow, of a minute each, and one that has begun a minute ago.
fn history(workflow: &str) -> Vec<Value> {
    let mut runs: Vec<_> = (0..30)
        .map(|number| {
            json!({"type": "execution", "id": format!("{workflow}-{number}"), "workflow_id": workflow, "status": "success",
                   "started_at": format!("2026-11-21T{:02}:{:02}:00Z", number / 2, number % 2 * 30),
                   "duration_ms": 60_000 + number * 100})
        })
        .collect();
    runs.push(open(workflow));
    runs
}

fn open(workflow: &str) -> Value {
    json!({"type": "execution", "id": format!("{workflow}-open"), "workflow_id": workflow, "status": "running",
           "started_at": "2026-11-22T09:29:00Z"})
}

/// Lets time pass until an answer is as it should be.
async fn passing(app: &App, path: &str, credential: &Credential, is_it: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + WAIT;
    loop {
        let answer = app.get(path, credential).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        if is_it(&answer) {
            return answer;
        }
        assert!(Instant::now() < until, "not so in time: {answer}");
        app.advance(STEP_SECONDS);
        sleep(Duration::from_millis(20)).await;
    }
}

fn count(answer: &Value) -> usize {
    answer["detections"].as_array().unwrap().len()
}

/// The counts of executions by status, of all time: `[count, success, timeout]`.
async fn counts(app: &App, key: &Credential) -> Value {
    let query = json!({"source": "executions", "measures": ["count", "count_success", "count_timeout"],
                       "time": {"period": "all"}});
    let answer = app.send(Method::POST, "/api/v1/query", key, Some(query)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["totals"].clone()
}

#[tokio::test]
async fn an_execution_that_hangs_is_found_shown_and_over_when_it_ends() {
    let mut app = app_with(rules()).await;
    let mut records = vec![
        workflow("own", "member@example.com"),
        workflow("theirs", "ada@example.com"),
    ];
    records.extend(history("own"));
    records.extend(history("theirs"));
    let sent = records.len() as u64;
    send(&app, records.into()).await;
    app.settle(sent).await;
    app.start_detection().await;
    let key = app.key("read", None).await;
    let found = passing(&app, "/api/v1/detections?state=open", &key, |answer| {
        count(answer) == 2
    })
    .await;
    let own = found["detections"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["workflow_id"] == "own")
        .unwrap();
    assert_eq!(
        (
            &own["kind"],
            &own["workflow_name"],
            &own["execution_id"],
            &own["attempt"]
        ),
        (&json!("stuck"), &json!("OWN"), &json!("own-open"), &json!(1))
    );
    assert_eq!(
        (&own["since"], &own["ended_at"]),
        (&json!("2026-11-22T09:29:00Z"), &Value::Null)
    );
    assert!(own["measured"].as_f64() > own["limit"].as_f64() && own["limit"].as_f64() > Some(60_000.0));
    let workflows = app.get("/api/v1/workflows", &key).await.json();
    let wrong: Vec<_> = workflows["workflows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|workflow| workflow["detections_open"].as_u64())
        .collect();
    assert_eq!(wrong, [Some(1), Some(1)]);

    // Live, everybody sees what they may.
    let member = app.session(Role::Member).await;
    let listed = app.get("/api/v1/detections", &member).await.json();
    assert_eq!((count(&listed), &listed["detections"][0]), (1, own));
    let served = app.served().await;
    let mut of_member = connect(&served, &member).await;
    let mut of_all = connect(&served, &key).await;
    assert_eq!(
        of_member.subscribe("executions").await["detections"],
        json!([own])
    );
    assert_eq!(
        of_member.subscribe("workflow:theirs").await["detections"],
        json!([])
    );
    assert_eq!(count(&of_all.subscribe("executions").await), 2);

    // What changes nothing of them leaves them out; then one is over.
    let another = json!({"type": "execution", "id": "another", "workflow_id": "own", "status": "running",
                         "started_at": app.now().to_string()});
    send(&app, json!([another])).await;
    let next = of_member
        .hear_where(|frame| frame["executions"][0]["id"] == "another")
        .await;
    assert_eq!(next.get("detections"), None);
    let mut ended = open("own");
    (ended["status"], ended["completed_at"]) = (json!("success"), json!(app.now().to_string()));
    send(&app, json!([ended])).await;
    let over = of_member
        .hear_where(|frame| frame["topic"] == "executions" && frame["detections"] == json!([]))
        .await;
    assert_eq!(over["is_snapshot"], false);
    let kept = app.get("/api/v1/detections?workflow_id=own", &key).await.json();
    assert!(kept["detections"][0]["ended_at"].is_string(), "{kept}");
    let left = app.get("/api/v1/detections?state=open", &key).await.json();
    assert_eq!(
        (count(&left), &left["detections"][0]["workflow_id"]),
        (1, &json!("theirs"))
    );
}

#[tokio::test]
async fn an_execution_without_news_is_closed_and_its_sender_has_the_last_word() {
    let mut app = App::new().await;
    send(&app, json!([workflow("w", "ada@example.com"), open("w")])).await;
    app.settle(2).await;
    let key = app.key("read", None).await;
    assert_eq!(counts(&app, &key).await, json!([1, 0, 0]));
    app.start_detection().await;
    let path = "/api/v1/executions/w-open";
    let closed = passing(&app, path, &key, |answer| {
        app.advance(3600);
        answer["execution"]["status"] == "timeout"
    })
    .await;
    let execution = &closed["execution"];
    assert_eq!(execution["error_type"], "inferred_timeout");
    let message = execution["error_message"].as_str().unwrap();
    assert!(
        message.starts_with("Tacho closed it: Nothing was heard of it for 1 d"),
        "{message}"
    );
    // It ended when the patience was over, which is a day after it was last heard of.
    let ended: tacho_core::Timestamp = execution["completed_at"].as_str().unwrap().parse().unwrap();
    let started: tacho_core::Timestamp = "2026-11-22T09:29:00Z".parse().unwrap();
    assert_eq!(ended.micros_since(started), PATIENCE.as_micros() as i64);
    assert_eq!(counts(&app, &key).await, json!([1, 0, 1]));
    passing(&app, "/api/v1/detections?state=open", &key, |answer| {
        count(answer) == 0
    })
    .await;

    // What its sender reports later wins, and nothing is left of what was inferred.
    let mut success = open("w");
    (success["status"], success["duration_ms"]) = (json!("success"), json!(1234));
    send(&app, json!([success])).await;
    let told = passing(&app, path, &key, |answer| {
        answer["execution"]["status"] == "success"
    })
    .await;
    let execution = &told["execution"];
    assert_eq!(
        (
            &execution["duration_ms"],
            &execution["error_type"],
            &execution["completed_at"]
        ),
        (&json!(1234), &Value::Null, &Value::Null)
    );
    assert_eq!(counts(&app, &key).await, json!([1, 1, 0]));
}

/// As many are followed one by one; older ones are only counted.
#[tokio::test]
async fn one_that_is_not_followed_is_closed_too() {
    let mut app = App::new().await;
    let mut records = vec![
        json!({"type": "execution", "id": "old", "status": "running", "started_at": "2026-11-20T00:00:00Z"}),
        json!({"type": "execution", "id": "slow", "status": "running", "started_at": "2026-11-20T00:00:00Z"}),
        // It has run for as long, but is heard of.
        json!({"type": "step", "id": "slow/1", "execution_id": "slow", "step_id": "1", "status": "completed",
               "started_at": "2026-11-22T09:20:00Z", "duration_ms": 1}),
    ];
    records.extend((0..ACTIVE_MAX).map(|number| {
        json!({"type": "execution", "id": format!("new-{number}"), "status": "running",
               "started_at": "2026-11-22T09:29:00Z"})
    }));
    let sent = records.len() as u64;
    send(&app, records.into()).await;
    app.settle(sent).await;
    app.start_detection().await;
    let key = app.key("read", None).await;
    let path = "/api/v1/executions/old";
    passing(&app, path, &key, |answer| {
        answer["execution"]["status"] == "timeout"
    })
    .await;
    let slow = app.get("/api/v1/executions/slow", &key).await.json();
    assert_eq!(slow["execution"]["status"], "running");
}

#[tokio::test]
async fn what_was_open_goes_on_after_a_restart_and_is_found_once() {
    let mut app = App::new().await;
    let mut records = vec![workflow("w", "ada@example.com")];
    records.extend(history("w"));
    let sent = records.len() as u64;
    send(&app, records.into()).await;
    app.settle(sent).await;
    app.start_detection().await;
    let key = app.key("read", None).await;
    let before = passing(&app, "/api/v1/detections?state=open", &key, |answer| {
        count(answer) == 1
    })
    .await;
    app.stop_detection().await;
    app.start_detection().await;
    // Found anew, it would be there twice, or first be over.
    let path = "/api/v1/workflows";
    passing(&app, path, &key, |answer| {
        answer["workflows"][0]["detections_open"] == 1
    })
    .await;
    app.advance(1200);
    let mut ended = open("w");
    (ended["status"], ended["duration_ms"]) = (json!("failed"), json!(900_000));
    send(&app, json!([ended])).await;
    passing(&app, path, &key, |answer| {
        answer["workflows"][0]["detections_open"] == 0
    })
    .await;
    let after = app.get("/api/v1/detections", &key).await.json();
    assert_eq!(
        (count(&after), &after["detections"][0]["id"]),
        (1, &before["detections"][0]["id"])
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let app = App::new().await;
    let key = app.key("read", None).await;
    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=501", "/limit"),
        ("cursor=x", "/cursor"),
    ] {
        let answer = app.get(&format!("/api/v1/detections?{query}"), &key).await;
        assert_eq!(answer.refusal().0, 422, "{query}");
        assert_eq!(answer.json()["pointer"], pointer);
    }
    for query in ["kind=odd", "state=over", "from=then"] {
        let answer = app.get(&format!("/api/v1/detections?{query}"), &key).await;
        assert_eq!(answer.refusal().0, 400, "{query}");
    }
}
