//! Bad questions get a clear problem or a bounded answer: what does not exist, what contradicts itself, what is far too much,
//! and what belongs to others.

use axum::http::Method;
use serde_json::{Value, json};
use tacho_core::Role;

use crate::app::{Answer, App, Credential};

/// As long as a message may be, and what a pattern of repetitions inside each other likes least.
const LONG: usize = 8 * 1024;

/// Runs of the last hour: one that succeeded, one that failed with a long message, one that failed with another.
async fn app_with_runs() -> App {
    let app = App::new().await;
    let run = |id: &str, status: &str, message: Option<&str>| {
        json!({"type": "execution", "id": id, "workflow_id": "invoices", "status": status, "user_id": "ada",
               "started_at": "2026-11-22T09:00:00Z", "completed_at": "2026-11-22T09:00:30Z", "error_message": message})
    };
    let long = format!("{}b", "a".repeat(LONG - 1));
    let records = json!([
        run("good", "success", None),
        run("long", "failed", Some(&long)),
        run("short", "failed", Some("HTTP 502 from billing-7")),
    ]);
    send(&app, records).await;
    app
}

async fn send(app: &App, records: Value) {
    let key = app.key("ingest", None).await;
    let answer = app
        .send(Method::POST, "/api/v1/records", &key, Some(records))
        .await
        .json();
    assert_eq!(answer["rejected"], json!([]));
    app.settle(answer["lsn"].as_u64().unwrap()).await;
}

async fn ask(app: &App, credential: &Credential, query: Value) -> Answer {
    app.send(Method::POST, "/api/v1/query", credential, Some(query))
        .await
}

/// A question after all runs, with some of it changed.
fn count_with(changes: Value) -> Value {
    let mut query = json!({"source": "executions", "measures": ["count"], "time": {"period": "week"}});
    for (name, value) in changes.as_object().unwrap() {
        query[name] = value.clone();
    }
    query
}

fn filtered(filter: Value) -> Value {
    count_with(json!({"filters": [filter]}))
}

fn matching(pattern: &str) -> Value {
    filtered(json!({"field": "error_message", "op": "matches", "value": pattern}))
}

