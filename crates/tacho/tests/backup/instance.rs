//! A data directory and the commands on it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

pub const ORGANIZATION: &str = "Acme";
pub const EMAIL: &str = "ana@acme.example";
pub const PASSWORD: &str = "correct horse battery";
const PATIENCE: Duration = Duration::from_secs(60);
/// Small, so that segments are full and sealed all the time.
const SEGMENT_BYTES: &str = "30000";
/// Records of a request.
const LINES_EACH: usize = 800;

pub fn binary() -> PathBuf {
    env!("CARGO_BIN_EXE_tacho").into()
}

/// `tacho` with these arguments on a data directory.
pub fn tacho(binary: &Path, data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command
        .args(arguments)
        .arg("--data-dir")
        .arg(data_dir)
        .env("TACHO_JOURNAL__SEGMENT_BYTES", SEGMENT_BYTES)
        .env("TACHO_QUERY__REQUESTS_PER_MINUTE", "0")
        .env("TACHO_INGEST__DISK_RESERVE_BYTES", "1")
        .current_dir(data_dir.parent().unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a command said, whether it went well or not.
pub fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(text).unwrap()
}

/// Runs a command that must go well. What it said.
pub fn run(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

/// Runs a command that must be refused. Why it was.
pub fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

/// A data directory with an organization, somebody who can sign in, and a key for everything.
pub struct Instance {
    pub data_dir: PathBuf,
    pub key: String,
    binary: PathBuf,
}

impl Instance {
    pub fn create(binary: &Path, data_dir: PathBuf) -> Self {
        run(tacho(binary, &data_dir, &["org", "create", ORGANIZATION]));
        let arguments = [
            "user",
            "create",
            EMAIL,
            "--org",
            ORGANIZATION,
            "--role",
            "owner",
            "--password-stdin",
        ];
        let mut making = tacho(binary, &data_dir, &arguments)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        making
            .stdin
            .take()
            .unwrap()
            .write_all(PASSWORD.as_bytes())
            .unwrap();
        assert!(making.wait().unwrap().success());
        let arguments = [
            "key",
            "create",
            "--org",
            ORGANIZATION,
            "--scope",
            "ingest,read,admin",
        ];
        let key = run(tacho(binary, &data_dir, &arguments)).trim().to_owned();
        Self {
            data_dir,
            key,
            binary: binary.to_owned(),
        }
    }

    /// The same people and keys elsewhere.
    pub fn at(&self, data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            key: self.key.clone(),
            binary: self.binary.clone(),
        }
    }

    pub fn existing(data_dir: PathBuf, key: &str) -> Self {
        Self {
            data_dir,
            key: key.to_owned(),
            binary: binary(),
        }
    }

    pub fn backup(&self, to: &Path, more: &[&str]) -> Command {
        let mut arguments = vec!["backup", "--to", to.to_str().unwrap()];
        arguments.extend(more);
        tacho(&self.binary, &self.data_dir, &arguments)
    }

    /// Restores into a new folder.
    pub fn restored(&self, from: &Path, data_dir: PathBuf, more: &[&str]) -> Self {
        let mut arguments = vec!["restore", "--from", from.to_str().unwrap()];
        arguments.extend(more);
        run(tacho(&self.binary, &data_dir, &arguments));
        self.at(data_dir)
    }

    pub async fn serve(&self) -> Server {
        self.serve_with(&[]).await
    }

    /// A server with more variables in its environment.
    pub async fn serve_with(&self, variables: &[(&str, &str)]) -> Server {
        // One that was killed has left it behind.
        let _ = fs::remove_file(self.data_dir.join("server.json"));
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.data_dir.with_extension("log"))
            .unwrap();
        let child = tacho(
            &self.binary,
            &self.data_dir,
            &["serve", "--listen", "127.0.0.1:0"],
        )
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
        // Fails only if another test of this process has done it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut server = Server {
            child,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            url: String::new(),
            key: self.key.clone(),
        };
        let started = Instant::now();
        while server.url.is_empty() {
            assert!(started.elapsed() < PATIENCE, "the server does not start");
            assert!(server.child.try_wait().unwrap().is_none(), "the server has ended");
            if let Ok(text) = fs::read(self.data_dir.join("server.json")) {
                let file: Value = serde_json::from_slice(&text).unwrap();
                server.url = file["url"].as_str().unwrap().to_owned();
            } else {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        server
    }
}

/// A server that runs and has a history, and a folder for its backups.
pub struct Ground {
    /// Everything lies in it.
    pub folder: TempDir,
    pub instance: Instance,
    pub backups: PathBuf,
    pub server: Server,
}

impl Ground {
    pub async fn prepared() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let instance = Instance::create(&binary(), folder.path().join("data"));
        let backups = folder.path().join("backups");
        let server = instance.serve().await;
        server.send_history(1).await;
        Self {
            folder,
            instance,
            backups,
            server,
        }
    }
}

