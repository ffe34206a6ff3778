//! Holds what a server has against what was sent to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, ensure};
use tacho_core::{Record, RecordType};

use crate::http::{Connection, head};
use crate::server::Installation;

const PAGE_LIMIT: usize = 200;

type Identity = (String, u32);

/// Makes sure that everything that was sent is there once, and nothing else is. Returns how many things there are, and how
/// many executions.
///
/// # Errors
/// If something is missing, double or foreign.
pub fn compare(records: &[Record], installation: &Installation) -> anyhow::Result<(usize, usize)> {
    let mut sent: BTreeMap<&str, BTreeSet<(&str, u32)>> = BTreeMap::new();
    for record in records {
        sent.entry(record.record_type.as_str())
            .or_default()
            .insert((&record.id, record.attempt));
    }
    let system = installation.system()?;
    let rows = |name: &str| system["store"]["rows"][name].as_u64().unwrap_or(0);
    for record_type in RecordType::ALL.map(RecordType::as_str) {
        let stored = rows(record_type) + rows(&format!("{record_type}_open"));
        let expected = sent.get(record_type).map_or(0, BTreeSet::len) as u64;
        ensure!(
            stored == expected,
            "{stored} rows of type {record_type}, but {expected} were acknowledged"
        );
    }
    let listed = list_executions(installation)?;
    let executions = sent.get("execution").cloned().unwrap_or_default();
    for ((id, attempt), count) in &listed {
        ensure!(
            executions.contains(&(id, *attempt)),
            "{id} (attempt {attempt}) was never sent"
        );
        ensure!(*count == 1, "{id} (attempt {attempt}) is there {count} times");
    }
    ensure!(
        listed.len() == executions.len(),
        "{} executions are listed, {} were sent",
        listed.len(),
        executions.len()
    );
    let counted = installation.count_executions()?;
    ensure!(
        counted == executions.len() as u64,
        "a query counts {counted} executions, {} were sent",
        executions.len()
    );
    Ok((sent.values().map(BTreeSet::len).sum(), executions.len()))
}

/// How often each execution is listed.
fn list_executions(installation: &Installation) -> anyhow::Result<HashMap<Identity, usize>> {
    let mut listed = HashMap::new();
    let mut connection = Connection::open(installation.address)?;
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/executions?limit={PAGE_LIMIT}{cursor}");
        let page = connection
            .exchange(&head("GET", &path, &installation.key, "", 0), &[])?
            .json()?;
        for execution in page["executions"].as_array().context("no executions on a page")? {
            let id = execution["id"].as_str().context("an execution without id")?;
            let attempt = execution["attempt"]
                .as_u64()
                .context("an execution without attempt")?;
            *listed
                .entry((id.to_owned(), u32::try_from(attempt)?))
                .or_default() += 1;
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(listed),
        }
    }
}
