//! `tacho run` from outside: a real process, a small server that says what it is told to.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::Value;

/// One request as it came.
#[derive(Clone, Debug)]
struct Request {
    head: String,
    records: Vec<Value>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    changed: Condvar,
}

/// A server that answers every request alike.
struct Server {
    url: String,
    seen: Arc<Seen>,
}

impl Server {
    fn answering(status: &'static str, body: &'static str) -> Self {
        Self::slowly(status, body, Duration::ZERO)
    }

    fn slowly(status: &'static str, body: &'static str, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&shared);
                thread::spawn(move || serve(stream, status, body, delay, &seen));
            }
        });
        Self { url, seen }
    }

    fn accepting() -> Self {
        Self::answering("202 Accepted", "{\"accepted\":1,\"rejected\":[],\"lsn\":1}")
    }

    fn requests(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap().clone()
    }

    fn records(&self) -> Vec<Value> {
        self.requests()
            .into_iter()
            .flat_map(|request| request.records)
            .collect()
    }

    /// The last word about an execution.
    fn finished(&self) -> Value {
        let is_finished = |record: &Value| record["type"] == "execution" && record["status"] != "running";
        let mut finished: Vec<_> = self.records().into_iter().filter(is_finished).collect();
        assert_eq!(finished.len(), 1, "{finished:?}");
        finished.remove(0)
    }

    fn wait_until(&self, condition: impl Fn(&[Request]) -> bool) {
        let requests = self.seen.requests.lock().unwrap();
        let limit = Duration::from_secs(20);
        let changed = &self.seen.changed;
        let (requests, _) = changed
            .wait_timeout_while(requests, limit, |requests| !condition(requests))
            .unwrap();
        assert!(condition(&requests), "it did not come");
    }
}

fn serve(stream: TcpStream, status: &str, body: &str, delay: Duration, seen: &Seen) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let length = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            })
            .unwrap_or(0);
        let mut content = vec![0; length];
        if reader.read_exact(&mut content).is_err() {
            return;
        }
        let records = serde_json::Deserializer::from_slice(&content)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        thread::sleep(delay);
        seen.requests.lock().unwrap().push(Request { head, records });
        seen.changed.notify_all();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// `tacho run` in a session of its own, hence without a terminal, as cron starts it.
fn tacho(url: &str, spool: &Path, args: &[&str], command: &[&str]) -> Command {
    tacho_after(&["setsid"], url, spool, args, command)
}

/// The same, started by way of another command that replaces itself by it.
fn tacho_after(before: &[&str], url: &str, spool: &Path, args: &[&str], command: &[&str]) -> Command {
    let mut tacho = Command::new(before[0]);
    tacho.args(&before[1..]).arg(env!("CARGO_BIN_EXE_tacho"));
    tacho
        .args(["run", "--url", url, "--spool-dir"])
        .arg(spool)
        .args(args)
        .env("TACHO_API_KEY", "tacho_test")
        .env_remove("TACHO_EXECUTION_ID")
        .stdin(Stdio::null());
    if !command.is_empty() {
        tacho.args(["--workflow", "nightly", "--"]).args(command);
    }
    tacho
}

fn output(server: &Server, spool: &Path, args: &[&str], command: &[&str]) -> Output {
    tacho(&server.url, spool, args, command).output().unwrap()
}

/// Starts it and reads its first line.
fn spawn_and_wait_for_word(mut command: Command, word: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), word);
    (child, stdout)
}

/// Paths of files below a folder, relative to it.
fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path().strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    files.sort();
    files
}

fn waiting(spool: &Path) -> usize {
    let is_waiting = |file: &&String| file.ends_with(".ndjson") && !file.contains("rejected");
    files_below(spool).iter().filter(is_waiting).count()
}

