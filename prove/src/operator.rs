//! Somebody who works beside the senders: makes keys and asks for exports, and takes note of what was promised.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use tacho_bench::http::{Connection, head};
use tacho_bench::server::Installation;

use crate::serving::wait_for;

const PAUSE: Duration = Duration::from_millis(40);
/// Keys to an export, and one more.
const EXPORT_EVERY: usize = 25;
/// Of more, the server forgets those that failed.
const EXPORTS_MAX: usize = 90;
const EXPORTS_TIMEOUT: Duration = Duration::from_secs(60);
const EXPORT: &str = r#"{"format":"csv","of":{"executions":{"from":"2000-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z","columns":["id","status"]}}}"#;

/// What was promised.
#[derive(Debug, Default)]
pub struct Promised {
    /// Names of keys of which it is not known whether they were made.
    attempted: BTreeSet<String>,
    /// Names of keys that were made.
    keys: BTreeSet<String>,
    /// Exports that were taken.
    exports: BTreeSet<String>,
}

/// Works until it is told to stop.
pub fn work(installation: &Installation, is_over: &AtomicBool) -> Promised {
    let mut promised = Promised::default();
    for turn in 0_usize.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        // Whoever is not answered does not know, and does not try again.
        if !turn.is_multiple_of(EXPORT_EVERY) {
            let name = format!("key {turn}");
            let body = format!(r#"{{"name":"{name}","scopes":["read"]}}"#);
            promised.attempted.insert(name.clone());
            if post(installation, "/api/v1/keys", &body).is_ok() {
                promised.keys.insert(name);
            }
        } else if promised.exports.len() < EXPORTS_MAX
            && let Ok(taken) = post(installation, "/api/v1/exports", EXPORT)
            && let Some(id) = taken["id"].as_str()
        {
            promised.exports.insert(id.to_owned());
        }
        thread::sleep(PAUSE);
    }
    promised
}

fn post(installation: &Installation, path: &str, body: &str) -> anyhow::Result<Value> {
    let head = head(
        "POST",
        path,
        &installation.key,
        "content-type: application/json\r\n",
        body.len(),
    );
    Connection::open(installation.address)?
        .exchange(&head, body.as_bytes())?
        .json()
}

impl Promised {
    /// Makes sure that what was promised is there once, and that exports come to their end.
    ///
    /// # Errors
    /// If it is not so.
    pub fn check(&self, installation: &Installation) -> anyhow::Result<()> {
        let answer = installation.get("/api/v1/keys")?;
        let mut listed = BTreeSet::new();
        for key in answer["keys"].as_array().context("no keys")? {
            let name = key["name"].as_str().context("a key without a name")?;
            ensure!(listed.insert(name), "{name} is there twice");
        }
        for name in &self.keys {
            ensure!(listed.contains(name.as_str()), "{name} was made and is gone");
        }
        let foreign = listed
            .iter()
            .find(|name| name.starts_with("key ") && !self.attempted.contains(**name));
        ensure!(foreign.is_none(), "nobody made {foreign:?}");
        for id in &self.exports {
            let path = format!("/api/v1/exports/{id}");
            let mut last = Value::Null;
            wait_for("an export is done", EXPORTS_TIMEOUT, || {
                last = installation.get(&path).unwrap_or_default();
                !matches!(last["state"].as_str(), None | Some("queued" | "running"))
            })
            .with_context(|| last.to_string())?;
            if last["error"]["code"] == "store_unavailable" {
                // Asked for before the store was there, and told so.
                continue;
            }
            ensure!(last["state"] == "done", "{last}");
            let lines = download_lines(installation, id)?;
            // And its head.
            ensure!(
                Some(lines) == last["rows_written"].as_u64().map(|rows| rows + 1),
                "{lines} lines in the file of {last}"
            );
        }
        Ok(())
    }

    /// How many keys and exports.
    pub fn len(&self) -> usize {
        self.keys.len() + self.exports.len()
    }

    /// Whether nothing was promised.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn download_lines(installation: &Installation, id: &str) -> anyhow::Result<u64> {
    let path = format!("/api/v1/exports/{id}/download");
    let answer = Connection::open(installation.address)?
        .exchange(&head("GET", &path, &installation.key, "", 0), &[])?;
    ensure!(answer.status == 200, "{} for the file of {id}", answer.status);
    Ok(answer.body.iter().filter(|byte| **byte == b'\n').count() as u64)
}
