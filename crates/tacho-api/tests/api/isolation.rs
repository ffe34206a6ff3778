//! Nothing of one organization is answered to another, and nothing of one member to another: not in a body, not in a
//! header, not in an error, not out of the cache, not in an export, and not in what it takes to refuse. Two organizations
//! have the same ids for different things. What somebody is answered must be what a service that holds nothing but what
//! they may see answers, so that a leak shows even if it is but a number. A new route that answers data is declared in
//! [`questions`] or fails the test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::http::{Method, header};
use serde_json::{Value, json};
use tacho_core::fault::Fault;
use tacho_core::{OrganizationId, Role};
use tacho_metastore::{NewApiKey, NewDetection, NewUser, UserChange};
use tracing::subscriber::DefaultGuard;

use crate::access::{Need, ROUTES};
use crate::app::{Answer, App, Credential, PASSWORD, request};

/// What one person owns: a workflow with its runs, and a run without a workflow.
#[derive(Clone, Copy)]
struct Holding {
    /// Is in all its texts that are no ids, and in no others.
    mark: &'static str,
    owner: &'static str,
    workflow: &'static str,
    runs: usize,
    seconds: usize,
}

const fn holding(
    mark: &'static str,
    owner: &'static str,
    workflow: &'static str,
    runs: usize,
    seconds: usize,
) -> Holding {
    Holding {
        mark,
        owner,
        workflow,
        runs,
        seconds,
    }
}

/// Of each organization, what its two members own.
const HOLDINGS: [[Holding; 2]; 2] = [
    [
        holding("zqa1", "u-1", "7", 5, 61),
        holding("zqa2", "u-2", "payroll", 6, 67),
    ],
    [
        holding("zqb1", "u-1", "7", 7, 71),
        holding("zqb2", "u-2", "payroll", 9, 73),
    ],
];

/// What is named after an organization itself, apart from what its members own.
const NAMES: [&[&str]; 2] = [
    &["zqa0", "Acme", "@example.com"],
    &["zqb0", "Stranger", "example.org"],
];

const ERROR_TYPE: &str = "http_500";

impl Holding {
    /// What is wrong with the workflow, and with the run without one.
    fn detections(&self) -> Vec<NewDetection> {
        let found = |workflow: Option<&str>, run: String| NewDetection {
            kind: "stuck".to_owned(),
            workflow_id: workflow.map(str::to_owned),
            workflow_name: workflow.map(|_| self.mark.to_owned()),
            user_id: Some(self.owner.to_owned()),
            execution: Some((run, 1)),
            since: "2026-11-21T05:00:00Z".parse().unwrap(),
            detected_at: "2026-11-21T06:00:00Z".parse().unwrap(),
            measured: self.seconds as f64,
            limit: 60.0,
            reason: format!("{} has run for {} s.", self.mark, self.seconds),
        };
        vec![
            found(Some(self.workflow), format!("{}-1", self.workflow)),
            found(None, format!("own-{}", self.owner)),
        ]
    }

    fn message(&self) -> String {
        // What differs is no part of the fault: it is the same in both organizations.
        format!("HTTP 500 from \"{}\" after {} s", self.mark, self.seconds)
    }

