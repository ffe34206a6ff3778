//! `tacho store`: check the store against the journal, or make it anew from it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde::Deserialize;
use tacho_core::OrganizationId;
use tacho_ingest::replay::{Replay, replay};
use tacho_metastore::{KeyScope, Metastore, Organization};
use tacho_store::{StoreDigest, TableDigest};

use crate::data_dir::DataDir;
use crate::parts::{open_ingest, open_metastore, open_store, organization};
use crate::server_file::{TemporaryKey, running_server};
use crate::settings::Settings;

const POLL: Duration = Duration::from_millis(500);

#[derive(Subcommand)]
pub(crate) enum StoreCommand {
    /// Read the whole journal, make a second store from it, and compare the two
    Verify(Which),
    /// Make the store anew from the journal; beside a running server, which then goes on taking records
    Rebuild(Which),
}

/// Which organizations.
#[derive(Args)]
pub(crate) struct Which {
    /// One organization; all of them if left out
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
}

/// `tacho store …`
pub(crate) async fn store(settings: &Settings, command: StoreCommand) -> anyhow::Result<()> {
    let (data, metastore) = open_metastore(settings).await?;
    match command {
        StoreCommand::Verify(which) => verify(settings, &data, &metastore, &which).await,
        StoreCommand::Rebuild(which) => rebuild(settings, &data, &metastore, &which).await,
    }
}

async fn chosen(metastore: &Metastore, which: &Which) -> anyhow::Result<Vec<Organization>> {
    match &which.org {
        Some(name) => Ok(vec![organization(metastore, name).await?]),
        None => Ok(metastore.organizations().await?),
    }
}

/// A digest as the server tells it.
#[derive(Deserialize)]
struct DigestAnswer {
    applied_lsn: u64,
    tables: std::collections::BTreeMap<String, TableAnswer>,
}

#[derive(Deserialize)]
struct TableAnswer {
    rows: u64,
    /// In hexadecimal: JSON numbers are not exact at 64 bits.
    checksum: String,
}

async fn verify(
    settings: &Settings,
    data: &DataDir,
    metastore: &Metastore,
    which: &Which,
) -> anyhow::Result<()> {
    let server = running_server(data)?;
    let mut is_sound = true;
    for organization in chosen(metastore, which).await? {
        let actual = match &server {
            Some(url) => digest_from_server(metastore, &organization, url).await?,
            None => {
                let store = open_store(settings, data.store(), metastore).await?;
                let id = organization.id;
                tokio::task::spawn_blocking(move || store.digest(id, true)).await??
            }
        };
        let scratch = data.0.join(format!("verify-{}", organization.id));
        let replayed = second_store(
            settings,
            data,
            organization.id,
            metastore,
            &scratch,
            actual.applied_lsn,
        )
        .await;
        // Made by this command alone, a moment ago.
        let removed = std::fs::remove_dir_all(&scratch);
        let (expected, replay) = replayed?;
        removed.with_context(|| format!("could not remove {}", scratch.display()))?;
        is_sound &= tell(&organization.name, &actual, &expected, &replay);
    }
    if !is_sound {
        bail!("not everything is sound; `tacho store rebuild` makes the store anew from the journal");
    }
    Ok(())
}