/// Asks what must be refused: the question, the code, where, and words of what to do about it.
async fn refuse_all(cases: Vec<(Value, &str, &str, &str)>) {
    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    for (query, code, pointer, words) in cases {
        let answer = ask(&app, &viewer, query).await;
        assert_eq!(answer.refusal(), (422, code.to_owned()), "{answer:?}");
        let problem = answer.json();
        assert_eq!(problem["pointer"], pointer, "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{words} is not in: {detail}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_named_with_what_is_like_it() {
    let user = |name: &str| json!({"field": name, "op": "eq", "value": "ada"});
    refuse_all(vec![
        (
            count_with(json!({"source": "execution"})),
            "unknown_name",
            "/source",
            "did you mean \"executions\"?",
        ),
        (
            count_with(json!({"measures": ["count", "sucess_rate"]})),
            "unknown_name",
            "/measures/1",
            "did you mean \"success_rate\"?",
        ),
        (
            count_with(json!({"dimensions": ["worklfow"]})),
            "unknown_name",
            "/dimensions/0",
            "did you mean \"workflow\"?",
        ),
        (
            filtered(json!({"or": [user("user"), user("usr")]})),
            "unknown_name",
            "/filters/0/or/1/field",
            "did you mean \"user\"?",
        ),
        (
            filtered(json!({"field": "status", "op": "eq", "value": "succes"})),
            "unknown_name",
            "/filters/0/value",
            "did you mean \"success\"?",
        ),
        (
            filtered(json!({"field": "status", "op": "matches", "value": "succ"})),
            "unsupported_filter",
            "/filters/0/op",
            "takes eq, ne, in",
        ),
        (
            count_with(json!({"timezone": "Europe/Berlim"})),
            "unknown_name",
            "/timezone",
            "did you mean \"Europe/Berlin\"?",
        ),
        (
            count_with(json!({"order": [{"by": "cost"}]})),
            "unknown_name",
            "/order/0/by",
            "choose from count",
        ),
        // A name of megabytes is not repeated, and one of another organization is no word of a question.
        (
            count_with(json!({"dimensions": ["x".repeat(100_000)]})),
            "unknown_name",
            "/dimensions/0",
            "choose from workflow",
        ),
        (
            count_with(json!({"organization": "Stranger"})),
            "malformed_query",
            "/organization",
            "unknown field `organization`",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_range_that_is_none_is_told_from_its_end() {
    let (early, late) = ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z");
    refuse_all(vec![
        (
            count_with(json!({"time": {"from": late, "to": early}})),
            "invalid_time",
            "/time/to",
            "must be later than \"from\"",
        ),
        (
            count_with(json!({"time": {"from": late, "to": late}})),
            "invalid_time",
            "/time/to",
            "must be later than \"from\"",
        ),
        (
            count_with(json!({"time": {"from": "2027-01-01T00:00:00Z"}})),
            "invalid_time",
            "/time/from",
            "give \"to\" as well",
        ),
        (
            count_with(json!({"compare": {"from": late, "to": early}})),
            "invalid_time",
            "/compare/to",
            "must be later than \"from\"",
        ),
        (
            count_with(json!({"time": {"last": "999999999d"}})),
            "invalid_time",
            "/time/last",
            "",
        ),
    ])
    .await;
}

#[tokio::test]
async fn ten_years_by_minute_are_answered_by_something_longer() {
    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    for dimensions in [json!([]), json!(["workflow"])] {
        let answer = ask(
            &app,
            &viewer,
            count_with(json!({
                "time": {"from": "2017-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"},
                "granularity": "minute",
                "dimensions": dimensions,
                "compare": "previous_period"
            })),
        )
        .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        let meta = &answer["meta"];
        assert_eq!(
            (&meta["requested_granularity"], &meta["granularity"]),
            (&json!("minute"), &json!("month"))
        );
        assert_eq!(
            meta["notes"],
            json!([
                "The range is too long for a point per minute; there is one per month.",
                "Nothing was recorded yet in the range compared with."
            ])
        );
        // Ten years have 120 months; the zone's begin an hour earlier.
        assert_eq!(answer["rows"].as_array().unwrap().len(), 121);
        assert_eq!(answer["totals"].as_array().unwrap().last(), Some(&json!(3)));
    }
}

#[tokio::test]
async fn ten_thousand_groups_are_answered_up_to_the_limit() {
    const GROUPS: usize = 10_050;
    let app = App::new().await;
    let runs = (0..GROUPS).map(|number| {
        json!({"type": "execution", "id": number.to_string(), "status": "success", "user_id": format!("user-{number:05}"),
               "started_at": "2026-11-22T09:00:00Z", "completed_at": "2026-11-22T09:00:30Z"})
    });
    send(&app, runs.collect()).await;
    let viewer = app.session(Role::Viewer).await;
    let by_user = |changes: Value| {
        let mut query = count_with(changes);
        query["dimensions"] = json!(["user"]);
        query
    };
    for (changes, rows, has_more) in [
        (json!({}), 1_000, true),
        (json!({"limit": 10}), 10, true),
        (json!({"limit": 10_000}), 10_000, true),
        (json!({"limit": 10_000, "offset": 10_000}), 50, false),
        // A line of a point per day for each of them would be too much.
        (json!({"limit": 10_000, "granularity": "day"}), 10_000, true),
    ] {
        let answer = ask(&app, &viewer, by_user(changes.clone())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        let found = answer["rows"].as_array().unwrap().len();
        match changes.get("granularity") {
            None => assert_eq!(found, rows, "{changes}"),
            Some(_) => {
                assert!((9_000..=rows).contains(&found), "{found}");
                let note = answer["meta"]["notes"][0].as_str().unwrap();
                assert!(note.contains("coarser granularity to have more"), "{note}");
            }
        }
        assert_eq!(answer["meta"]["has_more"], json!(has_more), "{changes}");
        assert_eq!(answer["totals"].as_array().unwrap().last(), Some(&json!(GROUPS)));
    }
    for (changes, pointer) in [
        (json!({"limit": 10_001}), "/limit"),
        (json!({"limit": 0}), "/limit"),
        (json!({"offset": 100_001}), "/offset"),
    ] {
        let answer = ask(&app, &viewer, by_user(changes)).await;
        assert_eq!(answer.refusal(), (422, "invalid_value".to_owned()));
        assert_eq!(answer.json()["pointer"], pointer);
    }
}

#[tokio::test]
async fn a_regular_expression_is_answered_or_refused_and_never_runs_away() {
    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    for (pattern, expected) in [
        // What backtracks for longer than the universe is old, where an engine backtracks.
        ("(a+)+$", 0),
        ("^(a|a)*$", 0),
        ("^(a+)+b$", 1),
        ("(.*a){20}c", 0),
        // What it is for.
        (r"(?i)http 5\d\d\b", 1),
        (r"^HTTP (502|503) from [\w-]+$", 1),
        ("", 2),
    ] {
        let answer = ask(&app, &viewer, matching(pattern)).await;
        assert_eq!(answer.status, 200, "{pattern}: {answer:?}");
        assert_eq!(answer.json()["totals"], json!([expected]), "{pattern}");
    }
    let not_matching = json!({"not": {"field": "error_message", "op": "matches", "value": "^(a+)+b$"}});
    let answer = ask(&app, &viewer, filtered(not_matching)).await;
    assert_eq!(answer.json()["totals"], json!([2]));

    let bad = [
        ("(a+", "At character 1 of the regular expression: unclosed group."),
        (
            "foo(?=bar)",
            "At character 4 of the regular expression: look-around",
        ),
        (
            r"(a)\1",
            "At character 4 of the regular expression: backreferences",
        ),
        (
            "(((a{1,30}){1,30}){1,30})b",
            "longer than 250 characters and classes",
        ),
        (
            &"a".repeat(201),
            "A regular expression may have 200 characters; this one has 201.",
        ),
    ];
    for (pattern, words) in bad {
        let answer = ask(
            &app,
            &viewer,
            json!({"queries": [count_with(json!({})), matching(pattern)]}),
        )
        .await;
        assert_eq!(answer.status, 200);
        let answers = &answer.json()["answers"];
        assert_eq!(answers[0]["totals"], json!([3]), "the other question is answered");
        let problem = &answers[1];
        assert_eq!(
            (&problem["status"], &problem["code"], &problem["pointer"]),
            (&json!(422), &json!("invalid_value"), &json!("/filters/0/value"))
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{detail}");
    }
}

#[tokio::test]
async fn more_filters_than_anybody_needs_are_refused() {
    let user = json!({"field": "user", "op": "eq", "value": "ada"});
    let nested = |levels: usize| (0..levels).fold(user.clone(), |inner, _| json!({"not": inner}));
    let users = |count: usize| json!({"field": "user", "op": "in", "values": vec!["ada"; count]});
    refuse_all(vec![
        (
            filtered(users(10_000)),
            "query_too_large",
            "/filters/0/values",
            "at most 1000",
        ),
        (
            count_with(json!({"filters": vec![user.clone(); 10_000]})),
            "query_too_large",
            "/filters/100",
            "at most 100",
        ),
        (
            filtered(nested(8)),
            "query_too_large",
            "/filters/0/not/not/not/not/not/not/not/not",
            "at most 8",
        ),
        (
            filtered(json!({"field": "user", "op": "eq", "value": "x".repeat(100_000)})),
            "invalid_value",
            "/filters/0/value",
            "may have 8192 bytes",
        ),
        (
            count_with(json!({"measures": vec!["count"; 10_000]})),
            "query_too_large",
            "/measures",
            "at most 20",
        ),
        (
            count_with(json!({"dimensions": vec!["user"; 10_000]})),
            "query_too_large",
            "/dimensions",
            "at most 4",
        ),
    ])
    .await;

    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    let answer = ask(&app, &viewer, filtered(users(1_000))).await;
    assert_eq!(answer.json()["totals"], json!([3]));
    // Deeper than JSON is read at all.
    let answer = ask(&app, &viewer, filtered(nested(100))).await;
    assert_eq!(answer.refusal(), (422, "query_too_large".to_owned()));
    let answer = ask(&app, &viewer, filtered(nested(500))).await;
    assert_eq!(answer.refusal(), (400, "malformed_json".to_owned()));
}

#[tokio::test]
async fn a_key_of_another_organization_sees_nothing_of_this_one() {
    let app = app_with_runs().await;
    let theirs = app.session_of(&app.stranger.1).await;
    let made = app
        .send(
            Method::POST,
            "/api/v1/keys",
            &theirs,
            Some(json!({"name": "theirs", "scopes": ["read"]})),
        )
        .await
        .json();
    let key = Credential::Key(made["key"].as_str().unwrap().to_owned());
    let own = app.key("read", None).await;
    let questions = [
        count_with(json!({"dimensions": ["workflow", "user"]})),
        filtered(json!({"field": "id", "op": "in", "values": ["good", "long", "short"]})),
        filtered(json!({"field": "workflow", "op": "eq", "value": "invoices"})),
        // Whatever is put into a filter stays a value.
        filtered(json!({"field": "user", "op": "eq", "value": "ada' OR 'a' = 'a"})),
        matching("x' OR 'a' = 'a"),
        filtered(json!({"not": {"field": "user", "op": "is_null"}})),
    ];
    for (at, question) in questions.into_iter().enumerate() {
        let answer = ask(&app, &key, question.clone()).await;
        assert_eq!(answer.status, 200, "{question}: {answer:?}");
        let body = answer.json();
        assert_eq!(
            body["totals"].as_array().unwrap().last(),
            Some(&json!(0)),
            "{question}"
        );
        for word in ["invoices", "\"ada\"", "billing"] {
            assert!(!answer.text.contains(word), "{question} shows {word}: {body}");
        }
        // The same question by one's own key, or there would be nothing to see.
        let own = ask(&app, &own, question).await.json();
        let expected = if matches!(at, 3 | 4) { 0 } else { 3 };
        assert_eq!(own["totals"].as_array().unwrap().last(), Some(&json!(expected)));
    }
}
