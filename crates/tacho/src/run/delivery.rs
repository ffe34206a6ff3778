//! Bringing records to the server, beside the command and never in its way.
//!
//! A thread of its own does it: connecting, TLS and waiting cost the command nothing. Everything has a time limit; what
//! does not get through in time waits in the spool.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use reqwest::StatusCode;
use tokio::sync::{mpsc as jobs, watch};

use super::spool::{Spool, Waiting};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How long older records may delay the end.
const BACKLOG_AT_END: Duration = Duration::from_secs(1);

/// What the server said to a batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// All accepted.
    Accepted,
    /// Accepted but for some records: their positions and why.
    Partly(Vec<(usize, String)>),
    /// Never to be accepted: why.
    Refused(String),
    /// Not now: why. To be tried again later.
    Later(String),
}

/// Knows where the server is.
#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Client {
    fn new(url: &str, key: &str) -> anyhow::Result<Self> {
        // A second call finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("tacho-run/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("cannot prepare HTTP")?;
        let url = format!("{}/api/v1/records", url.trim_end_matches('/'));
        Ok(Self {
            http,
            url,
            key: key.to_owned(),
        })
    }

    async fn send(&self, records: Vec<u8>) -> Reply {
        let sent = self
            .http
            .post(&self.url)
            .bearer_auth(&self.key)
            .header("content-type", "application/x-ndjson")
            .body(records)
            .send()
            .await;
        let response = match sent {
            Ok(response) => response,
            Err(error) => return Reply::Later(reason_of(&error)),
        };
        let status = response.status();
        let body = response.text().await.unwrap_or_default();
        reply_of(status, &body)
    }
}

fn reason_of(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "the server does not answer in time".to_owned()
    } else if error.is_connect() {
        "the server cannot be reached".to_owned()
    } else {
        // Without the address, which may hold credentials.
        "the request failed".to_owned()
    }
}

/// What an answer means. Only what is wrong with the records themselves is final: a wrong address or key can be put right.
fn reply_of(status: StatusCode, body: &str) -> Reply {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    if status.is_success() {
        let rejected: Vec<(usize, String)> = json["rejected"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| {
                let index = entry["index"]
                    .as_u64()
                    .and_then(|index| usize::try_from(index).ok());
                let word = |name: &str| entry[name].as_str().unwrap_or("?").to_owned();
                (
                    index.unwrap_or(usize::MAX),
                    format!("{}: {}", word("code"), word("message")),
                )
            })
            .collect();
        return if rejected.is_empty() {
            Reply::Accepted
        } else {
            Reply::Partly(rejected)
        };
    }
    let detail = json["detail"]
        .as_str()
        .or(json["title"].as_str())
        .unwrap_or_default();
    let reason = format!("HTTP {} {detail}", status.as_u16()).trim_end().to_owned();
    match status.as_u16() {
        400 | 413 | 415 | 422 => Reply::Refused(reason),
        _ => Reply::Later(reason),
    }
}

enum Job {
    /// Something to know at once; not kept if it does not get through, but for the first.
    Tell { records: Vec<u8>, is_first: bool },
    /// The last word: a file of the spool, or records that could not be put there.
    End {
        file: Option<Waiting>,
        records: Vec<u8>,
        by: Instant,
        answer: mpsc::Sender<Option<String>>,
    },
}

/// The thread that delivers.
pub(crate) struct Delivery {
    jobs: jobs::UnboundedSender<Job>,
    ending: watch::Sender<bool>,
    has_told_first: Arc<AtomicBool>,
}