#[test]
fn a_success_is_recorded() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let script =
        "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo out; echo note >&2; echo $TACHO_EXECUTION_ID";
    let args = [
        "--id",
        "run-1",
        "--tag",
        "customer=acme",
        "--kind",
        "bot",
        "--trigger",
        "webhook",
    ];
    let output = output(&server, spool.path(), &args, &["sh", "-c", script]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"out\nrun-1\n");
    assert_eq!(output.stderr, b"note\n");

    let requests = server.requests();
    assert!(
        requests
            .iter()
            .all(|request| request.head.starts_with("POST /api/v1/records HTTP/1.1\r\n"))
    );
    assert!(
        requests
            .iter()
            .all(|request| request.head.contains("authorization: Bearer tacho_test\r\n"))
    );
    let execution = server.finished();
    assert_eq!(execution["id"], "run-1");
    assert_eq!(execution["workflow_id"], "nightly");
    assert_eq!(execution["status"], "success");
    assert_eq!(execution["trigger_type"], "webhook");
    assert_eq!(execution["tags"]["customer"], "acme");
    assert_eq!(execution["metadata"]["command"], "sh");
    assert_eq!(execution["metadata"]["exit_code"], 0);
    assert_eq!(
        execution["metadata"].get("arguments"),
        None,
        "arguments may hold secrets"
    );
    assert_eq!(execution.get("error_type"), None);
    let (started, completed): (jiff::Timestamp, jiff::Timestamp) = (
        execution["started_at"].as_str().unwrap().parse().unwrap(),
        execution["completed_at"].as_str().unwrap().parse().unwrap(),
    );
    assert!(completed > started);
    let records = server.records();
    let definition = records
        .iter()
        .find(|record| record["type"] == "workflow")
        .unwrap();
    assert_eq!(
        (&definition["id"], &definition["kind"]),
        (&"nightly".into(), &"bot".into())
    );
    let resource = records
        .iter()
        .find(|record| record["type"] == "resource")
        .unwrap();
    assert_eq!(resource["execution_id"], "run-1");
    assert!(resource["cpu_percent"].as_f64().unwrap() > 0.0);
    assert!((0.5..500.0).contains(&resource["memory_mb"].as_f64().unwrap()));
    assert_eq!(waiting(spool.path()), 0);
}

#[test]
fn the_workflow_is_defined_once() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    for _ in 0..3 {
        output(&server, spool.path(), &[], &["true"]);
    }
    let definitions = server
        .records()
        .iter()
        .filter(|record| record["type"] == "workflow")
        .count();
    assert!((1..=2).contains(&definitions), "{definitions}");
    let before = server.records().len();
    output(&server, spool.path(), &[], &["true"]);
    assert!(
        server.records()[before..]
            .iter()
            .all(|record| record["type"] != "workflow")
    );
}

#[test]
fn a_failure_keeps_the_last_lines_of_stderr() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let script = "for i in $(seq 1 40); do echo line $i >&2; done; exit 3";
    let output = output(
        &server,
        spool.path(),
        &["--record-arguments"],
        &["/bin/sh", "-c", script],
    );
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(output.stderr.split(|byte| *byte == b'\n').count(), 41);
    let execution = server.finished();
    assert_eq!(execution["status"], "failed");
    assert_eq!(execution["error_type"], "exit_code_3");
    let message = execution["error_message"].as_str().unwrap();
    assert!(message.starts_with("line 21\n") && message.ends_with("line 40"));
    assert_eq!(execution["metadata"]["arguments"][1], script);
}

#[test]
fn every_byte_passes_untouched() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let bytes: Vec<u8> = (0..3_000_000u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let mut command = tacho(&server.url, spool.path(), &[], &["sh", "-c", "tee /dev/stderr"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = bytes.clone();
    let writer = thread::spawn(move || stdin.write_all(&input).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    assert!(output.stdout == bytes, "stdout differs");
    assert!(output.stderr == bytes, "stderr differs");
}

#[test]
fn exit_codes_are_those_of_a_shell() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "no program").unwrap();
    for (command, code) in [
        (vec!["sh", "-c", "exit 42"], 42),
        (vec!["sh", "-c", "kill -9 $$"], 137),
        (vec!["no-such-command-anywhere"], 127),
        (vec![plain.to_str().unwrap()], 126),
    ] {
        let output = output(&server, spool.path(), &[], &command);
        assert_eq!(output.status.code(), Some(code), "{command:?}");
    }
    let told: Vec<Value> = server.records();
    let errors: Vec<&str> = told
        .iter()
        .filter_map(|record| record["error_type"].as_str())
        .collect();
    assert_eq!(
        errors,
        ["exit_code_42", "signal_9", "exit_code_127", "exit_code_126"]
    );
}

#[test]
fn signals_reach_the_command_and_its_descendants() {
    for (signal, status, code) in [
        (Signal::SIGTERM, "cancelled", 143),
        (Signal::SIGINT, "cancelled", 130),
        (Signal::SIGHUP, "failed", 129),
    ] {
        let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
        let script = "$| = 1; fork; print qq(ready\\n); sleep 60";
        let command = tacho(&server.url, spool.path(), &[], &["perl", "-e", script]);
        let (mut child, mut stdout) = spawn_and_wait_for_word(command, "ready");
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        let ended = child.wait().unwrap();
        assert_eq!(ended.code(), Some(code), "{signal}: {ended:?}");
        // Nobody holds it open any more: the descendant has ended too.
        assert_eq!(stdout.read_to_string(&mut line).unwrap(), 0);
        assert_eq!(server.finished()["status"], status, "{signal}");
    }
}

#[test]
fn a_command_may_answer_a_signal_in_its_own_way() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let script = "trap 'echo again' USR1; trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done";
    let command = tacho(&server.url, spool.path(), &[], &["sh", "-c", script]);
    let (mut child, mut stdout) = spawn_and_wait_for_word(command, "ready");
    let pid = Pid::from_raw(child.id() as i32);
    kill(pid, Signal::SIGUSR1).unwrap();
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "again\n");
    kill(pid, Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5));
    assert_eq!(server.finished()["error_type"], "exit_code_5");
}