    fn records(&self) -> Vec<Value> {
        let (mark, owner, workflow, seconds) = (self.mark, self.owner, self.workflow, self.seconds);
        let mut records = vec![
            json!({"type": "workflow", "id": workflow, "name": mark, "owner_id": owner, "group": mark,
                   "version": mark, "tags": {"mark": mark}, "metadata": {"mark": mark}}),
            json!({"type": "execution", "id": format!("own-{owner}"), "user_id": owner, "status": "success",
                   "started_at": "2026-11-21T05:00:00Z", "duration_ms": seconds * 7, "tags": {"mark": mark}}),
            json!({"type": "activity", "id": format!("act-{owner}"), "user_id": owner, "action": mark, "feature": mark,
                   "timestamp": "2026-11-21T06:00:00Z", "duration_ms": seconds}),
            json!({"type": "conversation", "id": format!("talk-{workflow}"), "workflow_id": workflow, "channel": mark,
                   "customer_id": mark, "status": "resolved", "started_at": "2026-11-21T06:00:00Z",
                   "ended_at": "2026-11-21T06:30:00Z", "satisfaction": 4}),
            json!({"type": "message", "id": format!("word-{workflow}"), "conversation_id": format!("talk-{workflow}"),
                   "workflow_id": workflow, "direction": "outbound", "timestamp": "2026-11-21T06:00:00Z",
                   "response_time_ms": seconds, "tokens_in": seconds}),
        ];
        for number in 0..self.runs {
            let run = format!("{workflow}-{number}");
            let at = format!("2026-11-2{}T06:0{number}:00Z", number % 2);
            let is_failed = number % 3 == 1;
            records.push(json!({"type": "execution", "id": run, "workflow_id": workflow, "user_id": "customer",
                "status": if is_failed { "failed" } else { "success" }, "started_at": at,
                "completed_at": at, "duration_ms": seconds * 1000 + number, "workflow_version": mark, "variant": mark,
                "trace_id": mark, "conversation_id": mark, "cost_usd": seconds, "tags": {"mark": mark, mark: "key"},
                "metadata": {"mark": mark}, "error_type": is_failed.then_some(ERROR_TYPE),
                "error_message": is_failed.then(|| self.message())}));
            records.push(
                json!({"type": "step", "id": format!("{run}-step"), "execution_id": run, "step_id": "s",
                "step_name": mark, "step_type": mark, "target": mark, "status": "completed", "started_at": at,
                "duration_ms": seconds * 10}),
            );
            records.push(
                json!({"type": "cost", "id": format!("{run}-cost"), "execution_id": run, "timestamp": at,
                "workflow_id": workflow, "action_type": mark, "amount_usd": seconds, "unit": mark}),
            );
            records.push(
                json!({"type": "resource", "id": format!("{run}-resource"), "execution_id": run,
                "timestamp": at, "host": mark, "memory_mb": seconds}),
            );
            records.push(json!({"type": "recovery", "id": format!("{run}-recovery"), "execution_id": run,
                "step_id": "s", "strategy": mark, "status": "success", "timestamp": at, "duration_ms": seconds}));
        }
        records
    }
}

/// Somebody in one of the two organizations.
struct Asker {
    name: String,
    credential: Credential,
    organization: usize,
    /// Whose things they see; everybody's if none is told.
    member: Option<usize>,
    /// Whether they see settings, audit log, people.
    is_admin: bool,
}

impl Asker {
    /// Words that no answer to them may have.
    fn forbidden(&self) -> Vec<&'static str> {
        let other = 1 - self.organization;
        let mut words: Vec<_> = NAMES[other].to_vec();
        words.extend(HOLDINGS[other].map(|holding| holding.mark));
        if let Some(own) = self.member {
            words.push(HOLDINGS[self.organization][1 - own].mark);
        }
        words
    }

    /// A header must not have them either.
    fn check(&self, asked: &Question, answer: &Answer) {
        let mut shown = answer.text.clone();
        for (name, value) in &answer.headers {
            shown.push_str(&format!("\n{name}: {value:?}"));
        }
        for word in self.forbidden() {
            let at = shown.find(word);
            assert!(
                at.is_none(),
                "{} is shown {word} by {asked:?}: {shown}",
                self.name
            );
        }
        assert!(!answer.status.is_server_error(), "{asked:?}: {answer:?}");
    }

    async fn ask(&self, app: &App, asked: &Question) -> Answer {
        let mut request = request(asked.method(), &asked.path, &self.credential, asked.body.clone());
        // Goes into the audit log.
        let id = format!("{}-request", NAMES[self.organization][0]);
        let headers = request.headers_mut();
        headers.insert("x-request-id", id.parse().unwrap());
        if asked.is_csv {
            headers.insert(header::ACCEPT, "text/csv".parse().unwrap());
        }
        let answer = app.call(request).await;
        self.check(asked, &answer);
        answer
    }
}