impl Delivery {
    /// Starts it. Nothing is sent yet.
    pub(crate) fn start(url: String, key: String, spool: Spool) -> Self {
        let (jobs, queue) = jobs::unbounded_channel();
        let (ending, has_ended) = watch::channel(false);
        let has_told_first = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&has_told_first);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let (Ok(runtime), Ok(client)) = (runtime, Client::new(&url, &key)) {
                runtime.block_on(work(client, spool, queue, has_ended, &told));
            }
        });
        Self {
            jobs,
            ending,
            has_told_first,
        }
    }

    /// Sends something soon, without waiting for it.
    pub(crate) fn tell(&self, records: Vec<u8>, is_first: bool) {
        let _ = self.jobs.send(Job::Tell { records, is_first });
    }

    /// Whether the first message got through.
    pub(crate) fn has_told_first(&self) -> bool {
        self.has_told_first.load(Ordering::Acquire)
    }

    /// Stops everything but the last word. To be called before that lies in the spool, so that it is not taken for one of
    /// the older files.
    pub(crate) fn hush(&self) {
        let _ = self.ending.send(true);
    }

    /// Sends the last word and waits for it, and for older records if time is left, at most that long. A sentence if
    /// something is to be said.
    pub(crate) fn end(self, file: Option<Waiting>, records: Vec<u8>, within: Duration) -> Option<String> {
        let (answer, heard) = mpsc::channel();
        let by = Instant::now() + within;
        self.hush();
        let is_kept = file.is_some();
        let _ = self.jobs.send(Job::End {
            file,
            records,
            by,
            answer,
        });
        heard.recv_timeout(within).unwrap_or_else(|_| {
            let fate = if is_kept {
                "the records wait in the spool"
            } else {
                "the records are lost"
            };
            Some(format!("the server does not answer in time; {fate}"))
        })
    }
}

async fn work(
    client: Client,
    spool: Spool,
    mut queue: jobs::UnboundedReceiver<Job>,
    mut ending: watch::Receiver<bool>,
    told: &AtomicBool,
) {
    let mut started = None;
    while let Some(job) = queue.recv().await {
        match job {
            Job::Tell { records, is_first } => {
                let reply = tokio::select! {
                    biased;
                    // The last word says all of it again.
                    _ = ending.wait_for(|ending| *ending) => continue,
                    reply = client.send(records.clone()) => reply,
                };
                match reply {
                    Reply::Accepted if is_first => {
                        told.store(true, Ordering::Release);
                        // While the command runs, there is time for what waited.
                        let files = spool.waiting();
                        tokio::select! {
                            biased;
                            _ = ending.wait_for(|ending| *ending) => {}
                            _ = deliver_waiting(&client, &spool, &files, None) => {}
                        }
                    }
                    Reply::Later(_) if is_first => {
                        // So that the run is known even if this process is killed.
                        started = spool.put("started", &records).ok().map(|(path, _)| path);
                    }
                    _ => {}
                }
            }
            Job::End {
                file,
                records,
                by,
                answer,
            } => {
                // The last word says all of the first again.
                if let (Some(started), Some(_)) = (&started, &file) {
                    let _ = std::fs::remove_file(started);
                }
                let sentence = match &file {
                    Some(file) => deliver_file(&client, &spool, file).await.err(),
                    None => match client.send(records).await {
                        Reply::Accepted => None,
                        Reply::Partly(reasons) => reasons.into_iter().next().map(|(_, reason)| reason),
                        Reply::Refused(reason) | Reply::Later(reason) => {
                            Some(format!("{reason}; the records are lost"))
                        }
                    },
                };
                if sentence.is_none() {
                    let until = by.min(Instant::now() + BACKLOG_AT_END);
                    deliver_waiting(&client, &spool, &spool.waiting(), Some(until)).await;
                }
                let _ = answer.send(sentence);
                return;
            }
        }
    }
}