#[test]
fn ignored_signals_stay_ignored() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    // As nohup does it.
    let before = ["setsid", "sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];
    let script = ["sh", "-c", "echo ready; read line; echo $line"];
    let mut command = tacho_after(&before, &server.url, spool.path(), &[], &script);
    command.stdin(Stdio::piped());
    let (mut child, mut stdout) = spawn_and_wait_for_word(command, "ready");
    kill(Pid::from_raw(child.id() as i32), Signal::SIGHUP).unwrap();
    child.stdin.take().unwrap().write_all(b"alive\n").unwrap();
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "alive\n");
    assert!(child.wait().unwrap().success());
    assert_eq!(server.finished()["status"], "success");
}

#[test]
fn the_exit_code_is_known_even_if_our_parent_ignores_its_children() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    // Perl's way to be inherited: an ignored SIGCHLD. A shell cannot do it.
    let before = ["perl", "-e", "$SIG{CHLD} = 'IGNORE'; exec @ARGV", "setsid"];
    let mut command = tacho_after(&before, &server.url, spool.path(), &[], &["sh", "-c", "exit 8"]);
    assert_eq!(command.output().unwrap().status.code(), Some(8));
}

#[test]
#[cfg(target_os = "linux")]
fn signals_are_blocked_and_ignored_as_without_us() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let look = ["grep", "-E", "Sig(Blk|Ign|Cgt)", "/proc/self/status"];
    let direct = Command::new("setsid").args(look).output().unwrap();
    let wrapped = output(&server, spool.path(), &[], &look);
    assert_eq!(
        String::from_utf8(wrapped.stdout).unwrap(),
        String::from_utf8(direct.stdout).unwrap()
    );
}

#[test]
fn what_takes_too_long_is_ended() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let args = ["--timeout", "300ms", "--kill-after", "200ms"];
    let begin = Instant::now();
    let output = output(
        &server,
        spool.path(),
        &args,
        &["sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"],
    );
    assert_eq!(output.status.code(), Some(137));
    assert!(begin.elapsed() > Duration::from_millis(500));
    let execution = server.finished();
    assert_eq!(
        (&execution["status"], &execution["error_type"]),
        (&"timeout".into(), &"timeout".into())
    );
}

#[test]
fn a_long_run_is_seen_while_it_runs() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let args = ["--heartbeat", "50ms"];
    let script = ["sh", "-c", "echo ready; read line"];
    let mut command = tacho(&server.url, spool.path(), &args, &script);
    command.stdin(Stdio::piped());
    let (mut child, _stdout) = spawn_and_wait_for_word(command, "ready");
    server.wait_until(|requests| requests.len() >= 3);
    let running = server.records();
    assert!(
        running
            .iter()
            .filter(|record| record["type"] == "execution")
            .all(|record| record["status"] == "running")
    );
    assert_ne!(
        running.last().unwrap()["updated_at"],
        running.last().unwrap()["started_at"]
    );
    drop(child.stdin.take());
    assert!(child.wait().is_ok());
}