/// A question for data.
#[derive(Debug)]
struct Question {
    /// As the route is declared.
    route: &'static str,
    path: String,
    body: Option<Value>,
    is_csv: bool,
}

impl Question {
    fn method(&self) -> Method {
        if self.body.is_some() {
            Method::POST
        } else {
            Method::GET
        }
    }
}

/// Every route that answers data, with and without something found.
fn questions() -> Vec<Question> {
    let get = |route: &'static str, path: &str| Question {
        route,
        path: path.to_owned(),
        body: None,
        is_csv: false,
    };
    let post = |route: &'static str, body: Value, is_csv| Question {
        route,
        path: route.to_owned(),
        body: Some(body),
        is_csv,
    };
    let fault = Fault::of(Some(ERROR_TYPE), Some(&HOLDINGS[0][0].message())).unwrap();
    let by = |source: &str, measure: &str, dimensions: Value| {
        json!({"source": source, "measures": ["count", measure], "dimensions": dimensions,
               "time": {"period": "week"}, "order": [{"by": "count"}]})
    };
    let by_mark = by("executions", "duration_p95", json!(["workflow", "tags.mark"]));
    let mut all = vec![
        post("/api/v1/query", by_mark.clone(), false),
        post("/api/v1/query", by_mark, true),
        post(
            "/api/v1/query",
            json!({"queries": [
            by("executions", "cost", json!(["error_type", "status"])), by("steps", "duration_avg", json!(["step_name"])),
            by("costs", "amount", json!(["action_type"])), by("recoveries", "duration_avg", json!(["strategy"])),
            {"source": "executions", "measures": ["count.share", "duration_total"], "time": {"period": "all"},
             "granularity": "month", "compare": "previous_period", "explain": false}]}),
            false,
        ),
        post(
            "/api/v1/metrics/query",
            json!({"metric_name": "task.execution.duration", "group_by": ["workflow"],
            "time_range": {"start": "2026-11-20T00:00:00Z", "end": "2026-11-22T00:00:00Z"}}),
            false,
        ),
        post(
            "/api/v1/metrics/query",
            json!({"metric_name": "task.execution.cost", "aggregation": "sum",
            "filters": {"status": ["failed"]}, "group_by": ["mark"], "time_range": {"start": "2026-11-20T00:00:00Z"}}),
            false,
        ),
    ];
    let workflows = "/api/v1/analytics/workflows";
    let week = "period=week";
    for (route, paths) in [
        (
            "/api/v1/executions",
            vec![
                "?".to_owned(),
                "?search=zq&order=longest&filters=[{%22field%22:%22tags.mark%22,%22op%22:%22is_not_null%22}]"
                    .to_owned(),
                "?workflow_id=payroll&limit=2".to_owned(),
                format!("?error_fingerprint={}", fault.fingerprint),
            ],
        ),
        ("/api/v1/workflows", vec!["?".to_owned(), "?search=zq".to_owned()]),
        (
            "/api/v1/detections",
            vec![
                "?".to_owned(),
                "?state=open&kind=stuck".to_owned(),
                "?workflow_id=payroll".to_owned(),
            ],
        ),
        (
            "/api/v1/failures",
            vec!["?period=week".to_owned(), "?search=zq".to_owned()],
        ),
    ] {
        all.extend(paths.iter().map(|rest| get(route, &format!("{route}{rest}"))));
    }
    for id in ["7", "payroll", "zq"] {
        let (run, task) = (format!("{id}-1"), format!("taskId={id}"));
        all.push(get(
            "/api/v1/executions/{id}",
            &format!("/api/v1/executions/{run}"),
        ));
        all.push(get("/api/v1/workflows/{id}", &format!("/api/v1/workflows/{id}")));
        for (route, last) in [
            ("/api/v1/analytics/workflows/{id}/performance", "performance"),
            ("/api/v1/analytics/workflows/{id}/steps", "steps"),
        ] {
            all.push(get(route, &format!("{workflows}/{id}/{last}?{week}")));
        }
        for route in [
            "/api/v1/analytics/execution-stats",
            "/api/v1/analytics/task-metrics",
            "/api/v1/analytics/cost-analysis",
            "/api/v1/analytics/performance-trends",
        ] {
            all.push(get(route, &format!("{route}?{task}&{week}")));
        }
    }
    for route in [
        "/api/v1/analytics/execution-stats",
        "/api/v1/analytics/usage-stats",
        "/api/v1/analytics/cost-analysis",
        "/api/v1/analytics/performance-trends",
        "/api/v1/analytics/executions/summary",
        "/api/v1/analytics/executions/errors",
        "/api/v1/analytics/executions",
    ] {
        all.push(get(route, &format!("{route}?{week}")));
    }
    let input = "%7B%220%22%3A%7B%22taskId%22%3A7%7D%2C%221%22%3A%7B%22taskId%22%3A%22payroll%22%7D%7D";
    let procedures =
        "analytics.getTaskMetrics,analytics.getTaskMetrics,analytics.getUsageStats,analytics.getCostAnalysis";
    all.extend([
        get(
            "/api/v1/analytics/executions",
            "/api/v1/analytics/executions?period=week&groupBy=version",
        ),
        get(
            "/api/v1/analytics/workflows/rankings",
            &format!("{workflows}/rankings?{week}&minExecutions=1"),
        ),
        get(
            "/api/v1/analytics/workflows/comparison",
            &format!("{workflows}/comparison?ids=7,payroll&{week}"),
        ),
        get(
            "/api/v1/failures/{fingerprint}",
            &format!("/api/v1/failures/{}", fault.fingerprint),
        ),
        get(
            "/trpc/{procedures}",
            &format!("/trpc/{procedures}?batch=1&input={input}"),
        ),
        get("/api/v1/cost-rates", "/api/v1/cost-rates"),
        get(
            "/api/v1/workflows/{id}/schedule",
            "/api/v1/workflows/payroll/schedule?period=week",
        ),
    ]);
    all
}