/// A running server. Killed when it is dropped.
pub struct Server {
    child: Child,
    client: reqwest::Client,
    pub url: String,
    pub key: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Ends it as a person does.
    pub fn stop(mut self) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    /// A way to send records beside everything else.
    pub fn sender(&self) -> Sender {
        Sender {
            client: self.client.clone(),
            url: format!("{}/api/v1/records", self.url),
            key: self.key.clone(),
        }
    }

    /// Sends a made-up history in many requests, so that many segments get full.
    pub async fn send_history(&self, seed: u64) {
        let (sender, history) = (self.sender(), history(seed));
        let lines: Vec<&str> = history.lines().collect();
        for part in lines.chunks(LINES_EACH) {
            assert!(sender.send(part.join("\n")).await);
        }
    }

    pub async fn get(&self, path: &str) -> Value {
        let asked = self.client.get(format!("{}{path}", self.url));
        let answer = asked.bearer_auth(&self.key).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// Asks over all time.
    pub async fn ask(&self, source: &str, measures: &[String]) -> reqwest::Response {
        let time = json!({"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"});
        let question = json!({"source": source, "measures": measures, "time": time});
        let asked = self.client.post(format!("{}/api/v1/query", self.url));
        let asked = asked.json(&question).bearer_auth(&self.key);
        asked.send().await.unwrap()
    }

    pub async fn query(&self, source: &str, measures: &[String]) -> Value {
        let answer = self.ask(source, measures).await;
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{source}, {measures:?}: {answer}");
        answer["rows"].clone()
    }

    /// Asks until there is an answer. That, and how often it was said to ask again later.
    pub async fn query_in_time(&self, source: &str, measures: &[String]) -> (Value, usize) {
        let started = Instant::now();
        for refusals in 0.. {
            let answer = self.ask(source, measures).await;
            if answer.status() != reqwest::StatusCode::SERVICE_UNAVAILABLE {
                let answer: Value = answer.json().await.unwrap();
                return (answer["rows"].clone(), refusals);
            }
            assert!(answer.headers().contains_key("retry-after"), "{answer:?}");
            assert!(started.elapsed() < PATIENCE, "no answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        unreachable!("there is always another try")
    }

    /// Every measure of every source, over all time, and the checksums of all rows.
    pub async fn numbers(&self) -> BTreeMap<String, Value> {
        self.wait_until_projected().await;
        let model = self.get("/api/v1/model").await;
        let at_once = usize::try_from(model["limits"]["measures"].as_u64().unwrap()).unwrap();
        let mut numbers = BTreeMap::new();
        for source in model["sources"].as_array().unwrap() {
            let name = source["name"].as_str().unwrap();
            let measures: Vec<String> = source["measures"]
                .as_array()
                .unwrap()
                .iter()
                .map(|measure| measure["name"].as_str().unwrap().to_owned())
                .collect();
            for measures in measures.chunks(at_once) {
                let rows = self.query(name, measures).await;
                numbers.insert(format!("{name}: {}", measures.join(", ")), rows);
            }
        }
        numbers.insert(
            "rows".into(),
            self.get("/api/v1/store/digest").await["tables"].clone(),
        );
        numbers
    }

    pub async fn wait_until_projected(&self) {
        let started = Instant::now();
        loop {
            let system = self.get("/api/v1/system").await;
            let store = &system["store"];
            if store["lag_records"] == 0 && store["state"] == "open" {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "the store does not follow: {store}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn can_sign_in(&self) -> bool {
        let credentials = json!({"email": EMAIL, "password": PASSWORD});
        let asked = self
            .client
            .post(format!("{}/api/v1/session", self.url))
            .json(&credentials);
        asked.send().await.unwrap().status().is_success()
    }
}

/// Sends records to a server.
pub struct Sender {
    client: reqwest::Client,
    url: String,
    key: String,
}

impl Sender {
    /// Whether they were acknowledged. Each must be accepted then.
    pub async fn send(&self, ndjson: String) -> bool {
        let asked = self.client.post(&self.url).bearer_auth(&self.key);
        let answer = asked
            .header("content-type", "application/x-ndjson")
            .body(ndjson)
            .send()
            .await;
        match answer {
            Ok(answer) if answer.status().is_success() => {
                let answer: Value = answer.json().await.unwrap();
                assert_eq!(answer["rejected"], json!([]));
                true
            }
            _ => false,
        }
    }
}

/// A made-up company's history of all types, as NDJSON.
fn history(seed: u64) -> String {
    let mut command = Command::new(binary());
    command.args(["demo", "generate", "--seed", &seed.to_string()]);
    command.args(["--days", "1", "--workflows", "6", "--executions", "30"]);
    command.args(["--start", "2026-09-01"]);
    let output = command.output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Every file of a folder with its length, by path.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path(), entry.metadata().unwrap().len());
            }
        }
    }
    found
}
