//! Live connections, over real sockets.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tacho_api::{Config, LiveRules};
use tacho_core::Role;
use tacho_metastore::UserChange;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest as _};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::app::{App, Credential, Served, request};

/// How long a test waits for what has to come.
pub(crate) const WAIT: Duration = Duration::from_secs(20);

pub(crate) struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

pub(crate) fn rules() -> LiveRules {
    LiveRules {
        recheck: Duration::from_millis(50),
        auth_timeout: Duration::from_millis(300),
        default_after: Duration::from_millis(100),
        ..LiveRules::default()
    }
}

pub(crate) async fn app_with(live: LiveRules) -> App {
    App::with(Config {
        queries_per_minute: 0,
        live,
        ..Config::default()
    })
    .await
}

pub(crate) fn upgrade(served: &Served, credential: &Credential) -> Request<()> {
    let url = format!("ws://{}/ws/analytics", served.address);
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    match credential {
        Credential::None => {}
        Credential::Key(key) => {
            headers.insert(header::AUTHORIZATION, format!("Bearer {key}").parse().unwrap());
        }
        Credential::Cookie(token) => {
            headers.insert(header::COOKIE, format!("tacho_session={token}").parse().unwrap());
        }
    }
    request
}

pub(crate) async fn connect(served: &Served, credential: &Credential) -> Client {
    Client(connect_async(upgrade(served, credential)).await.unwrap().0)
}

impl Client {
    pub(crate) fn of(stream: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self(stream)
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message of that type; what comes before is not looked at.
    pub(crate) async fn hear(&mut self, kind: &str) -> Value {
        self.hear_where(|message| message["type"] == kind).await
    }

    pub(crate) async fn hear_where(&mut self, mut is_it: impl FnMut(&Value) -> bool) -> Value {
        let mut others = Vec::new();
        let hearing = async {
            loop {
                let message = self.0.next().await.expect("the connection has ended").unwrap();
                if let Message::Text(text) = message {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if is_it(&message) {
                        return message;
                    }
                    others.push(message);
                }
            }
        };
        let heard = tokio::time::timeout(WAIT, hearing).await;
        heard.unwrap_or_else(|_| panic!("not heard in time, but {others:?}"))
    }

    pub(crate) async fn subscribe(&mut self, channel: &str) -> Value {
        self.say(json!({"type": "subscribe", "id": "mine", "channel": channel}))
            .await;
        let subscribed = self.hear("subscribed").await;
        assert_eq!(subscribed["id"], "mine");
        self.hear_where(|message| message["topic"] == subscribed["topic"] && message["is_snapshot"] == true)
            .await
    }

    /// The code with which the connection ends.
    async fn end(mut self) -> u16 {
        let ending = async {
            while let Some(message) = self.0.next().await {
                match message {
                    Ok(Message::Close(close)) => return close.map_or(1005, |close| close.code.into()),
                    Ok(_) => {}
                    Err(_) => return 1006,
                }
            }
            1006
        };
        tokio::time::timeout(WAIT, ending).await.unwrap()
    }
}

pub(crate) async fn send(app: &App, records: Value) {
    let key = app.key("ingest", None).await;
    let answer = app
        .send(Method::POST, "/api/v1/records", &key, Some(records))
        .await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.json()["rejected"], json!([]));
}

pub(crate) fn run(id: &str, workflow: &str, status: &str) -> Value {
    let mut run = json!({"type": "execution", "id": id, "workflow_id": workflow, "status": status,
        "started_at": "2026-11-22T09:29:00Z"});
    if status != "running" {
        run["completed_at"] = json!("2026-11-22T09:29:30Z");
    }
    run
}