/// Routes about data that have no answer to compare: figures of the process, and exports, which have tests of their own.
const NOT_COMPARED: [&str; 9] = [
    "/api/v1/model",
    "/api/v1/analytics/cache-stats",
    "/api/v1/analytics/websocket-stats",
    // Never ends; `live.rs` tests what it shows.
    "/api/v1/live",
    "/api/v1/exports",
    "/api/v1/exports/{id}",
    "/api/v1/exports/{id}/download",
    "/metrics",
    "/api/v1/session",
];

#[test]
fn every_route_that_answers_data_is_asked() {
    let asked: Vec<_> = questions().iter().map(|asked| asked.route).collect();
    for (method, path, need) in ROUTES {
        let answers_data = matches!(need, Need::Read | Need::ReadSettings) && *method != "DELETE";
        assert!(
            !answers_data || asked.contains(path) || NOT_COMPARED.contains(path),
            "{method} {path}: add a question for it"
        );
    }
}

/// Two organizations with all their things in one service.
struct World {
    app: App,
    askers: Vec<Asker>,
}

impl World {
    async fn of(app: App) -> Self {
        let (acme, stranger) = (app.organization.id, app.stranger.0.id);
        let member = app.users[&Role::Member].id;
        let change = UserChange {
            external_id: Some(Some("u-1".to_owned())),
            ..UserChange::default()
        };
        app.metastore.change_user(acme, member, change).await.unwrap();
        let mut askers = Vec::new();
        for organization in [0, 1] {
            let id = [acme, stranger][organization];
            let mut users = BTreeMap::new();
            for (name, role, member) in [
                ("owner", Role::Owner, None),
                ("admin", Role::Admin, None),
                ("manager", Role::Manager, None),
                ("member", Role::Member, Some(0)),
                ("viewer", Role::Viewer, None),
                ("other member", Role::Member, Some(1)),
            ] {
                let user = match (organization, name) {
                    (0, "owner" | "admin" | "manager" | "member" | "viewer") => app.users[&role].clone(),
                    (1, "owner") => app.stranger.1.clone(),
                    _ => {
                        let domain = ["example.com", "example.org"][organization];
                        let email = format!("{}-u@{domain}", name.replace(' ', "-"));
                        let new = NewUser {
                            email,
                            name: Some(NAMES[organization][0].to_owned()),
                            role,
                            password: PASSWORD.into(),
                            timezone: None,
                            external_id: member.map(|at| HOLDINGS[organization][at].owner.to_owned()),
                        };
                        app.metastore.create_user(id, new, app.now()).await.unwrap()
                    }
                };
                askers.push(Asker {
                    name: format!("{name} of {organization}"),
                    credential: app.session_of(&user).await,
                    organization,
                    member,
                    is_admin: matches!(role, Role::Owner | Role::Admin),
                });
                users.insert(name, user.id);
            }
            for (acting, member) in [(None, None), (Some(users["other member"]), Some(1))] {
                askers.push(Asker {
                    name: format!("read key of {organization} as {member:?}"),
                    credential: key(&app, id, NAMES[organization][0], "read", acting).await,
                    organization,
                    member,
                    is_admin: false,
                });
            }
            let ingest = key(&app, id, NAMES[organization][0], "ingest", None).await;
            let mut records: Vec<_> = HOLDINGS[organization].iter().flat_map(Holding::records).collect();
            // Refused, with what was sent in the message.
            records.push(json!({"type": "execution", "id": "x", "status": NAMES[organization][0]}));
            let owner = &askers
                .iter()
                .find(|asker| asker.name == format!("owner of {organization}"));
            send(&app, &ingest, &owner.unwrap().credential, records).await;
            let found = HOLDINGS[organization].iter().flat_map(Holding::detections);
            app.metastore
                .record_detections(id, found.collect(), &[])
                .await
                .unwrap();
            let rates = json!({"per_minute_usd": organization as f64 + 0.5, "session_minimum_usd": 0.25});
            let set = app
                .send(
                    Method::PUT,
                    "/api/v1/cost-rates",
                    &owner.unwrap().credential,
                    Some(rates),
                )
                .await;
            assert_eq!(set.status, 200, "{set:?}");
        }
        Self { app, askers }
    }

