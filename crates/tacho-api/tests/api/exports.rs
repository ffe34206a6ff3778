//! Exports from asking for them to fetching their files, midway, and after the process was gone.

use std::time::Duration;

use axum::http::{Method, header};
use serde_json::{Value, json};
use tacho_core::Role;
use tacho_metastore::UserChange;

use crate::app::{Answer, App, Credential, EXPORTS_BYTES_MAX};

const RUNS: usize = 40;

fn run(number: usize) -> Value {
    let workflow = ["invoices", "payroll"][number % 2];
    json!({"type": "execution", "id": format!("run-{number:02}"), "workflow_id": workflow,
           "status": if number.is_multiple_of(4) { "failed" } else { "success" },
           "started_at": format!("2026-11-22T08:{number:02}:00Z"),
           "completed_at": format!("2026-11-22T08:{number:02}:30Z"), "cost_usd": 0.25,
           "tags": {"team": "=cmd|' /C calc'!A0"},
           "error_message": if number == 4 { json!("=HYPERLINK(\"http://evil.example\")") } else { Value::Null }})
}

async fn send(app: &App, records: Vec<Value>) {
    let key = app.key("ingest", None).await;
    let answer = app
        .send(Method::POST, "/api/v1/records", &key, Some(Value::Array(records)))
        .await
        .json();
    assert_eq!(answer["rejected"], json!([]));
    app.settle(answer["lsn"].as_u64().unwrap()).await;
}

/// 40 runs of two workflows, one of which the member owns.
async fn app_with_runs() -> App {
    let app = App::new().await;
    let mut records = vec![
        json!({"type": "workflow", "id": "invoices", "name": "+Invoices", "owner_id": "member@example.com"}),
        json!({"type": "workflow", "id": "payroll", "name": "Payroll", "owner_id": "admin@example.com"}),
    ];
    records.extend((0..RUNS).map(run));
    send(&app, records).await;
    app
}

async fn post(app: &App, credential: &Credential, body: Value) -> Answer {
    app.send(Method::POST, "/api/v1/exports", credential, Some(body))
        .await
}