#[test]
fn a_run_inside_a_run_is_its_child() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let inner = format!(
        "{} run --url {} --spool-dir {} --id inner --workflow inside -- true",
        env!("CARGO_BIN_EXE_tacho"),
        server.url,
        spool.path().display()
    );
    let output = output(&server, spool.path(), &["--id", "outer"], &["sh", "-c", &inner]);
    assert!(output.status.success());
    let records = server.records();
    let inner = records.iter().find(|record| record["id"] == "inner").unwrap();
    assert_eq!(inner["parent_execution_id"], "outer");
}

#[test]
fn what_was_not_taken_waits_and_is_delivered_later() {
    let spool = tempfile::tempdir().unwrap();
    // Nobody listens there: the port was free a moment ago and is closed again.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}");
    for id in ["away-1", "away-2"] {
        let mut command = tacho(
            &url,
            spool.path(),
            &["--id", id],
            &["sh", "-c", "echo fine; exit 4"],
        );
        let output = command.output().unwrap();
        assert_eq!(
            (output.status.code(), output.stdout.as_slice()),
            (Some(4), b"fine\n".as_slice())
        );
        let warnings = String::from_utf8(output.stderr).unwrap();
        assert_eq!(warnings.lines().count(), 1, "{warnings}");
        assert!(
            warnings.starts_with("tacho run: ") && warnings.contains("spool"),
            "{warnings}"
        );
    }
    assert_eq!(waiting(spool.path()), 2);
    let quiet = tacho(&url, spool.path(), &["--quiet", "--id", "away-3"], &["true"])
        .output()
        .unwrap();
    assert!(quiet.stderr.is_empty() && quiet.status.success());

    // The server is back, at its old address.
    let seen = Arc::new(Seen::default());
    let listener = TcpListener::bind(address).unwrap();
    let shared = Arc::clone(&seen);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let seen = Arc::clone(&shared);
            let body = "{\"accepted\":1,\"rejected\":[]}";
            thread::spawn(move || serve(stream, "202 Accepted", body, Duration::ZERO, &seen));
        }
    });
    let server = Server { url, seen };
    let output = output(&server, spool.path(), &["--id", "back"], &["true"]);
    assert!(output.stderr.is_empty(), "{output:?}");
    assert_eq!(waiting(spool.path()), 0);
    let records = server.records();
    for id in ["away-1", "away-2", "away-3", "back"] {
        assert!(
            records
                .iter()
                .any(|record| record["id"] == id && record["status"] != "running"),
            "{id}"
        );
    }
}

#[test]
fn without_a_key_it_waits_and_flush_delivers() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let mut command = tacho(&server.url, spool.path(), &["--id", "early"], &["true"]);
    let output = command.env_remove("TACHO_API_KEY").output().unwrap();
    assert!(output.status.success());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("TACHO_API_KEY")
    );
    assert_eq!((server.requests().len(), waiting(spool.path())), (0, 1));
    let flush = tacho(&server.url, spool.path(), &["--flush"], &[])
        .output()
        .unwrap();
    assert!(flush.status.success(), "{flush:?}");
    assert_eq!(
        (server.finished()["id"].as_str(), waiting(spool.path())),
        (Some("early"), 0)
    );
}

#[test]
fn another_key_does_not_get_what_waits_unless_told_to() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let down = Server::answering("503 Service Unavailable", "{}");
    // One server to the spool: what counts is its address.
    let mut command = tacho(&down.url, spool.path(), &["--id", "theirs"], &["true"]);
    command.env("TACHO_API_KEY", "tacho_other").output().unwrap();
    assert_eq!(waiting(spool.path()), 1);
    let flush = tacho(&down.url, spool.path(), &["--flush"], &[])
        .output()
        .unwrap();
    assert!(flush.status.success() && String::from_utf8(flush.stderr).unwrap().contains("--adopt"));
    let adopt = tacho(&down.url, spool.path(), &["--flush", "--adopt"], &[])
        .output()
        .unwrap();
    assert!(!adopt.status.success(), "the server is still down");
    assert_eq!(waiting(spool.path()), 1);
    assert!(server.requests().is_empty());
}