    fn asker(&self, name: &str) -> &Asker {
        self.askers.iter().find(|asker| asker.name == name).unwrap()
    }
}

async fn key(
    app: &App,
    organization: OrganizationId,
    name: &str,
    scopes: &str,
    acting: Option<tacho_core::UserId>,
) -> Credential {
    let new = NewApiKey {
        name: name.to_owned(),
        scopes: scopes.parse().unwrap(),
        user_id: acting,
    };
    let (_, text) = app
        .metastore
        .create_api_key(organization, new, app.now())
        .await
        .unwrap();
    Credential::Key(text.expose().to_owned())
}

/// Sends records and waits until the store has them.
async fn send(app: &App, ingest: &Credential, owner: &Credential, records: Vec<Value>) {
    let answer = app
        .send(
            Method::POST,
            "/api/v1/records",
            ingest,
            Some(Value::Array(records)),
        )
        .await
        .json();
    assert!(answer["rejected"].as_array().unwrap().len() <= 1, "{answer}");
    let lsn = answer["lsn"].as_u64();
    let applied = async {
        while app.get("/api/v1/store/digest", owner).await.json()["applied_lsn"].as_u64() < lsn {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), applied)
        .await
        .unwrap();
}

/// What is answered where there is nothing but what somebody may see.
struct Control(BTreeMap<(usize, Option<usize>), Told>);

/// The status and body of the answer to each question.
type Told = Vec<(u16, Value)>;