/// Delivers one file. A sentence if it was not accepted whole.
async fn deliver_file(client: &Client, spool: &Spool, file: &Waiting) -> Result<(), String> {
    let records = match std::fs::read(&file.path) {
        Ok(records) => records,
        // Another process has delivered it meanwhile.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("cannot read {}: {error}", file.path.display())),
    };
    match client.send(records.clone()).await {
        Reply::Accepted => {
            let _ = std::fs::remove_file(&file.path);
            Ok(())
        }
        Reply::Partly(reasons) => {
            let lines: Vec<&[u8]> = records.split_inclusive(|byte| *byte == b'\n').collect();
            let refused: Vec<u8> = reasons
                .iter()
                .filter_map(|(index, _)| lines.get(*index))
                .flat_map(|line| line.iter().copied())
                .collect();
            let reason: String = reasons.iter().map(|(_, reason)| format!("{reason}\n")).collect();
            let name = file.path.to_string_lossy();
            let kept = spool.keep_rejected(&name, &refused, &reason);
            let _ = std::fs::remove_file(&file.path);
            Err(sentence_of_refusal(
                reasons.first().map_or("", |(_, reason)| reason),
                kept,
            ))
        }
        Reply::Refused(reason) => {
            let kept = spool.reject(&file.path, &reason);
            Err(sentence_of_refusal(&reason, kept))
        }
        Reply::Later(reason) => Err(format!("{reason}; the records wait in the spool")),
    }
}

fn sentence_of_refusal(reason: &str, kept: std::io::Result<std::path::PathBuf>) -> String {
    match kept {
        Ok(path) => format!(
            "the server refused records ({reason}); they are kept in {}",
            path.display()
        ),
        Err(error) => format!("the server refused records ({reason}), and they could not be kept: {error}"),
    }
}

/// What became of files that waited.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    /// Accepted.
    pub(crate) delivered: usize,
    /// Refused, in whole or in part.
    pub(crate) refused: usize,
    /// Still waiting.
    pub(crate) waiting: usize,
    /// The first thing that went wrong.
    pub(crate) trouble: Option<String>,
}

/// Delivers files until one must wait longer, or the time is up. Does nothing while another process does it.
async fn deliver_waiting(
    client: &Client,
    spool: &Spool,
    files: &[Waiting],
    until: Option<Instant>,
) -> Flushed {
    let mut flushed = Flushed {
        waiting: files.len(),
        ..Flushed::default()
    };
    if files.is_empty() {
        return flushed;
    }
    let Some(_lock) = spool.lock() else {
        flushed.trouble = Some("another process is delivering".to_owned());
        return flushed;
    };
    for file in files {
        let delivery = deliver_file(client, spool, file);
        let result = match until {
            None => delivery.await,
            Some(until) => match tokio::time::timeout_at(until.into(), delivery).await {
                Ok(result) => result,
                Err(_) => break,
            },
        };
        match result {
            Ok(()) => flushed.delivered += 1,
            Err(trouble) => {
                let is_waiting = file.path.exists();
                flushed.trouble.get_or_insert(trouble);
                if is_waiting {
                    break;
                }
                flushed.refused += 1;
            }
        }
        flushed.waiting -= 1;
    }
    flushed
}

/// Delivers all that waits.
///
/// # Errors
/// If HTTP cannot be prepared.
pub(crate) fn flush(url: &str, key: &str, spool: &Spool, files: &[Waiting]) -> anyhow::Result<Flushed> {
    let client = Client::new(url, key)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(deliver_waiting(&client, spool, files, None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        let reply = |status: u16, body| reply_of(StatusCode::from_u16(status).unwrap(), body);
        assert_eq!(
            reply(202, "{\"accepted\":2,\"rejected\":[],\"lsn\":7}"),
            Reply::Accepted
        );
        assert_eq!(
            reply(
                202,
                "{\"accepted\":1,\"rejected\":[{\"index\":1,\"code\":\"too_old\",\"message\":\"Past.\"}]}"
            ),
            Reply::Partly(vec![(1, "too_old: Past.".to_owned())])
        );
        assert_eq!(
            reply(422, "{\"detail\":\"Send JSON.\"}"),
            Reply::Refused("HTTP 422 Send JSON.".to_owned())
        );
        for status in [301, 401, 403, 404, 408, 429, 500, 502, 503, 507] {
            assert!(matches!(reply(status, "<html>"), Reply::Later(_)), "{status}");
        }
    }
}