#[test]
fn what_is_refused_for_good_is_set_aside_once() {
    let spool = tempfile::tempdir().unwrap();
    let server = Server::answering(
        "422 Unprocessable Entity",
        "{\"detail\":\"The tag is too long.\"}",
    );
    let output = output(&server, spool.path(), &[], &["sh", "-c", "exit 6"]);
    assert_eq!(output.status.code(), Some(6));
    let warning = String::from_utf8(output.stderr).unwrap();
    assert!(
        warning.contains("The tag is too long.") && warning.lines().count() == 1,
        "{warning}"
    );
    assert_eq!(waiting(spool.path()), 0);
    let rejected: Vec<String> = files_below(spool.path())
        .into_iter()
        .filter(|file| file.contains("rejected"))
        .collect();
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    let before = server.requests().len();
    tacho(&server.url, spool.path(), &["--flush"], &[])
        .output()
        .unwrap();
    assert_eq!(server.requests().len(), before, "it is not sent again");
}

#[test]
fn one_refused_record_is_set_aside_with_its_reason() {
    let spool = tempfile::tempdir().unwrap();
    let body = "{\"accepted\":1,\"rejected\":[{\"index\":0,\"code\":\"too_old\",\"message\":\"Older than retention.\"}]}";
    let server = Server::answering("202 Accepted", body);
    let output = output(&server, spool.path(), &["--id", "partly"], &["true"]);
    assert!(output.status.success());
    let files = files_below(spool.path());
    let file = files
        .iter()
        .find(|file| file.contains("rejected") && file.ends_with(".ndjson"))
        .unwrap();
    let kept = std::fs::read_to_string(spool.path().join(file)).unwrap();
    assert_eq!(kept.lines().count(), 1, "{kept}");
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("Older than retention.")
    );
}

#[test]
fn a_server_that_hangs_delays_the_end_no_longer_than_said() {
    let spool = tempfile::tempdir().unwrap();
    let server = Server::slowly("202 Accepted", "{}", Duration::from_secs(30));
    let begin = Instant::now();
    let output = output(
        &server,
        spool.path(),
        &["--deliver-within", "400ms"],
        &["sh", "-c", "exit 9"],
    );
    let took = begin.elapsed();
    assert_eq!(output.status.code(), Some(9));
    assert!(
        took > Duration::from_millis(400) && took < Duration::from_secs(4),
        "{took:?}"
    );
    assert_eq!(waiting(spool.path()), 1);
}

#[test]
fn a_spool_that_cannot_be_written_changes_nothing() {
    let server = Server::accepting();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = output(
        &server,
        &file.join("spool"),
        &["--id", "anyway"],
        &["sh", "-c", "exit 2"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(server.finished()["id"], "anyway");
}

#[test]
fn a_descendant_that_stays_does_not_keep_us() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    let mut command = tacho(
        &server.url,
        spool.path(),
        &[],
        &["sh", "-c", "sleep 30 & echo $! $$; exit 0"],
    );
    let begin = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    server.wait_until(|requests| {
        let mut records = requests.iter().flat_map(|request| &request.records);
        records.any(|record| record["status"] == "success")
    });
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(15));
    let group: i32 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    killpg(Pid::from_raw(group), Signal::SIGKILL).unwrap();
}

#[test]
fn the_keys_of_a_terminal_reach_the_command_once() {
    let (server, spool) = (Server::accepting(), tempfile::tempdir().unwrap());
    // Counts interrupts. It reads the terminal, which only the foreground may.
    let script = "n=0; trap 'n=$((n+1)); echo hit' INT; echo ready; \
                  until [ \"$line\" = end ]; do read line; done; echo got $n; exit 3";
    let line = format!(
        "exec {} run --url {} --spool-dir {} --workflow nightly -- sh -c '{}'",
        env!("CARGO_BIN_EXE_tacho"),
        server.url,
        spool.path().display(),
        script.replace('\'', "'\\''")
    );
    let mut terminal = Command::new("script");
    terminal
        .args(["-q", "-e", "-c", &line, "/dev/null"])
        .env("TACHO_API_KEY", "tacho_test")
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = terminal.spawn().unwrap();
    let mut keys = child.stdin.take().unwrap();
    let mut screen = BufReader::new(child.stdout.take().unwrap());
    let mut seen = String::new();
    for (word, key) in [("ready", "\x03"), ("hit", "end\n")] {
        while !seen.contains(word) {
            assert_ne!(screen.read_line(&mut seen).unwrap(), 0, "{seen}");
        }
        keys.write_all(key.as_bytes()).unwrap();
    }
    screen.read_to_string(&mut seen).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{seen}");
    assert!(seen.contains("got 1"), "{seen}");
    assert_eq!(server.finished()["trigger_type"], "manual");
    assert_eq!(server.finished()["status"], "cancelled");
}