impl Control {
    async fn of(questions: &[Question], askers: &[&Asker]) -> Self {
        let mut answers = BTreeMap::new();
        for (organization, member) in askers.iter().map(|asker| (asker.organization, asker.member)) {
            if answers.contains_key(&(organization, member)) {
                continue;
            }
            let app = App::new().await;
            let owner = app.session(Role::Owner).await;
            let rates = json!({"per_minute_usd": organization as f64 + 0.5, "session_minimum_usd": 0.25});
            app.send(Method::PUT, "/api/v1/cost-rates", &owner, Some(rates))
                .await;
            let own = HOLDINGS[organization].iter().enumerate();
            let own = own.filter(|(at, _)| member.is_none_or(|member| member == *at));
            let (records, found): (Vec<_>, Vec<_>) = own
                .map(|(_, holding)| (holding.records(), holding.detections()))
                .unzip();
            let (records, found) = (records.concat(), found.concat());
            app.metastore
                .record_detections(app.organization.id, found, &[])
                .await
                .unwrap();
            send(&app, &app.key("ingest", None).await, &owner, records).await;
            let asker = Asker {
                name: "control".to_owned(),
                credential: owner,
                organization,
                member,
                is_admin: true,
            };
            let mut told = Vec::new();
            for asked in questions {
                let mut request = request(asked.method(), &asked.path, &asker.credential, asked.body.clone());
                if asked.is_csv {
                    request
                        .headers_mut()
                        .insert(header::ACCEPT, "text/csv".parse().unwrap());
                }
                told.push(comparable(&app.call(request).await));
            }
            answers.insert((organization, member), told);
        }
        let control = Self(answers);
        control.check(questions);
        control
    }

    /// Where everybody is answered the same, nothing would be found out.
    fn check(&self, questions: &[Question]) {
        for (at, asked) in questions.iter().enumerate() {
            let mut told = self.0.values().map(|told| &told[at]);
            let first = told.next().unwrap();
            let is_same_for_all = first.0 == 404 || asked.route == "/api/v1/cost-rates";
            assert!(
                is_same_for_all || told.any(|other| other != first),
                "{asked:?} tells nobody from anybody: {first:?}"
            );
        }
    }
}

/// The answer without what differs between services, or between one moment and the next.
fn comparable(answer: &Answer) -> (u16, Value) {
    let value = serde_json::from_str(&answer.text).unwrap_or_else(|_| answer.text.clone().into());
    (answer.status.as_u16(), without_moment(value))
}