pub(crate) fn ids(frame: &Value) -> Vec<&str> {
    let executions = frame["executions"].as_array().unwrap().iter();
    let mut ids: Vec<_> = executions.map(|one| one["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn an_execution_is_told_as_it_runs_and_ends() {
    let app = app_with(rules()).await;
    let served = app.served().await;
    send(
        &app,
        json!([{"type": "workflow", "id": "w", "name": "Invoices"}, run("a", "w", "running")]),
    )
    .await;
    app.settle(2).await;
    let mut client = connect(&served, &app.key("read", None).await).await;
    let first = client.subscribe("executions").await;
    assert_eq!((ids(&first), &first["running"]), (vec!["a"], &json!(1)));
    assert_eq!(first["executions"][0]["workflow_name"], "Invoices");

    let mut b = run("b", "w", "running");
    b["steps_completed"] = json!(1);
    b["steps_total"] = json!(4);
    send(&app, json!([b])).await;
    let second = client.hear("executions").await;
    assert_eq!((ids(&second), &second["running"]), (vec!["b"], &json!(2)));
    assert_eq!(second["executions"][0]["steps_total"], 4);
    assert_eq!(second["events"][0]["kind"], "started");
    assert!(second["as_of_lsn"].as_u64() > first["as_of_lsn"].as_u64());
    assert_eq!(
        second["seq"].as_u64().unwrap(),
        first["seq"].as_u64().unwrap() + 1
    );

    send(&app, json!([run("b", "w", "failed")])).await;
    let third = client.hear("executions").await;
    assert_eq!(third["ended"], json!([{"id": "b", "attempt": 1}]));
    assert_eq!(
        (&third["events"][0]["kind"], &third["running"]),
        (&json!("failed"), &json!(1))
    );

    // Who comes back with what was seen last gets what was missed; the topic lives on while another watches.
    let mut other = connect(&served, &app.key("read", None).await).await;
    let resume = json!({"epoch": second["epoch"], "seq": second["seq"]});
    other
        .say(json!({"type": "subscribe", "channel": "executions", "resume": resume}))
        .await;
    assert_eq!(other.hear("executions").await["seq"], third["seq"]);

    let mut of_one = connect(&served, &app.key("read", None).await).await;
    assert_eq!(ids(&of_one.subscribe("workflow:none").await), [""; 0]);
    assert_eq!(ids(&of_one.subscribe("workflow:w").await), ["a"]);
}

#[tokio::test]
async fn who_subscribes_to_nothing_gets_metrics() {
    let app = app_with(rules()).await;
    let served = app.served().await;
    let mut client = connect(&served, &app.session(Role::Viewer).await).await;
    let message = tokio::time::timeout(WAIT, client.0.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let first: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
    assert_eq!(
        (&first["type"], &first["topic"]),
        (&json!("metrics_update"), &json!("metrics:1s"))
    );
    let series = &first["data"]["series"];
    assert_eq!(
        (series["starts"].as_array().unwrap().len(), &series["step_ms"]),
        (360, &json!(10_000))
    );
    send(
        &app,
        json!([
            run("a", "w", "success"),
            run("b", "w", "failed"),
            run("c", "w", "running")
        ]),
    )
    .await;
    let update = client
        .hear_where(|message| message["data"]["last_minute"]["finishes"] == 2)
        .await;
    let (minute, hour) = (&update["data"]["last_minute"], &update["data"]["last_hour"]);
    assert_eq!(
        (&minute["success_rate"], &hour["starts"]),
        (&json!(0.5), &json!(3))
    );
    assert_eq!(
        (&hour["duration_avg_ms"], &update["data"]["running"]),
        (&json!(30_000.0), &json!(1))
    );

    let stats = app
        .get(
            "/api/v1/analytics/websocket-stats",
            &app.session(Role::Owner).await,
        )
        .await;
    assert_eq!(stats.json()["isEnabled"], true);
}

#[tokio::test]
async fn a_question_is_answered_anew_when_its_answer_changes() {
    let app = app_with(rules()).await;
    let served = app.served().await;
    let mut client = connect(&served, &app.key("read", None).await).await;
    let query = json!({"source": "executions", "measures": ["count"], "time": {"last": "1h"}});
    client
        .say(json!({"type": "subscribe", "channel": "query", "interval": "1s", "query": query}))
        .await;
    assert_eq!(client.hear("query").await["answer"]["totals"], json!([0]));
    send(&app, json!([run("a", "w", "success")])).await;
    assert_eq!(client.hear("query").await["answer"]["totals"], json!([1]));
    client
        .say(json!({"type": "subscribe", "channel": "query", "query": {"source": "nothing"}}))
        .await;
    assert!(client.hear("error").await["pointer"].is_string());
}

#[tokio::test]
async fn everybody_sees_what_they_may() {
    let app = app_with(rules()).await;
    let served = app.served().await;
    send(
        &app,
        json!([
            {"type": "workflow", "id": "own", "owner_id": "member@example.com"},
            {"type": "workflow", "id": "theirs", "owner_id": "admin@example.com"},
            run("1", "own", "running"), run("2", "theirs", "running"), run("3", "own", "failed"), run("4", "theirs", "failed")
        ]),
    )
    .await;
    app.settle(6).await;
    let mut member = connect(&served, &app.session(Role::Member).await).await;
    let mut stranger = connect(&served, &app.session_of(&app.stranger.1).await).await;
    let mut viewer = connect(&served, &app.session(Role::Viewer).await).await;
    assert_eq!(ids(&member.subscribe("executions").await), ["1"]);
    assert_eq!(ids(&viewer.subscribe("executions").await), ["1", "2"]);
    assert_eq!(ids(&stranger.subscribe("executions").await), [""; 0]);
    assert_eq!(ids(&member.subscribe("workflow:theirs").await), [""; 0]);
    let metrics = member.subscribe("metrics").await;
    assert_eq!(metrics["data"]["last_hour"]["failed"], 1);
    assert_eq!(
        stranger.subscribe("metrics").await["data"]["last_hour"]["failed"],
        0
    );

    send(
        &app,
        json!([run("5", "theirs", "running"), run("6", "own", "running")]),
    )
    .await;
    let told = member
        .hear_where(|message| message["topic"] == "executions")
        .await;
    assert_eq!(
        (ids(&told), told["events"].as_array().unwrap().len()),
        (vec!["6"], 1)
    );

    // A role that changes takes effect on the open connection.
    let id = app.users[&Role::Viewer].id;
    let change = UserChange {
        role: Some(Role::Member),
        ..UserChange::default()
    };
    app.metastore
        .change_user(app.organization.id, id, change)
        .await
        .unwrap();
    let anew = viewer
        .hear_where(|message| message["is_snapshot"] == true && message["running"] == 0)
        .await;
    assert_eq!(ids(&anew), [""; 0]);
}

#[tokio::test]
async fn a_connection_ends_with_its_credential() {
    let app = app_with(rules()).await;
    let served = app.served().await;
    let credential = app.key("read", None).await;
    let mut client = connect(&served, &credential).await;
    client.subscribe("executions").await;
    let keys = app.metastore.api_keys(app.organization.id).await.unwrap();
    app.metastore
        .revoke_api_key(app.organization.id, keys[0].id, app.now())
        .await
        .unwrap();
    assert_eq!(client.end().await, 1008);
    let refused = connect_async(upgrade(&served, &credential)).await.unwrap_err();
    assert!(matches!(refused, tungstenite::Error::Http(answer) if answer.status() == 401));
}

#[tokio::test]
async fn who_says_nothing_of_themselves_is_not_served() {
    let app = app_with(rules()).await;
    let served = app.served().await;
    let Credential::Key(token) = app.key("read", None).await else {
        panic!("a key")
    };
    let mut client = connect(&served, &Credential::None).await;
    client.say(json!({"type": "auth", "token": token})).await;
    assert_eq!(client.hear("ready").await["organization"], "Acme");
    client.subscribe("metrics").await;

    assert_eq!(connect(&served, &Credential::None).await.end().await, 1008);
    for first in [
        json!({"type": "auth", "token": "tacho_made-up"}),
        json!({"type": "subscribe", "channel": "executions"}),
    ] {
        let mut client = connect(&served, &Credential::None).await;
        client.say(first).await;
        assert_eq!(client.end().await, 1008);
    }
    let mut foreign = upgrade(&served, &app.session(Role::Owner).await);
    foreign
        .headers_mut()
        .insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    let refused = connect_async(foreign).await.unwrap_err();
    assert!(matches!(refused, tungstenite::Error::Http(answer) if answer.status() == 403));
}

#[tokio::test]
async fn garbage_floods_and_too_many_subscriptions_hurt_nobody_else() {
    let app = app_with(LiveRules {
        messages_max: 300,
        user_connections_max: 3,
        ..rules()
    })
    .await;
    let served = app.served().await;
    let mut quiet = connect(&served, &app.session(Role::Owner).await).await;
    quiet.subscribe("executions").await;

    let key = app.key("read", None).await;
    let mut garbage = connect(&served, &key).await;
    garbage.0.send(Message::text("{\"type\":")).await.unwrap();
    assert_eq!(garbage.hear("error").await["code"], "malformed_message");
    garbage.0.send(Message::binary(vec![0xff; 100])).await.unwrap();
    assert_eq!(garbage.end().await, 1003);
    let mut large = connect(&served, &key).await;
    let _ = large.0.send(Message::text("x".repeat(100_000))).await;
    assert_eq!(large.end().await, 1008);

    let mut greedy = connect(&served, &key).await;
    for number in 0..200 {
        let query = json!({"source": "executions", "measures": ["count"], "time": {"last": format!("{}h", number + 1)}});
        let wish = json!({"type": "subscribe", "id": number.to_string(), "channel": "query", "interval": "1m", "query": query});
        greedy.say(wish).await;
    }
    let refused = greedy.hear_where(|message| message["id"] == "199").await;
    assert_eq!(refused["code"], "too_many_subscriptions");
    let system = app_system(&served, &app).await;
    assert!(system["topics"].as_u64() <= Some(52), "{system}");
    // As many as ten thousand wishes are a flood.
    for _ in 0..10_000 {
        if greedy.0.send(Message::text("{\"type\":\"ping\"}")).await.is_err() {
            break;
        }
    }
    assert!(greedy.end().await != 1000);

    let mut many = Vec::new();
    for _ in 0..3 {
        let mut one = connect(&served, &key).await;
        // A connection counts once it is known who it is, and that is after it is open.
        one.say(json!({"type": "ping"})).await;
        one.hear("pong").await;
        many.push(one);
    }
    assert_eq!(connect(&served, &key).await.end().await, 1013);
    send(&app, json!([run("a", "w", "running")])).await;
    assert_eq!(ids(&quiet.hear("executions").await), ["a"]);
}

/// What the System page says of live connections.
pub(crate) async fn app_system(served: &Served, app: &App) -> Value {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let Credential::Key(key) = app.key("admin", None).await else {
        panic!("a key")
    };
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let request = format!(
        "GET /api/v1/system HTTP/1.1\r\nHost: tacho.local\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let body = &text[text.find("\r\n\r\n").unwrap()..];
    let (from, to) = (body.find('{').unwrap(), body.rfind('}').unwrap());
    serde_json::from_str::<Value>(&body[from..=to]).unwrap()["live"].clone()
}

#[tokio::test]
async fn a_client_that_does_not_read_gets_what_is_true_now() {
    let app = app_with(rules()).await;
    let served = app.served().await;
    let mut slow = connect(&served, &app.key("read", None).await).await;
    slow.subscribe("executions").await;
    for batch in 0..40 {
        let runs: Vec<_> = (0..50)
            .map(|number| run(&format!("{batch}-{number}"), "w", "running"))
            .collect();
        send(&app, json!(runs)).await;
    }
    let last = slow.hear_where(|message| message["running"] == 2_000).await;
    assert_eq!(last["type"], "executions");
}

#[tokio::test]
async fn connections_are_told_that_the_server_stops() {
    let app = app_with(rules()).await;
    let served = app.served().await;
    let mut client = connect(&served, &app.key("read", None).await).await;
    client.subscribe("metrics").await;
    let (_, code) = tokio::join!(served.stop(), client.end());
    assert_eq!(code, 1001);
}

async fn events(app: &App, path: &str, credential: &Credential, last: Option<&str>) -> (StatusCode, String) {
    let mut request: Request<Body> = request(Method::GET, path, credential, None);
    if let Some(last) = last {
        request
            .headers_mut()
            .insert("last-event-id", last.parse().unwrap());
    }
    let response = app.open(request).await;
    let status = response.status();
    let mut body = response.into_body().into_data_stream();
    let first = tokio::time::timeout(WAIT, body.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    (status, String::from_utf8(first.to_vec()).unwrap())
}

#[tokio::test]
async fn a_channel_comes_as_server_sent_events() {
    let app = app_with(rules()).await;
    send(&app, json!([run("a", "w", "running")])).await;
    app.settle(1).await;
    let viewer = app.session(Role::Viewer).await;
    let (status, text) = events(&app, "/api/v1/live?channel=executions", &viewer, None).await;
    assert_eq!(status, 200);
    let lines: Vec<&str> = text.lines().collect();
    let [id, "event: executions", data, ""] = lines.as_slice() else {
        panic!("{text}")
    };
    let frame: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(ids(&frame), ["a"]);
    let expected = format!("id: {}-{}", frame["epoch"], frame["seq"]);
    assert_eq!(*id, expected);

    let query = "%7B%22source%22:%22executions%22,%22measures%22:%5B%22count%22%5D,%22time%22:%7B%22last%22:%221h%22%7D%7D";
    let path = format!("/api/v1/live?channel=query&interval=30s&query={query}");
    assert!(
        events(&app, &path, &viewer, Some("1-1"))
            .await
            .1
            .contains("\"totals\":[1]")
    );

    for path in [
        "/api/v1/live",
        "/api/v1/live?channel=all",
        "/api/v1/live?channel=metrics&interval=2s",
    ] {
        let answer = app.get(path, &viewer).await;
        assert!(answer.status.is_client_error(), "{path}: {answer:?}");
    }
    let entries = app
        .get("/api/v1/audit", &app.session(Role::Owner).await)
        .await
        .json();
    let of_live = entries["entries"].as_array().unwrap().iter();
    let of_live = of_live.filter(|entry| entry["operation"] == "GET /api/v1/live");
    assert!(of_live.count() >= 2, "{entries}");
}