/// Asks for an export, and returns its id.
async fn ask(app: &App, credential: &Credential, body: Value) -> String {
    let answer = post(app, credential, body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn ids() -> Value {
    json!({"format": "csv", "of": {"executions": {"columns": ["id"]}}})
}

fn path(id: &str) -> String {
    format!("/api/v1/exports/{id}")
}

async fn get(app: &App, credential: &Credential, id: &str) -> Value {
    let answer = app.get(&path(id), credential).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Looks until that is so.
async fn wait(app: &App, credential: &Credential, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let looking = async {
        loop {
            let export = get(app, credential, id).await;
            if is_so(&export) {
                return export;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(20), looking).await;
    match found {
        Ok(found) => found,
        Err(_) => panic!("it stays {}", get(app, credential, id).await),
    }
}

async fn wait_state(app: &App, credential: &Credential, id: &str, state: &str) -> Value {
    wait(app, credential, id, |export| export["state"] == state).await
}

async fn download(app: &App, credential: &Credential, id: &str) -> Answer {
    app.get(&format!("{}/download", path(id)), credential).await
}

/// The file of an export once it is done.
async fn fetched(app: &App, credential: &Credential, id: &str) -> String {
    wait_state(app, credential, id, "done").await;
    let answer = download(app, credential, id).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text
}

async fn delete(app: &App, credential: &Credential, id: &str) -> Answer {
    app.send(Method::DELETE, &path(id), credential, None).await
}

/// The id of an export of all executions that is done.
pub(crate) async fn written(app: &App, credential: &Credential) -> String {
    let id = ask(app, credential, ids()).await;
    wait_state(app, credential, &id, "done").await;
    id
}

/// The file of `ids()` with those runs.
fn file_of(numbers: impl Iterator<Item = usize>) -> String {
    let lines = numbers.map(|number| format!("run-{number:02}\r\n"));
    format!("id\r\n{}", lines.collect::<String>())
}

#[tokio::test]
async fn an_export_is_asked_for_written_fetched_and_forgotten() {
    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    let body = json!({"format": "csv", "of": {"executions": {
        "from": "2026-11-22T08:04:00Z", "to": "2026-11-22T08:06:00Z",
        "columns": ["status", "id", "workflow_name", "started_at", "duration_ms", "cost_usd", "error_message", "tags"]}}});
    let id = ask(&app, &viewer, body).await;
    let done = wait_state(&app, &viewer, &id, "done").await;
    assert_eq!(
        (&done["rows_expected"], &done["rows_written"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        (&done["as_of_lsn"], &done["position"]),
        (&json!(42), &Value::Null)
    );
    assert_eq!(done["expires_at"], "2026-11-24T09:30:00Z");

    let answer = download(&app, &viewer, &id).await;
    // What a spreadsheet would take for a formula has an apostrophe before it; a JSON text begins with a brace.
    let tags = "\"{\"\"team\"\":\"\"=cmd|' /C calc'!A0\"\"}\"";
    let expected = format!(
        "status,id,workflow_name,started_at,duration_ms,cost_usd,error_message,tags\r\n\
         failed,run-04,'+Invoices,2026-11-22T08:04:00Z,30000,0.25,\"'=HYPERLINK(\"\"http://evil.example\"\")\",{tags}\r\n\
         success,run-05,Payroll,2026-11-22T08:05:00Z,30000,0.25,,{tags}\r\n"
    );
    assert_eq!(answer.text, expected);
    assert_eq!(done["bytes"], expected.len());
    assert_eq!(answer.headers[header::CONTENT_LENGTH], expected.len().to_string());
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(
        answer.headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"executions-2026-11-22T09-30-00.csv\""
    );
    // A part, though the client takes packed answers.
    let mut request = crate::app::request(Method::GET, &format!("{}/download", path(&id)), &viewer, None);
    let headers = request.headers_mut();
    headers.insert(header::RANGE, "bytes=7-8".parse().unwrap());
    headers.insert(header::ACCEPT_ENCODING, "gzip".parse().unwrap());
    let answer = app.call(request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text.as_str()),
        (206, &expected[7..9])
    );
    assert_eq!(
        answer.headers[header::CONTENT_RANGE],
        format!("bytes 7-8/{}", expected.len())
    );
    let mut request = crate::app::request(Method::GET, &format!("{}/download", path(&id)), &viewer, None);
    request
        .headers_mut()
        .insert(header::RANGE, "bytes=9999-".parse().unwrap());
    assert_eq!(
        app.call(request).await.refusal(),
        (416, "no_such_part".to_owned())
    );

    assert_eq!(delete(&app, &viewer, &id).await.status, 204);
    assert_eq!(app.get(&path(&id), &viewer).await.refusal().0, 404);
    assert_eq!(std::fs::read_dir(app.exports_folder()).unwrap().count(), 0);
}

#[tokio::test]
async fn every_format_has_every_column_and_is_packed_if_asked() {
    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    let filters = json!({"executions": {"search": "run-04"}});
    let json = ask(&app, &viewer, json!({"format": "json", "of": filters})).await;
    let array: Value = serde_json::from_str(&fetched(&app, &viewer, &json).await).unwrap();
    let listed = app.get("/api/v1/executions?search=run-04", &viewer).await.json();
    let mut listed = listed["executions"][0].clone();
    listed["metadata"] = array[0]["metadata"].clone();
    assert_eq!(array, json!([listed]));

    let ndjson = ask(&app, &viewer, json!({"format": "ndjson", "of": filters})).await;
    let line: Value = serde_json::from_str(&fetched(&app, &viewer, &ndjson).await).unwrap();
    assert_eq!(line, array[0]);

    let packed = ask(
        &app,
        &viewer,
        json!({"format": "ndjson", "compression": "gzip", "of": filters}),
    )
    .await;
    wait_state(&app, &viewer, &packed, "done").await;
    let file = std::fs::File::open(app.exports_folder().join(format!("{packed}.ndjson.gz"))).unwrap();
    let line: Value = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    assert_eq!(line, array[0]);
    let answer = download(&app, &viewer, &packed).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/gzip");
}

#[tokio::test]
async fn a_question_is_exported_with_what_it_is_compared_with() {
    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    let query = json!({"source": "executions", "measures": ["count"], "dimensions": ["workflow"],
        "time": {"from": "2026-11-22T08:20:00Z", "to": "2026-11-22T08:25:00Z"}, "compare": "previous_period",
        "order": [{"by": "workflow"}]});
    let id = ask(&app, &viewer, json!({"format": "csv", "of": {"query": query}})).await;
    let expected = "workflow,workflow_name,count,count_change,count_change_relative\r\n\
                    invoices,'+Invoices,3,1,0.5\r\npayroll,Payroll,2,-1,-0.3333333333333333\r\n";
    assert_eq!(fetched(&app, &viewer, &id).await, expected);

    let mut request = crate::app::request(Method::POST, "/api/v1/query", &viewer, Some(query));
    request
        .headers_mut()
        .insert(header::ACCEPT, "text/csv, */*;q=0.1".parse().unwrap());
    let answer = app.call(request).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(answer.text, expected);
}

#[tokio::test]
async fn what_cannot_be_exported_is_refused_at_once_with_its_place() {
    let app = App::new().await;
    let viewer = app.session(Role::Viewer).await;
    let executions = |filters: Value| json!({"format": "csv", "of": {"executions": filters}});
    let question = json!({"source": "executions", "measures": ["cuont"], "time": {"period": "week"}});
    let cases = [
        (
            json!({"format": "xls", "of": {"executions": {}}}),
            "invalid_value",
            "/format",
        ),
        (
            json!({"format": "csv", "of": {"executions": {}}, "x": 1}),
            "invalid_value",
            "/x",
        ),
        (
            executions(json!({"columns": ["id", "colour"]})),
            "unknown_name",
            "/of/executions/columns/1",
        ),
        (
            executions(json!({"columns": []})),
            "invalid_value",
            "/of/executions/columns",
        ),
        (
            executions(json!({"status": "gone"})),
            "unknown_name",
            "/of/executions/status",
        ),
        (
            executions(
                json!({"filters": [{"field": "user", "op": "is_null"}, {"field": "height", "op": "is_null"}]}),
            ),
            "unknown_name",
            "/of/executions/filters/1/field",
        ),
        (
            executions(json!({"limit": 3})),
            "invalid_value",
            "/of/executions/limit",
        ),
        (
            executions(json!({"from": "2026-11-22T00:00:00Z", "to": "2026-11-21T00:00:00Z"})),
            "invalid_time",
            "/of/executions/to",
        ),
        (
            json!({"format": "csv", "of": {"query": question}}),
            "unknown_name",
            "/of/query/measures/0",
        ),
    ];
    for (body, code, pointer) in cases {
        let answer = post(&app, &viewer, body).await;
        assert_eq!(answer.refusal(), (422, code.to_owned()), "{answer:?}");
        assert_eq!(answer.json()["pointer"], pointer, "{answer:?}");
    }
    assert_eq!(
        app.get("/api/v1/exports", &viewer).await.json(),
        json!({"exports": []})
    );
}

#[tokio::test]
async fn one_runs_for_each_asker_and_the_next_starts_when_it_is_cancelled_midway() {
    let app = app_with_runs().await;
    let (viewer, manager) = (app.session(Role::Viewer).await, app.session(Role::Manager).await);
    app.gate.let_pass(10);
    let first = ask(&app, &viewer, ids()).await;
    let midway = |export: &Value| export["rows_written"] == 10;
    let held = wait(&app, &viewer, &first, midway).await;
    assert_eq!(
        (&held["state"], &held["rows_expected"]),
        (&json!("running"), &json!(RUNS))
    );
    let second = ask(&app, &viewer, ids()).await;
    let third = ask(&app, &viewer, ids()).await;
    let others = ask(&app, &manager, ids()).await;
    wait_state(&app, &manager, &others, "running").await;
    for (id, position) in [(&second, 1), (&third, 2)] {
        let waiting = get(&app, &viewer, id).await;
        assert_eq!(
            (&waiting["state"], &waiting["position"]),
            (&json!("queued"), &json!(position))
        );
    }
    let not_yet = download(&app, &viewer, &first).await;
    assert_eq!(not_yet.refusal(), (409, "export_not_done".to_owned()));

    // What comes in meanwhile is taken, counted, and not in files that were begun before.
    send(&app, vec![run(RUNS)]).await;
    let count = json!({"source": "executions", "measures": ["count"], "time": {"period": "week"}});
    let answer = app
        .send(Method::POST, "/api/v1/query", &viewer, Some(count))
        .await
        .json();
    assert_eq!(answer["totals"], json!([RUNS + 1]));

    assert_eq!(delete(&app, &viewer, &first).await.status, 204);
    assert_eq!(get(&app, &viewer, &first).await["state"], "cancelled");
    wait_state(&app, &viewer, &second, "running").await;
    assert_eq!(delete(&app, &viewer, &third).await.status, 204);
    app.gate.let_pass(u64::MAX);
    assert_eq!(fetched(&app, &viewer, &second).await, file_of(0..=RUNS));
    assert_eq!(fetched(&app, &manager, &others).await, file_of(0..RUNS));
    assert_eq!(get(&app, &viewer, &third).await["state"], "cancelled");
    assert_eq!(download(&app, &viewer, &first).await.refusal().0, 409);
    assert_eq!(std::fs::read_dir(app.exports_folder()).unwrap().count(), 2);
    // Cancelled ones can be forgotten.
    assert_eq!(delete(&app, &viewer, &first).await.status, 204);
    let list = app.get("/api/v1/exports", &viewer).await.json();
    let listed: Vec<&str> = list["exports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|export| export["id"].as_str().unwrap())
        .collect();
    assert_eq!(listed, [third.as_str(), second.as_str()]);
}

#[tokio::test]
async fn askers_export_what_they_may_see_when_it_is_written() {
    let app = app_with_runs().await;
    let member = app.session(Role::Member).await;
    let owned = ask(&app, &member, ids()).await;
    assert_eq!(
        fetched(&app, &member, &owned).await,
        file_of((0..RUNS).step_by(2))
    );
    let key = app.key("read", Some(Role::Member)).await;
    // A key that acts as somebody has that person's exports.
    assert_eq!(fetched(&app, &key, &owned).await, file_of((0..RUNS).step_by(2)));

    app.gate.let_pass(1);
    let running = ask(&app, &member, ids()).await;
    wait(&app, &member, &running, |export| export["rows_written"] == 1).await;
    let waiting = ask(&app, &member, ids()).await;
    let change = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    let id = app.users[&Role::Member].id;
    app.metastore
        .change_user(app.organization.id, id, change)
        .await
        .unwrap();
    app.gate.let_pass(u64::MAX);
    let admin = app.session(Role::Admin).await;
    let failed = wait_state(&app, &admin, &waiting, "failed").await;
    assert_eq!(failed["error"]["code"], "not_allowed");

    let nobody = app.key("read", None).await;
    let of_key = ask(&app, &nobody, ids()).await;
    assert_eq!(fetched(&app, &nobody, &of_key).await, file_of(0..RUNS));
    let other_key = app.key("read", None).await;
    assert_eq!(app.get(&path(&of_key), &other_key).await.refusal().0, 404);
}

#[tokio::test]
async fn exports_of_others_are_not_there() {
    let app = app_with_runs().await;
    let (viewer, admin) = (app.session(Role::Viewer).await, app.session(Role::Admin).await);
    let (manager, stranger) = (
        app.session(Role::Manager).await,
        app.session_of(&app.stranger.1).await,
    );
    let id = ask(&app, &viewer, ids()).await;
    wait_state(&app, &viewer, &id, "done").await;
    for other in [&manager, &stranger] {
        assert_eq!(
            app.get("/api/v1/exports", other).await.json(),
            json!({"exports": []})
        );
        assert_eq!(app.get(&path(&id), other).await.refusal().0, 404);
        assert_eq!(download(&app, other, &id).await.refusal().0, 404);
        assert_eq!(delete(&app, other, &id).await.refusal().0, 404);
    }
    // Who manages people sees it and may remove it, but not read it.
    let list = app.get("/api/v1/exports", &admin).await.json();
    assert_eq!(
        list["exports"][0]["user_id"],
        app.users[&Role::Viewer].id.to_string()
    );
    assert_eq!(download(&app, &admin, &id).await.refusal().0, 404);
    assert_eq!(delete(&app, &admin, &id).await.status, 204);
    assert_eq!(app.get(&path(&id), &viewer).await.refusal().0, 404);
}

#[tokio::test]
async fn files_are_kept_for_a_time() {
    let app = app_with_runs().await;
    let key = app.key("read", Some(Role::Viewer)).await;
    let id = ask(&app, &key, ids()).await;
    wait_state(&app, &key, &id, "done").await;
    app.advance(48 * 3600 - 1);
    assert_eq!(download(&app, &key, &id).await.status, 200);
    app.advance(1);
    assert_eq!(get(&app, &key, &id).await["state"], "expired");
    assert_eq!(
        download(&app, &key, &id).await.refusal(),
        (410, "export_expired".to_owned())
    );
    // Files are looked after before the next is written.
    let next = ask(&app, &key, ids()).await;
    wait_state(&app, &key, &next, "done").await;
    assert!(!app.exports_folder().join(format!("{id}.csv")).exists());
    assert!(app.exports_folder().join(format!("{next}.csv")).exists());
}

#[tokio::test]
async fn what_waits_and_runs_goes_on_with_the_next_process() {
    let mut app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    let kept = ask(&app, &viewer, ids()).await;
    wait_state(&app, &viewer, &kept, "done").await;
    app.gate.let_pass(7);
    let running = ask(&app, &viewer, ids()).await;
    wait(&app, &viewer, &running, |export| export["rows_written"] == 7).await;
    let waiting = ask(&app, &viewer, ids()).await;
    let orphan = app
        .exports_folder()
        .join("019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071.part");
    std::fs::write(&orphan, "half a line").unwrap();
    let other = app.exports_folder().join("notes.txt");
    std::fs::write(&other, "no export").unwrap();

    app.restart_exports(EXPORTS_BYTES_MAX).await;
    wait_state(&app, &viewer, &running, "running").await;
    assert_eq!(get(&app, &viewer, &waiting).await["state"], "queued");
    app.gate.let_pass(u64::MAX);
    for id in [&kept, &running, &waiting] {
        assert_eq!(fetched(&app, &viewer, id).await, file_of(0..RUNS));
    }
    assert!(!orphan.exists() && !other.exists());
}

#[tokio::test]
async fn bounds_are_kept() {
    let mut app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    app.restart_exports(1_000).await;
    let small = ask(&app, &viewer, ids()).await;
    wait_state(&app, &viewer, &small, "done").await;
    let large = ask(&app, &viewer, json!({"format": "csv", "of": {"executions": {}}})).await;
    let failed = wait_state(&app, &viewer, &large, "failed").await;
    assert_eq!(failed["error"]["code"], "too_large");
    assert_eq!(std::fs::read_dir(app.exports_folder()).unwrap().count(), 1);

    app.gate.let_pass(0);
    for _ in 0..20 {
        ask(&app, &viewer, ids()).await;
    }
    let refused = post(&app, &viewer, ids()).await;
    assert_eq!(refused.refusal(), (429, "too_many".to_owned()));
    // Others are not concerned.
    let manager = app.session(Role::Manager).await;
    ask(&app, &manager, ids()).await;
    app.gate.let_pass(u64::MAX);
}