fn without_moment(value: Value) -> Value {
    const OF_MOMENT: [&str; 8] = [
        "elapsed_ms",
        "as_of_lsn",
        "as_of",
        "from_cache",
        "fromCache",
        "request_id",
        "requestId",
        "updated_by",
    ];
    match value {
        // Detections have ids of their own wherever they are found.
        Value::Object(mut fields) if fields.contains_key("detected_at") && fields.contains_key("id") => {
            fields.remove("id");
            without_moment(Value::Object(fields))
        }
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| !OF_MOMENT.contains(&name.as_str()))
            .map(|(name, value)| (name, without_moment(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_moment).collect(),
        other => other,
    }
}

async fn compare(world: &World, askers: &[&Asker], rounds: usize) -> usize {
    let questions = questions();
    let control = Control::of(&questions, askers).await;
    let mut kept = 0;
    for (at, asked) in questions.iter().enumerate() {
        for _ in 0..rounds {
            for asker in askers {
                let answer = asker.ask(&world.app, asked).await;
                let expected = &control.0[&(asker.organization, asker.member)][at];
                assert_eq!(&comparable(&answer), expected, "{} by {asked:?}", asker.name);
                kept += usize::from(
                    answer.text.contains("\"from_cache\":true") || answer.text.contains("\"fromCache\":true"),
                );
            }
        }
    }
    kept
}

#[tokio::test]
async fn everybody_is_answered_as_if_there_were_nothing_else() {
    is_answered_as_if_there_were_nothing_else(0).await;
}

#[tokio::test]
async fn so_is_everybody_of_the_other_organization() {
    is_answered_as_if_there_were_nothing_else(1).await;
}

async fn is_answered_as_if_there_were_nothing_else(organization: usize) {
    let world = World::of(App::new().await).await;
    let askers: Vec<_> = world
        .askers
        .iter()
        .filter(|asker| asker.organization == organization)
        .collect();
    assert_eq!(compare(&world, &askers, 1).await, 0);
}

/// The cache is asked by everybody in turn, twice, so that each comes after each other.
#[tokio::test]
async fn kept_answers_reach_nobody_else() {
    let world = World::of(App::keeping_answers().await).await;
    let askers = [
        "owner of 0",
        "member of 0",
        "owner of 1",
        "other member of 0",
        "member of 1",
        "viewer of 0",
    ];
    let askers = askers.map(|name| world.asker(name));
    let kept = compare(&world, &askers, 2).await;
    assert!(kept > 100, "only {kept} answers were kept ones");
}

/// Lists of settings, people, records to be mended, and of who asked: all that is no data, for everybody in every role.
#[tokio::test]
async fn settings_people_and_the_audit_log_are_the_organizations_own() {
    let world = World::of(App::new().await).await;
    for asked in questions().iter().filter(|asked| asked.body.is_none()).take(4) {
        for asker in &world.askers {
            asker.ask(&world.app, asked).await;
        }
    }
    let mut shown = 0;
    for (method, path, need) in ROUTES {
        if *method != "GET" || path.contains('{') || *path == "/metrics" {
            continue;
        }
        let asked = Question {
            route: path,
            path: (*path).to_owned(),
            body: None,
            is_csv: false,
        };
        for asker in &world.askers {
            let answer = asker.ask(&world.app, &asked).await;
            let is_settings = matches!(
                *path,
                "/api/v1/users"
                    | "/api/v1/keys"
                    | "/api/v1/audit"
                    | "/api/v1/audit/export"
                    | "/api/v1/dead-letters"
            );
            if is_settings {
                assert_eq!(
                    answer.status.is_success(),
                    asker.is_admin,
                    "{path} {need:?} {}",
                    asker.name
                );
                let own = NAMES[asker.organization][0];
                assert!(answer.text.contains(own), "{path} {}: {answer:?}", asker.name);
                shown += usize::from(asker.is_admin);
            }
        }
    }
    assert_eq!(shown, 5 * 4);
}

/// Figures are of the process, and name nobody.
#[tokio::test]
async fn figures_name_nothing_of_anybody() {
    let world = World::of(App::keeping_answers().await).await;
    let figures = questions();
    for asked in figures.iter().take(8) {
        for name in ["owner of 0", "owner of 1"] {
            world.asker(name).ask(&world.app, asked).await;
        }
    }
    for path in ["/metrics", "/api/v1/system", "/api/v1/analytics/cache-stats"] {
        let answer = world.app.get(path, &world.asker("owner of 0").credential).await;
        assert_eq!(answer.status, 200);
        for word in ["zqa", "zqb", "Acme", "Stranger", "example.", "payroll", "u-1"] {
            assert!(
                !answer.text.contains(word),
                "{path} shows {word}: {}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn exports_hold_ones_own_rows_and_are_there_for_nobody_else() {
    let world = World::of(App::new().await).await;
    let bodies = [
        json!({"format": "ndjson", "of": {"executions": {}}}),
        json!({"format": "csv", "of": {"query": {"source": "executions", "measures": ["count", "cost"],
               "dimensions": ["tags.mark", "workflow"], "time": {"period": "week"}}}}),
    ];
    let mut made = Vec::new();
    for body in bodies {
        for (at, asker) in world.askers.iter().enumerate() {
            let asked = Question {
                route: "/api/v1/exports",
                path: "/api/v1/exports".to_owned(),
                body: Some(body.clone()),
                is_csv: false,
            };
            let answer = asker.ask(&world.app, &asked).await;
            assert_eq!(answer.status, 202, "{answer:?}");
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let path = format!("/api/v1/exports/{id}");
            while world.app.get(&path, &asker.credential).await.json()["state"] != "done" {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            made.push((at, body["format"] == "ndjson", path));
        }
    }
    for (maker, is_rows, path) in &made {
        for (at, asker) in world.askers.iter().enumerate() {
            let owner = &world.askers[*maker];
            // The key acts as the other member.
            let is_own = at == *maker
                || asker.organization == owner.organization
                    && asker.member == Some(1)
                    && owner.member == Some(1);
            let file = Question {
                route: "/api/v1/exports/{id}/download",
                path: format!("{path}/download"),
                body: None,
                is_csv: false,
            };
            let answer = asker.ask(&world.app, &file).await;
            assert_eq!(
                answer.status,
                if is_own { 200 } else { 404 },
                "{} of {}",
                asker.name,
                owner.name
            );
            let seen = world.app.get(path, &asker.credential).await;
            let is_seen = is_own || asker.is_admin && asker.organization == owner.organization;
            assert_eq!(
                seen.status,
                if is_seen { 200 } else { 404 },
                "{} of {}",
                asker.name,
                owner.name
            );
            if !is_own || !is_rows {
                continue;
            }
            let holdings = HOLDINGS[asker.organization].iter().enumerate();
            let own = holdings.filter(|(at, _)| asker.member.is_none_or(|member| member == *at));
            let rows: usize = own.map(|(_, holding)| holding.runs + 1).sum();
            assert_eq!(answer.text.lines().count(), rows, "{}", asker.name);
        }
    }
    for asker in &world.askers {
        let list = Question {
            route: "/api/v1/exports",
            path: "/api/v1/exports".to_owned(),
            body: None,
            is_csv: false,
        };
        let listed = asker.ask(&world.app, &list).await.json();
        let listed: Vec<_> = listed["exports"].as_array().unwrap().iter().collect();
        let may = |export: &&Value| {
            let path = format!("/api/v1/exports/{}", export["id"].as_str().unwrap());
            let maker = made.iter().find(|(_, _, made)| *made == path).unwrap().0;
            world.askers[maker].organization == asker.organization
        };
        assert!(!listed.is_empty() && listed.iter().all(may), "{}", asker.name);
    }
}

/// Lines of JSON, one for each event.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Events {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is told on this thread from now on, as long as the guard lives.
fn events() -> (Events, DefaultGuard) {
    let events = Events::default();
    let writer = events.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(move || writer.clone())
        .finish();
    (events, tracing::subscriber::set_default(subscriber))
}

/// What is told of a question, without how long it took.
fn question_told(line: &str) -> Option<Value> {
    let mut event: Value = serde_json::from_str(line).unwrap();
    let is_question = event["target"] == "tacho::query";
    event["fields"]["elapsed_ms"] = Value::Null;
    is_question.then(|| event["fields"].take())
}

/// Refusing somebody else's takes the same questions as refusing what is not there: how long it takes tells nothing.
#[tokio::test]
async fn what_is_somebody_elses_takes_the_same_work_as_what_is_not_there() {
    let world = World::of(App::new().await).await;
    let asker = world.asker("member of 0");
    let (events, _guard) = events();
    let mut work = Vec::new();
    for id in ["payroll", "missing"] {
        let run = format!("{id}-1");
        let paths = [
            format!("/api/v1/analytics/task-metrics?taskId={id}"),
            format!("/api/v1/analytics/execution-stats?taskId={id}"),
            format!("/api/v1/analytics/cost-analysis?taskId={id}"),
            format!("/api/v1/analytics/performance-trends?taskId={id}"),
            format!("/api/v1/analytics/workflows/{id}/performance"),
            format!("/api/v1/analytics/workflows/{id}/steps"),
            format!("/api/v1/workflows/{id}"),
            format!("/api/v1/workflows/{id}/schedule"),
            format!("/api/v1/executions/{run}"),
            format!("/trpc/analytics.getTaskMetrics?input=%7B%22taskId%22%3A%22{id}%22%7D"),
        ];
        let mut of_id = Vec::new();
        for path in paths {
            events.0.lock().unwrap().clear();
            let answer = world.app.get(&path, &asker.credential).await;
            assert_eq!(answer.status, 404, "{path}: {answer:?}");
            let text = String::from_utf8(events.0.lock().unwrap().clone()).unwrap();
            let told: Vec<_> = text.lines().filter_map(question_told).collect();
            assert!(!told.is_empty(), "{path}");
            let body = answer
                .text
                .replace(answer.headers["x-request-id"].to_str().unwrap(), "");
            of_id.push((told, body));
        }
        work.push(of_id);
    }
    for (theirs, missing) in work[0].iter().zip(&work[1]) {
        assert_eq!(theirs, missing);
    }
}