async fn digest_from_server(
    metastore: &Metastore,
    organization: &Organization,
    url: &str,
) -> anyhow::Result<StoreDigest> {
    let key = TemporaryKey::create(metastore, organization.id, KeyScope::Admin, "tacho store verify").await?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client
        .get(format!("{url}/api/v1/store/digest"))
        .bearer_auth(&key.text)
        .send()
        .await;
    key.revoke().await?;
    let answer: DigestAnswer = answer?.error_for_status()?.json().await?;
    let tables = answer
        .tables
        .into_iter()
        .map(|(name, table)| {
            let checksum = u64::from_str_radix(&table.checksum, 16).context("a checksum cannot be read")?;
            Ok((
                name,
                TableDigest {
                    rows: table.rows,
                    checksum,
                },
            ))
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(StoreDigest {
        applied_lsn: answer.applied_lsn,
        tables,
    })
}

/// Makes a second store from the journal, up to a position.
async fn second_store(
    settings: &Settings,
    data: &DataDir,
    organization: OrganizationId,
    metastore: &Metastore,
    scratch: &Path,
    up_to: u64,
) -> anyhow::Result<(StoreDigest, Replay)> {
    let store = open_store(settings, scratch.join("store"), metastore).await?;
    let (journal, index) = (data.journal(), scratch.join("identity"));
    tokio::task::spawn_blocking(move || {
        let replay = replay(&journal, organization, up_to, store.as_ref(), &index)?;
        Ok((store.digest(organization, true)?, replay))
    })
    .await?
}

/// Says what was compared. Whether all is sound.
fn tell(name: &str, actual: &StoreDigest, expected: &StoreDigest, replay: &Replay) -> bool {
    println!(
        "{name}: {} records in the journal up to position {}",
        replay.records, actual.applied_lsn
    );
    let mut is_sound = replay.damages.is_empty();
    for damage in &replay.damages {
        println!(
            "  damaged journal: {} at byte {}: {}",
            damage.path.display(),
            damage.offset,
            damage.reason
        );
    }
    let nothing = TableDigest { rows: 0, checksum: 0 };
    let tables: std::collections::BTreeSet<&String> =
        actual.tables.keys().chain(expected.tables.keys()).collect();
    for table in tables {
        let actual = actual.tables.get(table).unwrap_or(&nothing);
        let expected = expected.tables.get(table).unwrap_or(&nothing);
        if actual == expected {
            println!("  {table:<18} {:>12} rows, as in the journal", actual.rows);
        } else {
            println!(
                "  {table:<18} {:>12} rows, but {} by the journal (or of other content)",
                actual.rows, expected.rows
            );
            is_sound = false;
        }
    }
    is_sound
}

async fn rebuild(
    settings: &Settings,
    data: &DataDir,
    metastore: &Metastore,
    which: &Which,
) -> anyhow::Result<()> {
    let organizations = chosen(metastore, which).await?;
    if let Some(url) = running_server(data)? {
        for organization in organizations {
            rebuild_in_server(metastore, &organization, &url).await?;
        }
        return Ok(());
    }
    let (ingest, _store) = open_ingest(settings, data, metastore).await?;
    tokio::task::spawn_blocking(move || {
        for organization in organizations {
            ingest.rebuild_store(organization.id)?;
            while !ingest.wait_until_applied(organization.id, 0, POLL) {
                let lane = ingest.status(organization.id).lane;
                if let Some(error) = lane.last_error {
                    bail!("{}: {error}", organization.name);
                }
                show_progress(&organization.name, lane.rebuild_progress);
            }
            println!("{}: rebuilt", organization.name);
        }
        Ok(())
    })
    .await?
}

async fn rebuild_in_server(
    metastore: &Metastore,
    organization: &Organization,
    url: &str,
) -> anyhow::Result<()> {
    let key =
        TemporaryKey::create(metastore, organization.id, KeyScope::Admin, "tacho store rebuild").await?;
    let result = ask_for_rebuild(organization, url, &key.text).await;
    key.revoke().await?;
    result
}

async fn ask_for_rebuild(organization: &Organization, url: &str, key: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    client
        .post(format!("{url}/api/v1/store/rebuild"))
        .bearer_auth(key)
        .send()
        .await?
        .error_for_status()?;
    loop {
        let answer = client
            .get(format!("{url}/api/v1/system"))
            .bearer_auth(key)
            .send()
            .await?
            .error_for_status()?;
        let system: serde_json::Value = answer.json().await?;
        let store = &system["store"];
        if store["state"] == "open" {
            println!("{}: rebuilt", organization.name);
            return Ok(());
        }
        show_progress(&organization.name, store["rebuild_progress"].as_f64());
        tokio::time::sleep(POLL).await;
    }
}

fn show_progress(name: &str, progress: Option<f64>) {
    eprintln!("{name}: {:.0} %", progress.unwrap_or(0.0) * 100.0);
}
